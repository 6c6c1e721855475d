"""Does every recommendation and finding have what it needs? Counted in the database, put into words here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.member import Member
from tracker.actions.models import Action, Measure
from tracker.actions.quality.facts import findings_for
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Finding, Inspection, Recommendation, Visit
from tracker.plans.models import Plan
from tracker.reports import letters
from tracker.reports.answers import SHOWS_DIFFERENCE
from tracker.reports.counting import is_seen_by
from tracker.reports.links import actions_list
from tracker.visits.findings import reopening, visit_is_over

LATEST_FIRST = ("-inspection__published_on", "-inspection__started_on", "inspection_id", "position", "pk")


@dataclass(frozen=True)
class Facts:
    """What one recommendation or finding has: counts of its live actions, and findings that nobody answers.

    The restricted actions that a reader may not see are only numbered; a measure of theirs is a measure all the same.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    hidden: int = 0
    before_visit: int = 0
    different: int = 0
    without_owner: int = 0
    first_without_owner: str = ""
    without_deadline: int = 0
    first_without_deadline: str = ""
    unfinished: int = 0
    measured: int = 0
    open_findings: int = 0
    first_open_finding: int | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def has_action(self) -> bool:
        return bool(self.total or self.hidden)


def gaps_of(facts: Facts) -> list[str]:
    """Return what a recommendation or finding lacks, in words, worst first."""
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
        if facts.unfinished and not facts.measured:
            gaps.append("No measure")
    if facts.open_findings == 1:
        gaps.append(f"Finding {facts.first_open_finding} has no action")
    elif facts.open_findings:
        gaps.append(f"{facts.open_findings} findings have no action")
    return gaps


@dataclass(frozen=True)
class Line:
    """One recommendation, or finding of a visit, in the table."""

    title: str
    url: str
    addressee: str
    timescale: str
    facts: Facts
    gaps: Sequence[str]
    is_open_again: bool = False
    before_visit_url: str = ""
    different_url: str = ""


@dataclass(frozen=True)
class Group:
    """The recommendations of one inspection or review."""

    inspection: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Letter:
    """What needs work by the letter of one visit."""

    visit: Visit
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
    letters: Sequence[Letter] = ()

    @property
    def findings_words(self) -> str:
        """Return "All 7 findings that need work have actions.", or how many have none."""
        lines = [line for letter in self.letters for line in letter.lines]
        without = sum(not line.facts.has_action for line in lines)
        whole = count_of(len(lines), "finding that needs work,findings that need work")
        if not without:
            return f"All {whole} have actions." if len(lines) > 1 else f"The {whole.removeprefix('1 ')} has an action."
        if len(lines) == 1:
            return f"The {whole.removeprefix('1 ')} has no action."
        return f"{without:,} of the {whole} {_have(without)} no action."

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
    Ofsted. Four queries; one without a plan.
    """
    recommendations = Recommendation.objects.visible_to(member).defer("text", "source", "inspection__source")
    facts: dict[int | None, dict[str, Any]] = {}
    if plan is not None:
        repeated = reopening(Finding.objects.within_reach_of(member), on=on).filter(recommendation=OuterRef("pk"))
        recommendations = recommendations.filter(inspection__plans=plan).annotate(is_open_again=Exists(repeated))
        actions = Action.objects.within_reach_of(member).filter(plan=plan)
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
        letters=_letters(member, plan, on=on, close_by=close_by) if plan is not None else (),
    )


def _letters(member: Member, plan: Plan, *, on: date, close_by: date) -> list[Letter]:
    """Return what needs work by letters of visits and a plan is to answer, the latest first. Two queries."""
    findings = list(
        Finding.objects.visible_to(member)
        .filter(visit_is_over(on), findings_for(plan), kind=Finding.Kind.NEEDS_WORK)
        .select_related("visit", "agency")
        .order_by(F("visit__starts_on").desc(nulls_last=True), "-visit_id", "number")
    )
    if not findings:
        return []
    actions = Action.objects.within_reach_of(member).filter(finding_answers__finding__in=findings)
    facts = _facts(actions, member, on=on, close_by=close_by, answered="finding_answers__finding")
    visits = {finding.visit_id: finding.visit for finding in findings}
    return [
        Letter(
            visit,
            [_finding_line(row, facts.get(row.pk, {})) for row in findings if row.visit_id == visit.pk],
        )
        for visit in visits.values()
    ]


def _finding_line(finding: Finding, found: Mapping[str, Any]) -> Line:
    facts = Facts(**found)
    return Line(
        title=f"Finding {finding.number}: {finding.text}",
        url=finding.visit.get_absolute_url(),
        addressee=finding.agency.name if finding.agency else "",
        timescale="",
        facts=facts,
        gaps=gaps_of(facts),
    )


def line_of(recommendation: Recommendation, member: Member, *, on: date, close_by: date) -> Line:
    """Return what one recommendation, which carries its open findings, has in all plans. One query."""
    actions = Action.objects.within_reach_of(member).filter(answers__recommendation=recommendation)
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
    actions: QuerySet[Action],
    member: Member,
    *,
    on: date,
    close_by: date,
    visit_by: date | None = None,
    answered: str = "answers__recommendation",
) -> dict[int | None, dict[str, Any]]:
    """Count live actions by what they answer, with None for those that answer nothing. One query."""
    has_measure = Exists(Measure.objects.in_use().filter(action=OuterRef("pk")))
    ownerless = Q(completed_on__isnull=True, owner__isnull=True)
    dateless = Q(completed_on__isnull=True, deadline__isnull=True)
    due_before_visit = Q(completed_on__isnull=True, deadline__lte=visit_by) if visit_by else Q(pk__in=[])
    rows = (
        actions.live()
        .with_status(on=on, close_by=close_by)
        .annotate(is_seen=is_seen_by(member), has_measure=has_measure)
        .order_by()
        .values(answered, "status_now", "is_seen")
        .annotate(
            number=Count("pk"),
            before_visit=Count("pk", filter=due_before_visit),
            different=Count("pk", filter=Q(difference__in=SHOWS_DIFFERENCE)),
            without_owner=Count("pk", filter=ownerless),
            without_deadline=Count("pk", filter=dateless),
            unfinished=Count("pk", filter=Q(completed_on__isnull=True)),
            measured=Count("pk", filter=Q(has_measure=True)),
            first_without_owner=Min("reference", filter=ownerless),
            first_without_deadline=Min("reference", filter=dateless),
        )
    )
    found: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        facts = found.setdefault(row[answered], {"counts": {}, "hidden": 0, "measured": 0})
        facts["measured"] += row["measured"]
        if not row["is_seen"]:
            facts["hidden"] += row["number"]
            continue
        facts["counts"][row["status_now"]] = row["number"]
        for name in ("before_visit", "different", "without_owner", "without_deadline", "unfinished"):
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
        is_open_again=getattr(recommendation, "is_open_again", False),
        before_visit_url=actions_list(plan, recommendation=recommendation.pk, due="visit") if plan else "",
        different_url=actions_list(
            plan, recommendation=recommendation.pk, difference=[value.value for value in SHOWS_DIFFERENCE]
        )
        if plan
        else "",
    )
