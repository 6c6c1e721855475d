"""What each kind of file of a room holds, beyond what test_house says."""

import ast

from django.apps import apps
from django.db import models

from tests.architecture.source import ORDER, files, imports_of, room_of, tree_of

ROOM_MODELS = [model for model in apps.get_models() if room_of(model.__module__)]


def test_every_package_is_a_known_room():
    packages = {path.parts[:2] if path.parts[0] == "tracker" else path.parts[:1] for path in files()}
    rooms = {".".join(parts) for parts in packages if not parts[-1].endswith(".py")}

    assert rooms == set(ORDER)


def test_nothing_is_deleted_with_something_else():
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in ROOM_MODELS
        if not model._meta.label.partition(".")[2].startswith("Historical")
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT
    ]

    assert wrong == []


def test_no_signal_joins_two_rooms():
    """A room that needs another asks it. Signals of migration, of history and of Celery's start are within one."""
    allowed = {"tracker/audit/apps.py", "tracker/audit/history.py", "tracker/dates/apps.py", "tracker/config/celery.py"}
    wrong = [
        f"{path}:{line}"
        for path in files()
        if str(path) not in allowed
        for line, name in imports_of(path)
        if ".signals" in name or name.endswith(".receiver")
    ]

    assert wrong == []


def test_rules_are_pure():
    """No ORM, no clock, no settings: `models.TextChoices` is all that a rule takes of Django."""
    wrong = []
    for path in files():
        if path.name != "rules.py":
            continue
        wrong += [
            f"{path}:{line} imports {name}"
            for line, name in imports_of(path)
            if (room_of(name) and ".models" in name) or name.endswith(".clock") or name.startswith("django.conf")
        ]
        wrong += [
            f"{path}:{node.lineno} asks for .objects"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Attribute) and node.attr == "objects"
        ]

    assert wrong == []


def test_there_is_no_room_without_a_name():
    nameless = {"utils", "common", "core", "services", "helpers", "misc", "lib"}

    assert [str(path) for path in files() if nameless & {part.removesuffix(".py") for part in path.parts}] == []


def test_no_model_overrides_save_or_delete():
    wrong = [
        f"{path}:{node.lineno}"
        for path in files()
        if path.name == "models.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}
        if not any(isinstance(base, ast.Name) and base.id.endswith("QuerySet") for base in node.parent.bases)
    ]

    assert wrong == []
