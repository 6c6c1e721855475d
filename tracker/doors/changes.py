"""The only functions that write how often someone knocked."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from tracker.doors.models import Knocks
from tracker.doors.rules import Limit

KEPT = timedelta(hours=1)


def count(who: str, limit: Limit, *, at: datetime) -> int:
    """Count one more knock in the stretch that a moment is in, and return how many there are by now.

    Shared by all processes. Forgets what is older than an hour when a new stretch begins.
    """
    stretch = Knocks.objects.filter(who=who, since=limit.began(at))
    if not stretch.update(number=F("number") + 1):
        try:
            with transaction.atomic():
                Knocks.objects.create(who=who, since=limit.began(at), number=1)
                Knocks.objects.filter(since__lt=at - KEPT).delete()
        except IntegrityError:  # Another process began the stretch meanwhile.
            stretch.update(number=F("number") + 1)
    return number(who, limit, at=at)


def number(who: str, limit: Limit, *, at: datetime) -> int:
    """Return how many knocks there are by now in the stretch that a moment is in."""
    found = Knocks.objects.filter(who=who, since=limit.began(at)).values_list("number", flat=True).first()
    return found or 0
