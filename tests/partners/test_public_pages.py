"""The partner's side: what the holder of a link sees, and that nothing but sending an answer uses it."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.actions.pages import date_boxes, errors_of, text_of
from tests.factories import NOW, REASON, TODAY
from tests.partners.making import EVIDENCE, NEW_DATE, UPDATE, make_answer, make_link, make_partner_action, page_of
from tracker.actions import changes as action_changes
from tracker.audit.history import save_because
from tracker.partners import changes
from tracker.partners.models import PartnerAnswer, PartnerLink

FORMS = ["update", "evidence", "new-date"]
POSTED = {
    "update": UPDATE,
    "evidence": EVIDENCE,
    "new-date": {**{k: v for k, v in NEW_DATE.items() if k != "new_date"}, **date_boxes("to", NEW_DATE["new_date"])},
}


@pytest.fixture
def owner(council):
    return factories.priya(council)


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def action(council, owner):
    return make_partner_action(
        council, owner=owner.user, description="DESCRIPTIONMARK", outcome="OUTCOMEMARK", deadline=date(2026, 7, 31)
    )


@pytest.fixture
def made(action, office):
    return make_link(action, by=office.user)


@pytest.fixture
def secret(made):
    return made[1]


# Looking


def test_the_link_shows_the_action_and_who_asks_whom(client, secret):
    answer = client.get(page_of(secret))
    page = text_of(answer)

    assert answer.status_code == 200
    for words in (
        "Send notifications within the hour",
        "Action 3.1, Northbridge Police",
        "Due Friday 31 July 2026.",
        "Aisha Rahman of Northbridge County Council asks you, Sgt Jo Hall,",
        "Say how it is going",
        "Say where evidence is kept",
        "Ask for a new date",
        "on Saturday 9 May 2026",
        "01632 960 123",
    ):
        assert words in page


def test_the_link_shows_nothing_else_of_the_plan(client, council, action, secret):
    factories.make_update(action, "NARRATIVEMARK")
    factories.make_evidence(action, "EVIDENCEMARK")
    factories.make_milestone(action, "MILESTONEMARK")
    make_partner_action(council, title="OTHERMARK")

    shown = "".join(client.get(page_of(secret, form)).content.decode() for form in ("", *FORMS))

    assert re.findall(r"[A-Z]+MARK", shown) == []
    assert "Priya" not in shown
    assert "/plans/" not in shown


def test_whoever_is_signed_in_sees_the_council_that_asked_and_no_menu(client, secret, signed_in):
    elsewhere = factories.make_authority("Southbridge", "southbridge")
    signed_in(client, factories.make_member(elsewhere, "programme_office", "Olu Bello"))

    page = client.get(page_of(secret))

    assert "Southbridge" not in page.content.decode()
    assert "Olu Bello" not in page.content.decode()
    assert "My actions" not in text_of(page)


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_mail_scanner_that_opens_every_address_uses_nothing_up(client, secret, method):
    for _ in range(3):
        for form in ("", *FORMS):
            assert getattr(client, method)(page_of(secret, form)).status_code == 200

    assert PartnerLink.objects.get().history.count() == 1
    assert not PartnerAnswer.objects.exists()


def test_looking_writes_nothing(client, secret):
    with CaptureQueriesContext(connection) as captured:
        for form in ("", *FORMS):
            client.get(page_of(secret, form))

    asked = [q["sql"] for q in captured if not re.search("doors_knocks|SAVEPOINT", q["sql"])]  # Counting apart.
    assert [sql for sql in asked if not sql.startswith("SELECT")] == []
    assert len(asked) == 4


@pytest.mark.parametrize("form", ["", *FORMS])
def test_a_page_is_kept_out_of_caches_search_and_referrers(client, secret, form):
    answer = client.get(page_of(secret, form))

    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()
    # A form's page tells its own site where it comes from, and no other; see views.public.
    assert answer["Referrer-Policy"] == ("same-origin" if form else "no-referrer")
    assert not re.search(r'(href|src|action)="https?://', answer.content.decode())


# Answering


@pytest.mark.parametrize("form", FORMS)
def test_what_is_sent_waits_and_the_sender_is_thanked(client, secret, form):
    answer = client.post(page_of(secret, form), POSTED[form], follow=True)
    page = text_of(answer)

    assert answer.redirect_chain == [(page_of(secret), 302)]
    assert "Thank you, Sgt Jo Hall" in page
    assert "An officer of Northbridge County Council reads it. It counts once they accept it." in page
    assert "This link has been used" in page
    assert PartnerAnswer.objects.get().state == "waiting"


def test_a_link_that_was_used_says_so_and_whom_to_ask(client, secret):
    client.post(page_of(secret, "update"), UPDATE)

    for form in ("", *FORMS):
        answer = client.get(page_of(secret, form))
        assert answer.status_code == 200
        assert "ask Aisha Rahman on 01632 960 123" in text_of(answer)
        assert "<form" not in answer.content.decode()


def test_the_same_form_sent_twice_is_one_answer_and_two_thanks(client, secret):
    first = client.post(page_of(secret, "update"), UPDATE)
    second = client.post(page_of(secret, "update"), UPDATE)

    assert (first["Location"], second["Location"]) == (page_of(secret), page_of(secret))
    assert PartnerAnswer.objects.count() == 1


def test_two_who_share_a_link_at_once_the_second_gets_their_words_back(client, secret):
    client.post(page_of(secret, "update"), UPDATE)

    answer = client.post(page_of(secret, "update"), {"rating": "off_track", "narrative": "Nobody has started."})

    assert answer.status_code == 410
    assert "It was used on Wednesday 6 May 2026" in text_of(answer)
    assert "what you have just written was not sent" in text_of(answer)
    assert "Nobody has started." in text_of(answer)
    assert PartnerAnswer.objects.get().narrative == UPDATE["narrative"]


@pytest.mark.parametrize(
    ("form", "changed", "errors"),
    [
        ("update", {"rating": ""}, {"rating": ["Select how it is going"]}),
        ("update", {"narrative": " "}, {"narrative": ["Enter what has changed"]}),
        ("evidence", {"evidence_title": ""}, {"evidence_title": ["Enter what the evidence is"]}),
        ("evidence", {"evidence_location": ""}, {"evidence_location": ["Enter where it is kept"]}),
        (
            "evidence",
            date_boxes("evidence_dated_on", date(2026, 5, 7)),
            {"evidence_dated_on": ["The date of the document must be today or in the past"]},
        ),
        ("new-date", {"reason_kind": ""}, {"reason_kind": ["Select what kind of reason it is"]}),
        ("new-date", {"reason": ""}, {"reason": ["Enter why it needs to move"]}),
        ("new-date", {"effect_on_children": ""}, {"effect_on_children": ["Enter what it means for children"]}),
        (
            "new-date",
            date_boxes("to", date(2026, 7, 31)),
            {"to": ["That is the present deadline. Choose another day."]},
        ),
    ],
)
def test_an_error_is_said_and_the_link_still_works(client, secret, form, changed, errors):
    answer = client.post(page_of(secret, form), POSTED[form] | changed)

    assert answer.status_code == 200
    assert errors_of(answer) == errors
    assert "There is a problem" in text_of(answer)
    assert not PartnerAnswer.objects.exists()
    assert client.post(page_of(secret, form), POSTED[form]).status_code == 302


@pytest.mark.parametrize(
    ("form", "field"), [("update", "narrative"), ("evidence", "evidence_location"), ("new-date", "reason")]
)
def test_a_text_that_may_identify_a_child_is_stopped_once(client, secret, form, field):
    posted = POSTED[form] | {field: "See case number 1234567."}

    stopped = client.post(page_of(secret, form), posted)
    sent = client.post(page_of(secret, form), posted | {"safe_because": "It is the number of a file of ours."})

    assert errors_of(stopped) == {field: ["This may identify a child. Remove it or say why it is safe."]}
    assert sent.status_code == 302
    assert PartnerAnswer.objects.get().safe_because == "It is the number of a file of ours."


def test_nothing_is_sent_without_the_token_of_the_form(secret):
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(page_of(secret, "update")).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)

    assert strict.post(page_of(secret, "update"), UPDATE).status_code == 403
    assert not PartnerAnswer.objects.exists()
    assert strict.post(page_of(secret, "update"), UPDATE | {"csrfmiddlewaretoken": token}).status_code == 302


def test_the_page_of_the_link_itself_takes_nothing(client, secret):
    assert client.post(page_of(secret), UPDATE).status_code == 405


def test_a_new_date_is_not_offered_without_a_deadline(client, council, office):
    _, secret = make_link(make_partner_action(council, deadline=None), by=office.user)

    assert "Ask for a new date" not in text_of(client.get(page_of(secret)))
    assert client.get(page_of(secret, "new-date")).status_code == 404


# Dead and wrong links


def end_by(why, action, link, office, today):
    if why == "withdrawn":
        changes.withdraw(link, by=office.user, at=NOW)
    elif why == "expired":
        today(TODAY + timedelta(days=4))
    elif why == "reassigned":
        action_changes.hand_over(action, to=factories.dee(action.authority).user, by=None, on=TODAY, reason=REASON)
    elif why == "closed":
        action_changes.cancel(action, by=None, on=TODAY, reason=REASON)
    else:
        action.is_restricted, action.restricted_reason = True, "SECRETMARK"
        save_because(action, by=None, reason=REASON)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("withdrawn", "Northbridge County Council withdrew it on Wednesday 6 May 2026."),
        ("expired", "It worked until 10:00am on Saturday 9 May 2026."),
        ("reassigned", "The action it was about is with somebody else now."),
        ("closed", "The action it was about needs no more answers."),
        ("restricted", "The action it was about is no longer open to links."),
    ],
)
def test_the_holder_of_a_dead_link_is_told_why_and_no_more_of_the_action(
    client, action, made, office, today, why, words
):
    link, secret = made
    end_by(why, action, link, office, today)

    answers = [client.get(page_of(secret, form)) for form in ("", *FORMS)]
    posted = client.post(page_of(secret, "update"), UPDATE)

    for answer in (*answers, posted):
        page = text_of(answer)
        assert answer.status_code == 410
        assert "This link no longer works" in page
        assert words in page
        assert "ask Aisha Rahman" in page
        for hidden in (action.title, "3.1", "SECRETMARK", "31 July"):
            assert hidden not in page
    assert "Two officers have started." in text_of(posted)
    assert not PartnerAnswer.objects.exists()


def test_wrong_cut_and_forged_links_look_like_any_page_that_is_not_there(client, secret):
    wrong = [secret[:-1], f"{secret}A", secret.swapcase(), "A" * 43, "x", "partner", "%00"]

    for number, token in enumerate(wrong):
        place = {"REMOTE_ADDR": f"192.0.2.{number}"}  # One place is soon told that it tries too often.
        for form in ("", *FORMS):
            assert client.get(page_of(token, form), **place).status_code == 404
        assert client.post(page_of(token, "update"), UPDATE, **place).status_code == 404
    assert not PartnerAnswer.objects.exists()


def test_another_links_address_answers_for_its_own_action_only(client, council, action, secret, office):
    other = make_partner_action(council, title="The other one")
    link, other_secret = make_link(other, by=office.user)

    client.post(page_of(other_secret, "update"), UPDATE)

    assert PartnerAnswer.objects.get().link == link
    assert client.get(page_of(secret)).status_code == 200
    assert "The other one" not in text_of(client.get(page_of(secret)))


def test_html_in_what_people_write_is_text(client, council, office, signed_in):
    action = make_partner_action(council, title="<script>alert(1)</script>")
    link, secret = make_link(action, by=office.user, person_name="<b>Jo</b>")

    assert b"<script>alert" not in client.get(page_of(secret)).content
    assert b"<b>Jo" not in client.get(page_of(secret)).content
    answer = make_answer(link, narrative="<img src=x>")
    assert b"<img" not in signed_in(client, office).get(answer.get_absolute_url()).content
