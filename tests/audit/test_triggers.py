"""The database itself refuses to change or remove history, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests import factories
from tests.factories import NOW, TODAY
from tracker.audit.history import audited_models, history_of
from tracker.audit.models import Anchor
from tracker.audit.triggers import guard_history_tables, history_tables

pytestmark = pytest.mark.django_db

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
}
EXPECTED = {
    "sqlite": lambda table: (
        {f"{table}_no_update", f"{table}_no_delete"} | ({"audit_entry_moves_head"} if table == "audit_entry" else set())
    ),
    "postgresql": lambda table: {"append_only", "append_only_truncate"},
}


def run(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def test_every_history_table_is_guarded_with_the_chain_and_its_anchors():
    histories = [history_of(model)._meta.db_table for model in audited_models()]

    assert history_tables() == sorted([*histories, "audit_entry", "audit_anchor"])
    assert len(histories) >= 20


@pytest.mark.parametrize("table", history_tables())
def test_the_triggers_stand_on_every_history_table(table):
    found = {name for (name,) in run(TRIGGERS[connection.vendor], [table])}

    assert found == EXPECTED[connection.vendor](table)


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = NULL", "DELETE FROM {}"])
def test_history_cannot_be_changed_or_removed(ours, statement):
    Anchor.objects.create(council=ours.authority.pk, on=TODAY, link=1, head="0" * 64, recorded_at=NOW)
    for table in history_tables():
        column = "history_date" if "historical" in table else "head"
        before = run(f"SELECT * FROM {table} ORDER BY 1")
        assert before, f"{table} is empty, so the test would say nothing."

        with pytest.raises(DatabaseError, match="History cannot be changed"), transaction.atomic():
            run(statement.format(table, column))

        assert run(f"SELECT * FROM {table} ORDER BY 1") == before


def test_history_cannot_be_emptied_at_a_stroke(ours):
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="History cannot be changed: TRUNCATE"), transaction.atomic():
            run("TRUNCATE actions_historicalaction")
    else:
        with pytest.raises(DatabaseError, match="History cannot be changed"), transaction.atomic():
            run("DELETE FROM actions_historicalaction")


def test_the_orm_is_refused_as_well(council):
    service = factories.make_service(council)

    for write in (lambda: service.history.update(actor="nobody"), lambda: service.history.all().delete()):
        with pytest.raises(DatabaseError, match="History cannot be changed"), transaction.atomic():
            write()


def test_putting_the_triggers_on_again_changes_nothing():
    guard_history_tables()

    test_the_triggers_stand_on_every_history_table(history_tables()[0])
