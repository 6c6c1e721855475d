"""What the board is told of: actions late for long, off track, or whose deadline moved too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from accounts.member import Member
from accounts.practices import Practices
from tracker.actions.models import Action
from tracker.actions.rules import Status
from tracker.actions.wording import late_words, times_words
from tracker.dates.working_days import Calendar
from tracker.plans.models import Plan
from tracker.reminders.rules import last_late_by
from tracker.reports import answers
from tracker.reports.counting import close_by, is_seen_by


@dataclass(frozen=True)
class Exceptional:
    """One action on the list, and why it is there."""

    action: Action
    status: Status
    why: str
    silence: str


@dataclass(frozen=True)
class Exceptions:
    """The list of a plan, the longest late first; `hidden` are restricted actions that belong on it too."""

    rows: Sequence[Exceptional]
    hidden: int


def exceptions_of(plan: Plan, member: Member, practices: Practices, *, on: date, calendar: Calendar) -> Exceptions:
    """Return what the board is told of. Two queries. Raises HolidaysUnknown.

    Late by the working days after which the director is told, or with a deadline that moved as often as makes the
    board decide, or off track. Source of the numbers: the council's settings.
    """
    late_since = last_late_by(practices["escalate_director"].value, on=on, calendar=calendar)
    moves = practices["board_decides_move"].value
    found = (
        Action.objects.within_reach_of(member)
        .filter(plan=plan)
        .unfinished()
        .with_status(on=on, close_by=close_by(on, calendar))
        .annotate(is_seen=is_seen_by(member), moves=Count("deadline_changes"))
        .filter(Q(deadline__lte=late_since) | Q(moves__gte=moves) | Q(status_now=Status.OFF_TRACK))
        .select_related("owner", "agency", "plan")
        .order_by("deadline", "position", "pk")
    )
    rows = list(found)
    return Exceptions(
        [
            Exceptional(
                action,
                Status(action.status_now),
                _why(action, late_since, moves, on=on, calendar=calendar),
                answers.silence_words(action.last_updated_on, on=on),
            )
            for action in rows
            if action.is_seen
        ],
        sum(1 for action in rows if not action.is_seen),
    )


def _why(action: Action, late_since: date, moves: int, *, on: date, calendar: Calendar) -> str:
    told = []
    if action.deadline and action.deadline <= late_since:
        told.append(f"{late_words(action.deadline, on=on, calendar=calendar)}.")
    if action.status_now == Status.OFF_TRACK:
        told.append("Its owner says it is off track.")
    if action.moves >= moves:
        told.append(f"Its deadline moved {times_words(action.moves)}.")
    return " ".join(told)
