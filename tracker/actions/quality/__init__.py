"""Is the plan fit to be sent? `rules` decides on plain facts, `facts` reads them from the rows."""
