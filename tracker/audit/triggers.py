"""History tables only grow: the database itself refuses to change or remove their rows."""

from typing import Any

from django.db import connections

from tracker.audit.history import audited_models, history_of
from tracker.audit.models import Anchor, Entry

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'History cannot be changed: % on %.', TG_OP, TG_TABLE_NAME;
END $$
"""

ROW_BY_ROW = "FOR EACH ROW EXECUTE FUNCTION history_is_append_only()"
AS_A_WHOLE = "FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()"


# For SQLite, where one statement cannot both move the head of a chain and enter its rows.
SQLITE_HEAD = """
CREATE TRIGGER IF NOT EXISTS "audit_entry_moves_head" AFTER INSERT ON "audit_entry" BEGIN
    INSERT INTO audit_head (council, link, digest, head) VALUES (new.council, new.link, '', new.head)
    ON CONFLICT (council) DO UPDATE SET link = excluded.link, head = excluded.head;
END
"""


def history_tables() -> list[str]:
    """Return the names of all tables that only grow: the histories, their chain and its anchors."""
    logs = [history_of(model) for model in audited_models()]
    return sorted(model._meta.db_table for model in [*logs, Entry, Anchor])


def guard_history_tables(using: str = "default", **_: Any) -> None:
    """Put the triggers on every history table that exists.

    Runs after each migrate, because a migration on SQLite rebuilds a table and drops its triggers; and before any
    room fills its tables.
    """
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        elif Entry._meta.db_table in present:
            cursor.execute(SQLITE_HEAD)
        for table in history_tables():
            if table in present:
                for statement in _statements(connection.vendor, table):
                    cursor.execute(statement)


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" {ROW_BY_ROW}',
            f'CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON "{table}" {AS_A_WHOLE}',
        ]
    if vendor == "sqlite":
        return [
            f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{verb}" BEFORE {verb.upper()} ON "{table}" '
            "BEGIN SELECT RAISE(ABORT, 'History cannot be changed.'); END"
            for verb in ("update", "delete")
        ]
    raise NotImplementedError(f"The tracker runs on PostgreSQL and SQLite, not on {vendor}.")


_STANDING = {
    # Switched on for ordinary sessions: "O", or for all: "A".
    "postgresql": "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)",
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
}


def tables_without_triggers(using: str = "default") -> list[str]:
    """Return the tables that should only grow and that the database does not guard."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(_STANDING[connection.vendor])
        standing = set(cursor.fetchall())
    return [table for table in history_tables() if not _names(connection.vendor, table) <= standing]


def _names(vendor: str, table: str) -> set[tuple[str, str]]:
    if vendor == "postgresql":
        return {(table, "append_only"), (table, "append_only_truncate")}
    return {(table, f"{table}_no_update"), (table, f"{table}_no_delete")}
