"""One place per write."""

import ast
from pathlib import Path

from tests.architecture.source import calls_of, files, place, receiver_names, tree_of

WRITERS = {"changes.py", "outbox.py", "flags.py"}

# Other places that write, each for a reason.
ALSO_WRITE = {
    "accounts/models.py": "makes the first technical administrator, for Django's createsuperuser",
}

# What a write is called. `update`, `delete` and `create` are also words of dictionaries and forms: see below.
ALWAYS = {
    "save",
    "save_base",
    "save_because",
    "delete_because",
    "insert_because",
    "insert_select",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "aupdate",
    "acreate",
    "asave",
    "adelete",
}
OF_A_QUERYSET = {"update", "delete", "create", "add", "set", "clear", "remove"}
MAKES_A_QUERYSET = {
    "objects",
    "_default_manager",
    "_base_manager",
    "history",
    "filter",
    "exclude",
    "all",
    "get_queryset",
    "select_for_update",
    "order_by",
}
NEVER = {"_base_manager", "save_without_historical_record", "skip_history_when_saving", "clean_old_history", "raw"}


def may_write(path: Path) -> bool:
    return (
        path.name in WRITERS
        or path.parent.name in {"changes", "outbox"}  # A room with many changes keeps them in a folder.
        or path.parts[0] == "seeds"
        or path.parts[:2] == ("tracker", "audit")
        or "migrations" in path.parts
        or str(path) in ALSO_WRITE
    )


def test_rows_are_written_in_changes_outbox_flags_and_audit_only():
    wrong = [
        f"{place(path, call)} {name}()"
        for path in files()
        if not may_write(path)
        for call, name in calls_of(path)
        if name in ALWAYS or (name in OF_A_QUERYSET and receiver_names(call) & MAKES_A_QUERYSET)
    ]

    assert wrong == []


def test_statements_are_written_by_hand_in_audit_and_where_rows_are_written_only():
    wrong = [
        f"{place(path, call)} {name}()"
        for path in files()
        if not may_write(path)
        for call, name in calls_of(path)
        if name in {"execute", "executemany", "cursor", "raw", "extra", "RawSQL"}
    ]

    assert wrong == []


def test_nobody_takes_the_back_doors_past_history():
    wrong = [
        f"{place(path, node)} {node.attr}"
        for path in files()
        if "migrations" not in path.parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in NEVER
    ]

    assert wrong == []


def test_changes_know_nothing_of_pages():
    wrong = [
        f"{path}:{node.lineno} {node.id}"
        for path in files()
        if path.name in WRITERS or path.parent.name in {"changes", "outbox"}
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name) and node.id in {"request", "HttpRequest", "HttpResponse", "messages"}
    ]

    assert wrong == []


def test_every_place_that_also_writes_is_still_there():
    known = {str(path) for path in files()}

    assert set(ALSO_WRITE) <= known


def test_changes_of_audited_rows_are_recorded_as_one():
    """`transaction.atomic` around `save_because` would take the head of the chain before the last lock."""
    wrong = []
    for path in files():
        if "migrations" in path.parts or path.parts[:2] == ("tracker", "audit"):
            continue
        tree = tree_of(path)
        writes = {name for _, name in calls_of(path)} & {"save_because", "delete_because", "insert_because"}
        wrong += [
            place(path, node)
            for node in ast.walk(tree)
            if writes and isinstance(node, ast.Attribute) and node.attr == "atomic"
        ]

    assert wrong == []
