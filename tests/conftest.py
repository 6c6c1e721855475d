"""What every test runs under, and what every test may use."""

import os

pytest_plugins = ["tests.guards", "tests.fixtures"]

# Playwright keeps an event loop in the main thread, which Django would take for a reason to refuse its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
