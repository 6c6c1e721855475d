"""What an email lists: each thing once, in the first section it fits."""

from collections.abc import Sequence
from datetime import date
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

# The sections of an email that list actions, in order; an action stands in the first it fits.
SENT_BACK, LATE, ELSEWHERE, DUE, GIVEN, VISIT, QUIET, COVERED = range(8)


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


def _section_of(row: Row, on: date) -> int | None:
    if row.on_behalf_of is not None:
        return COVERED
    if row.kind == Kind.DUE and row.day < on:
        return LATE
    return {
        Kind.SENT_BACK: SENT_BACK,
        Kind.LATE: LATE,
        Kind.ESCALATED_LEAD: ELSEWHERE,
        Kind.ESCALATED_DIRECTOR: ELSEWHERE,
        Kind.DUE: DUE,
        Kind.GIVEN: GIVEN,
        Kind.VISIT: VISIT,
        Kind.QUIET: QUIET,
    }.get(Kind(row.kind))


class Chosen:
    """What an email will list: each action once, in the first section it fits."""

    def __init__(self, rows: Sequence[Row], *, on: date) -> None:
        placed: dict[int, tuple[int, Row]] = {}
        for row in rows:
            section = _section_of(row, on) if row.action is not None else None
            if section is not None and (row.action not in placed or section < placed[row.action][0]):
                placed[cast(int, row.action)] = (section, row)
        self.sections: list[list[Row]] = [[] for _ in range(8)]
        for section, row in sorted(placed.values(), key=lambda each: (each[1].day, each[1].action)):
            self.sections[section].append(row)
        wanted = {row.request: row for row in rows if row.kind == Kind.DECISION_WANTED}
        decided = {row.request: row for row in rows if row.kind == Kind.DECIDED}
        self.restricted = len(
            {row.action for row in (*(row for _, row in placed.values()), *wanted.values(), *decided.values())
             if row.is_restricted}
        )  # fmt: skip
        self.wanted = [key for key, row in wanted.items() if not row.is_restricted]
        self.decided = [key for key, row in decided.items() if not row.is_restricted]
        self.all_wanted, self.all_decided = len(wanted), len(decided)
        self.all_late, self.all_due, self.all_visit = (len(self.sections[each]) for each in (LATE, DUE, VISIT))
        self.last_due = max((row.day for row in self.sections[DUE]), default=None)
        self.clocks = sorted({(row.day, row.clock) for row in rows if row.clock is not None})
        duties = sorted((row for row in rows if row.kind in DUTIES), key=lambda row: row.day)
        self.steps = list(dict.fromkeys(row.governance_step for row in duties if row.governance_step is not None))
        self.tasks = list(dict.fromkeys(row.readiness_task for row in duties if row.readiness_task is not None))
        self.late_duties = len({(row.governance_step, row.readiness_task) for row in duties if row.day < on})
        self.all_duties = len(self.steps) + len(self.tasks)
        self.is_weekly = any(row.kind == Kind.WEEKLY for row in rows)
        self.away = {row.on_behalf_of for row in self.sections[COVERED] if row.on_behalf_of is not None}
        self.kinds = [Kind(row.kind) for row in rows]

    def listed_in(self, section: int) -> list[int]:
        """The actions a section may name: not the restricted ones."""
        return [cast(int, row.action) for row in self.sections[section] if not row.is_restricted]

    @property
    def has_something(self) -> bool:
        return bool(self.kinds)

    @property
    def listed(self) -> list[int]:
        return [key for section in range(8) for key in self.listed_in(section)[:MOST_LISTED]]
