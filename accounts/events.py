"""What happened at the door of a council, for those who look after its people."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Authority, Membership, SecurityEvent
from accounts.roles import Role

MOST_SHOWN = 200


@dataclass(frozen=True)
class Happened:
    """Something that happened to somebody. `how` says from where, or who did it and why."""

    at: datetime
    name: str
    what: str
    how: str


def events_of(authority: Authority) -> list[Happened]:
    """Return the newest sign-ins, refusals and changes of how people sign in, and of roles, newest first. Two queries.

    Of everybody who has ever held a role in the council: a leaver's tries are of interest too.
    """
    people = Membership.objects.filter(authority=authority).values("user")
    at_the_door = [
        Happened(event.at, event.user.name, event.get_kind_display(), event.address or "")
        for event in SecurityEvent.objects.filter(user__in=people).select_related("user")[:MOST_SHOWN]
    ]
    of_roles = [
        Happened(row.history_date, row.user.name, _words(row), f"{row.actor}: {row.history_change_reason}")
        for row in Membership.history.filter(authority=authority).select_related("user")[:MOST_SHOWN]
    ]
    return sorted([*at_the_door, *of_roles], key=lambda happened: happened.at, reverse=True)[:MOST_SHOWN]


def _words(row: Membership) -> str:
    verb = {"+": "given", "~": "changed", "-": "removed"}[row.history_type]
    return f"Role {verb}: {Role(row.role).label}"
