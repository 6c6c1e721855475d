"""The clocks that start when a report is received. Pure: working days in, dates out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from tracker.dates.working_days import Calendar, CountedDay

PLAN_WORKING_DAYS = 70
REPORT_WORKING_DAYS = 30


@dataclass(frozen=True)
class ClockRule:
    """How long a clock runs, and by what right."""

    kind: str
    title: str
    working_days: int
    basis: str
    source: str


CLOCKS = (
    ClockRule(
        kind="plan",
        title="Send and publish the plan",
        working_days=PLAN_WORKING_DAYS,
        basis="Set by law",
        source="Education and Inspections Act 2006, section 137(3) and (4); S.I. 2007/462, regulation 3",
    ),
    ClockRule(
        kind="report",
        title="Publish the report",
        working_days=REPORT_WORKING_DAYS,
        basis="Set by law",
        source="S.I. 2007/462, regulation 2",
    ),
)


def clock_rule(kind: str) -> ClockRule:
    """Return the rule of a kind of clock. Raises KeyError for a kind nobody knows."""
    return {rule.kind: rule for rule in CLOCKS}[kind]


def due_on(rule: ClockRule, received_on: date, calendar: Calendar) -> date:
    """Return the last day of a clock.

    Counts the rule's working days in England; the day of receipt is day 0 and not counted, and the
    clock runs to the end of the day returned. Raises HolidaysUnknown past the end of the table.
    Source: S.I. 2007/462, regulations 1(2), 2 and 3.
    """
    return calendar.add(received_on, rule.working_days)


@dataclass(frozen=True)
class Working:
    """The count of a clock, day by day, and what a reader may have got wrong."""

    rule: ClockRule
    received_on: date
    due: date
    days: Sequence[CountedDay]

    @property
    def skipped_holidays(self) -> list[CountedDay]:
        """The bank holidays on weekdays that the count left out."""
        return [day for day in self.days if not day.is_counted and day.day.weekday() < 5]

    @property
    def calendar_days_reading(self) -> date:
        """The date a reader gets who counts calendar days: "70 days" in the newspapers."""
        return self.received_on + timedelta(days=self.rule.working_days)


def working_of(rule: ClockRule, received_on: date, calendar: Calendar) -> Working:
    """Return every day from receipt to the due date, counted or skipped and why. Raises HolidaysUnknown."""
    due = due_on(rule, received_on, calendar)
    return Working(rule, received_on, due, tuple(calendar.walk(received_on, due)))


def day_of_clock(trigger_on: date, on: date, calendar: Calendar) -> int:
    """Return which working day of the clock it is: 0 on the day of receipt."""
    return max(calendar.between(trigger_on, on), 0)


class State(Enum):
    """Where a clock stands on a day."""

    RUNNING = "running"
    TODAY = "today"
    LATE = "late"
    MET = "met"
    MET_LATE = "met late"


@dataclass(frozen=True)
class Standing:
    """Where a clock stands: how many working days are left, or how many it is or was late."""

    state: State
    working_days: int
    day: int

    @property
    def is_met(self) -> bool:
        return self.state in {State.MET, State.MET_LATE}


def standing_of(trigger_on: date, due: date, met_on: date | None, *, on: date, calendar: Calendar) -> Standing:
    """Return where a clock stands on a day.

    Working days left exclude today and include the due date; on the due date itself it is not late.
    A clock that was met stands for ever where it stood on that day. Raises HolidaysUnknown.
    """
    when = on if met_on is None else met_on
    day = day_of_clock(trigger_on, when, calendar)
    far = abs(calendar.between(when, due))
    if met_on is not None:
        return Standing(State.MET if met_on <= due else State.MET_LATE, far, day)
    if on == due:
        return Standing(State.TODAY, 0, day)
    return Standing(State.RUNNING if on < due else State.LATE, far, day)
