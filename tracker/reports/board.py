"""What the dashboard shows of a plan: counted in the database, put into words by `answers`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.member import Member
from tracker.actions.models import Action
from tracker.actions.rules import Status
from tracker.actions.wording import times_words
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Inspection, Recount
from tracker.plans.models import Plan
from tracker.plans.rules import Standing
from tracker.plans.sent import StandingNow, standing_now
from tracker.reports import answers, decisions, letters, owners
from tracker.reports.answers import MissedDate, Verdict
from tracker.reports.clocks import Card, board_clock, plan_clocks, visit_clock
from tracker.reports.counting import close_by, has_moved, is_seen_by
from tracker.reports.decisions import Decision, Waiting
from tracker.reports.letters import VisitHeard
from tracker.reports.links import actions_list
from tracker.reports.owners import Owner
from tracker.reports.pace.pages import PaceSection, dash_pace
from tracker.reports.tallies import Tallies, recent_recounts, tallies_of

ROWS = 5


@dataclass(frozen=True)
class Sums:
    """Live actions of a plan, counted once for everything the dashboard says of them."""

    counts: Mapping[str, int]
    by_priority: Mapping[int, Mapping[str, int]]
    different: Mapping[int, int]
    before_visit: Mapping[str, int]
    before_board: int
    agreed: int
    expected: int
    moved: int
    unchecked: int
    hidden: int
    without_owner: int
    without_deadline: int

    @property
    def total(self) -> int:
        return answers.total(self.counts)

    @property
    def done(self) -> int:
        return answers.total(self.counts, answers.DONE)

    @property
    def embedded(self) -> int:
        return self.counts.get(Status.EMBEDDED, 0)

    @property
    def overdue(self) -> int:
        return self.counts.get(Status.OVERDUE, 0)

    @property
    def due_before_visit(self) -> int:
        return answers.total(self.before_visit)


@dataclass(frozen=True)
class PriorityRow:
    title: str
    url: str
    counts: Mapping[str, int]
    overdue_url: str
    different: int
    different_url: str

    @property
    def total(self) -> int:
        return answers.total(self.counts)

    @property
    def overdue(self) -> int:
        return self.counts.get(Status.OVERDUE, 0)


@dataclass(frozen=True)
class OwnerRow:
    name: str
    place: str
    number: int
    url: str
    longest: str
    last_update: date | None


@dataclass(frozen=True)
class MovedRow:
    title: str
    url: str
    times: str
    first_agreed: date
    deadline: date
    slip: str


@dataclass(frozen=True)
class Board:
    verdict: Verdict
    sums: Sums
    visit: VisitHeard | None
    links: Mapping[str, str]
    clocks: Sequence[Card]
    decisions: Sequence[Decision]
    waiting: int
    priorities: Sequence[PriorityRow]
    owners: Sequence[OwnerRow]
    moved: Sequence[MovedRow]
    pace: PaceSection
    standing: str
    recounts: Sequence[Recount]


def board_of(plan: Plan, member: Member, *, on: date, calendar: Calendar) -> Board:
    """Return all that the dashboard shows of a plan to a member. Its queries do not grow with the plan."""
    visits = letters.visits_heard(member)
    coming = letters.next_visit(visits, on=on)
    visit = coming.visit if coming else None
    sums = sums_of(plan, member, on=on, calendar=calendar, visit_by=visit.due_by if visit else None)
    tallies = tallies_of(plan, member, visit, on=on, close_by=close_by(on, calendar), calendar=calendar)
    sent = standing_now(plan)
    clocks = plan_clocks(member, plan, sent, on=on, calendar=calendar)
    findings = letters.unanswered(visits, plan, on=on)
    owned = owners.owners_of(plan, member, on=on)
    waiting = Waiting(
        requests=tallies.requests,
        unheard=sum(owner.unheard for owner in owned),
        repeated=tallies.repeated,
        doubtful=tallies.doubtful,
        unchecked=sums.unchecked,
        criticisms=tallies.criticisms,
        answers=tallies.answers,
        unreachable=tallies.unreachable,
        reported=tallies.reported,
        unreminded=sum(owner.unreminded for owner in owned),
        gone={owner.pk for owner in owned if owner.pk and not owner.is_here},
        findings=findings,
    )
    pace = dash_pace(plan, member, on=on, visit=visit, legal_on=clocks.legal_on)
    return Board(
        verdict=_verdict(
            sums=sums, tallies=tallies, missed=clocks.missed, coming=coming, findings=findings, pace=pace, sent=sent
        ),
        sums=sums,
        visit=coming,
        links=(links := links_of(plan)),
        clocks=_cards(
            plan, clocks.cards, coming, sums=sums, tallies=tallies, visit_url=links["visit"], on=on, calendar=calendar
        ),
        decisions=decisions.decisions(plan, member, waiting, on=on, calendar=calendar),
        waiting=sum(waiting.by_kind),
        priorities=priority_rows(plan, sums),
        owners=owner_rows(plan, owners.latest(owned, ROWS), on=on, calendar=calendar),
        moved=moved_rows(plan, member) if sums.moved else [],
        pace=pace,
        standing=sent.words() if sent.is_returned else "",
        recounts=recounts_told(member, on=on, calendar=calendar) if tallies.recounted else [],
    )


def _verdict(
    *,
    sums: Sums,
    tallies: Tallies,
    missed: MissedDate | None,
    coming: VisitHeard | None,
    findings: Sequence[VisitHeard],
    pace: PaceSection,
    sent: StandingNow,
) -> Verdict:
    before = pace.before_visit
    return answers.are_we_on_track(
        answers.PlanFacts(
            actions=sums.counts,
            hidden=sums.hidden,
            missed=missed,
            visit=letters.name_in_sentence(coming.visit) if coming else "",
            before_visit=sums.before_visit,
            short_of_visit=before.sentence if before and before.is_short else "",
            to_be_sent=sent.standing in (Standing.DRAFTING, Standing.RETURNED),
            without_owner=sums.without_owner,
            without_deadline=sums.without_deadline,
            findings_without_action=sum(heard.without_action for heard in findings),
            recommendations=tallies.asked,
            recommendations_without_action=tallies.without_action,
        )
    )


def recounts_told(member: Member, *, on: date, calendar: Calendar) -> list[Recount]:
    """Return the clocks that a new bank holiday, or another day of receipt, moved of late, the newest first."""
    found = recent_recounts(member, on=on, calendar=calendar).select_related(
        "clock__inspection", "clock__visit", "clock__intervention"
    )
    return list(found.order_by("-on", "-pk")[:ROWS])


def _cards(
    plan: Plan,
    clocks: Sequence[Card],
    coming: VisitHeard | None,
    *,
    sums: Sums,
    tallies: Tallies,
    visit_url: str,
    on: date,
    calendar: Calendar,
) -> list[Card]:
    cards = list(clocks)
    if coming:
        cards.append(visit_clock(coming, tallies, due=sums.due_before_visit, url=visit_url, on=on, calendar=calendar))
    meeting = board_clock(plan, due=sums.before_board, on=on, calendar=calendar)
    return [*cards, meeting] if meeting else cards


def links_of(plan: Plan) -> dict[str, str]:
    """Return the addresses of the lists that the dashboard's sentences count."""
    return {
        "done": actions_list(plan, status=[status.value for status in answers.DONE]),
        "embedded": actions_list(plan, status=Status.EMBEDDED.value),
        "overdue": actions_list(plan, status=Status.OVERDUE.value),
        "moved": actions_list(plan, moved="yes"),
        "visit": actions_list(plan, due="visit"),
    }


# Counts


def sums_of(plan: Plan, member: Member, *, on: date, calendar: Calendar, visit_by: date | None) -> Sums:
    """Count a plan's live actions in one query; those the member may not see are only numbered."""
    rows = (
        Action.objects.within_reach_of(member)
        .filter(plan=plan)
        .live()
        .with_status(on=on, close_by=close_by(on, calendar))
        .annotate(is_seen=is_seen_by(member), first=Coalesce("first_agreed", "deadline"))
        .order_by()
        .values("priority", "status_now", "is_seen")
        .annotate(
            number=Count("pk"),
            different=Count("pk", filter=Q(difference__in=answers.SHOWS_DIFFERENCE)),
            before_visit=_due_by(visit_by),
            before_board=_due_by(plan.board_meets_on),
            agreed=Count("first_agreed"),
            expected=Count("pk", filter=Q(first__lt=on)),
            moved=Count("pk", filter=has_moved()),
            unchecked=Count("pk", filter=decisions.unchecked(on=on, calendar=calendar) & Q(completed_on__isnull=True)),
            without_owner=Count("pk", filter=Q(owner__isnull=True, claimed_on__isnull=True, completed_on__isnull=True)),
            without_deadline=Count(
                "pk", filter=Q(deadline__isnull=True, claimed_on__isnull=True, completed_on__isnull=True)
            ),
        )
    )
    return _added_up(list(rows))


def _due_by(day: date | None) -> Count | Value:
    """Count what is left to finish by a day, as `ActionQuerySet.due_by` does for actions that are live."""
    return Count("pk", filter=Q(deadline__lte=day, completed_on__isnull=True)) if day else Value(0)


def _added_up(rows: list[dict[str, Any]]) -> Sums:
    seen = [row for row in rows if row["is_seen"]]
    counts: Counter[str] = Counter()
    before_visit: Counter[str] = Counter()
    different: Counter[int] = Counter()
    by_priority: dict[int, Counter[str]] = {}
    for row in seen:
        counts[row["status_now"]] += row["number"]
        before_visit[row["status_now"]] += row["before_visit"]
        different[row["priority"]] += row["different"]
        by_priority.setdefault(row["priority"], Counter())[row["status_now"]] += row["number"]

    def together(name: str) -> int:
        return sum(row[name] for row in seen)

    return Sums(
        counts=counts,
        by_priority=by_priority,
        different=different,
        before_visit=before_visit,
        unchecked=together("unchecked"),
        before_board=together("before_board"),
        agreed=together("agreed"),
        expected=together("expected"),
        moved=together("moved"),
        without_owner=together("without_owner"),
        without_deadline=together("without_deadline"),
        hidden=sum(row["number"] for row in rows if not row["is_seen"]),
    )


# Tables


def priority_rows(plan: Plan, sums: Sums) -> list[PriorityRow]:
    """Return each priority with its actions by status. One query."""
    shown = [difference.value for difference in answers.SHOWS_DIFFERENCE]
    return [
        PriorityRow(
            title=str(priority),
            url=actions_list(plan, priority=priority.number),
            counts=sums.by_priority.get(priority.pk, {}),
            overdue_url=actions_list(plan, priority=priority.number, status=Status.OVERDUE.value),
            different=sums.different.get(priority.pk, 0),
            different_url=actions_list(plan, priority=priority.number, difference=shown),
        )
        for priority in plan.priorities.all()
    ]


def owner_rows(plan: Plan, late: Iterable[Owner], *, on: date, calendar: Calendar) -> list[OwnerRow]:
    """Return the rows of some owners of overdue actions."""
    return [
        OwnerRow(
            name=owner.name,
            place=owner.place or "Nobody is being reminded",
            number=owner.late,
            url=actions_list(plan, status=Status.OVERDUE.value, owner=owner.pk or "none"),
            longest=count_of(calendar.between(owner.oldest, on), "day,days"),
            last_update=owner.newest_update,
        )
        for owner in late
    ]


def moved_rows(plan: Plan, member: Member) -> list[MovedRow]:
    """Return the actions whose deadline moved the furthest from the one first agreed, at most 5. One query."""
    moved = (
        Action.objects.visible_to(member)
        .filter(has_moved(), plan=plan)
        .live()
        .order_by()
        .values("pk", "reference", "title", "first_agreed", "deadline", "position")
        .annotate(times=Count("deadline_changes"), slip=Sum("deadline_changes__working_days", default=0))
        .order_by("-slip", "position", "pk")[:ROWS]
    )
    return [
        MovedRow(
            title=f"{row['reference']} {row['title']}",
            url=reverse("actions:action", args=[plan.reference, row["reference"]]),
            times=f"Moved {times_words(row['times'])}",
            first_agreed=row["first_agreed"],
            deadline=row["deadline"],
            slip=_slip(row["slip"]),
        )
        for row in moved
    ]


def _slip(working_days: int) -> str:
    if working_days < 0:
        return f"{count_of(-working_days, 'day,days')} earlier"
    return count_of(working_days, "day,days")


# Before there is a plan


@dataclass(frozen=True)
class Step:
    """A step towards a plan, and how far it is."""

    name: str
    hint: str
    is_done: bool
    url: str = ""


def steps_to_a_plan(member: Member, *, on: date) -> list[Step]:
    """Return the three steps to a plan, from the council's newest inspection by a day. Two queries."""
    by_then = Q(published_on__isnull=True) | Q(published_on__lte=on)
    newest = F("published_on").desc(nulls_last=True)
    inspection = Inspection.objects.visible_to(member).filter(by_then).order_by(newest, "-pk").first()
    asked = inspection.recommendations.count() if inspection else 0
    url = inspection.get_absolute_url() if inspection else reverse("inspections:inspections")
    return [
        Step(
            "Add your inspection report",
            str(inspection) if inspection else "The clocks set by law start on the day it was received.",
            inspection is not None,
            url,
        ),
        Step(
            "Add what the report asks for",
            count_of(asked, "recommendation,recommendations")
            if asked
            else "Each recommendation in the report’s words.",
            asked > 0,
            reverse("reports:current-plan") if asked else "",
        ),
        Step("Start the plan", "Priorities, and actions that answer each recommendation.", is_done=False),
    ]
