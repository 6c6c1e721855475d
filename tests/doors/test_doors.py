"""Addresses that need no sign-in: how often is too often, for one link and for one place."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import get_resolver

from tests import factories
from tests.actions.pages import text_of
from tests.architecture.test_pages import patterns
from tests.factories import NOW
from tests.partners.making import make_link, make_partner_action, page_of
from tracker.doors import changes, rules
from tracker.doors.middleware import SECRETS
from tracker.doors.models import Knocks
from tracker.doors.rules import Limit, one_place
from tracker.reminders.calendars import changes as calendars

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 6, 9, 13, 20, tzinfo=UTC)


@pytest.fixture
def few(monkeypatch):
    """Limits small enough to reach, in a stretch of time that does not end during a test."""
    monkeypatch.setattr(rules, "OF_A_LINK", Limit("link", 5, 60))
    monkeypatch.setattr(rules, "WRONG_OF_AN_ADDRESS", Limit("wrong", 3, 60))
    monkeypatch.setattr(rules, "OF_AN_ADDRESS", Limit("address", 12, 60))
    moment = {"at": AT}
    monkeypatch.setattr("tracker.doors.middleware.timezone.now", lambda: moment["at"])
    return moment


@pytest.fixture
def feed(council):
    _, secret = calendars.make_feed(factories.priya(council), at=NOW)
    return f"/calendar/{secret}.ics"


def test_a_link_that_is_asked_for_too_often_waits_and_is_told_what_to_do(client, council, few):
    _, secret = make_link(make_partner_action(council))
    page = page_of(secret)

    assert [client.get(page).status_code for _ in range(5)] == [200] * 5
    refused = client.get(page)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "2800"
    assert "Wait 47 minutes, then open it once." in text_of(refused)
    assert secret not in refused.content.decode().replace(page, "")
    few["at"] += timedelta(hours=1)
    assert client.get(page).status_code == 200


def test_a_calendar_that_is_fetched_too_often_does_not_stop_the_colleagues_behind_the_same_address(
    client, council, feed, few
):
    _, secret = calendars.make_feed(factories.marcus(council), at=NOW)
    statuses = [client.get(feed).status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]
    assert client.get(f"/calendar/{secret}.ics").status_code == 200


def test_wrong_addresses_are_refused_and_right_ones_behind_the_same_address_go_on(client, feed, few):
    wrong = [client.get(f"/calendar/guess-{number}.ics").status_code for number in range(5)]

    assert wrong == [404, 404, 404, 429, 429]
    assert client.get(feed).status_code == 200
    assert client.get("/calendar/guess-x.ics", REMOTE_ADDR="192.0.2.7").status_code == 404


def test_a_flood_from_one_address_waits(client, few):
    for number in range(12):
        client.get(f"/emails/stop/guess-{number}/")

    assert client.post("/emails/stop/guess-x/").status_code == 429
    assert client.get("/emails/stop/guess-x/", REMOTE_ADDR="192.0.2.7").status_code == 404


def test_behind_our_proxy_the_address_is_what_the_proxy_says(client, few, settings):
    settings.BEHIND_PROXY = True
    statuses = [
        client.get(f"/calendar/guess-{number}.ics", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 192.0.2.7").status_code
        for number in range(4)
    ]

    assert statuses == [404, 404, 404, 429]
    assert client.get("/calendar/guess.ics", HTTP_X_FORWARDED_FOR="192.0.2.8").status_code == 404


def test_without_a_proxy_nobody_can_say_they_are_somewhere_else(client, few, settings):
    settings.BEHIND_PROXY = False
    statuses = [
        client.get(f"/calendar/guess-{number}.ics", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}").status_code
        for number in range(4)
    ]

    assert statuses[-1] == 429


def test_pages_of_signed_in_people_are_not_counted(client, signed_in, council, few):
    signed_in(client, factories.aisha(council))
    for _ in range(8):
        assert client.get("/status-words/").status_code == 200

    assert not Knocks.objects.exists()


def test_every_open_address_that_is_a_secret_is_counted(client, few):
    doors = [
        address
        for address, pattern in patterns(get_resolver())
        if not getattr(pattern.callback, "login_required", True) and "<str:" in address
    ]

    assert len(doors) == 7
    assert all(any(f":{name}>" in address for name in SECRETS) for address in doors)


def test_neither_the_address_nor_the_secret_can_be_read_in_what_is_counted(client, feed):
    client.get(feed, REMOTE_ADDR="192.0.2.7")

    kept = str(list(Knocks.objects.values_list("who", "since", "number")))
    assert "192.0.2.7" not in kept
    assert feed[10:-4] not in kept


def test_what_is_counted_is_forgotten_after_an_hour():
    limit = Limit("link", 5, 10)
    changes.count("early", limit, at=AT - timedelta(hours=2))
    changes.count("late", limit, at=AT)

    assert [row.who for row in Knocks.objects.all()] == ["late"]


def test_a_stretch_begins_on_its_minutes():
    limit = Limit("link", 5, 10)

    assert limit.began(AT) == datetime(2026, 5, 6, 9, 10, tzinfo=UTC)
    assert limit.seconds_left(AT) == 400


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("a socket", ""),
    ],
)
def test_what_counts_as_one_place(address, place):
    assert one_place(address) == place
