"""Who changed what, when and why? And where inspectors look."""
