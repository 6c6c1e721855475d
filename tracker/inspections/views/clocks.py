"""How a date set by law was counted, day by day."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import CountedDay, HolidaysUnknown
from tracker.govuk.downloads import csv_download
from tracker.inspections.models import StatutoryClock
from tracker.inspections.rules import clock_rule, working_of
from tracker.inspections.views.inspections import clock_card


def _find(request: HttpRequest, reference: str, kind: str) -> StatutoryClock:
    seen = StatutoryClock.objects.visible_to(request.member).select_related("inspection")
    return get_object_or_404(seen, inspection__reference=reference, kind=kind)


def clock_page(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Show the working of a clock: every day counted, or skipped and why."""
    row = _find(request, reference, kind)
    today, days = clock.today(), calendar()
    card = clock_card(row, on=today, days=days)
    try:
        working = working_of(card.rule, row.trigger_on, days)
    except HolidaysUnknown as unknown:
        working, why_not = None, str(unknown)
    else:
        why_not = ""
    context = {
        "card": card,
        "clock": row,
        "rule": card.rule,
        "working": working,
        "why_not": why_not,
        "today": today,
        "weekend_days": sum(1 for day in working.days if day.day.weekday() >= 5) if working else 0,
        "crumbs": [
            {"label": "Inspections", "url": reverse("inspections:inspections")},
            {"label": str(row.inspection), "url": row.inspection.get_absolute_url()},
        ],
    }
    return render(request, "inspections/clock.html", context)


def clock_csv(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Download the working of a clock."""
    row = _find(request, reference, kind)
    try:
        working = working_of(clock_rule(row.kind), row.trigger_on, calendar())
    except HolidaysUnknown:
        raise Http404 from None
    name = f"{request.member.authority.slug}-{reference}-{kind}-clock.csv"
    rows = ([f"{day.day:%Y-%m-%d}", f"{day.day:%A}", _counted(day), day.reason] for day in working.days)
    return csv_download(name, ["Date", "Weekday", "Counted as", "Why not counted"], rows)


def _counted(day: CountedDay) -> str:
    return f"Day {day.number}" if day.is_counted else "Not counted"
