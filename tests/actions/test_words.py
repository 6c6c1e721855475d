"""How lateness is said, and how an outcome goes on after its opening words."""

from datetime import date

import pytest

from tests.factories import TODAY
from tracker.actions.wording import day_words, late_words, left_words, slip_words, times_words, worked_when
from tracker.dates.working_days import Calendar

DAYS = Calendar({date(2026, 5, 4): "Early May Bank Holiday"}, 2026, 2026)


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (date(2026, 5, 5), "1 working day overdue"),
        (date(2026, 5, 1), "2 working days overdue"),
        (date(2026, 4, 30), "3 working days overdue"),
    ],
)
def test_lateness_is_told_in_working_days(deadline, words):
    assert late_words(deadline, on=TODAY, calendar=DAYS) == words


def test_on_the_weekend_after_its_deadline_an_action_is_overdue_without_a_number():
    assert late_words(date(2026, 5, 8), on=date(2026, 5, 9), calendar=DAYS) == "Overdue"


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (TODAY, "today"),
        (date(2026, 5, 7), "in 1 working day"),
        (date(2026, 5, 14), "in 6 working days"),
        (date(2026, 5, 9), "in 2 working days"),
    ],
)
def test_the_time_left_is_told_in_working_days(deadline, words):
    assert left_words(deadline, on=TODAY, calendar=DAYS) == words


def test_a_deadline_on_sunday_seen_on_saturday_has_no_working_day_left_to_tell():
    assert left_words(date(2026, 5, 10), on=date(2026, 5, 9), calendar=DAYS) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [(31, "slipped 31 working days"), (1, "slipped 1 working day"), (-2, "brought forward 2 working days")],
)
def test_a_move_is_told_as_slipped_or_brought_forward(number, words):
    assert slip_words(number) == words


def test_a_day_of_another_year_has_its_year():
    assert day_words(date(2026, 4, 15), on=TODAY) == "15 April"
    assert day_words(date(2025, 10, 15), on=TODAY) == "15 October 2025"


@pytest.mark.parametrize(("number", "words"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_how_often_is_told_in_words(number, words):
    assert times_words(number) == words


@pytest.mark.parametrize(
    "outcome",
    [
        "no child waits.",
        "We will know it has worked when no child waits.",
        " We will know it has worked when… no child waits.",
    ],
)
def test_an_outcome_goes_on_after_its_opening_words_written_out_or_not(outcome):
    assert worked_when(outcome) == "no child waits."
