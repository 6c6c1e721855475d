"""The council's readiness list, the tasks of a visit and the likely questions: written, refused, kept."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests import factories
from tests.factories import TODAY, fresh
from tracker.audit.history import save_because, version_of
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.changes import ChangedSince, NothingChanged
from tracker.inspections.models import Finding
from tracker.visits import changes, likely
from tracker.visits.asked import question_rows
from tracker.visits.changes import (
    AlreadySettled,
    AlreadyThere,
    ListIsMade,
    NothingToStart,
    NotOwner,
    WrongDay,
)
from tracker.visits.models import ReadinessDefault, ReadinessTask
from tracker.visits.preparing import task_rows
from tracker.visits.rules import READINESS_LIST

pytestmark = pytest.mark.django_db

FIRST = date(2026, 6, 9)


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def by(office):
    return office.user


@pytest.fixture
def visit(council):
    return factories.make_visit(council)


# The council's list


def test_a_new_council_gets_the_usual_list_once(council, by):
    first = changes.default_list(council, by=by)
    again = changes.default_list(council, by=by)

    assert [line.title for line in again] == [title for title, _ in READINESS_LIST]
    assert [line.pk for line in first] == [line.pk for line in again]
    assert first[0].history.get().history_change_reason == "The usual list, to begin with"


def test_a_line_is_added_at_the_end_changed_and_taken_out_of_use(council, by):
    line = changes.add_line(council, title="Parking", working_days_before=2, by=by)
    assert line.position == 11

    changed = changes.change_line(line, title="Parking spaces", working_days_before=3, is_in_use=False, by=by)

    assert (changed.title, changed.working_days_before, changed.is_in_use) == ("Parking spaces", 3, False)
    assert changed.history.count() == 2


def test_the_same_line_twice_nothing_new_or_a_second_person_are_refused(council, by):
    line = changes.add_line(council, title="Parking", working_days_before=2, by=by)
    seen = version_of(line)

    with pytest.raises(AlreadyThere, match="The list has this line already"):
        changes.add_line(council, title="parking", working_days_before=5, by=by)
    with pytest.raises(NothingChanged):
        changes.change_line(line, title="Parking", working_days_before=2, is_in_use=True, by=by)
    changes.change_line(line, title="Parking", working_days_before=4, is_in_use=True, by=by, seen=seen)
    with pytest.raises(ChangedSince, match="Aisha Rahman changed this while you were writing"):
        changes.change_line(line, title="Parking", working_days_before=9, is_in_use=True, by=by, seen=seen)


def test_a_line_moves_up_and_the_one_above_takes_its_place(council, by):
    first, second, *_ = changes.default_list(council, by=by)

    changes.move_line_up(second, by=by)

    assert [line.pk for line in changes.default_list(council, by=by)][:2] == [second.pk, first.pk]
    assert sorted(ReadinessDefault.objects.values_list("position", flat=True)) == list(range(1, 11))
    with pytest.raises(NothingChanged, match="is the first line already"):
        changes.move_line_up(second, by=by)


# The tasks of one visit


def test_a_list_is_started_from_the_lines_in_use_and_only_once(council, by, visit):
    line = changes.default_list(council, by=by)[0]
    changes.change_line(line, title=line.title, working_days_before=15, is_in_use=False, by=by)

    made = changes.start_list(visit, by=by, calendar=calendar())

    assert len(made) == 9
    assert [task.position for task in made] == list(range(1, 10))
    with pytest.raises(ListIsMade, match="Monitoring visit 1 has its readiness list already"):
        changes.start_list(visit, by=by, calendar=calendar())


def test_a_list_without_lines_in_use_is_not_started(council, by, visit):
    for line in changes.default_list(council, by=by):
        changes.change_line(line, title=line.title, working_days_before=3, is_in_use=False, by=by)

    with pytest.raises(NothingToStart, match="No line of the council’s list is in use"):
        changes.start_list(visit, by=by, calendar=calendar())


def test_a_task_has_no_day_until_the_days_of_the_visit_are_known(council, by):
    visit = factories.make_visit(council, starts_on=None, ends_on=None, expected_from=date(2026, 9, 1))

    made = changes.start_list(visit, by=by, calendar=calendar())

    assert {task.due_on for task in made} == {None}


@pytest.fixture
def task(by, visit):
    return changes.add_task(visit, title="Parking", owner=None, due_on=date(2026, 6, 1), by=by, on=TODAY)


def test_a_task_gets_an_owner_and_another_day(council, by, task):
    priya = factories.priya(council).user

    changed = changes.change_task(task, title="Parking", owner=priya, due_on=FIRST, by=by, on=TODAY)

    assert (changed.owner, changed.due_on) == (priya, FIRST)
    assert changed.history.latest().actor == "Aisha Rahman"


@pytest.mark.parametrize(
    ("fields", "refusal", "message"),
    [
        ({"due_on": date(2026, 6, 10)}, WrongDay, "must be on or before 9 June 2026, when the visit begins"),
        ({}, NothingChanged, "Nothing is different"),
    ],
)
def test_a_task_after_the_visit_begins_or_unchanged_is_refused(by, task, fields, refusal, message):
    values = {"title": "Parking", "owner": None, "due_on": date(2026, 6, 1), **fields}

    with pytest.raises(refusal, match=message):
        changes.change_task(task, by=by, on=TODAY, **values)
    assert fresh(task).history.count() == 1


@pytest.mark.parametrize("who", ["a partner", "someone of another council", "a leaver"])
def test_a_task_is_owned_by_someone_who_sees_the_visit(council, by, task, who):
    if who == "a partner":
        owner = factories.helen(council).user
    elif who == "a leaver":
        owner = factories.priya(council).user
        account_changes.switch_off(owner, by=None, reason="Left")
    else:
        other = factories.make_authority("Southmere Borough Council", "southmere")
        owner = factories.make_member(other, Role.ACTION_OWNER, "Omar Aziz").user

    with pytest.raises(NotOwner, match="does not work on this plan now"):
        changes.change_task(task, title="Parking", owner=owner, due_on=None, by=by, on=TODAY)


def test_a_task_is_done_once_and_the_second_hears_who_said_so(council, by, task):
    rachel = factories.rachel(council).user
    changes.finish_task(task, done_note="Reception has the list", by=rachel, on=TODAY)

    with pytest.raises(AlreadySettled, match="Rachel Adeyemi said so on 6 May 2026"):
        changes.finish_task(task, done_note="Mine", by=by, on=TODAY)
    assert fresh(task).done_note == "Reception has the list"


def test_a_task_is_left_out_with_why_and_taken_back(by, task):
    changes.leave_out(task, reason="They come by train", by=by, on=TODAY)
    assert fresh(task).history.latest().history_change_reason == "They come by train"
    with pytest.raises(AlreadySettled, match="was left out on 6 May 2026"):
        changes.finish_task(task, done_note="x", by=by, on=TODAY)

    changes.take_back(task, reason="One comes by car", by=by)

    assert ReadinessTask.objects.open().get() == task
    with pytest.raises(AlreadySettled, match="is open already"):
        changes.take_back(task, reason="x", by=by)


def test_the_same_task_twice_is_refused(by, visit, task):
    with pytest.raises(AlreadyThere, match="has this task already"):
        changes.add_task(visit, title="parking", owner=None, due_on=None, by=by, on=TODAY)


def test_the_words_of_a_task_and_the_filter_agree_on_what_is_late(council, office, by, visit):
    for number, due_on in enumerate((date(2026, 5, 5), TODAY, date(2026, 5, 7), None)):
        changes.add_task(visit, title=f"Task {number}", owner=None, due_on=due_on, by=by, on=TODAY)
    done = changes.add_task(visit, title="Done", owner=None, due_on=date(2026, 5, 5), by=by, on=TODAY)
    changes.finish_task(done, done_note="Here", by=by, on=TODAY)

    rows = task_rows(visit, office, on=TODAY, calendar=calendar())

    late = set(ReadinessTask.objects.overdue(on=TODAY))
    assert {row.task for row in rows if row.is_late} == late
    assert {row.task.title: row.stands for row in rows} == {
        "Task 0": "1 working day late",
        "Task 1": "To do, today",
        "Task 2": "To do, in 1 working day",
        "Task 3": "To do",
        "Done": "Done on 6 May 2026: Here",
    }


# Likely questions


@pytest.fixture
def last(council):
    """A focused visit in February whose letter names two things that need work."""
    last = factories.make_visit(
        council, "focused-1", kind="focused", sequence=None, starts_on=date(2026, 2, 24), ends_on=date(2026, 2, 25)
    )
    asked = factories.make_recommendation(factories.make_inspection(council))
    factories.make_finding(last, text="Children wait too long.", recommendation=asked)
    factories.make_finding(last, text="Notes are late.", is_paraphrase=True)
    factories.make_finding(last, Finding.Kind.STRENGTH, text="Staff know children.")
    return last


def focus_on(visit, by, **fields):
    inspection = visit.authority.inspections.first() or factories.make_inspection(visit.authority)
    recommendation = factories.make_recommendation(inspection, title="Private fostering", **fields)
    inspection_changes.choose_focus(visit, recommendations=[recommendation], by=by, reason="From the letter")
    return recommendation


def test_questions_come_from_the_last_letter_and_the_focus(by, visit, last):
    focus_on(visit, by)

    changes.propose_questions(visit, by=by)

    assert list(visit.questions.values_list("text", flat=True)) == [
        "What has changed since the letter of the focused visit of February 2026 said: “Children wait too long”?",
        "What has changed since the letter of the focused visit of February 2026 said: Notes are late?",
        "What have you done about recommendation 2, Private fostering, and what is different for children?",
    ]


def test_a_question_that_was_dropped_is_not_proposed_again(by, visit, last):
    changes.propose_questions(visit, by=by)
    question = visit.questions.first()
    changes.drop_question(question, reason="Answered in writing", by=by, on=TODAY)

    assert likely.missing_questions(visit) == []
    with pytest.raises(NothingToStart, match="There is no question to add"):
        changes.propose_questions(visit, by=by)
    with pytest.raises(AlreadySettled, match="Aisha Rahman dropped this question on 6 May 2026"):
        changes.change_question(question, text="Again?", recommendation=None, by=by)


def test_a_recommendation_that_the_letter_repeats_is_asked_about_once(by, visit, last):
    repeated = last.findings.exclude(recommendation=None).get().recommendation
    inspection_changes.choose_focus(visit, recommendations=[repeated], by=by, reason="x")

    assert len(changes.propose_questions(visit, by=by)) == 2


def test_a_later_letter_is_not_the_last_one_before_a_visit(council, visit, last):
    after = factories.make_visit(council, "monitoring-2", sequence=2, starts_on=date(2026, 9, 8), ends_on=None)
    factories.make_finding(after, text="Found in September.")

    assert likely.last_letter(visit) == last


def test_a_question_of_ones_own_is_added_and_changed_and_refusals_are_clear(by, visit):
    question = changes.add_question(visit, text="How do you know?", recommendation=None, by=by)
    seen = version_of(question)

    with pytest.raises(AlreadyThere, match="in the list already"):
        changes.add_question(visit, text="How do you know?", recommendation=None, by=by)
    with pytest.raises(NothingChanged):
        changes.change_question(question, text="How do you know?", recommendation=None, by=by)
    changes.change_question(question, text="How do you know that?", recommendation=None, by=by, seen=seen)
    with pytest.raises(ChangedSince):
        changes.change_question(question, text="How?", recommendation=None, by=by, seen=seen)


def test_each_question_shows_the_accepted_evidence_of_the_actions_that_answer_it(council, office, by, visit, last):
    finding = last.findings.get(text="Children wait too long.")
    plan = factories.make_plan(council)
    action = factories.make_action(plan=plan, findings=[finding], recommendations=[finding.recommendation])
    other = factories.make_action(plan=plan, recommendations=[finding.recommendation])
    for to, title in ((action, "Audit of 30"), (other, "Rota"), (action, "Not looked at")):
        factories.make_evidence(to, title)
    secret = factories.make_evidence(action, "Note on one manager", is_restricted=True, restricted_reason="Staff")
    accept(action, "Audit of 30", secret.title)
    accept(other, "Rota")
    changes.propose_questions(visit, by=by)
    changes.add_question(visit, text="And the rota?", recommendation=finding.recommendation, by=by)

    seen_by_office = question_rows(visit, office)
    seen_by_dee = question_rows(visit, factories.dee(council))

    waits, notes, rota = seen_by_office
    assert {piece.title for piece in waits.pieces} == {"Audit of 30", "Note on one manager"}
    assert (notes.pieces, notes.has_evidence) == ([], False)
    assert {piece.title for piece in rota.pieces} == {"Audit of 30", "Note on one manager", "Rota"}
    assert ([piece.title for piece in seen_by_dee[0].pieces], seen_by_dee[0].withheld) == (["Audit of 30"], 1)


def accept(action, *titles):
    """Mark evidence as accepted, as a checker does."""
    for piece in action.evidence.filter(title__in=titles):
        piece.state, piece.checked_on = piece.State.ACCEPTED, TODAY
        save_because(piece, by=None, reason="Looked at")


def test_the_number_of_queries_does_not_grow_with_questions(council, office, by, visit, django_assert_num_queries):
    for number in range(3):
        changes.add_question(visit, text=f"Question {number}?", recommendation=focus_on(visit, by), by=by)

    with django_assert_num_queries(2):
        assert len(question_rows(visit, office)) == 3
