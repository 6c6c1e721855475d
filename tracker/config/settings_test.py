"""Settings of the tests: the product's own, with a quick password hash, no mail server, and no second step."""

import os

os.environ.setdefault("TRACKER_ENV", "test")

from tracker.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SECOND_STEP_REQUIRED = False
