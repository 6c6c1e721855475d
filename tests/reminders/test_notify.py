"""Emails by GOV.UK Notify, against a server that speaks its API as documented: the ledger reads as with SMTP."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import LazySettings

from tests.factories import TODAY, dee, make_action, priya
from tests.services.servers import NotifyServer, NotifyTrouble
from tracker.reminders import mail, outbox
from tracker.reminders.emails import Email
from tracker.reminders.mail import notify as client
from tracker.reminders.models import Digest

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 5, 6, 8, 5, tzinfo=UTC)
STOP = "https://plan.northbridge.example/stop/quiet"
BAD_ADDRESS = NotifyTrouble(400, "ValidationError", "email_address is not a valid email address")
TRIAL = NotifyTrouble(400, "BadRequestError", "Can't send to this recipient when service is in trial mode")
RATE = NotifyTrouble(429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds")
BROKEN = NotifyTrouble(500, "Exception", "Internal server error")
GATEWAY = NotifyTrouble(502, "", "")
HANGS = NotifyTrouble(hangs=True)


@pytest.fixture
def notify(settings: LazySettings) -> Iterator[NotifyServer]:
    with NotifyServer() as server:
        settings.NOTIFY_API_KEY, settings.NOTIFY_TEMPLATE_ID = server.key, server.template
        settings.NOTIFY_URL = server.url
        settings.EMAIL_TIMEOUT = 0.5
        yield server


@pytest.fixture
def two_owners(council):
    """Priya and Dee, each with an action that became overdue yesterday."""
    people = priya(council).user, dee(council).user
    for person in people:
        make_action(council, owner=person, deadline=date(2026, 5, 5))
    return people


def run(*, now: datetime = MORNING) -> outbox.Delivered:
    outbox.queue_due(on=TODAY)
    return outbox.deliver(on=TODAY, at=MORNING, now=lambda: now)


def digest_of(person) -> Digest:
    return Digest.objects.get(recipient=person)


def an_email(**changed: str) -> Email:
    values = {"address": "a@council.example", "from_name": "Plan", "subject": "One", "text": "Two", "html": "<p>Two"}
    return Email(**(values | changed))


def test_an_email_goes_with_subject_text_and_the_reference_of_its_message_id(notify, two_owners):
    assert run().sent == 2

    sent = {each["email_address"]: each for each in notify.taken}
    assert set(sent) == {person.email for person in two_owners}
    digest = digest_of(two_owners[0])
    ours = sent[two_owners[0].email]
    assert ours["reference"] == digest.message_id("any").strip("<>").split("@")[0]
    assert (ours["subject"], ours["body"]) == (digest.subject, digest.text)
    assert digest.state == Digest.State.SENT
    assert not digest.is_uncertain
    assert notify.connections == 1
    assert not notify.lookups


def test_running_again_sends_nothing(notify, two_owners):
    run()

    assert run().sent == 0
    assert len(notify.taken) == 2


def test_a_bad_address_is_refused_for_good_and_holds_up_nobody(notify, two_owners):
    notify.trouble(BAD_ADDRESS, address=two_owners[0].email)

    delivered = run()

    assert (delivered.sent, delivered.failed) == (1, 1)
    refused = digest_of(two_owners[0])
    assert refused.state == Digest.State.FAILED
    assert refused.last_error == "GOV.UK Notify answered 400 email_address is not a valid email address"


def test_what_the_service_may_not_send_yet_is_tried_again_later(notify, two_owners):
    notify.trouble(TRIAL, address=two_owners[0].email)
    run()
    waits = digest_of(two_owners[0])

    assert (waits.state, waits.tries, waits.is_uncertain) == (Digest.State.QUEUED, 1, False)
    notify.behave()
    assert run(now=MORNING + timedelta(minutes=3)).sent == 1


@pytest.mark.parametrize("trouble", [RATE, NotifyTrouble(429, "TooManyRequestsError", "Exceeded send limits (50)")])
def test_when_there_were_too_many_all_wait_and_no_try_is_counted(notify, two_owners, trouble):
    notify.trouble(trouble, times=1)

    delivered = run()

    assert (delivered.sent, delivered.failed, delivered.put_back) == (0, 0, 2)
    assert set(Digest.objects.values_list("state", "tries", "is_uncertain")) == {("queued", 0, False)}
    assert "answered 429" in digest_of(two_owners[1]).last_error
    assert run(now=MORNING + timedelta(minutes=2)).sent == 2
    assert len(notify.taken) == 2


def test_a_wrong_key_loses_nothing(notify, two_owners, settings):
    settings.NOTIFY_API_KEY = notify.key.replace("b0", "b1")

    delivered = run()

    assert (delivered.failed, delivered.put_back) == (0, 2)
    assert "answered 403" in digest_of(two_owners[0]).last_error
    settings.NOTIFY_API_KEY = notify.key
    assert run(now=MORNING + timedelta(minutes=2)).sent == 2


@pytest.mark.parametrize("trouble", [BROKEN, GATEWAY])
def test_after_a_fault_of_the_server_it_is_asked_what_it_has_before_sending_again(notify, two_owners, trouble):
    notify.trouble(trouble, address=two_owners[0].email, times=1)
    assert run().sent == 1
    waits = digest_of(two_owners[0])
    assert (waits.state, waits.is_uncertain) == (Digest.State.QUEUED, True)

    assert run(now=MORNING + timedelta(minutes=3)).sent == 1

    assert notify.lookups == [waits.message_id("any").strip("<>").split("@")[0]]
    assert len(notify.taken) == 2


def test_an_email_that_was_taken_while_the_answer_was_lost_is_not_sent_again(notify, two_owners):
    notify.trouble(HANGS, address=two_owners[0].email, times=1)
    assert run().sent == 1
    waits = digest_of(two_owners[0])
    assert (waits.state, waits.is_uncertain) == (Digest.State.QUEUED, True)

    assert run(now=MORNING + timedelta(minutes=3)).sent == 1

    assert digest_of(two_owners[0]).state == Digest.State.SENT
    assert sorted(each["email_address"] for each in notify.taken) == sorted(person.email for person in two_owners)


def test_an_email_that_notify_gave_up_by_itself_is_sent_again(notify):
    with mail.Post() as post:
        post.send(an_email(), message_id="<abc@host>")
        notify.taken[0]["status"] = "technical-failure"
        post.send(an_email(), message_id="<abc@host>", may_have_gone=True)
        notify.taken[1]["status"] = "delivered"
        post.send(an_email(), message_id="<abc@host>", may_have_gone=True)

    assert len(notify.taken) == 2


def test_a_server_that_is_away_keeps_everything_waiting(notify, two_owners):
    notify.stop()

    delivered = run()

    assert (delivered.sent, delivered.failed, delivered.put_back) == (0, 0, 2)
    assert "GOV.UK Notify cannot be reached" in digest_of(two_owners[0]).last_error
    assert not digest_of(two_owners[0]).is_uncertain


def test_a_worker_whose_time_is_over_sends_nothing(notify):
    with mail.Post() as post, pytest.raises(mail.TooLate):
        post.send(an_email(), message_id="<abc@host>", is_in_time=lambda: False)

    assert not notify.taken


def test_an_email_that_can_be_stopped_says_where(notify):
    with mail.Post() as post:
        post.send(an_email(stop_url=STOP), message_id="<abc@host>")

    assert notify.taken[0]["one_click_unsubscribe_url"] == STOP


def test_what_somebody_typed_does_not_become_a_link():
    assert client.without_links_of_others("[Pay here](https://evil.example)") == "[Pay here] (https://evil.example)"
