"""What the inspectors said, and where the clocks stand."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.inspections import permissions
from tracker.inspections.frameworks import AREAS_OF, REVIEWS, Framework, Grade
from tracker.inspections.models import Clock, Inspection, Intervention, Judgement, Recommendation, Visit
from tracker.inspections.views.cards import card_of, clocks_of

OVERALL = "overall_effectiveness"
NO_OVERALL_SINCE = date(2026, 4, 1)


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
            Prefetch("clocks", clocks_of(member).filter(basis=Clock.Basis.LAW)),
        )
    )
    rows = [
        {
            "inspection": one,
            "overall": _overall(one),
            "recommendations": len(one.recommendations.all()),
            "clocks": [card_of(row, on=today, days=days) for row in one.clocks.all()],
        }
        for one in found
    ]
    running = [card for row in rows for card in row["clocks"] if card.is_open]
    context = {
        "rows": rows,
        "next": min(running, key=lambda card: card.order, default=None),
        "interventions": list(Intervention.objects.visible_to(member)),
        "may_enter": permissions.may_enter(member),
    }
    return render(request, "inspections/inspections.html", context)


def inspection(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one inspection: its facts, judgements, clocks and recommendations."""
    member = request.member
    found = get_object_or_404(Inspection.objects.visible_to(member), reference=reference)
    today, days = clock.today(), calendar()
    judgements = list(Judgement.objects.visible_to(member).filter(inspection=found))
    recommendations = Recommendation.objects.visible_to(member).filter(inspection=found).order_by("position", "pk")
    clocks = clocks_of(member).filter(inspection=found)
    cards = sorted((card_of(row, on=today, days=days) for row in clocks), key=lambda card: card.order)
    set_by_law = [card for card in cards if card.is_open and not card.is_expected]
    context = {
        "inspection": found,
        "is_review": found.framework in REVIEWS,
        "judgements": judgements,
        "is_graded": found.framework in AREAS_OF,
        "no_overall": _no_overall(found, judgements),
        "recommendations": list(recommendations),
        "clocks": [card for card in cards if not card.is_expected],
        "expected": [card for card in cards if card.is_expected],
        "answer": min(set_by_law, key=lambda card: card.order, default=None),
        "asks_if_monitored": _asks_if_monitored(found, judgements),
        "may_enter": permissions.may_enter(member),
        "visits": list(
            Visit.objects.visible_to(member).filter(inspection=found).order_by("starts_on", "expected_from", "pk")
        ),
        "interventions": list(Intervention.objects.visible_to(member).filter(inspection=found)),
        "crumbs": [{"label": "Inspections", "url": reverse("inspections:inspections")}],
    }
    return render(request, "inspections/inspection.html", context)


def _asks_if_monitored(found: Inspection, judgements: list[Judgement]) -> bool:
    """Whether a judgement is inadequate and it is not said that Ofsted makes monitoring visits.

    No rule tells it from the grades: since April 2026 there is no overall grade, and the council knows.
    """
    return not found.is_monitored and any(judgement.grade == Grade.INADEQUATE for judgement in judgements)


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
