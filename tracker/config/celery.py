"""The Celery app, started by the plain `celery -A tracker worker` and `celery -A tracker beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def catch_up(sender: Any, **_: Any) -> None:
    """Run every job once when beat starts, so that time it was down is made up at once."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], expires=entry["options"]["expires"])
