"""Giving inspectors access, to all or a part, until a day or at once; and the record of what they opened."""

import csv
import io
import re
from datetime import date, datetime
from urllib.parse import urlsplit

import pytest

from accounts import changes
from accounts.models import Membership, Notice, OpenedPage, SignIn, User
from accounts.roles import Role
from tests import factories
from tests.actions.pages import date_boxes, errors_of, text_of
from tests.factories import NOW, PASSWORD, TODAY
from tracker.dates.clock import LONDON

LIST, GIVE, PAGES = "/people/inspectors/", "/people/inspectors/give-access/", "/people/inspectors/pages/"


def given(**changed):
    """What the programme office types for Ines Moreau, from today to 31 July 2026."""
    values = {
        "email": "ines.moreau@ofsted.example",
        "name": "Ines Moreau",
        "scope": "all",
        **date_boxes("starts_on", TODAY),
        **date_boxes("ends_on", date(2026, 7, 31)),
    }
    return {**values, **changed}


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(client, factories.aisha(council))


@pytest.fixture
def other_browser(council):
    from django.test import Client

    return Client()


def sign_in(browser, email="ines.moreau@ofsted.example", password=PASSWORD):
    return browser.post("/sign-in/", {"login": email, "password": password})


def access() -> Membership:
    return Membership.objects.get(role=Role.INSPECTOR)


# Giving


def email_to(address="ines.moreau@ofsted.example") -> str:
    """The text of the newest invitation that waits for someone, as the post will send it."""
    return Notice.objects.filter(user__email=address, subject__contains="invites you").latest("pk").text


def choose_password(browser, password=PASSWORD):
    link = urlsplit(re.search(r"https?://\S+/invitation/\S+", email_to())[0]).path
    return browser.post(link, {"password1": password})


def test_an_inspector_is_given_access_and_comes_in_by_the_link_of_an_email(office, other_browser):
    page = text_of(office.post(GIVE, given(), follow=True))

    assert "Ines Moreau has access until 31 July 2026." in page
    assert "Everything that is not restricted" in page
    assert "as Inspector" in email_to()
    assert "Your access ends on 31 July 2026." in email_to()
    choose_password(other_browser)
    assert sign_in(other_browser)["Location"] == "/"
    assert other_browser.get("/inspect/").status_code == 200
    written = access().history.get()
    assert (written.actor, written.history_change_reason) == (
        "Aisha Rahman",
        "Access for an inspector from 6 May 2026 to 31 July 2026",
    )


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"email": ""}, "email", "Enter an email address"),
        ({"email": "nobody"}, "email", "Enter an email address in the correct format"),
        ({"name": " "}, "name", "Enter their full name"),
        ({"scope": ""}, "scope", "Select what they may see"),
        ({"scope": "plan:of-another-council"}, "scope", "Select what they may see"),
        (dict.fromkeys(date_boxes("ends_on", TODAY), ""), "ends_on", "Enter the last day of access"),
        (date_boxes("ends_on", date(2026, 5, 5)), "ends_on", "Enter a last day that has not passed."),
        (date_boxes("starts_on", date(2026, 8, 1)), "ends_on", "Enter a last day that is not before the first."),
    ],
)
def test_what_cannot_be_given_is_said_and_nothing_is_saved(office, changed, field, words):
    answer = office.post(GIVE, given(**changed))

    assert any(words in error for error in errors_of(answer)[field])
    assert not User.objects.filter(email="ines.moreau@ofsted.example").exists()
    assert not Membership.objects.filter(role=Role.INSPECTOR).exists()


def test_someone_who_works_here_does_not_inspect_here(office, council):
    factories.priya(council)

    answer = office.post(GIVE, given(email="PRIYA.nair@council.example"))

    assert errors_of(answer)["email"] == ["Priya Nair works in this council. An inspector has no other role in it."]


def test_access_is_not_given_twice(office):
    office.post(GIVE, given())

    answer = office.post(GIVE, given())

    assert errors_of(answer)["email"] == ["Ines Moreau has access already. Change it in the list of inspectors."]


def test_someone_who_was_switched_off_is_not_let_in_by_this_door(office):
    changes.switch_off(
        factories.make_user("Ines Moreau", "ines.moreau@ofsted.example"), by=None, reason="Left the service"
    )

    assert "was switched off" in errors_of(office.post(GIVE, given()))["email"][0]


@pytest.mark.parametrize("known", ["works elsewhere", "has signed in", "runs the installation"])
def test_someone_who_is_known_keeps_their_password_and_gets_no_link(office, known):
    """Else whoever gives access here could sign in as them there."""
    user = factories.make_user("Ines Moreau", "ines.moreau@ofsted.example")
    if known == "works elsewhere":
        factories.make_member(factories.make_authority("Southmere", "southmere"), Role.DIRECTOR, user=user)
    elif known == "has signed in":
        changes.note_sign_in(user, at=NOW)
    else:
        User._base_manager.filter(pk=user.pk).update(is_staff=True)
    before = User.objects.get(pk=user.pk).password

    office.post(GIVE, given())

    assert "Sign in as you are used to" in email_to()
    assert "/invitation/" not in email_to()
    assert User.objects.get(pk=user.pk).password == before


def test_the_email_is_written_again_and_its_link_works_until_a_password_is_chosen(office, other_browser):
    office.post(GIVE, given())
    address = f"{LIST}{access().pk}/write-again/"

    page = text_of(office.post(address, follow=True))

    assert "The email to Ines Moreau goes out again within a minute or two." in page
    assert Notice.objects.count() == 2
    assert choose_password(other_browser).status_code == 302
    assert choose_password(other_browser).status_code == 410
    assert office.get(address).status_code == 405


# Days


def test_before_the_first_day_nobody_gets_in(office, other_browser):
    office.post(GIVE, given(**date_boxes("starts_on", date(2026, 5, 7))))
    assert "Your access begins on 7 May 2026." in email_to()
    choose_password(other_browser)

    answer = sign_in(other_browser)

    assert "Your access begins on 7 May 2026." in text_of(answer)
    assert not SignIn.objects.exists()


def test_after_the_last_day_sign_in_is_refused_and_open_sessions_are_over(council, other_browser, client, today):
    ines = factories.ines(council)
    sign_in(client, ines.user.email)
    assert client.get("/inspect/").status_code == 200

    today(date(2026, 8, 1))

    answer = client.get("/inspect/")
    assert (answer.status_code, "Your access has ended." in text_of(answer)) == (403, True)
    assert "_auth_user_id" not in client.session
    assert "Your access has ended." in text_of(sign_in(other_browser, ines.user.email))
    assert "_auth_user_id" not in other_browser.session


def test_a_wrong_password_does_not_tell_that_access_has_ended(council, client, today):
    ines = factories.ines(council)
    today(date(2026, 8, 1))

    assert "ended" not in text_of(sign_in(client, ines.user.email, "wrong"))


def test_access_ended_at_once_is_over_at_the_next_request(office, council, other_browser, signed_in):
    ines = factories.ines(council)
    sign_in(other_browser, ines.user.email)
    assert other_browser.get("/inspect/").status_code == 200

    page = text_of(office.post(f"{LIST}{access().pk}/end/", {"reason": "The visit is over"}, follow=True))

    assert "Ines Moreau has no access any more." in page
    assert "Ended on 6 May 2026 at" in page
    assert other_browser.get("/inspect/").status_code == 403
    assert "_auth_user_id" not in other_browser.session
    assert access().history.latest().history_change_reason == "The visit is over"


def test_ending_needs_a_reason_and_happens_once(office, council):
    factories.ines(council)
    address = f"{LIST}{access().pk}/end/"

    assert errors_of(office.post(address, {"reason": ""}))["reason"] == ["Enter why it ends"]
    assert access().ended_at is None
    office.post(address, {"reason": "Over"})
    assert errors_of(office.post(address, {"reason": "Over"}))["reason"] == ["This access has ended already."]
    again = {**given(), "reason": "Longer"}
    assert errors_of(office.post(f"{LIST}{access().pk}/", again))["ends_on"] == [
        "This access has ended. Give them access again."
    ]


def test_access_that_ended_can_be_given_again(office, council):
    ines = factories.ines(council)
    office.post(f"{LIST}{access().pk}/end/", {"reason": "Over"})

    office.post(GIVE, given(email=ines.user.email))

    assert access().ended_at is None
    assert access().history.count() == 3


def test_the_days_are_changed_for_a_reason(office, council):
    factories.ines(council)
    longer = {**given(), **date_boxes("ends_on", date(2026, 9, 30)), "reason": "A second visit"}

    page = text_of(office.post(f"{LIST}{access().pk}/", longer, follow=True))

    assert "Ines Moreau has access until 30 September 2026." in page
    assert access().history.latest().history_change_reason == "A second visit"


# Who may


@pytest.mark.parametrize(
    ("role", "status", "pages"),
    [
        (Role.PROGRAMME_OFFICE, 200, 200),
        (Role.ADMINISTRATOR, 200, 403),
        (Role.DIRECTOR, 403, 403),
        (Role.ACTION_OWNER, 403, 403),
        (Role.COUNCILLOR, 403, 403),
        (Role.PARTNER, 403, 403),
    ],
)
def test_who_keeps_people_gives_access_and_the_programme_office_reads_the_record(
    council, client, signed_in, role, status, pages
):
    factories.ines(council)
    signed_in(client, factories.make_member(council, role))

    for address in (LIST, GIVE, f"{LIST}{access().pk}/", f"{LIST}{access().pk}/end/"):
        assert client.get(address).status_code == status, address
    for address in (PAGES, "/people/inspectors/pages.csv"):
        assert client.get(address).status_code == pages, address


def test_another_councils_inspector_is_not_found(office, council):
    other = factories.make_authority("Southmere", "southmere")
    theirs = factories.make_member(other, Role.INSPECTOR, "Ivo Their").memberships[0]

    for address in (f"{LIST}{theirs.pk}/", f"{LIST}{theirs.pk}/end/"):
        assert office.get(address).status_code == 404
        assert office.post(address, {"reason": "Over"}).status_code == 404
    assert office.post(f"{LIST}{theirs.pk}/password/").status_code == 404
    assert "Ivo Their" not in text_of(office.get(LIST))
    assert factories.fresh(theirs).ended_at is None


def test_a_council_without_inspectors_is_told_what_will_be_here(office):
    assert "Nobody has been given access as an inspector yet." in text_of(office.get(LIST))
    assert "No inspector has opened a page yet." in text_of(office.get(PAGES))


# The record


def opened(council, user, **fields):
    values = {"method": "GET", "address": "/plan/", "title": "Plan", "status": 200, "at": NOW, **fields}
    return changes.note_opened_page(council, user, **values)


def test_each_page_an_inspector_opens_is_recorded_and_shown_to_the_council(council, client, signed_in):
    factories.make_action(council)
    ines = factories.ines(council)
    signed_in(client, ines)
    client.get("/inspect/")
    client.get("/inspect/actions/action/?q=3.1")
    client.get("/inspect/actions/action/?download=csv")
    client.get("/inspect/nowhere/")
    client.get("/people/")
    client.post("/plan/")

    page = text_of(signed_in(client, factories.aisha(council)).get(PAGES))

    assert "6 pages were opened." in page
    assert "Ines Moreau Inspector home /inspect/ Shown" in page
    assert "– /inspect/actions/action/?q=3.1 Sent on to another page" in page
    assert "northbridge-actions.csv /inspect/actions/action/?download=csv Shown" in page
    assert "/inspect/nowhere/ Not found" in page
    assert "/people/ Refused" in page
    assert "/plan/ Refused" in page


def test_pages_of_the_councils_own_people_are_not_recorded(office):
    office.get("/inspect/")

    assert not OpenedPage.objects.exists()


def test_a_page_that_cannot_be_recorded_is_not_shown(council, client, signed_in, monkeypatch):
    signed_in(client, factories.ines(council))

    def broken(*args, **kwargs):
        raise RuntimeError("The disk is full")

    monkeypatch.setattr(changes, "note_opened_page", broken)
    client.raise_request_exception = False

    assert client.get("/inspect/").status_code == 500


def test_the_record_is_filtered_and_taken_away(office, council):
    ines, ivo = factories.ines(council).user, factories.make_member(council, Role.INSPECTOR, "Ivo Rask").user
    opened(council, ines, title="=3.1 Screen", address="/inspect/actions/action/1/change/")
    opened(council, ines, at=datetime(2026, 5, 4, 23, 59, 59, tzinfo=LONDON))
    opened(council, ivo, at=datetime(2026, 5, 5, 0, 0, tzinfo=LONDON))

    def total(query: str) -> int:
        return office.get(f"{PAGES}?{query}").context["opened"].total

    day = "first_on-day=5&first_on-month=5&first_on-year=2026"
    assert total("") == 3
    assert total(f"who={ines.pk}") == 2
    assert total("words=screen") == 1
    assert total("words=action/1") == 1
    assert total(day) == 2
    assert total(day.replace("first", "last")) == 2
    assert total(f"{day}&{day.replace('first', 'last')}") == 1
    rows = list(csv.reader(io.StringIO(b"".join(office.get("/people/inspectors/pages.csv")).decode("utf-8-sig"))))
    assert len(rows) == 4
    assert rows[1] == [
        "6 May 2026",
        "10:00am",
        "Ines Moreau",
        "'=3.1 Screen",
        "/inspect/actions/action/1/change/",
        "Looked at",
    ]


@pytest.mark.parametrize(
    "query", ["who=zzz", "first_on-day=31&first_on-month=2&first_on-year=2026", "page=zzz", "words=%00"]
)
def test_what_cannot_be_asked_of_the_record_breaks_nothing(office, council, query):
    opened(council, factories.ines(council).user)

    assert office.get(f"{PAGES}?{query}").status_code == 200


def test_days_in_the_wrong_order_are_said(office, council):
    first, last = date_boxes("first_on", date(2026, 5, 6)), date_boxes("last_on", date(2026, 5, 5))

    answer = office.get(PAGES, {**first, **last})

    assert errors_of(answer)["last_on"] == ["Enter a last day that is not before the first"]


def test_the_record_of_another_council_is_not_shown(office, council):
    other = factories.make_authority("Southmere", "southmere")
    opened(other, factories.make_member(other, Role.INSPECTOR, "Ivo Their").user)

    assert "Ivo Their" not in text_of(office.get(PAGES))
    assert "Ivo Their" not in b"".join(office.get("/people/inspectors/pages.csv")).decode()


def test_the_record_is_kept_for_the_months_the_council_sets(office, council):
    ines = factories.ines(council).user
    other = factories.make_authority("Southmere", "southmere")
    changes.set_practice(council, code="opened_pages", value=12, source="Our schedule", by=None, reason="Shorter")
    for day in (datetime(2025, 4, 30, 23, 59, tzinfo=LONDON), datetime(2025, 5, 1, 0, 0, tzinfo=LONDON)):
        opened(council, ines, at=day)
        opened(other, ines, at=day)

    assert changes.forget_opened_pages(on=TODAY) == 1

    assert OpenedPage.objects.of(council).get().at == datetime(2025, 5, 1, 0, 0, tzinfo=LONDON)
    assert OpenedPage.objects.of(other).count() == 2
    assert "It is kept for 12 months, then removed." in text_of(office.get(PAGES))
