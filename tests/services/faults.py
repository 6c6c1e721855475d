"""Faults for the processes of an installation: workers that die at a step, processes that follow a clock in a file."""

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.services.servers import ROOT, Process, Product, SmtpSink, wait_until

MODULE = "tests.services.dying"
SECONDS = 60


class Died(Exception):
    """A process of the runner failed by itself."""


class Runner:
    """Forks a process of the product for each thing it is asked, in milliseconds where a new one takes seconds."""

    def __init__(self, product: Product) -> None:
        self.product = product

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, "runner"],
            cwd=ROOT,
            env=self.product.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _ask(self, **asked: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def run(self, code: str) -> Any:
        """Run Python in the product; return what it left in `answer`, as JSON keeps it."""
        told = self._ask(code=code)
        if told["code"]:
            raise Died(code)
        return told["answer"]

    def queue(self, day: str) -> None:
        self.run(
            "from datetime import date, datetime\n"
            "from tracker.actions import flags\n"
            "from tracker.dates.clock import LONDON\n"
            "from tracker.reminders import outbox\n"
            f"on = date.fromisoformat('{day}')\n"
            "flags.flag_overdue(on=on, at=datetime(on.year, on.month, on.day, 8, tzinfo=LONDON))\n"
            "outbox.queue_due(on=on)\n"
        )

    def deliver(self, now: datetime) -> dict[str, Any]:
        """Deliver in a process that nothing disturbs, and return what it did."""
        told = self._ask(now=now.isoformat())
        if told["code"]:
            raise Died(str(told))
        answer: dict[str, Any] = told["answer"]
        return answer

    def die(self, now: datetime, step: str, number: int = 1) -> bool:
        """Deliver in a process that is killed with -9 at a step; return whether it came so far."""
        told = self._ask(now=now.isoformat(), step=step, number=number)
        if told["code"] not in (0, -9):
            raise Died(str(told))
        return bool(told["code"] == -9)

    def freeze(self, now: datetime, step: str, number: int = 1) -> int:
        """Deliver in a process that freezes at a step, and return its id for `thaw`."""
        told = self._ask(now=now.isoformat(), step=step, number=number, freeze=True)
        if "frozen" not in told:
            raise Died(str(told))
        return int(told["frozen"])

    def thaw(self, pid: int) -> None:
        """Let a frozen process go on to its end."""
        told = self._ask(thaw=pid)
        if told["code"]:
            raise Died(str(told))


def dying(process: Process, die_at: str) -> Process:
    """Return a worker that is killed with -9 when it reaches a step, given as `step:number`."""
    return _disturbed(process, DIE_AT=die_at)


def following(process: Process, clock_file: Path) -> Process:
    """Return a worker or beat for which it is the moment that a file holds; beat then asks for all every moment."""
    return _disturbed(process, CLOCK_FILE=str(clock_file))


def _disturbed(process: Process, **variables: str) -> Process:
    assert process.env is not None
    process.env = process.env | variables
    where = process.command.index("celery")
    process.command[where : where + 1] = [MODULE, "celery"]
    return process


def owners_with_late_actions(runner: Runner, number: int) -> None:
    """Make a council in which each owner has one action that became overdue on 5 May 2026."""
    runner.run(
        f"""
from datetime import date
from django.db import transaction
from tests.factories import make_action, make_authority, make_member, make_plan
with transaction.atomic():
    council = make_authority()
    plan = make_plan(council)
    for number in range({number}):
        owner = make_member(council, name=f"Owner {{number:02}}").user
        make_action(plan=plan, owner=owner, deadline=date(2026, 5, 5))
"""
    )


def forget_the_day(product: Product) -> None:
    """Take back what was queued and sent, so that the same morning can begin again."""
    product.rows("TRUNCATE reminders_reminder, reminders_digest CASCADE")


def ids_by_address(sink: SmtpSink) -> dict[str, Counter[str]]:
    """Return, for each address, how often each Message-ID came."""
    found: dict[str, Counter[str]] = {}
    for message in sink.messages:
        found.setdefault(message.recipients[0], Counter())[message.message_id] += 1
    return found


def states(product: Product) -> Counter[str]:
    return Counter(state for (state,) in product.rows("SELECT state FROM reminders_digest"))


def uncertain(product: Product) -> set[str]:
    """Return the addresses of emails of which the ledger says that a copy may have arrived."""
    return {
        address
        for (address,) in product.rows(
            "SELECT u.email FROM reminders_digest d JOIN accounts_user u ON u.id = d.recipient_id WHERE d.is_uncertain"
        )
    }


def wait_for_jobs(product: Product, *names: str) -> None:
    """Wait until each job has begun and ended well from now on, twice for what was under way."""
    for _ in range(2):
        before = dict(product.rows("SELECT job, last_good_at FROM reminders_jobrun"))

        def have_run(before: dict[str, Any] = before) -> bool:
            now = dict(product.rows("SELECT job, last_good_at FROM reminders_jobrun"))
            return all(now.get(name) is not None and now.get(name) != before.get(name) for name in names)

        wait_until(have_run, f"{', '.join(names)} to have run", seconds=SECONDS)


def later(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=seconds)
