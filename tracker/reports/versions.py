"""Who reads a frozen version: what is restricted in it today, and whose it is."""

from accounts.member import Member
from tracker.actions.models import Action
from tracker.plans.models import Plan
from tracker.plans.snapshots import Reader


def reader_of(plan: Plan, member: Member) -> Reader:
    """Return what a member may read of a plan's versions. One query at most."""
    if member.sees_restricted:
        return Reader(member.user.pk, sees_restricted=True)
    hidden, theirs = set(), set()
    rows = Action.objects.within_reach_of(member).filter(plan=plan)
    for reference, is_restricted, *people in rows.values_list("reference", "is_restricted", "owner", "accountable"):
        if member.user.pk in people:
            theirs.add(reference)
        elif is_restricted:
            hidden.add(reference)
    return Reader(member.user.pk, hidden_now=frozenset(hidden), theirs_now=frozenset(theirs))
