"""Who is reminded of what and when, and has the mail gone?"""
