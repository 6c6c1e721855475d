"""Which findings open their recommendation again, and which still wait for an action: asked of the database."""

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.member import Member
from tracker.actions.models import FindingAnswer
from tracker.inspections.models import Finding
from tracker.plans.models import Plan

WITHOUT_DAYS = Q(
    visit__starts_on__isnull=True, visit__letter_received_on__isnull=True, visit__letter_published_on__isnull=True
)
LATEST = F("visit__starts_on").desc(nulls_last=True)


def visit_is_over(on: date) -> Q:
    """Return the condition under which a finding's visit is over by a day: its last day, else its letter's, is past."""
    dated, undated = Q(visit__starts_on__isnull=False), Q(visit__starts_on__isnull=True)
    return (
        dated & (Q(visit__ends_on__lt=on) | Q(visit__ends_on__isnull=True, visit__starts_on__lt=on))
        | undated & Q(visit__letter_received_on__lte=on)
        | undated & Q(visit__letter_received_on__isnull=True, visit__letter_published_on__lte=on)
    )


def was_said(on: date) -> Q:
    """Return the condition under which inspectors had said a thing by a day: its visit is over, or has no known day."""
    return visit_is_over(on) | WITHOUT_DAYS


def has_action(finding: str = "pk") -> Exists:
    """The condition under which a finding has an action: one, not cancelled, answers it.

    It counts actions that a reader may not see, so that nobody is told of a gap that is none.
    """
    return Exists(FindingAnswer.objects.filter(finding=OuterRef(finding), action__cancelled_on__isnull=True))


def reopening(findings: QuerySet[Finding], *, on: date) -> QuerySet[Finding]:
    """Return the findings that hold their recommendation open on a day; see rules.is_reopened.

    Actions count whoever may see them, so that nobody is told that something is done which is not.
    """
    unchecked = FindingAnswer.objects.filter(
        finding=OuterRef("pk"), action__cancelled_on__isnull=True, action__completed_on__isnull=True
    )
    repeats = findings.filter(was_said(on), kind=Finding.Kind.NEEDS_WORK, recommendation__isnull=False)
    return repeats.filter(~has_action() | Exists(unchecked))


def reopened_recommendations(member: Member, *, on: date, plan: Plan | None = None) -> dict[int, list[Finding]]:
    """Return the recommendations that stand reopened, by key, each with the findings that repeat it, latest first.

    Of one plan's inspections, or of all. One query; each finding carries its visit.
    """
    findings = reopening(Finding.objects.visible_to(member), on=on)
    if plan is not None:
        findings = findings.filter(recommendation__inspection__plans=plan)
    found: dict[int, list[Finding]] = {}
    for finding in findings.select_related("visit").order_by(LATEST, "-visit_id", "number", "pk"):
        found.setdefault(finding.recommendation_id, []).append(finding)
    return found
