"""Many rows in two statements, each with its history."""

from datetime import date

import pytest
from django.db.models import DateField, DateTimeField, Q, Value

from tests import factories
from tests.factories import NOW, TODAY
from tracker.actions.models import Action, OverdueFlag
from tracker.audit.history import THE_TRACKER
from tracker.audit.sets import insert_because

pytestmark = pytest.mark.django_db

COLUMNS = ["action", "deadline", "flagged_on", "flagged_at"]


def late_actions():
    return (
        Action.objects.filter(deadline__lt=TODAY)
        .order_by()
        .values_list(
            "pk",
            "deadline",
            Value(TODAY, output_field=DateField()),
            Value(NOW, output_field=DateTimeField()),
        )
    )


def insert(reason="Overdue"):
    return insert_because(OverdueFlag, COLUMNS, late_actions(), reason=reason, at=NOW, new=Q(flagged_at=NOW))


@pytest.fixture
def late(council):
    return [factories.make_action(council, deadline=date(2026, 5, day)) for day in (1, 4, 5)]


def test_each_row_inserted_has_one_history_row_that_says_why(late):
    assert insert() == 3

    assert OverdueFlag.objects.count() == 3
    for flag in OverdueFlag.objects.all():
        written = flag.history.get()
        assert (written.history_type, written.actor, written.history_change_reason) == ("+", THE_TRACKER, "Overdue")
        assert (written.action_id, written.deadline, written.flagged_on) == (flag.action_id, flag.deadline, TODAY)
        assert written.history_date == NOW


def test_what_is_there_already_is_left_out(late):
    insert()

    assert insert("Again") == 0
    assert OverdueFlag.history.count() == 3


def test_nothing_to_insert_writes_nothing(council, django_assert_num_queries):
    with django_assert_num_queries(3):  # One statement, between the start and the end of its savepoint.
        assert insert() == 0
    assert OverdueFlag.history.count() == 0


@pytest.mark.parametrize("number", [1, 30])
def test_the_statements_do_not_grow_with_the_rows(council, number, django_assert_num_queries):
    for _ in range(number):
        factories.make_action(council, deadline=date(2026, 5, 1))

    with django_assert_num_queries(6):
        assert insert() == number


def test_a_reason_of_any_length_is_kept(late):
    insert("x" * 5000)

    assert len(OverdueFlag.history.first().history_change_reason) == 5000
