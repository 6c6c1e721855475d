"""Does anyone knock too often at the doors that need no sign-in?"""
