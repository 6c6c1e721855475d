"""What tests of these pages share: the words of a page, and dates as three boxes."""

import re
from datetime import date
from html import unescape
from typing import Any

from django.http import HttpResponse


def text_of(response: HttpResponse) -> str:
    """What a page says, without its mark-up."""
    assert response.status_code == 200
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
    return re.sub(r" ([.,:;])", r"\1", words)


def boxes(**days: date) -> dict[str, Any]:
    """The boxes of date fields: `boxes(done_on=date(2026, 5, 6))`."""
    return {f"{name}-{box}": getattr(day, box) for name, day in days.items() for box in ("day", "month", "year")}
