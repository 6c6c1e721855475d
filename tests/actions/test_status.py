"""The status of an action: the table of status words, in Python and in the database alike."""

from datetime import date

import pytest

from tests import factories
from tests.factories import TODAY, make_action, make_authority, make_milestone, make_plan
from tracker.actions.models import Action, counts_by_status
from tracker.actions.rules import (
    ActionFacts,
    Difference,
    Rating,
    Status,
    is_overdue,
    is_stale,
    next_reference,
    status_of,
)

YESTERDAY = date(2026, 5, 5)
TENTH_WORKING_DAY = date(2026, 5, 20)
FAR = date(2026, 7, 31)


def facts(**changed):
    values = {
        "deadline": FAR,
        "rating": "",
        "claimed_on": None,
        "completed_on": None,
        "cancelled_on": None,
        "difference": Difference.NONE,
        "starts_on": None,
        "has_open_milestones": False,
    }
    return ActionFacts(**{**values, **changed})


# What happened to an action, and the status it has on Wednesday 6 May 2026: every row of the table of status words.
ROWS = [
    ({"cancelled_on": YESTERDAY, "deadline": YESTERDAY}, Status.CANCELLED),
    ({"claimed_on": YESTERDAY, "completed_on": TODAY, "difference": Difference.SUSTAINED}, Status.EMBEDDED),
    ({"claimed_on": YESTERDAY, "completed_on": TODAY, "difference": Difference.DIFFERENCE}, Status.COMPLETE),
    ({"claimed_on": YESTERDAY, "completed_on": TODAY}, Status.COMPLETE),
    ({"claimed_on": YESTERDAY, "deadline": YESTERDAY, "rating": Rating.OFF_TRACK}, Status.WAITING),
    ({"deadline": YESTERDAY}, Status.OVERDUE),
    ({"deadline": YESTERDAY, "rating": Rating.ON_TRACK}, Status.OVERDUE),
    ({"deadline": YESTERDAY, "rating": Rating.OFF_TRACK}, Status.OVERDUE),
    ({"deadline": TODAY, "rating": Rating.ON_TRACK}, Status.ON_TRACK),
    ({"rating": Rating.OFF_TRACK}, Status.OFF_TRACK),
    ({"deadline": TENTH_WORKING_DAY, "rating": Rating.OFF_TRACK, "has_open_milestones": True}, Status.OFF_TRACK),
    ({"rating": Rating.AT_RISK}, Status.AT_RISK),
    ({"deadline": TENTH_WORKING_DAY, "rating": Rating.ON_TRACK, "has_open_milestones": True}, Status.AT_RISK),
    ({"deadline": TENTH_WORKING_DAY, "has_open_milestones": True}, Status.AT_RISK),
    ({"deadline": date(2026, 5, 21), "rating": Rating.ON_TRACK, "has_open_milestones": True}, Status.ON_TRACK),
    ({"deadline": TENTH_WORKING_DAY, "rating": Rating.ON_TRACK}, Status.ON_TRACK),
    ({"rating": Rating.ON_TRACK}, Status.ON_TRACK),
    ({"rating": Rating.ON_TRACK, "starts_on": TODAY}, Status.ON_TRACK),
    ({"rating": Rating.ON_TRACK, "starts_on": date(2026, 5, 7)}, Status.NOT_STARTED),
    ({}, Status.NOT_STARTED),
    ({"deadline": TODAY}, Status.NOT_STARTED),
    ({"deadline": None}, Status.NOT_STARTED),
    ({"deadline": None, "rating": Rating.AT_RISK}, Status.AT_RISK),
]


@pytest.mark.parametrize(("happened", "expected"), ROWS)
def test_each_row_of_the_status_table_is_worked_out(happened, expected):
    assert status_of(facts(**happened), on=TODAY, close_by=TENTH_WORKING_DAY) == expected


@pytest.mark.django_db
def test_the_database_gives_the_same_statuses_over_the_same_rows():
    plan = make_plan(make_authority())
    expected = {}
    for happened, status in ROWS:
        values = dict(happened)
        has_open_milestones = values.pop("has_open_milestones", False)
        action = make_action(plan=plan, **values)
        if has_open_milestones:
            make_milestone(action)
        expected[action.reference] = status

    rows = Action.objects.with_status(on=TODAY, close_by=TENTH_WORKING_DAY).prefetch_related("milestones")

    assert {row.reference: row.status_now for row in rows} == expected
    assert {
        row.reference: row.status(
            on=TODAY,
            close_by=TENTH_WORKING_DAY,
            has_open_milestones=any(step.done_on is None for step in row.milestones.all()),
        )
        for row in rows
    } == expected


@pytest.mark.django_db
def test_the_overdue_actions_are_those_whose_status_is_overdue():
    plan = make_plan(make_authority())
    for happened, _ in ROWS:
        make_action(plan=plan, **{key: value for key, value in happened.items() if key != "has_open_milestones"})

    rows = Action.objects.with_status(on=TODAY, close_by=TENTH_WORKING_DAY)
    late = {row.reference for row in rows if row.status_now == Status.OVERDUE}

    assert {row.reference for row in Action.objects.overdue(on=TODAY)} == late
    assert len(late) == 3


@pytest.mark.django_db
def test_actions_are_counted_by_status_in_one_query(django_assert_num_queries):
    council = make_authority()
    make_action(council, rating=Rating.AT_RISK)
    make_action(council, rating=Rating.AT_RISK)
    make_action(council, deadline=YESTERDAY)

    with django_assert_num_queries(1):
        counts = counts_by_status(Action.objects.with_status(on=TODAY, close_by=TENTH_WORKING_DAY))

    assert counts == {Status.AT_RISK: 2, Status.OVERDUE: 1}


@pytest.mark.parametrize(
    ("deadline", "is_open", "expected"),
    [(YESTERDAY, True, True), (TODAY, True, False), (YESTERDAY, False, False), (None, True, False)],
)
def test_an_open_action_is_overdue_from_the_day_after_its_deadline(deadline, is_open, expected):
    assert is_overdue(deadline, is_open=is_open, on=TODAY) is expected


@pytest.mark.parametrize(
    ("last", "expected"), [(date(2026, 4, 5), True), (date(2026, 4, 6), False), (TODAY, False), (None, False)]
)
def test_an_action_is_stale_after_more_than_30_days_without_an_update(last, expected):
    assert is_stale(last, on=TODAY) is expected


@pytest.mark.parametrize(
    ("priority", "used", "expected"),
    [(3, [], "3.1"), (3, ["3.1", "3.4", "1.9"], "3.5"), (3, ["3.9", "3.10"], "3.11"), (1, ["11.4", "1.a"], "1.1")],
)
def test_the_next_reference_follows_the_highest_and_never_fills_a_gap(priority, used, expected):
    assert next_reference(priority, used) == expected


def test_the_tenth_working_day_of_these_tests_is_the_tenth(db):
    assert factories.calendar().add(TODAY, 10) == TENTH_WORKING_DAY
