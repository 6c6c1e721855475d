"""The heads of all chains as they are at the end of a day, recorded so that nothing before can be rewritten unseen."""

from collections.abc import Mapping
from datetime import date, datetime

from tracker.audit.models import Anchor, Head


def record_heads(*, on: date, at: datetime, mailed_to: Mapping[int, str]) -> list[Anchor]:
    """Record the head of each chain that has none recorded for a day yet; return those of this run.

    `mailed_to` are the names of those to whom a council's head is mailed, by the council's key. Two workers at once
    record each head once.
    """
    known = set(Anchor.objects.filter(on=on).values_list("council", flat=True))
    new = []
    for head in Head.objects.exclude(council__in=known).order_by("council"):
        said = {"link": head.link, "head": head.head, "recorded_at": at, "mailed_to": mailed_to.get(head.council, "")}
        anchor, is_new = Anchor.objects.get_or_create(council=head.council, on=on, defaults=said)
        if is_new:
            new.append(anchor)
    return new


def have_been_recorded() -> set[int]:
    """Return the councils whose head was recorded on any day."""
    return set(Anchor.objects.order_by().values_list("council", flat=True).distinct())
