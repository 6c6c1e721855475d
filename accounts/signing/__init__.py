"""How people come in: passwords, second steps, passkeys, sessions, and what is noted of all that.

The work is django-allauth's; here are its words, its limits and its seams to our people and their history.
"""
