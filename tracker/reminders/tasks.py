from collections.abc import Sequence
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from tracker.dates import clock
from tracker.reminders import outbox, stopping
from tracker.reminders.models import Digest
from tracker.reminders.outbox import heads


@shared_task(name="reminders.queue_due")
def queue_due() -> int:
    """Queue what is owed by today."""
    return outbox.queue_due(on=clock.today())


@shared_task(name="reminders.record_heads")
def record_heads() -> int:
    """Record how far each council's history reached yesterday, and tell it to two officers."""
    moment = clock.now()
    return heads.record_heads(on=moment.date() - timedelta(days=1), at=moment)


@shared_task(name="reminders.deliver")
def deliver() -> int:
    """Send today's emails that are owed and not yet sent. Runs each minute, so nothing waits for an event."""
    return _deliver(Digest.Kind.values)


@shared_task(name="reminders.deliver_at_once")
def deliver_at_once() -> int:
    """Send what people chose to get at once, past the queue of the morning's emails. Runs each minute."""
    return _deliver([Digest.Kind.AT_ONCE])


@shared_task(name="reminders.deliver_notices")
def deliver_notices() -> int:
    """Send what waits about people's accounts, at any hour. Runs each minute."""
    return outbox.deliver_notices(now=timezone.now, is_stopping=stopping.is_stopping)


def _deliver(kinds: Sequence[str]) -> int:
    moment = clock.now()
    delivered = outbox.deliver(
        on=moment.date(), at=moment, now=timezone.now, kinds=kinds, is_stopping=stopping.is_stopping
    )
    return delivered.sent
