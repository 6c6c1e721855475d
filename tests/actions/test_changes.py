"""Each change of an action, its refusals, and the history row that says who and why."""

import uuid
from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests.factories import (
    NOW,
    TODAY,
    aisha,
    dee,
    fresh,
    make_action,
    make_agency,
    make_authority,
    make_deadline_change,
    make_evidence,
    make_finding,
    make_inspection,
    make_member,
    make_milestone,
    make_plan,
    make_priority,
    make_recommendation,
    make_service,
    make_update,
    make_user,
    make_visit,
    marcus,
    priya,
)
from tracker.actions import changes
from tracker.actions.models import Action, Answer, DeadlineChange, Evidence, FindingAnswer, ProgressUpdate
from tracker.actions.rules import Difference, Rating
from tracker.audit.history import UnexplainedChange
from tracker.dates.models import calendar
from tracker.plans.models import PlanVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(council):
    """Another council, with an action of its own."""
    other = make_authority("Southmere Council", "southmere")
    make_action(other)
    return other


def newest_history(row):
    return row.history.order_by("-history_id").first()


def says(row, *, by, reason):
    """Assert that the newest history row of a row says who and why."""
    latest = newest_history(row)
    assert latest.actor == (str(by) if by else "The tracker")
    assert latest.history_user_id == (by.pk if by else None)
    assert latest.history_change_reason == reason


# Adding


def add(plan, **fields):
    values = {
        "reference": "3.1",
        "position": 1,
        "priority": make_priority(plan),
        "title": "Screen every notification",
        "description": "Screen them together.",
        "by": None,
        "on": TODAY,
        "reason": "Agreed by the board",
    }
    if "recommendations" not in fields and "is_councils_own" not in fields:
        fields["recommendations"] = [make_recommendation(plan.inspections.first())]
    return changes.add_action(plan, **{**values, **fields})


def test_an_action_is_added_with_what_it_answers_and_one_history_row_each(council):
    office, plan = aisha(council), make_plan(council)
    recommendation = make_recommendation(plan.inspections.first())
    finding = make_finding(make_visit(council))

    action = add(plan, recommendations=[recommendation], findings=[finding], by=office.user)

    says(action, by=office.user, reason="Agreed by the board")
    assert action.history.count() == 1
    says(Answer.objects.get(action=action), by=office.user, reason="Agreed by the board")
    says(FindingAnswer.objects.get(action=action), by=office.user, reason="Agreed by the board")


def test_an_action_that_answers_nothing_is_refused(council):
    with pytest.raises(changes.AnswersNothing, match="Choose the recommendation this action answers"):
        add(make_plan(council), recommendations=[])

    assert not Action.objects.exists()


def test_the_councils_own_choice_answers_no_recommendation(council):
    assert add(make_plan(council), is_councils_own=True).recommendations.count() == 0


def test_a_recommendation_of_another_council_is_refused(council, elsewhere):
    theirs = elsewhere.recommendations.first()

    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        add(make_plan(council), recommendations=[theirs])

    assert not Action.objects.of(council).exists()


@pytest.mark.parametrize("make", [make_service, make_agency])
def test_a_service_or_agency_of_another_council_is_refused(council, elsewhere, make):
    thing = make(elsewhere)

    with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
        add(make_plan(council), **{type(thing).__name__.lower(): thing})


def test_a_priority_of_another_plan_is_refused(council, elsewhere):
    theirs = elsewhere.plans.get().priorities.get()

    with pytest.raises(changes.OtherCouncil, match="is not a priority of this plan"):
        add(make_plan(council), priority=theirs)


def test_an_owner_who_has_left_is_refused(council):
    owner = priya(council).user
    owner = account_changes.switch_off(owner, by=None, reason="Left")

    with pytest.raises(changes.OwnerHasLeft, match="Priya Nair has left"):
        add(make_plan(council), owner=owner)

    assert not Action.objects.exists()


def test_an_owner_of_another_council_is_refused(council, elsewhere):
    stranger = make_member(elsewhere, name="Stan Stranger").user

    with pytest.raises(changes.OwnerHasLeft, match="does not belong to Northbridge"):
        add(make_plan(council), owner=stranger)


def test_an_owner_whose_membership_has_ended_is_refused(council):
    owner = make_user("Erin Ended")
    account_changes.give_role(
        owner, council, role=Role.ACTION_OWNER, ends_on=date(2026, 5, 5), by=None, reason="Until yesterday"
    )

    with pytest.raises(changes.OwnerHasLeft, match="does not belong to Northbridge"):
        add(make_plan(council), owner=owner)


def test_a_deadline_before_the_start_is_refused(council):
    with pytest.raises(changes.WrongDates, match="on or after the day the action starts"):
        add(make_plan(council), starts_on=date(2026, 6, 2), deadline=date(2026, 6, 1))


def test_a_reference_is_used_once_in_a_plan(council):
    plan = make_plan(council)
    make_action(plan=plan)

    with pytest.raises(changes.ReferenceTaken, match=r"3\.1 is used already"):
        add(plan)


# Milestones


def test_a_milestone_is_added_in_the_next_place(council):
    action = make_action(council)

    first, second = make_milestone(action), make_milestone(action, "Rota published")

    assert (first.position, second.position) == (1, 2)
    says(second, by=None, reason="Made for a test")


def test_a_milestone_after_the_deadline_is_refused(council):
    with pytest.raises(changes.WrongDates, match="by 31 July 2026, the deadline of the action"):
        make_milestone(make_action(council), due_on=date(2026, 8, 1))


def test_a_closed_action_takes_no_milestone(council):
    with pytest.raises(changes.ActionClosed, match=r"3\.1 is closed"):
        make_milestone(make_action(council, cancelled_on=TODAY))


def test_a_milestone_keeps_the_day_it_was_first_done(council):
    step = make_milestone(make_action(council), done_on=date(2026, 5, 1))

    changes.finish_milestone(step, on=TODAY, by=None, reason="Again")

    assert fresh(step).done_on == date(2026, 5, 1)
    assert step.history.count() == 2


# Updates


def test_an_update_sets_the_rating_and_leaves_a_row_that_says_who(council):
    owner = priya(council).user
    action = make_action(council, owner=owner)
    step = make_milestone(action)

    update = make_update(action, "Rota agreed.", rating=Rating.AT_RISK, milestones=[step])

    action = fresh(action)
    assert (action.rating, action.last_updated_on, action.claimed_on) == (Rating.AT_RISK, TODAY, None)
    assert fresh(step).done_on == TODAY
    says(update, by=owner, reason="Progress update")
    says(action, by=owner, reason="Progress update: at risk")
    says(step, by=owner, reason="Ticked in a progress update")


def test_saying_done_claims_the_action_and_keeps_its_last_rating(council):
    action = make_action(council, owner=priya(council).user, rating=Rating.AT_RISK)
    make_evidence(action)

    make_update(action, "All screened.", says_done=True)

    action = fresh(action)
    assert (action.claimed_on, action.rating) == (TODAY, Rating.AT_RISK)


def test_nobody_says_done_without_evidence(council):
    action = make_action(council)

    with pytest.raises(changes.NoEvidence, match="Add a piece of evidence before you say it is done"):
        make_update(action, says_done=True)

    assert not ProgressUpdate.objects.exists()
    assert fresh(action).claimed_on is None


@pytest.mark.parametrize("closed", [{"claimed_on": TODAY}, {"completed_on": TODAY}, {"cancelled_on": TODAY}], ids=str)
def test_a_finished_action_takes_no_more_updates(council, closed):
    action = make_action(council, **closed)

    with pytest.raises(changes.ActionClosed, match=r"3\.1 is finished already"):
        make_update(action)


def test_the_same_form_twice_makes_one_update(council):
    action = make_action(council)
    key = uuid.UUID("11111111-1111-4111-8111-111111111111")

    first = make_update(action, form_key=key)
    second = make_update(action, form_key=key)

    assert first == second
    assert action.updates.count() == 1


def test_an_update_is_refused_when_someone_else_saved_one_meanwhile(council):
    action = make_action(council, owner=priya(council).user)
    seen = make_update(action, "First.")
    theirs = make_update(action, "Theirs.")

    with pytest.raises(changes.UpdatedSince, match="Priya Nair saved an update while you were writing") as refusal:
        make_update(action, "Mine.", seen=seen.pk, check_seen=True)

    assert refusal.value.theirs == theirs
    assert action.updates.count() == 2


def test_a_milestone_of_another_action_undoes_the_whole_update(council):
    action, other = make_action(council), make_action(council)

    with pytest.raises(changes.OtherCouncil, match="belongs to another action"):
        make_update(action, milestones=[make_milestone(other)])

    assert not action.updates.exists()
    assert fresh(action).last_updated_on is None


def test_why_a_text_identifies_no_child_is_kept_in_the_history(council):
    update = make_update(make_action(council, owner=priya(council).user), safe_because="It is the office's postcode")

    says(update, by=update.by, reason="Progress update, said to identify no child: It is the office's postcode")


# Evidence


def test_evidence_waits_to_be_checked_and_moves_the_difference_from_none(council):
    owner = priya(council).user
    action = make_action(council, owner=owner)

    evidence = make_evidence(action)

    assert evidence.state == Evidence.State.WAITING
    assert fresh(action).difference == Difference.WAITING
    says(evidence, by=owner, reason="Evidence added")
    says(action, by=owner, reason="Evidence added, waiting to be checked")


def test_evidence_leaves_a_difference_that_was_set_alone(council):
    action = make_action(council, difference=Difference.ACTIVITY)

    make_evidence(action)

    assert fresh(action).difference == Difference.ACTIVITY


def test_evidence_of_a_restricted_action_is_restricted(council):
    action = make_action(council, is_restricted=True, restricted_reason="About one family")

    evidence = make_evidence(action)

    assert (evidence.is_restricted, evidence.restricted_reason) == (True, "About one family")


def test_the_same_evidence_twice_is_refused(council):
    action = make_action(council)
    first = make_evidence(action)

    with pytest.raises(changes.AlreadyAdded, match="added already") as refusal:
        make_evidence(action)

    assert refusal.value.evidence == first


def test_a_cancelled_action_takes_no_evidence(council):
    with pytest.raises(changes.ActionClosed, match=r"3\.1 was cancelled"):
        make_evidence(make_action(council, cancelled_on=TODAY))


def test_evidence_is_checked_by_someone_other_than_the_owner(council):
    head = marcus(council).user
    evidence = make_evidence(make_action(council, owner=priya(council).user))

    changes.check_evidence(
        evidence, state=Evidence.State.NOT_ACCEPTED, by=head, on=TODAY, reason="It is the rota of last year"
    )

    evidence = fresh(evidence)
    assert (evidence.state, evidence.checked_by, evidence.checked_on) == ("not_accepted", head, TODAY)
    says(evidence, by=head, reason="It is the rota of last year")


def test_nobody_checks_evidence_of_their_own(council):
    owner, office = priya(council).user, aisha(council).user
    given_by_office = make_evidence(make_action(council, owner=owner), by=office)

    for person in (owner, office):
        with pytest.raises(changes.OwnWork, match="Someone other than the owner"):
            changes.check_evidence(given_by_office, state="accepted", by=person, on=TODAY, reason="Fine")


# Checking


def test_accepting_completes_the_action_accepts_evidence_and_sets_the_difference(council):
    head = marcus(council).user
    action = make_action(council, owner=priya(council).user, claimed_on=TODAY)
    evidence = action.evidence.get()

    changes.accept(
        action, difference=Difference.ACTIVITY, evidence=[evidence], by=head, on=TODAY, reason="Saw the audit"
    )

    action = fresh(action)
    assert (action.completed_on, action.checked_by) == (TODAY, head)
    assert (action.difference, action.difference_set_by, action.difference_set_on) == ("activity", head, TODAY)
    assert fresh(evidence).state == Evidence.State.ACCEPTED
    says(action, by=head, reason="Saw the audit")
    says(evidence, by=head, reason="Saw the audit")


def test_evidence_of_another_action_undoes_the_whole_check(council):
    head, owner = marcus(council).user, priya(council).user
    action = make_action(council, owner=owner, claimed_on=TODAY)
    other = make_evidence(make_action(council, owner=owner))

    with pytest.raises(changes.OtherCouncil, match="belongs to another action"):
        changes.accept(action, difference="activity", evidence=[other], by=head, on=TODAY, reason="Saw it")

    assert fresh(action).completed_on is None


def test_only_claimed_work_is_checked(council):
    action = make_action(council)

    with pytest.raises(changes.NotClaimed, match=r"has not said that 3\.1 is done"):
        changes.complete(action, by=marcus(council).user, on=TODAY, reason="Looks done")
    with pytest.raises(changes.NotClaimed, match=r"has not said that 3\.1 is done"):
        changes.send_back(action, by=aisha(council).user, on=TODAY, reason="Not done")


def test_owners_neither_accept_nor_send_back_nor_rate_their_own_work(council):
    owner = priya(council).user
    action = make_action(council, owner=owner, claimed_on=TODAY)

    with pytest.raises(changes.OwnWork, match="checks finished work"):
        changes.complete(action, by=owner, on=TODAY, reason="Done")
    with pytest.raises(changes.OwnWork, match="checks finished work"):
        changes.send_back(action, by=owner, on=TODAY, reason="Not done")
    with pytest.raises(changes.OwnWork, match="says what difference"):
        changes.set_difference(action, to="difference", by=owner, on=TODAY, reason="Better")


def test_work_sent_back_is_open_again(council):
    head = marcus(council).user
    action = make_action(council, owner=priya(council).user, claimed_on=TODAY)

    changes.send_back(action, by=head, on=TODAY, reason="The audit has 20 of 30")

    action = fresh(action)
    assert action.is_unfinished
    says(action, by=head, reason="The audit has 20 of 30")


# Deadlines


def test_a_moved_deadline_keeps_from_to_how_far_why_and_who(council):
    office = aisha(council).user
    action = make_action(council, deadline=date(2026, 5, 1))

    change = make_deadline_change(action, date(2026, 5, 22), by=office)

    assert (change.from_deadline, change.to_deadline, change.working_days) == (
        date(2026, 5, 1),
        date(2026, 5, 22),
        14,
    )
    action = fresh(action)
    assert (action.deadline, action.first_agreed) == (date(2026, 5, 22), date(2026, 5, 1))
    says(change, by=office, reason="Vetting took longer than planned.")
    says(action, by=office, reason="Deadline moved: Vetting took longer than planned.")


def test_the_deadline_first_agreed_never_moves(council):
    action = make_action(council, deadline=date(2026, 5, 1))

    make_deadline_change(action, date(2026, 5, 22))
    make_deadline_change(action, date(2026, 6, 26))

    assert fresh(action).first_agreed == date(2026, 5, 1)


def test_a_deadline_brought_forward_counts_below_nothing(council):
    change = make_deadline_change(make_action(council, deadline=date(2026, 5, 22)), date(2026, 5, 20))

    assert change.working_days == -2


@pytest.mark.parametrize(
    ("fields", "to", "refusal", "words"),
    [
        ({}, date(2026, 7, 31), changes.SameDeadline, "That is the present deadline"),
        ({"deadline": None}, date(2026, 7, 31), changes.WrongDates, "no deadline yet"),
        ({"starts_on": date(2026, 6, 1)}, date(2026, 5, 29), changes.WrongDates, "on or after 1 June 2026"),
        ({"claimed_on": TODAY}, date(2026, 8, 31), changes.ActionClosed, "its deadline no longer moves"),
        ({"cancelled_on": TODAY}, date(2026, 8, 31), changes.ActionClosed, "its deadline no longer moves"),
    ],
)
def test_a_move_that_cannot_be_is_refused(council, fields, to, refusal, words):
    action = make_action(council, **fields)

    with pytest.raises(refusal, match=words):
        make_deadline_change(action, to)

    assert not DeadlineChange.objects.exists()


def test_a_deadline_does_not_move_before_a_milestone_still_to_do(council):
    action = make_action(council)
    make_milestone(action, due_on=date(2026, 7, 10))
    make_milestone(action, due_on=date(2026, 7, 30), done_on=TODAY)

    with pytest.raises(changes.WrongDates, match="on or after 10 July 2026, when the last milestone is due"):
        make_deadline_change(action, date(2026, 7, 9))

    make_deadline_change(action, date(2026, 7, 10))


def test_a_move_is_not_agreed_before_it_was_asked_for(council):
    with pytest.raises(changes.WrongDates, match="on or after the day it was asked for"):
        make_deadline_change(
            make_action(council), date(2026, 8, 31), asked_on=date(2026, 4, 15), agreed_on=date(2026, 4, 14)
        )


# Owners, cancelling, sending


def test_an_action_changes_hands_with_a_reason(council):
    office, owner, other = aisha(council).user, priya(council).user, dee(council).user
    action = make_action(council, owner=owner)

    changes.hand_over(action, to=other, by=office, on=TODAY, reason="Priya is on leave")

    assert fresh(action).owner == other
    says(action, by=office, reason="Priya is on leave")


def test_an_action_is_not_handed_to_someone_who_has_left_or_who_owns_it_already(council):
    owner, other = priya(council).user, dee(council).user
    action = make_action(council, owner=owner)

    with pytest.raises(changes.SameOwner, match=r"Priya Nair owns 3\.1 already"):
        changes.hand_over(action, to=owner, by=None, on=TODAY, reason="None")
    account_changes.switch_off(other, by=None, reason="Left")
    with pytest.raises(changes.OwnerHasLeft, match="Dee Walsh has left"):
        changes.hand_over(action, to=fresh(other), by=None, on=TODAY, reason="None")


def test_a_closed_action_is_neither_handed_over_nor_cancelled(council):
    action = make_action(council, completed_on=TODAY)

    with pytest.raises(changes.ActionClosed, match=r"3\.1 is closed"):
        changes.hand_over(action, to=dee(council).user, by=None, on=TODAY, reason="None")
    with pytest.raises(changes.ActionClosed, match=r"3\.1 is closed"):
        changes.cancel(action, by=None, on=TODAY, reason="None")


def test_a_cancelled_action_stays_with_its_reason(council):
    office = aisha(council).user
    action = make_action(council)

    changes.cancel(action, by=office, on=TODAY, reason="Replaced by 3.2")

    action = fresh(action)
    assert (action.cancelled_on, action.cancelled_reason) == (TODAY, "Replaced by 3.2")
    says(action, by=office, reason="Replaced by 3.2")


def test_submitting_freezes_the_plan_and_sets_first_agreed_once(council):
    plan = make_plan(council)
    action = make_action(plan=plan, deadline=date(2026, 5, 29))
    cancelled = make_action(plan=plan, cancelled_on=TODAY)

    first = changes.submit_plan(plan, by=None, on=TODAY, reason="Sent to Ofsted")
    make_deadline_change(action, date(2026, 6, 26))
    second = changes.submit_plan(plan, by=None, on=TODAY, reason="Sent again")

    assert fresh(action).first_agreed == date(2026, 5, 29)
    assert fresh(cancelled).first_agreed is None
    assert [version.number for version in PlanVersion.objects.order_by("number")] == [1, 2]
    assert [row["deadline"] for row in fresh(first).snapshot["actions"]] == ["2026-05-29"]
    assert [row["deadline"] for row in fresh(second).snapshot["actions"]] == ["2026-06-26"]


# The door


@pytest.mark.parametrize("write", ["update", "delete", "bulk_create"])
def test_actions_are_not_written_by_a_door_that_leaves_no_history(council, write):
    make_action(council)

    with pytest.raises(UnexplainedChange, match=f"Action.objects.{write} leaves no history"):
        getattr(Action.objects, write)(*([[]] if write == "bulk_create" else []))


def test_saving_an_action_without_a_reason_fails(council):
    action = make_action(council)

    with pytest.raises(UnexplainedChange, match="saved without saying who and why"):
        action.save()


def test_factories_use_the_calendar_of_england(council):
    assert calendar().between(date(2026, 5, 1), TODAY) == 2
    assert NOW.date() == TODAY
    assert make_inspection(council).authority == council
