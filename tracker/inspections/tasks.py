from celery import shared_task

from tracker.dates import clock
from tracker.inspections import changes


@shared_task(name="inspections.note_missed")
def note_missed() -> int:
    """Notice the clocks whose date passed before what they ask for was done."""
    return len(changes.note_missed(on=clock.today()))
