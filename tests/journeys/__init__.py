"""A person's steps through the pages, in a real browser against the running product."""
