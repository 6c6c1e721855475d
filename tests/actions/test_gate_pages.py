"""The pages after the check: the difference made, reopening, and what a visit repeats."""

from datetime import date

import pytest

from accounts.roles import Role
from tests.actions.pages import date_boxes, errors_of, messages_of, page_of, text_of
from tests.factories import (
    TODAY,
    aisha,
    dee,
    fresh,
    make_action,
    make_deadline_change,
    make_evidence,
    make_finding,
    make_member,
    make_plan,
    make_priority,
    make_recommendation,
    make_reopening,
    make_service,
    make_visit,
    marcus,
    member_of,
    priya,
    rachel,
)
from tracker.actions import changes
from tracker.actions.models import Action, KeptClosed, Reopening
from tracker.actions.rules import Difference, Rating

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def head(council):
    return marcus(council)


@pytest.fixture
def office(council):
    return aisha(council)


@pytest.fixture
def shown(council, owner, head):
    """Complete since 1 April 2026, with evidence of difference."""
    return make_action(
        council,
        owner=owner.user,
        service=make_service(council),
        completed_on=date(2026, 4, 1),
        difference=Difference.DIFFERENCE,
    )


SUSTAINED = {
    "difference": "sustained",
    "reason": "The audits of March and April show it.",
    **date_boxes("since", date(2026, 3, 2)),
}
MEETING = {"body": "Improvement board", **date_boxes("met_on", date(2026, 5, 5))}


# The difference made


def test_a_checker_accepts_evidence_that_came_later_and_says_what_it_shows(client, signed_in, council, owner, head):
    action = make_action(council, owner=owner.user, service=make_service(council), completed_on=date(2026, 4, 1))
    later = make_evidence(action, "Audit of 30")
    page = page_of(action, "difference")

    signed_in(client, head)
    refused = client.post(page, {"difference": "difference", "reason": "26 of 30 in time."})
    assert errors_of(refused) == {"evidence": ["Accept a piece of evidence that shows it first."]}
    answer = client.post(page, {"difference": "difference", "reason": "26 of 30 in time.", "evidence": [later.pk]})

    assert messages_of(answer) == ["Difference saved. 3.1 now shows “evidence of difference”."]
    assert (fresh(action).difference, fresh(later).state) == (Difference.DIFFERENCE, "accepted")


def test_a_checker_is_not_offered_sustained(client, signed_in, head, shown):
    answer = signed_in(client, head).get(page_of(shown, "difference"))
    assert [value for value, _ in answer.context["form"].fields["difference"].choices] == [
        "none",
        "activity",
        "difference",
    ]

    assert "difference" in errors_of(client.post(page_of(shown, "difference"), SUSTAINED))
    assert fresh(shown).difference == Difference.DIFFERENCE


def test_the_chair_finds_a_difference_sustained(client, signed_in, council, shown):
    chair = make_member(council, Role.CHAIR, "Malcolm Chair")

    answer = signed_in(client, chair).post(page_of(shown, "difference"), SUSTAINED)

    assert messages_of(answer) == ["Difference saved. 3.1 now shows “sustained”."]
    text = text_of(client.get(page_of(shown)))
    assert "Embedded" in text
    assert "Held since 2 March 2026. Decided for: Improvement board." in text


def test_the_programme_office_records_it_with_the_meeting(client, signed_in, office, shown):
    page = page_of(shown, "difference")

    without = signed_in(client, office).post(page, SUSTAINED)
    assert errors_of(without) == {
        "body": ["Enter which body or person decided"],
        "met_on": ["Enter the day it was decided"],
    }
    client.post(page, {**SUSTAINED, **MEETING})

    assert fresh(shown).difference == Difference.SUSTAINED
    assert "Decided for: Improvement board, 5 May 2026." in text_of(client.get(page_of(shown)))


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        (date_boxes("since", date(2026, 4, 1)), "since", "Choose a day 8 weeks ago or earlier"),
        ({"since-day": ""}, "since", "includes a day"),
        ({"since-day": "", "since-month": "", "since-year": ""}, "since", "Enter the day since which it has held"),
        ({"reason": ""}, "reason", "Enter what shows it"),
        (date_boxes("met_on", date(2026, 5, 7)), "met_on", "must be today or in the past"),
    ],
)
def test_a_difference_that_has_not_held_has_a_clear_message(client, signed_in, office, shown, changed, field, message):
    answer = signed_in(client, office).post(page_of(shown, "difference"), {**SUSTAINED, **MEETING, **changed})

    assert message in errors_of(answer)[field][0]
    assert fresh(shown).difference == Difference.DIFFERENCE


def test_the_director_may_judge_without_naming_a_meeting(client, signed_in, council, shown):
    answer = signed_in(client, rachel(council)).post(
        page_of(shown, "difference"), {"difference": "activity", "reason": "The audit was of the wrong month."}
    )

    assert errors_of(answer) == {"evidence": ["Accept a piece of evidence that shows it first."]}


def test_neither_the_owner_nor_an_onlooker_sets_the_difference(client, signed_in, council, owner, shown):
    for member in (owner, dee(council), make_member(council, Role.COUNCILLOR, "Cora Jones")):
        assert signed_in(client, member).post(page_of(shown, "difference"), SUSTAINED).status_code == 403


def test_what_is_sustained_or_not_yet_shown_says_why_it_is_not_set(client, signed_in, council, office, shown):
    chair = make_member(council, Role.CHAIR, "Malcolm Chair")
    signed_in(client, chair).post(page_of(shown, "difference"), SUSTAINED)
    assert "It is sustained, as the board agreed." in text_of(client.get(page_of(shown, "difference")))

    open_one = make_action(council)
    assert "once the action is complete" in text_of(client.get(page_of(open_one, "difference")))


# Reopening


def test_a_complete_action_is_opened_again_with_its_past_in_the_history(client, signed_in, office, shown):
    answer = signed_in(client, office).post(page_of(shown, "reopen"), {"reason": "The backlog is back."})

    assert messages_of(answer) == ["Action reopened. 3.1 is open again and due Friday 31 July 2026."]
    text = text_of(client.get(page_of(shown)))
    assert "Opened again by Aisha Rahman" in text
    assert (
        "Before: said to be done 1 April 2026, checked 1 April 2026 by Imran Sadiq; evidence of difference. "
        "Reason: The backlog is back." in text
    )
    assert "Sent back" not in text
    assert "No update since it came back." in text


def test_after_its_deadline_it_needs_a_new_one(client, signed_in, council, office):
    action = make_action(council, deadline=date(2026, 5, 1), completed_on=date(2026, 4, 1))
    page = page_of(action, "reopen")

    missing = signed_in(client, office).post(page, {"reason": "The backlog is back."})
    assert errors_of(missing) == {"deadline": ["Enter the new deadline"]}
    past = client.post(page, {"reason": "The backlog is back.", **date_boxes("deadline", TODAY)})
    assert "Choose a day after today" in errors_of(past)["deadline"][0]
    far = client.post(page, {"reason": "The backlog is back.", **date_boxes("deadline", date(2099, 1, 5))})
    assert "Choose a day before the end of" in errors_of(far)["deadline"][0]
    assert not Reopening.objects.exists()
    client.post(page, {"reason": "The backlog is back.", **date_boxes("deadline", date(2026, 6, 30))})

    assert fresh(action).deadline == date(2026, 6, 30)
    assert "The action was reopened" in text_of(client.get(page_of(action)))


def test_a_reason_that_may_identify_a_child_stops_once(client, signed_in, office, shown):
    signed_in(client, office)
    fields = {"reason": "Case number 123456 is open."}

    stopped = client.post(page_of(shown, "reopen"), fields)
    assert errors_of(stopped)["reason"] == ["This may identify a child. Remove it or say why it is safe."]
    client.post(page_of(shown, "reopen"), {**fields, "safe_because": "A form"})

    reopening = Reopening.objects.get()
    assert reopening.reason == "Case number 123456 is open."
    assert reopening.history.get().history_change_reason.endswith("(Said to identify no child: A form)")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Its owner has not said that it is done."),
        ({"claimed_on": TODAY}, "It waits to be checked by the programme office."),
        ({"cancelled_on": TODAY}, "It was cancelled on 6 May 2026."),
    ],
)
def test_only_a_complete_action_is_opened_again(client, signed_in, council, office, fields, sentence):
    action = make_action(council, **fields)

    text = text_of(signed_in(client, office).post(page_of(action, "reopen"), {"reason": "Again"}))

    assert "3.1 is not complete" in text
    assert sentence in text


def test_owners_and_onlookers_do_not_reopen(client, signed_in, council, owner, shown):
    for member in (owner, dee(council), make_member(council, Role.CHAIR, "Malcolm Chair")):
        assert signed_in(client, member).post(page_of(shown, "reopen"), {"reason": "Again"}).status_code == 403


# What a visit repeats


@pytest.fixture
def asked(council):
    return make_recommendation(make_plan(council).inspections.get())


@pytest.fixture
def finding(council, asked):
    """A finding of a visit in April that repeats the recommendation."""
    visit = make_visit(
        council, starts_on=date(2026, 4, 14), ends_on=date(2026, 4, 15), letter_received_on=date(2026, 4, 30)
    )
    return make_finding(visit, recommendation=asked)


@pytest.fixture
def repeated(council, asked, finding):
    return make_action(
        plan=make_plan(council), recommendations=[asked], deadline=date(2026, 4, 2), completed_on=date(2026, 4, 1)
    )


def test_the_action_leads_to_the_decision_and_it_shows_the_letters_words(client, signed_in, office, repeated):
    signed_in(client, office)
    text = text_of(client.get(page_of(repeated)))
    assert "Monitoring visit 1, finding 1, repeats what this action was to put right." in text
    assert "Check this rating: monitoring visit 1 repeated this finding." in text

    text = text_of(client.get(page_of(repeated, "repeated")))
    assert "Monitoring visit 1, finding 1 , repeats recommendation 1, in Ofsted’s words: “Notifications waited" in text


def test_it_is_opened_again_for_the_finding(client, signed_in, office, repeated, finding):
    page = page_of(repeated, "repeated")
    missing = signed_in(client, office).post(page, {"decision": "reopen", "reason": "450 wait again."})
    assert "Enter a new deadline: the present one, 2 April 2026, has passed." in errors_of(missing)["deadline"]

    client.post(page, {"decision": "reopen", "reason": "450 wait again.", **date_boxes("deadline", date(2026, 6, 30))})

    assert Reopening.objects.get().finding == finding
    assert repeated.deadline_changes.get().reason_kind == "visit"
    assert "Finding 1 of monitoring visit 1 repeats it." in text_of(client.get(page_of(repeated)))


def test_it_is_kept_closed_with_a_reason_and_no_longer_doubted(client, signed_in, office, repeated, finding):
    page = page_of(repeated, "repeated")
    missing = signed_in(client, office).post(page, {})
    assert errors_of(missing) == {
        "decision": ["Select whether to open it again or keep it closed"],
        "reason": ["Enter why"],
    }

    answer = client.post(page, {"decision": "keep", "reason": "3.4 puts it right."})

    assert messages_of(answer) == ["Decision saved. 3.1 stays closed."]
    assert KeptClosed.objects.get().finding == finding
    text = text_of(client.get(page_of(repeated)))
    assert "Kept closed by Aisha Rahman" in text
    assert "Although finding 1 of monitoring visit 1 repeats it. Reason: 3.4 puts it right." in text
    assert "Check this rating" not in text
    again = client.post(page, {"decision": "keep", "reason": "Again"})
    assert "Aisha Rahman decided on 6 May 2026 to keep it closed: 3.4 puts it right." in text_of(again)


def test_the_second_of_two_is_told_that_it_was_reopened(client, signed_in, council, office, repeated, finding):
    make_reopening(repeated, by=rachel(council).user, deadline=date(2026, 6, 30), finding=finding, reason="It is back.")

    answer = signed_in(client, office).post(page_of(repeated, "repeated"), {"decision": "keep", "reason": "It holds"})

    assert "Rachel Adeyemi reopened it on 6 May 2026: It is back." in text_of(answer)
    assert not KeptClosed.objects.exists()


def test_an_action_that_no_visit_repeats_has_nothing_to_decide(client, signed_in, office, shown):
    assert "Nothing is to be decided about 3.1" in text_of(signed_in(client, office).get(page_of(shown, "repeated")))


def test_only_those_who_may_reopen_decide(client, signed_in, council, owner, repeated):
    for member in (owner, dee(council)):
        assert signed_in(client, member).get(page_of(repeated, "repeated")).status_code == 403
        assert "repeats what this action was to put right" not in text_of(client.get(page_of(repeated)))


# On the page of the action


def test_late_against_first_agreed_is_said_although_the_deadline_is_ahead(client, signed_in, council, owner):
    action = make_action(council, owner=owner.user, deadline=date(2026, 4, 20))
    make_deadline_change(action, date(2026, 8, 31))

    text = text_of(signed_in(client, owner).get(page_of(action)))

    assert "First agreed 20 April 2026. Moved once 11 working days late against the date first agreed." in text


def test_the_gates_say_how_far_it_is(client, signed_in, council, owner, shown):
    text = text_of(signed_in(client, owner).get(page_of(shown)))

    assert "Its owner says it is done 1 April 2026 Done" in text
    assert "Checked by someone else Imran Sadiq, 1 April Done" in text
    assert "Difference for children shown Evidence of difference Done" in text
    assert "Difference sustained Agreed by the board, once it has held for two reporting periods. Not yet" in text


def test_an_on_track_action_that_a_visit_repeats_is_to_be_checked_for_everyone(
    client, signed_in, council, asked, finding
):
    priority = make_priority(make_plan(council))
    action = make_action(priority=priority, recommendations=[asked], rating=Rating.ON_TRACK)

    assert "Check this rating: monitoring visit 1 repeated this finding." in text_of(
        signed_in(client, dee(council)).get(page_of(action))
    )
    changes.hand_over(action, to=priya(council).user, by=None, on=TODAY, reason="Agreed")
    mine = text_of(signed_in(client, member_of(council, fresh(action).owner)).get("/my-actions/"))
    assert "Check this rating: monitoring visit 1 repeated this finding." in mine
    assert Action.objects.of(council).repeated_by_a_visit(on=TODAY).count() == 0
    changes.record_update(
        action,
        narrative="450 wait again.",
        rating=Rating.AT_RISK,
        by=aisha(council).user,
        on=TODAY,
        at=action.updates.get().at,
    )
    assert "Check this rating" not in text_of(client.get(page_of(action)))
