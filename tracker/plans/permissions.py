"""May this person do this to this plan? Lists ask `visible_to` instead."""

from accounts.member import Member, only_today
from accounts.roles import SEES_DRAFTS, Role
from tracker.plans.models import Criticism


@only_today
def may_run_plan(member: Member) -> bool:
    """Start a plan, say what it answers, keep its priorities: the programme office."""
    return member.runs_plan


@only_today
def may_send(member: Member) -> bool:
    """Freeze versions and record what was sent: the programme office and the director."""
    return member.sends_plan


@only_today
def may_accept_warnings(member: Member) -> bool:
    """Send a plan although checks fail that do not block it: the director, who says why."""
    return member.holds(Role.DIRECTOR)


def sees_drafts(member: Member) -> bool:
    """Look at versions that were not sent or published: those who write the plan."""
    return member.holds(*SEES_DRAFTS)


@only_today
def may_record_criticism(member: Member) -> bool:
    """The programme office and the director for any reviewer; a chair or adviser for themselves."""
    return member.sends_plan or member.holds(Role.CHAIR)


def is_reviewer(member: Member) -> bool:
    """Whether what this person records is their own criticism."""
    return member.holds(Role.CHAIR) and not member.sends_plan


@only_today
def may_respond(member: Member, criticism: Criticism) -> bool:
    """The programme office, the director, and who sees to it."""
    return criticism.closed_on is None and (member.sends_plan or criticism.owner_id == member.user.pk)


@only_today
def may_close(member: Member, criticism: Criticism) -> bool:
    """Its author, or the director; not the programme office."""
    is_author = criticism.author_id is not None and criticism.author_id == member.user.pk
    return criticism.closed_on is None and (is_author or member.holds(Role.DIRECTOR))
