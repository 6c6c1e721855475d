"""May this person do this to this action? Lists ask `visible_to` instead."""

from accounts.member import Member
from accounts.models import User
from accounts.roles import Role
from tracker.actions.models import Action


def works_on(member: Member, action: Action) -> bool:
    """The owner, the programme office, the head of its service, or its own partner agency."""
    return (
        action.owner_id == member.user.pk
        or member.runs_plan
        or _heads_service_of(member, action)
        or (member.holds(Role.PARTNER) and action.agency_id in member.agency_ids)
    )


def may_update(member: Member, action: Action) -> bool:
    """Those who work on it, until its owner says it is done."""
    return action.is_unfinished and works_on(member, action)


def may_add_evidence(member: Member, action: Action) -> bool:
    """Those who work on it, also after it is finished: whether the difference lasts is proved later."""
    return action.cancelled_on is None and works_on(member, action)


def checks(member: Member, action: Action) -> bool:
    """Someone other than the owner: programme office, director, head of its service, lead of its priority."""
    if action.owner_id == member.user.pk:
        return False
    return (
        member.runs_plan
        or member.holds(Role.DIRECTOR)
        or _heads_service_of(member, action)
        or (member.holds(Role.PRIORITY_LEAD) and action.priority.lead_id == member.user.pk)
    )


def may_check(member: Member, action: Action) -> bool:
    """Those who check it, once its owner says it is done."""
    return action.is_open and action.claimed_on is not None and checks(member, action)


def checker_of(action: Action) -> User | None:
    """The person asked to check finished work: the head of its service, else the lead of its priority.

    None when that would be its owner or someone who has left; the programme office then checks it.
    """
    people = (action.service.head if action.service else None, action.priority.lead)
    return next((person for person in people if person and person.is_active and person.pk != action.owner_id), None)


def may_run_plan(member: Member) -> bool:
    """Add and change actions, move deadlines that were agreed: the programme office."""
    return member.runs_plan


def may_move_deadline(member: Member, action: Action) -> bool:
    """The programme office, while the action is not finished."""
    return member.runs_plan and action.is_unfinished and action.deadline is not None


def may_hand_over(member: Member, action: Action) -> bool:
    """The programme office, until the action is closed."""
    return member.runs_plan and action.is_open


def _heads_service_of(member: Member, action: Action) -> bool:
    return (
        member.holds(Role.HEAD_OF_SERVICE)
        and action.service_id is not None
        and any(membership.service_id == action.service_id for membership in member.memberships)
    )
