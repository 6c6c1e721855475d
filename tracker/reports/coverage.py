"""Does every recommendation have what it needs? Counted in the database, put into words here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.member import Member
from tracker.actions.models import Action
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Finding, Inspection, Recommendation, Visit
from tracker.plans.models import Plan
from tracker.reports import letters
from tracker.reports.answers import SHOWS_DIFFERENCE
from tracker.reports.board import is_seen_by
from tracker.reports.links import actions_list

LATEST_FIRST = ("-inspection__published_on", "-inspection__started_on", "inspection_id", "position", "pk")


@dataclass(frozen=True)
class Facts:
    """What one recommendation has: counts of its live actions, and findings that nobody answers.

    The restricted actions that a reader may not see are only numbered.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    hidden: int = 0
    before_visit: int = 0
    different: int = 0
    without_owner: int = 0
    first_without_owner: str = ""
    without_deadline: int = 0
    first_without_deadline: str = ""
    open_findings: int = 0
    first_open_finding: int | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def has_action(self) -> bool:
        return bool(self.total or self.hidden)


def gaps_of(facts: Facts) -> list[str]:
    """Return what a recommendation lacks, in words, worst first."""
    if not facts.has_action:
        gaps = ["No action"]
    else:
        gaps = [
            f"No {what} for {first if number == 1 else count_of(number, 'action,actions')}"
            for what, number, first in (
                ("owner", facts.without_owner, facts.first_without_owner),
                ("deadline", facts.without_deadline, facts.first_without_deadline),
            )
            if number
        ]
    if facts.open_findings == 1:
        gaps.append(f"Finding {facts.first_open_finding} has no action")
    elif facts.open_findings:
        gaps.append(f"{facts.open_findings} findings have no action")
    return gaps


@dataclass(frozen=True)
class Line:
    """One recommendation in the table."""

    title: str
    url: str
    addressee: str
    timescale: str
    facts: Facts
    gaps: Sequence[str]
    before_visit_url: str = ""
    different_url: str = ""


@dataclass(frozen=True)
class Group:
    """The recommendations of one inspection."""

    inspection: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Coverage:
    """The recommendations a council is to answer, and apart from them those addressed to others."""

    groups: Sequence[Group]
    others: Sequence[Line]
    counts: Mapping[str, int]
    lead: str
    gaps: str
    to_fix: str
    own_choice: int = 0

    @property
    def waiting(self) -> int:
        """How many have no action."""
        return sum(not line.facts.has_action for group in self.groups for line in group.lines)


def coverage_of(
    member: Member,
    plan: Plan | None,
    *,
    on: date,
    close_by: date,
    visit_by: date | None = None,
    due: date | None = None,
) -> Coverage:
    """Return whether the recommendations have what they need: those a plan answers, or all of the council.

    `visit_by` is the day by which actions count at the next visit, `due` the day the plan goes to
    Ofsted. Two queries; one without a plan.
    """
    recommendations = Recommendation.objects.visible_to(member).defer("text", "source", "inspection__source")
    facts: dict[int | None, dict[str, Any]] = {}
    if plan is not None:
        recommendations = recommendations.filter(inspection__plans=plan)
        actions = Action.objects.of(member.authority).filter(plan=plan)
        facts = _facts(actions, member, on=on, close_by=close_by, visit_by=visit_by)
    ours: dict[Inspection, list[Line]] = {}
    others: list[Line] = []
    for recommendation in with_open_findings(recommendations, member, on=on).order_by(*LATEST_FIRST):
        line = _line(recommendation, facts.get(recommendation.pk, {}), plan)
        if recommendation.addressee == Recommendation.Addressee.COUNCIL:
            ours.setdefault(recommendation.inspection, []).append(line)
        else:
            others.append(line)
    lines = [line for found in ours.values() for line in found]
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line.facts.counts)
    return Coverage(
        groups=[Group(str(inspection), found) for inspection, found in ours.items()],
        others=others,
        counts=counts,
        lead=lead_words([line.facts for line in lines]),
        gaps=gap_words(sum(bool(line.gaps) for line in lines)) if lines else "",
        to_fix=to_fix_words(due, on=on) if any(line.gaps for line in lines) else "",
        own_choice=sum(facts.get(None, {}).get("counts", {}).values()),
    )


def line_of(recommendation: Recommendation, member: Member, *, on: date, close_by: date) -> Line:
    """Return what one recommendation, which carries its open findings, has in all plans. One query."""
    actions = Action.objects.of(member.authority).filter(answers__recommendation=recommendation)
    facts = _facts(actions, member, on=on, close_by=close_by)
    return _line(recommendation, facts.get(recommendation.pk, {}), None)


def next_visit(member: Member, *, on: date) -> Visit | None:
    """Return the visit that comes next, if one is known of. One query."""
    visits = Visit.objects.visible_to(member).defer("source")
    heard = letters.next_visit((letters.VisitHeard(visit) for visit in visits), on=on)
    return heard.visit if heard else None


# Words


def lead_words(facts: Sequence[Facts]) -> str:
    """Return "All 10 recommendations have actions and owners.", or what some of them lack."""
    whole = len(facts)
    without = sum(not found.has_action for found in facts)
    ownerless = sum(bool(found.without_owner) for found in facts)
    if not whole:
        return "No recommendation is addressed to the council."
    if whole == 1:
        if without:
            return "The only recommendation has no action."
        return f"The only recommendation has actions{', but not all have owners' if ownerless else ' and owners'}."
    if without == whole:
        return f"None of the {whole:,} recommendations has an action."
    if without:
        return f"{without:,} of the {whole:,} recommendations {'has' if without == 1 else 'have'} no action."
    if ownerless:
        return f"All {whole:,} recommendations have actions. {ownerless:,} {_have(ownerless)} actions without an owner."
    return f"All {whole:,} recommendations have actions and owners."


def gap_words(gaps: int) -> str:
    """Return "3 have a gap"."""
    return f"{gaps:,} {_have(gaps)} a gap" if gaps else "None has a gap"


def to_fix_words(due: date | None, *, on: date) -> str:
    """Return "to fix before the plan goes to Ofsted on 23 November 2026"."""
    if due is None or due < on:
        return "to fix"
    return f"to fix before the plan goes to Ofsted on {due:%-d %B %Y}"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


# Counts


def visit_is_over(on: date) -> Q:
    """Return the condition under which a finding's visit is over; see letters.VisitHeard.is_over."""
    dated, undated = Q(visit__starts_on__isnull=False), Q(visit__starts_on__isnull=True)
    return (
        dated & (Q(visit__ends_on__lt=on) | Q(visit__ends_on__isnull=True, visit__starts_on__lt=on))
        | undated & Q(visit__letter_received_on__lte=on)
        | undated & Q(visit__letter_received_on__isnull=True, visit__letter_published_on__lte=on)
    )


def with_open_findings(
    recommendations: QuerySet[Recommendation], member: Member, *, on: date
) -> QuerySet[Recommendation]:
    """Add how many findings repeat each recommendation and have no action, and the number of the first."""
    open_findings = (
        Finding.objects.visible_to(member)
        .filter(visit_is_over(on), ~letters.has_action())
        .filter(recommendation=OuterRef("pk"), kind=Finding.Kind.NEEDS_WORK)
        .order_by()
        .values("recommendation")
    )
    return recommendations.select_related("inspection").annotate(
        open_findings=Subquery(
            open_findings.annotate(number_of=Count("pk")).values("number_of"), output_field=IntegerField()
        ),
        first_open_finding=Subquery(
            open_findings.annotate(first=Min("number")).values("first"), output_field=IntegerField()
        ),
    )


def _facts(
    actions: QuerySet[Action], member: Member, *, on: date, close_by: date, visit_by: date | None = None
) -> dict[int | None, dict[str, Any]]:
    """Count live actions by the recommendation they answer, with None for those that answer none. One query."""
    ownerless = Q(completed_on__isnull=True, owner__isnull=True)
    dateless = Q(completed_on__isnull=True, deadline__isnull=True)
    due_before_visit = Q(completed_on__isnull=True, deadline__lte=visit_by) if visit_by else Q(pk__in=[])
    rows = (
        actions.live()
        .with_status(on=on, close_by=close_by)
        .annotate(is_seen=is_seen_by(member))
        .order_by()
        .values("answers__recommendation", "status_now", "is_seen")
        .annotate(
            number=Count("pk"),
            before_visit=Count("pk", filter=due_before_visit),
            different=Count("pk", filter=Q(difference__in=SHOWS_DIFFERENCE)),
            without_owner=Count("pk", filter=ownerless),
            without_deadline=Count("pk", filter=dateless),
            first_without_owner=Min("reference", filter=ownerless),
            first_without_deadline=Min("reference", filter=dateless),
        )
    )
    found: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        facts = found.setdefault(row["answers__recommendation"], {"counts": {}, "hidden": 0})
        if not row["is_seen"]:
            facts["hidden"] += row["number"]
            continue
        facts["counts"][row["status_now"]] = row["number"]
        for name in ("before_visit", "different", "without_owner", "without_deadline"):
            facts[name] = facts.get(name, 0) + row[name]
        for name in ("first_without_owner", "first_without_deadline"):
            facts[name] = min(filter(None, (facts.get(name), row[name])), default="")
    return found


def _line(recommendation: Recommendation, found: Mapping[str, Any], plan: Plan | None) -> Line:
    facts = Facts(
        **found,
        open_findings=recommendation.open_findings or 0,
        first_open_finding=recommendation.first_open_finding,
    )
    return Line(
        title=str(recommendation),
        url=reverse("reports:recommendation", args=[recommendation.inspection.reference, recommendation.reference]),
        addressee=recommendation.get_addressee_display(),
        timescale=recommendation.timescale,
        facts=facts,
        gaps=gaps_of(facts),
        before_visit_url=actions_list(plan, recommendation=recommendation.pk, due="visit") if plan else "",
        different_url=actions_list(
            plan, recommendation=recommendation.pk, difference=[value.value for value in SHOWS_DIFFERENCE]
        )
        if plan
        else "",
    )
