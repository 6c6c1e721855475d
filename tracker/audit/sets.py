"""Writing many rows at once, in few statements whatever their number, each with its history row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import F, QuerySet, Value

from tracker.audit.chain import MOST_ROWS, append, entry_of, recorded
from tracker.audit.history import THE_TRACKER, history_of, path_to_council
from tracker.audit.ways import way_in


def insert_select(model: type[models.Model], columns: Sequence[str], rows: QuerySet) -> int:
    """Insert what a query finds, leaving out what a unique constraint has already; return how many.

    `rows` is a `values_list` query whose columns are those of `columns`, in order. One statement.
    """
    statement, parameters = _insert(model, columns, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", parameters)
        return cursor.rowcount


def _insert(model: type[models.Model], columns: Sequence[str], rows: QuerySet) -> tuple[str, Sequence[Any]]:
    fields = [model._meta.get_field(name).column for name in columns]
    quote = connection.ops.quote_name
    select, parameters = rows.query.get_compiler(connection=connection).as_sql()
    return f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, fields))}) {select}", parameters


@recorded()
def insert_because(
    model: type[models.Model], columns: Sequence[str], rows: QuerySet, *, reason: str, at: datetime, new: models.Q
) -> int:
    """Insert what a query finds into an audited table and give each new row its history; return how many.

    The tracker itself is the actor, and `reason` names the rule. `new` is the condition that only the
    rows of this run fulfil, such as their stamp of time. Two statements, and two more for each 2,000 rows: they are
    read back and entered into the chain.
    """
    inserted = insert_select(model, columns, rows)
    if inserted:
        _log(model._default_manager.filter(new), sign="+", reason=reason, at=at)  # type: ignore[attr-defined]
    return inserted


@recorded()
def log_because(
    rows: QuerySet, *, sign: str, reason: str, at: datetime, then: Mapping[str, Any] | None = None, **said: Any
) -> int:
    """Give each row that a query finds one history row, and enter it into the chain; return how many.

    `sign` is "+" for rows made and "~" for rows changed. `then` says what was different at the time; `said` is what
    the history row has besides, such as `actor`: the tracker itself, where it is left out.
    """
    return _log(rows, sign=sign, reason=reason, at=at, then=then, **said)


def _log(
    rows: QuerySet, *, sign: str, reason: str, at: datetime, then: Mapping[str, Any] | None = None, **said: Any
) -> int:
    model, then = rows.model, then or {}
    log, way = history_of(model), way_in()
    kept = {each.name for each in log._meta.concrete_fields}
    names = [each.name for each in model._meta.concrete_fields if each.name in kept]
    path = path_to_council(model)
    added = {
        "history_date": Value(at, output_field=models.DateTimeField()),
        "history_type": Value(sign),
        "history_change_reason": Value(reason),
        "actor": Value(THE_TRACKER),
        "actor_post": Value(""),
        "in_council": F(path) if path else Value(None, output_field=models.BigIntegerField()),
        "door": Value(way.door.value),
        "door_request": Value(way.request),
        **said,
    }
    source = rows.order_by().values_list(*[then.get(name, F(name)) for name in names], *added.values())
    statement, parameters = _insert(log, [*names, *added], source)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING history_id", parameters)
        written = [key for (key,) in cursor.fetchall()]
    return append(entry_of(row) for row in _read_back(log, written))


def _read_back(log: type[models.Model], written: Sequence[int]) -> Iterator[models.Model]:
    for start in range(0, len(written), MOST_ROWS):
        some = written[start : start + MOST_ROWS]
        yield from log._default_manager.filter(history_id__in=some).order_by("history_id")  # type: ignore[attr-defined]
