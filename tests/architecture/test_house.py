"""The promises of CONTRIBUTING.md: who may import whom, where writes stand, who is asked, what is public."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.council import CouncilQuerySet
from accounts.models import Authority
from tracker.audit.history import TrackedQuerySet, audited_models

ROOT = Path(__file__).resolve().parents[2]
ORDER = [
    "seeds",
    "config",
    "reports",
    "reminders",
    "partners",
    "visits",
    "actions",
    "plans",
    "inspections",
    "privacy",
    "doors",
    "accounts",
    "dates",
    "audit",
    "govuk",
]
PLACES = {name: ROOT / name if name in {"seeds", "accounts"} else ROOT / "tracker" / name for name in ORDER}
# Rows that are records themselves: no history of their own.
LEDGERS = {
    "SignIn",
    "Knocks",
    "OpenedPage",
    "SecurityEvent",
    "Notice",
    "Digest",
    "Reminder",
    "JobRun",
    "CalendarFeed",
    "CalendarEvent",
    "AddressTrouble",
    "Retry",
}
LEDGERS |= {"Entry", "Head", "Anchor"}  # The chain of the histories.
OF_THE_INSTALLATION = {"User", "Knocks", "SignIn", "BankHoliday", "JobRun", "Authority"}  # Belong to no one council.

WRITING_FILES = {"changes.py", "outbox.py", "flags.py", "history.py", "sets.py", "triggers.py", "anchors.py"}
WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "save_because"}
# Django's own objects have such methods too.
NOT_ROWS = {"session", "form", "data", "initial", "context", "digest", "hasher", "headers", "self"}


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "tracker" else parts[0]


def sources() -> Iterator[Path]:
    for place in PLACES.values():
        yield from (path for path in sorted(place.rglob("*.py")) if "migrations" not in path.parts)


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            room = parts[1] if parts[0] == "tracker" and len(parts) > 1 else parts[0]
            if room in ORDER and parts[0] in {"tracker", "accounts", "seeds"}:
                yield node.lineno, room


def test_a_room_imports_only_rooms_to_its_right():
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports {room}"
        for path in sources()
        for line, room in imported_rooms(path)
        if ORDER.index(room) < ORDER.index(room_of(path))
    ]

    assert upward == []


def test_foreign_keys_point_only_to_the_right():
    def place(model):
        return ORDER.index(model._meta.app_label) if model._meta.app_label in ORDER else None

    upward = [
        f"{model._meta.label}.{field.name} points to {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and place(model) is not None
        and place(field.related_model) is not None
        and place(field.related_model) < place(model)
        and not model.__name__.startswith("Historical")
    ]

    assert upward == []


def test_writes_stand_only_where_writes_belong():
    found = []
    for path in sources():
        if path.name in WRITING_FILES or path.parent.name in {"changes", "outbox"} or room_of(path) == "seeds":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in WRITES and not _is_no_row(node.func):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}")

    # The one person made outside `changes`: the first administrator, from the command line.
    assert [place for place in found if not place.startswith("accounts/models.py")] == []


def _is_no_row(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and ast.unparse(function.value).split(".")[-1] in NOT_ROWS


def test_the_schedule_names_real_tasks():
    current_app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert scheduled
    assert scheduled <= set(current_app.tasks)


def test_every_table_of_the_field_has_a_history_or_is_a_record_itself():
    ours = {model for model in apps.get_models() if model._meta.app_label in ORDER}
    plain = {model for model in ours if not model.__name__.startswith("Historical")}

    assert {model.__name__ for model in plain - set(audited_models())} == LEDGERS


def test_every_audited_table_refuses_writes_without_a_history():
    assert [model for model in audited_models() if not isinstance(model._default_manager.all(), TrackedQuerySet)] == []


def test_every_table_of_a_council_knows_its_council_and_who_may_see_it():
    for model in audited_models():
        if model.__name__ in OF_THE_INSTALLATION or model._meta.app_label == "accounts":
            continue
        rows = model._default_manager.all()
        assert isinstance(rows, CouncilQuerySet), model
        *way, last = rows.path.split("__")
        target = model
        for step in (*way, last):
            target = target._meta.get_field(step).related_model
        assert target is Authority, model


def test_pages_ask_who_is_asking():
    """A view never starts from every council's rows."""
    asked = re.compile(r"\.objects\b(?!\s*\.(visible_to|within_reach_of|of|on_the_list_of)\b)")
    found = []
    for path in sources():
        if "views" not in path.parts and path.name != "views.py":
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number} {line.strip()}"
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if asked.search(line)
        ]

    # Bank holidays are England's; memberships are asked for by council; sub-queries hang on the rows around them.
    allowed = re.compile(r"BankHoliday\.objects|Membership\.objects\.current\(on=on\)|OuterRef")
    assert [place for place in found if not allowed.search(place)] == []


def test_only_the_edges_ask_the_clock():
    edges = {"views.py", "tasks.py", "checks.py", "frame.py", "middleware.py", "admin.py", "site.py", "clock.py"}
    edges |= {"celery.py"}  # Notes when a job ran.
    edges |= {"adapters.py", "council_accounts.py"}  # Called by the pages of allauth as our own views are.
    found = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in sources()
        if path.name not in edges and not {"views", "commands"} & set(path.parts) and room_of(path) != "seeds"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"clock\.(today|now)\(|timezone\.now\(|date\.today\(|datetime\.now\(", line)
    ]

    assert found == []


@pytest.mark.parametrize("naive", ["date.today(", "datetime.now(", "datetime.today(", "datetime.utcnow("])
def test_nobody_asks_the_machine_what_day_it_is(naive):
    assert [path for path in sources() if naive in path.read_text()] == []


def addresses(patterns: list, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":  # The inspector site has tests of its own.
                yield from addresses(pattern.url_patterns, f"{prefix}{pattern.pattern}")
        else:
            yield f"{prefix}{pattern.pattern}", pattern


def test_every_page_requires_sign_in_but_these():
    public = {
        address
        for address, pattern in addresses(get_resolver().url_patterns)
        if not getattr(pattern.callback, "login_required", True)
    }

    assert public == {
        "health/",
        "sign-in/",
        "sign-out/",
        # The law wants everyone to be able to read them.
        "accessibility/",
        "accessibility/<slug:council>/",
        "privacy/",
        "privacy/<slug:council>/",
        "cookies/",
        "cookies/<slug:council>/",
        "sign-in/second-step/",
        "sign-in/council/<slug:provider_id>/",
        "sign-in/council/<slug:provider_id>/back/",
        "invitation/<str:token>/",
        "sign-in/passkey/",
        "sign-in/password/",
        "sign-in/password/sent/",
        "sign-in/password/done/",
        r"^sign-in/password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        # A mail program posts there with one click (RFC 8058); what its signed address may do is in the address.
        "emails/stop/<str:token>/",
        # Their address is a secret that only its holder knows.
        "calendar/<str:secret>.ics",
        "partner/<str:token>/",
        "partner/<str:token>/update/",
        "partner/<str:token>/evidence/",
        "partner/<str:token>/new-date/",
    }


def test_templates_trust_no_text():
    templates = [path for place in PLACES.values() for path in place.rglob("*.html")]
    tricks = re.compile(r"\|\s*safe\b|autoescape off|\bstyle=|\bon(click|load|change)=|<script(?![^>]*\bsrc=)")

    found = [path.relative_to(ROOT).as_posix() for path in templates if tricks.search(path.read_text())]

    # An email bears its styles in itself, as mail programs need.
    assert found == ["tracker/reminders/templates/reminders/email.html"]


def test_the_package_file_of_a_room_holds_one_docstring():
    for place in PLACES.values():
        body = ast.parse((place / "__init__.py").read_text()).body
        assert len(body) == 1, place
        assert isinstance(body[0], ast.Expr), place


def test_nobody_publishes_a_message_from_the_field():
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if re.search(r"\.delay\(|apply_async|send_task|delay_on_commit", path.read_text())
    ]

    assert found == ["tracker/config/celery.py"]
