"""Production refuses to start with a missing or unsafe value, and says which."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SAFE = {
    "PATH": os.environ["PATH"],
    "TRACKER_ENV": "production",
    "SECRET_KEY": "vG3xq8pTz1LwR7nYb5KcJd2MfH9sQaUe4oXiZkBt6PrNgWyVh0",
    "ALLOWED_HOSTS": "plan.northbridge.example",
    "SITE_URL": "https://plan.northbridge.example",
    "DATABASE_URL": "postgres://tracker:secret@127.0.0.1/tracker",
    "REDIS_URL": "redis://:secret@127.0.0.1:6379/0",
    "EMAIL_HOST": "smtp.northbridge.example",
    "EMAIL_FROM": "Improvement plan <improvement-plan@northbridge.example>",
}


def start(**changed: str | None) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in (SAFE | changed).items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", "import tracker.config.settings"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_safe_values():
    assert start().returncode == 0


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_HOST", "EMAIL_FROM"]
)
def test_production_refuses_to_start_without_a_value_and_names_it(name):
    refused = start(**{name: None})

    assert refused.returncode != 0
    assert f"{name} is missing" in refused.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is unsafe"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is unsafe"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS is unsafe"),
        ("ALLOWED_HOSTS", ".example", "ALLOWED_HOSTS is unsafe"),
        ("SITE_URL", "http://plan.northbridge.example", "SITE_URL must begin with https://"),
        ("REDIS_URL", "redis://127.0.0.1:6379/0", "Redis needs a password"),
        ("TRACKER_TODAY", "2014-11-03", "must not be set in production"),
        ("SECOND_STEP_REQUIRED", "no", "SECOND_STEP_REQUIRED is for demonstrations and must stay on"),
        ("CACHE_URL", "redis://127.0.0.1:6379/1", "CACHE_URL is unsafe"),
        ("CACHE_URL", "memory", "CACHE_URL is unsafe"),
        ("COUNCIL_ACCOUNTS", "northbridge", "COUNCIL_ACCOUNTS cannot be used: it is not JSON"),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT must be a whole number"),
        ("EMAIL_USE_TLS", "perhaps", "EMAIL_USE_TLS must be yes or no"),
        ("TRACKER_ENV", "staging", "TRACKER_ENV must be production, demo or test"),
    ],
)
def test_production_refuses_to_start_with_an_unsafe_value_and_says_which(name, value, words):
    refused = start(**{name: value})

    assert refused.returncode != 0
    assert words in refused.stderr


def test_a_secret_can_come_from_a_file(tmp_path):
    secret = tmp_path / "key"
    secret.write_text(SAFE["SECRET_KEY"] + "\n")

    assert start(SECRET_KEY=None, SECRET_KEY_FILE=str(secret)).returncode == 0
    assert "SECRET_KEY_FILE cannot be read" in start(SECRET_KEY=None, SECRET_KEY_FILE="/nowhere").stderr


def test_a_demonstration_date_that_is_no_date_is_refused():
    refused = start(TRACKER_ENV="demo", TRACKER_TODAY="3 November 2014")

    assert "TRACKER_TODAY must be a date such as 2014-11-03" in refused.stderr


NOTIFY = {
    "NOTIFY_API_KEY": "live-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0",
    "NOTIFY_TEMPLATE_ID": "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
}


def test_production_needs_no_mail_relay_when_it_has_a_key_for_notify():
    assert start(**NOTIFY, EMAIL_HOST=None).returncode == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"NOTIFY_TEMPLATE_ID": None}, "NOTIFY_API_KEY and NOTIFY_TEMPLATE_ID belong together"),
        ({"NOTIFY_API_KEY": None}, "NOTIFY_API_KEY and NOTIFY_TEMPLATE_ID belong together"),
        ({"NOTIFY_API_KEY": NOTIFY["NOTIFY_API_KEY"][:-8]}, "NOTIFY_API_KEY is cut off"),
        ({"NOTIFY_URL": "http://api.notifications.service.gov.uk"}, "NOTIFY_URL must begin with https://"),
    ],
)
def test_half_a_configuration_for_notify_is_refused(changed, words):
    refused = start(**(NOTIFY | changed))

    assert refused.returncode != 0
    assert words in refused.stderr
