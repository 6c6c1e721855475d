from celery import shared_task

from tracker.dates import clock
from tracker.visits import changes


@shared_task(name="visits.settle_finding_clocks")
def settle_finding_clocks() -> int:
    """Stop the clocks of letters whose findings all have an action by now."""
    return changes.settle_finding_clocks(on=clock.today())
