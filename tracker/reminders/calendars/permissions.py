"""Whose calendar is it? Its address is a secret that only its owner knows."""

from datetime import date
from hashlib import sha256

from accounts.member import Member, members_in
from tracker.reminders.models import CalendarFeed


def hash_of(secret: str) -> str:
    """Return what is kept of a secret. It is looked up by this, so comparing takes the same time whatever is tried."""
    return sha256(secret.encode()).hexdigest()


def holder_of(secret: str, *, on: date) -> tuple[CalendarFeed, Member] | None:
    """Return the calendar at an address and its owner as a member of its council today. Two queries at most.

    None for a wrong secret, a calendar that was switched off or has a new address, and an owner who has left or
    whose access has ended: they all look the same.
    """
    feed = CalendarFeed.objects.filter(secret_hash=hash_of(secret), ended_at__isnull=True).first()
    if feed is None:
        return None
    pair = (feed.authority_id, feed.user_id)
    member = members_in({pair}, on=on).get(pair)
    return (feed, member) if member is not None else None
