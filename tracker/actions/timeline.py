"""The progress and history of one action, newest first: what people said, and who changed what, told once.

Updates, deadline changes, evidence and overdue flags are rows that tell of themselves. The history of the action
adds what no such row tells: a new owner, finished work accepted or sent back, a changed text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from accounts.models import Agency, Service, User
from tracker.actions.models import (
    Action,
    Answer,
    DeadlineChange,
    DeadlineRequest,
    Evidence,
    FindingAnswer,
    KeptClosed,
    Milestone,
    OverdueFlag,
    ProgressUpdate,
    Reopening,
)
from tracker.actions.rules import Difference
from tracker.actions.wording import how_far_words, in_sentence, slip_words
from tracker.audit.history import THE_TRACKER
from tracker.dates import clock
from tracker.plans.models import Priority

SHOWN = 10
AT_ONCE = timedelta(minutes=1)  # What an action answers from the start was saved with it.
EVERYTHING = "everything"
FILTERS = {
    EVERYTHING: "Everything",
    "progress": "Progress",
    "deadlines": "Deadlines",
    "evidence": "Evidence",
    "changes": "Who changed what",
}

# The fields that people can change, in the order in which they are told. Who and when go with what they set.
LABELS = {
    "reference": "Reference",
    "title": "Title",
    "priority_id": "Priority",
    "description": "What we will do",
    "outcome": "We will know it has worked when",
    "owner_id": "Owner",
    "accountable_id": "Accountable",
    "service_id": "Service",
    "agency_id": "Partner agency",
    "is_councils_own": "The council’s own choice",
    "starts_on": "Start",
    "deadline": "Deadline",
    "first_agreed": "First agreed deadline",
    "claimed_on": "Said to be done",
    "completed_on": "Checked as complete",
    "difference": "Difference for children",
    "cancelled_on": "Cancelled",
    "is_restricted": "Restricted",
    "needs_money": "Needs new money",
    "money": "Money",
    "partner_agreed_on": "Agreed by the partner agency",
}
TOLD_BY_REOPENING = {"claimed_on", "completed_on", "difference"}
NAMED = {
    "owner_id": User,
    "accountable_id": User,
    "service_id": Service,
    "agency_id": Agency,
    "priority_id": Priority,
}


@dataclass(frozen=True)
class Change:
    """One field, before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `day` is when it happened; `recorded_on` is told where that was another day."""

    kinds: frozenset[str]
    title: str
    by: str
    at: datetime
    text: str = ""
    reason: str = ""
    shape: str = ""
    changes: tuple[Change, ...] = ()
    after_changes: str = ""
    day: date | None = None
    is_first: bool = False

    @property
    def recorded_on(self) -> date | None:
        recorded = clock.london_day(self.at)
        return recorded if self.day is not None and self.day != recorded else None

    @property
    def order(self) -> tuple[bool, datetime, datetime]:
        """Oldest first; what made the action comes before all that happened to it."""
        happened = datetime.combine(self.day, time.min, tzinfo=clock.LONDON) if self.recorded_on else self.at
        return (not self.is_first, happened, self.at)


def entries_of(
    action: Action,
    *,
    moves: Iterable[DeadlineChange],
    evidence: Sequence[Evidence],
    asked: Iterable[DeadlineRequest] = (),
) -> list[Entry]:
    """Return all that happened to an action, newest first. `evidence` is what the reader may see.

    `moves` come with their requests, `asked` with the people who asked and decided.

    The number of queries does not depend on how much happened.
    """
    moves = list(moves)
    entries = [_told(update) for update in action.updates.select_related("by").order_by("at", "pk")]
    entries += [_moved(move) for move in moves]
    for request in asked:
        entries += _asked(request)
    entries += [_reopened(row) for row in action.reopenings.select_related("by", "checked_by", "finding__visit")]
    entries += _kept_closed(action)
    history = list(action.history.order_by("history_date", "history_id"))
    entries += _answers(action, history)
    entries += [_noticed(flag) for flag in action.overdue_flags.all()]
    entries += [_added(piece) for piece in evidence]
    entries += _evidence_checked(evidence)
    entries += _steps_done(action)
    entries += _changed(history, moved={(move.from_deadline, move.to_deadline) for move in moves})
    return sorted(entries, key=lambda entry: entry.order, reverse=True)


def only(entries: Iterable[Entry], show: str) -> list[Entry]:
    """Return the entries of one filter."""
    return [entry for entry in entries if show == EVERYTHING or show in entry.kinds]


# Rows that tell of themselves


def _told(update: ProgressUpdate) -> Entry:
    says = "done, ready to check" if update.says_done else update.get_rating_display().lower()
    return Entry(frozenset({"progress"}), f"Progress: {says}", str(update.by), update.at, text=update.narrative)


def _moved(move: DeadlineChange) -> Entry:
    return Entry(
        frozenset({"deadlines", "changes"}),
        "Deadline moved",
        str(move.recorded_by or _small(THE_TRACKER)),
        move.recorded_at,
        shape="date",
        changes=(Change("", _in_words(move.from_deadline), _in_words(move.to_deadline)),),
        after_changes=f", {slip_words(move.working_days)}.",
        reason=move.reason,
        text=(
            f"Asked for by {move.asked_by} on {_in_words(move.asked_on)}. "
            f"Agreed by {move.agreed_by} on {_in_words(move.agreed_on)}."
            f"{f' Why: {move.request.decision_reason}' if move.request else ''}"
        ),
    )


def _asked(request: DeadlineRequest) -> list[Entry]:
    """Return that another deadline was asked for and, unless it was agreed, what became of it: a move tells that."""
    change = Change("", _in_words(request.from_deadline), _in_words(request.to_deadline))
    avoided = f" Done to avoid it: {request.done_to_avoid}" if request.done_to_avoid else ""
    entries = [
        Entry(
            frozenset({"deadlines"}),
            "Another deadline asked for",
            str(request.asked_by),
            request.asked_at,
            shape="date",
            changes=(change,),
            after_changes=f", {how_far_words(request.working_days).lower()}.",
            reason=request.reason,
            text=f"What it means for children: {request.effect_on_children}{avoided}",
        )
    ]
    if request.state in (DeadlineRequest.State.REFUSED, DeadlineRequest.State.WITHDRAWN):
        entries.append(
            Entry(
                frozenset({"deadlines", "changes"}),
                f"Request {request.get_state_display().lower()}: the deadline stays",
                str(request.decided_by or _small(THE_TRACKER)),
                request.decided_at or datetime.combine(request.decided_on, time.max, tzinfo=clock.LONDON),
                shape="date",
                reason=request.decision_reason,
                text=f"Decided for: {request.decided_for}" if request.decided_for else "",
            )
        )
    return entries


def _reopened(row: Reopening) -> Entry:
    why = f"Finding {row.finding.number} of {in_sentence(str(row.finding.visit))} repeats it. " if row.finding else ""
    before = (
        f"Before: said to be done {_in_words(row.claimed_on)}, checked {_in_words(row.completed_on)} "
        f"by {row.checked_by or 'nobody'}; {Difference(row.difference).label.lower()}."
    )
    return Entry(
        frozenset({"progress", "changes"}),
        "Opened again",
        str(row.by or _small(THE_TRACKER)),
        row.at,
        text=f"{why}{before}",
        reason=row.reason,
    )


def _noticed(flag: OverdueFlag) -> Entry:
    return Entry(
        frozenset({"deadlines"}),
        "Became overdue",
        _small(THE_TRACKER),
        flag.flagged_at,
        shape="system",
        text=f"The deadline was {_in_words(flag.deadline)}.",
        day=flag.flagged_on,
    )


def _added(piece: Evidence) -> Entry:
    return Entry(
        frozenset({"evidence"}),
        "Evidence added",
        str(piece.added_by or _small(THE_TRACKER)),
        piece.added_at,
        text=f"{piece.title}{' (restricted)' if piece.is_restricted else ''}",
    )


# What only the history tells


def _kept_closed(action: Action) -> list[Entry]:
    rows = KeptClosed.history.filter(action_id=action.pk, history_type="+").select_related("finding__visit")
    return [
        Entry(
            frozenset({"progress", "changes"}),
            "Kept closed",
            _small(row.actor),
            row.history_date,
            text=f"Although finding {row.finding.number} of {in_sentence(str(row.finding.visit))} repeats it.",
            reason=row.reason,
        )
        for row in rows
    ]


def _answers(action: Action, history: Sequence[Any]) -> list[Entry]:
    """Return what an action answers more, or no longer, since it was added. Two queries."""
    told = []
    from_the_start = history[0].history_date + AT_ONCE if history else None
    for log, field, words in (
        (Answer.history, "recommendation", "recommendation {0.reference}"),
        (FindingAnswer.history, "finding", "finding {0.number}"),
    ):
        rows = log.filter(action_id=action.pk).select_related(field)
        told += [
            Entry(
                frozenset({"changes"}),
                f"{'No longer answers' if row.history_type == '-' else 'Now answers'} "
                f"{words.format(getattr(row, field))}",
                _small(row.actor),
                row.history_date,
                reason=row.history_change_reason or "",
            )
            for row in rows
            if row.history_type == "-" or (from_the_start and row.history_date > from_the_start)
        ]
    return told


def _evidence_checked(evidence: Sequence[Evidence]) -> list[Entry]:
    titles = {piece.pk: piece.title for piece in evidence}
    rows = Evidence.history.filter(id__in=titles).order_by("id", "history_date", "history_id") if titles else []
    return [
        Entry(
            frozenset({"evidence", "changes"}),
            f"Evidence {Evidence.State(new.state).label}",
            _small(new.actor),
            new.history_date,
            text=titles[new.id],
            reason=new.state_reason,
            day=new.checked_on,
        )
        for old, new in pairwise(rows)
        if old.id == new.id and old.state != new.state
    ]


def _steps_done(action: Action) -> list[Entry]:
    titles = {step.pk: step.title for step in action.milestones.all()}
    rows = Milestone.history.filter(id__in=titles).order_by("id", "history_date", "history_id") if titles else []
    return [
        Entry(
            frozenset({"progress", "changes"}),
            "Milestone done",
            _small(new.actor),
            new.history_date,
            text=titles[new.id],
            day=new.done_on,
        )
        for old, new in pairwise(rows)
        if old.id == new.id and old.done_on is None and new.done_on is not None
    ]


def _changed(rows: Sequence[Any], *, moved: set[tuple[date, date]]) -> list[Entry]:
    changed = [
        (new, [field for field in LABELS if _is_news(field, old, new, moved=moved)]) for old, new in pairwise(rows)
    ]
    before = dict(zip((new.pk for new in rows[1:]), rows, strict=False))
    names = _names((row, field) for new, fields in changed for row in (before[new.pk], new) for field in fields)
    entries = [_change_entry(before[new.pk], new, fields, names) for new, fields in changed if fields]
    return [*(_creation(row) for row in rows[:1] if row.history_type == "+"), *entries]


def _is_news(field: str, old: Any, new: Any, *, moved: set[tuple[date, date]]) -> bool:
    """Return whether a field changed and no row of its own tells it."""
    before, after = getattr(old, field), getattr(new, field)
    if before == after:
        return False
    if field in TOLD_BY_REOPENING and old.completed_on is not None and new.completed_on is None:
        return False
    if field == "claimed_on":
        return after is None  # Said to be done: the update tells it.
    if field == "difference":
        return (before, after) != (Difference.NONE, Difference.WAITING)  # The evidence tells it.
    if field == "first_agreed":
        return old.deadline == new.deadline
    return field != "deadline" or (before, after) not in moved


def _names(changed: Iterable[tuple[Any, str]]) -> dict[tuple[type, int], str]:
    """Return the names behind the keys of people, services, agencies and priorities that changed."""
    wanted: dict[type, set[int]] = {}
    for row, field in changed:
        if field in NAMED and getattr(row, field) is not None:
            wanted.setdefault(NAMED[field], set()).add(getattr(row, field))
    return {
        (model, pk): str(thing) for model, pks in wanted.items() for pk, thing in model.objects.in_bulk(pks).items()
    }


def _creation(row: Any) -> Entry:
    return Entry(
        frozenset({"changes"}),
        "Added to the plan",
        _small(row.actor),
        row.history_date,
        reason=row.history_change_reason or "",
        is_first=True,
    )


def _change_entry(old: Any, new: Any, fields: list[str], names: dict[tuple[type, int], str]) -> Entry:
    def words(row: Any, field: str) -> str:
        value = getattr(row, field)
        if field in NAMED and value is not None:
            return names.get((NAMED[field], value), "someone no longer known")
        if field == "difference":
            return Difference(value).label
        return _in_words(value)

    kinds = {"changes"}
    title, day, told = f"{LABELS[fields[0]]} changed", None, set()
    if "completed_on" in fields and new.completed_on:
        title, day, told = "Checked, and accepted as complete", new.completed_on, {"completed_on"}
    elif "claimed_on" in fields:
        title, told = "Sent back: not done yet", {"claimed_on"}
    elif "cancelled_on" in fields and new.cancelled_on:
        title, day, told = "Cancelled", new.cancelled_on, {"cancelled_on"}
    elif "difference" in fields:
        title = f"Difference for children set to ‘{Difference(new.difference).label.lower()}’"
        day, told = new.difference_set_on, {"difference"}
    elif len(fields) > 1:
        title = f"{len(fields)} details changed"
    if told:
        kinds.add("progress")
    return Entry(
        frozenset(kinds | ({"deadlines"} if {"deadline", "first_agreed"} & set(fields) else set())),
        title,
        _small(new.actor),
        new.history_date,
        reason=new.history_change_reason or "",
        changes=tuple(
            Change(LABELS[field], words(old, field), words(new, field)) for field in fields if field not in told
        ),
        day=day,
    )


def _in_words(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%-d %B %Y}" if isinstance(value, date) else str(value)


def _small(actor: str) -> str:
    """Return the actor as it stands in a sentence: "the tracker", and people by their names."""
    return "the tracker" if actor == THE_TRACKER else actor
