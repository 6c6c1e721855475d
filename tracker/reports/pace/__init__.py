"""Are we going fast enough? What is complete against the plan as first agreed, and what that pace leads to."""
