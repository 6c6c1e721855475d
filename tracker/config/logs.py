"""What is written to logs: never an address that is a secret itself, for whoever reads it could open it."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from gunicorn.glogging import Logger

# What follows these is known to one person only: their calendar, a partner's link, a way to stop emails.
SECRET = re.compile(r"(/(?:calendar|partner|emails/stop|invitation|sign-in/password)/)[^/\s\"'?#]+")


def without_secrets(text: str) -> str:
    """Return a text with the secrets in addresses left out."""
    return SECRET.sub(r"\1(secret)", text)


class WithoutSecrets(logging.Filter):
    """Takes secrets out of the messages of Django and of our own; it keeps every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(record.getMessage()), None
        return True


class WebLogger(Logger):
    """Takes secrets out of the web server's log of what was asked for."""

    def atoms(self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: Any) -> dict[str, Any]:
        found = super().atoms(resp, req, environ, request_time)
        return {name: without_secrets(value) if isinstance(value, str) else value for name, value in found.items()}
