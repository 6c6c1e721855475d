"""The clocks, as plain dates."""

from datetime import date

import pytest

from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.rules import (
    CLOCKS,
    Standing,
    State,
    clock_rule,
    day_of_clock,
    due_on,
    standing_of,
    working_of,
)

# England in 2014, and no more of it than the tests need.
DAYS = Calendar({date(2014, 8, 25): "August bank holiday", date(2014, 12, 25): "Christmas Day"}, 2014, 2014)
RECEIVED = date(2014, 8, 8)


def test_two_clocks_run_from_a_report_70_days_for_the_plan_and_30_for_the_report():
    assert [(rule.kind, rule.working_days) for rule in CLOCKS] == [("plan", 70), ("report", 30)]
    assert all(rule.basis and rule.source for rule in CLOCKS)


def test_a_clock_nobody_knows_has_no_rule():
    with pytest.raises(KeyError):
        clock_rule("appeal")


@pytest.mark.parametrize(("kind", "due"), [("plan", date(2014, 11, 17)), ("report", date(2014, 9, 22))])
def test_buckinghamshires_clocks(kind, due):
    assert due_on(clock_rule(kind), RECEIVED, DAYS) == due


def test_a_clock_past_the_table_fails_loudly():
    with pytest.raises(HolidaysUnknown, match="from 2014 to 2014"):
        due_on(clock_rule("plan"), date(2014, 10, 1), DAYS)


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2014, 8, 7), 0),
        (RECEIVED, 0),
        (date(2014, 8, 10), 0),
        (date(2014, 8, 11), 1),
        (date(2014, 8, 25), 10),
        (date(2014, 11, 3), 60),
        (date(2014, 11, 17), 70),
        (date(2014, 11, 18), 71),
    ],
)
def test_which_day_of_the_clock_it_is(on, day):
    assert day_of_clock(RECEIVED, on, DAYS) == day


@pytest.mark.parametrize(
    ("on", "met_on", "standing"),
    [
        (date(2014, 11, 3), None, Standing(State.RUNNING, 10, 60)),
        (date(2014, 11, 14), None, Standing(State.RUNNING, 1, 69)),
        (date(2014, 11, 16), None, Standing(State.RUNNING, 1, 69)),
        (date(2014, 11, 17), None, Standing(State.TODAY, 0, 70)),
        (date(2014, 11, 18), None, Standing(State.LATE, 1, 71)),
        (date(2014, 11, 20), None, Standing(State.LATE, 3, 73)),
        (date(2014, 12, 1), date(2014, 11, 17), Standing(State.MET, 0, 70)),
        (date(2014, 12, 1), date(2014, 11, 14), Standing(State.MET, 1, 69)),
        (date(2014, 12, 1), date(2014, 11, 19), Standing(State.MET_LATE, 2, 72)),
    ],
)
def test_where_a_clock_stands(on, met_on, standing):
    assert standing_of(RECEIVED, date(2014, 11, 17), met_on, on=on, calendar=DAYS) == standing


def test_a_clock_due_on_a_saturday_is_late_on_the_sunday():
    saturday = date(2014, 11, 15)

    assert standing_of(RECEIVED, saturday, None, on=saturday, calendar=DAYS).state == State.TODAY
    assert standing_of(RECEIVED, saturday, None, on=date(2014, 11, 14), calendar=DAYS) == Standing(State.RUNNING, 0, 69)
    assert standing_of(RECEIVED, saturday, None, on=date(2014, 11, 16), calendar=DAYS) == Standing(State.LATE, 0, 69)


def test_the_working_names_the_holidays_it_left_out_and_the_misreading():
    working = working_of(clock_rule("plan"), RECEIVED, DAYS)

    assert working.days[0].number == 0
    assert working.days[-1].number == 70
    assert working.days[-1].day == working.due == date(2014, 11, 17)
    assert [(day.day, day.reason) for day in working.skipped_holidays] == [(date(2014, 8, 25), "August bank holiday")]
    assert working.calendar_days_reading == date(2014, 10, 17)
