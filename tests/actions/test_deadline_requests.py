"""Asking for another deadline and deciding about it: each change, its history row, and each refusal."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import practices_of
from accounts.roles import Role
from tests.factories import (
    NOW,
    REASON,
    TODAY,
    aisha,
    dee,
    fresh,
    make_action,
    make_deadline_change,
    make_evidence,
    make_member,
    make_milestone,
    make_plan,
    make_priority,
    make_request,
    make_update,
    make_visit,
    priya,
    rachel,
)
from tracker.actions import changes
from tracker.actions.models import DeadlineChange, DeadlineRequest
from tracker.actions.rules import Tier
from tracker.audit.history import save_because
from tracker.dates.models import calendar

pytestmark = pytest.mark.django_db

State = DeadlineRequest.State
LATER = datetime(2026, 5, 7, 9, 30, tzinfo=NOW.tzinfo)


@pytest.fixture
def lena(council):
    return make_member(council, Role.PRIORITY_LEAD, "Lena Lead")


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def action(council, lena, owner):
    """Due on 31 July 2026; Lena leads its priority, Priya owns it."""
    return make_action(priority=make_priority(make_plan(council), lead=lena.user), owner=owner.user)


def agree(asked, by, *, level=Tier.LEAD, **fields):
    values = {"reason": "It cannot be sooner.", "on": LATER.date(), "at": LATER, **fields}
    return changes.agree(
        asked,
        level=level,
        by=by.user,
        calendar=calendar(),
        practices=practices_of(asked.action.authority),
        **values,
    )


def refuse(asked, by, **fields):
    return changes.refuse(asked, by=by.user, on=LATER.date(), at=LATER, reason="Children would wait.", **fields)


def newest(row):
    return row.history.order_by("-history_id").first()


# Asking


def test_a_request_keeps_from_to_how_far_why_and_who_decides_and_the_deadline_stays(action, owner):
    asked = make_request(action, date(2026, 8, 7))

    assert (asked.from_deadline, asked.to_deadline, asked.working_days) == (date(2026, 7, 31), date(2026, 8, 7), 5)
    assert (asked.tier, asked.tier_reason) == (Tier.LEAD, "It moves the deadline by 5 working days, up to 10.")
    assert (asked.asked_by, asked.asked_on, asked.state) == (owner.user, TODAY, State.ASKED)
    assert (newest(asked).actor, newest(asked).history_change_reason) == ("Priya Nair", "Asked for another deadline")
    action = fresh(action)
    assert action.deadline == date(2026, 7, 31)
    assert action.history.count() == 1
    assert list(DeadlineRequest.objects.of(action.authority).waiting()) == [asked]


def test_why_a_text_identifies_no_child_is_kept_as_the_reason(action):
    asked = make_request(action, date(2026, 8, 7), safe_because="It is the number of a form")

    assert newest(asked).history_change_reason == (
        "Asked for another deadline, said to identify no child: It is the number of a form"
    )


@pytest.mark.parametrize(
    ("fields", "to", "refusal", "words"),
    [
        ({}, TODAY, changes.WrongDates, "Choose a day after today, 6 May 2026. No deadline is moved into the past."),
        ({}, date(2026, 4, 30), changes.WrongDates, "Choose a day after today"),
        ({}, date(2026, 7, 31), changes.SameDeadline, "That is the present deadline"),
        ({"deadline": None}, date(2026, 7, 31), changes.WrongDates, "no deadline yet"),
        ({"starts_on": date(2026, 6, 1)}, date(2026, 5, 29), changes.WrongDates, "on or after 1 June 2026"),
        ({"claimed_on": TODAY}, date(2026, 8, 31), changes.ActionClosed, "its deadline no longer moves"),
        ({"completed_on": TODAY}, date(2026, 8, 31), changes.ActionClosed, "its deadline no longer moves"),
        ({"cancelled_on": TODAY}, date(2026, 8, 31), changes.ActionClosed, "its deadline no longer moves"),
    ],
)
def test_a_request_that_cannot_be_is_refused(council, fields, to, refusal, words):
    action = make_action(council, **fields)

    with pytest.raises(refusal, match=words):
        make_request(action, to)

    assert not DeadlineRequest.objects.exists()


def test_a_deadline_is_not_asked_for_before_a_milestone_still_to_do(action):
    make_milestone(action, due_on=date(2026, 7, 10))

    with pytest.raises(changes.WrongDates, match="on or after 10 July 2026"):
        make_request(action, date(2026, 7, 9))


def test_a_second_request_waits_for_the_first(council, action):
    make_request(action, date(2026, 8, 7))

    with pytest.raises(changes.AlreadyAsked, match="Priya Nair asked on 6 May 2026 to move it to 7 August 2026"):
        make_request(action, date(2026, 8, 14), by=aisha(council).user)

    assert action.deadline_requests.count() == 1


def test_after_a_refusal_it_may_be_asked_again(action, lena):
    refuse(make_request(action, date(2026, 8, 7)), lena)

    make_request(action, date(2026, 8, 6), on=LATER.date())

    assert action.deadline_requests.count() == 2


# Agreeing


def test_an_agreed_request_moves_the_deadline_with_its_own_change(action, lena):
    asked = make_request(action, date(2026, 8, 7))

    change = agree(asked, lena)

    asked, action = fresh(asked), fresh(action)
    assert (asked.state, asked.decided_by, asked.decided_on, asked.agreed_deadline) == (
        State.AGREED,
        lena.user,
        LATER.date(),
        None,
    )
    assert (newest(asked).actor, newest(asked).history_change_reason) == ("Lena Lead", "Agreed: It cannot be sooner.")
    assert (change.request, change.from_deadline, change.to_deadline, change.working_days) == (
        asked,
        date(2026, 7, 31),
        date(2026, 8, 7),
        5,
    )
    assert (change.asked_by, change.asked_on, change.agreed_by, change.agreed_on) == (
        "Priya Nair",
        TODAY,
        "Lena Lead",
        LATER.date(),
    )
    assert (action.deadline, action.first_agreed) == (date(2026, 8, 7), date(2026, 7, 31))
    assert newest(change).history_change_reason == "Vetting takes longer than planned."


def test_another_day_may_be_agreed(action, lena):
    asked = make_request(action, date(2026, 8, 7))

    change = agree(asked, lena, to=date(2026, 8, 5))

    assert (fresh(asked).agreed_deadline, change.to_deadline) == (date(2026, 8, 5), date(2026, 8, 5))
    assert fresh(asked).to_deadline == date(2026, 8, 7)


def test_the_body_that_decided_is_named_as_who_agreed(council, action, lena):
    office = aisha(council)
    asked = make_request(action, date(2026, 12, 1))

    change = agree(asked, office, level=Tier.BOARD, decided_for="Improvement board, 7 May 2026")

    assert (change.agreed_by, change.recorded_by) == ("Improvement board, 7 May 2026", office.user)
    assert fresh(asked).decided_for == "Improvement board, 7 May 2026"


def test_another_day_in_the_past_is_refused(action, lena):
    asked = make_request(action, date(2026, 8, 7))

    with pytest.raises(changes.WrongDates, match="Choose a day after today, 7 May 2026"):
        agree(asked, lena, to=LATER.date())

    assert fresh(asked).state == State.ASKED
    assert not DeadlineChange.objects.exists()


def test_nobody_agrees_further_than_their_tier(council, action, lena):
    rachel(council)
    asked = make_request(action, date(2026, 8, 7))

    with pytest.raises(changes.ForSomeoneElse, match=r"That is not yours to agree\. Who decides: Rachel"):
        agree(asked, lena, to=date(2026, 8, 31))

    assert fresh(asked).state == State.ASKED
    assert fresh(action).deadline == date(2026, 7, 31)


def test_a_visit_announced_since_takes_it_beyond_the_lead_and_it_is_passed_on(council, action, lena):
    asked = make_request(action, date(2026, 8, 7))
    make_visit(council, starts_on=date(2026, 8, 4), ends_on=date(2026, 8, 5))

    with pytest.raises(changes.ForSomeoneElse, match="It passes monitoring visit 1 on 4 August 2026") as refused:
        agree(asked, lena)
    changes.pass_on(asked, tier=refused.value.tier, why=refused.value.why, by=lena.user)

    asked = fresh(asked)
    assert (asked.tier, asked.state) == (Tier.BOARD, State.ASKED)
    assert newest(asked).history_change_reason == (
        "Passed on to the improvement board: It passes monitoring visit 1 on 4 August 2026."
    )


def test_a_deadline_moved_meanwhile_moves_from_where_it_is(action, lena):
    asked = make_request(action, date(2026, 8, 7))
    make_deadline_change(action, date(2026, 8, 3))

    change = agree(asked, lena)

    assert (change.from_deadline, change.to_deadline, change.working_days) == (date(2026, 8, 3), date(2026, 8, 7), 4)


def test_a_request_for_what_the_deadline_has_become_is_refused(action, lena):
    asked = make_request(action, date(2026, 8, 7))
    make_deadline_change(action, date(2026, 8, 7))

    with pytest.raises(changes.SameDeadline, match="That is the present deadline"):
        agree(asked, lena)

    assert fresh(asked).state == State.ASKED


def test_an_action_that_was_handed_to_the_lead_is_no_longer_theirs_to_decide(council, action, lena):
    asked = make_request(action, date(2026, 8, 7))
    changes.hand_over(action, to=lena.user, by=None, on=TODAY, reason="Priya is on leave")

    with pytest.raises(changes.OwnRequest, match="You own this action, so someone else decides about its deadline"):
        agree(asked, lena)


# Two at once, and one's own


@pytest.mark.parametrize("second", [agree, refuse])
def test_the_second_of_two_who_decide_is_told_who_was_first_and_changes_nothing(council, action, lena, second):
    director = rachel(council)
    asked = make_request(action, date(2026, 8, 7))
    agree(asked, lena)

    with pytest.raises(
        changes.AlreadyDecided, match="It was agreed by Lena Lead on 7 May 2026: the deadline is 7 August 2026"
    ):
        second(asked, director)

    assert (fresh(asked).decided_by, DeadlineChange.objects.count()) == (lena.user, 1)


def test_what_was_refused_is_not_agreed_afterwards(council, action, lena):
    asked = make_request(action, date(2026, 8, 7))
    refuse(asked, lena)

    with pytest.raises(changes.AlreadyDecided, match="It was refused by Lena Lead on 7 May 2026"):
        agree(asked, rachel(council), level=Tier.DIRECTOR)

    assert fresh(action).deadline == date(2026, 7, 31)


@pytest.mark.parametrize("decide", [agree, refuse])
def test_who_asks_does_not_decide(council, action, decide):
    office = aisha(council)
    asked = make_request(action, date(2026, 8, 7), by=office.user)

    with pytest.raises(changes.OwnRequest, match="You asked for this deadline, so someone else decides"):
        decide(asked, office)

    assert fresh(asked).state == State.ASKED


def test_the_database_itself_refuses_a_decision_by_who_asked(action, owner):
    asked = make_request(action, date(2026, 8, 7))
    asked.state, asked.decided_by, asked.decided_on = State.AGREED, owner.user, TODAY

    with pytest.raises(IntegrityError, match="deadline_request_not_decided_by_who_asked"), transaction.atomic():
        save_because(asked, by=owner.user, reason=REASON)


# Refused, withdrawn


def test_a_refused_request_is_kept_and_the_deadline_stays(action, lena):
    asked = refuse(make_request(action, date(2026, 8, 7)), lena)

    assert (asked.state, asked.decision_reason) == (State.REFUSED, "Children would wait.")
    assert (newest(asked).actor, newest(asked).history_change_reason) == ("Lena Lead", "Refused: Children would wait.")
    assert fresh(action).deadline == date(2026, 7, 31)
    assert not DeadlineRequest.objects.of(action.authority).waiting().exists()


def test_a_withdrawn_request_is_kept(action, owner, lena):
    asked = make_request(action, date(2026, 8, 7))

    changes.withdraw(asked, by=owner.user, on=TODAY, at=NOW, reason="The vetting came through")

    asked = fresh(asked)
    assert (asked.state, asked.decided_by, asked.decision_reason) == (
        State.WITHDRAWN,
        owner.user,
        "The vetting came through",
    )
    with pytest.raises(changes.AlreadyDecided, match="It was withdrawn by Priya Nair on 6 May 2026"):
        agree(asked, lena)


def test_a_request_falls_away_when_the_owner_says_it_is_done(action):
    asked = make_request(action, date(2026, 8, 7))
    make_evidence(action)
    make_update(action, says_done=True)

    asked = fresh(asked)
    assert (asked.state, asked.decided_by) == (State.WITHDRAWN, None)
    assert newest(asked).actor == "The tracker"
    assert asked.decision_reason == "The owner says that the action is done"


def test_a_request_falls_away_when_the_action_is_cancelled(council, action):
    asked = make_request(action, date(2026, 8, 7))

    changes.cancel(action, by=aisha(council).user, on=TODAY, reason="Not needed")

    assert fresh(asked).state == State.WITHDRAWN


def test_a_request_is_seen_by_those_who_see_the_action(council, owner):
    hidden = make_action(council, owner=owner.user, is_restricted=True, restricted_reason="About one family")
    make_request(hidden, date(2026, 8, 7))

    assert not DeadlineRequest.objects.visible_to(dee(council)).exists()
    assert DeadlineRequest.objects.visible_to(owner).exists()
