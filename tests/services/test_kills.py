"""kill -9 at each step of the send path: nobody is left out, nobody gets a second Message-ID.

50 kills in a normal run; `KILLS=500 ./deploy/test tests/services/test_kills.py` for more.
"""

import os
import random
import time
from datetime import datetime

from tests.services.dying import STEPS
from tests.services.faults import (
    Runner,
    dying,
    forget_the_day,
    ids_by_address,
    later,
    owners_with_late_actions,
    states,
    uncertain,
)
from tests.services.servers import Product, SmtpSink, wait_until
from tracker.dates.clock import LONDON

KILLS = int(os.environ.get("KILLS", "50"))
KILLS_A_MORNING = 10
OWNERS = 12
DAY = "2026-05-06"
MORNING = datetime(2026, 5, 6, 8, 5, tzinfo=LONDON)
LEASE_SECONDS = 600
# The server may have the email, and we have not recorded it.
IN_THE_GAP = ("data", "accepted", "commit")
# Once in a batch, and for each email.
ONCE = ("claim", "attach", "render", "connect")


def hold_what_is_promised(product: Product, sink: SmtpSink, *, kills_in_the_gap: int) -> None:
    assert states(product) == {"sent": OWNERS}
    found = ids_by_address(sink)
    assert len(found) == OWNERS
    assert all(len(ids) == 1 for ids in found.values())
    twice = {address for address, ids in found.items() if ids.total() > 1}
    assert twice <= uncertain(product)
    assert len(sink.messages) - OWNERS <= kills_in_the_gap


def test_kills_at_every_step_leave_nobody_out_and_make_no_second_message_id(product: Product, smtp_sink: SmtpSink):
    chance = random.Random(2026)
    done = dict.fromkeys(STEPS, 0)
    with Runner(product) as runner:
        owners_with_late_actions(runner, OWNERS)
        while sum(done.values()) < KILLS:
            forget_the_day(product)
            smtp_sink.clear()
            runner.queue(DAY)
            now, in_the_gap = MORNING, 0
            for _ in range(KILLS_A_MORNING):
                # The step that was hit least, so that each is hit equally often.
                step = min(STEPS, key=lambda step: (done[step], chance.random()))
                if not runner.die(now, step, 1 if step in ONCE else chance.randint(1, 4)):
                    break
                done[step] += 1
                in_the_gap += step in IN_THE_GAP
                now = later(now, LEASE_SECONDS + 1)
            runner.deliver(later(now, LEASE_SECONDS + 1))

            hold_what_is_promised(product, smtp_sink, kills_in_the_gap=in_the_gap)
    assert min(done.values()) >= KILLS // len(STEPS) // 2


def test_a_worker_frozen_past_its_lease_sends_nothing_when_it_wakes(product: Product, smtp_sink: SmtpSink):
    with Runner(product.having(EMAIL_LEASE_SECONDS="1")) as runner:
        owners_with_late_actions(runner, OWNERS)
        for step in ("claim", "attach", "render", "connect", "recipient"):
            forget_the_day(product)
            smtp_sink.clear()
            runner.queue(DAY)
            frozen = runner.freeze(MORNING, step)
            assert not smtp_sink.messages
            time.sleep(1.1)
            runner.deliver(later(MORNING, 60))

            runner.thaw(frozen)

            assert len(smtp_sink.messages) == OWNERS, step
            assert states(product) == {"sent": OWNERS}, step


def test_a_celery_worker_killed_at_each_step_is_made_up_for_by_the_next(product: Product, smtp_sink: SmtpSink):
    morning = product.on(f"{DAY}T08:05").having(EMAIL_LEASE_SECONDS="2")
    with Runner(morning) as runner:
        owners_with_late_actions(runner, OWNERS)
        runner.queue(DAY)
        for step in ("claim:1", "render:1", "connect:1", "data:2", "commit:2"):
            with dying(morning.worker(concurrency=1), step) as worker:
                runner.run(SEND)
                wait_until(lambda worker=worker: not worker.is_running(), f"the worker to die at {step}")
            time.sleep(2.1)
        with morning.worker(concurrency=1):
            runner.run(SEND)
            wait_until(lambda: states(morning) == {"sent": OWNERS}, "12 emails sent")

    hold_what_is_promised(morning, smtp_sink, kills_in_the_gap=2)


SEND = "from tracker.config.celery import app\napp.send_task('reminders.deliver')"


def test_a_worker_that_is_told_to_stop_ends_with_the_email_in_hand_and_gives_the_others_back(
    product: Product, smtp_sink: SmtpSink
):
    morning = product.on(f"{DAY}T08:05")
    smtp_sink.be_slow(0.5)
    with Runner(morning) as runner:
        owners_with_late_actions(runner, OWNERS)
        runner.queue(DAY)
        with morning.worker(concurrency=1) as worker:
            runner.run(SEND)
            wait_until(lambda: len(smtp_sink.messages) >= 2, "2 emails")
            began = time.monotonic()
            worker.stop()
            took = time.monotonic() - began
        smtp_sink.behave()
        gone = len(smtp_sink.messages)

        assert took < 5  # Well under the 5 seconds that the rest would have taken, and the 2 of Celery's own end.
        assert gone < OWNERS // 2
        assert states(morning) == {"sent": gone, "queued": OWNERS - gone}
        assert not uncertain(morning)
        assert morning.rows("SELECT DISTINCT tries FROM reminders_digest WHERE state = 'queued'") == [(0,)]
        morning.manage("daily", "--on", DAY)

    hold_what_is_promised(morning, smtp_sink, kills_in_the_gap=0)
