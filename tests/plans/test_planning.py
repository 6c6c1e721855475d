"""Starting a plan, what it answers, and its priorities."""

from datetime import date

import pytest

from accounts import changes as account_changes
from tests import factories
from tests.factories import (
    aisha,
    fresh,
    make_action,
    make_authority,
    make_inspection,
    make_plan,
    make_priority,
    make_submission,
    marcus,
    priya,
)
from tracker.audit.history import version_of
from tracker.plans import changes
from tracker.plans.models import Plan, PlanAnswers, Priority

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(council):
    return aisha(council).user


@pytest.fixture
def report(council):
    return make_inspection(council)


@pytest.fixture
def review(council):
    return make_inspection(
        council, "2026-peer", framework="peer", started_on=date(2026, 4, 1), ended_on=date(2026, 4, 3), received_on=None
    )


def start(council, office, *answers, **fields):
    values = {"reference": "2026", "title": "Improvement plan", "starts_on": date(2026, 2, 2), **fields}
    return changes.start_plan(council, answers=list(answers), by=office, reason="Entered", **values)


def test_one_plan_answers_several_inspections_and_reviews(council, office, report, review):
    plan = start(council, office, report, review)

    assert set(plan.inspections.all()) == {report, review}
    row = plan.history.get()
    assert (row.history_user, row.history_change_reason) == (office, "Entered")
    assert PlanAnswers.history.count() == 2


@pytest.mark.parametrize(
    ("fields", "refusal", "words"),
    [
        ({"reference": "new"}, changes.ReferenceUsed, "“new” is used already"),
        ({"board_meets_on": date(2026, 2, 1)}, changes.BoardTooEarly, "begins on 2 February 2026"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_is_left(council, office, report, fields, refusal, words):
    with pytest.raises(refusal, match=words):
        start(council, office, report, **fields)

    assert not Plan.objects.exists()


def test_a_reference_is_used_once_in_a_council(council, office, report):
    start(council, office, report)

    with pytest.raises(changes.ReferenceUsed, match="“2026” is used already"):
        start(council, office, report, title="Another")

    elsewhere = make_authority("Southmere Borough Council", "southmere")
    assert start(elsewhere, office, make_inspection(elsewhere)).reference == "2026"


def test_a_plan_answers_something_and_of_its_own_council(council, office):
    with pytest.raises(changes.AnswersNothing, match="at least one"):
        start(council, office)

    theirs = make_inspection(make_authority("Southmere Borough Council", "southmere"))
    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        start(council, office, theirs)


def change(plan, office, *answers, **fields):
    values = {"title": plan.title, "note": plan.note, "board_meets_on": plan.board_meets_on, **fields}
    return changes.change_plan(plan, answers=list(answers), by=office, reason="Changed", **values)


def test_what_a_plan_answers_changes_with_a_history_row_for_each(council, office, report, review):
    plan = start(council, office, report)

    change(plan, office, review, board_meets_on=date(2026, 6, 1))

    assert list(plan.inspections.all()) == [review]
    assert fresh(plan).board_meets_on == date(2026, 6, 1)
    assert [(row.history_type, row.history_change_reason) for row in PlanAnswers.history.order_by("history_id")] == [
        ("+", "Entered"),
        ("-", "Changed"),
        ("+", "Changed"),
    ]


def test_a_plan_that_is_saved_unchanged_leaves_no_history(council, office, report):
    plan = start(council, office, report)

    change(plan, office, report)

    assert plan.history.count() == PlanAnswers.history.count() == 1


def test_an_inspection_that_actions_answer_stays(council, office, report, review):
    plan = start(council, office, report, review)
    action = make_action(plan=plan, recommendations=[factories.make_recommendation(report)])

    with pytest.raises(changes.StillAnswered, match="Actions of the plan answer recommendations"):
        change(plan, office, review)

    factories.changes.cancel(action, by=None, on=factories.TODAY, reason="Replaced")
    assert list(change(plan, office, review).inspections.all()) == [review]


def test_a_plan_that_was_sent_keeps_what_it_answered(council, office, report, review):
    plan = start(council, office, report, review)
    make_submission(plan)

    with pytest.raises(changes.StillAnswered, match="was sent"):
        change(plan, office, report)

    later = make_inspection(council, "2026-scrutiny", framework="scrutiny")
    assert change(plan, office, report, review, later).inspections.count() == 3


def test_someone_who_saved_meanwhile_is_named_and_nothing_is_lost(council, office, report):
    plan = start(council, office, report)
    seen = version_of(plan)
    change(plan, office, report, title="What Aisha wrote")

    with pytest.raises(changes.ChangedSince, match=r"Aisha Rahman saved it .* title “What Aisha wrote”") as refusal:
        change(plan, office, report, title="What the other wrote", seen=seen)

    assert fresh(plan).title == "What Aisha wrote"
    change(plan, office, report, title="What the other wrote", seen=refusal.value.seen)
    assert fresh(plan).title == "What the other wrote"


# Priorities


def test_priorities_are_added_and_changed_with_history(council, office, report):
    plan = start(council, office, report)
    lead = marcus(council).user

    priority = changes.add_priority(plan, number=3, title="The front door", lead=lead, by=office, reason="Entered")
    changes.change_priority(
        priority, number=4, title="Front door", outcome="No child waits.", lead=None, by=office, reason="Changed"
    )

    row = fresh(priority)
    assert (row.number, row.title, row.outcome, row.lead) == (4, "Front door", "No child waits.", None)
    assert [past.history_change_reason for past in row.history.order_by("history_id")] == ["Entered", "Changed"]


def changed(priority, office, **fields):
    values = {"number": priority.number, "title": priority.title, "outcome": "", "lead": priority.lead, **fields}
    return changes.change_priority(priority, by=office, reason="Changed", **values)


def test_a_number_is_used_once_and_stays_once_references_begin_with_it(council, office, report):
    plan = start(council, office, report)
    three, four = make_priority(plan, 3), make_priority(plan, 4)

    with pytest.raises(changes.NumberUsed, match="Priority 3 is there already"):
        changes.add_priority(plan, number=3, title="Another", by=office, reason="Entered")
    with pytest.raises(changes.NumberUsed, match="Priority 3 is there already"):
        changed(four, office, number=3)
    make_action(plan=plan, priority=three)
    with pytest.raises(changes.NumberUsed, match="Priority 3 has actions"):
        changed(three, office, number=9)

    assert set(Priority.objects.values_list("number", flat=True)) == {3, 4}


def test_a_lead_is_someone_who_is_here(council, office, report):
    plan = start(council, office, report)
    left, stranger = priya(council).user, factories.make_user("Stranger")
    account_changes.switch_off(left, by=None, reason="Left")

    with pytest.raises(changes.PersonHasLeft, match="Priya Nair has left"):
        changes.add_priority(plan, number=3, title="A", lead=fresh(left), by=office, reason="Entered")
    with pytest.raises(changes.PersonHasLeft, match="does not belong to Northbridge"):
        changes.add_priority(plan, number=3, title="A", lead=stranger, by=office, reason="Entered")


def test_a_priority_whose_lead_has_left_can_still_be_changed(council, office, report):
    plan = make_plan(council, answers=[report])
    lead = priya(council).user
    priority = make_priority(plan, lead=lead)
    account_changes.switch_off(lead, by=None, reason="Left")

    assert changed(fresh(priority), office, title="Renamed").title == "Renamed"


def test_two_people_who_change_a_priority_see_each_others_words(council, office, report):
    priority = make_priority(make_plan(council, answers=[report]))
    seen = version_of(priority)
    changed(priority, office, title="What Aisha wrote")

    with pytest.raises(changes.ChangedSince, match="title “What Aisha wrote”"):
        changed(priority, office, title="Mine", seen=seen)
