from celery import shared_task
from django.utils import timezone

from tracker.dates import clock
from tracker.reminders import outbox


@shared_task(name="reminders.queue_due")
def queue_due() -> int:
    """Queue what is owed by today."""
    queued = outbox.queue_due(on=clock.today())
    outbox.note_good_run("reminders.queue_due", now=timezone.now())
    return queued


@shared_task(name="reminders.deliver")
def deliver() -> int:
    """Send today's emails that are owed and not yet sent. Runs each minute, so nothing waits for an event."""
    moment = clock.now()
    delivered = outbox.deliver(on=moment.date(), at=moment, now=timezone.now)
    outbox.note_good_run("reminders.deliver", now=timezone.now())
    return delivered.sent
