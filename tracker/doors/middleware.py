"""Holds back whoever knocks too often at an address that is a secret and needs no sign-in."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tracker.doors import changes, rules
from tracker.doors.rules import Limit

# What the secret in an address is called, wherever one is.
SECRETS = ("token", "secret")
SALT = "tracker.doors"


def place_of(request: HttpRequest) -> str:
    """Return where a request comes from: what our own proxy says, or the other end of the line."""
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2] if settings.BEHIND_PROXY else ""
    return rules.one_place(said or request.META.get("REMOTE_ADDR", ""))


def _who(limit: Limit, what: str) -> str:
    return salted_hmac(SALT, f"{limit.name} {what}", algorithm="sha256").hexdigest()


class DoorsMiddleware:
    """Counts by link and by address, in the database, so that all processes count together.

    A right link is refused only when it is itself asked for too often, or its address asks for hundreds of pages a
    minute; wrong ones are refused for everyone behind an address without a look at what else comes from there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and getattr(request, "is_at_a_door", False):
            limit, at = rules.WRONG_OF_AN_ADDRESS, timezone.now()
            if changes.count(_who(limit, place_of(request)), limit, at=at) > limit.number:
                return _too_often(request, limit.seconds_left(at))
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        secret = next((str(kwargs[name]) for name in SECRETS if name in kwargs), "")
        if not secret or getattr(view, "login_required", True):
            return None
        request.is_at_a_door = True  # type: ignore[attr-defined]
        at = timezone.now()
        for limit, what in ((rules.OF_A_LINK, secret), (rules.OF_AN_ADDRESS, place_of(request))):
            if changes.count(_who(limit, what), limit, at=at) > limit.number:
                return _too_often(request, limit.seconds_left(at))
        return None


def _too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    minutes = -(-seconds // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
