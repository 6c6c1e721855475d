"""Passwords: long enough, not guessable, never in the mail, and a forgotten one is chosen anew by a link."""

import re

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import changes
from accounts.models import Notice, SecurityEvent, User
from tests.accounts.signing import HARD, enter, is_signed_in
from tests.actions.pages import text_of
from tests.factories import PASSWORD, make_user, priya
from tests.fixtures import Browser
from tracker.reminders import outbox

pytestmark = pytest.mark.django_db

FORGOTTEN = "/sign-in/password/"


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short words", "12 or more characters"),
        ("password1234", "lists that attackers try"),
        ("OfstedImprovement2026!", "words about this work"),
        ("Improvement-Plan-1", "words about this work"),
        ("priya.nair@council", "less like your"),
    ],
)
def test_a_password_that_others_would_guess_is_refused_with_what_to_do(owner, password, words):
    with pytest.raises(ValidationError, match=words):
        validate_password(password, owner.user)


@pytest.mark.parametrize("password", [HARD, "the council of elephants", "x7!" * 30, "ünïcödé wörds hëre", " " + HARD])
def test_a_password_needs_no_odd_characters_and_may_be_long(owner, password):
    validate_password(password, owner.user)


def ask(client, address):
    return client.post(FORGOTTEN, {"email": address}, follow=True)


def link_in_mail() -> str:
    outbox.deliver_notices(now=timezone.now)
    found = re.search(r"https?://[^/\s]+(/sign-in/password/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def test_a_forgotten_password_is_chosen_anew_by_a_link_in_an_email(client, owner):
    assert "a link is on its way" in text_of(ask(client, owner.user.email))
    page = client.get(link_in_mail(), follow=True)
    done = client.post(page.request["PATH_INFO"], {"password1": HARD}, follow=True)

    assert "Your password is saved" in text_of(done)
    assert not is_signed_in(client)
    enter(client, owner.user, HARD)
    assert is_signed_in(client)
    change = User.history.filter(id=owner.user.pk).latest("history_id")
    assert (change.history_change_reason, change.actor) == ("Chose a new password", "Priya Nair")
    assert SecurityEvent.objects.filter(kind="password_changed", user=owner.user).exists()
    assert [one.subject for one in Notice.objects.filter(sent_at=None)] == ["Your password was changed"]


def test_a_stranger_is_told_the_same_and_gets_no_email(client, owner):
    known = text_of(ask(client, owner.user.email))
    unknown = text_of(ask(client, "nobody@council.example"))

    assert known == unknown
    assert [notice.user for notice in Notice.objects.all()] == [owner.user]


def test_a_link_works_once(client, owner):
    ask(client, owner.user.email)
    link = link_in_mail()
    page = client.get(link, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": HARD})

    assert "This link does not work" in text_of(Browser().get(link, follow=True))


def test_a_link_works_for_an_hour(client, owner):
    with time_machine.travel(timezone.now()) as clock:
        ask(client, owner.user.email)
        link = link_in_mail()
        clock.shift(61 * 60)
        assert "This link does not work" in text_of(client.get(link, follow=True))


def test_a_link_does_not_name_the_host_that_was_asked(client, owner, settings):
    settings.SITE_URL = "https://plan.council.example"
    settings.ALLOWED_HOSTS = ["*"]
    client.post(FORGOTTEN, {"email": owner.user.email}, headers={"host": "evil.example"})

    assert "https://plan.council.example/sign-in/password/" in Notice.objects.get().text


def test_the_link_is_forgotten_here_once_it_is_sent(client, owner):
    ask(client, owner.user.email)
    link_in_mail()

    notice = Notice.objects.get()
    assert notice.sent_at is not None
    assert notice.text == ""


def test_nobody_is_flooded_with_links(client, owner):
    for _ in range(5):
        ask(client, owner.user.email)

    assert client.post(FORGOTTEN, {"email": owner.user.email}).status_code == 429
    assert Notice.objects.count() == 5


def test_a_weak_new_password_is_refused_and_the_link_still_works(client, owner):
    ask(client, owner.user.email)
    page = client.get(link_in_mail(), follow=True)

    refused = client.post(page.request["PATH_INFO"], {"password1": "too short"})
    assert "12 or more characters" in text_of(refused)
    assert b"too short" not in refused.content
    client.post(page.request["PATH_INFO"], {"password1": HARD})

    assert enter(client, owner.user, HARD).status_code == 302


def test_changing_a_password_signs_other_browsers_out_and_keeps_this_one(client, owner):
    other = Browser()
    enter(other, owner.user)
    enter(client, owner.user)

    client.post("/account/sign-in/password/", {"oldpassword": PASSWORD, "password1": HARD})

    assert client.get("/my-actions/").status_code == 200
    assert other.get("/my-actions/").status_code == 302


def test_the_password_now_must_be_right_to_change_it(client, owner):
    enter(client, owner.user)

    answer = client.post("/account/sign-in/password/", {"oldpassword": "not it", "password1": HARD})

    assert "Enter the password that you have now" in text_of(answer)
    assert owner.user.check_password(PASSWORD)


# The post


def test_a_notice_is_sent_once_however_many_workers_look(client, owner):
    ask(client, owner.user.email)

    assert outbox.deliver_notices(now=timezone.now) == 1
    assert outbox.deliver_notices(now=timezone.now) == 0
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == [owner.user.email]


def test_a_notice_that_another_worker_holds_is_left_alone(client, owner):
    ask(client, owner.user.email)
    Notice.objects.update(claim="other", claimed_until=timezone.now() + timezone.timedelta(minutes=5))

    assert outbox.deliver_notices(now=timezone.now) == 0


def test_a_notice_is_tried_again_when_the_mail_server_was_away(client, owner, settings):
    ask(client, owner.user.email)
    settings.EMAIL_BACKEND = "tracker.reminders.mail.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert outbox.deliver_notices(now=timezone.now) == 0
    assert "cannot be reached" in Notice.objects.get().error

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    later = timezone.now() + timezone.timedelta(minutes=2)
    assert outbox.deliver_notices(now=lambda: later) == 1


def test_someone_who_left_meanwhile_gets_nothing(client, council):
    gone = make_user("Leon Gone")
    changes.leave_notice(gone, subject="A subject", text="A text", at=timezone.now())
    changes.switch_off(gone, by=None, reason="Left")

    assert outbox.deliver_notices(now=timezone.now) == 0
    assert mail.outbox == []
