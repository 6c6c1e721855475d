"""Addresses that are secrets themselves are in no log."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from gunicorn.config import Config

from tests import factories
from tests.partners.making import make_link, make_partner_action, page_of
from tracker.config.logs import WebLogger, WithoutSecrets, without_secrets
from tracker.reminders.calendars import changes

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("GET /calendar/s3cr-et_x.ics HTTP/1.1", "GET /calendar/(secret) HTTP/1.1"),
        ("Gone: /partner/s3cret/update/", "Gone: /partner/(secret)/update/"),
        ("https://plan.example/partner/s3cret/?a=b", "https://plan.example/partner/(secret)/?a=b"),
        ('"POST /emails/stop/s3:cr:et/ HTTP/1.1" 200', '"POST /emails/stop/(secret)/ HTTP/1.1" 200'),
        ("/partners/answers/3/ and /account/calendar/", "/partners/answers/3/ and /account/calendar/"),
        ("", ""),
    ],
)
def test_a_secret_in_an_address_is_left_out(text, written):
    assert without_secrets(text) == written


def test_a_record_is_kept_without_its_secrets():
    record = logging.makeLogRecord({"msg": "%s: %s", "args": ("Not Found", "/partner/s3cret/")})

    assert WithoutSecrets().filter(record)
    assert record.getMessage() == "Not Found: /partner/(secret)/"


def test_a_percent_sign_in_an_address_does_not_break_the_log():
    record = logging.makeLogRecord({"msg": "Not Found: %s", "args": ("/calendar/%00%s.ics",)})

    WithoutSecrets().filter(record)

    assert record.getMessage() == "Not Found: /calendar/(secret)"


def test_every_handler_leaves_secrets_out():
    filters = settings.LOGGING["filters"]

    assert filters["without_secrets"]["()"] == "tracker.config.logs.WithoutSecrets"
    assert all("without_secrets" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


def test_dead_and_forged_addresses_are_logged_without_what_was_tried(client, council, caplog):
    _, secret = make_link(make_partner_action(council))
    _, ended = changes.make_feed(factories.priya(council), at=factories.NOW)
    caplog.handler.addFilter(WithoutSecrets())

    client.get(page_of(secret[:-1]))
    client.get(f"/calendar/{ended[:-1]}.ics")

    assert "/partner/(secret)/" in caplog.text
    assert "/calendar/(secret)" in caplog.text
    assert secret[:-1] not in caplog.text
    assert ended[:-1] not in caplog.text


def test_the_web_servers_log_of_requests_leaves_secrets_out():
    request = SimpleNamespace(headers=[])
    answer = SimpleNamespace(status="200 OK", headers=[], sent=10)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/calendar/s3cret.ics",
        "PATH_INFO": "/calendar/s3cret.ics",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": "https://plan.example/partner/s3cret/",
    }

    found = WebLogger(Config()).atoms(answer, request, environ, SimpleNamespace(seconds=0, microseconds=1))

    assert "s3cret" not in str({name: value for name, value in found.items() if not name.startswith("{")})
    assert found["r"] == "GET /calendar/(secret) HTTP/1.1"


def test_the_servers_are_told_so():
    assert (
        "--logger-class tracker.config.logs.WebLogger"
        in (ROOT / "deploy" / "systemd" / "tracker-web.service").read_text()
    )
    proxy = (ROOT / "deploy" / "nginx.conf").read_text()
    assert "~^/(calendar|partner|emails/stop)/ 0;" in proxy
    assert "access_log /var/log/nginx/access.log combined if=$is_logged;" in proxy
