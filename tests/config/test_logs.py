"""Addresses that are secrets themselves are in no log."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery.signals import setup_logging
from django.conf import settings
from gunicorn.config import Config

from tests import factories
from tests.partners.making import make_link, make_partner_action, page_of
from tracker.config.logs import Line, WebLogger, WithoutSecrets, fit_to_log, request_id, without_secrets
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
    assert "access_log /var/log/nginx/access.log tracker if=$is_logged;" in proxy


# What people typed, where they come from, and what could command a reader's terminal


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("one\r\nERROR two", "one\\x0d\\x0aERROR two"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\u2028b\x9b31m", "a\\x2028b\\x9b31m"),
        ("Refused: priya.nair@council.example.", "Refused: (email address)."),
        ("GET /actions/?words=Tom+Smith HTTP/1.1", "GET /actions/?(words) HTTP/1.1"),
    ],
)
def test_a_text_is_made_fit_to_log(text, written):
    assert fit_to_log(text) == written


def record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("tracker", logging.ERROR, "", 0, message, args, info)


def test_a_line_is_one_json_object_with_the_number_of_its_request():
    token = request_id.set("0123456789abcdef")
    try:
        line = Line().format(record("Sent to %s\n", "a@b.example"))
    finally:
        request_id.reset(token)

    assert "\n" not in line
    assert json.loads(line)["message"] == "Sent to (email address)\\x0a"
    assert json.loads(line)["request_id"] == "0123456789abcdef"


def test_of_an_error_its_kind_and_place_are_written_and_not_its_words():
    try:
        raise ValueError("CANARY of a child")
    except ValueError as error:
        line = Line().format(record("It failed", error=error))

    assert "CANARY" not in line
    assert json.loads(line)["error"] == "builtins.ValueError"
    assert "test_logs.py" in json.loads(line)["where"][0]


def test_nothing_that_was_typed_or_looked_for_is_in_any_log(client, council, signed_in, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(WithoutSecrets())
    signed_in(client, factories.aisha(council))

    client.post("/settings/next_visit/", {"value": "4", "source": "CANARY-typed"})
    client.post("/settings/no-such-number/", {"source": "CANARY-typed"})
    client.get("/actions/?words=CANARY-looked-for")
    client.get("/no-such-page/?q=CANARY-looked-for")
    client.post("/sign-in/", {"email": "canary@council.example", "password": "CANARY-password"})

    told = [one for one in caplog.records if not one.name.startswith("django.db")]  # Only with DEBUG, which is never.
    assert "CANARY" not in "\n".join(f"{one.getMessage()} {one.exc_text or ''}" for one in told)
    assert "canary@council.example" not in "\n".join(one.getMessage() for one in told)


def test_the_web_server_writes_neither_addresses_nor_queries(capsys):
    config = Config()
    config.set("accesslog", "-")
    answer = SimpleNamespace(status="200 OK", headers=[("X-Request-ID", "0123456789abcdef")], sent=10)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/actions/?words=CANARY",
        "PATH_INFO": "/actions/",
        "QUERY_STRING": "words=CANARY",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_REFERER": "https://plan.example/actions/?words=CANARY",
    }

    WebLogger(config).access(
        answer, SimpleNamespace(headers=[]), environ, SimpleNamespace(seconds=0, microseconds=1500)
    )

    line = capsys.readouterr().out
    assert "CANARY" not in line
    assert "192.0.2.7" not in line
    said = json.loads(line)
    assert (said["path"], said["status"], said["request_id"]) == ("/actions/", "200", "0123456789abcdef")


def test_workers_write_their_logs_as_the_settings_have_them():
    assert setup_logging.receivers
    assert settings.LOGGING["root"]["handlers"] == ["console"]
