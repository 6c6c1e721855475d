"""One recommendation: "What did Ofsted say, and what is being done about it?"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.member import Member
from tracker.actions.models import Action, FindingAnswer
from tracker.actions.rules import CLOSE_WORKING_DAYS
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Finding, Recommendation
from tracker.reports import coverage, listing
from tracker.visits.findings import has_action, reopening, was_said


@dataclass(frozen=True)
class Said:
    """What a visit's letter says about the recommendation, and the actions that answer it."""

    finding: Finding
    actions: Sequence[Action]
    without: str
    is_gap: bool
    is_reopening: bool

    @property
    def answered(self) -> str:
        """How far the actions that answer it are, as far as the reader may see them."""
        if not self.actions:
            return self.without
        done = sum(action.completed_on is not None for action in self.actions)
        return f"{done} of {count_of(len(self.actions), 'action,actions')} complete"


def recommendation(request: HttpRequest, inspection: str, reference: str) -> HttpResponse:
    """Show one recommendation in the report's words, the actions that answer it and the findings that repeat it."""
    member, today, days = request.member, clock.today(), calendar()
    close_by = days.add(today, CLOSE_WORKING_DAYS)
    found = get_object_or_404(
        coverage.with_open_findings(Recommendation.objects.visible_to(member), member, on=today),
        inspection__reference=inspection,
        reference=reference,
    )
    actions = (
        Action.objects.visible_to(member)
        .filter(answers__recommendation=found)
        .order_by(F("cancelled_on").asc(nulls_first=True), *listing.BY_DEADLINE)
    )
    said = _said_since(found, member, on=today)
    context = {
        "recommendation": found,
        "crumbs": [
            {"label": "Inspections", "url": reverse("inspections:inspections")},
            {"label": str(found.inspection), "url": found.inspection.get_absolute_url()},
        ],
        "line": coverage.line_of(found, member, on=today, close_by=close_by),
        "rows": listing.rows_of(actions, on=today, close_by=close_by, days=days),
        "said": said,
        "reopened": [item for item in said if item.is_reopening],
    }
    return render(request, "reports/recommendation.html", context)


def _said_since(recommendation: Recommendation, member: Member, *, on: date) -> list[Said]:
    """The findings that repeat the recommendation, the latest visit first. Two queries.

    A visit of which no day is known is not left out; one that is still to come has said nothing yet.
    """
    answers = (
        FindingAnswer.objects.visible_to(member)
        .filter(action__cancelled_on__isnull=True)
        .select_related("action__plan")
        .order_by("action__plan_id", "action__position", "pk")
    )
    itself = Finding.objects.visible_to(member).filter(pk=OuterRef("pk"))
    findings = (
        Finding.objects.visible_to(member)
        .filter(was_said(on), recommendation=recommendation)
        .annotate(has_action=has_action(), is_reopening=Exists(reopening(itself, on=on)))
        .select_related("visit")
        .prefetch_related(Prefetch("answers", answers))
        .order_by(F("visit__starts_on").desc(nulls_last=True), "visit_id", "kind", "number", "pk")
    )
    return [_said(finding) for finding in findings]


def _said(finding: Finding) -> Said:
    """`without` stands in place of actions: nothing is asked for by a strength, and some may not be seen."""
    actions = [answer.action for answer in finding.answers.all()]
    is_gap = finding.kind == Finding.Kind.NEEDS_WORK and not finding.has_action
    without = "Restricted action" if finding.has_action else "No action" if is_gap else "None needed"
    return Said(finding, actions, without, is_gap, finding.is_reopening)
