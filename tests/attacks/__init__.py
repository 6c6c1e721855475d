"""Attacks on the running product: a real web server, a real database, requests as an attacker would write them."""
