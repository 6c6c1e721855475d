"""The role that the product runs as in production adds to the history and can do nothing else to it."""

from pathlib import Path

import psycopg
import pytest

from tests.services.servers import PostgresServer, Product, product_environment

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "roles.sql"
AT_WORK = """
from datetime import date
from tests.factories import make_action, make_authority, make_deadline_change, make_milestone
action = make_action(make_authority())
make_milestone(action)
make_deadline_change(action, date(2026, 9, 4))
"""
TABLES = ("actions_historicalaction", "accounts_historicaluser", "audit_entry", "audit_anchor")
REFUSED = [
    statement.format(table=table)
    for table in TABLES
    for statement in (
        "UPDATE {table} SET id = id",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "DROP TABLE {table}",
        "DROP TRIGGER append_only ON {table}",
        "ALTER TABLE {table} DISABLE TRIGGER append_only",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "ALTER TABLE {table} ADD COLUMN more text",
        "ALTER TABLE {table} RENAME TO gone",
        "CREATE TRIGGER another BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION history_is_append_only()",
    )
] + [
    "SET session_replication_role = replica",
    "SET ROLE tracker_owner",
    "CREATE TABLE another (id int)",
    "DROP FUNCTION history_is_append_only CASCADE",
    "CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "ALTER ROLE tracker_app SUPERUSER",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', 'x', now())",
]


@pytest.fixture(scope="module")
def app(postgres_server: PostgresServer) -> Product:
    """An installation whose tables another role owns, at work."""
    with postgres_server.connect() as server:
        server.autocommit = True
        server.execute("CREATE ROLE tracker_owner LOGIN PASSWORD 'owner'")
        server.execute("CREATE ROLE tracker_app LOGIN PASSWORD 'app'")
        server.execute("CREATE DATABASE of_two_roles OWNER tracker_owner")
    address = postgres_server.url("of_two_roles").rpartition("@")[2]
    Product(product_environment(f"postgres://tracker_owner:owner@{address}")).manage("migrate", "--no-input")
    with psycopg.connect(f"postgres://tracker_owner:owner@{address}", autocommit=True) as owner:
        owner.execute(ROLES.read_text())
    product = Product(product_environment(f"postgres://tracker_app:app@{address}")).on("2026-05-06")
    product.shell(AT_WORK)
    return product


def test_the_product_works_and_proves_its_history(app: Product):
    assert app.rows("SELECT count(*) FROM actions_historicalaction") == [(2,)]
    app.manage("daily", "--on", "2026-05-06")
    assert app.manage("verify_history").startswith("All is as it was written")


@pytest.mark.parametrize("statement", REFUSED)
def test_the_products_role_cannot_touch_what_was_written(app: Product, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException)):
        app.rows(statement)
