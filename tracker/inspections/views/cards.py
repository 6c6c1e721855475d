"""A clock as pages show it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.member import Member
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.models import Clock
from tracker.inspections.rules import ClockRule, Standing, State, doubts_about, standing_of, state_of
from tracker.inspections.wording import LABELS, where_it_stands, why_late


@dataclass(frozen=True)
class ClockCard:
    """One clock: the row, and where it stands on a day unless that cannot be counted."""

    row: Clock
    state: State
    standing: Standing | None
    doubts: list[str]

    @property
    def rule(self) -> ClockRule:
        return self.row.rule

    @property
    def url(self) -> str:
        return self.row.get_absolute_url()

    @property
    def words(self) -> str:
        return where_it_stands(self.row.facts, self.standing)

    @property
    def label(self) -> str:
        """Its state in a word; what is only expected is called so."""
        return "Expected" if self.state == State.RUNNING and self.row.is_forecast else LABELS[self.state]

    @property
    def why_late(self) -> str:
        return why_late(self.row.facts)

    @property
    def is_late(self) -> bool:
        return self.state == State.MISSED

    @property
    def is_open(self) -> bool:
        return self.state in {State.RUNNING, State.MISSED}

    @property
    def has_day(self) -> bool:
        """Whether "day 60 of 70" says something: not once it ended, nor past the days of its rule."""
        standing = self.standing
        return (
            standing is not None
            and self.state == State.RUNNING
            and self.row.unit == Clock.Unit.WORKING_DAYS
            and self.row.length is not None
            and standing.day <= self.row.length
        )

    @property
    def is_counting(self) -> bool:
        """Whether there is a number of working days left or late to be shown in figures."""
        return self.standing is not None and bool(self.standing.working_days) and self.is_open and not self.is_expected

    @property
    def is_expected(self) -> bool:
        return self.row.is_forecast

    @property
    def order(self) -> tuple[bool, date, int]:
        """What comes first in a list: the earliest date, and after all dates what has none."""
        due = self.row.due
        return due is None, due or self.row.trigger_on, self.row.pk


def card_of(row: Clock, *, on: date, days: Calendar) -> ClockCard:
    """Return how a clock stands on a day. The clock carries its source."""
    try:
        standing = standing_of(row.facts, on=on, calendar=days)
        doubts = doubts_about(row.notified_due, row.computed_due, row.trigger_on, days) if row.notified_due else []
    except HolidaysUnknown:
        standing, doubts = None, []
    return ClockCard(row, state_of(row.facts, on=on), standing, doubts)


def clocks_of(member: Member) -> QuerySet[Clock]:
    """Return the clocks this person may see, each with what it hangs on. One query."""
    return Clock.objects.visible_to(member).select_related("inspection", "visit", "intervention")
