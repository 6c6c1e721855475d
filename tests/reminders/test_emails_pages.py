from datetime import UTC, date, datetime

import pytest

from tests.factories import TODAY, aisha, dee, helen, make_action, make_authority, make_member, priya
from tracker.reminders import outbox
from tracker.reminders.models import Digest

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 5, 6, 8, 5, tzinfo=UTC)


@pytest.fixture
def sent(council):
    """One email to Priya."""
    owner = priya(council)
    make_action(council, owner=owner.user, deadline=date(2026, 5, 5), title="Screen every notification")
    outbox.queue_due(on=TODAY)
    outbox.deliver(on=TODAY, at=MORNING, now=lambda: MORNING)
    return owner, Digest.objects.get()


def test_an_owner_reads_their_own_email_as_it_looks_and_as_text(client, signed_in, sent):
    owner, digest = sent
    signed_in(client, owner)

    page = client.get(f"/emails/{digest.pk}/")
    frame = client.get(f"/emails/{digest.pk}/html/")

    assert "Screen every notification" in page.content.decode()
    assert "Screen every notification" in frame.content.decode()
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_programme_office_sees_every_email_of_its_council(client, signed_in, council, sent):
    signed_in(client, aisha(council))

    assert "1 of your actions is overdue" in client.get("/emails/").content.decode()


@pytest.mark.parametrize("who", [dee, helen])
def test_other_people_do_not_see_it(client, signed_in, council, sent, who):
    _, digest = sent
    signed_in(client, who(council))

    assert "1 of your actions" not in client.get("/emails/").content.decode()
    assert client.get(f"/emails/{digest.pk}/").status_code == 404
    assert client.get(f"/emails/{digest.pk}/html/").status_code == 404


def test_another_councils_programme_office_does_not_see_it(client, signed_in, sent):
    _, digest = sent
    signed_in(client, aisha(make_authority("Southmere Council", "southmere")))

    assert client.get(f"/emails/{digest.pk}/").status_code == 404


def test_no_email_yet_is_explained(client, signed_in, council):
    signed_in(client, make_member(council))

    assert "Nothing has been sent yet" in client.get("/emails/").content.decode()


def test_a_failure_is_shown_with_what_the_server_said(client, signed_in, council, sent):
    Digest.objects.update(state=Digest.State.FAILED, last_error="The mail server answered 550 No such user")
    signed_in(client, aisha(council))

    page = client.get("/emails/").content.decode()

    assert "1 was not delivered" in page
    assert "The mail server answered 550 No such user" in page


@pytest.mark.parametrize("number", ["0", "99", "abc", "-1"])
def test_a_page_number_that_does_not_exist_gives_a_page(client, signed_in, council, sent, number):
    signed_in(client, aisha(council))

    assert client.get(f"/emails/?page={number}").status_code == 200
