"""Nobody signs themselves up: the programme office invites, with a role, and until a day for those from outside."""

import re
from datetime import date

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import Membership, Notice, User
from accounts.roles import Role
from tests.accounts.signing import HARD, enter, is_signed_in
from tests.actions.pages import text_of
from tests.factories import PASSWORD, aisha, make_agency, make_authority, make_member, priya
from tests.fixtures import Browser
from tracker.reminders import outbox

pytestmark = pytest.mark.django_db

INVITE = "/people/invite/"
NO_END = {"ends_on-day": "", "ends_on-month": "", "ends_on-year": ""}
JULY = {"ends_on-day": "31", "ends_on-month": "7", "ends_on-year": "2026"}


@pytest.fixture
def office(client, council):
    member = aisha(council)
    client.force_login(member.user)
    return member


def invite(client, role=Role.ACTION_OWNER, **fields):
    given = {"name": "Noor Patel", "email": "noor.patel@council.example", "role": role, "agency": "", **NO_END}
    return client.post(INVITE, given | fields, follow=True)


def link() -> str:
    outbox.deliver_notices(now=timezone.now)
    found = re.search(r"https?://[^/\s]+(/invitation/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "address", ["/sign-up/", "/signup/", "/accounts/signup/", "/accounts/login/", "/account/email/"]
)
def test_there_is_no_page_to_sign_up_on_and_no_other_way_in(client, office, address):
    assert client.get(address).status_code == 404


def test_someone_invited_gets_an_email_chooses_a_password_and_comes_in(client, office):
    assert "Noor Patel is invited" in text_of(invite(client))
    address = link()
    assert "Aisha Rahman invites you to the improvement plan of Northbridge County Council" in mail.outbox[-1].body
    assert "See the plan and update their own actions." in mail.outbox[-1].body

    new = Browser()
    done = new.post(address, {"password1": HARD}, follow=True)

    assert "Your password is saved" in text_of(done)
    enter(new, "noor.patel@council.example", HARD)
    assert is_signed_in(new)
    user = User.objects.get(email="noor.patel@council.example")
    row = User.history.filter(id=user.pk).earliest("history_id")
    assert (row.actor, row.history_change_reason) == ("Aisha Rahman", "Invited as Action owner")
    assert Membership.history.filter(user=user).get().history_change_reason == "Invited as Action owner"


def test_an_invitation_works_once(client, office):
    invite(client)
    address = link()
    Browser().post(address, {"password1": HARD})

    again = Browser().get(address)

    assert again.status_code == 410
    assert "This invitation does not work" in text_of(again)


def test_an_invitation_works_for_7_days(client, office):
    with time_machine.travel(timezone.now()) as clock:
        invite(client)
        address = link()
        clock.shift(7 * 24 * 60 * 60 - 60)
        assert Browser().get(address).status_code == 200
        clock.shift(120)
        assert Browser().get(address).status_code == 410


@pytest.mark.parametrize("token", ["x", "WzEsIngiXQ:1abc:forged", "é"])
def test_a_forged_invitation_lets_nobody_in(client, db, token):
    assert client.get(f"/invitation/{token}/").status_code == 410


def test_a_weak_first_password_is_refused_and_the_link_still_works(client, office):
    invite(client)
    address = link()

    assert "12 or more characters" in text_of(Browser().post(address, {"password1": "short"}))
    assert Browser().get(address).status_code == 200


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.PARTNER])
def test_inspectors_and_partners_need_a_last_day(client, council, office, role):
    answer = invite(client, role, agency=str(make_agency(council).pk))

    assert "Enter the last day of access" in text_of(answer)
    assert not User.objects.filter(email="noor.patel@council.example").exists()
    assert not Notice.objects.exists()

    invite(client, role, agency=str(make_agency(council).pk), **JULY)
    assert Membership.objects.get(user__email="noor.patel@council.example").ends_on == date(2026, 7, 31)


def test_a_last_day_that_has_passed_is_refused(client, office):
    answer = invite(client, **JULY | {"ends_on-month": "4", "ends_on-day": "30"})

    assert "today or later" in text_of(answer)
    assert not Notice.objects.exists()


def test_a_partner_needs_an_agency_of_this_council(client, council, office):
    foreign = make_agency(make_authority("Southmere Council", "southmere"), "Southmere Police")

    assert "Select the partner agency" in text_of(invite(client, Role.PARTNER, **JULY))
    assert "Southmere Police" not in text_of(invite(client, Role.PARTNER, agency=str(foreign.pk), **JULY))
    assert not Notice.objects.exists()


def test_an_empty_form_says_what_to_enter(client, office):
    text = text_of(invite(client, role="", name="", email=""))

    for words in ("Enter their full name", "Enter their email address", "Select what they will do here"):
        assert words in text


def test_each_role_says_in_a_sentence_what_it_allows(client, office):
    text = text_of(client.get(INVITE))

    assert "Look at and download everything that is not restricted, until their access ends." in text


def test_someone_who_works_elsewhere_keeps_their_password(client, council, office):
    other = make_authority("Southmere Council", "southmere")
    chair = make_member(other, Role.CHAIR, "Malcolm Chair")

    invite(client, Role.CHAIR, email=chair.user.email.upper(), name="M Chair")

    assert User.objects.filter(email__iexact=chair.user.email).count() == 1
    assert Membership.objects.filter(user=chair.user, authority=council, role=Role.CHAIR).exists()
    text = Notice.objects.get().text
    assert "/invitation/" not in text
    assert "Sign in as you are used to" in text


def test_a_role_that_is_held_is_not_given_again(client, council, office):
    owner = priya(council)

    answer = invite(client, email=owner.user.email)

    assert "holds this role already" in text_of(answer)
    assert not Notice.objects.exists()


def test_only_those_who_look_after_people_invite(client, council):
    owner = priya(council)
    client.force_login(owner.user)

    assert client.get(INVITE).status_code == 403
    assert invite(client).status_code == 403
    assert not Notice.objects.exists()


# Showing again who one is


def test_inviting_asks_who_one_is_after_15_minutes_and_keeps_what_was_typed(client, office):
    with time_machine.travel(timezone.now()) as clock:
        client.force_login(office.user)
        clock.shift(16 * 60)
        asked = invite(client)
        assert "Enter your password again" in text_of(asked)
        assert not Notice.objects.exists()

        wrong = client.post("/account/again/?next=/people/invite/", {"password": "wrong", "next": INVITE})
        assert "Password is not right" in text_of(wrong)
        back = client.post("/account/again/", {"password": PASSWORD, "next": INVITE}, follow=True)

    assert back.request["PATH_INFO"] == INVITE
    assert "noor.patel@council.example" in back.content.decode()


@pytest.mark.parametrize("address", ["/plans/2026/sending/freeze/", "/plans/2026/sending/record/"])
def test_sending_the_plan_asks_who_one_is_after_15_minutes(client, council, office, address):
    with time_machine.travel(timezone.now()) as clock:
        client.force_login(office.user)
        clock.shift(16 * 60)
        assert client.get(address).url == f"/account/again/?next={address.replace('/', '%2F')}"
        assert client.post(address).url.startswith("/account/again/")


def test_guessing_the_password_there_is_held_back_too(client, office):
    with time_machine.travel(timezone.now()) as clock:
        client.force_login(office.user)
        clock.shift(16 * 60)
        for number in range(5):
            client.post("/account/again/", {"password": f"wrong {number}", "next": INVITE})
        answer = client.post("/account/again/", {"password": "correct horse battery staple", "next": INVITE})

    assert "too many wrong tries" in text_of(answer)
