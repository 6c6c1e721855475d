from celery import shared_task

from tracker.actions import flags
from tracker.dates import clock


@shared_task(name="actions.flag_overdue")
def flag_overdue() -> int:
    """Notice what became overdue."""
    return flags.flag_overdue(on=clock.today(), at=clock.now())
