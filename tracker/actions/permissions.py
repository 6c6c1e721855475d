"""May this person do this to this action? Lists ask `visible_to` instead."""

from accounts.member import Member
from accounts.roles import Role
from tracker.actions.models import Action


def may_update(member: Member, action: Action) -> bool:
    """The owner, the programme office, the head of its service, or its own partner agency."""
    if not action.is_unfinished:
        return False
    return (
        action.owner_id == member.user.pk
        or member.runs_plan
        or _heads_service_of(member, action)
        or (member.holds(Role.PARTNER) and action.agency_id in member.agency_ids)
    )


def may_check(member: Member, action: Action) -> bool:
    """Someone other than the owner: programme office, director, head of its service, lead of its priority."""
    if action.owner_id == member.user.pk or action.claimed_on is None or not action.is_open:
        return False
    return (
        member.runs_plan
        or member.holds(Role.DIRECTOR)
        or _heads_service_of(member, action)
        or (member.holds(Role.PRIORITY_LEAD) and action.priority.lead_id == member.user.pk)
    )


def may_run_plan(member: Member) -> bool:
    """Add and change actions, move deadlines that were agreed: the programme office."""
    return member.runs_plan


def _heads_service_of(member: Member, action: Action) -> bool:
    return member.holds(Role.HEAD_OF_SERVICE) and action.service_id is not None and any(
        membership.service_id == action.service_id for membership in member.memberships
    )
