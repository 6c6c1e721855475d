"""The council's side: make a link, stop it, decide what came back."""

import re
from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests import factories
from tests.actions.pages import errors_of, messages_of, text_of
from tests.factories import REASON, TODAY, fresh
from tests.partners.making import make_answer, make_link, make_partner_action, page_of
from tracker.actions import changes as action_changes
from tracker.actions.models import DeadlineRequest, Evidence, ProgressUpdate
from tracker.partners import changes
from tracker.partners.models import PartnerLink

ANSWERS = "/partners/answers/"


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def action(council):
    return make_partner_action(council, owner=factories.priya(council).user)


@pytest.fixture
def link(action, office):
    return make_link(action, by=office.user)[0]


def make_page(action) -> str:
    return f"{action.get_absolute_url()}partner-link/"


# Making a link


def test_the_office_makes_a_link_that_is_shown_once_with_a_message_to_send(client, action, office, signed_in):
    signed_in(client, office)
    posted = {"person_name": "Sgt Jo Hall", "person_post": "Duty sergeant", "sent_to": "jo.hall@police.example"}

    made = client.post(make_page(action), posted)
    message = made.context["message"]
    again = client.get(make_page(action))

    assert message.address in made.content.decode()
    secret = urlsplit(message.address).path.split("/")[2]
    assert client.get(page_of(secret)).status_code == 200
    assert made["Cache-Control"] == "no-store, private"
    assert secret not in again.content.decode()
    assert "Sgt Jo Hall, Northbridge Police Duty sergeant 6 May 2026 by Aisha Rahman Works until" in text_of(again)
    mail = urlsplit(message.mailto)
    assert unquote(mail.path) == "jo.hall@police.example"
    body = parse_qs(mail.query)["body"][0]
    assert parse_qs(mail.query)["subject"] == ["Action 3.1 of our improvement plan: how is it going?"]
    for words in ("Dear Sgt Jo Hall,", message.address, "It works once, until", "Do not name any child or family"):
        assert words in body
    assert PartnerLink.objects.get().sent_to == "jo.hall@police.example"


@pytest.mark.parametrize(
    ("posted", "errors"),
    [
        ({"person_name": ""}, {"person_name": ["Enter the name of the person it is for"]}),
        (
            {"person_name": "Jo", "sent_to": "jo"},
            {"sent_to": ["Enter an email address in the correct format, like name@example.com"]},
        ),
        (
            {"person_name": "Jo", "sent_to": "jo@police.example\r\nBcc: x@y.example"},
            {"sent_to": ["Enter an email address in the correct format, like name@example.com"]},
        ),
    ],
)
def test_a_link_without_a_person_or_with_a_wrong_address_is_not_made(client, action, office, signed_in, posted, errors):
    answer = signed_in(client, office).post(make_page(action), posted)

    assert errors_of(answer) == errors
    assert not PartnerLink.objects.exists()


def test_a_name_cannot_add_a_recipient_to_the_message(client, action, office, signed_in):
    answer = signed_in(client, office).post(make_page(action), {"person_name": "Jo?&cc=x@y.example#"})

    assert list(parse_qs(urlsplit(answer.context["message"].mailto).query)) == ["subject", "body"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"agency": None}, "3.1 belongs to no partner agency. Choose its agency first."),
        ({"is_restricted": True, "restricted_reason": "x"}, "3.1 is restricted, and a link can be opened by"),
        ({"claimed_on": TODAY}, "3.1 is finished or waits to be checked, so there is nothing to ask."),
    ],
)
def test_where_no_link_can_be_made_the_page_says_why(client, council, office, signed_in, fields, words):
    action = make_partner_action(council, **fields)
    signed_in(client, office)

    for answer in (client.get(make_page(action)), client.post(make_page(action), {"person_name": "Jo"})):
        assert words in text_of(answer)
        assert "<textarea" not in answer.content.decode()
    assert not PartnerLink.objects.exists()


@pytest.mark.parametrize(
    "role", [Role.DIRECTOR, Role.ACTION_OWNER, Role.COUNCILLOR, Role.INSPECTOR, Role.PRIORITY_LEAD, Role.PARTNER]
)
def test_nobody_else_makes_a_link_or_sees_what_came_back(client, council, action, link, signed_in, role):
    answer = make_answer(link)
    signed_in(client, factories.make_member(council, role, "Somebody Else"))

    assert client.get(make_page(action)).status_code == 403
    assert client.post(make_page(action), {"person_name": "Jo"}).status_code == 403
    assert client.get(ANSWERS).status_code == 403
    assert client.get(answer.get_absolute_url()).status_code == 404
    refused = 403 if role == Role.INSPECTOR else 404  # An inspector sends no form, whatever is there.
    assert client.post(answer.get_absolute_url(), {"decision": "accept"}).status_code == refused
    assert client.post(f"/partners/links/{link.pk}/withdraw/").status_code == (404 if role == Role.PARTNER else 403)
    assert PartnerLink.objects.count() == 1
    assert not ProgressUpdate.objects.exists()


def test_the_head_of_the_service_does_and_of_another_service_does_not(client, council, action, link, signed_in):
    answer = make_answer(link)
    other = factories.make_member(
        council, Role.HEAD_OF_SERVICE, "Nia Owen", service=factories.make_service(council, "Leaving care")
    )

    signed_in(client, other)
    assert client.get(make_page(action)).status_code == 403
    assert client.get(answer.get_absolute_url()).status_code == 404
    assert "No answer waits for a decision." in text_of(client.get(ANSWERS))
    signed_in(client, factories.marcus(council))
    assert client.get(make_page(action)).status_code == 200
    assert client.get(answer.get_absolute_url()).status_code == 200
    assert "1 answer waits for a decision." in text_of(client.get(ANSWERS))


def test_another_councils_office_finds_nothing(client, council, action, link, signed_in):
    answer = make_answer(link)
    elsewhere = factories.make_authority("Southbridge", "southbridge")
    signed_in(client, factories.make_member(elsewhere, Role.PROGRAMME_OFFICE, "Olu Bello"))

    pages = [make_page(action), answer.get_absolute_url(), f"/partners/links/{link.pk}/withdraw/"]
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
    assert client.post(answer.get_absolute_url(), {"decision": "accept"}).status_code == 404
    assert "Northbridge" not in text_of(client.get(ANSWERS))


# Withdrawing


def test_a_link_is_withdrawn_after_asking_once(client, action, link, office, signed_in):
    signed_in(client, office)
    page = f"/partners/links/{link.pk}/withdraw/"
    assert "It stops at once." in text_of(client.get(page))
    assert fresh(link).ended_why == ""

    answer = client.post(page)
    again = client.post(page)

    assert answer["Location"] == make_page(action)
    assert fresh(link).ended_why == "withdrawn"
    assert messages_of(answer) == ["Link withdrawn. The link for Sgt Jo Hall, Northbridge Police no longer works."]
    assert "This link does not work any more: withdrawn. Nothing was changed." in messages_of(again)


# Deciding


def test_the_list_shows_what_waits_the_links_that_work_and_whom_to_ask(client, council, action, office, signed_in):
    signed_in(client, office)
    assert "What partners say by a link comes here first." in text_of(client.get(ANSWERS))
    make_link(action, by=office.user, person_name="Insp Kay Lund")
    make_answer(make_link(action, by=office.user)[0])
    declined = make_answer(make_link(action, by=office.user)[0], "evidence")
    changes.decline(declined, by=office.user, on=TODAY, reason="We have it already.")
    secret = make_partner_action(council, title="SECRETMARK", is_restricted=True, restricted_reason="x")

    page = text_of(client.get(ANSWERS))

    assert "1 answer waits for a decision." in page
    assert "Update on 3.1" in page
    assert "Insp Kay Lund, Northbridge Police" in page
    assert "Ask by a link about 3.1" in page
    assert "Declined by Aisha Rahman, 6 May 2026 We have it already." in page
    assert f"about {secret.reference}" not in page


def test_the_list_takes_as_many_queries_for_many_as_for_one(client, council, office, signed_in):
    signed_in(client, office)

    def one_more():
        action = make_partner_action(council)
        make_link(action, by=office.user)
        make_answer(make_link(action, by=office.user)[0])
        done = make_answer(make_link(action, by=office.user)[0])
        changes.decline(done, by=office.user, on=TODAY, reason="No")

    one_more()
    with CaptureQueriesContext(connection) as one:
        client.get(ANSWERS)
    for _ in range(5):
        one_more()
    with CaptureQueriesContext(connection) as many:
        client.get(ANSWERS)

    assert len(many) == len(one)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("update", "Answer accepted. The update is now on 3.1."),
        ("evidence", "Answer accepted. The evidence is now on 3.1 and waits to be checked."),
        (
            "new_date",
            "Answer accepted. You have asked for the new deadline of 3.1, and someone else decides.",
        ),
    ],
)
def test_an_answer_is_read_and_accepted(client, action, link, office, signed_in, kind, message):
    answer = make_answer(link, kind)
    signed_in(client, office)
    page = text_of(client.get(answer.get_absolute_url()))
    assert "Given by Sgt Jo Hall, on Wednesday 6 May 2026 at 10:00am, by a link that Aisha Rahman made." in page
    assert "Nothing counts until then." in page

    done = client.post(answer.get_absolute_url(), {"decision": "accept"})

    assert done["Location"] == action.get_absolute_url()
    assert messages_of(done) == [message]
    made = {"update": ProgressUpdate, "evidence": Evidence, "new_date": DeadlineRequest}[kind]
    assert made.objects.count() == 1
    assert "Accepted by Aisha Rahman on 6 May 2026" in text_of(client.get(answer.get_absolute_url()))


def test_an_answer_is_declined_with_a_reason(client, link, office, signed_in):
    answer = make_answer(link)
    signed_in(client, office)

    nothing = client.post(answer.get_absolute_url(), {})
    without = client.post(answer.get_absolute_url(), {"decision": "decline"})
    done = client.post(answer.get_absolute_url(), {"decision": "decline", "reason": "Jo Hall has moved on."})

    assert errors_of(nothing) == {"decision": ["Select whether it counts"]}
    assert errors_of(without) == {"reason": ["Enter why you decline it"]}
    assert done["Location"] == ANSWERS
    assert messages_of(done) == ["Answer declined. Nothing has changed on 3.1."]
    assert fresh(answer).decision_reason == "Jo Hall has moved on."


def test_the_second_of_two_officers_reads_what_the_first_decided(client, council, link, office, signed_in):
    answer = make_answer(link)
    changes.decline(answer, by=factories.marcus(council).user, on=TODAY, reason="No")

    late = signed_in(client, office).post(answer.get_absolute_url(), {"decision": "accept"})

    assert errors_of(late)["__all__"] == [
        "Marcus Oyelaran has declined it already, on 6 May 2026. Nothing was changed."
    ]
    assert not ProgressUpdate.objects.exists()


def test_what_the_action_no_longer_takes_is_refused_in_plain_words(client, council, action, link, office, signed_in):
    answer = make_answer(link)
    action_changes.hand_over(action, to=factories.dee(council).user, by=None, on=TODAY, reason=REASON)
    action_changes.cancel(action, by=None, on=TODAY, reason=REASON)
    signed_in(client, office)

    page = text_of(client.get(answer.get_absolute_url()))
    refused = client.post(answer.get_absolute_url(), {"decision": "accept"})

    assert "Changed since the link was made: 3.1 is now owned by Dee Walsh." in page
    assert "Changed since the link was made: 3.1 is finished or waits to be checked." in page
    assert errors_of(refused)["__all__"] == ["3.1 is finished already, so it takes no more updates."]
    assert fresh(answer).state == "waiting"


def test_the_same_evidence_twice_and_a_second_request_are_refused_in_plain_words(client, action, office, signed_in):
    signed_in(client, office)
    for kind, words in (("evidence", "has been added already"), ("new_date", "")):
        answers = [make_answer(make_link(action, by=office.user)[0], kind) for _ in range(2)]
        first, second = (client.post(answer.get_absolute_url(), {"decision": "accept"}) for answer in answers)
        assert first.status_code == 302
        assert words in errors_of(second)["__all__"][0]
        assert fresh(answers[1]).state == "waiting"


def test_a_date_past_the_known_bank_holidays_is_refused_in_plain_words(client, link, office, signed_in):
    answer = make_answer(link, "new_date", new_date=date(2090, 1, 4))

    refused = signed_in(client, office).post(answer.get_absolute_url(), {"decision": "accept"})

    assert re.search("bank holidays are not known so far ahead", errors_of(refused)["__all__"][0])


def test_an_accepted_answer_can_be_read_by_those_who_see_the_plan_and_decided_by_nobody(
    client, council, link, office, signed_in
):
    answer = make_answer(link)
    signed_in(client, office).post(answer.get_absolute_url(), {"decision": "accept"})
    signed_in(client, factories.make_member(council, Role.COUNCILLOR, "Judith Lowe"))

    page = client.get(answer.get_absolute_url())

    assert "Two officers have started." in text_of(page)
    assert "Save decision" not in text_of(page)
    assert client.post(answer.get_absolute_url(), {"decision": "decline", "reason": "x"}).status_code == 403


# Inspectors


def test_inspectors_see_links_without_addresses_and_only_answers_that_were_accepted(
    client, council, action, office, signed_in
):
    accepted = make_answer(make_link(action, by=office.user, sent_to="ADDRESSMARK@police.example")[0], narrative="YES")
    waiting = make_answer(make_link(action, by=office.user)[0], narrative="DRAFTMARK")
    signed_in(client, office).post(accepted.get_absolute_url(), {"decision": "accept"})
    signed_in(client, factories.ines(council))

    shown = "".join(
        client.get(f"/inspect/partners/{address}").content.decode()
        for address in (
            "partnerlink/",
            "partnerlink/changes/",
            f"partnerlink/{accepted.link_id}/change/",
            f"partnerlink/{accepted.link_id}/history/",
            "partneranswer/",
            "partneranswer/changes/",
            f"partneranswer/{accepted.pk}/change/",
            f"partneranswer/{accepted.pk}/history/",
        )
    )

    assert "Sgt Jo Hall" in shown
    assert "by a link that Aisha Rahman made" in shown
    assert "MARK" not in shown
    assert fresh(accepted.link).secret_hash not in shown
    assert client.get(f"/inspect/partners/partneranswer/{waiting.pk}/change/").status_code == 404
