"""Entering into the chain what was written before there was one: from that day on it can be proved, not before."""

from collections.abc import Callable
from itertools import islice

from django.db.models import Exists, F, OuterRef, QuerySet

from tracker.audit.chain import MOST_ROWS, append, entry_of, recorded
from tracker.audit.history import audited_models, history_of, path_to_council
from tracker.audit.models import INSTALLATION, Entry


def waiting(label: str, log: type) -> QuerySet:
    """Return the rows of a history table that were written before the chain and are not in it yet, oldest first."""
    entered = Entry.objects.filter(model=label, history=OuterRef("history_id"))
    return log._default_manager.filter(~Exists(entered), door__isnull=True).order_by("history_id")  # type: ignore[attr-defined]


def take_over(tell: Callable[[str, int], None] = lambda label, number: None) -> int:
    """Enter all history that was written before the chain, by table and in order of its rows; return how many.

    In transactions of 2,000 rows: it may be stopped and run again, and the tracker may be at work. The rows belong
    to the council of what they tell of; they themselves stay as they are.
    """
    total = 0
    for model in audited_models():
        label, log, path = model._meta.label, history_of(model), path_to_council(model)
        number = last = 0
        while True:
            with recorded():
                rows = waiting(label, log).filter(history_id__gt=last)
                if path:
                    rows = rows.annotate(council_now=F("id" if path == "pk" else path))
                some = list(islice(rows, MOST_ROWS))
                append(
                    entry_of(row, council=getattr(row, "council_now", None) or INSTALLATION, is_taken_over=True)
                    for row in some
                )
            if not some:
                break
            last, number = some[-1].history_id, number + len(some)
        if number:
            tell(label, number)
        total += number
    return total
