"""How actions are counted for a member: which are seen, which are close, which have moved."""

from datetime import date

from django.db.models import BooleanField, Case, F, Q, Value, When

from accounts.member import Member
from tracker.actions.models import may_see_restricted
from tracker.actions.rules import CLOSE_WORKING_DAYS
from tracker.dates.working_days import Calendar


def close_by(on: date, calendar: Calendar) -> date:
    """Return the last day that counts as close, as `with_status` wants it."""
    return calendar.add(on, CLOSE_WORKING_DAYS)


def is_seen_by(member: Member) -> Value | Case:
    """Whether a member may see an action, to be told apart in a count of all of the council's."""
    if member.sees_restricted:
        return Value(True, output_field=BooleanField())
    return Case(When(may_see_restricted(member), then=Value(True)), default=Value(False))


def has_moved() -> Q:
    """The deadline is not the one first agreed."""
    return Q(deadline__gt=F("first_agreed")) | Q(deadline__lt=F("first_agreed"))
