"""What a page adds to the reasons of the changes that one request makes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tracker.audit.history import one_request


class ReasonsMiddleware:
    """Keeps what one request adds to reasons from the next one of the same process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with one_request():
            return self.get_response(request)
