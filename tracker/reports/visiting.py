"""What the pages of visits show: readiness before one, and what has happened since its findings."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F
from django.urls import reverse

from accounts.member import Member
from tracker.actions.models import Action, Answer
from tracker.actions.rules import Difference, Status
from tracker.actions.wording import late_words, left_words
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import and_list, count_of
from tracker.inspections.models import Finding, Recommendation, Visit
from tracker.inspections.views.cards import ClockCard, card_of, clocks_of
from tracker.plans.models import Plan
from tracker.reports import answers, letters
from tracker.reports.counting import close_by, is_seen_by
from tracker.reports.letters import Gap, VisitHeard
from tracker.reports.links import actions_list
from tracker.reports.pace import pages as pace
from tracker.visits import asked, preparing
from tracker.visits.asked import QuestionRow
from tracker.visits.findings import reopening
from tracker.visits.links import finding_url
from tracker.visits.permissions import may_run_visits
from tracker.visits.preparing import TaskRow
from tracker.visits.rules import ReadinessFacts, are_we_ready

ROWS = 10

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
class Headline:
    """The sentence at the top, what holds besides, and the status whose shape and colour it bears."""

    tone: Status
    lead: str
    also: str = ""


@dataclass(frozen=True)
class DueRow:
    """An action due before a visit, as the table shows it."""

    action: Action
    status: str
    when: str


@dataclass(frozen=True)
class DueBefore:
    """The actions due before a visit that are not finished: by status, and the earliest due of them.

    `focus` are the recommendations that the visit looks at, each with the address of its actions; without any, all
    actions of the plan are counted. `hidden` are restricted ones, of which the reader is only told the number.
    """

    counts: Mapping[str, int]
    hidden: int
    url: str
    rows: Sequence[DueRow] = ()
    focus: Sequence[tuple[Recommendation, str]] = ()

    @property
    def total(self) -> int:
        return answers.total(self.counts)

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass
class FindingRow:
    """A finding that needs work, and the actions that answer it."""

    finding: Finding
    is_reopening: bool = False
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
    gap: Gap | None = None

    @property
    def strengths_unknown(self) -> int:
        return self.heard.strengths - len(self.strengths)

    @property
    def needs_work_unknown(self) -> int:
        return self.heard.needs_work - len(self.needs_work)

    @property
    def has_paraphrase(self) -> bool:
        return any(row.finding.is_paraphrase for row in self.needs_work)

    @property
    def strengths_with_urls(self) -> list[tuple[Finding, str]]:
        return [(finding, self._url(finding)) for finding in self.strengths]

    @property
    def needs_work_with_urls(self) -> list[tuple[FindingRow, str, str]]:
        """Each row with the addresses at which its finding is corrected and its actions are chosen."""
        return [
            (row, self._url(row.finding), self._url(row.finding, name="visits:answer-finding"))
            for row in self.needs_work
        ]

    def _url(self, finding: Finding, *, name: str = "visits:finding") -> str:
        reference = self.heard.visit.reference
        if name == "visits:answer-finding":
            return reverse(name, args=[reference, finding.number])
        return finding_url(finding, reference)


@dataclass(frozen=True)
class VisitPage:
    """All that the page of a visit shows; `may_run` says whether the reader keeps it."""

    when: str
    is_ahead: bool
    may_run: bool
    shows_readiness: bool
    takes_letter: bool
    verdict: Headline
    due: DueBefore | None
    letter: Letter | None
    forecast: str = ""
    tasks: Sequence[TaskRow] = ()
    questions: Sequence[QuestionRow] = ()
    clocks: Sequence[ClockCard] = ()

    @property
    def can_change_tasks(self) -> bool:
        """Whether the reader may do anything about the readiness list."""
        return self.may_run or any(row.is_open and row.may_finish for row in self.tasks)


def _forecast(visit: Visit, plan: Plan | None, member: Member, due: "DueBefore | None", *, on: date) -> str:
    """Return how many of the plan's actions due before a visit will be done in time, or ""."""
    if plan is None or due is None or not due.total:
        return ""
    by = pace.before_visit(plan, member, visit, on=on)
    return by.sentence if by else ""


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

    Of a visit to come: what is made ready for it, what is due before it in the plan, what is likely to be asked,
    and the letter of the last one with findings. Of any other: its own letter, and what was made ready if anything.
    """
    visit = this.visit
    when = answers.capital(letters.when(visit, on=on, calendar=calendar))
    may_run = may_run_visits(member)
    tasks = preparing.task_rows(visit, member, on=on, calendar=calendar)
    questions = asked.question_rows(visit, member)
    clocks = [card_of(row, on=on, days=calendar) for row in clocks_of(member).filter(visit=visit)]
    clocks.sort(key=lambda card: card.order)
    if not this.is_ahead(on=on):
        letter = letter_of(this, member, on=on, calendar=calendar) if this.has_findings else None
        said = answers.what_did_they_say(
            answers.VisitFacts(
                strengths=this.strengths,
                needs_work=this.needs_work,
                needs_work_known=this.needs_work_known,
                without_action=this.without_action,
            )
        )
        return VisitPage(
            when=when,
            is_ahead=False,
            may_run=may_run,
            shows_readiness=not member.is_only_inspector,
            takes_letter=True,
            verdict=Headline(said.tone, said.lead, _reopened_words(letter)),
            due=None,
            letter=letter,
            tasks=tasks,
            questions=questions,
            clocks=clocks,
        )
    is_next = letters.next_visit(visits, on=on) is this
    due = due_before(visit, plan, member, is_next=is_next, on=on, calendar=calendar) if plan else None
    last = letters.last_heard(visits, on=on)
    verdict = are_we_ready(
        ReadinessFacts(
            are_days_known=visit.starts_on is not None,
            actions=due.counts if due else {},
            in_focus=bool(due and due.focus),
            tasks=len(tasks),
            tasks_overdue=sum(row.is_late for row in tasks),
            findings_without_action=last.without_action if last else 0,
            questions_without_evidence=sum(not row.has_evidence for row in questions),
        )
    )
    letter = letter_of(last, member, on=on, calendar=calendar) if last else None
    return VisitPage(
        when=when,
        is_ahead=True,
        may_run=may_run,
        shows_readiness=not member.is_only_inspector,
        forecast=_forecast(visit, plan, member, due, on=on),
        takes_letter=visit.starts_on is not None and visit.starts_on <= on,
        verdict=Headline(verdict.tone, verdict.lead, verdict.also),
        due=due,
        letter=letter,
        tasks=tasks,
        questions=questions,
        clocks=clocks,
    )


def _reopened_words(letter: Letter | None) -> str:
    """Return "It opens recommendations 3 and 5 again." for a letter that repeats what was asked for before."""
    rows = letter.needs_work if letter else []
    repeated = {row.finding.recommendation.pk: row.finding.recommendation for row in rows if row.is_reopening}
    if not repeated:
        return ""
    words = "recommendation" if len(repeated) == 1 else "recommendations"
    named = and_list([asked.reference for asked in sorted(repeated.values(), key=lambda one: one.position)])
    return f"It opens {words} {named} again."


def due_before(
    visit: Visit, plan: Plan, member: Member, *, is_next: bool, on: date, calendar: Calendar
) -> DueBefore | None:
    """Return the plan's open actions due by the day of a visit; none if no day is known. Three queries.

    Where recommendations are in its focus, only the actions that answer them. Their list has an address when the
    visit is the next one.
    """
    if visit.due_by is None:
        return None
    focus = list(
        Recommendation.objects.visible_to(member)
        .filter(looked_at_by__visit=visit)
        .defer("text", "source")
        .order_by("inspection", "position", "pk")
    )
    due = Action.objects.within_reach_of(member).filter(plan=plan).due_by(visit.due_by)
    if focus:
        in_focus = Answer.objects.within_reach_of(member).filter(recommendation__in=focus)
        due = due.filter(pk__in=in_focus.values("action"))
    due = due.with_status(on=on, close_by=close_by(on, calendar)).annotate(is_seen=is_seen_by(member))
    counts, hidden = Counter[str](), 0
    for status, is_seen, number in due.order_by().values_list("status_now", "is_seen").annotate(number=Count("pk")):
        if is_seen:
            counts[status] += number
        else:
            hidden += number
    rows = [
        DueRow(action, action.status_now, _when_due(action, on=on, calendar=calendar))
        for action in due.filter(is_seen=True)
        .select_related("plan", "owner")
        .order_by(F("claimed_on").asc(nulls_first=True), "deadline", "position", "pk")[:ROWS]
    ]
    return DueBefore(
        counts=counts,
        hidden=hidden,
        url=actions_list(plan, due="visit") if is_next and not focus else "",
        rows=rows,
        focus=[(asked, _actions_of(plan, asked, is_next=is_next)) for asked in focus],
    )


def _actions_of(plan: Plan, recommendation: Recommendation, *, is_next: bool) -> str:
    due = {"due": "visit"} if is_next else {}
    return actions_list(plan, recommendation=recommendation.pk, **due)


def _when_due(action: Action, *, on: date, calendar: Calendar) -> str:
    if action.claimed_on is None and action.deadline < on:
        return late_words(action.deadline, on=on, calendar=calendar)
    return left_words(action.deadline, on=on, calendar=calendar) if action.deadline >= on else ""


def letter_of(heard: VisitHeard, member: Member, *, on: date, calendar: Calendar) -> Letter:
    """Return the findings of a visit and the actions that answer them. Three queries, and two for a gap."""
    findings = list(
        Finding.objects.visible_to(member)
        .filter(visit=heard.visit)
        .select_related("recommendation__inspection", "agency")
        .order_by("number", "pk")
    )
    open_again: Collection[int] = set()
    if any(finding.recommendation_id for finding in findings):
        of_visit = Finding.objects.visible_to(member).filter(visit=heard.visit)
        open_again = set(reopening(of_visit, on=on).values_list("pk", flat=True))
    rows = {
        finding.pk: FindingRow(finding, finding.pk in open_again)
        for finding in findings
        if finding.kind == Finding.Kind.NEEDS_WORK
    }
    answering = (
        Action.objects.within_reach_of(member)
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
    gaps = letters.findings_without_action(member, [heard], on=on, calendar=calendar)
    return Letter(
        heard=heard,
        when=answers.capital(letters.when(heard.visit, on=on, calendar=calendar)),
        said=answers.strengths_and_needs(heard.strengths, heard.needs_work),
        strengths=[finding for finding in findings if finding.kind == Finding.Kind.STRENGTH],
        needs_work=list(rows.values()),
        gap=gaps[0] if gaps else None,
    )
