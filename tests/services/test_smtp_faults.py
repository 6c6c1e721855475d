"""A mail server that is slow, refuses, breaks off or is away: others are not held up, each outcome is in the ledger."""

from datetime import datetime

import pytest

from tests.services.faults import Runner, ids_by_address, later, owners_with_late_actions, states, uncertain
from tests.services.servers import Product, SmtpSink
from tracker.dates.clock import LONDON
from tracker.reminders.outbox import MOST_TRIES

OWNERS = 12
DAY = "2026-05-06"
MORNING = datetime(2026, 5, 6, 8, 5, tzinfo=LONDON)
MINUTE = 60
POISONED = "owner.03@council.example"


@pytest.fixture
def runner(product: Product):
    with Runner(product) as runner:
        owners_with_late_actions(runner, OWNERS)
        runner.queue(DAY)
        yield runner


def ledger(product: Product, address: str) -> tuple[str, int, str]:
    ((state, tries, error),) = product.rows(
        "SELECT d.state, d.tries, d.last_error FROM reminders_digest d JOIN accounts_user u ON u.id = d.recipient_id"
        " WHERE u.email = %s",
        address,
    )
    return state, tries, error


def deliver_until_evening(runner: Runner, *, every: int = 15 * MINUTE) -> list[dict]:
    return [runner.deliver(later(MORNING, seconds)) for seconds in range(0, 10 * 60 * MINUTE, every)]


def each_got_one(sink: SmtpSink, *, but: set[str] = frozenset()) -> bool:
    found = ids_by_address(sink)
    return len(found) == OWNERS - len(but) and all(len(ids) == 1 for ids in found.values())


def test_every_third_message_refused_for_now_goes_later_and_the_others_in_the_same_run(
    runner: Runner, product: Product, smtp_sink: SmtpSink
):
    smtp_sink.refuse_data("451 4.7.1 Try again later", every=3)

    first = runner.deliver(MORNING)

    assert (first["sent"], first["put_back"], first["failed"]) == (8, 4, 0)
    errors = product.rows("SELECT DISTINCT last_error, tries FROM reminders_digest WHERE state = 'queued'")
    assert errors == [("The mail server answered 451 4.7.1 Try again later", 1)]
    assert runner.deliver(later(MORNING, MINUTE))["sent"] == 0  # Too soon.
    smtp_sink.behave()
    assert runner.deliver(later(MORNING, 10 * MINUTE))["sent"] == 4
    assert each_got_one(smtp_sink)
    assert len(smtp_sink.messages) == OWNERS
    assert not uncertain(product)


def test_every_third_message_refused_for_good_is_kept_and_not_tried_again(
    runner: Runner, product: Product, smtp_sink: SmtpSink
):
    smtp_sink.refuse_data("554 5.6.0 Not wanted", every=3)

    first = runner.deliver(MORNING)

    assert (first["sent"], first["failed"]) == (8, 4)
    assert states(product) == {"sent": 8, "failed": 4}
    assert len(first["refusals"]) == 4
    assert runner.deliver(later(MORNING, 60 * MINUTE))["failed"] == 0
    kept = product.rows("SELECT last_error, address, length(text) > 0 FROM reminders_digest WHERE state = 'failed'")
    assert {(error, bool(address), has_text) for error, address, has_text in kept} == {
        ("The mail server answered 554 5.6.0 Not wanted", True, True)
    }


@pytest.mark.parametrize("kept", [True, False])
def test_every_fourth_message_cut_off_after_it_was_sent_repeats_only_under_its_id_and_is_uncertain(
    runner: Runner, product: Product, smtp_sink: SmtpSink, kept: bool
):
    smtp_sink.drop_after_data(kept=kept, times=None, every=4)

    first = runner.deliver(MORNING)
    cut_off = uncertain(product)
    smtp_sink.behave()
    runner.deliver(later(MORNING, 10 * MINUTE))

    assert (first["sent"], first["put_back"]) == (9, 3)
    assert len(cut_off) == 3
    assert uncertain(product) == cut_off
    assert states(product) == {"sent": OWNERS}
    assert each_got_one(smtp_sink)
    twice = {address for address, ids in ids_by_address(smtp_sink).items() if ids.total() > 1}
    assert twice == (cut_off if kept else set())


def test_a_poisoned_address_cannot_stop_the_queue_and_is_given_up_in_the_end(
    runner: Runner, product: Product, smtp_sink: SmtpSink
):
    """A server that falls over at one address, each time."""
    smtp_sink.refuse(POISONED, "421 4.3.0 Falling over")

    first = runner.deliver(MORNING)

    assert first["sent"] == OWNERS - 1
    assert each_got_one(smtp_sink, but={POISONED})
    deliver_until_evening(runner)
    state, tries, error = ledger(product, POISONED)
    assert (state, tries) == ("failed", MOST_TRIES)
    assert "421" in error
    assert len([each for each in smtp_sink.refusals if each.address == POISONED]) <= 2 * MOST_TRIES


def test_an_hour_away_keeps_all_waiting_with_the_reason_and_all_goes_when_it_is_back(
    runner: Runner, product: Product, smtp_sink: SmtpSink
):
    with smtp_sink.away():
        for minute in range(0, 60, 5):
            away = runner.deliver(later(MORNING, minute * MINUTE))
            assert (away["sent"], away["failed"]) == (0, 0)
        assert states(product) == {"queued": OWNERS}
        ((error, tries),) = product.rows("SELECT DISTINCT last_error, tries FROM reminders_digest")
        assert error.startswith("The mail server cannot be reached")
        assert tries == 0

    back = runner.deliver(later(MORNING, 61 * MINUTE))

    assert back["sent"] == OWNERS
    assert each_got_one(smtp_sink)
    assert not uncertain(product)


def test_a_slow_server_ends_a_run_in_time_and_the_next_goes_on(product: Product, smtp_sink: SmtpSink):
    """What a worker cannot send within its lease it gives back, and no other sends it twice."""
    smtp_sink.be_slow(0.2)
    with Runner(product.having(EMAIL_LEASE_SECONDS="1")) as runner:
        owners_with_late_actions(runner, OWNERS)
        runner.queue(DAY)
        first = runner.deliver(MORNING)
        runner.deliver(later(MORNING, 5 * MINUTE))

    assert first["put_back"] > 0
    assert states(product) == {"sent": OWNERS}
    assert len(smtp_sink.messages) == OWNERS
    assert not uncertain(product)


def test_a_server_that_hangs_up_after_some_messages_on_a_line_gets_the_rest_on_a_new_one(
    runner: Runner, product: Product, smtp_sink: SmtpSink
):
    smtp_sink.most_on_a_line = 5
    before = smtp_sink.connections

    first = runner.deliver(MORNING)

    assert (first["sent"], first["put_back"]) == (OWNERS, 0)
    assert smtp_sink.connections - before == 3
    assert not uncertain(product)


def test_the_programme_office_is_shown_each_outcome(runner: Runner, product: Product, smtp_sink: SmtpSink):
    smtp_sink.refuse(POISONED)
    smtp_sink.refuse("owner.04@council.example", "450 4.2.2 Full")
    smtp_sink.drop_after_data(kept=True)
    runner.deliver(MORNING)

    page = runner.run(
        """
from django.conf import settings
settings.TRACKER_TODAY = __import__("datetime").date(2026, 5, 6)
from django.test import Client
from accounts.middleware import COUNCIL_IN_SESSION
from accounts.models import Authority
from tests.factories import aisha
council = Authority.objects.get()
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(aisha(council).user)
session = client.session
session[COUNCIL_IN_SESSION] = council.pk
session.save()
answer = client.get("/emails/").content.decode()
"""
    )

    words = " ".join(page.split())
    for outcome in ("550 5.1.1 No such mailbox", "450 4.2.2 Full", "broke off"):
        assert outcome in words
