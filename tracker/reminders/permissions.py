"""Who may choose, cover and put the post right."""

from accounts.member import Member, only_today
from accounts.roles import Role


def may_choose_emails(member: Member) -> bool:
    """Inspectors read; nobody reminds them."""
    return not member.is_only_inspector


def may_cover(cover: Member, person: Member) -> bool:
    """A copy goes to a colleague in the same council: one who sees the plan, or for a partner one of the same agency.

    Nobody covers themselves, and inspectors are not sent the council's reminders.
    """
    if cover.authority != person.authority or cover.user == person.user or cover.is_only_inspector:
        return False
    if person.sees_plan:
        return cover.sees_plan
    return bool(cover.agency_ids & person.agency_ids) and cover.holds(Role.PARTNER)


def sees_jobs(member: Member) -> bool:
    """Those who run the plan, and those who keep the installation's people."""
    return member.runs_plan or member.keeps_people


def may_retry(member: Member) -> bool:
    """Only the programme office sends again what was not delivered."""
    return member.runs_plan


@only_today
def keeps_addresses(member: Member) -> bool:
    """Whoever can put an address right is shown which are refused."""
    return member.runs_plan or member.keeps_people
