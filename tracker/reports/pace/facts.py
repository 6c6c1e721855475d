"""Reads a plan's actions day by day, added up in the database."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import CharField, Count, Expression, F, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.member import Member
from tracker.actions.models import Action, Reopening
from tracker.inspections.models import Clock
from tracker.plans.models import Plan
from tracker.reports.counting import is_seen_by
from tracker.reports.pace.rules import Record, Tally

COMPLETE, CLAIMED, AGREED, WHOLE, DUE, HIDDEN = KINDS = ("complete", "claimed", "agreed", "whole", "due", "hidden")

Days = Counter[date]


@dataclass(frozen=True)
class Facts:
    """The actions a member may see, by priority; of the others only how many there are.

    All of a plan's actions are taken to have been in it from its start: when one was added is told by its history,
    which is evidence and not a source of figures.
    """

    begun_on: date
    by_priority: Mapping[int, Mapping[str, Days]]

    def record(self, priority: int | None = None) -> Record:
        """Return the record of one priority, or of the whole plan."""
        return Record(
            begun_on=self.begun_on,
            **{kind: Tally(self._days(kind, priority)) for kind in (COMPLETE, CLAIMED, AGREED, WHOLE)},
        )

    def due_by(self, day: date, priority: int | None = None) -> int:
        """Return how many open actions have a deadline on or before a day."""
        return sum(number for deadline, number in self._days(DUE, priority).items() if deadline <= day)

    def hidden(self, priority: int | None = None) -> int:
        """Return how many live actions the member is not shown."""
        return self._days(HIDDEN, priority).total()

    def _days(self, kind: str, priority: int | None) -> Days:
        together: Days = Counter()
        for number, kinds in self.by_priority.items():
            if priority in {None, number}:
                together.update(kinds[kind])
        return together


def facts_of(plan: Plan, member: Member) -> Facts:
    """Return the plan's actions day by day. One query, which gives one row for each priority, day and pair of days."""
    actions = Action.objects.visible_to(member).filter(plan=plan)
    reopened = Reopening.objects.visible_to(member).filter(action__plan=plan)
    parts = [
        _by_days(Part.PLANNED, actions, Coalesce("first_agreed", "deadline"), F("cancelled_on")),
        _by_days(Part.DONE, actions.live().filter(claimed_on__isnull=False), F("completed_on"), F("claimed_on")),
        _by_days(Part.OPEN, actions.open(), F("deadline"), F("deadline")),
        _by_days(Part.REOPENED, reopened, F("completed_on"), F("claimed_on"), F("on"), priority="action__priority"),
    ]
    if not member.sees_restricted:
        others = Action.objects.within_reach_of(member).filter(plan=plan).live().annotate(is_seen=is_seen_by(member))
        parts.append(_by_days(Part.HIDDEN, others.filter(is_seen=False), F("deadline"), F("deadline")))
    found: dict[int, dict[str, Days]] = {}
    for part, priority, one, two, three, number in parts[0].union(*parts[1:], all=True):
        kinds = found.setdefault(priority, {kind: Counter() for kind in KINDS})
        for kind, day, change in _changes(Part(part), one, two, three):
            if day is not None:
                kinds[kind][day] += change * number
    return Facts(begun_on=plan.starts_on, by_priority=found)


class Part(StrEnum):
    """What the rows of a part of the query count, and what their days are."""

    PLANNED = "planned"  # Actions by the day first agreed and the day cancelled.
    DONE = "done"  # By the day checked and the day claimed.
    OPEN = "open"  # By the deadline.
    HIDDEN = "hidden"
    REOPENED = "reopened"  # By the days of check and claim before, and the day it was reopened.


def _by_days(
    part: Part,
    rows: QuerySet,
    one: Expression,
    two: Expression,
    three: Expression | None = None,
    *,
    priority: str = "priority",
) -> QuerySet:
    """Count rows by priority and up to three days; a part with fewer repeats the second."""
    return (
        rows.annotate(of_priority=F(priority), one=one, two=two, three=three or two)
        .order_by()
        .values("of_priority", "one", "two", "three")
        .annotate(part=Value(part.value, CharField()), number=Count("pk"))
        .values_list("part", "of_priority", "one", "two", "three", "number")
    )


def _changes(part: Part, one: date | None, two: date | None, three: date | None) -> list[tuple[str, date | None, int]]:
    """Return what a row changes, and when."""
    match part:
        case Part.PLANNED:
            was_agreed = one is not None and (two is None or one < two)
            agreed = [(AGREED, one, 1), (AGREED, two, -1)] if was_agreed else []
            return [(WHOLE, date.min, 1), (WHOLE, two, -1), *agreed]
        case Part.DONE:
            return [(COMPLETE, one, 1), (CLAIMED, two, 1)]
        case Part.REOPENED:
            # It counts from the day it was claimed or checked to the day it was reopened.
            complete = [(COMPLETE, one, 1), (COMPLETE, three, -1)] if one else []
            return [*complete, *([(CLAIMED, two, 1), (CLAIMED, three, -1)] if two else [])]
        case Part.OPEN:
            return [(DUE, one, 1)]
        case Part.HIDDEN:
            return [(HIDDEN, date.min, 1)]


def legal_date(plan: Plan, member: Member, *, on: date) -> date | None:
    """Return the last day on which the plan is to be sent and published, by the clock that began last. One query."""
    clocks = Clock.objects.visible_to(member).filter(
        kind=Clock.Kind.PLAN, inspection__plans=plan, trigger_on__lte=on, voided_on__isnull=True
    )
    newest = clocks.order_by("-trigger_on", "-pk").only("computed_due", "notified_due").first()
    return newest.due if newest else None
