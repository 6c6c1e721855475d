"""Emails that are no reminders: links for a new password, invitations, a browser that is new, the head of the history.

They go at any hour.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from accounts.models import Notice
from tracker.reminders.emails import Email
from tracker.reminders.mail import CannotBeMade, NotSent, Post, RefusedForGood, host

MOST_TRIES = 8
AT_ONCE = 100  # Claimed by a run; what is left is for the next one, a minute later.


def deliver_notices(*, now: Callable[[], datetime], is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what waits about people's accounts; return how many went.

    Each is claimed by a conditional update for as long as a lease holds, so that two workers do not send one twice. A
    worker that dies leaves it to be sent again under the same Message-ID. What was not taken is tried again after 1, 2,
    4 and more minutes, 8 times in all. The text, which can hold a link that lets somebody in, is dropped once it has
    gone or was given up.
    """
    sent = 0
    with Post() as post:
        for notice in _waiting(now()).select_related("user")[:AT_ONCE]:
            if is_stopping() or post.is_away:
                break
            claim = secrets.token_urlsafe(12)
            if _claim(notice, claim, now()):
                sent += _send(notice, claim, post=post, now=now)
    return sent


def _waiting(moment: datetime):  # type: ignore[no-untyped-def]
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=moment)
    return Notice.objects.filter(free, sent_at__isnull=True, failed_at__isnull=True)


def _claim(notice: Notice, claim: str, moment: datetime) -> bool:
    until = moment + timedelta(seconds=settings.EMAIL_LEASE_SECONDS)
    taken = _waiting(moment).filter(pk=notice.pk).update(claim=claim, claimed_until=until, tries=F("tries") + 1)
    return bool(taken)


def _send(notice: Notice, claim: str, *, post: Post, now: Callable[[], datetime]) -> bool:
    until = now() + timedelta(seconds=settings.EMAIL_LEASE_SECONDS)
    mine = Notice.objects.filter(pk=notice.pk, claim=claim)
    if not notice.user.is_active:
        mine.update(failed_at=now(), error="The person has left.", text="")
        return False
    email = Email(notice.user.email, "", notice.subject, notice.text, html="")
    message_id = f"<account-{notice.pk}@{host()}>"
    tries = notice.tries + 1
    try:
        post.send(email, message_id=message_id, may_have_gone=tries > 1, is_in_time=lambda: now() < until)
    except (RefusedForGood, CannotBeMade) as error:
        mine.update(failed_at=now(), error=str(error), text="")
        return False
    except NotSent as error:
        if tries >= MOST_TRIES:
            mine.update(failed_at=now(), error=str(error), text="")
        else:
            mine.update(claimed_until=now() + timedelta(minutes=2 ** (tries - 1)), error=str(error))
        return False
    mine.update(sent_at=now(), error="", text="")
    return True
