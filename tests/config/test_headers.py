"""What every answer bears, what production demands of a browser, and what an error tells."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from tests import factories
from tests.config.test_settings import SAFE
from tracker.config.urls import handler500, urlpatterns

__all__ = ["handler500"]

ROOT = Path(__file__).resolve().parents[2]
ANYWHERE = ["/sign-in/", "/privacy/", "/nowhere/", "/", "/calendar/wrong.ics", "/partner/wrong/"]


def explode(request) -> HttpResponse:
    raise RuntimeError("Tom Smith of NN1 2AB, tom@family.example")


urlpatterns = [*urlpatterns, path("explode/", explode)]


@pytest.mark.parametrize("address", ANYWHERE)
@pytest.mark.django_db
def test_every_answer_says_what_a_browser_may_do_with_it(client, council, address):
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "script-src 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    for offered in ("camera", "geolocation", "microphone", "payment", "usb"):
        assert f"{offered}=()" in headers["Permissions-Policy"]
    assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-ID"])


def test_a_client_cannot_choose_the_number_of_its_request(client, council):
    asked = client.get("/privacy/", HTTP_X_REQUEST_ID="evil\r\nSet-Cookie: a=b")

    assert "evil" not in asked.headers["X-Request-ID"]


ASKED = """
import django, json
django.setup()
from django.test import Client
from django.conf import settings
client = Client(raise_request_exception=False)
def told(**options):
    answer = client.get("/cookies/", **options)
    return {"status": answer.status_code, "headers": dict(answer.headers)}
safe = told(secure=True, HTTP_HOST="plan.northbridge.example", HTTP_X_FORWARDED_PROTO="https")
print(json.dumps({
    "safe": safe,
    "plain": told(HTTP_HOST="plan.northbridge.example"),
    "false": told(secure=True, HTTP_HOST="evil.example", HTTP_X_FORWARDED_PROTO="https"),
    "cookies": [
        [getattr(settings, f"{name}_COOKIE_{what}") for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH")]
        + [getattr(settings, f"{name}_COOKIE_DOMAIN")] for name in ("SESSION", "CSRF")
    ],
    "debug": settings.DEBUG,
}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """What production answers, without a database."""
    static = tmp_path_factory.mktemp("static")
    environment = {**SAFE, "STATIC_ROOT": str(static), "DJANGO_SETTINGS_MODULE": "tracker.config.settings"}
    names = ("govuk/app.css", "govuk/app.js")
    (static / "staticfiles.json").write_text(
        json.dumps({"version": "1.1", "hash": "", "paths": {one: one for one in names}})
    )
    asked = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout.splitlines()[-1]), asked.stderr


def test_production_asks_for_an_encrypted_line_for_a_year(production):
    told, _ = production

    assert told["plain"]["status"] == 301
    assert told["plain"]["headers"]["Location"] == "https://plan.northbridge.example/cookies/"
    assert told["safe"]["headers"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_production_refuses_a_false_host(production):
    told, _ = production

    assert told["false"]["status"] == 400
    assert "evil.example" not in json.dumps(told["false"])


def test_production_cookies_belong_to_this_host_alone(production):
    told, _ = production

    assert told["cookies"] == [
        ["__Host-session", True, True, "Lax", "/", None],
        ["__Host-csrf", True, True, "Lax", "/", None],
    ]
    assert told["debug"] is False


def test_production_logs_are_lines_of_json(production):
    _, logged = production

    lines = [json.loads(line) for line in logged.splitlines()]
    assert {"time", "level", "logger", "message"} <= set(lines[-1])


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_an_error_tells_its_reference_and_nothing_else(council, signed_in):
    client = signed_in(Client(raise_request_exception=False), factories.aisha(council))
    answer = client.get("/explode/")
    page = answer.content.decode()

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in page
    for hidden in ("RuntimeError", "Traceback", "Tom", "NN1", __file__, os.fspath(ROOT)):
        assert hidden not in page


def test_a_form_that_is_far_too_large_is_refused_in_plain_words(client, council, signed_in):
    signed_in(client, factories.aisha(council))
    answer = client.post("/settings/next_visit/", {"value": "4", "source": "x" * 1_100_000})

    assert answer.status_code in {400, 413}
    assert "Traceback" not in answer.content.decode()


def test_a_form_with_thousands_of_fields_is_refused(client, council, signed_in):
    signed_in(client, factories.aisha(council))

    assert client.post("/settings/next_visit/", {f"f{number}": "x" for number in range(1_001)}).status_code == 400
