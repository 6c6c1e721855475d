from datetime import date

import pytest
from django.core import signing
from django.test import Client

from accounts import changes as account_changes
from tests.factories import TODAY, make_authority, make_member, priya
from tracker.reminders.models import KindOff
from tracker.reminders.rules import REQUIRED, Kind
from tracker.reminders.unsubscribing import read_stop, stop_link

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def mail_program():
    """A mail program: no cookies, and held to the token of forms if the page asks for one."""
    return Client(enforce_csrf_checks=True)


def link_of(member, *kinds):
    return stop_link(member.authority.pk, member.user.pk, kinds or [Kind.DUE, Kind.LATE, Kind.VISIT], on=TODAY)


def test_one_click_stops_the_optional_kinds_without_signing_in(mail_program, owner):
    response = mail_program.post(link_of(owner), ONE_CLICK)

    assert response.status_code == 200
    assert "These emails are off" in response.content.decode()
    assert set(KindOff.objects.values_list("kind", "is_off")) == {("due", True), ("visit", True)}


def test_it_is_the_persons_own_doing_and_says_which_email(mail_program, owner):
    mail_program.post(link_of(owner), ONE_CLICK)

    assert set(KindOff.history.values_list("actor", "history_change_reason")) == {
        ("Priya Nair", "One-click stop in the email of 6 May 2026")
    }


def test_a_second_click_changes_nothing_and_says_the_same(mail_program, owner):
    mail_program.post(link_of(owner), ONE_CLICK)
    again = mail_program.post(link_of(owner), ONE_CLICK)

    assert "These emails are off" in again.content.decode()
    assert KindOff.history.count() == 2


def test_a_scanner_that_follows_links_changes_nothing(mail_program, owner):
    for method in (mail_program.get, mail_program.head):
        assert method(link_of(owner)).status_code == 200

    assert not KindOff.objects.exists()


def test_a_post_that_is_not_the_one_click_asks_first(mail_program, owner):
    page = mail_program.post(link_of(owner), {}).content.decode()

    assert "Nothing is changed yet" in page
    assert not KindOff.objects.exists()


def test_the_page_names_the_council_and_the_kinds_and_nobody(mail_program, owner):
    page = mail_program.get(link_of(owner)).content.decode()

    assert "Northbridge County Council" in page
    assert "Deadlines that are near" in page
    assert "Actions due before the next visit" in page
    assert "Your overdue actions" not in page
    assert "Priya" not in page
    assert 'name="List-Unsubscribe" value="One-Click"' in page


def test_an_email_of_required_kinds_alone_cannot_be_stopped(owner):
    assert link_of(owner, *REQUIRED) == ""


def test_an_old_email_can_still_be_stopped(owner, mail_program):
    link = stop_link(owner.authority.pk, owner.user.pk, [Kind.DUE], on=date(2020, 1, 6))

    assert mail_program.post(link, ONE_CLICK).status_code == 200
    assert KindOff.objects.get().kind == Kind.DUE


def test_it_stops_the_emails_of_that_council_only(mail_program, owner):
    there = make_member(make_authority("Southmere Council", "southmere"), user=owner.user)

    mail_program.post(link_of(there), ONE_CLICK)

    assert set(KindOff.objects.values_list("preference__authority__slug", flat=True)) == {"southmere"}


def broken(owner):
    return link_of(owner)[:-3] + "x/"


def of_another_use(owner):
    token = signing.dumps([owner.authority.pk, owner.user.pk, ["due"], "2026-05-06"], salt="accounts.kept")
    return f"/emails/stop/{token}/"


def of_nobody(owner):
    return stop_link(owner.authority.pk, 99999, [Kind.DUE], on=TODAY)


@pytest.mark.parametrize("link", [broken, of_another_use, of_nobody, lambda owner: "/emails/stop/nonsense/"])
def test_a_broken_or_foreign_address_is_a_plain_not_found(mail_program, owner, link):
    for response in (mail_program.get(link(owner)), mail_program.post(link(owner), ONE_CLICK)):
        assert response.status_code == 404
        assert "Northbridge" not in response.content.decode()

    assert not KindOff.objects.exists()


def test_someone_who_has_left_has_nothing_to_stop(mail_program, owner):
    account_changes.switch_off(owner.user, by=None, reason="Has left")

    assert mail_program.get(link_of(owner)).status_code == 404


def test_a_kind_that_became_required_since_is_not_stopped(owner, monkeypatch):
    link = link_of(owner, Kind.DUE)
    monkeypatch.setattr("tracker.reminders.unsubscribing.REQUIRED", (*REQUIRED, Kind.DUE))

    assert read_stop(link.removeprefix("/emails/stop/").removesuffix("/")) is None


def test_no_address_of_an_email_gives_away_who_it_is_for(owner):
    assert "priya" not in link_of(owner).lower()
    assert "@" not in link_of(owner)
