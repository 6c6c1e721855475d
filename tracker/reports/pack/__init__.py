"""The pack for a visit: what a council hands to inspectors who sign in nowhere, frozen at a moment."""
