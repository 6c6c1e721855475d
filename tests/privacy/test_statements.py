"""What everyone may read about access, their data and cookies, and how a council puts it in its own words."""

import pytest

from tests import factories
from tests.actions.pages import errors_of, text_of
from tracker.privacy.models import Statement
from tracker.privacy.rules import Part, filled_in, parts_of
from tracker.privacy.statements import words_that_come_with_it

KINDS = list(Statement.Kind.values)
OWN = {"text": "# Ours\n\nAsk (contact) of (council).", "reason": "Agreed by the data protection officer"}


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(client, factories.aisha(council))


@pytest.mark.parametrize("kind", KINDS)
def test_everyone_can_read_them_without_signing_in(client, council, kind):
    page = client.get(f"/{kind}/northbridge/")

    assert page.status_code == 200
    assert "Northbridge County Council" in text_of(page)
    assert "Aisha Rahman on 01632 960 123" in text_of(page)
    assert client.get(f"/{kind}/").status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_linked_at_the_foot_of_every_page(client, signed_in, council, kind):
    assert f'href="/{kind}/"' in client.get("/sign-in/").content.decode()
    signed_in(client, factories.priya(council))
    assert f'href="/{kind}/northbridge/"' in client.get("/my-actions/").content.decode()


def test_a_council_that_is_not_here_has_none(client, council):
    assert client.get("/privacy/nowhere/").status_code == 404


def test_without_a_council_nobody_is_named(client, council):
    assert "Northbridge" not in text_of(client.get("/privacy/"))


def test_the_programme_office_puts_its_own_words_and_everyone_reads_them(client, office, council):
    answer = office.post("/statements/privacy/", OWN, follow=True)

    assert "Ours Ask Aisha Rahman on 01632 960 123 of Northbridge County Council." in text_of(answer)
    assert "Whose details are here" not in text_of(answer)
    office.logout()
    assert "Ours" in text_of(client.get("/privacy/northbridge/"))
    row = Statement.objects.get().history.get()
    assert (row.actor, row.history_change_reason, row.text) == ("Aisha Rahman", OWN["reason"], OWN["text"])


def test_empty_words_bring_back_those_that_come_with_the_tracker(office):
    office.post("/statements/privacy/", OWN)
    seen = office.get("/statements/privacy/").context["form"].initial["seen"]
    office.post("/statements/privacy/", {"text": "", "reason": "Theirs say it better", "seen": seen})

    assert "Whose details are here" in text_of(office.get("/privacy/northbridge/"))
    assert Statement.objects.get().history.count() == 2


def test_two_people_who_write_at_once_do_not_lose_either_text(office, council):
    office.post("/statements/privacy/", OWN)
    late = office.post("/statements/privacy/", {"text": "Mine", "reason": "Mine too"})

    assert "Aisha Rahman saved it while you were writing." in text_of(late)
    assert "Mine" in late.content.decode()
    assert Statement.objects.get().text == OWN["text"]
    office.post(
        "/statements/privacy/", {"text": "Mine", "reason": "Mine too", "seen": late.context["form"].data["seen"]}
    )
    assert Statement.objects.get().text == "Mine"


def test_the_same_words_again_are_no_change(office):
    office.post("/statements/privacy/", OWN)
    seen = office.get("/statements/privacy/").context["form"].initial["seen"]

    assert "text" in errors_of(office.post("/statements/privacy/", {**OWN, "seen": seen}))


def test_mark_up_in_a_statement_is_text(office):
    office.post("/statements/cookies/", {"text": "<script>alert(1)</script>", "reason": "A try"})

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in office.get("/cookies/northbridge/").content.decode()


@pytest.mark.parametrize("who", ["priya", "rachel", "helen", "ines"])
def test_only_the_programme_office_changes_them(client, signed_in, council, who):
    signed_in(client, getattr(factories, who)(council))

    assert client.get("/statements/").status_code == 403
    assert client.post("/statements/privacy/", OWN).status_code == 403
    assert client.get("/statements/nothing/").status_code == 404
    assert not Statement.objects.exists()


def test_another_council_keeps_its_own_words(client, signed_in, office, council):
    office.post("/statements/privacy/", OWN)
    elsewhere = factories.make_authority("Southmere Borough Council", "southmere")
    signed_in(client, factories.make_member(elsewhere, "programme_office", "Nia Hughes"))

    assert "Those that come with the tracker" in text_of(client.get("/statements/"))
    assert "Ours" not in text_of(client.get("/privacy/southmere/"))


def test_the_cookies_page_names_the_cookies_there_are(office, settings):
    office.get("/my-actions/")

    assert set(office.cookies) <= {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert settings.SESSION_COOKIE_AGE == 12 * 60 * 60
    assert settings.CSRF_COOKIE_AGE == 364 * 24 * 60 * 60 or settings.CSRF_COOKIE_AGE == 60 * 60 * 24 * 7 * 52
    assert "__Host-session and __Host-csrf" in words_that_come_with_it("cookies")


def test_what_was_saved_is_told_without_a_cookie(office):
    answer = office.post("/statements/privacy/", OWN)

    assert "messages" not in answer.cookies


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("One\ntwo\n\nthree", [Part(paragraph="One two"), Part(paragraph="three")]),
        ("# Head\nText", [Part(heading="Head"), Part(paragraph="Text")]),
        ("* a\n* b\nAfter", [Part(lines=["a", "b"]), Part(paragraph="After")]),
        ("Before\n* a", [Part(paragraph="Before"), Part(lines=["a"])]),
    ],
)
def test_how_a_text_is_read(text, parts):
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("contact", "phone", "whom"),
    [
        ("Aisha Rahman", "01632 960 123", "Aisha Rahman on 01632 960 123"),
        ("Aisha Rahman", "", "Aisha Rahman"),
        ("", "", "the improvement programme office of the council"),
    ],
)
def test_whom_to_ask(contact, phone, whom):
    assert filled_in("Ask (contact).", council="", contact=contact, phone=phone) == f"Ask {whom}."
