"""Answers that belong to no room: health, and a form whose token was missing."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone

from tracker.config.logs import request_id
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.reminders import jobs, outbox


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Answer a monitor: 200 when all is well, 503 when somebody should look.

    Somebody should look when the database does not answer, when a job has not run well by 9:00am on a working day or
    for 26 hours, and when an email waits too long. "waiting" is a new installation before its first runs. Tells when
    each job last ran well and how many emails wait; nothing about any council or person.
    """
    now = timezone.now()
    try:
        found = jobs.jobs(jobs.schedule(settings.CELERY_BEAT_SCHEDULE), now=now, days=calendar())
        state = outbox.health(on=clock.today(), now=now)
    except DatabaseError:
        return JsonResponse({"status": "broken", "database": False}, status=503)
    silent = [job.task for job in found if job.is_silent]
    is_well = not silent and not state.is_stuck
    is_new = not any(job.has_run for job in found)
    return JsonResponse(
        {
            "status": "attention" if not is_well else "waiting" if is_new else "ok",
            "database": True,
            "jobs": {job.task: job.last_good_at and job.last_good_at.isoformat() for job in found},
            "silent_jobs": silent,
            "failing_jobs": [job.task for job in found if job.fails],
            "emails_waiting": state.waiting,
            "emails_failed_today": state.failed,
            "emails_stuck": state.is_stuck,
        },
        status=200 if is_well else 503,
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong, with the number by which it is found in the logs; asks nothing of the database."""
    page = loader.get_template("500.html").render({"reference": request_id.get()})
    return HttpResponse(page, status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in plain words that the form could not be trusted; nothing was saved."""
    return render(request, "403_csrf.html", status=403)
