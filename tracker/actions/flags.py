"""Noticing what became overdue: one set-based insert, once for each action and deadline."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.fields import DateField, DateTimeField

from tracker.actions.models import Action, OverdueFlag
from tracker.audit.sets import insert_because


def flag_overdue(*, on: date, at: datetime) -> int:
    """Record each action that is late and was not yet noticed for its deadline; return how many.

    Safe to run at any time and any number of times: a second run adds nothing.
    """
    noticed = OverdueFlag.objects.filter(action=OuterRef("pk"), deadline=OuterRef("deadline"))
    late = (
        Action.objects.overdue(on=on)
        .filter(~Exists(noticed))
        .order_by("deadline", "pk")  # Sorted first: else the scan meets the rows it is adding, again and again.
        .values_list("pk", "deadline", Value(on, output_field=DateField()), Value(at, output_field=DateTimeField()))
    )
    return insert_because(
        OverdueFlag,
        ["action", "deadline", "flagged_on", "flagged_at"],
        late,
        reason="Overdue: the deadline passed before today",
        at=at,
        new=Q(flagged_at=at),
    )
