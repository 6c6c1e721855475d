"""What stands here that should not, and what do we tell people about access, their data and cookies?"""
