"""What did the plan say at the end of a day? Pages of today, drawn over the past."""
