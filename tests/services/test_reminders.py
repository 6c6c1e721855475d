"""The outbox with real processes: workers that are killed, servers that go away, addresses that are refused."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.services.servers import Product, RedisServer, SmtpSink, wait_until

OWNERS = 12
DAY = "2026-05-06T08:05"


def a_morning(product: Product) -> None:
    """A council in which each of 12 owners has one action that became overdue yesterday."""
    product.on(DAY).shell(
        f"""
from datetime import date
from django.db import transaction
from tests.factories import make_action, make_authority, make_member, make_plan
with transaction.atomic():
    council = make_authority()
    plan = make_plan(council)
    for number in range({OWNERS}):
        owner = make_member(council, name=f"Owner {{number:02}}").user
        make_action(plan=plan, owner=owner, deadline=date(2026, 5, 5))
"""
    )


@pytest.fixture
def morning(product: Product) -> Product:
    """The installation on the morning of Wednesday 6 May 2026, with leases short enough to watch them pass."""
    a_morning(product)
    return product.on(DAY).having(EMAIL_LEASE_SECONDS="4")


def send(product: Product) -> None:
    """Queue what is owed, and publish the task that delivers, as beat does."""
    product.shell(
        "from datetime import date\n"
        "from tracker.config.celery import app\n"
        "from tracker.reminders import outbox\n"
        "outbox.queue_due(on=date(2026, 5, 6))\n"
        "app.send_task('reminders.deliver')"
    )


def states(product: Product) -> Counter:
    return Counter(state for (state,) in product.rows("SELECT state FROM reminders_digest"))


def all_sent(product: Product) -> bool:
    return states(product) == {"sent": OWNERS}


def message_ids(sink: SmtpSink) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for message in sink.messages:
        found.setdefault(message.recipients[0], set()).add(message.message_id)
    return found


def test_beat_and_worker_send_each_owner_one_email(morning: Product, smtp_sink: SmtpSink):
    with morning.worker(), morning.beat():
        wait_until(lambda: all_sent(morning), "12 emails sent", seconds=60)

    assert len(smtp_sink.messages) == OWNERS
    assert all(len(message.recipients) == 1 for message in smtp_sink.messages)
    assert morning.rows("SELECT count(*) FROM actions_overdueflag") == [(OWNERS,)]
    assert morning.rows("SELECT count(*) FROM actions_historicaloverdueflag") == [(OWNERS,)]


def test_running_the_day_again_sends_nothing_over_one_connection(morning: Product, smtp_sink: SmtpSink):
    before = smtp_sink.connections
    morning.manage("daily", "--on", "2026-05-06")
    morning.manage("daily", "--on", "2026-05-06")

    assert len(smtp_sink.messages) == OWNERS
    assert smtp_sink.connections - before == 1


def test_four_runs_at_once_send_each_owner_one_email(morning: Product, smtp_sink: SmtpSink):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: morning.manage("daily", "--on", "2026-05-06"), range(4)))

    assert len(smtp_sink.messages) == OWNERS
    assert len(message_ids(smtp_sink)) == OWNERS
    assert morning.rows("SELECT count(*) FROM reminders_reminder") == [(OWNERS,)]
    assert morning.rows("SELECT count(*) FROM actions_historicaloverdueflag") == [(OWNERS,)]


def test_losing_everything_in_redis_loses_no_email(morning: Product, smtp_sink: SmtpSink, redis_server: RedisServer):
    send(morning)
    redis_server.flush()

    with morning.worker(), morning.beat():
        wait_until(lambda: all_sent(morning), "12 emails sent", seconds=60)

    assert len(smtp_sink.messages) == OWNERS


def test_a_broker_that_is_away_keeps_the_rows_and_they_are_sent_later(morning: Product, smtp_sink: SmtpSink):
    without = morning.having(REDIS_URL="redis://127.0.0.1:1/0")
    without.shell(
        "from tracker.reminders import outbox; from datetime import date; outbox.queue_due(on=date(2026,5,6))"
    )
    assert morning.rows("SELECT count(*) FROM reminders_reminder") == [(OWNERS,)]
    with without.web() as web:
        assert web.get("/sign-in/")[0] == 200

    with morning.worker(), morning.beat():
        wait_until(lambda: all_sent(morning), "12 emails sent", seconds=60)


def test_one_refused_address_holds_up_nobody_and_is_kept(morning: Product, smtp_sink: SmtpSink):
    smtp_sink.refuse("owner.03@council.example")

    printed = morning.manage("daily", "--on", "2026-05-06", "--json")

    assert '"sent": 11' in printed
    assert '"failed": 1' in printed
    ((state, error),) = morning.rows(
        "SELECT state, last_error FROM reminders_digest WHERE address = %s", "owner.03@council.example"
    )
    assert state == "failed"
    assert "550" in error
