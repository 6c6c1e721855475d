"""What do the words and shapes mean?"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.actions.rules import BAR_ORDER


def status_words(request: HttpRequest) -> HttpResponse:
    """Explain each status and each difference for children."""
    example = dict(zip(BAR_ORDER, (1, 2, 1, 4, 1, 2, 1, 2), strict=True))
    return render(request, "reports/status_words.html", {"example": example})
