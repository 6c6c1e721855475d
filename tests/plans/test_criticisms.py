"""What reviewers say against the plan itself."""

from datetime import date, timedelta

import pytest

from accounts.roles import Role
from tests.factories import (
    TODAY,
    aisha,
    dee,
    fresh,
    make_authority,
    make_criticism,
    make_inspection,
    make_member,
    make_plan,
    priya,
    rachel,
)
from tracker.audit.history import version_of
from tracker.plans import changes, permissions
from tracker.plans.models import Criticism
from tracker.plans.sent import open_criticisms

pytestmark = pytest.mark.django_db

DUE = date(2026, 6, 1)


@pytest.fixture
def plan(council):
    return make_plan(council)


@pytest.fixture
def chair(council):
    return make_member(council, Role.CHAIR, "Ngozi Bello", post="Independent chair")


def answered(row, owner, **fields):
    values = {"response": "The board sees the plan for the system in June.", "due_on": DUE, "on": TODAY, **fields}
    return changes.respond(row, owner=owner, by=owner, **values)


def test_a_criticism_goes_from_recorded_to_answered_to_closed_with_history(council, plan, chair):
    owner, director = priya(council).user, rachel(council).user
    row = make_criticism(plan, author=chair.user, paragraph="4.2", inspection=make_inspection(council, "x"))

    answered(row, owner)
    changes.close(row, closed_reason="The plan now has the system in it.", by=director, on=TODAY)

    row = fresh(row)
    assert (row.number, row.owner, row.due_on, row.closed_by, row.closed_on) == (1, owner, DUE, director, TODAY)
    assert [past.history_change_reason for past in row.history.order_by("history_id")] == [
        "Recorded as said by Red Quadrant, for the DfE",
        "Responded to",
        "Closed: The plan now has the system in it.",
    ]


def test_they_are_numbered_and_the_open_ones_are_listed_the_unanswered_first(council, plan):
    first, second, third = (make_criticism(plan) for _ in range(3))
    owner = priya(council)
    answered(first, owner.user)
    answered(third, owner.user)
    changes.close(third, closed_reason="Done", by=owner.user, on=TODAY)

    assert [row.number for row in (first, second, third)] == [1, 2, 3]
    assert list(open_criticisms(plan, owner)) == [second, first]
    assert list(open_criticisms(plan, rachel(make_authority("Southmere", "southmere")))) == []


@pytest.mark.parametrize(
    ("fields", "refusal", "words"),
    [
        ({"made_on": TODAY + timedelta(1)}, changes.NotYet, "cannot be in the future"),
    ],
)
def test_what_cannot_have_been_said_is_refused(plan, fields, refusal, words):
    with pytest.raises(refusal, match=words):
        make_criticism(plan, **fields)

    assert not Criticism.objects.exists()


def test_a_report_or_an_author_of_another_council_is_refused(plan):
    elsewhere = make_authority("Southmere Borough Council", "southmere")

    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        make_criticism(plan, inspection=make_inspection(elsewhere))
    with pytest.raises(changes.PersonHasLeft, match="does not belong to"):
        make_criticism(plan, author=aisha(elsewhere).user)


def test_a_response_has_a_day_to_come_unless_it_is_the_one_it_had(council, plan):
    row, owner = make_criticism(plan), priya(council).user

    with pytest.raises(changes.NotYet, match="today or later"):
        answered(row, owner, due_on=TODAY - timedelta(1))

    answered(row, owner, due_on=TODAY)
    later = TODAY + timedelta(9)
    assert answered(row, owner, due_on=TODAY, on=later, response="More words").response == "More words"


def test_it_is_not_closed_before_it_is_answered(council, plan):
    row = make_criticism(plan)

    with pytest.raises(changes.NoResponse, match="response first"):
        changes.close(row, closed_reason="Done", by=rachel(council).user, on=TODAY)

    assert fresh(row).closed_on is None


def test_two_who_close_at_once_leave_one_closing_and_it_stays_closed(council, plan, chair):
    director, row = rachel(council).user, make_criticism(plan, author=chair.user)
    answered(row, director)
    changes.close(row, closed_reason="The director’s reason", by=director, on=TODAY)

    with pytest.raises(changes.AlreadyClosed, match="Rachel Adeyemi closed it on 6 May 2026"):
        changes.close(row, closed_reason="The author’s reason", by=chair.user, on=TODAY)
    with pytest.raises(changes.AlreadyClosed, match="stay closed"):
        answered(row, director)

    assert fresh(row).closed_reason == "The director’s reason"
    assert row.history.count() == 3


def test_two_who_respond_at_once_see_each_others_words(council, plan):
    row, owner = make_criticism(plan), priya(council).user
    seen = version_of(row)
    answered(row, owner, seen=seen)

    with pytest.raises(changes.ChangedSince, match=r"Priya Nair saved it .* response “The board sees"):
        answered(row, owner, response="Mine", seen=seen)


def test_who_may_record_respond_and_close(council, plan, chair):
    office, director, owner, other = aisha(council), rachel(council), priya(council), dee(council)
    councillor = make_member(council, Role.COUNCILLOR, "Cllr Reid")
    row = make_criticism(plan, author=chair.user)
    people = (office, director, owner, other, councillor, chair)

    assert [permissions.may_record_criticism(one) for one in people] == [True, True, False, False, False, True]
    assert [permissions.may_respond(one, row) for one in people] == [True, True, False, False, False, False]
    assert [permissions.may_close(one, row) for one in people] == [False, True, False, False, False, True]

    row = answered(row, owner.user)
    assert permissions.may_respond(owner, row)
    assert not permissions.may_close(owner, row)
    row = changes.close(row, closed_reason="Done", by=director.user, on=TODAY)
    assert not any(permissions.may_respond(one, row) or permissions.may_close(one, row) for one in people)
