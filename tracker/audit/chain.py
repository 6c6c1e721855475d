"""History rows chained by hash, a chain for each council, so that what was written can be proved.

A link is what one change wrote: the history rows of the outermost `recorded()`, in order, or up to 2,000 rows of a
set. With SHA-256 of texts in UTF-8, written in hexadecimal and put together as text:

    digest of a link = SHA-256 of its rows' digests, one after the other (`canonical` says what the digest of a row is)
    head of a link   = SHA-256 of the head of the link before, then the digest of the link
    head of link 0   = SHA-256 of "Improvement plan tracker, chain 1, council " and the council's number

So the head of a link changes with any row before it, and with their order. Council 0 is the whole installation.
"""

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from tracker.audit.canonical import hashed, newest_form
from tracker.audit.models import INSTALLATION, HistoryRow

MOST_ROWS = 2_000

_here = threading.local()


class NotRecorded(Exception):
    """A history row was written outside `recorded()`, where nothing enters it into the chain."""


@dataclass
class _Change:
    """What the outermost change has written so far, and the councils of the parents it asked for."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    councils: dict[tuple[str, int], int | None] = field(default_factory=dict)


def now_recording() -> _Change | None:
    """Return the change that is being recorded in this thread, if any."""
    return getattr(_here, "change", None)


@contextmanager
def recorded() -> Iterator[None]:
    """Make a change in one transaction, and enter its history rows into the chain when it ends.

    Used as `@recorded()` wherever audited rows are written, in place of `transaction.atomic`. Within another it is a
    savepoint, and its rows belong to the outermost. The lock on the head of a council's chain is the last that a
    change takes, so that it waits for no other while it holds one.
    """
    outer = now_recording()
    if outer is not None:
        written = len(outer.rows)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del outer.rows[written:]
            raise
        return
    change = _Change()
    with transaction.atomic():
        _here.change = change
        try:
            yield
            append(change.rows)
        finally:
            _here.change = None


def enter(row: HistoryRow) -> None:
    """Have a history row that was just saved entered at the end of the change. Raises NotRecorded outside of one."""
    change = now_recording()
    if change is None:
        raise NotRecorded(f"{row} was written outside a recorded change. Use save_because.")
    change.rows.append(entry_of(row))


def entry_of(row: Any, *, council: int | None = None, is_taken_over: bool = False) -> dict[str, Any]:
    """Return what the chain keeps of a history row; `council` where the row itself does not say it."""
    label = row.instance_type._meta.label
    form = newest_form(label)
    return {
        "council": (row.in_council if council is None else council) or INSTALLATION,
        "at": str(connection.ops.adapt_datetimefield_value(row.history_date)),
        "model": label,
        "object": row.id,
        "history": row.history_id,
        "history_type": row.history_type,
        "person": row.history_user_id,
        "actor": row.actor,
        "door": row.door or "",
        "request": row.door_request or "",
        "form": form.number,
        "is_taken_over": is_taken_over,
        "digest": form.digest(row),
    }


def append(rows: Iterable[dict[str, Any]]) -> int:
    """Add entries to the chains of their councils, in order; return how many. One statement for each 2,000."""
    number, waiting = 0, iter(rows)
    while some := list(islice(waiting, MOST_ROWS)):
        _append(some)
        number += len(some)
    return number


def first_head(council: int) -> str:
    """Return the head of a chain that has no link yet."""
    return hashed(f"Improvement plan tracker, chain 1, council {council}")


def digest_of_link(digests: Iterable[str]) -> str:
    """Return the digest of a link from those of its rows, in order."""
    return hashed("".join(digests))


def next_head(head: str, digest: str) -> str:
    """Return the head of a link, from the head before it and its own digest."""
    return hashed(head + digest)


COPIED = {
    "council": "bigint",
    "position": "integer",
    "at": "timestamptz",
    "model": "text",
    "object": "bigint",
    "history": "bigint",
    "history_type": "text",
    "person": "bigint",
    "actor": "text",
    "door": "text",
    "request": "text",
    "form": "smallint",
    "is_taken_over": "boolean",
    "digest": "text",
}
_NAMES = ", ".join(f'"{name}"' for name in COPIED)
_FROM_JSON = ", ".join(f"json_extract(value, '$.{name}') AS [{name}]" for name in COPIED)
_FROM_NEW = ", ".join(f'new."{name}"' for name in COPIED)

# The head is moved and the rows are entered in one statement. A second writer of the council waits at its head, and
# then takes the newest; writers of several councils come to them in the same order.
POSTGRES = f"""
WITH moved AS (
    INSERT INTO audit_head AS was (council, link, digest, head)
    SELECT council, 1, digest, encode(sha256(convert_to(first_head || digest, 'UTF8')), 'hex')
      FROM json_to_recordset(%s) AS made (council bigint, digest text, first_head text)
     ORDER BY council
    ON CONFLICT (council) DO UPDATE
       SET link = was.link + 1,
           digest = excluded.digest,
           head = encode(sha256(convert_to(was.head || excluded.digest, 'UTF8')), 'hex')
    RETURNING council, link, head
)
INSERT INTO audit_entry ({_NAMES}, link, head)
SELECT {_FROM_NEW}, moved.link, moved.head
  FROM json_to_recordset(%s) AS new ({", ".join(f'"{name}" {kind}' for name, kind in COPIED.items())})
  JOIN moved ON moved.council = new.council
"""  # noqa: S608

# One writer at a time: the head is read, and a trigger moves it (see `triggers`).
SQLITE = f"""
WITH made AS MATERIALIZED (
    SELECT json_extract(value, '$.council') AS council, json_extract(value, '$.digest') AS digest,
           json_extract(value, '$.first_head') AS first_head
      FROM json_each(%s)
), moved AS MATERIALIZED (
    SELECT made.council, coalesce(was.link, 0) + 1 AS link,
           sha256(coalesce(was.head, made.first_head) || made.digest) AS head
      FROM made LEFT JOIN audit_head AS was ON was.council = made.council
), new AS MATERIALIZED (
    SELECT {_FROM_JSON} FROM json_each(%s)
)
INSERT INTO audit_entry ({_NAMES}, link, head)
SELECT {_FROM_NEW}, moved.link, moved.head FROM new JOIN moved ON moved.council = new.council
"""  # noqa: S608


def _append(rows: Sequence[dict[str, Any]]) -> None:
    by_council = sorted(rows, key=itemgetter("council"))  # Stable: within a council the order stays.
    links = []
    for council, group in groupby(by_council, key=itemgetter("council")):
        own = list(group)
        for position, row in enumerate(own):
            row["position"] = position
        digest = digest_of_link(row["digest"] for row in own)
        links.append({"council": council, "digest": digest, "first_head": first_head(council)})
    statement = POSTGRES if connection.vendor == "postgresql" else SQLITE
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(links), json.dumps(by_council)])
