"""What is written to logs: what happened and where, never what anyone typed, an email address, or an address that is
a secret itself, for whoever reads it could open it."""

import json
import logging
import re
import time
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from gunicorn.glogging import Logger

# What follows these is known to one person only: their calendar, a partner's link, a way to stop emails.
SECRET = re.compile(r"(/(?:calendar|partner|emails/stop|invitation|sign-in/password)/)[^/\s\"'?#]+")
EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
# The part of an address in which people look for words; it may hold a name.
LOOKED_FOR = re.compile(r"(/[^\s?\"']*)\?[^\s\"']*")
# A new line could forge an entry; an escape sequence could command the terminal of whoever reads.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def without_secrets(text: str) -> str:
    """Return a text with the secrets in addresses left out."""
    return SECRET.sub(r"\1(secret)", text)


def fit_to_log(text: str) -> str:
    """Return a text without secrets, email addresses and what was looked for, on one line that commands nothing."""
    text = LOOKED_FOR.sub(r"\1?(words)", without_secrets(text))
    text = EMAIL.sub("(email address)", text)
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


class WithoutSecrets(logging.Filter):
    """Makes the messages of Django and of our own fit to log; it keeps every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = fit_to_log(record.getMessage()), None
        return True


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class Line(logging.Formatter):
    """One JSON object on a line. Of an error, its kind and where it was raised: its words may hold what was typed."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": fit_to_log(record.getMessage()),
        }
        if request_id.get():
            said["request_id"] = request_id.get()
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            said["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
            said["where"] = _where(error)
        return json.dumps(said)


class WebLogger(Logger):
    """Writes the web server's log of what was asked for in the same way: no address of anyone, no query."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Line())

    def atoms(self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: Any) -> dict[str, Any]:
        found = super().atoms(resp, req, environ, request_time)
        safe = {name: fit_to_log(value) if isinstance(value, str) else value for name, value in found.items()}
        return safe | {"h": "-", "u": "-", "q": ""}

    def access(self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: Any) -> None:
        if not self.cfg.accesslog and not self.cfg.logconfig:
            return
        found = self.atoms(resp, req, environ, request_time)
        line = {
            "time": datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds"),
            "logger": "web",
            "method": found["m"],
            "path": found["U"],
            "status": found["s"],
            "bytes": found["B"],
            "milliseconds": found["M"],
            "request_id": str(found.get("{x-request-id}o", "")),
        }
        self.access_log.info(json.dumps(line))
