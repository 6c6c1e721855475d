"""The pages of another deadline: ask, check, send, decide, withdraw; and who may not."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests.actions.pages import date_boxes, errors_of, messages_of, page_of, text_of
from tests.factories import (
    PASSWORD,
    TODAY,
    aisha,
    dee,
    fresh,
    helen,
    ines,
    make_action,
    make_agency,
    make_authority,
    make_deadline_change,
    make_member,
    make_milestone,
    make_plan,
    make_priority,
    make_request,
    make_service,
    make_visit,
    marcus,
    priya,
    rachel,
)
from tracker.actions.models import DeadlineChange, DeadlineRequest
from tracker.actions.rules import Tier

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(council):
    return make_member(council, Role.PRIORITY_LEAD, "Lena Lead")


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def action(council, lena, owner):
    """Due on 29 May 2026; Lena leads its priority, Priya owns it."""
    return make_action(
        priority=make_priority(make_plan(council), lead=lena.user),
        owner=owner.user,
        service=make_service(council),
        deadline=date(2026, 5, 29),
    )


@pytest.fixture
def as_owner(client, signed_in, owner):
    return signed_in(client, owner)


def request_fields(to, **changed):
    return {
        "reason_kind": "recruitment",
        "reason": "Vetting takes longer than planned.",
        "effect_on_children": "Some notifications wait 2 days.",
        "done_to_avoid": "Borrowed two screeners.",
        **date_boxes("to", to),
        **changed,
    }


def typed_of(answer):
    """What the check page would send: the hidden fields of its form."""
    return dict(answer.context["typed"])


def page(asked, rest=""):
    return f"{page_of(asked.action, 'deadline')}{asked.pk}/{rest}"


# Asking


def test_the_form_says_the_deadline_and_that_someone_else_decides(as_owner, action):
    text = text_of(as_owner.get(page_of(action, "deadline")))

    assert "The deadline is Friday 29 May 2026. Someone else decides, and you see who before you send it." in text


def test_a_request_is_shown_with_all_it_means_before_it_is_sent(as_owner, council, action):
    make_member(council, Role.CHAIR, "Malcolm Chair")
    make_visit(council)
    make_deadline_change(action, date(2026, 6, 5))

    answer = as_owner.post(page_of(action, "deadline"), request_fields(date(2026, 6, 13)))

    text = text_of(answer)
    assert "Who will decide: The improvement board: Malcolm Chair decides for it." in text
    assert "First agreed Friday 29 May 2026 Now Friday 5 June 2026 Asked for Saturday 13 June 2026" in text
    assert "It is not a working day: Saturday." in text
    assert "Slip 5 working days later In all, against the date first agreed: 10 working days later." in text
    assert "Moves so far 1 This would be the second." in text
    assert "Passes a visit Yes: monitoring visit 1 on 9 June 2026" in text
    assert "It passes monitoring visit 1 on 9 June 2026." in text
    assert "What it means for children Some notifications wait 2 days." in text
    assert not DeadlineRequest.objects.exists()


def test_a_request_that_was_checked_is_sent_and_the_deadline_stays(as_owner, owner, action):
    checked = as_owner.post(page_of(action, "deadline"), request_fields(date(2026, 6, 5)))

    answer = as_owner.post(page_of(action, "deadline"), typed_of(checked))

    asked = action.deadline_requests.get()
    assert answer.url == page(asked)
    assert messages_of(answer) == [
        "Request sent. Who decides: Lena Lead, priority lead. Until then 3.1 is due Friday 29 May 2026."
    ]
    assert (asked.to_deadline, asked.asked_by, asked.tier) == (date(2026, 6, 5), owner.user, Tier.LEAD)
    assert fresh(action).deadline == date(2026, 5, 29)


def test_what_was_written_can_be_changed_from_the_check_page(as_owner, action):
    checked = as_owner.post(page_of(action, "deadline"), request_fields(date(2026, 6, 5)))

    answer = as_owner.post(page_of(action, "deadline"), {**typed_of(checked), "change": "yes"})

    assert answer.context["form"]["reason"].value() == "Vetting takes longer than planned."
    assert "Continue" in text_of(answer)
    assert not DeadlineRequest.objects.exists()


def test_what_changed_since_the_check_is_shown_again_before_it_is_sent(as_owner, council, action):
    checked = as_owner.post(page_of(action, "deadline"), request_fields(date(2026, 6, 12)))
    make_visit(council)

    answer = as_owner.post(page_of(action, "deadline"), typed_of(checked))

    assert "Passes a visit Yes: monitoring visit 1 on 9 June 2026" in text_of(answer)
    assert not DeadlineRequest.objects.exists()


def test_an_empty_request_says_all_that_is_missing(as_owner, action):
    assert errors_of(as_owner.post(page_of(action, "deadline"), {})) == {
        "to": ["Enter the new deadline"],
        "reason_kind": ["Select what kind of reason it is"],
        "reason": ["Enter why it needs to move"],
        "effect_on_children": ["Enter what it means for children"],
    }


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        (date_boxes("to", date(2026, 5, 29)), "to", "That is the present deadline. Choose another day."),
        (date_boxes("to", TODAY), "to", "Choose a day after today, 6 May 2026."),
        (date_boxes("to", date(2026, 5, 27)), "to", "Choose a day on or after 28 May 2026, when the last milestone"),
        (date_boxes("to", date(2099, 7, 1)), "to", "later bank holidays are not known"),
        ({"to-day": "32"}, "to", "Enter the new deadline that is a real date"),
        ({"reason_kind": "weather"}, "reason_kind", "Select a valid choice"),
        ({"done_to_avoid": ""}, "done_to_avoid", "Enter what you have done to avoid it"),
    ],
)
def test_a_request_that_cannot_be_has_a_clear_message(as_owner, action, changed, field, message):
    make_milestone(action, due_on=date(2026, 5, 28))

    answer = as_owner.post(page_of(action, "deadline"), request_fields(date(2026, 6, 5), **changed))

    assert message in errors_of(answer)[field][0]
    assert not DeadlineRequest.objects.exists()


def test_an_earlier_deadline_needs_nothing_done_to_avoid_it(as_owner, action):
    answer = as_owner.post(page_of(action, "deadline"), request_fields(date(2026, 5, 22), done_to_avoid=""))

    assert "It brings the deadline forward." in text_of(answer)


def test_text_that_may_identify_a_child_stops_once_and_is_sent_with_why_it_is_safe(as_owner, action):
    fields = request_fields(date(2026, 6, 5), effect_on_children="Case number 123456 waits.")

    stopped = as_owner.post(page_of(action, "deadline"), fields)
    assert errors_of(stopped)["effect_on_children"] == ["This may identify a child. Remove it or say why it is safe."]

    fields["safe_because"] = "It is the number of a form"
    checked = as_owner.post(page_of(action, "deadline"), fields)
    as_owner.post(page_of(action, "deadline"), typed_of(checked))
    assert "It is the number of a form" in action.deadline_requests.get().history.get().history_change_reason


def test_a_request_typed_before_the_session_ended_is_waiting_after_sign_in(client, owner, action):
    asked = client.post(page_of(action, "deadline"), request_fields(date(2026, 6, 5)))
    signed_in = client.post(
        "/sign-in/", {"login": owner.user.email, "password": PASSWORD, "kept": asked.context["kept"]}
    )

    answer = client.get(signed_in.url)

    assert answer.context["form"]["reason"].value() == "Vetting takes longer than planned."


def test_while_a_request_waits_the_form_leads_to_it_and_a_second_one_is_kept_on_the_page(as_owner, council, action):
    asked = make_request(action, date(2026, 6, 5), by=aisha(council).user)

    assert as_owner.get(page_of(action, "deadline")).url == page(asked)
    checked = as_owner.post(page_of(action, "deadline"), request_fields(date(2026, 6, 8)))
    answer = as_owner.post(page_of(action, "deadline"), typed_of(checked))

    assert "Aisha Rahman asked on 6 May 2026 to move it to 5 June 2026." in errors_of(answer)["__all__"][0]
    assert answer.context["form"]["reason"].value() == "Vetting takes longer than planned."
    assert action.deadline_requests.count() == 1


@pytest.mark.parametrize("closed", [{"claimed_on": TODAY}, {"completed_on": TODAY}, {"cancelled_on": TODAY}])
def test_the_deadline_of_a_finished_action_does_not_move(client, signed_in, council, closed):
    action = make_action(council, **closed)

    answer = signed_in(client, aisha(council)).post(page_of(action, "deadline"), request_fields(date(2026, 8, 31)))

    assert "The deadline of 3.1 does not move" in text_of(answer)


def test_an_action_without_a_deadline_has_none_to_move(client, signed_in, council):
    action = make_action(council, deadline=None)

    assert "It has no deadline yet." in text_of(signed_in(client, aisha(council)).get(page_of(action, "deadline")))


def test_only_those_who_work_on_an_action_ask(client, signed_in, council, action):
    for member in (dee(council), ines(council), rachel(council), make_member(council, Role.COUNCILLOR, "Cora Jones")):
        assert signed_in(client, member).get(page_of(action, "deadline")).status_code == 403


def test_a_partner_asks_for_the_deadline_of_its_own_action(client, signed_in, council, lena):
    partner = helen(council)
    action = make_action(priority=make_priority(make_plan(council), lead=lena.user), agency=make_agency(council))
    signed_in(client, partner)

    checked = client.post(page_of(action, "deadline"), request_fields(date(2026, 8, 7)))
    answer = client.post(page_of(action, "deadline"), typed_of(checked))

    assert client.get(answer.url).status_code == 200
    assert action.deadline_requests.get().asked_by == partner.user


# Deciding


AGREE = {"decision": "agree", "reason": "It cannot be sooner."}


@pytest.fixture
def asked(action):
    return make_request(action, date(2026, 6, 5))


def test_the_lead_reads_the_request_and_agrees(client, signed_in, asked, lena):
    text = text_of(signed_in(client, lena).get(page(asked)))
    assert "Move the deadline to 5 June 2026?" in text
    assert "The deadline is Friday 29 May 2026 until another is agreed." in text
    assert "Why Vetting takes longer than planned." in text
    assert "Asked by Priya Nair, 6 May 2026 Who decides Lena Lead, priority lead" in text

    answer = client.post(page(asked), AGREE)

    assert answer.url == page_of(asked.action)
    assert messages_of(answer) == ["Deadline moved. 3.1 is now due Friday 5 June 2026: slipped 5 working days."]
    assert fresh(asked.action).deadline == date(2026, 6, 5)


def test_the_lead_agrees_to_another_day(client, signed_in, asked, lena):
    signed_in(client, lena)
    other = {**AGREE, "decision": "other"}
    assert errors_of(client.post(page(asked), other)) == {"to": ["Enter the day you agree to"]}

    answer = client.post(page(asked), {**other, **date_boxes("to", date(2026, 6, 2))})

    assert messages_of(answer) == ["Deadline moved. 3.1 is now due Tuesday 2 June 2026: slipped 2 working days."]


def test_the_lead_refuses_and_it_stays_on_the_page_of_the_action(client, signed_in, asked, lena):
    answer = signed_in(client, lena).post(page(asked), {"decision": "refuse", "reason": "Children would wait."})

    assert messages_of(answer) == ["Request refused. 3.1 is still due Friday 29 May 2026."]
    text = text_of(client.get(page_of(asked.action)))
    assert "29 May 2026 5 June 2026 Refused 5 days Vetting takes longer than planned." in text
    assert "Request refused: the deadline stays" in text
    assert "Request to move the deadline: refused It was refused by Lena Lead on 6 May 2026." in text_of(
        client.get(page(asked))
    )


def test_a_decision_needs_a_choice_and_a_reason(client, signed_in, asked, lena):
    assert errors_of(signed_in(client, lena).post(page(asked), {})) == {
        "decision": ["Select what the decision is"],
        "reason": ["Enter why it is decided so"],
    }
    assert fresh(asked).state == "asked"


@pytest.mark.parametrize(
    ("to", "message"),
    [
        (date(2026, 5, 5), "Choose a day after today, 6 May 2026."),
        (date(2026, 5, 29), "That is the present deadline."),
        (date(2026, 6, 26), "That is not yours to agree. Who decides: Rachel Adeyemi, director."),
        (date(2099, 7, 31), "Choose a day before the end of"),
    ],
)
def test_another_day_that_cannot_be_agreed_has_a_clear_message(client, signed_in, council, asked, lena, to, message):
    rachel(council)

    answer = signed_in(client, lena).post(page(asked), {**AGREE, "decision": "other", **date_boxes("to", to)})

    assert message in errors_of(answer)["to"][0]
    assert fresh(asked).state == "asked"


def test_who_asked_sees_the_request_and_cannot_decide(as_owner, asked):
    text = text_of(as_owner.get(page(asked)))
    assert "You asked for it, or you own the action, so someone else decides." in text
    assert "Save decision" not in text

    assert as_owner.post(page(asked), AGREE).status_code == 403
    assert fresh(asked).state == "asked"


def test_someone_who_only_looks_reads_the_request_and_cannot_decide(client, signed_in, council, asked):
    for member in (dee(council), ines(council), marcus(council)):
        signed_in(client, member)
        assert "Who decides Lena Lead" in text_of(client.get(page(asked)))
        assert client.post(page(asked), AGREE).status_code == 403


def test_the_board_decides_by_its_chair(client, signed_in, council, action):
    chair = make_member(council, Role.CHAIR, "Malcolm Chair")
    asked = make_request(action, date(2026, 9, 30))

    page_text = text_of(signed_in(client, chair).get(page(asked)))
    assert "Which body or person decided?" not in page_text
    client.post(page(asked), AGREE)

    assert (fresh(asked).decided_by, fresh(asked).decided_for) == (chair.user, "Improvement board")
    assert DeadlineChange.objects.get().agreed_by == "Improvement board"


def test_the_programme_office_records_what_the_board_decided_with_its_meeting(client, signed_in, council, action):
    office = aisha(council)
    asked = make_request(action, date(2026, 9, 30), on=date(2026, 5, 1))
    signed_in(client, office)

    without = client.post(page(asked), AGREE)
    assert errors_of(without) == {
        "body": ["Enter which body or person decided"],
        "met_on": ["Enter the day it was decided"],
    }
    for day, message in (
        (date(2026, 4, 30), "1 May 2026, when it was asked, or later"),
        (date(2026, 5, 7), "in the past"),
    ):
        refused = client.post(page(asked), {**AGREE, "body": "Improvement board", **date_boxes("met_on", day)})
        assert message in errors_of(refused)["met_on"][0]
    client.post(page(asked), {**AGREE, "body": "Improvement board", **date_boxes("met_on", date(2026, 5, 5))})

    change = DeadlineChange.objects.get()
    assert (change.agreed_by, change.recorded_by, change.agreed_on) == (
        "Improvement board, 5 May 2026",
        office.user,
        TODAY,
    )


def test_the_programme_office_that_asked_does_not_record_the_boards_decision(client, signed_in, council, action):
    office = aisha(council)
    asked = make_request(action, date(2026, 9, 30), by=office.user)

    assert signed_in(client, office).post(page(asked), AGREE).status_code == 403


def test_the_second_of_two_who_decide_is_told_who_was_first(client, signed_in, council, asked, lena):
    director = rachel(council)
    signed_in(client, director).get(page(asked))
    signed_in(client, lena).post(page(asked), AGREE)

    answer = signed_in(client, director).post(page(asked), {"decision": "refuse", "reason": "Children would wait."})

    assert answer.status_code == 409
    text = text_of(answer)
    assert "It was agreed by Lena Lead on 6 May 2026: the deadline is 5 June 2026. Nothing was changed." in text
    assert fresh(asked).state == "agreed"
    assert DeadlineChange.objects.count() == 1


def test_a_request_that_now_passes_a_visit_is_passed_on_to_the_board(client, signed_in, council, action, lena):
    chair = make_member(council, Role.CHAIR, "Malcolm Chair")
    asked = make_request(action, date(2026, 6, 11))
    make_visit(council)

    answer = signed_in(client, lena).post(page(asked), AGREE)

    assert messages_of(answer) == [
        "Not agreed yet. It passes monitoring visit 1 on 9 June 2026. The request now waits for the improvement board."
    ]
    assert fresh(asked).tier == Tier.BOARD
    assert "Save decision" in text_of(signed_in(client, chair).get(page(asked)))


def test_when_the_lead_has_left_the_director_decides(client, signed_in, council, asked, lena):
    director = rachel(council)
    account_changes.switch_off(lena.user, by=None, reason="Left")

    signed_in(client, director).post(page(asked), AGREE)

    assert fresh(asked).decided_by == director.user


def test_the_action_says_that_a_request_waits_and_who_decides(as_owner, asked):
    text = text_of(as_owner.get(page_of(asked.action)))

    assert "Priya Nair asked on 6 May 2026 to move the deadline to 5 June 2026. Who decides: Lena Lead" in text
    assert "29 May 2026 5 June 2026 Waiting for a decision 5 days" in text
    assert "Ask to move the deadline" not in text


def test_my_actions_leads_to_the_request_that_waits(as_owner, asked):
    assert "Another deadline is asked for" in text_of(as_owner.get("/my-actions/"))


# Withdrawing


def test_who_asked_withdraws(as_owner, asked):
    answer = as_owner.post(page(asked, "withdraw/"), {"reason": "The vetting came through"})

    assert messages_of(answer) == ["Request withdrawn. 3.1 is still due Friday 29 May 2026."]
    assert fresh(asked).state == "withdrawn"
    again = as_owner.post(page(asked, "withdraw/"), {"reason": "Again"})
    assert "It was withdrawn by Priya Nair on 6 May 2026." in text_of(again)


def test_withdrawing_needs_a_reason(as_owner, asked):
    assert errors_of(as_owner.post(page(asked, "withdraw/"), {})) == {"reason": ["Enter why it is no longer needed"]}


def test_only_who_asked_and_the_programme_office_withdraw(client, signed_in, council, asked, lena):
    assert signed_in(client, lena).get(page(asked, "withdraw/")).status_code == 403
    assert signed_in(client, aisha(council)).get(page(asked, "withdraw/")).status_code == 200


# Elsewhere


def test_a_request_of_another_council_or_action_is_not_found(client, signed_in, council, asked):
    other = make_authority("Southmere Council", "southmere")
    theirs = make_request(make_action(other), date(2026, 8, 7))
    second = make_action(council)

    signed_in(client, aisha(council))

    assert client.get(f"{page_of(asked.action, 'deadline')}{theirs.pk}/").status_code == 404
    assert client.get(f"{page_of(second, 'deadline')}{asked.pk}/").status_code == 404


def test_a_request_of_a_restricted_action_is_not_found(client, signed_in, council, owner):
    hidden = make_action(council, owner=owner.user, is_restricted=True, restricted_reason="About one family")
    asked = make_request(hidden, date(2026, 8, 7))

    assert signed_in(client, dee(council)).get(page(asked)).status_code == 404
