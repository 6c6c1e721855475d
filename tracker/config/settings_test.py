"""Settings of the tests: the product's own, with a quick password hash and no mail server by default."""

import os

os.environ.setdefault("TRACKER_ENV", "test")

from tracker.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
