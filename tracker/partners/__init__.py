"""What do partner agencies without accounts tell us, and has a council officer accepted it?"""
