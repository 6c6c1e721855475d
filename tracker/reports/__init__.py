"""How is the plan doing as a whole, and are we ready?"""
