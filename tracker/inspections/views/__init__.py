"""The pages of inspections, of the clocks set by law, and of bank holidays."""
