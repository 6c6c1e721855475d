"""What the inspectors said, and where the clocks stand."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.frameworks import Framework
from tracker.inspections.models import Inspection, Judgement, Recommendation, StatutoryClock, Visit
from tracker.inspections.rules import ClockRule, Standing, State, clock_rule, standing_of

OVERALL = "overall_effectiveness"
NO_OVERALL_SINCE = date(2026, 4, 1)


@dataclass(frozen=True)
class ClockCard:
    """One clock as pages show it: the row, its rule, and where it stands unless that cannot be counted."""

    row: StatutoryClock
    rule: ClockRule
    standing: Standing | None
    url: str

    @property
    def has_day(self) -> bool:
        """Whether "day 60 of 70" says something: not once it is met or late, nor past the days of the law."""
        standing = self.standing
        return (
            standing is not None
            and standing.state in {State.RUNNING, State.TODAY}
            and standing.day <= self.row.working_days
        )

    @property
    def is_counting(self) -> bool:
        """Whether there is a number of working days left or late to be shown in figures."""
        standing = self.standing
        return standing is not None and standing.state in {State.RUNNING, State.LATE} and standing.working_days > 0


def clock_card(row: StatutoryClock, *, on: date, days: Calendar) -> ClockCard:
    """Return how a clock stands on a day. The clock carries its inspection."""
    try:
        standing = standing_of(row.trigger_on, row.due, row.met_on, on=on, calendar=days)
    except HolidaysUnknown:
        standing = None
    url = reverse("inspections:clock", args=[row.inspection.reference, row.kind])
    return ClockCard(row, clock_rule(row.kind), standing, url)


def inspections(request: HttpRequest) -> HttpResponse:
    """List the council's inspections, newest first, each with its overall grade and its clocks."""
    member = request.member
    if not member.sees_plan:
        raise PermissionDenied
    today, days = clock.today(), calendar()
    found = list(
        Inspection.objects.visible_to(member).prefetch_related(
            Prefetch("judgements", Judgement.objects.visible_to(member)),
            Prefetch("recommendations", Recommendation.objects.visible_to(member)),
            Prefetch("clocks", StatutoryClock.objects.visible_to(member).select_related("inspection")),
        )
    )
    rows = [
        {
            "inspection": one,
            "overall": _overall(one),
            "recommendations": len(one.recommendations.all()),
            "clocks": [clock_card(row, on=today, days=days) for row in one.clocks.all()],
        }
        for one in found
    ]
    running = [card for row in rows for card in row["clocks"] if card.row.is_running]
    soonest = min(running, key=lambda card: (card.row.due, card.row.pk), default=None)
    return render(request, "inspections/inspections.html", {"rows": rows, "next": soonest})


def inspection(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one inspection: its facts, judgements, clocks and recommendations."""
    member = request.member
    found = get_object_or_404(Inspection.objects.visible_to(member), reference=reference)
    today, days = clock.today(), calendar()
    judgements = list(Judgement.objects.visible_to(member).filter(inspection=found))
    recommendations = Recommendation.objects.visible_to(member).filter(inspection=found).order_by("position", "pk")
    clocks = StatutoryClock.objects.visible_to(member).filter(inspection=found).select_related("inspection")
    cards = [clock_card(row, on=today, days=days) for row in clocks.order_by("-working_days")]
    context = {
        "inspection": found,
        "judgements": judgements,
        "no_overall": _no_overall(found, judgements),
        "recommendations": list(recommendations),
        "clocks": cards,
        "answer": min((card for card in cards if card.row.is_running), key=lambda card: card.row.due, default=None),
        "visits": list(
            Visit.objects.visible_to(member).filter(inspection=found).order_by("starts_on", "expected_from", "pk")
        ),
        "crumbs": [{"label": "Inspections", "url": reverse("inspections:inspections")}],
    }
    return render(request, "inspections/inspection.html", context)


def _overall(one: Inspection) -> str:
    judgements = list(one.judgements.all())
    if not judgements:
        return "Not recorded"
    grades = [judgement.get_grade_display() for judgement in judgements if judgement.area == OVERALL]
    return grades[0] if grades and grades[0] else "No overall grade"


def _no_overall(found: Inspection, judgements: list[Judgement]) -> str:
    """Say in words that a report gives no overall grade; "" when it gives one or nothing is known."""
    if not judgements or any(judgement.area == OVERALL and judgement.grade for judgement in judgements):
        return ""
    if found.framework == Framework.ILACS and found.started_on and found.started_on >= NO_OVERALL_SINCE:
        return "There is no overall grade. Inspections of this kind that began from April 2026 give none."
    return "The report gives no overall grade."
