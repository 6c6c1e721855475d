"""After the check: difference shown and sustained, reopening, what a visit repeats, and ratings to be checked."""

from datetime import date

import pytest

from tests.factories import (
    NOW,
    TODAY,
    aisha,
    fresh,
    make_action,
    make_authority,
    make_deadline_change,
    make_evidence,
    make_finding,
    make_inspection,
    make_milestone,
    make_plan,
    make_recommendation,
    make_reopening,
    make_sustained,
    make_visit,
    marcus,
    priya,
)
from tracker.actions import changes
from tracker.actions.models import Action, Evidence, KeptClosed, Reopening
from tracker.actions.rules import (
    Difference,
    Rating,
    Status,
    has_held,
    is_doubtful,
    is_late_against_first_agreed,
)
from tracker.actions.wording import doubts_of

CLOSE_BY = date(2026, 5, 20)


def newest(row):
    return row.history.order_by("-history_id").first()


# Late against first agreed


@pytest.mark.parametrize(
    ("first_agreed", "is_unfinished", "late"),
    [
        (date(2026, 5, 5), True, True),
        (TODAY, True, False),
        (date(2026, 5, 7), True, False),
        (None, True, False),
        (date(2026, 5, 5), False, False),
    ],
)
def test_an_unfinished_action_is_late_from_the_day_after_the_date_first_agreed(first_agreed, is_unfinished, late):
    assert is_late_against_first_agreed(first_agreed, is_unfinished=is_unfinished, on=TODAY) is late


@pytest.mark.django_db
def test_the_database_finds_the_same_actions_late_against_first_agreed(council):
    plan = make_plan(council)
    expected = {}
    for number, (first, to, fields, late) in enumerate(
        [
            (date(2026, 5, 5), date(2026, 8, 31), {}, True),
            (date(2026, 5, 5), date(2026, 5, 6), {}, True),
            (TODAY, date(2026, 8, 31), {}, False),
            (date(2026, 8, 31), date(2026, 5, 5), {}, False),
            (date(2026, 5, 5), None, {}, False),
            (date(2026, 5, 5), None, {"cancelled_on": TODAY}, False),
            (date(2026, 5, 5), None, {"claimed_on": TODAY}, False),
        ],
        start=1,
    ):
        action = make_action(plan=plan, reference=f"3.{number}", deadline=first, **fields)
        if to:
            make_deadline_change(action, to)
        expected[action.reference] = late

    rows = list(Action.objects.of(council))

    assert {
        row.reference: is_late_against_first_agreed(row.first_agreed, is_unfinished=row.is_unfinished, on=TODAY)
        for row in rows
    } == expected
    found = Action.objects.of(council).late_against_first_agreed(on=TODAY)
    assert {row.reference for row in found} == {reference for reference, late in expected.items() if late}


# Difference


@pytest.mark.parametrize(
    ("since", "held"),
    [(date(2026, 3, 11), True), (date(2026, 3, 12), False), (date(2026, 1, 1), True), (TODAY, False)],
)
def test_a_difference_has_held_after_two_reporting_periods(since, held):
    assert has_held(since, on=TODAY, period_weeks=4) is held


@pytest.mark.django_db
def test_a_difference_is_set_on_accepted_evidence(council):
    head = marcus(council).user
    action = make_action(council, owner=priya(council).user)
    evidence = make_evidence(action)

    with pytest.raises(changes.NoEvidence, match="Accept a piece of evidence that shows it first"):
        changes.judge_difference(action, to="difference", by=head, on=TODAY, reason="The audit")
    changes.judge_difference(action, to="difference", evidence=[evidence], by=head, on=TODAY, reason="The audit")

    action = fresh(action)
    assert (action.difference, action.difference_set_by) == (Difference.DIFFERENCE, head)
    assert fresh(evidence).state == Evidence.State.ACCEPTED
    assert newest(action).history_change_reason == "The audit"


@pytest.mark.django_db
def test_a_difference_shown_in_a_complete_action_is_sustained_for_the_board(council):
    office = aisha(council).user
    action = make_action(council, completed_on=date(2026, 3, 2), difference=Difference.DIFFERENCE)

    make_sustained(action, by=office, since=date(2026, 3, 2), decided_for="Improvement board, 5 May 2026")

    action = fresh(action)
    assert (action.difference, action.difference_set_by, action.difference_set_on) == (
        Difference.SUSTAINED,
        office,
        TODAY,
    )
    assert newest(action).history_change_reason == (
        "It has held. Held since 2 March 2026. Decided for: Improvement board, 5 May 2026."
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "since", "refusal", "words"),
    [
        ({"difference": Difference.DIFFERENCE}, date(2026, 1, 1), changes.NotYetShown, "must be complete and show"),
        (
            {"completed_on": TODAY, "difference": Difference.ACTIVITY},
            date(2026, 1, 1),
            changes.NotYetShown,
            "must be complete and show",
        ),
        (
            {"completed_on": TODAY, "difference": Difference.DIFFERENCE},
            date(2026, 3, 12),
            changes.NotHeldLongEnough,
            "Choose a day 8 weeks ago or earlier",
        ),
    ],
)
def test_what_was_not_shown_or_has_not_held_is_not_sustained(council, fields, since, refusal, words):
    action = make_action(council, **fields)

    with pytest.raises(refusal, match=words):
        make_sustained(action, by=aisha(council).user, since=since)

    assert fresh(action).difference == fields["difference"]


@pytest.mark.django_db
def test_neither_the_owner_nor_a_checker_says_that_it_is_sustained(council):
    owner = priya(council).user
    action = make_action(council, owner=owner, completed_on=TODAY, difference=Difference.DIFFERENCE)

    with pytest.raises(changes.OwnWork, match="Someone other than the owner"):
        make_sustained(action, by=owner)
    with pytest.raises(changes.NotYetShown, match="The board says that a difference is sustained"):
        changes.set_difference(action, to=Difference.SUSTAINED, by=marcus(council).user, on=TODAY, reason="It holds")


# Reopening


@pytest.mark.django_db
def test_reopening_keeps_the_past_and_begins_anew(council):
    office = aisha(council).user
    action = make_action(
        council, rating=Rating.ON_TRACK, completed_on=date(2026, 4, 20), difference=Difference.DIFFERENCE
    )

    row = make_reopening(action, by=office, reason="The backlog is back.")

    assert (row.claimed_on, row.completed_on, row.difference) == (
        date(2026, 4, 20),
        date(2026, 4, 20),
        Difference.DIFFERENCE,
    )
    assert row.checked_by.name == "Imran Sadiq"
    assert (newest(row).actor, newest(row).history_change_reason) == ("Aisha Rahman", "The backlog is back.")
    action = fresh(action)
    assert (action.claimed_on, action.completed_on, action.checked_by) == (None, None, None)
    assert (action.rating, action.difference, action.difference_set_by) == ("", Difference.WAITING, None)
    assert action.is_unfinished
    assert action.deadline == date(2026, 7, 31)
    assert newest(action).history_change_reason == "Reopened: The backlog is back."


@pytest.mark.django_db
def test_reopening_after_the_deadline_needs_a_new_one_and_records_the_move(council):
    visit = make_visit(council)
    finding = make_finding(visit)
    action = make_action(council, deadline=date(2026, 5, 1), completed_on=date(2026, 4, 20))

    with pytest.raises(changes.NeedsDeadline, match="the present one, 1 May 2026, has passed"):
        make_reopening(action)
    with pytest.raises(changes.WrongDates, match="Choose a day after today"):
        make_reopening(action, deadline=TODAY)
    assert not Reopening.objects.exists()
    make_reopening(action, deadline=date(2026, 6, 30), finding=finding)

    change = action.deadline_changes.get()
    assert (change.from_deadline, change.to_deadline, change.reason_kind) == (
        date(2026, 5, 1),
        date(2026, 6, 30),
        "visit",
    )
    assert change.asked_by == "Monitoring visit 1, finding 1"
    assert (fresh(action).deadline, fresh(action).first_agreed) == (date(2026, 6, 30), date(2026, 5, 1))


@pytest.mark.django_db
def test_a_new_deadline_that_cannot_be_leaves_the_action_closed(council):
    action = make_action(council, deadline=date(2026, 5, 1), completed_on=None)
    make_milestone(action, due_on=date(2026, 5, 1))
    make_evidence(action)
    changes.record_update(
        action, narrative="Done.", rating="", says_done=True, by=priya(council).user, on=TODAY, at=NOW
    )
    changes.complete(action, by=aisha(council).user, on=TODAY, reason="Saw it")

    with pytest.raises(changes.WrongDates, match="Choose a day after today"):
        make_reopening(action, deadline=date(2026, 5, 5))

    assert fresh(action).completed_on == TODAY


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "is open already"),
        ({"claimed_on": TODAY}, "waits to be checked. Send it back if it is not done"),
        ({"cancelled_on": TODAY}, "was cancelled and stays so. Add a new action instead"),
    ],
)
def test_only_a_complete_action_is_reopened(council, fields, words):
    action = make_action(council, **fields)

    with pytest.raises(changes.StillOpen, match=words):
        make_reopening(action)


@pytest.mark.django_db
def test_the_second_of_two_who_reopen_is_told_who_was_first(council):
    action = make_action(council, completed_on=TODAY)
    make_reopening(action, by=aisha(council).user, reason="The backlog is back.")

    with pytest.raises(changes.StillOpen, match="Aisha Rahman reopened it on 6 May 2026: The backlog is back"):
        make_reopening(action, by=marcus(council).user)

    assert action.reopenings.count() == 1


# What a visit repeats


@pytest.fixture
def asked(council):
    """A recommendation of the plan's inspection."""
    return make_recommendation(make_plan(council).inspections.get())


@pytest.fixture
def visit(council):
    """A visit on 14 and 15 April, whose letter came on 30 April."""
    return make_visit(
        council,
        starts_on=date(2026, 4, 14),
        ends_on=date(2026, 4, 15),
        letter_received_on=date(2026, 4, 30),
    )


def repeated(council, on=TODAY):
    return {action.reference for action in Action.objects.of(council).repeated_by_a_visit(on=on)}


@pytest.mark.django_db
def test_a_complete_action_is_repeated_by_a_letter_of_its_day_or_later(council, asked, visit):
    plan = make_plan(council)
    make_finding(visit, recommendation=asked)
    for reference, completed_on in (("3.1", date(2026, 4, 1)), ("3.2", date(2026, 4, 30)), ("3.3", date(2026, 5, 1))):
        make_action(plan=plan, reference=reference, recommendations=[asked], completed_on=completed_on)
    make_action(plan=plan, reference="3.4", recommendations=[asked])
    make_action(plan=plan, reference="3.5", recommendations=[asked], claimed_on=date(2026, 4, 1))
    make_action(plan=plan, reference="3.6", completed_on=date(2026, 4, 1), is_councils_own=True)

    assert repeated(council) == {"3.1", "3.2"}
    assert repeated(council, on=date(2026, 4, 29)) == set(), "the letter had not come"


@pytest.mark.django_db
def test_a_strength_repeats_nothing_and_an_action_made_for_the_finding_is_not_repeated_by_it(council, asked, visit):
    plan = make_plan(council)
    make_finding(visit, kind="strength", recommendation=asked)
    make_action(plan=plan, recommendations=[asked], completed_on=date(2026, 4, 1))
    assert repeated(council) == set()

    finding = make_finding(visit, recommendation=asked)
    make_action(plan=plan, reference="3.9", recommendations=[asked], findings=[finding], completed_on=date(2026, 4, 1))
    assert repeated(council) == {"3.1"}


@pytest.mark.django_db
def test_what_was_decided_is_not_asked_again(council, asked, visit):
    finding = make_finding(visit, recommendation=asked)
    action = make_action(plan=make_plan(council), recommendations=[asked], completed_on=date(2026, 4, 1))

    kept = changes.keep_closed(
        action, findings=[finding], by=aisha(council).user, on=TODAY, reason="3.4 puts it right."
    )

    assert (newest(kept[0]).actor, newest(kept[0]).history_change_reason) == (
        "Aisha Rahman",
        "Kept closed: 3.4 puts it right.",
    )
    assert repeated(council) == set()
    make_finding(visit, recommendation=asked)
    assert repeated(council) == {"3.1"}, "another finding is another decision"


@pytest.mark.django_db
def test_an_action_reopened_for_a_finding_and_closed_the_same_day_is_not_asked_about_again(council, asked, visit):
    finding = make_finding(visit, recommendation=asked)
    action = make_action(plan=make_plan(council), recommendations=[asked], completed_on=date(2026, 4, 1))
    make_reopening(action, finding=finding, on=date(2026, 4, 30))
    changes.record_update(
        action, narrative="Done.", rating="", says_done=True, by=priya(council).user, on=date(2026, 4, 30), at=NOW
    )
    changes.complete(action, by=aisha(council).user, on=date(2026, 4, 30), reason="Saw it")

    assert repeated(council) == set()


@pytest.mark.django_db
def test_the_second_of_two_who_keep_it_closed_is_told_who_was_first(council, asked, visit):
    finding = make_finding(visit, recommendation=asked)
    action = make_action(plan=make_plan(council), recommendations=[asked], completed_on=date(2026, 4, 1))
    office, head = aisha(council).user, marcus(council).user
    values = {"findings": [finding], "on": TODAY, "reason": "3.4 puts it right."}
    changes.keep_closed(action, by=office, **values)

    with pytest.raises(changes.NotRepeated, match=r"Aisha Rahman decided on 6 May 2026 to keep it closed: 3\.4"):
        changes.keep_closed(action, by=head, **values)
    assert KeptClosed.objects.count() == 1

    make_reopening(action, by=office)
    with pytest.raises(changes.NotRepeated, match="Aisha Rahman reopened it on 6 May 2026"):
        changes.keep_closed(action, by=head, **values)


@pytest.mark.django_db
def test_keeping_closed_needs_a_finding(council):
    action = make_action(council, completed_on=TODAY)

    with pytest.raises(changes.NotRepeated, match="No finding of a visit waits"):
        changes.keep_closed(action, findings=[], by=aisha(council).user, on=TODAY, reason="None")


# Ratings to be checked


REPEATED = "Monitoring visit 1"
DOUBTS = [
    ({"rating": Rating.ON_TRACK}, Status.ON_TRACK, True),
    ({"completed_on": date(2026, 4, 1)}, Status.COMPLETE, True),
    ({"completed_on": date(2026, 4, 1), "difference": Difference.SUSTAINED}, Status.EMBEDDED, True),
    ({"rating": Rating.AT_RISK}, Status.AT_RISK, False),
    ({"rating": Rating.OFF_TRACK}, Status.OFF_TRACK, False),
    ({"rating": Rating.ON_TRACK, "deadline": date(2026, 5, 5)}, Status.OVERDUE, False),
    ({"claimed_on": date(2026, 4, 1)}, Status.WAITING, False),
    ({}, Status.NOT_STARTED, False),
    ({"cancelled_on": TODAY}, Status.CANCELLED, False),
]


@pytest.mark.parametrize(("_happened", "status", "doubtful"), DOUBTS)
def test_a_status_that_says_all_is_well_is_doubted_when_a_visit_repeats_it(_happened, status, doubtful):
    assert is_doubtful(status, doubts_of(REPEATED)) is doubtful
    assert is_doubtful(status, doubts_of(None)) is False


def test_a_doubt_names_the_visit():
    assert doubts_of("Monitoring visit 2") == ["Check this rating: monitoring visit 2 repeated this finding."]
    assert doubts_of("Focused visit") == ["Check this rating: the focused visit repeated this finding."]


@pytest.mark.django_db
def test_the_rule_and_the_database_doubt_the_same_ratings(council, asked, visit):
    plan = make_plan(council)
    other = make_recommendation(plan.inspections.get())
    finding = make_finding(visit, recommendation=asked)
    expected = set()
    for number, (happened, _, doubtful) in enumerate(DOUBTS, start=1):
        make_action(plan=plan, reference=f"3.{number}", recommendations=[asked], **happened)
        expected |= {f"3.{number}"} if doubtful else set()
    well = {"plan": plan, "rating": Rating.ON_TRACK}
    make_action(**well, reference="3.20", recommendations=[other])
    make_action(**well, reference="3.21", recommendations=[asked], findings=[finding])
    make_action(**well, reference="3.22", is_councils_own=True)
    kept = make_action(plan=plan, reference="3.23", recommendations=[asked], completed_on=date(2026, 4, 1))
    changes.keep_closed(kept, findings=[finding], by=aisha(council).user, on=TODAY, reason="3.21 puts it right")

    actions = Action.objects.of(council)
    rows = actions.with_status(on=TODAY, close_by=CLOSE_BY).with_doubts(on=TODAY)
    by_rule = {row.reference for row in rows if is_doubtful(row.status_now, doubts_of(row.repeated_by))}

    assert by_rule == expected
    assert {row.reference for row in actions.doubtful(on=TODAY, close_by=CLOSE_BY)} == expected
    assert {row.repeated_by for row in rows} == {None, "Monitoring visit 1"}


@pytest.mark.django_db
def test_only_the_latest_letter_that_has_come_doubts_a_rating(council, asked, visit):
    action = make_action(plan=make_plan(council), recommendations=[asked], rating=Rating.ON_TRACK)
    make_finding(visit, recommendation=asked)
    later = make_visit(
        council,
        "monitoring-2",
        sequence=2,
        starts_on=date(2026, 5, 12),
        ends_on=date(2026, 5, 13),
        letter_received_on=date(2026, 5, 29),
    )

    def doubted(on):
        return {row.reference for row in Action.objects.of(council).doubtful(on=on, close_by=CLOSE_BY)}

    assert doubted(date(2026, 6, 1)) == {action.reference}, "nothing of the later letter is known yet"
    make_finding(later, kind="strength", recommendation=asked)
    assert doubted(date(2026, 5, 28)) == {action.reference}
    assert doubted(date(2026, 5, 29)) == set()
    make_finding(later, recommendation=asked)
    assert doubted(date(2026, 5, 29)) == {action.reference}


@pytest.mark.django_db
def test_a_letter_to_another_council_doubts_nothing_here(council, asked, visit):
    make_action(plan=make_plan(council), recommendations=[asked], rating=Rating.ON_TRACK)
    make_finding(visit, recommendation=asked)
    other = make_authority("Southmere Council", "southmere")
    make_inspection(other)
    theirs = make_visit(other, starts_on=date(2026, 5, 4), ends_on=None)
    make_finding(theirs)

    assert Action.objects.of(council).doubtful(on=TODAY, close_by=CLOSE_BY).count() == 1
