"""The Celery app, started by the plain `celery -A tracker worker` and `celery -A tracker beat`."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, setup_logging, task_failure, task_success, worker_shutting_down
from django.utils import timezone

from tracker.audit.ways import Door, through
from tracker.reminders import stopping

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")


class Job(Task):
    """A task that says by its name, and the number of this run, what it changes."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        with through(Door.JOB, " ".join(filter(None, [self.name, self.request.id]))):
            return super().__call__(*arguments, **options)


app = Celery("tracker", task_cls=Job)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

APART_SECONDS = 1


@setup_logging.connect
def keep_our_logs(**_: Any) -> None:
    """Leave the logs as the settings have them: Celery's own would write what ours leave out."""


@beat_init.connect
def catch_up(sender: Any, **_: Any) -> None:
    """Run every job once when beat starts, so that time it was down is made up at once.

    One after the other, as they come in the schedule: what is owed is worked out before it is sent.
    """
    for number, entry in enumerate(app.conf.beat_schedule.values()):
        app.send_task(entry["task"], expires=entry["options"]["expires"], countdown=number * APART_SECONDS)


@task_success.connect
def note_good_run(sender: Any, **_: Any) -> None:
    """Record that a job ran well, of whatever room it is: what the page of jobs and `/health/` tell."""
    from tracker.reminders import changes, heartbeat

    changes.note_run(sender.name, at=timezone.now())
    if sender.name == "reminders.deliver":
        heartbeat.ping()


@task_failure.connect
def note_failed_run(sender: Any, exception: BaseException, **_: Any) -> None:
    """Record that a job failed, and why."""
    from tracker.reminders import changes

    changes.note_run(sender.name, at=timezone.now(), error=f"{type(exception).__name__}: {exception}")


@worker_shutting_down.connect
def stop_soon(**_: Any) -> None:
    """Let what runs end with the email in hand, in every process of the worker."""
    stopping.tell()
