"""Which council, which people, in which roles: who may come in and what may they see?"""
