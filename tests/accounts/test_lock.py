"""Guessing a password is hopeless, and nobody can be kept out by someone else's guessing."""

import pytest
import time_machine

from accounts import changes
from accounts.models import SecurityEvent
from tests.accounts.signing import enter, is_signed_in
from tests.actions.pages import text_of
from tests.factories import make_user, priya, rachel
from tests.fixtures import Browser

pytestmark = pytest.mark.django_db

LOCKED = "There were too many wrong tries. Wait 5 minutes"


@pytest.fixture
def owner(council):
    return priya(council)


def guess(client, user, times: int):
    for number in range(times):
        answer = enter(client, user, f"wrong guess {number}")
    return answer


def test_after_5_wrong_passwords_the_right_one_is_not_taken_either(client, owner):
    assert "Email address or password is not right" in text_of(guess(client, owner.user, 5))

    assert LOCKED in text_of(enter(client, owner.user))
    assert not is_signed_in(client)


def test_the_page_of_a_lock_says_for_how_long_and_whom_to_ask(client, owner):
    text = text_of(guess(client, owner.user, 6))

    assert "Wait 5 minutes" in text
    assert "ask the improvement programme office of your council" in text


def test_an_address_that_nobody_has_is_locked_in_the_same_words(client, owner):
    known = text_of(guess(client, owner.user, 6))
    unknown = text_of(guess(client, "nobody@council.example", 6))

    assert LOCKED in known
    assert known.replace(owner.user.email, "") == unknown.replace("nobody@council.example", "")


def test_capitals_and_spaces_do_not_begin_a_new_count(client, owner):
    for address in ("Priya.Nair@council.example", " priya.nair@council.example", "PRIYA.NAIR@COUNCIL.EXAMPLE "):
        guess(client, address, 2)

    assert LOCKED in text_of(enter(client, owner.user))


def test_a_false_address_of_the_network_does_not_begin_a_new_count(client, owner):
    for number in range(5):
        client.post(
            "/sign-in/",
            {"login": owner.user.email, "password": "wrong"},
            headers={"x-forwarded-for": f"10.0.0.{number}"},
        )

    assert LOCKED in text_of(enter(client, owner.user))


def test_a_lock_is_over_after_5_minutes(client, owner):
    with time_machine.travel("2026-05-06T10:00:00+01:00") as clock:
        guess(client, owner.user, 6)
        clock.shift(301)
        enter(client, owner.user)
        assert is_signed_in(client)


def test_a_lock_of_one_account_is_none_of_its_neighbours(client, council, owner):
    guess(client, owner.user, 6)

    enter(client, rachel(council).user)

    assert is_signed_in(client)


def test_guesses_from_elsewhere_do_not_lock_a_director_out_of_her_own_browser(client, council):
    director = rachel(council)
    enter(client, director.user)
    client.post("/sign-out/")

    guess(Browser(), director.user, 20)
    enter(client, director.user)

    assert is_signed_in(client)


def test_a_known_browser_has_5_tries_too(client, council):
    director = rachel(council)
    enter(client, director.user)
    client.post("/sign-out/")

    assert LOCKED in text_of(guess(client, director.user, 6))


def test_a_known_browser_of_one_person_is_not_one_of_another(client, council, owner):
    enter(client, owner.user)
    client.post("/sign-out/")
    director = rachel(council)
    guess(Browser(), director.user, 6)

    assert LOCKED in text_of(enter(client, director.user))


def test_many_addresses_tried_from_one_place_are_slowed(client, db):
    for number in range(30):
        enter(client, f"name{number}@council.example", "Summer2026")

    assert LOCKED in text_of(enter(client, "another@council.example", "Summer2026"))


def test_refusals_and_locks_are_recorded_without_what_was_typed(client, owner):
    guess(client, owner.user, 6)
    enter(client, "my secret words", "x")
    enter(client, "nobody@council.example", "x")

    kinds = list(SecurityEvent.objects.order_by("pk").values_list("kind", "user"))
    assert kinds == [("refused", owner.user.pk)] * 5 + [("locked", owner.user.pk), ("refused", None)]


def test_a_leaver_cannot_be_told_from_a_stranger(client, council):
    leaver = make_user("Leon Gone")
    changes.switch_off(leaver, by=None, reason="Left")

    assert text_of(enter(client, leaver)).replace(leaver.email, "") == text_of(
        enter(client, "nobody@council.example", "x")
    ).replace("nobody@council.example", "")
