"""What a database owner could do to the history with SQL, triggers off: each a sentence and what is run.

In the statements `H` is the history of actions, `A` the actions, `E` the chain and `C` the key of the council.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

from tracker.audit.canonical import forms
from tracker.audit.chain import digest_of_link, first_head, next_head
from tracker.audit.history import history_of
from tracker.audit.models import Entry
from tracker.audit.triggers import guard_history_tables

MIDDLE = "(SELECT min(history_id) + 1 FROM H)"
FIRST, LAST = "(SELECT min(history_id) FROM H)", "(SELECT max(history_id) FROM H)"
LAST_LINK = "(SELECT max(link) FROM E WHERE council = C)"
ITS_LINK = f"(SELECT link FROM E WHERE model = 'actions.Action' AND history = {MIDDLE})"
COPY = "INSERT INTO H ({columns}) SELECT {values} FROM H WHERE history_id = {which}"

Tamper = Callable[[int], None]


def run(statement: str, council: int) -> None:
    """Run one statement of a corpus."""

    named = {"H": "actions_historicalaction", "A": "actions_action", "E": "audit_entry", "C": str(council)}
    with connection.cursor() as cursor:
        cursor.execute(re.sub(r"\b(H|A|E|C)\b", lambda found: named[found[0]], statement))


@contextmanager
def triggers_off() -> Iterator[None]:
    """Let the owner of the database do what the triggers forbid, and put them back as if nothing had been."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        guard_history_tables()


def sql(*statements: str) -> Tamper:
    def tamper(council: int) -> None:
        for statement in statements:
            run(statement, council)

    return tamper


def edited(what: str, which: str = MIDDLE) -> Tamper:
    return sql(f"UPDATE H SET {what} WHERE history_id = {which}")


def entered(what: str, which: str = MIDDLE) -> Tamper:
    return sql(f"UPDATE E SET {what} WHERE model = 'actions.Action' AND history = {which}")


def copied(which: str, **changed: str) -> Tamper:
    """A history row like another, with some columns changed."""

    def tamper(council: int) -> None:
        names = [field.column for field in history_of(apps.get_model("actions.Action"))._meta.concrete_fields]
        values = [changed.get(name, name) for name in names if name != "history_id" or "history_id" in changed]
        columns = [name for name in names if name != "history_id" or "history_id" in changed]
        run(COPY.format(columns=", ".join(columns), values=", ".join(values), which=which), council)

    return tamper


def both(*tampers: Tamper) -> Tamper:
    def tamper(council: int) -> None:
        for each in tampers:
            each(council)

    return tamper


def with_digest(council: int) -> None:
    """Give each entry the digest of its row as it now is."""
    for entry in Entry.objects.filter(council=council):
        row = history_of(apps.get_model(entry.model)).objects.filter(history_id=entry.history).first()
        if row is not None:
            _set("digest", forms()[entry.model][entry.form].digest(row), entry)


def _set(column: str, value: Any, entry: Entry) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", [value, entry.pk])


def with_heads(*, upto: int | None = None) -> Tamper:
    """Work the chain out again from its entries, to its end or to the changed link only."""

    def tamper(council: int) -> None:
        head, links = first_head(council), {}
        for entry in Entry.objects.filter(council=council).order_by("link", "position"):
            links.setdefault(entry.link, []).append(entry)
        for link, entries in links.items():
            head = next_head(head, digest_of_link(entry.digest for entry in entries))
            for entry in entries:
                _set("head", head, entry)
            if link == upto:
                break

    return tamper


def head_row(council: int) -> None:
    """Let the row that tells how far the chain reaches tell what its last entry tells."""
    run(
        f"UPDATE audit_head SET link = {LAST_LINK}, head = (SELECT max(head) FROM E WHERE council = C AND "
        f"link = {LAST_LINK}) WHERE council = C",
        council,
    )


def without_last_link(council: int) -> None:
    """Remove what the last change wrote, with its entries."""
    run(f"DELETE FROM H WHERE history_id IN (SELECT history FROM E WHERE council = C AND link = {LAST_LINK})", council)
    run(f"DELETE FROM E WHERE council = C AND link = {LAST_LINK}", council)


def as_before(council: int) -> None:
    """Put the action back to what its newest history row says."""
    run(f"UPDATE A SET title = (SELECT title FROM H WHERE history_id = {LAST})", council)


TITLE = "title = 'Another title'"
FORGED_ENTRY = (
    "INSERT INTO E (council, link, position, at, model, object, history, history_type, person, actor, door, request, "
    "form, is_taken_over, digest, head) SELECT council, {link}, {position}, at, model, object, "
    f"{LAST}, history_type, person, actor, door, request, form, is_taken_over, digest, head FROM E "
    f"WHERE model = 'actions.Action' AND history = {MIDDLE}"
)
SWAPPED_LINKS = sql(
    "UPDATE E SET link = -1 WHERE council = C AND link = 2",
    "UPDATE E SET link = 2 WHERE council = C AND link = 3",
    "UPDATE E SET link = 3 WHERE council = C AND link = -1",
)
SWAPPED_POSITIONS = sql(
    "UPDATE E SET position = 99 WHERE council = C AND link = 1 AND position = 0",
    "UPDATE E SET position = 0 WHERE council = C AND link = 1 AND position = 1",
    "UPDATE E SET position = 1 WHERE council = C AND link = 1 AND position = 99",
)

CORPUS: dict[str, Tamper] = {
    # Edited
    "a title is edited": edited(TITLE),
    "a reason is edited": edited("history_change_reason = 'Because'"),
    "a reason is removed": edited("history_change_reason = NULL"),
    "a name is edited": edited("actor = 'Somebody else'"),
    "a name is blanked": edited("actor = ''"),
    "a post is edited": edited("actor_post = 'Chief executive'"),
    "an empty post becomes none": edited("actor_post = NULL"),
    "a moment is moved by a month": edited("history_date = '2026-04-01 10:00:00.000001+00:00'"),
    "the kind of a change is edited": edited("history_type = '+'"),
    "the person is another": edited("history_user_id = 987654"),
    "the person is none": edited("history_user_id = NULL", LAST),
    "the door is another": edited("door = 'job'"),
    "the request is another": edited("door_request = 'GET /'"),
    "the council is another": edited("in_council = in_council + 1"),
    "the council is none": edited("in_council = NULL"),
    "a row tells of another action": edited("id = id + 1"),
    "a row is renumbered": edited("history_id = 987654"),
    "a deadline is edited": edited("deadline = '2026-12-24'"),
    "a deadline is removed": edited("deadline = NULL"),
    "a yes becomes a no": edited("is_restricted = NOT is_restricted"),
    "an owner is another": edited("owner_id = 987654"),
    "a space is put at the end": edited("title = title || ' '"),
    "a letter is capital": edited("title = upper(title)"),
    "a letter looks the same": edited("title = replace(title, 'e', '\u0435')"),
    "two rows change titles": sql(
        f"UPDATE H SET title = CASE history_id WHEN {FIRST} THEN 'Third' ELSE 'First' END "
        f"WHERE history_id IN ({FIRST}, {LAST})"
    ),
    "a person is renamed in all history": sql("UPDATE H SET actor = 'Nobody' WHERE actor <> ''"),
    "a row of another table is edited": sql("UPDATE accounts_historicalservice SET name = 'Another service'"),
    "a row of the installation is edited": sql("UPDATE accounts_historicaluser SET is_active = NOT is_active"),
    "what a frozen version was warned of is edited": sql(
        """UPDATE plans_historicalplanversion SET warnings = '["no_owner"]'"""
    ),
    "history and table are edited alike": both(edited(TITLE, LAST), sql(f"UPDATE A SET {TITLE}")),
    "a row is edited with its digest": both(edited(TITLE), with_digest),
    "a row is edited with its digest and the head of its link": both(edited(TITLE), with_digest, with_heads(upto=2)),
    "a row is edited and all its chain with it": both(edited(TITLE), with_digest, with_heads()),
    "a row is edited and all its chain with the kept head": both(edited(TITLE), with_digest, with_heads(), head_row),
    # Removed
    "the first row is removed": sql(f"DELETE FROM H WHERE history_id = {FIRST}"),
    "a row in the middle is removed": sql(f"DELETE FROM H WHERE history_id = {MIDDLE}"),
    "the last row is removed": sql(f"DELETE FROM H WHERE history_id = {LAST}"),
    "all history of a record is removed": sql("DELETE FROM H WHERE id = (SELECT min(id) FROM H)"),
    "a whole history is emptied": sql("DELETE FROM H"),
    "a row is removed with its entry": sql(
        f"DELETE FROM E WHERE model = 'actions.Action' AND history = {MIDDLE}",
        f"DELETE FROM H WHERE history_id = {MIDDLE}",
    ),
    "a whole link is removed with its rows": sql(
        "DELETE FROM H WHERE history_id IN (SELECT history FROM E WHERE council = C AND link = 2)",
        "DELETE FROM E WHERE council = C AND link = 2",
    ),
    "the last link is removed and the table put back": both(without_last_link, as_before),
    "the last link is removed, the table put back and the kept head as well": both(
        without_last_link, as_before, head_row
    ),
    "only an entry is removed": sql(f"DELETE FROM E WHERE model = 'actions.Action' AND history = {MIDDLE}"),
    "all entries of a council are removed": sql("DELETE FROM E WHERE council = C"),
    "the chain is emptied": sql("DELETE FROM E", "DELETE FROM audit_head"),
    # Put in
    "a row is put in at the end": copied(LAST, title="'Forged'"),
    "a row is put in between and back-dated": copied(FIRST, history_id="history_id - 100000", title="'Forged'"),
    "a row is there twice": copied(MIDDLE),
    "a row is put in with an entry in the last link": both(
        copied(MIDDLE), sql(FORGED_ENTRY.format(link=LAST_LINK, position=1)), with_digest
    ),
    "a row is put in with a link of its own": both(
        copied(MIDDLE), sql(FORGED_ENTRY.format(link=f"{LAST_LINK} + 1", position=0)), with_digest
    ),
    "a row is put in with a link that follows": both(
        copied(MIDDLE, title="'Forged'"),
        sql(FORGED_ENTRY.format(link=f"{LAST_LINK} + 1", position=0)),
        with_digest,
        with_heads(),
    ),
    # Put elsewhere
    "two links change places": SWAPPED_LINKS,
    "two rows of a link change places": SWAPPED_POSITIONS,
    "a link has another number": sql(f"UPDATE E SET link = 987654 WHERE council = C AND link = {LAST_LINK}"),
    "a row is moved to another link": entered("link = link + 1, position = 1"),
    "a row is moved to the chain of the installation": entered("council = 0, link = 987654"),
    # The entries
    "the name of an entry is edited": entered("actor = 'Somebody else'"),
    "the moment of an entry is edited": entered("at = '2026-04-01 10:00:00.000001+00:00'"),
    "the record of an entry is another": entered("object = object + 1"),
    "the person of an entry is another": entered("person = 987654"),
    "the door of an entry is another": entered("door = 'job'"),
    "the form of an entry is one that there is not": entered("form = 99"),
    "the digest of an entry is another": entered("digest = head"),
    # The tables themselves
    "a row is changed past its history": sql(f"UPDATE A SET {TITLE}"),
    "a row is removed past its history": sql("DELETE FROM actions_milestone"),
    "a row is put in past its history": sql(
        "INSERT INTO accounts_service (authority_id, name) VALUES (C, 'Without a word')"
    ),
    # Heads and anchors
    "the kept head is another": sql("UPDATE audit_head SET head = '0' || substr(head, 2, 62) || 'x' WHERE council = C"),
    "the kept head is set back": sql("UPDATE audit_head SET link = link - 1 WHERE council = C"),
    "the kept head is removed": sql("DELETE FROM audit_head WHERE council = C"),
    "a recorded head is another": sql(
        "UPDATE audit_anchor SET head = '0' || substr(head, 2, 62) || 'x' WHERE council = C"
    ),
}

__all__ = ["CORPUS", "triggers_off"]
