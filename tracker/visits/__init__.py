"""Are we ready for the next visit, and what has happened since the last one?"""
