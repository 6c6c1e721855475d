"""A day to look back to, and how the plan differs between two days."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.member import Member
from tracker.actions.changes.snapshot import snapshot_of
from tracker.actions.looking_back import at_the_end_of, first_day_of
from tracker.dates import clock
from tracker.dates.months import add_months
from tracker.govuk.downloads import csv_download
from tracker.inspections.models import Visit
from tracker.plans.models import Plan, Submission
from tracker.plans.snapshots import COMPARED, compare, compared_rows
from tracker.plans.views import find
from tracker.reports.comparing import headline_of
from tracker.reports.forms import ChooseDayForm, CompareDaysForm, with_boxes
from tracker.reports.versions import reader_of


def choose_day(request: HttpRequest) -> HttpResponse:
    """Ask for a day, and lead to the plan as at its end."""
    member, today = request.member, clock.today()
    if not member.sees_plan:
        raise Http404
    first = first_day_of(member.authority) or today
    asked = with_boxes(request.GET, "on")
    form = ChooseDayForm(asked if asked else None, first=first, today=today)
    if form.is_valid():
        return redirect(f"/as-at/{form.cleaned_data['on']}{reverse('reports:current-plan')}")
    return render(request, "reports/choose_day.html", {"form": form, "first": first})


def compare_current(request: HttpRequest) -> HttpResponse:
    """Go to the comparison of the plan the council works to."""
    found = Plan.objects.visible_to(request.member).current().first()
    if found is None:
        return redirect("reports:current-plan")
    address = reverse("reports:compare-days", args=[found.reference])
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{address}?{query}" if query else address)


def compare_days(request: HttpRequest, plan: str) -> HttpResponse:
    """Show what was added, closed, moved and changed between the ends of two days."""
    member, today = request.member, clock.today()
    found = find.plan_of(member, plan)
    first_day = first_day_of(member.authority) or today
    form = _asked(request, first_day, today)
    context: dict[str, Any] = {
        "plan": found,
        "form": form,
        "begins_today": first_day == today,
        "presets": _presets(found, member, first_day, today),
        "crumbs": find.way_to(found),
    }
    if form.is_valid():
        first, second = form.cleaned_data["first"], form.cleaned_data["second"]
        before, after = (_snapshot(found, member, day, today) for day in (first, second))
        reader = reader_of(found, member)
        context |= {
            "first": first,
            "second": second,
            "found": compare(before, after, reader),
            "headline": headline_of(before, after, reader),
            "query": urlencode({"from": first, "to": second}),
        }
    return render(request, "reports/compare_days.html", context)


def compare_days_csv(request: HttpRequest, plan: str) -> HttpResponse:
    """Download what differs between two days."""
    member, today = request.member, clock.today()
    found = find.plan_of(member, plan)
    form = _asked(request, first_day_of(member.authority) or today, today)
    if not form.is_valid():
        raise Http404
    first, second = form.cleaned_data["first"], form.cleaned_data["second"]
    before, after = (_snapshot(found, member, day, today) for day in (first, second))
    name = f"{member.authority.slug}-{found.reference}-{first}-to-{second}.csv"
    return csv_download(name, COMPARED, compared_rows(compare(before, after, reader_of(found, member))))


def _asked(request: HttpRequest, first_day: date, today: date) -> CompareDaysForm:
    """The two days of the address; else from a month ago, or the first day recorded, to today.

    On the first day that is recorded there is nothing to compare, and the form waits.
    """
    asked = with_boxes(request.GET, "from", "to")
    if not asked and first_day < today:
        asked = with_boxes({"from": str(max(add_months(today, -1), first_day)), "to": str(today)}, "from", "to")
    return CompareDaysForm(asked or None, first=first_day, today=today)


def _snapshot(plan: Plan, member: Member, day: date, today: date) -> dict[str, Any]:
    """Return the plan at the end of a day, as a version would keep it; one without actions before it began."""
    if day == today:
        taken = snapshot_of(plan, on=today)
    else:
        with at_the_end_of(day, member.authority):
            then = Plan.objects.visible_to(member).filter(pk=plan.pk).select_related("authority").first()
            taken = snapshot_of(then, on=day) if then else {"title": "", "actions": []}
    return json.loads(json.dumps(taken, cls=DjangoJSONEncoder))


@dataclass(frozen=True)
class Preset:
    """A day from which people often compare to today."""

    label: str
    url: str


def _presets(plan: Plan, member: Member, first_day: date, today: date) -> list[Preset]:
    boards = Plan.history.filter(id=plan.pk, board_meets_on__lt=today).order_by("-board_meets_on")
    visits = Visit.objects.visible_to(member).filter(starts_on__lt=today).order_by("-starts_on")
    sent = Submission.objects.visible_to(member).filter(plan=plan, step=Submission.Step.OFSTED).order_by("done_on")
    days = {
        "The last board": boards.values_list("board_meets_on", flat=True).first(),
        "The last visit": visits.values_list("starts_on", flat=True).first(),
        "As submitted": sent.values_list("done_on", flat=True).first(),
        "A month ago": add_months(today, -1),
    }
    return [
        Preset(f"{label}, {day:%-d %B %Y}", f"?{urlencode({'from': day, 'to': today})}")
        for label, day in days.items()
        if day and first_day <= day < today
    ]
