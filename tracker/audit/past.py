"""What the tables held at the end of a day: pages of today are drawn over the past, unchanged.

While `as_at` holds, the name of every audited table means something else to the database: of each row the version that
was the newest at that moment, and none where the row was not there yet or was removed by then. So every queryset, join,
annotation and prefetch sees the past, names and posts of people among it, and no page or rule knows of it. A history
table is cut off at the moment too. There are two ways to it, both taken when a query first names the table:

- Each SELECT gets a WITH clause in front that gives the name to a query. It suits small tables and few rows.
- A table that pages pass over whole is a `Copy`: a temporary table of that name with one council's rows, which both
  databases prefer to the real one. It is made once and is gone at the end.

The newest version is the one with the highest history_id among those dated by then: a clock that was set back, or two
changes in one microsecond, do not put an older version above a later one.

What a history leaves out, because it never changes or is a secret, is read from the row as it is. Tables without a
history (sessions, emails and jobs) are read as they are: pages of the past show nothing of them.

Only SELECT passes. Anything else raises LookingBackOnly, so nothing can be written while the past is looked at.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Min

from tracker.audit.history import audited_models, history_of

QUOTED = re.compile(r'"(\w+)"')
OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


class LookingBackOnly(Exception):
    """Something other than a SELECT was asked of the database while the past was looked at."""


@dataclass(frozen=True)
class Copy:
    """The rows of a table to copy: those whose `column` is a value, or the key of a row of another copied table.

    `indexed` are the columns that its rows are found by, besides the key.
    """

    column: str
    of: int | type[models.Model]
    indexed: tuple[str, ...] = ()


Copies = Mapping[type[models.Model], Copy]


@contextmanager
def as_at(
    moment: datetime, *, copies: Copies | None = None, but: Mapping[type[models.Model], datetime] | None = None
) -> Iterator[None]:
    """Let every query of this thread read the tables as they were at a moment, that moment counted.

    `but` names tables that are read as at another moment. Raises LookingBackOnly for whatever would write.
    """
    looking = _Past(moment, copies or {}, but or {})
    with _copies_forgotten(looking), _grouped_by_every_column(), connection.execute_wrapper(looking):
        yield


@contextmanager
def _copies_forgotten(looking: "_Past") -> Iterator[None]:
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield
            transaction.set_rollback(True)  # Nothing was written but the copies.
        return
    # A transaction on SQLite would wait for whoever writes, and keep them waiting.
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in looking.copied:
                cursor.execute(f'DROP TABLE temp."{table}"')


@contextmanager
def _grouped_by_every_column() -> Iterator[None]:
    """Let GROUP BY name every column: PostgreSQL knows the key of a table, but not that of a query named after it."""
    features: Any = connection.features
    before = features.allows_group_by_selected_pks
    features.allows_group_by_selected_pks = False
    try:
        yield
    finally:
        features.allows_group_by_selected_pks = before


def first_record(model: type[models.Model], **which: Any) -> datetime | None:
    """Return when the history of some rows of a table begins; None where there is none."""
    log = history_of(model)._default_manager.filter(**which)  # type: ignore[attr-defined]
    return log.aggregate(first=Min("history_date"))["first"]


class _Past:
    """Puts the past in the place of each table that a SELECT names; a wrapper of `connection.execute_wrapper`."""

    def __init__(self, moment: datetime, copies: Copies, but: Mapping[type[models.Model], datetime]) -> None:
        adapt = connection.ops.adapt_datetimefield_value
        self.moment = adapt(moment)
        self.but = {model._meta.db_table: adapt(other) for model, other in but.items()}
        self.copies = {model._meta.db_table: (model, copy) for model, copy in copies.items()}
        self.copied: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        kind = sql.lstrip(" (").partition(" ")[0].upper()
        if kind in OF_TRANSACTIONS:
            return execute(sql, params, many, context)
        if many or kind != "SELECT":
            raise LookingBackOnly(f"{kind.capitalize()} is refused: the past is only looked at.")
        versions = _versions(connection.vendor)
        named = [name for name in dict.fromkeys(QUOTED.findall(sql)) if name in versions]
        for name in named:
            if name in self.copies:
                self._copy(name, lambda sql, params: execute(sql, params, False, context))
        named = [name for name in named if name not in self.copies]
        if not named:
            return execute(sql, params, many, context)
        before = ", ".join(versions[name] for name in named)
        moments = [self.but.get(name, self.moment) for name in named]
        after = sql.replace("%", "%%") if params is None else sql
        return execute(f"WITH {before} {after}", [*moments, *(params or ())], many, context)

    def _copy(self, table: str, execute: Callable[[str, Any], Any]) -> None:
        if table in self.copied:
            return
        model, copy = self.copies[table]
        if isinstance(copy.of, int):
            which, params = "= %s", [copy.of]
        else:
            self._copy(copy.of._meta.db_table, execute)
            which, params = f'IN (SELECT "{_key_of(copy.of)}" FROM {_temporary(copy.of._meta.db_table)})', []  # noqa: S608
        real, key, history = _real(table), _key_of(model), _real(history_of(model)._meta.db_table)
        newest = (
            f'SELECT MAX("history_id") FROM {history} WHERE "{copy.column}" {which} '  # noqa: S608
            f'AND "history_date" <= %s GROUP BY "{key}"'
        )
        execute(
            f'CREATE TEMPORARY TABLE "{table}" AS SELECT {_columns(model, real)} FROM {history} v '  # noqa: S608
            f'WHERE v."history_type" <> \'-\' AND v."history_id" IN ({newest})',
            [*params, self.moment],
        )
        self.copied.add(table)
        execute(_index(table, key), None)
        for column in copy.indexed:
            execute(_index(table, column), None)


def _index(table: str, column: str) -> str:
    if connection.vendor == "sqlite":
        return f'CREATE INDEX temp."past_{table}_{column}" ON "{table}" ("{column}")'
    return f'CREATE INDEX ON {_temporary(table)} ("{column}")'


def _temporary(table: str) -> str:
    return f'temp."{table}"' if connection.vendor == "sqlite" else f'pg_temp."{table}"'


def _real(table: str) -> str:
    """Name a table such that no copy is meant, and on SQLite not the query that bears its name and reads it."""
    return f'main."{table}"' if connection.vendor == "sqlite" else f'"{table}"'


def _key_of(model: type[models.Model]) -> str:
    return model._meta.pk.column  # type: ignore[union-attr]


@cache
def _versions(vendor: str) -> dict[str, str]:
    """Return for each audited table, and for each history, what its name stands for. One parameter each, the moment."""
    found = {}
    for model in audited_models():
        table, history, key = model._meta.db_table, history_of(model)._meta.db_table, _key_of(model)
        found[history] = f'"{history}" AS (SELECT * FROM {_real(history)} WHERE "history_date" <= %s)'  # noqa: S608
        found[table] = (
            f'"{table}" AS (SELECT {_columns(model, _real(table))} FROM {_real(history)} v '  # noqa: S608
            f'WHERE v."history_type" <> \'-\' AND v."history_id" = (SELECT MAX(n."history_id") '
            f'FROM {_real(history)} n WHERE n."{key}" = v."{key}" AND n."history_date" <= %s))'
        )
    return found


def _columns(model: type[models.Model], real: str) -> str:
    kept, key = {field.column for field in history_of(model)._meta.concrete_fields}, _key_of(model)
    return ", ".join(
        f'v."{field.column}"'
        if field.column in kept
        else f'(SELECT r."{field.column}" FROM {real} r WHERE r."{key}" = v."{key}") AS "{field.column}"'  # noqa: S608
        for field in model._meta.concrete_fields
    )
