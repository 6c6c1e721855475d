"""Progress and history: newest first, each thing told once, and nothing restricted."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from accounts.models import practices_of
from tests.factories import (
    NOW,
    TODAY,
    aisha,
    dee,
    fresh,
    make_action,
    make_deadline_change,
    make_evidence,
    make_milestone,
    make_recommendation,
    make_request,
    make_update,
    marcus,
    priya,
)
from tracker.actions import changes, flags, timeline
from tracker.actions.models import Action, Evidence
from tracker.actions.rules import Difference, Rating
from tracker.audit.history import save_because
from tracker.dates.models import calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(council):
    return make_action(council, owner=priya(council).user)


def entries(action, evidence=None):
    action = fresh(action)
    return timeline.entries_of(
        action,
        moves=list(action.deadline_changes.select_related("recorded_by", "request")),
        asked=list(action.deadline_requests.select_related("asked_by", "decided_by")),
        evidence=list(action.evidence.all()) if evidence is None else evidence,
    )


def titles(action, show=timeline.EVERYTHING):
    return [entry.title for entry in timeline.only(entries(action), show)]


def changed(entry):
    return [(change.label, change.before, change.after) for change in entry.changes]


def test_an_action_begins_with_being_added_to_the_plan(action):
    only = entries(action)

    assert [entry.title for entry in only] == ["Added to the plan"]
    assert (only[0].by, only[0].reason) == ("the tracker", "Made for a test")


def test_an_update_is_told_once_and_not_again_by_the_history_of_the_action(action):
    make_update(action, "Vetting is with the police.", rating=Rating.AT_RISK)

    told = entries(action)

    assert [entry.title for entry in told] == ["Progress: at risk", "Added to the plan"]
    assert (told[0].by, told[0].at, told[0].text) == ("Priya Nair", NOW, "Vetting is with the police.")


def test_saying_done_is_told_once(action):
    evidence = make_evidence(action)
    make_update(action, says_done=True)

    assert titles(action) == ["Progress: done, ready to check", "Evidence added", "Added to the plan"]
    assert entries(action, evidence=[evidence])[1].text == "Screening rota"


def test_a_moved_deadline_is_told_once_with_before_after_reason_and_who(council, action):
    make_deadline_change(action, date(2026, 8, 31), by=aisha(council).user)

    told = entries(action)[0]

    assert told.title == "Deadline moved"
    assert (told.by, told.shape) == ("Aisha Rahman", "date")
    assert changed(told) == [("", "31 July 2026", "31 August 2026")]
    assert told.after_changes == ", slipped 20 working days."
    assert told.reason == "Vetting took longer than planned."
    assert told.text == "Asked for by Priya Nair on 13 April 2026. Agreed by Rachel Adeyemi on 14 April 2026."
    assert titles(action) == ["Deadline moved", "Added to the plan"]


def test_a_deadline_changed_past_the_rules_is_told_by_the_history(council, action):
    action.deadline = date(2026, 9, 1)
    save_because(action, by=aisha(council).user, reason="A slip of the pen")

    told = entries(action)[0]

    assert (told.title, told.by, told.reason) == ("Deadline changed", "Aisha Rahman", "A slip of the pen")
    assert changed(told) == [("Deadline", "31 July 2026", "1 September 2026")]


def test_becoming_overdue_is_told_as_done_by_the_tracker(council):
    action = make_action(council, deadline=date(2026, 5, 5))
    flags.flag_overdue(on=TODAY, at=NOW)

    told = entries(action)[0]

    assert (told.title, told.by, told.shape) == ("Became overdue", "the tracker", "system")
    assert told.text == "The deadline was 5 May 2026."


def test_a_new_owner_is_told_with_both_names_and_the_reason(council, action):
    changes.hand_over(action, to=dee(council).user, by=aisha(council).user, on=TODAY, reason="Priya is on leave")

    told = entries(action)[0]

    assert (told.title, told.by, told.reason) == ("Owner changed", "Aisha Rahman", "Priya is on leave")
    assert changed(told) == [("Owner", "Priya Nair", "Dee Walsh")]


def test_several_details_changed_at_once_are_one_entry(council, action):
    action.title, action.is_restricted, action.restricted_reason = "Screen each one", True, "About one family"
    save_because(action, by=aisha(council).user, reason="Agreed by the board")

    told = entries(action)[0]

    assert told.title == "2 details changed"
    assert changed(told) == [
        ("Title", "Screen every notification within 1 working day", "Screen each one"),
        ("Restricted", "no", "yes"),
    ]


def test_work_accepted_and_its_difference_are_told_with_the_checker(council, action):
    evidence = make_evidence(action)
    make_update(action, says_done=True)
    changes.accept(
        action,
        difference=Difference.ACTIVITY,
        evidence=[evidence],
        by=marcus(council).user,
        on=TODAY,
        reason="Saw the rota",
    )

    told = {entry.title: entry for entry in entries(action)}

    assert {"Checked, and accepted as complete", "Evidence accepted"} < set(told)
    assert told["Difference for children set to ‘evidence of activity’"].by == "Marcus Oyelaran"
    assert told["Checked, and accepted as complete"].reason == "Saw the rota"
    assert told["Checked, and accepted as complete"].changes == ()


def test_work_sent_back_is_told_with_the_reason(council, action):
    make_evidence(action)
    make_update(action, says_done=True)
    changes.send_back(action, by=marcus(council).user, on=TODAY, reason="The audit has 20 of 30")

    told = {entry.title: entry for entry in entries(action)}

    assert told["Sent back: not done yet"].reason == "The audit has 20 of 30"


def test_cancelling_is_told_with_the_reason(action):
    changes.cancel(action, by=None, on=TODAY, reason="Replaced by 3.2")

    assert "Cancelled" in titles(action)


def test_a_milestone_done_is_told_with_its_day(council, action):
    make_milestone(action, "Rota agreed", done_on=date(2026, 5, 1))

    told = entries(action)[0]

    assert (told.title, told.text, told.day) == ("Milestone done", "Rota agreed", date(2026, 5, 1))


def test_what_is_recorded_on_a_later_day_stands_at_the_day_it_happened(action):
    make_update(action, "Before.", on=date(2026, 4, 30), at=datetime(2026, 4, 30, 9, 0, tzinfo=NOW.tzinfo))
    make_milestone(action, "Rota agreed", done_on=date(2026, 5, 1))
    make_update(action, "After.", on=date(2026, 5, 2), at=datetime(2026, 5, 2, 9, 0, tzinfo=NOW.tzinfo))

    assert [entry.text for entry in entries(action)][:3] == ["After.", "Rota agreed", "Before."]
    assert entries(action)[1].recorded_on is not None


def test_a_request_and_its_refusal_are_told_with_their_reasons(council, action):
    asked = make_request(action, date(2026, 8, 7))
    changes.refuse(asked, by=aisha(council).user, on=TODAY, at=NOW, reason="Children would wait.", decided_for="Board")

    told = {entry.title: entry for entry in entries(action)}

    request = told["Another deadline asked for"]
    assert (request.by, request.shape, changed(request)) == (
        "Priya Nair",
        "date",
        [("", "31 July 2026", "7 August 2026")],
    )
    assert request.text == (
        "What it means for children: Some notifications wait 2 days. "
        "Done to avoid it: Borrowed two screeners from another team."
    )
    refusal = told["Request refused: the deadline stays"]
    assert (refusal.by, refusal.reason, refusal.text) == ("Aisha Rahman", "Children would wait.", "Decided for: Board")
    assert "Deadline moved" not in told


def test_an_agreed_request_is_told_by_the_move_with_why_it_was_agreed(council, action):
    asked = make_request(action, date(2026, 8, 7))
    changes.agree(
        asked,
        level="board",
        by=aisha(council).user,
        on=TODAY,
        at=NOW,
        reason="It cannot be sooner.",
        calendar=calendar(),
        practices=practices_of(council),
    )

    assert sorted(titles(action, "deadlines")) == ["Another deadline asked for", "Deadline moved"]
    told = next(entry for entry in entries(action) if entry.title == "Deadline moved")
    assert told.text.endswith("Agreed by Aisha Rahman on 6 May 2026. Why: It cannot be sooner.")


def test_what_an_action_answers_more_or_no_longer_is_told_and_not_what_it_answered_from_the_start(council, action):
    office = aisha(council).user
    first = action.recommendations.get()
    make_action(council, recommendations=[first])
    second = make_recommendation(first.inspection)
    values = changes.details_of(action)
    later = timezone.now() + timedelta(hours=1)
    with patch("django.utils.timezone.now", return_value=later):
        changes.edit_action(
            action,
            **{**values, "recommendations": [second]},
            seen=changes.fingerprint(values),
            by=office,
            on=TODAY,
            reason="The board chose so",
        )

    told = [entry for entry in entries(action) if "answers" in entry.title]

    assert sorted(entry.title for entry in told) == [
        "No longer answers recommendation 1",
        "Now answers recommendation 2",
    ]
    assert {(entry.by, entry.reason) for entry in told} == {("Aisha Rahman", "The board chose so")}


def test_the_filters_divide_what_happened(council, action):
    make_update(action)
    make_evidence(action)
    make_deadline_change(action, date(2026, 8, 31))
    changes.hand_over(action, to=dee(council).user, by=None, on=TODAY, reason="Priya is on leave")

    assert titles(action, "progress") == ["Progress: on track"]
    assert titles(action, "deadlines") == ["Deadline moved"]
    assert titles(action, "evidence") == ["Evidence added"]
    assert sorted(titles(action, "changes")) == ["Added to the plan", "Deadline moved", "Owner changed"]
    assert len(titles(action)) == 5


def test_evidence_that_the_reader_may_not_see_is_told_nowhere(council, action):
    hidden = make_evidence(action, "Names of staff", is_restricted=True, restricted_reason="Names staff")
    changes.check_evidence(hidden, state="accepted", by=marcus(council).user, on=TODAY, reason="Names are right")
    seen = Evidence.objects.visible_to(dee(council)).filter(action=action)

    told = entries(action, evidence=list(seen))

    assert "Names" not in repr(told)
    assert [entry.title for entry in told] == ["Added to the plan"]


def test_the_number_of_queries_does_not_depend_on_how_much_happened(council, action, django_assert_max_num_queries):
    for number in range(12):
        make_update(action, f"Update {number}.")
        make_evidence(action, f"Evidence {number}")
        make_milestone(action, f"Step {number}", done_on=TODAY)
        make_deadline_change(action, date(2026, 8, 3 + number))
    changes.hand_over(action, to=dee(council).user, by=None, on=TODAY, reason="Priya is on leave")
    action = Action.objects.prefetch_related("milestones").get(pk=action.pk)
    moves = list(action.deadline_changes.select_related("recorded_by", "request"))
    evidence = list(action.evidence.select_related("added_by"))

    with django_assert_max_num_queries(12):
        assert len(timeline.entries_of(action, moves=moves, evidence=evidence)) > 48
