"""May this person do this about a visit? Lists ask `visible_to` instead."""

from accounts.member import Member, only_today
from tracker.visits.models import ReadinessTask


@only_today
def may_run_visits(member: Member) -> bool:
    """Enter visits, letters and findings, and keep what is made ready: the programme office."""
    return member.runs_plan


@only_today
def may_finish(member: Member, task: ReadinessTask) -> bool:
    """Say that a task is done: its owner, and the programme office."""
    return member.runs_plan or (member.sees_plan and task.owner_id == member.user.pk)
