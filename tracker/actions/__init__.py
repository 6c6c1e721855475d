"""What is being done, by whom, by when, and is it making a difference?"""
