"""Each request is a door: its number, method and address are kept with what it changes."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from tracker.audit import ways
from tracker.audit.history import one_request
from tracker.audit.ways import Door


class DoorMiddleware:
    """Says of everything a request changes by which door it came in.

    The request's number is that of the logs. A page that needs no sign-in may have a secret in its address: of that
    the pattern is kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ways.through(Door.PAGE, f"{request.number} {request.method}"), one_request():  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> None:
        is_open = not getattr(view, "login_required", True)
        match = request.resolver_match
        address = f"/{match.route}" if is_open and match is not None else request.path
        words = f"{request.number} {request.method} {address}"  # type: ignore[attr-defined]
        ways.say(getattr(view, "door", Door.PAGE), words)
