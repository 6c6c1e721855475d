"""A second step: an app or a passkey, needed by everybody who can change something and everybody from outside."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts.models import Notice, SecurityEvent
from accounts.roles import Role
from tests.accounts.signing import (
    MINE,
    SECOND_STEP,
    SECRET,
    code_now,
    enter,
    give_app,
    give_recovery_codes,
    is_signed_in,
    stored_secret,
)
from tests.actions.pages import text_of
from tests.factories import make_member, make_user, priya
from tests.fixtures import Browser
from tracker.audit.history import save_because

pytestmark = pytest.mark.django_db


@pytest.fixture
def needed(settings):
    settings.SECOND_STEP_REQUIRED = True


@pytest.fixture
def owner(council):
    return priya(council)


def test_after_the_password_the_code_of_the_app_is_asked(client, owner):
    give_app(owner.user)

    assert enter(client, owner.user).url == SECOND_STEP
    assert not is_signed_in(client)
    assert client.get("/my-actions/").status_code == 302

    answer = client.post(SECOND_STEP, {"code": code_now()})
    assert answer.url == "/"
    assert is_signed_in(client)


def test_a_code_with_a_space_in_it_is_taken(client, owner):
    give_app(owner.user)
    enter(client, owner.user)
    code = code_now()

    client.post(SECOND_STEP, {"code": f"{code[:3]} {code[3:]}"})

    assert is_signed_in(client)


def test_a_code_works_once(client, owner):
    give_app(owner.user)
    with time_machine.travel("2026-05-06T10:00:00+01:00", tick=False):
        enter(client, owner.user)
        client.post(SECOND_STEP, {"code": code_now()})
        other = Browser()
        enter(other, owner.user)
        answer = other.post(SECOND_STEP, {"code": code_now()})

    assert "not right, or was used already" in text_of(answer)
    assert not is_signed_in(other)


def test_guessing_codes_is_hopeless(client, owner):
    give_app(owner.user)
    enter(client, owner.user)
    for _ in range(5):
        client.post(SECOND_STEP, {"code": "000000"})

    assert "too many wrong tries" in text_of(client.post(SECOND_STEP, {"code": code_now()}))
    assert not is_signed_in(client)


def test_a_recovery_code_works_in_place_of_the_app_and_once(client, owner):
    give_app(owner.user)
    code = give_recovery_codes(owner.user)[0]
    enter(client, owner.user)
    client.post(SECOND_STEP, {"code": code})
    assert is_signed_in(client)

    other = Browser()
    enter(other, owner.user)
    other.post(SECOND_STEP, {"code": code})
    assert not is_signed_in(other)


def test_the_second_step_leads_where_the_link_pointed(client, owner):
    give_app(owner.user)
    enter(client, owner.user, next="/my-actions/")

    assert client.post(SECOND_STEP, {"code": code_now()}).url == "/my-actions/"


def test_what_was_typed_before_the_session_ended_comes_through_the_second_step(client, owner):
    give_app(owner.user)
    asked = client.post("/account/notifications/", {"hour": "9"})
    enter(client, owner.user, kept=asked.context["kept"])

    assert client.post(SECOND_STEP, {"code": code_now()}).url == "/account/notifications/"


def test_a_half_done_sign_in_can_be_begun_again(client, owner):
    give_app(owner.user)
    enter(client, owner.user)

    client.post("/sign-out/")

    assert client.get(SECOND_STEP).url == "/sign-in/"


def test_someone_else_cannot_go_on_with_a_half_done_sign_in(client, owner):
    give_app(owner.user)
    enter(client, owner.user)

    assert Browser().post(SECOND_STEP, {"code": code_now()}).url == "/sign-in/"


# Who needs one


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COUNCILLOR])
def test_with_a_password_alone_a_role_gets_no_further_than_setting_one_up(client, council, needed, role):
    member = make_member(council, role, "Sam Porter")
    enter(client, member.user)

    for address in ("/", "/my-actions/", "/inspect/", "/status-words/", "/account/", "/council/"):
        assert client.get(address).url == MINE, address
    assert client.post("/account/notifications/", {}).url == MINE
    assert "Set up a second step to go on" in text_of(client.get(MINE))


def test_a_councillor_who_only_reads_may_do_without(client, council, needed):
    enter(client, make_member(council, Role.COUNCILLOR, "Judith Lowe").user)

    assert client.get("/status-words/").status_code == 200


def test_a_councillor_who_holds_another_role_too_may_not(client, council, needed):
    member = make_member(council, Role.COUNCILLOR, "Judith Lowe")
    make_member(council, Role.CHAIR, user=member.user)
    enter(client, member.user)

    assert client.get("/status-words/").url == MINE


def test_a_technical_administrator_may_not_either(client, council, needed):
    admin = make_user("Tom Keys")
    admin.is_staff = True
    save_because(admin, by=None, reason="Looks after the installation")
    make_member(council, Role.COUNCILLOR, user=admin)
    enter(client, admin)

    assert client.get("/status-words/").url == MINE


# Setting one up


def set_up_app(client) -> tuple[str, object]:
    page = client.get(f"{MINE}app/")
    found = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page.content.decode())
    assert found
    return found[1], client.post(f"{MINE}app/", {"code": code_now(found[1])}, follow=True)


def test_the_first_sign_in_sets_up_an_app_and_shows_recovery_codes_once(client, owner, needed):
    enter(client, owner.user)
    secret, answer = set_up_app(client)

    assert "They are shown only now" in text_of(answer)
    assert "They were shown once" in text_of(client.get(f"{MINE}recovery-codes/"))
    assert client.get("/my-actions/").status_code == 200
    app = Authenticator.objects.get(type="totp")
    assert stored_secret(app) == secret
    assert secret not in str(app.data)
    assert SecurityEvent.objects.filter(kind="step_added", user=owner.user).count() == 1
    assert Notice.objects.get().subject == "You have a new second step"


def test_the_code_that_set_the_app_up_does_not_sign_in_as_well(client, owner):
    enter(client, owner.user)
    with time_machine.travel(timezone.now(), tick=False):
        secret, _ = set_up_app(client)
        other = Browser()
        enter(other, owner.user)
        other.post(SECOND_STEP, {"code": code_now(secret)})

    assert not is_signed_in(other)


def test_a_wrong_code_sets_nothing_up_and_keeps_the_picture(client, owner):
    enter(client, owner.user)
    secret = re.search(rb"<code[^>]*>([A-Z2-7]+)</code>", client.get(f"{MINE}app/").content)[1]

    answer = client.post(f"{MINE}app/", {"code": "123"})

    assert "The code is not right" in text_of(answer)
    assert secret in answer.content
    assert not Authenticator.objects.exists()


def test_the_last_second_step_of_someone_who_needs_one_stays(client, owner, needed):
    give_app(owner.user)
    client.force_login(owner.user)

    answer = client.post(f"{MINE}app/remove/", follow=True)

    assert "Your role needs a second step" in text_of(answer)
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_councillor_may_remove_theirs(client, council):
    member = make_member(council, Role.COUNCILLOR, "Judith Lowe")
    give_app(member.user)
    client.force_login(member.user)

    client.post(f"{MINE}app/remove/")

    assert not Authenticator.objects.exists()
    assert SecurityEvent.objects.filter(kind="step_removed").exists()


def test_somebody_elses_passkey_cannot_be_removed(client, council, owner):
    other = make_member(council, Role.COUNCILLOR, "Judith Lowe")
    key = Authenticator.objects.create(user=owner.user, type="webauthn", data={"name": "Laptop"})
    client.force_login(other.user)

    assert client.post(f"{MINE}passkey/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_after_15_minutes_setting_up_asks_for_the_password_again(client, owner):
    with time_machine.travel("2026-05-06T10:00:00+01:00") as clock:
        client.force_login(owner.user)
        assert client.get(f"{MINE}app/").status_code == 200
        clock.shift(16 * 60)
        answer = client.get(f"{MINE}app/")

    assert answer.url.startswith("/account/again/?next=")


def test_old_recovery_codes_stop_when_new_ones_are_made(client, owner):
    give_app(owner.user, SECRET)
    old = give_recovery_codes(owner.user)
    client.force_login(owner.user)

    answer = client.post(f"{MINE}recovery-codes/new/", follow=True)

    assert not set(re.findall(r"<code>([0-9a-f]+)</code>", answer.content.decode())) & set(old)
    other = Browser()
    enter(other, owner.user)
    other.post(SECOND_STEP, {"code": old[0]})
    assert not is_signed_in(other)
