"""May this person do this to this action? Lists ask `visible_to` instead."""

from accounts.member import Member, only_today
from accounts.models import User
from accounts.roles import Role
from tracker.actions.models import Action, DeadlineRequest
from tracker.actions.rules import Difference, Tier


def works_on(member: Member, action: Action) -> bool:
    """The owner, the programme office, the head of its service, or its own partner agency."""
    return (
        action.owner_id == member.user.pk
        or member.runs_plan
        or _heads_service_of(member, action)
        or (member.holds(Role.PARTNER) and action.agency_id in member.agency_ids)
    )


@only_today
def may_update(member: Member, action: Action) -> bool:
    """Those who work on it, until its owner says it is done."""
    return action.is_unfinished and works_on(member, action)


@only_today
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


@only_today
def may_check(member: Member, action: Action) -> bool:
    """Those who check it, once its owner says it is done."""
    return action.is_open and action.claimed_on is not None and checks(member, action)


def checker_of(action: Action) -> User | None:
    """The person asked to check finished work: the head of its service, else the lead of its priority.

    None when that would be its owner or someone who has left; the programme office then checks it.
    """
    people = (action.service.head if action.service else None, action.priority.lead)
    return next((person for person in people if person and person.is_active and person.pk != action.owner_id), None)


@only_today
def may_run_plan(member: Member) -> bool:
    """Add and change actions: the programme office."""
    return member.runs_plan


@only_today
def may_ask(member: Member, action: Action) -> bool:
    """Ask for another deadline: those who work on it, until its owner says it is done."""
    return action.is_unfinished and action.deadline is not None and works_on(member, action)


@only_today
def may_decide(member: Member, request: DeadlineRequest, *, tier: Tier | None = None) -> bool:
    """Those who decide about a request that waits; never about their own request or action.

    The lead of the priority, else the director, who may decide what a lead may; for the board its chair, or the
    programme office or director who record what it decided. `tier` is who decides as things are now, where that
    is known: when the lead has left, the director.
    """
    if request.state != DeadlineRequest.State.ASKED or not is_neither_asker_nor_owner(member, request):
        return False
    tier = tier or Tier(request.tier)
    if tier == Tier.BOARD:
        return speaks_for_board(member)
    if member.holds(Role.DIRECTOR):
        return True
    return tier == Tier.LEAD and request.action.priority.lead_id == member.user.pk


def is_neither_asker_nor_owner(member: Member, request: DeadlineRequest) -> bool:
    return member.user.pk not in (request.asked_by_id, request.action.owner_id)


def level_of(member: Member, tier: Tier) -> Tier:
    """Return how far a person who may decide at a tier may go: a director further than a lead."""
    return Tier.DIRECTOR if tier == Tier.LEAD and member.holds(Role.DIRECTOR) else tier


def speaks_for_board(member: Member) -> bool:
    """The chair decides for the board; the programme office and the director record what it decided."""
    return member.holds(Role.CHAIR, Role.DIRECTOR) or member.runs_plan


def must_name_meeting(member: Member) -> bool:
    """Whoever is not the chair says at which meeting the board decided."""
    return not member.holds(Role.CHAIR)


@only_today
def may_withdraw(member: Member, request: DeadlineRequest) -> bool:
    """Whoever asked, and the programme office, while it waits."""
    return request.state == DeadlineRequest.State.ASKED and (request.asked_by_id == member.user.pk or member.runs_plan)


@only_today
def may_judge(member: Member, action: Action) -> bool:
    """Say what difference it has made: those who check it. What the board found sustained is not judged again."""
    return action.cancelled_on is None and action.difference != Difference.SUSTAINED and checks(member, action)


@only_today
def may_sustain(member: Member, action: Action) -> bool:
    """Say that a difference lasts: for the board, once it was shown in an action that is complete; never the owner."""
    return (
        action.completed_on is not None
        and action.cancelled_on is None
        and action.difference == Difference.DIFFERENCE
        and action.owner_id != member.user.pk
        and speaks_for_board(member)
    )


@only_today
def may_reopen(member: Member, action: Action) -> bool:
    """Open a complete action again, or keep it closed: programme office, director, and those who check it."""
    return (
        action.completed_on is not None
        and action.cancelled_on is None
        and (member.runs_plan or member.holds(Role.DIRECTOR) or checks(member, action))
    )


@only_today
def may_edit(member: Member, action: Action) -> bool:
    """Change its text, links, milestones and measures: the programme office, until it is cancelled."""
    return member.runs_plan and action.cancelled_on is None


@only_today
def may_cancel(member: Member, action: Action) -> bool:
    """Cancel or replace it: the director, the chair, or the programme office who records whose decision it was."""
    return action.is_open and speaks_for_board(member)


@only_today
def may_hand_over(member: Member, action: Action) -> bool:
    """The programme office, until the action is closed."""
    return member.runs_plan and action.is_open


@only_today
def may_ask_partner(member: Member, action: Action) -> bool:
    """Ask its partner agency by a link: the programme office and the head of its service, unless it is restricted."""
    return (
        action.agency_id is not None
        and action.is_unfinished
        and not action.is_restricted
        and member.holds(Role.PROGRAMME_OFFICE, Role.HEAD_OF_SERVICE)
        and works_on(member, action)
    )


def _heads_service_of(member: Member, action: Action) -> bool:
    return (
        member.holds(Role.HEAD_OF_SERVICE)
        and action.service_id is not None
        and any(membership.service_id == action.service_id for membership in member.memberships)
    )
