"""Which reminder is owed for a deadline, a visit or a clock. Pure: no ORM, clock or settings.

A step is a number of working days before a day (positive, 0 on the day itself) or after it
(negative). The rules ask "which step was crossed last?", never "is today the day?", so that a day
missed is caught up, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models

from tracker.dates.working_days import Calendar

DAY = timedelta(days=1)

DUE_STEPS = (10, 5, 1)
LATE_STEPS = (1, 3, 7)
LATE_EVERY = 5  # After the last late step: weekly, in working days.
VISIT_STEPS = (20, 5)
CLOCK_STEPS = (30, 20, 10, 5, 2, 0)
SEND_FROM_HOUR = 8


class Kind(models.TextChoices):
    """Why a person is written to. The label is the sentence that says so in the email."""

    DUE = "due", "a deadline of yours is 10, 5 or 1 working days away"
    LATE = "late", "a deadline of yours has passed"
    VISIT = "visit", "an action of yours is due before the next visit, 20 and 5 working days before it"
    CLOCK = "clock", "the deadline set by law for the plan is 30, 20, 10, 5, 2 or 0 working days away"


@dataclass(frozen=True)
class Window:
    """The deadlines, first and last counted, for which one step is owed today."""

    kind: Kind
    step: int
    first: date
    last: date


def reminder_owed(deadline: date, *, on: date, calendar: Calendar) -> tuple[Kind, int] | None:
    """Return the kind and step of the reminder owed on a day for a deadline, or None.

    Before the deadline: the smallest step of 10, 5 and 1 working days that is not less than the
    working days left. After it: the largest of 1, 3, 7, 12, 17, ... not more than the working days
    late. A deadline that passed on a Friday is first late on the Monday. Raises HolidaysUnknown.
    """
    if deadline >= on:
        left = calendar.between(on, deadline)
        step = min((step for step in DUE_STEPS if left <= step), default=None)
        return None if step is None else (Kind.DUE, step)
    late = late_step(calendar.between(deadline, on))
    return None if late is None else (Kind.LATE, -late)


def late_step(working_days_late: int) -> int | None:
    """Return the largest of 1, 3, 7, 12, 17, ... not more than the working days late, or None."""
    last = LATE_STEPS[-1]
    if working_days_late >= last:
        return working_days_late - (working_days_late - last) % LATE_EVERY
    return max((step for step in LATE_STEPS if step <= working_days_late), default=None)


def windows(*, on: date, calendar: Calendar, oldest: date) -> Sequence[Window]:
    """Return, nearest to today first, the windows of deadlines that owe a reminder on a day.

    The same answers as `reminder_owed`, for every deadline from `oldest` on, as ranges that the
    database can compare. Raises HolidaysUnknown.
    """
    found = []
    first = on
    for step in sorted(DUE_STEPS):
        # Days off after the last working day have as many working days left as it has.
        last = calendar.add(on, step + 1) - DAY
        found.append(Window(Kind.DUE, step, first, last))
        first = last + DAY
    steps = list(LATE_STEPS)
    last = _last_late_by(steps[0], on=on, calendar=calendar)
    while last >= oldest:
        step = steps.pop(0)
        if not steps:
            steps.append(step + LATE_EVERY)
        next_last = _last_late_by(steps[0], on=on, calendar=calendar)
        found.append(Window(Kind.LATE, -step, next_last + DAY, last))
        last = next_last
    return found


def _last_late_by(working_days: int, *, on: date, calendar: Calendar) -> date:
    """Return the last deadline that is at least so many working days late on a day."""
    counted = on if calendar.is_working_day(on) else calendar.add(on, -1)
    return calendar.add(counted, -(working_days - 1)) - DAY


def visit_step_owed(visit_on: date, *, on: date, calendar: Calendar) -> int | None:
    """Return 20 or 5: the step crossed last before a visit, or None. Raises HolidaysUnknown."""
    return _step_before(visit_on, VISIT_STEPS, on=on, calendar=calendar)


def clock_step_owed(due: date, *, on: date, calendar: Calendar) -> int | None:
    """Return which of 30, 20, 10, 5, 2 and 0 was crossed last before a clock's due date, or None."""
    return _step_before(due, CLOCK_STEPS, on=on, calendar=calendar)


def _step_before(day: date, steps: Sequence[int], *, on: date, calendar: Calendar) -> int | None:
    if day < on:
        return None
    left = calendar.between(on, day)
    return min((step for step in steps if left <= step), default=None)


def why_you_got_this(kinds: Sequence[Kind]) -> str:
    """Return one sentence that names each kind that is in an email."""
    labels = [Kind(kind).label for kind in Kind.values if kind in set(kinds)]
    return f"You get this because {', and because '.join(labels)}."
