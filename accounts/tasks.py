from celery import shared_task

from accounts import changes
from tracker.dates import clock


@shared_task(name="accounts.forget_opened_pages")
def forget_opened_pages() -> int:
    """Remove the records of pages that inspectors opened once they are kept no longer."""
    return changes.forget_opened_pages(on=clock.today())
