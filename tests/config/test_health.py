from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories import TODAY, priya
from tracker.reminders import outbox
from tracker.reminders.models import Digest

pytestmark = pytest.mark.django_db


def test_health_answers_a_monitor_without_signing_in(client, today):
    response = client.get("/health/")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": True,
        "jobs": {},
        "silent_jobs": [],
        "emails_waiting": 0,
        "emails_failed_today": 0,
    }


def test_a_job_that_has_been_silent_for_a_day_is_named(client, today):
    outbox.note_good_run("reminders.deliver", now=timezone.now() - timedelta(hours=27))

    response = client.get("/health/")

    assert response.status_code == 503
    assert response.json()["silent_jobs"] == ["reminders.deliver"]


def test_an_email_that_waits_too_long_is_noticed(client, council):
    Digest.objects.create(
        authority=council,
        recipient=priya(council).user,
        on=TODAY,
        opened_at=datetime.now(tz=UTC) - timedelta(minutes=16),
    )

    assert client.get("/health/").status_code == 503


def test_a_false_host_is_answered_400_and_not_with_a_broken_page(client, settings):
    settings.ALLOWED_HOSTS = ["plan.northbridge.example"]

    assert client.get("/sign-in/", headers={"host": "elsewhere.example"}).status_code == 400
