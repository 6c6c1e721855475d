"""Counting working days, on any calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tracker.dates.working_days import Calendar, HolidaysUnknown

DAY = timedelta(days=1)
FIRST, LAST = 2010, 2036

# Christmas and New Year are enough for the arithmetic; the real table has its own tests.
DAYS = Calendar(
    {
        date(year, month, day): name
        for year in range(FIRST, LAST + 1)
        for month, day, name in [
            (1, 1, "New Year's Day"),
            (5, 4, "Early May"),
            (12, 25, "Christmas Day"),
            (12, 26, "Boxing Day"),
        ]
    },
    FIRST,
    LAST,
)

any_day = some.dates(date(2011, 1, 1), date(2035, 12, 31))
calendars = some.builds(
    lambda days: Calendar(dict.fromkeys(days, "A bank holiday"), FIRST, LAST),
    some.sets(some.dates(date(2020, 1, 1), date(2021, 12, 31)), max_size=60),
)


def naive_count(start: date, end: date, days: Calendar) -> int:
    """Working days after `start` up to and including `end`, one day at a time."""
    return sum(
        1
        for number in range(1, (end - start).days + 1)
        if (start + number * DAY).weekday() < 5 and (start + number * DAY) not in days.holidays
    )


@given(any_day, some.integers(1, 150))
def test_adding_and_counting_agree(day, working_days):
    due = DAYS.add(day, working_days)

    assert DAYS.between(day, due) == working_days
    assert DAYS.is_working_day(due)


@given(any_day, some.integers(1, 150))
def test_counting_back_from_a_working_day_undoes_counting_on(day, working_days):
    start = DAYS.on_or_after(day)

    assert DAYS.add(DAYS.add(start, working_days), -working_days) == start


@given(some.dates(date(2019, 6, 1), date(2022, 6, 30)), some.integers(0, 500), calendars)
def test_the_quick_count_is_the_slow_one(start, far, days):
    end = start + far * DAY

    assert days.between(start, end) == naive_count(start, end, days)
    assert days.between(end, start) == -naive_count(start, end, days)


@given(some.dates(date(2019, 6, 1), date(2022, 6, 30)), some.integers(0, 200), calendars)
def test_the_working_counts_as_the_count_does(start, far, days):
    end = start + far * DAY

    lines = list(days.walk(start, end))

    assert max(line.number for line in lines if line.number is not None) == days.between(start, end)
    assert len(lines) == far + 1


@given(any_day)
def test_no_working_day_lies_between_a_day_and_itself(day):
    assert DAYS.between(day, day) == 0
    assert DAYS.add(day, 0) == day


@pytest.mark.parametrize(
    ("today", "deadline", "left"),
    [
        (date(2026, 5, 6), date(2026, 5, 6), 0),
        (date(2026, 5, 6), date(2026, 5, 7), 1),
        (date(2026, 5, 8), date(2026, 5, 11), 1),  # Friday to Monday
        (date(2026, 5, 9), date(2026, 5, 11), 1),  # Saturday to Monday
        (date(2026, 5, 6), date(2026, 5, 5), -1),
        (date(2026, 5, 11), date(2026, 5, 8), -1),
        (date(2026, 12, 24), date(2026, 12, 29), 2),
    ],
)
def test_working_days_left_leave_out_today_and_include_the_deadline(today, deadline, left):
    assert DAYS.between(today, deadline) == left


def test_the_day_of_receipt_is_never_counted_whatever_day_it_is():
    saturday, sunday, monday = date(2026, 5, 9), date(2026, 5, 10), date(2026, 5, 11)

    assert DAYS.add(saturday, 1) == DAYS.add(sunday, 1) == monday
    assert DAYS.add(monday, 1) == date(2026, 5, 12)


def test_every_day_not_counted_has_its_reason():
    lines = {line.day: line for line in DAYS.walk(date(2026, 4, 30), date(2026, 5, 5))}

    assert lines[date(2026, 4, 30)].reason.startswith("Day 0")
    assert lines[date(2026, 5, 2)].reason == "Saturday"
    assert lines[date(2026, 5, 3)].reason == "Sunday"
    assert lines[date(2026, 5, 4)].reason == "Early May"
    assert [line.number for line in lines.values()] == [0, 1, None, None, None, 2]


def test_29_february_is_a_day_like_any_other():
    assert DAYS.add(date(2028, 2, 28), 1) == date(2028, 2, 29)
    assert DAYS.between(date(2028, 2, 28), date(2028, 3, 1)) == 2
    assert DAYS.add(date(2028, 3, 1), -1) == date(2028, 2, 29)


@pytest.mark.parametrize(
    "count",
    [
        lambda: DAYS.add(date(2036, 12, 20), 70),
        lambda: DAYS.add(date(2010, 1, 4), -10),
        lambda: DAYS.between(date(2036, 12, 1), date(2037, 1, 4)),
        lambda: DAYS.between(date(2009, 12, 31), date(2010, 1, 4)),
        lambda: DAYS.on_or_after(date(2037, 1, 1)),
        lambda: DAYS.why_not_working(date(9999, 12, 31)),
        lambda: list(DAYS.walk(date(2036, 12, 30), date(2037, 1, 4))),
        lambda: Calendar({}, 1, 0).is_working_day(date(2026, 5, 6)),
    ],
)
def test_a_count_past_the_table_fails_loudly(count):
    with pytest.raises(HolidaysUnknown, match="Bank holidays are known from"):
        count()
