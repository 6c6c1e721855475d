from datetime import date, timedelta

import pytest

from tracker.dates.models import calendar
from tracker.reminders.rules import Kind, clock_step_owed, late_step, reminder_owed, visit_step_owed, windows

WEDNESDAY = date(2026, 5, 6)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("deadline", "owed"),
    [
        (date(2026, 5, 21), None),  # 11 working days left
        (date(2026, 5, 20), (Kind.DUE, 10)),
        (date(2026, 5, 14), (Kind.DUE, 10)),
        (date(2026, 5, 13), (Kind.DUE, 5)),
        (date(2026, 5, 8), (Kind.DUE, 5)),
        (date(2026, 5, 7), (Kind.DUE, 1)),
        (WEDNESDAY, (Kind.DUE, 1)),
        (date(2026, 5, 5), (Kind.LATE, -1)),
        (date(2026, 5, 1), (Kind.LATE, -1)),  # 2 working days late: Monday was a bank holiday
        (date(2026, 4, 30), (Kind.LATE, -3)),
        (date(2026, 4, 24), (Kind.LATE, -7)),
        (date(2026, 4, 20), (Kind.LATE, -7)),
        (date(2026, 4, 17), (Kind.LATE, -12)),
        (date(2026, 4, 10), (Kind.LATE, -17)),
    ],
)
def test_the_step_owed_is_the_one_crossed_last(deadline, owed):
    assert reminder_owed(deadline, on=WEDNESDAY, calendar=calendar()) == owed


@pytest.mark.parametrize("days_late", range(1, 60))
def test_a_late_action_is_never_silent_for_more_than_a_working_week(days_late):
    step = late_step(days_late)

    assert step is not None
    assert 0 <= days_late - step < 5


@pytest.mark.parametrize("day", [date(2026, 5, 2), date(2026, 5, 3), date(2026, 5, 4)])
def test_a_deadline_that_passed_on_friday_is_not_late_before_the_next_working_day(day):
    assert reminder_owed(date(2026, 5, 1), on=day, calendar=calendar()) is None
    assert reminder_owed(date(2026, 5, 1), on=date(2026, 5, 5), calendar=calendar()) == (Kind.LATE, -1)


@pytest.mark.parametrize("start", [date(2026, 3, 20), date(2026, 4, 28), date(2026, 12, 18), date(2024, 2, 22)])
def test_the_windows_for_the_database_say_what_the_rule_says_on_every_day(start):
    days = calendar()
    for on in (start + timedelta(days=offset) for offset in range(21)):
        oldest = on - timedelta(days=80)
        owed = windows(on=on, calendar=days, oldest=oldest)
        for deadline in (oldest + timedelta(days=offset) for offset in range(110)):
            found = [(window.kind, window.step) for window in owed if window.first <= deadline <= window.last]
            assert found == [answer] if (answer := reminder_owed(deadline, on=on, calendar=days)) else found == []


@pytest.mark.parametrize(
    ("visit_on", "step"),
    [
        (date(2026, 6, 8), None),
        (date(2026, 6, 4), 20),
        (date(2026, 5, 13), 5),
        (WEDNESDAY, 5),
        (date(2026, 5, 5), None),
    ],
)
def test_a_visit_is_told_20_and_5_working_days_before(visit_on, step):
    assert visit_step_owed(visit_on, on=WEDNESDAY, calendar=calendar()) == step


@pytest.mark.parametrize(
    ("left", "step"),
    [(31, None), (30, 30), (21, 30), (20, 20), (11, 20), (10, 10), (5, 5), (3, 5), (2, 2), (1, 2), (0, 0)],
)
def test_the_clock_set_by_law_is_told_at_30_20_10_5_2_and_0_working_days(left, step):
    due = calendar().add(WEDNESDAY, left) if left else WEDNESDAY

    assert clock_step_owed(due, on=WEDNESDAY, calendar=calendar()) == step
