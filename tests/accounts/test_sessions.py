"""Sessions: they end when they stand still and after 12 hours, keep what was typed, and can be seen and ended."""

import pytest
import time_machine
from allauth.usersessions.models import UserSession

from accounts import changes
from accounts.models import Notice, SecurityEvent
from accounts.signing.sessions import in_words
from tests.accounts.signing import enter
from tests.actions.pages import text_of
from tests.factories import aisha, make_authority, marcus, priya
from tests.fixtures import Browser

pytestmark = pytest.mark.django_db

SESSIONS = "/account/sessions/"
START = "2026-05-06T08:00:00+01:00"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0"


@pytest.fixture
def owner(council):
    return priya(council)


def test_a_session_ends_after_an_hour_without_a_page(client, owner):
    with time_machine.travel(START) as clock:
        enter(client, owner.user)
        clock.shift(59 * 60)
        assert client.get("/my-actions/").status_code == 200
        clock.shift(59 * 60)
        assert client.get("/my-actions/").status_code == 200
        clock.shift(61 * 60)
        assert client.get("/my-actions/").url == "/sign-in/?next=/my-actions/"


def test_a_session_ends_after_12_hours_however_busy_it_was(client, owner):
    with time_machine.travel(START) as clock:
        enter(client, owner.user)
        for _ in range(23):
            clock.shift(30 * 60)
            assert client.get("/my-actions/").status_code == 200
        clock.shift(31 * 60)
        assert client.get("/my-actions/").status_code == 302


def test_asking_for_more_time_does_not_begin_the_12_hours_again(client, owner):
    with time_machine.travel(START) as clock:
        enter(client, owner.user)
        for _ in range(15):
            clock.shift(50 * 60)
            answer = client.post("/account/sessions/stay/")
        assert answer.status_code == 200
        assert "Sign in" in text_of(answer)


def test_more_time_may_be_asked_for(client, owner):
    with time_machine.travel(START) as clock:
        enter(client, owner.user)
        clock.shift(59 * 60)
        assert client.post("/account/sessions/stay/").status_code == 204
        clock.shift(59 * 60)
        assert client.get("/my-actions/").status_code == 200
    assert client.get("/account/sessions/stay/").status_code == 302


def test_a_form_that_is_sent_too_late_keeps_its_text(client, owner):
    with time_machine.travel(START) as clock:
        enter(client, owner.user)
        clock.shift(61 * 60)
        answer = client.post("/account/notifications/", {"hour": "9"})

    assert "What you typed is kept" in text_of(answer)


def test_pages_say_when_their_session_ends_and_public_ones_do_not(client, owner):
    assert b"data-session-seconds" not in client.get("/sign-in/").content
    enter(client, owner.user)

    assert b'data-session-seconds="3600" data-session-warning="120"' in client.get("/my-actions/").content


def test_using_pages_is_noted_once_a_minute_at_most(client, owner, django_assert_max_num_queries):
    enter(client, owner.user)
    client.get("/status-words/")
    with django_assert_max_num_queries(5) as asked:
        client.get("/status-words/")

    assert not [one for one in asked.captured_queries if one["sql"].startswith(("UPDATE", "INSERT"))]


def test_one_sees_where_one_is_signed_in_and_ends_the_others(client, owner):
    other = Browser(headers={"user-agent": EDGE})
    enter(other, owner.user)
    enter(client, owner.user)
    text = text_of(client.get(SESSIONS))
    assert "Edge on Windows" in text
    assert "(this browser)" in text

    client.post(SESSIONS, {"session": "others"})

    assert other.get("/my-actions/").status_code == 302
    assert client.get("/my-actions/").status_code == 200
    assert "Edge on Windows" not in text_of(client.get(SESSIONS))
    assert SecurityEvent.objects.filter(kind="session_ended", user=owner.user).count() == 1


def test_somebody_elses_session_cannot_be_seen_or_ended(client, council, owner):
    other = Browser(headers={"user-agent": EDGE})
    enter(other, marcus(council).user)
    enter(client, owner.user)
    row = UserSession.objects.get(session_key=other.session.session_key)
    assert "Edge" not in text_of(client.get(SESSIONS))
    client.post(SESSIONS, {"session": str(row.pk)})

    assert other.get("/my-actions/").status_code == 200


def test_this_session_is_not_ended_here(client, owner):
    enter(client, owner.user)
    client.post(SESSIONS, {"session": str(UserSession.objects.get().pk)})

    assert client.get("/my-actions/").status_code == 200


@pytest.mark.parametrize("odd", ["", "x", "0", "99999999999999999999"])
def test_an_odd_choice_of_session_ends_none(client, owner, odd):
    enter(client, owner.user)

    assert client.post(SESSIONS, {"session": odd}).url == SESSIONS
    assert not SecurityEvent.objects.filter(kind="session_ended").exists()


def test_someone_switched_off_is_out_at_the_next_page(client, owner):
    enter(client, owner.user)
    changes.switch_off(owner.user, by=None, reason="Left")

    assert client.get("/my-actions/").status_code == 302


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (EDGE, "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox on Linux"),
        ("curl/8.0", "A browser of unknown kind"),
        ("", "A browser of unknown kind"),
    ],
)
def test_a_browser_is_named_as_people_would(agent, words):
    assert in_words(agent) == words


# A new browser


def test_a_browser_that_is_new_is_told_by_email_and_the_first_ever_is_not(client, owner):
    enter(client, owner.user)
    assert not Notice.objects.exists()
    client.post("/sign-out/")
    enter(client, owner.user)
    assert not Notice.objects.exists()

    enter(Browser(headers={"user-agent": EDGE}), owner.user)

    notice = Notice.objects.get()
    assert notice.subject == "Your account was used in a new browser"
    assert "Edge on Windows, from the network address 127.0.0.1" in notice.text


def test_a_forged_device_is_a_new_one(client, owner):
    enter(client, owner.user)
    forged = Browser()
    forged.cookies["device"] = client.cookies["device"].value + "x"
    enter(forged, owner.user)

    assert Notice.objects.count() == 1


# The list of events


def test_the_office_sees_what_happened_at_the_door_and_to_roles(client, council, owner):
    enter(Browser(), owner.user, "a wrong one")
    enter(Browser(), owner.user)
    client.force_login(aisha(council).user)

    text = text_of(client.get("/people/sign-ins/"))

    assert "Priya Nair Signed in" in text
    assert "Priya Nair Wrong email address or password" in text
    assert "Role given: Action owner" in text
    assert "a wrong one" not in text


def test_events_of_another_council_are_not_shown(client, council, today):
    other = make_authority("Southmere Council", "southmere")
    enter(Browser(), priya(other).user)
    client.force_login(aisha(council).user)

    text = text_of(client.get("/people/sign-ins/"))

    assert "Priya Nair" not in text


def test_events_are_for_those_who_look_after_people(client, owner):
    client.force_login(owner.user)

    assert client.get("/people/sign-ins/").status_code == 403


def test_events_take_few_queries(client, council, owner, django_assert_max_num_queries):
    for _ in range(5):
        enter(Browser(), owner.user)
    client.force_login(aisha(council).user)

    with django_assert_max_num_queries(8):
        client.get("/people/sign-ins/")
