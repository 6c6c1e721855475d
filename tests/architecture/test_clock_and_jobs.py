"""Jobs, their messages and the mail, beyond what test_house says."""

import ast
from datetime import timedelta

from celery import Celery
from django.conf import settings

from tests.architecture.source import files, imports_of, place, tree_of
from tracker.config.celery import app


def test_no_default_is_taken_from_the_clock():
    """It would freeze at the start, or hide the clock in a table."""
    wrong = [
        f"{place(path, node)} {node.arg}"
        for path in files()
        if path.name in {"models.py", "forms.py"}
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}
    ]

    assert wrong == []


# Jobs


def tasks_of(celery: Celery) -> set[str]:
    celery.loader.import_default_modules()
    return {name for name in celery.tasks if not name.startswith("celery.")}


def test_every_task_has_a_name_that_does_not_change_when_code_moves():
    rooms = {path.parts[-2] for path in files() if path.name == "tasks.py"}

    assert {name.partition(".")[0] for name in tasks_of(app)} <= rooms
    assert all(name.count(".") == 1 for name in tasks_of(app))


def test_tasks_ask_the_day_and_make_one_call():
    """No loop, no query and no mail in a task: `outbox` and `flags` do the work."""
    wrong = [
        f"{place(path, node)}"
        for path in files()
        if path.name == "tasks.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.For, ast.While)) or (isinstance(node, ast.Attribute) and node.attr == "objects")
    ]

    assert wrong == []


def test_a_message_that_waited_too_long_is_dropped():
    assert all(entry["options"]["expires"] for entry in settings.CELERY_BEAT_SCHEDULE.values())


def test_no_schedule_is_tied_to_an_hour_that_comes_twice_or_not_at_all():
    assert all(isinstance(entry["schedule"], timedelta) for entry in settings.CELERY_BEAT_SCHEDULE.values())


def test_mail_is_sent_from_one_place():
    wrong = [
        f"{path}:{line} imports {name}"
        for path in files()
        if path.parts[:2] != ("tracker", "reminders")
        for line, name in imports_of(path)
        if name.startswith(("django.core.mail", "smtplib"))
    ]

    assert wrong == []
