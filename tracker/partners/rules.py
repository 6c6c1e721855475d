"""How long does a partner's link work, and why does it not? Pure: no ORM, clock or settings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

WORKS_FOR = timedelta(hours=72)


class Ending(models.TextChoices):
    """Why a link does not work any more."""

    USED = "used", "Used"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
    REASSIGNED = "reassigned", "The action changed hands"
    CLOSED = "closed", "The action was finished or cancelled"
    RESTRICTED = "restricted", "The action was restricted"


@dataclass(frozen=True)
class LinkFacts:
    """What decides whether a link works. The last three say whether it was ever so since the link was made."""

    expires_at: datetime
    ended_why: str
    was_reassigned: bool
    was_closed: bool
    was_restricted: bool


def ending_of(facts: LinkFacts, *, at: datetime) -> Ending | None:
    """Return why a link does not work at a moment, or None while it does.

    An action that was handed on, finished or restricted ends it for good, also when that was taken back since: the
    person named in it was asked as things were then.
    """
    if facts.ended_why:
        return Ending(facts.ended_why)
    if facts.was_restricted:
        return Ending.RESTRICTED
    if facts.was_reassigned:
        return Ending.REASSIGNED
    if facts.was_closed:
        return Ending.CLOSED
    return Ending.EXPIRED if at >= facts.expires_at else None
