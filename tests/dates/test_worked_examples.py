"""The 21 worked examples, the backwards checks, and the real deadlines that Ofsted printed."""

from datetime import date

import pytest

from tracker.dates.models import calendar
from tracker.inspections.rules import working_of

pytestmark = pytest.mark.django_db

# Day 0, then 20, 30, 35 and 70 working days after it.
EXAMPLES = """
2014-08-08 2014-09-08 2014-09-22 2014-09-29 2014-11-17
2014-11-19 2014-12-17 2015-01-05 2015-01-12 2015-03-02
2016-11-25 2016-12-23 2017-01-11 2017-01-18 2017-03-08
2017-06-13 2017-07-11 2017-07-25 2017-08-01 2017-09-20
2017-09-04 2017-10-02 2017-10-16 2017-10-23 2017-12-11
2018-01-29 2018-02-26 2018-03-12 2018-03-19 2018-05-10
2018-10-29 2018-11-26 2018-12-10 2018-12-17 2019-02-07
2020-01-31 2020-02-28 2020-03-13 2020-03-20 2020-05-13
2022-02-11 2022-03-11 2022-03-25 2022-04-01 2022-05-25
2022-04-01 2022-05-04 2022-05-18 2022-05-25 2022-07-15
2022-09-05 2022-10-04 2022-10-18 2022-10-25 2022-12-13
2022-09-21 2022-10-19 2022-11-02 2022-11-09 2022-12-30
2023-01-31 2023-02-28 2023-03-14 2023-03-21 2023-05-15
2024-02-16 2024-03-15 2024-04-02 2024-04-09 2024-05-30
2025-01-20 2025-02-17 2025-03-03 2025-03-10 2025-04-30
2025-05-13 2025-06-11 2025-06-25 2025-07-02 2025-08-20
2025-12-24 2026-01-26 2026-02-09 2026-02-16 2026-04-08
2026-01-03 2026-01-30 2026-02-13 2026-02-20 2026-04-14
2026-05-04 2026-06-02 2026-06-16 2026-06-23 2026-08-11
2026-09-18 2026-10-16 2026-10-30 2026-11-06 2026-12-29
2027-01-04 2027-02-01 2027-02-15 2027-02-22 2027-04-14
"""
LENGTHS = (20, 30, 35, 70)

# Published, and the deadline printed in Ofsted's letter: 70 working days after publication.
FITTING = """
2016-04-05 2016-07-14  South Tyneside
2016-06-29 2016-10-06  Croydon
2018-01-30 2018-05-11  Haringey
2018-05-09 2018-08-16  Greenwich
2018-08-24 2018-12-03  Durham
2018-11-09 2019-02-20  York
2018-11-23 2019-03-06  Cornwall
2019-01-15 2019-04-25  Shropshire
2019-01-29 2019-05-10  Islington
2019-03-08 2019-06-20  Bracknell Forest
2019-05-08 2019-08-15  Derby
2019-08-02 2019-11-11  Northumberland
2019-08-23 2019-12-02  Halton
2019-12-18 2020-03-30  Milton Keynes
2019-12-18 2020-03-30  Sefton
2020-01-31 2020-05-13  Portsmouth
2020-03-06 2020-06-18  Bexley
2020-04-14 2020-07-23  East Sussex
2022-09-26 2023-01-05  Cheshire East
2023-01-06 2023-04-18  Walsall
2023-07-14 2023-10-23  Blackburn with Darwen
2023-08-03 2023-11-10  Gloucestershire
2023-09-01 2023-12-08  Sutton
2024-02-12 2024-05-23  Merton
2024-03-14 2024-06-26  Buckinghamshire
2024-05-16 2024-08-23  Leeds
2024-05-17 2024-08-27  Coventry
2024-07-12 2024-10-21  Rochdale
2024-07-18 2024-10-25  Somerset
2024-09-06 2024-12-13  Richmond
2025-02-27 2025-06-11  Norfolk
2025-03-13 2025-06-25  Bromley
"""


def day(text: str) -> date:
    return date.fromisoformat(text)


def examples() -> list[tuple[date, int, date]]:
    found = []
    for line in EXAMPLES.strip().splitlines():
        first, *others = (day(text) for text in line.split())
        found += [(first, length, due) for length, due in zip(LENGTHS, others, strict=True)]
    return found


def fitting() -> list[tuple[str, date, date]]:
    lines = (line.split(maxsplit=2) for line in FITTING.strip().splitlines())
    return [(name, day(published), day(due)) for published, due, name in lines]


def test_there_are_84_worked_dates_and_32_real_deadlines():
    assert len(examples()) == 84
    assert len(fitting()) == 32


@pytest.mark.parametrize(("first", "working_days", "due"), examples())
def test_a_worked_example_is_counted(first, working_days, due):
    days = calendar()

    assert days.add(first, working_days) == due
    assert days.between(first, due) == working_days


@pytest.mark.parametrize(
    ("due", "working_days", "first"),
    [
        (date(2022, 7, 15), 70, date(2022, 4, 1)),
        (date(2018, 9, 10), 20, date(2018, 8, 10)),
        (date(2023, 10, 24), 35, date(2023, 9, 5)),
        (date(2023, 12, 12), 35, date(2023, 10, 24)),
    ],
)
def test_the_count_runs_backwards_too(due, working_days, first):
    assert calendar().add(due, -working_days) == first
    assert calendar().add(first, working_days) == due


@pytest.mark.parametrize(("council", "published", "printed"), fitting())
def test_a_real_deadline_is_70_working_days_after_publication(council, published, printed):
    assert calendar().add(published, 70) == printed


def test_the_newspapers_reading_of_buckinghamshires_70_days_is_a_month_early():
    working = working_of(date(2014, 8, 8), 70, "working_days", calendar())

    assert working.due == date(2014, 11, 17)
    assert working.calendar_days_reading == date(2014, 10, 17)
    assert [skipped.day for skipped in working.skipped_holidays] == [date(2014, 8, 25)]


@pytest.mark.parametrize(("first", "working_days", "due"), examples())
def test_the_working_tells_every_day_and_ends_on_the_due_date(first, working_days, due):
    days = list(calendar().walk(first, due))

    assert [line.day.toordinal() for line in days] == list(range(first.toordinal(), due.toordinal() + 1))
    assert [line.number for line in days if line.is_counted] == list(range(working_days + 1))
    assert all(line.reason for line in days if not line.is_counted)
