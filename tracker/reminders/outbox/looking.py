"""Whether the jobs run and the emails go: what a monitor and the page of jobs ask."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.reminders.models import Digest, JobRun

STUCK_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Health:
    """What a monitor asks: the last good run of each job, and how many emails wait or failed today."""

    jobs: dict[str, datetime]
    waiting: int
    failed: int
    is_stuck: bool


def health(*, on: date, now: datetime) -> Health:
    """Return the state of the jobs and the emails. Stuck: one waits over 15 minutes."""
    todays = Digest.objects.filter(on=on)
    waiting = todays.filter(state__in=[Digest.State.QUEUED, Digest.State.SENDING])
    return Health(
        jobs=dict(JobRun.objects.values_list("job", "last_good_at")),
        waiting=waiting.count(),
        failed=todays.filter(state=Digest.State.FAILED).count(),
        is_stuck=waiting.filter(opened_at__lt=now - STUCK_AFTER).exists(),
    )
