"""The table of bank holidays against an oracle that knows only the rules, and the ways of changing it."""

from datetime import date, timedelta

import pytest

from tests import factories
from tracker.dates import changes
from tracker.dates.models import BankHoliday, calendar
from tracker.dates.working_days import HolidaysUnknown

pytestmark = pytest.mark.django_db

YEARS = range(2024, 2036)
DAY = timedelta(days=1)
MONDAY = 0


def easter(year: int) -> date:
    """Easter Sunday: the Anonymous Gregorian algorithm (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    ell = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * ell) // 433
    month = (h + ell - 7 * m + 90) // 25
    return date(year, month, (h + ell - 7 * m + 33 * month + 19) % 32)


def first_monday(year: int, month: int) -> date:
    day = date(year, month, 1)
    return day + timedelta(days=(MONDAY - day.weekday()) % 7)


def last_monday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=day.weekday())


def in_lieu(*days: date) -> set[date]:
    """Days off in place of fixed days: one at a weekend moves to the next weekday that is not one already."""
    found: set[date] = set()
    for day in days:
        while day.weekday() >= 5 or day in found:
            day += DAY  # noqa: PLW2901
        found.add(day)
    return found


def days_off(year: int) -> set[date]:
    """The weekdays on which England does not work, from the rules alone."""
    sunday = easter(year)
    return {
        *in_lieu(date(year, 1, 1)),
        sunday - 2 * DAY,
        sunday + DAY,
        first_monday(year, 5),
        last_monday(year, 5),
        last_monday(year, 8),
        *in_lieu(date(year, 12, 25), date(year, 12, 26)),
    }


def test_the_oracle_knows_the_easters_that_everyone_knows():
    assert [easter(year) for year in (2014, 2022, 2024, 2026, 2027)] == [
        date(2014, 4, 20),
        date(2022, 4, 17),
        date(2024, 3, 31),
        date(2026, 4, 5),
        date(2027, 3, 28),
    ]


@pytest.mark.parametrize("year", YEARS)
def test_the_table_agrees_with_the_rules(year):
    known = BankHoliday.objects.in_force().filter(on__year=year).values_list("on", flat=True)

    assert {day for day in known if day.weekday() < 5} == days_off(year)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2011, 4, 29), "the royal wedding"),
        (date(2012, 6, 4), "the diamond jubilee, moved from May"),
        (date(2012, 6, 5), "the diamond jubilee"),
        (date(2020, 5, 8), "moved for the 75th anniversary of VE Day"),
        (date(2022, 6, 2), "moved for the platinum jubilee"),
        (date(2022, 6, 3), "the platinum jubilee"),
        (date(2022, 9, 19), "the State Funeral"),
        (date(2023, 5, 8), "the coronation"),
    ],
)
def test_a_holiday_that_only_a_proclamation_gives_is_in_the_table(day, why):
    assert not calendar().is_working_day(day)


@pytest.mark.parametrize("day", [date(2020, 5, 4), date(2022, 5, 30), date(2012, 5, 28), date(2026, 12, 24)])
def test_a_monday_that_gave_its_holiday_away_and_christmas_eve_are_working_days(day):
    assert calendar().is_working_day(day)


def test_good_friday_and_christmas_day_are_never_working_days():
    days = calendar()

    for year in range(days.first_year, days.last_year + 1):
        assert not days.is_working_day(easter(year) - 2 * DAY)
        assert not days.is_working_day(date(year, 12, 25))


def test_filling_the_table_again_adds_nothing():
    assert changes.fill_bank_holidays(first_year=2010, last_year=2036) == 0


def test_filling_further_leaves_what_an_administrator_decided():
    by = factories.make_user()
    changes.withdraw(date(2026, 5, 25), reason="Moved to June", by=by)

    added = changes.fill_bank_holidays(first_year=2010, last_year=2037)

    assert added == 9  # 26 December 2037 is a Saturday: it is in the list, and so is the day in its place.
    assert calendar().is_working_day(date(2026, 5, 25))
    assert calendar().last_year == 2037


# Proclaimed and withdrawn


def test_a_proclaimed_holiday_is_counted_out_and_says_who_and_why():
    by = factories.make_user("Ada Admin")

    changes.proclaim(date(2026, 6, 15), name="Day of thanks", reason="Proclaimed on 1 May 2026", by=by)

    assert calendar().why_not_working(date(2026, 6, 15)) == "Day of thanks"
    written = BankHoliday.history.filter(on=date(2026, 6, 15)).get()
    assert (written.actor, written.history_user, written.history_change_reason) == (
        "Ada Admin",
        by,
        "Proclaimed on 1 May 2026",
    )


def test_a_withdrawn_holiday_stays_in_the_table_out_of_force():
    by = factories.make_user()

    changes.withdraw(date(2026, 5, 25), reason="Moved to June", by=by)

    assert calendar().is_working_day(date(2026, 5, 25))
    assert BankHoliday.objects.filter(on=date(2026, 5, 25), is_in_force=False).exists()
    newest = BankHoliday.history.filter(on=date(2026, 5, 25)).latest()
    assert newest.history_change_reason == "Moved to June"


def test_a_withdrawn_holiday_can_be_proclaimed_again():
    by = factories.make_user()
    changes.withdraw(date(2026, 5, 25), reason="Moved to June", by=by)

    changes.proclaim(date(2026, 5, 25), name="Spring bank holiday", reason="It stays after all", by=by)

    assert not calendar().is_working_day(date(2026, 5, 25))
    assert BankHoliday.objects.filter(on=date(2026, 5, 25)).count() == 1


def test_a_day_that_is_a_holiday_already_is_refused():
    with pytest.raises(changes.HolidayAlreadyKnown, match="25 May 2026 is already a bank holiday"):
        changes.proclaim(date(2026, 5, 25), name="Another", reason="By mistake", by=factories.make_user())


@pytest.mark.parametrize("day", [date(2026, 6, 13), date(2026, 6, 14)])
def test_a_saturday_or_sunday_is_refused(day):
    with pytest.raises(changes.NotAWeekday, match="not a working day anyway"):
        changes.proclaim(day, name="Day of thanks", reason="Proclaimed", by=factories.make_user())


@pytest.mark.parametrize("day", [date(2009, 12, 31), date(2037, 1, 1)])
def test_a_day_outside_the_table_is_refused(day):
    with pytest.raises(HolidaysUnknown, match="from 2010 to 2036"):
        changes.proclaim(day, name="Day of thanks", reason="Proclaimed", by=factories.make_user())


def test_a_day_that_is_no_holiday_cannot_be_withdrawn():
    with pytest.raises(changes.NotABankHoliday, match="6 May 2026 is not a bank holiday"):
        changes.withdraw(date(2026, 5, 6), reason="By mistake", by=factories.make_user())


def test_a_holiday_is_not_proclaimed_without_a_reason():
    with pytest.raises(ValueError, match="Say why"):
        changes.proclaim(date(2026, 6, 15), name="Day of thanks", reason=" ", by=factories.make_user())
