"""Looking back to the end of a day: the clock and the tables of then, and the actions that stay hidden today."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db.models import Q

from accounts.member import Member
from accounts.models import Authority
from tracker.actions.models import Action, Answer, DeadlineChange, FindingAnswer, Milestone, may_see_restricted
from tracker.audit import past
from tracker.audit.past import Copies, Copy
from tracker.dates import clock
from tracker.dates.models import BankHoliday


@contextmanager
def at_the_end_of(day: date, authority: Authority) -> Iterator[None]:
    """Let the clock stand, and the tables be read, at the end of a London day. Nothing can be written within."""
    moment = clock.end_of_day(day)
    but = {BankHoliday: _moment_of_holidays(moment)}
    with clock.at(moment), past.as_at(moment, copies=_copies_of(authority), but=but):
        yield


def _moment_of_holidays(moment: datetime) -> datetime:
    """Return when to read the bank holidays: they are England's, and held before they were entered here."""
    entered = past.first_record(BankHoliday)
    return max(moment, clock.end_of_day(clock.london_day(entered))) if entered else moment


def first_day_of(authority: Authority) -> date | None:
    """Return the first day that can be looked back to: that of the council's first record."""
    began = past.first_record(Authority, id=authority.pk)
    return clock.london_day(began) if began else None


def hidden_today(member: Member) -> frozenset[int]:
    """Return the actions this person may not see today, of those that a page of the past could show them. Two queries.

    For a partner these are all that were ever its agency's or its own; for others those restricted today.
    """
    if member.sees_restricted:
        return frozenset()
    council = Action.objects.of(member.authority)
    if member.sees_plan:
        return frozenset(council.exclude(may_see_restricted(member)).values_list("pk", flat=True))
    theirs = Q(agency_id__in=member.agency_ids) | Q(owner_id=member.user.pk)
    ever = Action.history.filter(theirs, authority_id=member.authority.pk).order_by()
    shown = Action.objects.visible_to(member).values_list("pk", flat=True)
    return frozenset(ever.values_list("id", flat=True)) - frozenset(shown)


def _copies_of(authority: Authority) -> Copies:
    """Return the tables of which a list, a bar or a sum reads every row of a council."""
    of_action = Copy("action_id", Action, indexed=("action_id",))
    return {
        Action: Copy("authority_id", authority.pk),
        Answer: Copy("action_id", Action, indexed=("action_id", "recommendation_id")),
        FindingAnswer: Copy("action_id", Action, indexed=("action_id", "finding_id")),
        Milestone: of_action,
        DeadlineChange: of_action,
    }
