"""What stands in a person's own calendar, and how does their calendar program hear of changes?"""
