"""What runs beside the product goes away, in the middle of a morning or for days: all is sent, nothing twice."""

import shutil
from pathlib import Path

import pytest

from tests.services.faults import (
    Runner,
    following,
    ids_by_address,
    owners_with_late_actions,
    states,
    wait_for_jobs,
)
from tests.services.servers import PostgresServer, Product, RedisServer, SmtpSink, product_environment, wait_until

OWNERS = 20
DAY = "2026-05-06"
SCHEDULE = ("reminders.queue_due", "reminders.deliver")
SLOW = 0.1


def all_sent(product: Product) -> bool:
    return states(product) == {"sent": OWNERS}


def test_everything_beside_the_product_restarts_in_the_middle_of_a_morning(
    product: Product, redis_server: RedisServer, postgres_server: PostgresServer, smtp_sink: SmtpSink, tmp_path: Path
):
    """Redis restarted and flushed, then its disk lost, then PostgreSQL restarted, while emails go."""
    moment = tmp_path / "now"
    moment.write_text(f"{DAY}T08:05")
    with Runner(product) as runner:
        owners_with_late_actions(runner, OWNERS)
    smtp_sink.be_slow(SLOW)
    with following(product.worker(concurrency=2), moment), following(product.beat(), moment):
        smtp_sink.wait_for(3, seconds=60)
        redis_server.restart()
        redis_server.flush()
        smtp_sink.wait_for(7, seconds=60)
        redis_server.stop()
        shutil.rmtree(redis_server.folder / "appendonlydir")
        redis_server.start()
        smtp_sink.wait_for(11, seconds=60)
        postgres_server.restart("immediate")
        wait_until(lambda: all_sent(product), f"{OWNERS} emails sent", seconds=90)
        smtp_sink.behave()

    assert len(smtp_sink.messages) == OWNERS
    assert all(ids.total() == 1 for ids in ids_by_address(smtp_sink).values())


THREE_COUNCILS_DAYS = """
from datetime import date
from django.db import transaction
from tests.factories import make_action, make_authority, make_member, make_plan
with transaction.atomic():
    council = make_authority()
    plan = make_plan(council)
    people = {name: make_member(council, name=name).user for name in ("Priya Nair", "Dee Walsh", "Sam Porter")}
    make_action(plan=plan, owner=people["Priya Nair"], deadline=date(2026, 5, 5), title="Late before")
    make_action(plan=plan, owner=people["Priya Nair"], deadline=date(2026, 5, 6), title="Late on the first day away")
    make_action(plan=plan, owner=people["Priya Nair"], deadline=date(2026, 5, 8), title="Late on the third day away")
    make_action(plan=plan, owner=people["Dee Walsh"], deadline=date(2026, 5, 7), title="Came and was done")
    make_action(plan=plan, owner=people["Sam Porter"], deadline=date(2026, 5, 8), title="Was due while away")
"""
DONE_MEANWHILE = """
from datetime import date
from tracker.actions import changes
from tracker.actions.models import Action
changes.cancel(Action.objects.get(title="Came and was done"), by=None, on=date(2026, 5, 8), reason="Replaced")
"""


def test_after_beat_was_down_for_3_days_each_person_gets_one_email_with_all_that_is_owed(
    product: Product, smtp_sink: SmtpSink, tmp_path: Path
):
    moment = tmp_path / "now"
    moment.write_text("2026-05-06T08:05")
    with Runner(product) as runner, following(product.worker(concurrency=1), moment):
        runner.run(THREE_COUNCILS_DAYS)
        with following(product.beat(), moment):
            wait_for_jobs(product, *SCHEDULE)
        smtp_sink.clear()
        # Thursday and Friday pass, and Monday 7am; Dee's action came due and is gone again.
        runner.run(DONE_MEANWHILE)
        moment.write_text("2026-05-11T08:05")
        with following(product.beat(), moment):
            wait_for_jobs(product, *SCHEDULE)

    found = {message.recipients[0]: message for message in smtp_sink.messages}
    assert len(found) == len(smtp_sink.messages)
    assert set(found) == {"priya.nair@council.example", "sam.porter@council.example"}
    priya = " ".join(found["priya.nair@council.example"].text.split())
    assert found["priya.nair@council.example"].subject == "3 of your actions are overdue"
    for title in ("Late before", "Late on the first day away", "Late on the third day away"):
        assert title in priya
    assert "1 of your actions is overdue" in found["sam.porter@council.example"].subject


@pytest.fixture
def product(
    postgres_server: PostgresServer, fresh_database: str, redis_server: RedisServer, redis_urls, smtp_sink: SmtpSink
) -> Product:
    """An installation whose leases are short enough to watch them pass."""
    redis_server.flush()
    env = product_environment(fresh_database, next(redis_urls), smtp_sink, EMAIL_LEASE_SECONDS="20")
    return Product(env)
