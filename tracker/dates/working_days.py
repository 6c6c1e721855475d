"""Counting working days in England: pure, over a table of bank holidays that is handed in.

A working day is any day but a Saturday, a Sunday, Christmas Day, Good Friday or a bank holiday
in England and Wales. Source: S.I. 2007/462, regulation 1(2).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

DAY = timedelta(days=1)


class HolidaysUnknown(Exception):
    """A count left the years for which bank holidays are known."""

    def __init__(self, day: date, first_year: int, last_year: int) -> None:
        super().__init__(
            f"Bank holidays are known from {first_year} to {last_year}, so {day:%-d %B %Y} cannot be counted. "
            "Extend the table: manage.py bank_holidays --until YEAR."
        )


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One line of the working: a day counted with its number, or skipped with the reason."""

    day: date
    number: int | None
    reason: str

    @property
    def is_counted(self) -> bool:
        return self.number is not None


@dataclass(frozen=True)
class Calendar:
    """The working days of England from the start of `first_year` to the end of `last_year`."""

    holidays: Mapping[date, str]
    first_year: int
    last_year: int

    @cached_property
    def _weekday_holidays(self) -> list[date]:
        return sorted(day for day in self.holidays if day.weekday() < 5)

    def why_not_working(self, day: date) -> str:
        """Return why a day is not a working day ("Saturday", "Good Friday"), or "" if it is one.

        Raises HolidaysUnknown outside the years of the table.
        """
        if not self.first_year <= day.year <= self.last_year:
            raise HolidaysUnknown(day, self.first_year, self.last_year)
        if day.weekday() >= 5:
            return f"{day:%A}"
        return self.holidays.get(day, "")

    def is_working_day(self, day: date) -> bool:
        """Return whether people work on this day. Raises HolidaysUnknown."""
        return not self.why_not_working(day)

    def add(self, day: date, working_days: int) -> date:
        """Return the working day that is `working_days` after `day`; before it, if negative.

        `day` itself is day 0 and is never counted, whether or not it is a working day. With 0 the
        day itself comes back. Raises HolidaysUnknown.
        """
        step = DAY if working_days > 0 else -DAY
        left = abs(working_days)
        while left:
            day += step
            if self.is_working_day(day):
                left -= 1
        return day

    def between(self, start: date, end: date) -> int:
        """Return the working days after `start` up to and including `end`.

        Negative when `end` is before `start`: the working days after `end` up to and including
        `start`. So `between(today, deadline)` is the working days left: 0 is due today.
        Raises HolidaysUnknown.
        """
        if end < start:
            return -self.between(end, start)
        for edge in (start, end):
            self.why_not_working(edge)  # Fail loudly past the table's end.
        days = (end - start).days
        weeks, rest = divmod(days, 7)
        weekdays = weeks * 5 + sum(1 for offset in range(1, rest + 1) if (start + offset * DAY).weekday() < 5)
        days_off = self._weekday_holidays
        return weekdays - (bisect_right(days_off, end) - bisect_right(days_off, start))

    def on_or_after(self, day: date) -> date:
        """Return `day` if it is a working day, else the next one. Raises HolidaysUnknown."""
        while not self.is_working_day(day):
            day += DAY
        return day

    def walk(self, start: date, end: date) -> Iterator[CountedDay]:
        """Yield every day from `start` (day 0) to `end`, counted with its number or skipped and why."""
        yield CountedDay(start, 0, "Day 0: the day it was received is not counted")
        number = 0
        day = start + DAY
        while day <= end:
            reason = self.why_not_working(day)
            if not reason:
                number += 1
            yield CountedDay(day, None if reason else number, reason)
            day += DAY
