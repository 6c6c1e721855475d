"""May this person do this to the council's inspections and clocks? Lists ask `visible_to` instead."""

from accounts.member import Member, only_today
from tracker.inspections.models import GovernanceStep


@only_today
def may_enter(member: Member) -> bool:
    """Inspections, reviews and interventions are entered by those who run the plan."""
    return member.runs_plan


@only_today
def may_keep_clocks(member: Member) -> bool:
    """What ends a clock, its date in a letter and the steps before it: the programme office and the director."""
    return member.sends_plan


@only_today
def may_finish(member: Member, step: GovernanceStep) -> bool:
    """A step of the council's own is done when its owner says so, or those who keep the clocks."""
    return may_keep_clocks(member) or step.owner_id == member.user.pk
