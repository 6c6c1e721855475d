"""Which reminder is owed for a deadline, a visit or a clock. Pure: no ORM, clock or settings.

A step is a number of working days before a day (positive, 0 on the day itself) or after it
(negative). The rules ask "which step was crossed last?", never "is today the day?", so that a day
missed is caught up, once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models

from accounts.roles import Role
from tracker.dates.working_days import Calendar

DAY = timedelta(days=1)

SEND_FROM_HOUR = 8
WEEKLY_ROLES = (Role.DIRECTOR, Role.PROGRAMME_OFFICE)  # To these a summary comes each week by itself.
RECENT_DAYS = 14  # What happened longer ago is news to nobody.


@dataclass(frozen=True)
class Cadence:
    """When a council reminds: the numbers of its settings, in working days but for `quiet_days`."""

    due: tuple[int, ...] = (10, 5, 1)
    late: tuple[int, ...] = (1, 3, 7)
    late_every: int = 5
    to_lead: int = 5
    to_director: int = 10
    visit: tuple[int, ...] = (20, 5)
    clock: tuple[int, ...] = (30, 20, 10, 5, 2, 0)
    quiet_days: int = 30


USUAL = Cadence()


def cadence_of(numbers: Mapping[str, int]) -> Cadence:
    """Return when a council reminds, from its settings by code. Steps in any order, and none twice."""

    def steps(*codes: str) -> tuple[int, ...]:
        return tuple(sorted({numbers[code] for code in codes}, reverse=True))

    return Cadence(
        due=steps("remind_first", "remind_second", "remind_last"),
        late=steps("late_first", "late_second", "late_third")[::-1],
        late_every=numbers["late_every"],
        to_lead=numbers["escalate_lead"],
        to_director=numbers["escalate_director"],
        visit=steps("visit_first", "visit_second"),
        clock=(*steps("clock_first", "clock_second", "clock_third", "clock_fourth", "clock_fifth"), 0),
        quiet_days=numbers["quiet"],
    )


class Kind(models.TextChoices):
    """Why a person is written to. The label is the sentence that says so in the email."""

    DUE = "due", "a deadline of yours is near"
    LATE = "late", "a deadline of yours has passed"
    ESCALATED_LEAD = "escalated_lead", "an action in what you lead has been late for long"
    ESCALATED_DIRECTOR = "escalated_director", "an action is so late that you and the board are told"
    VISIT = "visit", "an action of yours is due before the next visit"
    CLOCK = "clock", "a date set by law, by Ofsted or by the DfE is near"
    GOVERNANCE = "governance", "a step of yours before the plan is sent is due or late"
    READINESS = "readiness", "something that you make ready for a visit is due or late"
    QUIET = "quiet", "an action of yours has had no update for long"
    GIVEN = "given", "you were given an action"
    SENT_BACK = "sent_back", "an action that you said was done is not done yet"
    DECISION_WANTED = "decision_wanted", "someone asks you to move a deadline"
    DECIDED = "decided", "the deadline that you asked for was decided"
    WEEKLY = "weekly", "a summary comes each week to those who lead the plan or chose it"


# Of an action, and of nothing else: one row for each kind, step and day of it.
OF_AN_ACTION = (
    Kind.DUE,
    Kind.LATE,
    Kind.ESCALATED_LEAD,
    Kind.ESCALATED_DIRECTOR,
    Kind.QUIET,
    Kind.GIVEN,
    Kind.SENT_BACK,
)
# Nobody can be silent about what is late: these can come weekly, and cannot be switched off.
REQUIRED = (Kind.LATE, Kind.ESCALATED_LEAD, Kind.ESCALATED_DIRECTOR)
# These come with the next run unless the person chose to have them joined into the morning's email.
IMMEDIATE = (Kind.DECISION_WANTED, Kind.GIVEN)


def comes_unless_switched_off(kind: Kind, *, runs_plan: bool) -> bool:
    """Return whether a kind comes to people who chose nothing: the weekly summary only to those who lead the plan."""
    return kind != Kind.WEEKLY or runs_plan


@dataclass(frozen=True)
class Window:
    """The deadlines, first and last counted, for which one step is owed today."""

    kind: Kind
    step: int
    first: date
    last: date


def reminder_owed(deadline: date, *, on: date, calendar: Calendar, cadence: Cadence = USUAL) -> tuple[Kind, int] | None:
    """Return the kind and step of the reminder owed on a day for a deadline, or None.

    Before the deadline: the smallest step of 10, 5 and 1 working days that is not less than the
    working days left. After it: the largest of 1, 3, 7, 12, 17, ... not more than the working days
    late. A deadline that passed on a Friday is first late on the Monday. Raises HolidaysUnknown.
    """
    if deadline >= on:
        left = calendar.between(on, deadline)
        step = min((step for step in cadence.due if left <= step), default=None)
        return None if step is None else (Kind.DUE, step)
    late = late_step(calendar.between(deadline, on), cadence=cadence)
    return None if late is None else (Kind.LATE, -late)


def late_step(working_days_late: int, *, cadence: Cadence = USUAL) -> int | None:
    """Return the largest of 1, 3, 7, 12, 17, ... not more than the working days late, or None."""
    last = cadence.late[-1]
    if working_days_late >= last:
        return working_days_late - (working_days_late - last) % cadence.late_every
    return max((step for step in cadence.late if step <= working_days_late), default=None)


def windows(*, on: date, calendar: Calendar, oldest: date, cadence: Cadence = USUAL) -> Sequence[Window]:
    """Return, nearest to today first, the windows of deadlines that owe a reminder on a day.

    The same answers as `reminder_owed`, for every deadline from `oldest` on, as ranges that the
    database can compare. Raises HolidaysUnknown.
    """
    found = []
    first = on
    for step in sorted(cadence.due):
        # Days off after the last working day have as many working days left as it has.
        last = calendar.add(on, step + 1) - DAY
        found.append(Window(Kind.DUE, step, first, last))
        first = last + DAY
    steps = list(cadence.late)
    last = last_late_by(steps[0], on=on, calendar=calendar)
    while last >= oldest:
        step = steps.pop(0)
        if not steps:
            steps.append(step + cadence.late_every)
        next_last = last_late_by(steps[0], on=on, calendar=calendar)
        found.append(Window(Kind.LATE, -step, next_last + DAY, last))
        last = next_last
    return found


def last_late_by(working_days: int, *, on: date, calendar: Calendar) -> date:
    """Return the last deadline that is at least so many working days late on a day. Raises HolidaysUnknown."""
    counted = on if calendar.is_working_day(on) else calendar.add(on, -1)
    return calendar.add(counted, -(working_days - 1)) - DAY


def quiet_windows(*, on: date, oldest: date, cadence: Cadence = USUAL) -> Sequence[Window]:
    """Return the days of a last update for which someone is asked after an action: 30 days ago, 60, 90, …

    The step is the number of times they were asked before, and one more.
    """
    found = []
    every = timedelta(days=cadence.quiet_days)
    last, step = on - every - DAY, 1
    while last >= oldest:
        found.append(Window(Kind.QUIET, step, last - every + DAY, last))
        last, step = last - every, step + 1
    return found


def weekly_day(on: date, chosen: int, *, calendar: Calendar) -> date | None:
    """Return the day of this week's summary once it has come: the chosen weekday, or the next working day of the week.

    None before it, and in a week without one. Raises HolidaysUnknown.
    """
    monday = on - timedelta(days=on.weekday())
    days = (monday + timedelta(days=number) for number in range(chosen, 5))
    day = next((day for day in days if calendar.is_working_day(day)), None)
    return day if day is not None and day <= on else None


def visit_step_owed(visit_on: date, *, on: date, calendar: Calendar, cadence: Cadence = USUAL) -> int | None:
    """Return 20 or 5: the step crossed last before a visit, or None. Raises HolidaysUnknown."""
    return _step_before(visit_on, cadence.visit, on=on, calendar=calendar)


def clock_step_owed(due: date, *, on: date, calendar: Calendar, cadence: Cadence = USUAL) -> int | None:
    """Return which of 30, 20, 10, 5, 2 and 0 was crossed last before a clock's due date, or None."""
    return _step_before(due, cadence.clock, on=on, calendar=calendar)


def _step_before(day: date, steps: Sequence[int], *, on: date, calendar: Calendar) -> int | None:
    if day < on:
        return None
    left = calendar.between(on, day)
    return min((step for step in steps if left <= step), default=None)


def why_you_got_this(kinds: Sequence[Kind]) -> str:
    """Return one sentence that names each kind that is in an email."""
    labels = [Kind(kind).label for kind in Kind.values if kind in set(kinds)]
    return f"You get this because {', and because '.join(labels)}."
