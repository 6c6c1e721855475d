"""The address by which one click in an email stops its kind (RFC 8058): signed, so that it works without signing in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core import signing
from django.urls import reverse

from accounts.models import Authority, User
from tracker.reminders.rules import REQUIRED, Kind

SALT = "reminders.stop"


@dataclass(frozen=True)
class Stop:
    """What one stop address is for: the kinds, all optional, of the email of a day to a person of a council."""

    authority: Authority
    user: User
    kinds: tuple[Kind, ...]
    on: date


def stop_link(authority_id: int, user_id: int, kinds: Iterable[str], *, on: date) -> str:
    """Return the path by which a person stops the optional kinds of an email; "" where all of them are required.

    It never ends: an old email can still be stopped by.
    """
    optional = [kind.value for kind in Kind if kind in set(kinds) and kind not in REQUIRED]
    if not optional:
        return ""
    token = signing.dumps([authority_id, user_id, optional, on.isoformat()], salt=SALT, compress=True)
    return reverse("reminders:stop", args=[token])


def read_stop(token: str) -> Stop | None:
    """Return what a stop address is for; None for one that was not made here, or whose person is gone."""
    try:
        authority_id, user_id, kinds, on = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    authority = Authority.objects.filter(pk=authority_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    # A kind may have gone, or have become required, since the email went.
    still = tuple(Kind(kind) for kind in kinds if kind in Kind.values and kind not in REQUIRED)
    if authority is None or user is None or not still:
        return None
    return Stop(authority, user, still, date.fromisoformat(on))
