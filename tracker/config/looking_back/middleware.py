"""Pages as they stood at the end of a day: /as-at/2026-09-01/ before the address of a page of today.

The page itself is the one of today, found by the rest of the address. It is drawn while the clock stands at the end of
that London day (`dates.clock.at`) and the database answers with what it held then (`audit.past.as_at`, which also
refuses to write), and every address that it makes begins with /as-at/2026-09-01/ (Django's script prefix). Who reads is
the person of today with the rights of today (`Member.looks_back`), and may change nothing. Only PAGES are shown so:
forms, accounts, emails and the inspector site are of today and are not found there.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import Resolver404, get_script_prefix, resolve, set_script_prefix

from accounts.member import Member
from tracker.actions.looking_back import at_the_end_of, first_day_of, hidden_today
from tracker.dates import clock

ADDRESS = re.compile(r"/as-at/(?P<day>[^/]+)(?P<page>/.*)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NOT_FOUND = 404

PAGES = frozenset(
    {
        "accounts:settings",
        "actions:action",
        "actions:deadline-changes",
        "actions:deadline-request",
        "inspections:bank-holidays",
        "inspections:clock",
        "inspections:clock-csv",
        "inspections:clocks",
        "inspections:inspection",
        "inspections:inspections",
        "inspections:intervention",
        "plans:criticisms",
        "plans:criticism",
        "reports:actions",
        "reports:compare",
        "reports:compare-csv",
        "reports:current-plan",
        "reports:dashboard",
        "reports:exceptions",
        "reports:pace",
        "reports:pace-back-test",
        "reports:pace-back-test-csv",
        "reports:pace-csv",
        "reports:plan",
        "reports:quality",
        "reports:recommendation",
        "reports:status-words",
        "reports:version",
        "reports:version-csv",
        "reports:versions",
        "reports:visit",
        "reports:visits",
    }
)


@dataclass(frozen=True)
class LookingBack:
    """The day a page looks back to, and the address of the same page today."""

    day: date
    today_url: str


class LookingBackMiddleware:
    """Draws a page of today as at the end of a day. Stands after the one that says who is asking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = ADDRESS.fullmatch(request.path_info)
        if found is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        member: Member | None = request.member  # type: ignore[attr-defined]
        if member is None or not _is_shown(found["page"]):
            return self.get_response(request)  # Which finds no such page, or says that there is no council.
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._as_at(request, member, found["day"], found["page"])

    def _as_at(self, request: HttpRequest, member: Member, written: str, page: str) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        today_url = f"{page}?{query}" if query else page
        day, today = _day(written), clock.today()
        if day is None:
            return _refused(request, f"“{written}” is not a day. Write the day as in {today:%Y-%m-%d}.")
        if day == today:
            return redirect(today_url)
        if day > today:
            return _refused(request, f"{day:%-d %B %Y} has not come yet. Choose a day before today.")
        first = first_day_of(member.authority) or today
        if day < first:
            return _refused(
                request, f"{day:%-d %B %Y} is before the first record of {member.authority}.", first=first, page=page
            )
        request.looking_back = LookingBack(day, today_url)  # type: ignore[attr-defined]
        request.member = replace(member, looks_back=True, hidden_today=hidden_today(member))  # type: ignore[attr-defined]
        request.path_info = page
        with _addresses_under(f"/as-at/{day}/"), at_the_end_of(day, member.authority):
            response = self.get_response(request)
        if response.status_code != NOT_FOUND:
            return response
        request.member, request.looking_back = member, None  # type: ignore[attr-defined]
        return _refused(request, f"There was no such page on {day:%-d %B %Y}, or it is one that you cannot see.")


def _is_shown(page: str) -> bool:
    try:
        return resolve(page).view_name in PAGES
    except Resolver404:
        return False


def _day(written: str) -> date | None:
    """Return the day written as 2026-09-01; None for anything else."""
    try:
        return date.fromisoformat(written) if DAY.fullmatch(written) else None
    except ValueError:
        return None


def _refused(request: HttpRequest, sentence: str, *, first: date | None = None, page: str = "/") -> HttpResponse:
    """Say why there is nothing to show, and where there is."""
    first_url = f"/as-at/{first}{page}" if first else ""
    context = {"sentence": sentence, "first": first, "first_url": first_url}
    return render(request, "reports/no_such_day.html", context, status=NOT_FOUND)


@contextmanager
def _addresses_under(prefix: str) -> Iterator[None]:
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)
