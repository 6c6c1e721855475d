"""Answers that belong to no room: health, and a form whose token was missing."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from tracker.dates import clock
from tracker.reminders import outbox

SILENT_AFTER = timedelta(hours=26)


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Answer a monitor: 200 when the database answers and no email waits too long, else 503.

    Tells when each job last ran well and how many emails wait; nothing about any council.
    """
    now = timezone.now()
    try:
        state = outbox.health(on=clock.today(), now=now)
    except DatabaseError:
        return JsonResponse({"status": "broken", "database": False}, status=503)
    silent = [job for job, at in state.jobs.items() if now - at > SILENT_AFTER]
    is_well = not silent and not state.is_stuck
    return JsonResponse(
        {
            "status": "ok" if is_well else "attention",
            "database": True,
            "jobs": {job: at.isoformat() for job, at in state.jobs.items()},
            "silent_jobs": silent,
            "emails_waiting": state.waiting,
            "emails_failed_today": state.failed,
        },
        status=200 if is_well else 503,
    )


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in plain words that the form could not be trusted; nothing was saved."""
    return render(request, "403_csrf.html", status=403)
