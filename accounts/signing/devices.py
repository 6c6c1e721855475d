"""Which browsers a person has signed in on before, told by a signed cookie that each of them keeps.

It does two things. A browser that is new is told to the person by email. And wrong passwords are counted apart: those
from browsers that the person never used cannot lock out the ones that they did.
Source: OWASP, Slow down online guessing attacks with device cookies.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SALT = "accounts.devices"
KEPT_DAYS = 180
MOST_PEOPLE = 5  # On one browser.
NAME = "__Host-device" if settings.IS_PRODUCTION else "device"


def number_of(request: HttpRequest, email: str) -> str:
    """Return the number of this browser among those the person of an address uses, or "" for one that is new."""
    return _read(request).get(_mark(email), "")


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Let this browser know that the person of an address signed in on it."""
    known = _read(request)
    number = known.pop(_mark(email), "") or secrets.token_urlsafe(9)
    kept = dict(list(known.items())[-MOST_PEOPLE + 1 :]) | {_mark(email): number}
    response.set_cookie(
        NAME,
        signing.dumps(kept, salt=SALT),
        max_age=KEPT_DAYS * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        return signing.loads(request.COOKIES.get(NAME, ""), salt=SALT, max_age=KEPT_DAYS * 24 * 60 * 60)
    except signing.BadSignature:
        return {}


def _mark(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:24]
