"""Writing many rows at once, in two statements whatever their number, each with its history row."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, models, transaction
from django.db.models import QuerySet

from tracker.audit.history import THE_TRACKER, history_of


def insert_select(model: type[models.Model], columns: Sequence[str], rows: QuerySet) -> int:
    """Insert what a query finds, leaving out what a unique constraint has already; return how many.

    `rows` is a `values_list` query whose columns are those of `columns`, in order. One statement.
    """
    fields = [model._meta.get_field(name).column for name in columns]
    quote = connection.ops.quote_name
    select, parameters = rows.query.get_compiler(connection=connection).as_sql()
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, fields))}) {select} ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@transaction.atomic
def insert_because(
    model: type[models.Model], columns: Sequence[str], rows: QuerySet, *, reason: str, at: datetime, new: models.Q
) -> int:
    """Insert what a query finds into an audited table and give each new row its history; return how many.

    The tracker itself is the actor, and `reason` names the rule. `new` is the condition that only the
    rows of this run fulfil, such as their stamp of time. Two statements.
    """
    inserted = insert_select(model, columns, rows)
    if inserted:
        fields = list(model._meta.concrete_fields)
        log = history_of(model)
        names = [field.name for field in fields]
        source = (
            model._default_manager.filter(new)  # type: ignore[attr-defined]
            .order_by()
            .values_list(
                *[field.attname for field in fields],
                models.Value(at, output_field=models.DateTimeField()),
                models.Value("+"),
                models.Value(reason),
                models.Value(THE_TRACKER),
            )
        )
        insert_select(log, [*names, "history_date", "history_type", "history_change_reason", "actor"], source)
    return inserted
