"""The list of exceptions that the improvement board is told of."""

from datetime import date

import pytest

from accounts import changes as account_changes
from tests import factories
from tests.factories import REASON, TODAY
from tests.reports.pages import words_of
from tracker.dates.models import calendar

pytestmark = pytest.mark.django_db

PAGE = "/plans/2026/exceptions/"


@pytest.fixture
def get(client, signed_in):
    def get(member, path=PAGE):
        signed_in(client, member)
        return client.get(path)

    return get


def late_by(working_days: int) -> date:
    return calendar().add(TODAY, -working_days)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"deadline": late_by}, "10 working days overdue."),
        ({"rating": "off_track"}, "Its owner says it is off track."),
    ],
    ids=["late for long", "off track"],
)
def test_an_action_is_an_exception_for_a_reason_that_is_given(council, get, fields, why):
    values = {name: value(10) if callable(value) else value for name, value in fields.items()}
    factories.make_action(council, owner=factories.priya(council).user, **values)

    words = words_of(get(factories.aisha(council)).content.decode())

    assert "1 action goes to the improvement board as an exception." in words
    assert why in words


def test_an_action_that_moved_three_times_is_an_exception(council, get):
    action = factories.make_action(council, deadline=date(2026, 6, 30))
    for number in range(3):
        factories.make_deadline_change(action, date(2026, 7, 1 + number))

    assert "Its deadline moved 3 times." in words_of(get(factories.aisha(council)).content.decode())


def test_one_that_is_late_for_less_or_finished_is_none(council, get):
    factories.make_action(council, deadline=late_by(9))
    factories.make_action(council, deadline=late_by(30), claimed_on=TODAY)
    factories.make_action(council, deadline=late_by(30), cancelled_on=TODAY)

    words = words_of(get(factories.aisha(council)).content.decode())
    assert "No action that you can see goes to the improvement board" in words


def test_the_council_says_how_late_is_too_late(council, get):
    factories.make_action(council, deadline=late_by(6))
    account_changes.set_practice(
        council, code="escalate_director", value=6, source="Agreed by the board", by=None, reason=REASON
    )

    words = words_of(get(factories.aisha(council)).content.decode())

    assert "when it is 6 working days late" in words
    assert "6 working days overdue." in words


def test_a_restricted_one_is_counted_and_not_named(council, get):
    factories.make_action(
        council, deadline=late_by(20), title="One family", is_restricted=True, restricted_reason="One family"
    )

    words = words_of(get(factories.dee(council)).content.decode())

    assert "One family" not in words
    assert "1 restricted action is on the list and not shown to you." in words


def test_the_list_of_another_council_is_not_found(council, get):
    factories.make_action(council)
    other = factories.make_authority("Southmere Council", "southmere")

    assert get(factories.aisha(other)).status_code == 404


def test_partners_and_people_without_a_plan_see_none(council, get):
    factories.make_action(council)

    assert get(factories.helen(council)).status_code == 404
    assert get(factories.ines(council), "/plans/1999/exceptions/").status_code == 404
