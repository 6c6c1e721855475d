"""What an email lists: each thing once, in the first part it fits, and at most ten things."""

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from typing import NamedTuple, cast

from tracker.reminders.emails.parts import MOST_LISTED
from tracker.reminders.rules import Kind

DUTIES = (Kind.GOVERNANCE, Kind.READINESS)
COLUMNS = (
    "kind",
    "day",
    "action",
    "action__is_restricted",
    "visit",
    "clock",
    "governance_step",
    "readiness_task",
    "request",
    "on_behalf_of",
)


class Part(IntEnum):
    """The parts of an email, in order; an action stands in the first it fits."""

    WANTED, DECIDED, SENT_BACK, LATE, ELSEWHERE, DUE, GIVEN, VISIT, QUIET, STEPS, TASKS, COVERED = range(12)


OF_ACTIONS = (
    Part.SENT_BACK,
    Part.LATE,
    Part.ELSEWHERE,
    Part.DUE,
    Part.GIVEN,
    Part.VISIT,
    Part.QUIET,
    Part.COVERED,
)
PART_OF_KIND: dict[str, Part] = {
    Kind.SENT_BACK: Part.SENT_BACK,
    Kind.LATE: Part.LATE,
    Kind.ESCALATED_LEAD: Part.ELSEWHERE,
    Kind.ESCALATED_DIRECTOR: Part.ELSEWHERE,
    Kind.DUE: Part.DUE,
    Kind.GIVEN: Part.GIVEN,
    Kind.VISIT: Part.VISIT,
    Kind.QUIET: Part.QUIET,
}


class Row(NamedTuple):
    """A reminder as read for an email: the columns of `COLUMNS`."""

    kind: str
    day: date
    action: int | None
    is_restricted: bool | None
    visit: int | None
    clock: int | None
    governance_step: int | None
    readiness_task: int | None
    request: int | None
    on_behalf_of: int | None


def _part_of(row: Row, on: date) -> Part | None:
    if row.on_behalf_of is not None:
        return Part.COVERED
    if row.kind == Kind.DUE and row.day < on:
        return Part.LATE
    return PART_OF_KIND.get(row.kind)


class Chosen:
    """What an email will list.

    `actions` are all the actions of a part, also the restricted; `named` what each part may name, by key; `shown` what
    it names, as there is room for ten things and what matters most comes first.
    """

    def __init__(self, rows: Sequence[Row], *, on: date) -> None:
        placed: dict[int, tuple[Part, Row]] = {}
        for row in rows:
            part = _part_of(row, on) if row.action is not None else None
            if part is not None and (row.action not in placed or part < placed[row.action][0]):
                placed[cast(int, row.action)] = (part, row)
        self.actions: dict[Part, list[Row]] = {part: [] for part in OF_ACTIONS}
        for part, row in sorted(placed.values(), key=lambda each: (each[1].day, each[1].action)):
            self.actions[part].append(row)
        wanted = {row.request: row for row in rows if row.kind == Kind.DECISION_WANTED}
        decided = {row.request: row for row in rows if row.kind == Kind.DECIDED}
        self.restricted = len(
            {row.action for row in (*(row for _, row in placed.values()), *wanted.values(), *decided.values())
             if row.is_restricted}
        )  # fmt: skip
        self.all_wanted, self.all_decided = len(wanted), len(decided)
        self.all_late, self.all_due, self.all_visit = (
            len(self.actions[part]) for part in (Part.LATE, Part.DUE, Part.VISIT)
        )
        self.last_due = max((row.day for row in self.actions[Part.DUE]), default=None)
        self.clocks = sorted({(row.day, row.clock) for row in rows if row.clock is not None})
        duties = sorted((row for row in rows if row.kind in DUTIES), key=lambda row: row.day)
        self.late_duties = len({(row.governance_step, row.readiness_task) for row in duties if row.day < on})
        self.is_weekly = any(row.kind == Kind.WEEKLY for row in rows)
        self.away = {row.on_behalf_of for row in self.actions[Part.COVERED] if row.on_behalf_of is not None}
        self.kinds = [Kind(kind) for kind in sorted({row.kind for row in rows})]
        self.named: dict[Part, list[int]] = {
            part: [cast(int, row.action) for row in found if not row.is_restricted]
            for part, found in self.actions.items()
        }
        for part, requests in ((Part.WANTED, wanted), (Part.DECIDED, decided)):
            self.named[part] = [cast(int, key) for key, row in requests.items() if not row.is_restricted]
        self.named[Part.STEPS] = list(dict.fromkeys(row.governance_step for row in duties if row.governance_step))
        self.named[Part.TASKS] = list(dict.fromkeys(row.readiness_task for row in duties if row.readiness_task))
        self.shown: dict[Part, list[int]] = {}
        room = MOST_LISTED
        for part in Part:
            self.shown[part] = self.named[part][:room]
            room -= len(self.shown[part])

    @property
    def has_something(self) -> bool:
        return bool(self.kinds)

    @property
    def all_duties(self) -> int:
        return len(self.named[Part.STEPS]) + len(self.named[Part.TASKS])

    @property
    def listed(self) -> list[int]:
        """The actions that are named."""
        return [key for part in OF_ACTIONS for key in self.shown[part]]

    def first_of(self, *parts: Part) -> list[int]:
        """What is named of some parts, and the first of each in any case: a subject may speak of it."""
        return [key for part in parts for key in self.shown[part] or self.named[part][:1]]
