"""The pace of a set of actions and the forecast it gives. Pure: no queries, clock or settings.

Weeks run from Monday to Sunday, in London days. "Complete" is checked by someone other than the owner, never claimed.

The forecast takes the weeks to come to be like the last 8, drawn from them at random. A plain draw, each of the 8
equally likely, takes their mean for the truth, and its band holds 7 outcomes in 10 and not 8: nobody knows the pace of
a plan from 8 weeks. So how likely each of the 8 is to come again is itself drawn, evenly over all the ways to share out
the chances (the Bayesian bootstrap; Rubin, Annals of Statistics 9, 1981). Then every way to make up the next n weeks
of the 8, in numbers of times each is used, is equally likely, and how many of those ways complete s actions can be
counted exactly. Counting gives the percentiles that endless draws would come to: nothing depends on a seed, and the
forecast of a day is the same however often it is asked for. `deploy/bench/pace` shows how many outcomes the band holds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from itertools import accumulate, pairwise
from math import comb
from struct import unpack

WEEK = timedelta(days=7)
WEEKS_LOOKED_AT = 8
FEWEST_WEEKS = 6
FEWEST_COMPLETIONS = 3
FURTHEST_WEEKS = 156
TENTHS = (1, 5, 9)  # Of the outcomes, at or below the low, the middle and the high end of a band.


# What is known


class Tally:
    """A number that changes on certain days: `tally.at(day)` is what it is at the end of the day."""

    def __init__(self, changes: Mapping[date, int] | None = None) -> None:
        changes = changes or {}
        self.days = sorted(day for day, change in changes.items() if change)
        self.levels = list(accumulate(changes[day] for day in self.days))

    def at(self, day: date) -> int:
        place = bisect_right(self.days, day)
        return self.levels[place - 1] if place else 0

    @property
    def first_day(self) -> date | None:
        return self.days[0] if self.days else None

    @property
    def last_day(self) -> date | None:
        return self.days[-1] if self.days else None


@dataclass(frozen=True)
class Record:
    """Some actions day by day, since their plan began.

    `complete` counts those checked, less those reopened, from the day that was decided; `claimed` those whose owner
    says or said they are done, checked or not; `agreed` those whose first-agreed date has come (the deadline where
    none was agreed); `whole` is how many there are. An action cancelled leaves `whole` and `agreed` on that day.
    """

    begun_on: date
    complete: Tally
    claimed: Tally
    agreed: Tally
    whole: Tally

    def left(self, on: date) -> int:
        return max(0, self.whole.at(on) - self.complete.at(on))


def monday_of(day: date) -> date:
    """Return the first day of the week a day is in."""
    return day - timedelta(days=day.weekday())


def first_monday(begun_on: date) -> date:
    """Return the first day of the first whole week of a plan."""
    return monday_of(begun_on + timedelta(days=6))


def weeks_up_to(record: Record, on: date, at_most: int = WEEKS_LOOKED_AT) -> list[int]:
    """Return how many actions each of the last whole weeks up to the end of a day completed for good, the oldest first.

    A week that is not over is not counted, nor is the one in which the plan began. A completion that was
    taken back by `on` is not counted, in whatever week that was: the weeks add up to the progress that is left.
    """
    this_week = monday_of(on + timedelta(days=1))
    number = min(at_most, max(0, (this_week - first_monday(record.begun_on)).days // 7))
    if not number:
        return []
    ends = [this_week - timedelta(days=1) - WEEK * back for back in range(number, -1, -1)]
    lasting = [record.complete.at(on)]
    for end in reversed(ends):
        lasting.append(min(lasting[-1], record.complete.at(end)))
    levels = lasting[:0:-1]
    return [later - earlier for earlier, later in pairwise(levels)]


# What to expect


class Outlook(Enum):
    """Whether there is a forecast, and if not, why."""

    NO_ACTIONS = "no actions"
    ALL_COMPLETE = "all complete"
    TOO_FEW_WEEKS = "too few weeks"
    NONE_COMPLETED = "none completed"
    TOO_FEW_COMPLETIONS = "too few completions"
    FORECAST = "forecast"


@dataclass(frozen=True)
class Band:
    """The 10th, 50th and 90th percentile of a number: 8 in 10 outcomes are expected from `low` to `high`."""

    low: int
    middle: int
    high: int

    def holds(self, outcome: int) -> bool:
        return self.low <= outcome <= self.high

    def plus(self, number: int) -> "Band":
        return Band(self.low + number, self.middle + number, self.high + number)

    def at_most(self, most: int) -> "Band":
        return Band(min(self.low, most), min(self.middle, most), min(self.high, most))


@dataclass(frozen=True)
class Finish:
    """The days by which all is complete in 1, 5 and 9 of 10 outcomes; None if that is over 3 years away."""

    early: date | None
    middle: date | None
    late: date | None


@dataclass(frozen=True)
class Forecast:
    """What the pace of the last weeks leads to, seen from a day; or why nobody can tell.

    `weeks` are the completions it rests on, the oldest first; `complete` and `left` are counted at the end of `on`.
    """

    on: date
    outlook: Outlook
    weeks: Sequence[int]
    complete: int
    left: int

    @property
    def has_band(self) -> bool:
        return self.outlook is Outlook.FORECAST

    def more_by(self, day: date) -> Band:
        """Return how many more will be complete at the end of a day after `on`; none more than are left.

        Part of a week counts as the chance that its completions have come by then, were they to come together on one of
        its 7 days. Raises ValueError without a forecast.
        """
        self._must_have_band()
        weeks, days = divmod(max(0, (day - self.on).days), 7)
        if weeks >= FURTHEST_WEEKS:
            weeks, days = FURTHEST_WEEKS, 0
        return _more_after(tuple(sorted(self.weeks)), self.left, weeks, days)

    def complete_by(self, day: date) -> Band:
        """Return how many will be complete in all at the end of a day after `on`. Raises ValueError."""
        return self.more_by(day).plus(self.complete)

    def finish(self) -> Finish:
        """Return when all will be complete, in steps of a week from `on`. Raises ValueError without a forecast."""
        self._must_have_band()
        weeks = tuple(sorted(self.weeks))

        def when(read: Callable[[Band], int]) -> date | None:
            number = bisect_left(
                range(FURTHEST_WEEKS + 1), True, key=lambda n: read(_more_after(weeks, self.left, n, 0)) >= self.left
            )
            return self.on + WEEK * number if number <= FURTHEST_WEEKS else None

        # What the luckiest tenth completes comes to all of it first.
        return Finish(
            early=when(lambda band: band.high), middle=when(lambda band: band.middle), late=when(lambda band: band.low)
        )

    def _must_have_band(self) -> None:
        if not self.has_band:
            raise ValueError(f"There is no forecast: {self.outlook.value}.")


def forecast_of(record: Record, on: date) -> Forecast:
    """Return the forecast of some actions as it stands at the end of a day.

    It needs 6 whole weeks since the plan began and 3 completions in the last 8. With none in 8 weeks there is no
    band to draw: at that pace the actions are never finished.
    """
    weeks = weeks_up_to(record, on)
    whole, left = record.whole.at(on), record.left(on)
    return Forecast(
        on=on, outlook=_outlook(weeks, whole, left), weeks=weeks, complete=record.complete.at(on), left=left
    )


def _outlook(weeks: Sequence[int], whole: int, left: int) -> Outlook:
    if not whole:
        return Outlook.NO_ACTIONS
    if not left:
        return Outlook.ALL_COMPLETE
    if len(weeks) < FEWEST_WEEKS:
        return Outlook.TOO_FEW_WEEKS
    if not any(weeks) and len(weeks) == WEEKS_LOOKED_AT:
        return Outlook.NONE_COMPLETED
    return Outlook.FORECAST if sum(weeks) >= FEWEST_COMPLETIONS else Outlook.TOO_FEW_COMPLETIONS


# Counting the ways
#
# A polynomial whose coefficient of x^s is the number of ways to complete s actions is kept in one integer, 64 bits a
# coefficient, so that two polynomials are added by one addition. There are at most C(163, 7) < 2^40 ways in all.

LANE = 64


@lru_cache(maxsize=8)
def _ways(weeks: tuple[int, ...], left: int) -> list[int]:
    """Return for each number n of weeks to come the ways to complete s actions, for all s below `left`.

    Each of the k past weeks is used some number of times, n in all: C(n + k - 1, k - 1) ways. Taking one past week
    after the other, the ways for n weeks are those without it, and those for n - 1 weeks with it once more.
    """
    below_left = (1 << LANE * left) - 1
    ways = [1, *[0] * FURTHEST_WEEKS]
    for completed in weeks:
        shift = LANE * min(completed, left)
        for n in range(1, FURTHEST_WEEKS + 1):
            ways[n] = (ways[n] + (ways[n - 1] << shift)) & below_left
    return ways


def _at_most(weeks: tuple[int, ...], left: int, n: int) -> list[int]:
    """Return the ways in which n weeks complete at most s actions, for s from 0 to `left`; the last is all of them."""
    packed = _ways(weeks, left)[n].to_bytes(LANE // 8 * left, "little")
    return [*accumulate(unpack(f"<{left}Q", packed)), comb(n + len(weeks) - 1, n)]


@lru_cache(maxsize=4096)
def _more_after(weeks: tuple[int, ...], left: int, n: int, days: int) -> Band:
    """Return how many of `left` actions n weeks and some days complete: the least that 1, 5 and 9 tenths do not pass.

    `days` sevenths of the outcomes are those of n + 1 weeks, the others those of n.
    """
    below = _at_most(weeks, left, n)
    if days:
        later = _at_most(weeks, left, n + 1)
        below = [(7 - days) * a * later[-1] + days * b * below[-1] for a, b in zip(below, later, strict=True)]
    low, middle, high = (bisect_left(below, -(-tenths * below[-1] // 10)) for tenths in TENTHS)
    return Band(low, middle, high)


# What earlier forecasts were worth


@dataclass(frozen=True)
class Trial:
    """The forecast at the end of a week for some weeks later, and what happened.

    `outcome` is None where that day is still to come.
    """

    forecast: Forecast
    day: date
    band: Band | None
    outcome: int | None

    @property
    def is_known(self) -> bool:
        """There was a band, and what happened is known."""
        return self.band is not None and self.outcome is not None

    @property
    def is_held(self) -> bool:
        """What happened is inside the band."""
        return self.band is not None and self.outcome is not None and self.band.holds(self.outcome)


def back_test(record: Record, on: date, weeks_ahead: int) -> list[Trial]:
    """Return the forecast at the end of each whole week before a day, for `weeks_ahead` weeks later, the oldest first.

    Each rests only on what was so at the end of its week.
    """
    trials = []
    end = first_monday(record.begun_on) + WEEK - timedelta(days=1)
    while end < on:
        forecast, day = forecast_of(record, end), end + WEEK * weeks_ahead
        trials.append(
            Trial(
                forecast=forecast,
                day=day,
                band=forecast.complete_by(day) if forecast.has_band else None,
                outcome=record.complete.at(day) if day < on else None,
            )
        )
        end += WEEK
    return trials


def held_of(trials: Sequence[Trial]) -> tuple[int, int]:
    """Return in how many trials the band held what happened, and of how many."""
    known = [trial for trial in trials if trial.is_known]
    return sum(trial.is_held for trial in known), len(known)
