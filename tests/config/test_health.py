import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError

from tests.factories import TODAY, make_action, priya
from tracker.reminders import heartbeat, jobs, outbox
from tracker.reminders.models import Digest, JobRun

LONDON = ZoneInfo("Europe/London")
SCHEDULED = list(jobs.schedule(django_settings.CELERY_BEAT_SCHEDULE))


@pytest.fixture
def at(monkeypatch, today):
    """Sets the real moment, by which jobs are judged: 10:00am on the fixed day unless said otherwise."""

    def set_to(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    set_to(datetime(2026, 5, 6, 10, tzinfo=LONDON))
    return set_to


def all_ran(at=datetime(2026, 5, 6, 9, 58, tzinfo=LONDON)):
    for job in SCHEDULED:
        JobRun.objects.create(job=job, last_good_at=at)


# /health/


@pytest.mark.django_db
def test_a_new_installation_says_that_it_waits(client, at):
    response = client.get("/health/")

    assert response.status_code == 200
    assert response.json() == {
        "status": "waiting",
        "database": True,
        "jobs": dict.fromkeys(SCHEDULED),
        "silent_jobs": [],
        "failing_jobs": [],
        "emails_waiting": 0,
        "emails_failed_today": 0,
        "emails_stuck": False,
    }


@pytest.mark.django_db
def test_all_is_well_when_every_job_has_run_today(client, at):
    all_ran()
    response = client.get("/health/")

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.json()["jobs"]["reminders.deliver"] == "2026-05-06T08:58:00+00:00"


@pytest.mark.django_db
@pytest.mark.parametrize(("now", "status"), [((2026, 5, 6, 8, 59), 200), ((2026, 5, 6, 9), 503)])
def test_a_daily_run_that_has_not_happened_is_an_alarm_from_nine_on_a_working_day(client, at, now, status):
    all_ran(datetime(2026, 5, 5, 17, tzinfo=LONDON))
    at(datetime(*now, tzinfo=LONDON))

    response = client.get("/health/")

    assert response.status_code == status
    assert response.json()["silent_jobs"] == ([] if status == 200 else SCHEDULED)


@pytest.mark.django_db
def test_on_a_bank_holiday_nobody_is_called(client, at):
    all_ran(datetime(2026, 5, 4, 7, tzinfo=LONDON))
    at(datetime(2026, 5, 4, 12, tzinfo=LONDON))

    assert client.get("/health/").status_code == 200


@pytest.mark.django_db
def test_a_job_that_has_been_silent_for_26_hours_is_named(client, at):
    all_ran()
    JobRun.objects.filter(job="reminders.deliver").update(last_good_at=datetime(2026, 5, 5, 7, 59, tzinfo=LONDON))

    assert client.get("/health/").json()["silent_jobs"] == ["reminders.deliver"]


@pytest.mark.django_db
def test_a_job_that_has_failed_and_never_run_well_is_an_alarm(client, at):
    JobRun.objects.create(
        job="reminders.deliver", last_failed_at=datetime(2026, 5, 6, 9, tzinfo=LONDON), last_error="OperationalError"
    )
    response = client.get("/health/")

    assert response.status_code == 503
    assert response.json()["failing_jobs"] == ["reminders.deliver"]


@pytest.mark.django_db
def test_one_failed_run_is_named_before_it_is_an_alarm(client, at):
    all_ran()
    JobRun.objects.filter(job="reminders.deliver").update(last_failed_at=datetime(2026, 5, 6, 9, 59, tzinfo=LONDON))
    response = client.get("/health/")

    assert response.status_code == 200
    assert response.json()["failing_jobs"] == ["reminders.deliver"]


@pytest.mark.django_db
def test_an_email_that_waits_too_long_is_noticed(client, council, at):
    all_ran()
    Digest.objects.create(
        authority=council,
        recipient=priya(council).user,
        on=TODAY,
        opened_at=datetime(2026, 5, 6, 10, tzinfo=LONDON) - timedelta(minutes=16),
    )
    response = client.get("/health/")

    assert response.status_code == 503
    assert response.json()["emails_stuck"]


@pytest.mark.django_db
def test_a_monitor_hears_no_name_and_no_error(client, council, at):
    owner = priya(council)
    make_action(council, owner=owner.user, title="Screen every notification")
    JobRun.objects.create(
        job="reminders.deliver",
        last_failed_at=datetime(2026, 5, 6, 9, tzinfo=LONDON),
        last_error="Priya Nair could not be written to at priya.nair@council.example",
    )
    said = json.dumps(client.get("/health/").json())

    for name in ("Priya", "Northbridge", "northbridge", "@", "Screen"):
        assert name not in said


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_said(client, at, monkeypatch):
    def refuse(**kwargs):
        raise DatabaseError("no connection")

    monkeypatch.setattr(outbox, "health", refuse)
    response = client.get("/health/")

    assert response.status_code == 503
    assert response.json() == {"status": "broken", "database": False}


# The ping


@contextmanager
def monitor(status: int = 200, *, hangs: Event | None = None) -> Iterator[tuple[str, list[str]]]:
    """A monitor on this machine: its address, and what it was asked for."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            if hangs:
                hangs.wait(5)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ping/abc", heard
    finally:
        if hangs:
            hangs.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_monitor_hears_of_a_good_run(settings):
    with monitor() as (url, heard):
        settings.PING_URL = url

        assert heartbeat.ping() is True

    assert heard == ["/ping/abc"]


def test_without_an_address_nobody_is_asked(settings):
    settings.PING_URL = ""

    assert heartbeat.ping() is False


@pytest.mark.parametrize("status", [404, 500])
def test_a_monitor_that_answers_with_an_error_is_logged_and_harms_nothing(settings, caplog, status):
    with monitor(status) as (url, _):
        settings.PING_URL = url

        assert heartbeat.ping() is False

    assert "The monitor at PING_URL did not hear of the good run" in caplog.text


def test_a_monitor_that_is_away_is_logged_and_harms_nothing(settings, caplog):
    with monitor() as (url, _):
        settings.PING_URL = url

    assert heartbeat.ping() is False
    assert "did not hear of the good run" in caplog.text


def test_a_monitor_that_hangs_is_not_waited_for(settings, caplog, monkeypatch):
    monkeypatch.setattr(heartbeat, "PING_SECONDS", 0.2)
    hangs = Event()
    with monitor(hangs=hangs) as (url, _):
        settings.PING_URL = url

        assert heartbeat.ping() is False

    assert "timed out" in caplog.text


@pytest.mark.parametrize("url", ["nonsense", "file:///etc/passwd", "ftp://127.0.0.1/ping"])
def test_an_address_that_is_no_web_address_is_logged_and_harms_nothing(settings, caplog, url):
    settings.PING_URL = url

    assert heartbeat.ping() is False
    assert "did not hear of the good run" in caplog.text


def test_the_log_does_not_tell_the_secret_of_the_address(settings, caplog):
    with monitor(500) as (url, _):
        settings.PING_URL = url
        heartbeat.ping()

    assert "abc" not in caplog.text


# Hosts


def test_a_false_host_is_answered_400_and_not_with_a_broken_page(client, settings):
    settings.ALLOWED_HOSTS = ["plan.northbridge.example"]

    assert client.get("/sign-in/", headers={"host": "elsewhere.example"}).status_code == 400
