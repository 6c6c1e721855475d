"""How many outcomes the band of the pace forecast holds, on made-up histories. Started by deploy/bench/pace.

A band from the 10th to the 90th percentile should hold 8 of 10 outcomes. Nobody can check that on one plan; here it is
checked on thousands of forecasts, with the rules of the product and nothing beside them: each history is a `Record`,
each forecast one that `back_test` makes at the end of a week, as the page of that name does. The goal is for those, 4
and 8 weeks ahead. Beside it stands, without a goal, how often the last action was complete between the two days that
the forecast gave when half were: a year ahead, no pace of 8 weeks knows that it will slow down or quicken.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp
from typing import Any

from tracker.reports.pace.rules import WEEK, Record, Tally, back_test, forecast_of

Chance = random.Random
# Completions to be expected in a week, by its number, for a plan that would take `weeks` at an even pace.
Rate = Callable[[int], float]

BEGUN_ON = date(2026, 2, 2)  # A Monday.
SIZES = {"small (15 actions)": 15, "middling (50 actions)": 50, "large (150 actions)": 150}
AHEAD = {"4 weeks ahead": 4, "8 weeks ahead": 8}
THE_END = "when all are complete, from half way"
LEAST, MOST = 75, 85
WEEKS_AFTERWARDS = 30
CHRISTMAS, SUMMER = {51, 0}, {30, 31, 32, 33, 34}


def steady(chance: Chance, even: float, weeks: int) -> Rate:
    return lambda week: even


def before_boards(chance: Chance, even: float, weeks: int) -> Rate:
    """Three in five are checked in the week before a board that meets every 4 or 6 weeks."""
    every, first = chance.choice([4, 6]), chance.randrange(6)
    return lambda week: even * (0.6 * every if week % every == first % every else 0.4 * every / (every - 1))


def slowing(chance: Chance, even: float, weeks: int) -> Rate:
    """Begins at 1.7 times the even pace, and is at a tenth of that by the end."""
    return lambda week: even * max(0.15, 1.7 - 1.6 * week / weeks)


def quickening(chance: Chance, even: float, weeks: int) -> Rate:
    """Begins at 0.3 of the even pace, and is at 6 times that by the end."""
    return lambda week: even * min(2.5, 0.3 + 1.5 * week / weeks)


def seasonal(chance: Chance, even: float, weeks: int) -> Rate:
    """Hardly anything over Christmas and half as much in the summer holidays; begins at any time of the year."""
    begins = chance.randrange(52)

    def rate(week: int) -> float:
        of_the_year = (begins + week) % 52
        return even * (0.1 if of_the_year in CHRISTMAS else 0.45 if of_the_year in SUMMER else 1.15)

    return rate


def uneven(chance: Chance, even: float, weeks: int) -> Rate:
    """Good and bad weeks without a pattern: the pace of each is drawn, with a spread larger than its mean."""
    return lambda week: even * chance.gammavariate(0.7, 1 / 0.7)


PATTERNS: dict[str, Callable[[Chance, float, int], Rate]] = {
    "steady": steady,
    "bursts before boards": before_boards,
    "slowing": slowing,
    "quickening": quickening,
    "seasons and Christmas": seasonal,
    "uneven": uneven,
    "steady, 1 in 10 reopened": steady,
}
REOPENED = {"steady, 1 in 10 reopened": 0.1}


def history(chance: Chance, pattern: str, actions: int) -> tuple[Record, date]:
    """Return a made-up plan day by day, and the Monday after its last week."""
    weeks = chance.randint(40, 90)
    rate = PATTERNS[pattern](chance, actions / weeks * chance.uniform(0.7, 1.3), weeks)
    changes: Counter[date] = Counter()
    back: Counter[int] = Counter()
    left, week = actions, 0
    while (left or back) and week < weeks + WEEKS_AFTERWARDS:
        left += back.pop(week, 0)
        for _ in range(min(left, poisson(chance, rate(week)))):
            left -= 1
            day = BEGUN_ON + WEEK * week + timedelta(days=chance.randrange(5))
            changes[day] += 1
            if chance.random() < REOPENED.get(pattern, 0):
                later = chance.randint(2, 12)
                back[week + later] += 1
                changes[BEGUN_ON + WEEK * (week + later)] -= 1
        week += 1
    record = Record(BEGUN_ON, Tally(changes), Tally(), Tally(), Tally({date.min: actions}))
    return record, BEGUN_ON + WEEK * week


def poisson(chance: Chance, mean: float) -> int:
    """Return how many of many rare things happen, drawn by Knuth's method."""
    limit, product, number = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        number += 1
    return number


@dataclass
class Held:
    """In how many forecasts the band held what happened, and how wide it was."""

    held: int = 0
    known: int = 0
    width: int = 0
    parts: dict[str, "Held"] = field(default_factory=dict)

    def add(self, held: bool, width: int) -> None:
        self.held += held
        self.known += 1
        self.width += width

    def told(self) -> dict[str, Any]:
        shares = {
            "per_cent": round(100 * self.held / self.known, 1),
            "forecasts": self.known,
            **({"actions_wide": round(self.width / self.known, 1)} if self.width else {}),
        }
        return shares | {name: part.told() for name, part in self.parts.items()}


def finish_is_held(record: Record, actions: int) -> bool | None:
    """Return whether all were complete between the days forecast when half were; None without such a forecast."""
    half_on = next((day for day in record.complete.days if 2 * record.complete.at(day) >= actions), None)
    done_on = record.complete.last_day
    if half_on is None or done_on is None or record.complete.at(done_on) < actions:
        return None
    forecast = forecast_of(record, half_on)
    if not forecast.has_band:
        return None
    finish = forecast.finish()
    return finish.early is not None and finish.early - WEEK < done_on <= (finish.late or done_on)


def measure(histories: int, seed: int) -> dict[str, Held]:
    """Return what the bands held by weeks ahead and for the end, then by pattern, then by size of plan."""
    chance = random.Random(seed)  # noqa: S311  Nothing secret: the same histories each time.
    found = {name: Held() for name in (*AHEAD, THE_END)}
    for pattern in PATTERNS:
        for number in range(histories):
            size = list(SIZES)[number % len(SIZES)]
            record, until = history(chance, pattern, SIZES[size])

            def add(name: str, is_held: bool, width: int, pattern: str = pattern, size: str = size) -> None:
                of_pattern = found[name].parts.setdefault(pattern, Held())
                for held in (found[name], of_pattern, of_pattern.parts.setdefault(size, Held())):
                    held.add(is_held, width)

            for name, weeks in AHEAD.items():
                for trial in back_test(record, until, weeks):
                    if trial.is_known and trial.band is not None:
                        add(name, trial.is_held, trial.band.high - trial.band.low)
            is_held = finish_is_held(record, SIZES[size])
            if is_held is not None:
                add(THE_END, is_held, 0)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy/bench/pace", description=__doc__.partition("\n")[0])
    parser.add_argument("--histories", type=int, default=400, help="How many of each pattern.")
    parser.add_argument("--seed", type=int, default=2026, help="Other histories of the same kinds.")
    chosen = parser.parse_args()
    began = time.monotonic()
    found = measure(chosen.histories, chosen.seed)
    known = sum(found[name].known for name in AHEAD)
    share = 100 * sum(found[name].held for name in AHEAD) / known
    told = {
        "goal": f"the band of 8 in 10 holds {LEAST} to {MOST}% of outcomes",
        "per_cent": round(share, 1),
        "met": LEAST <= share <= MOST,
        "histories": chosen.histories * len(PATTERNS),
        "forecasts": known,
        "seconds": round(time.monotonic() - began, 1),
        **{name: held.told() for name, held in found.items()},
    }
    print(json.dumps(told, indent=1))
    return 0 if told["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
