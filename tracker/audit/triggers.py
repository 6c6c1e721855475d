"""History tables only grow: the database itself refuses to change or remove their rows."""

from typing import Any

from django.db import connections

from tracker.audit.history import audited_models, history_of

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'History cannot be changed: % on %.', TG_OP, TG_TABLE_NAME;
END $$
"""

ROW_BY_ROW = "FOR EACH ROW EXECUTE FUNCTION history_is_append_only()"
AS_A_WHOLE = "FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()"


def history_tables() -> list[str]:
    """Return the names of all history tables."""
    return sorted(history_of(model)._meta.db_table for model in audited_models())


def guard_history_tables(using: str = "default", **_: Any) -> None:
    """Put the triggers on every history table that exists.

    Runs after each migrate, because a migration on SQLite rebuilds a table and drops its triggers.
    """
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
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
