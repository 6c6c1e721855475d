"""What the pages of visits show: readiness before one, and what has happened since its findings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count
from django.urls import reverse

from accounts.member import Member
from tracker.actions.models import Action
from tracker.actions.rules import Difference, Status
from tracker.actions.wording import working_days_words
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Finding, Visit
from tracker.plans.models import Plan
from tracker.reports import answers, letters
from tracker.reports.answers import Verdict
from tracker.reports.board import close_by, is_seen_by
from tracker.reports.letters import VisitHeard
from tracker.reports.links import actions_list

# The list


@dataclass(frozen=True)
class VisitRow:
    heard: VisitHeard
    when: str
    said: str


@dataclass(frozen=True)
class VisitRows:
    """The visits in the order of the page, and the sentence above them."""

    answer: str
    ahead: Sequence[VisitRow]
    over: Sequence[VisitRow]
    others: Sequence[VisitRow]


def visit_rows(visits: Sequence[VisitHeard], *, on: date, calendar: Calendar) -> VisitRows:
    """Return the visits to come, the soonest first, those that are over, the latest first, and the others.

    The others are those whose days nobody knows, and on a demonstration date those told of later.
    """

    def rows(which: Iterable[VisitHeard]) -> list[VisitRow]:
        return [
            VisitRow(
                heard,
                letters.when(heard.visit, on=on, calendar=calendar),
                answers.strengths_and_needs(heard.strengths, heard.needs_work) or "No findings recorded",
            )
            for heard in which
        ]

    coming = letters.next_visit(visits, on=on)
    return VisitRows(
        answer=_next_in_words(coming, on=on, calendar=calendar),
        ahead=rows(reversed([heard for heard in visits if heard.is_ahead(on=on)])),
        over=rows(heard for heard in visits if heard.is_over(on=on)),
        others=rows(heard for heard in visits if not heard.is_ahead(on=on) and not heard.is_over(on=on)),
    )


def _next_in_words(coming: VisitHeard | None, *, on: date, calendar: Calendar) -> str:
    if coming is None:
        return "No visit to come is known."
    when = letters.when(coming.visit, on=on, calendar=calendar)
    if coming.visit.starts_on is None:
        return f"The next visit is {letters.name_in_sentence(coming.visit)}, {answers.small(when)}."
    return f"The next visit is {letters.name_in_sentence(coming.visit)} on {when}."


# One visit


@dataclass(frozen=True)
class DueBefore:
    """The actions due before a visit, and the one that is overdue the longest."""

    counts: Mapping[str, int]
    hidden: int
    url: str
    longest: Action | None = None
    longest_late: str = ""

    @property
    def total(self) -> int:
        return answers.total(self.counts)


@dataclass
class FindingRow:
    """A finding that needs work, and the actions that answer it."""

    finding: Finding
    counts: Counter[str] = field(default_factory=Counter)
    differences: set[str] = field(default_factory=set)
    hidden: int = 0

    @property
    def has_action(self) -> bool:
        return bool(self.counts or self.hidden)

    @property
    def recommendation_url(self) -> str:
        asked = self.finding.recommendation
        return reverse("reports:recommendation", args=[asked.inspection.reference, asked.reference]) if asked else ""

    @property
    def since_then(self) -> str:
        """ "1 of 3 actions complete", of those the reader may see."""
        whole = answers.total(self.counts)
        done = answers.total(self.counts, answers.DONE)
        return f"{done} of {count_of(whole, 'action,actions')} complete" if whole else ""

    @property
    def hidden_words(self) -> str:
        return count_of(self.hidden, "restricted action,restricted actions") if self.hidden else ""

    @property
    def difference(self) -> Difference:
        return answers.highest_difference(self.differences)


@dataclass(frozen=True)
class Letter:
    """What the letter of a visit says, and what has happened since."""

    heard: VisitHeard
    when: str
    said: str
    strengths: Sequence[Finding]
    needs_work: Sequence[FindingRow]

    @property
    def strengths_unknown(self) -> int:
        return self.heard.strengths - len(self.strengths)

    @property
    def needs_work_unknown(self) -> int:
        return self.heard.needs_work - len(self.needs_work)

    @property
    def has_paraphrase(self) -> bool:
        return any(row.finding.is_paraphrase for row in self.needs_work)


@dataclass(frozen=True)
class VisitPage:
    when: str
    is_ahead: bool
    verdict: Verdict
    due: DueBefore | None
    letter: Letter | None


def page_of(
    this: VisitHeard,
    visits: Sequence[VisitHeard],
    plan: Plan | None,
    member: Member,
    *,
    on: date,
    calendar: Calendar,
) -> VisitPage:
    """Return what the page of a visit shows.

    Of a visit to come: what is due before it in the plan, and the letter of the last one with findings.
    Of any other: its own letter.
    """
    when = answers.capital(letters.when(this.visit, on=on, calendar=calendar))
    if not this.is_ahead(on=on):
        letter = letter_of(this, member, on=on, calendar=calendar) if this.has_findings else None
        verdict = answers.what_did_they_say(
            answers.VisitFacts(
                strengths=this.strengths,
                needs_work=this.needs_work,
                needs_work_known=this.needs_work_known,
                without_action=this.without_action,
            )
        )
        return VisitPage(when, is_ahead=False, verdict=verdict, due=None, letter=letter)
    is_next = letters.next_visit(visits, on=on) is this
    due = due_before(this.visit, plan, member, is_next=is_next, on=on, calendar=calendar) if plan else None
    last = letters.last_heard(visits, on=on)
    verdict = answers.are_we_ready(
        answers.VisitFacts(before_visit=due.counts if due else {}, without_action=last.without_action if last else 0)
    )
    letter = letter_of(last, member, on=on, calendar=calendar) if last else None
    return VisitPage(when, is_ahead=True, verdict=verdict, due=due, letter=letter)


def due_before(
    visit: Visit, plan: Plan, member: Member, *, is_next: bool, on: date, calendar: Calendar
) -> DueBefore | None:
    """Return the plan's open actions due by the day of a visit, by status; none if no day is known. Two queries.

    Their list has an address when the visit is the next one.
    """
    if visit.due_by is None:
        return None
    counts, hidden = Counter[str](), 0
    due = Action.objects.of(member.authority).filter(plan=plan).due_by(visit.due_by)
    for status, is_seen, number in (
        due.with_status(on=on, close_by=close_by(on, calendar))
        .annotate(is_seen=is_seen_by(member))
        .order_by()
        .values_list("status_now", "is_seen")
        .annotate(number=Count("pk"))
    ):
        if is_seen:
            counts[status] += number
        else:
            hidden += number
    url = actions_list(plan, due="visit") if is_next else ""
    if not counts.get(Status.OVERDUE):
        return DueBefore(counts, hidden, url)
    longest = (
        Action.objects.visible_to(member)
        .filter(plan=plan, deadline__lte=visit.due_by)
        .overdue(on=on)
        .select_related("plan")
        .order_by("deadline", "position", "pk")
        .first()
    )
    return DueBefore(counts, hidden, url, longest, working_days_words(calendar.between(longest.deadline, on)))


def letter_of(heard: VisitHeard, member: Member, *, on: date, calendar: Calendar) -> Letter:
    """Return the findings of a visit and the actions that answer them. Two queries."""
    findings = list(
        Finding.objects.visible_to(member)
        .filter(visit=heard.visit)
        .select_related("recommendation__inspection", "agency")
        .order_by("number", "pk")
    )
    rows = {finding.pk: FindingRow(finding) for finding in findings if finding.kind == Finding.Kind.NEEDS_WORK}
    answering = (
        Action.objects.of(member.authority)
        .live()
        .filter(finding_answers__finding__in=rows)
        .with_status(on=on, close_by=close_by(on, calendar))
        .annotate(is_seen=is_seen_by(member))
        .order_by()
        .values_list("finding_answers__finding", "status_now", "difference", "is_seen")
        .annotate(number=Count("pk"))
    )
    for finding, status, difference, is_seen, number in answering if rows else ():
        row = rows[finding]
        if is_seen:
            row.counts[status] += number
            row.differences.add(difference)
        else:
            row.hidden += number
    return Letter(
        heard=heard,
        when=answers.capital(letters.when(heard.visit, on=on, calendar=calendar)),
        said=answers.strengths_and_needs(heard.strengths, heard.needs_work),
        strengths=[finding for finding in findings if finding.kind == Finding.Kind.STRENGTH],
        needs_work=list(rows.values()),
    )
