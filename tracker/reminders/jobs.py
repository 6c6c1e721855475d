"""How the jobs and the post of one council are doing: what the page of jobs shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.member import Member
from tracker.dates.working_days import Calendar
from tracker.reminders.heartbeat import is_silent
from tracker.reminders.models import Digest, JobRun
from tracker.reminders.rules import RECENT_DAYS

NAMES = {
    "actions.flag_overdue": "Notice what became overdue",
    "inspections.note_missed": "Notice dates of clocks that were missed",
    "accounts.forget_opened_pages": "Remove old records of pages that inspectors opened",
    "reminders.queue_due": "Work out who is owed a reminder",
    "reminders.record_heads": "Record how far the history reaches",
    "reminders.deliver": "Send the emails",
    "reminders.deliver_at_once": "Send what people want at once",
    "reminders.deliver_notices": "Send emails about accounts",
}
LONGEST_ERROR = 120

# What can be looked at on the page of emails, by the word in its address: what it is called, and the condition.
SHOWN: Mapping[str, tuple[str, Q]] = {
    "queued": ("waiting to be sent", Q(state=Digest.State.QUEUED)),
    "sending": ("being sent", Q(state=Digest.State.SENDING)),
    "put-back": ("put back to be tried again", Q(state=Digest.State.QUEUED) & ~Q(last_error="")),
    "failed": ("not delivered", Q(state=Digest.State.FAILED)),
    "uncertain": ("that may have arrived twice", Q(is_uncertain=True)),
    "sent": ("sent", Q(state=Digest.State.SENT)),
}


@dataclass(frozen=True)
class Job:
    """A job of the schedule. `has_run` is False until its first good run."""

    task: str
    name: str
    every: timedelta
    last_good_at: datetime | None
    last_failed_at: datetime | None
    error: str
    is_silent: bool

    @property
    def minutes(self) -> int:
        return int(self.every.total_seconds() // 60)

    @property
    def has_run(self) -> bool:
        return self.last_good_at is not None

    @property
    def fails(self) -> bool:
        """Its last run was not good."""
        if self.last_failed_at is None:
            return False
        return self.last_good_at is None or self.last_failed_at > self.last_good_at


def schedule(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, timedelta]:
    """Return how often each task of Celery's schedule runs, by task."""
    return {entry["task"]: entry["schedule"] for entry in entries.values()}


def jobs(scheduled: Mapping[str, timedelta], *, now: datetime, days: Calendar) -> list[Job]:
    """Return each job of a schedule, by task, with its last runs. One query.

    A job that never ran well is waiting for its first run; it is silent once it has tried and failed.
    """
    runs = {run.job: run for run in JobRun.objects.filter(job__in=list(scheduled))}
    found = []
    for task, every in scheduled.items():
        run = runs.get(task, JobRun(job=task))
        good = run.last_good_at
        silent = is_silent(good, now=now, days=days) if good else run.last_failed_at is not None
        found.append(
            Job(task, NAMES.get(task, task), every, good, run.last_failed_at, in_short(run.last_error), silent)
        )
    return found


def in_short(error: str) -> str:
    """Return the first line of an error without what it quotes: jobs work for all councils, and a page is of one."""
    first = next((line.strip() for line in error.splitlines() if line.strip()), "")
    first = re.sub(r"\S+@\S+", "an address", first)
    first = re.sub(r"“[^”]*”|\"[^\"]*\"|'[^']*'|\([^)]*\)=\([^)]*\)", "…", first)
    return first if len(first) <= LONGEST_ERROR else f"{first[: LONGEST_ERROR - 1]}…"


def counts(member: Member, *, on: date) -> dict[str, int]:
    """Return how many of the council's emails of a day are in each state of SHOWN, by its word. One query."""
    todays = Digest.objects.visible_to(member).filter(on=on)
    return todays.aggregate(**{name: Count("pk", filter=condition) for name, (_, condition) in SHOWN.items()})


def to_look_at(member: Member, *, on: date) -> QuerySet:
    """Return the failed and the uncertain emails of the council of the last 30 days, latest first."""
    return (
        Digest.objects.visible_to(member)
        .filter(Q(state=Digest.State.FAILED) | Q(is_uncertain=True), on__gte=on - timedelta(days=RECENT_DAYS))
        .select_related("recipient")
        .defer("text", "html")
        .order_by("-on", F("state"), "-pk")
    )


def silent(found: Sequence[Job]) -> list[Job]:
    """Return the jobs that somebody has to look after."""
    return [job for job in found if job.is_silent]
