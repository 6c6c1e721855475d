"""The product's own processes with faults put into them from outside, so that the product holds no hook for tests.

    python -m tests.services.dying runner            forks a process for each line of JSON that it reads
    python -m tests.services.dying celery worker …   the plain Celery command

`DIE_AT=step:number` in the environment kills the whole worker with -9 when a step is reached for that time.
`CLOCK_FILE` names a file with the London moment that the product takes for now, so that days can pass while
processes run; `BEAT_SECONDS` is then how often beat asks for every job.
"""

import json
import os
import signal
import smtplib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from tracker.config.celery import app  # noqa: E402
from tracker.dates import clock  # noqa: E402
from tracker.reminders import emails, outbox  # noqa: E402
from tracker.reminders.mail.smtp import Backend  # noqa: E402

# In the order in which an email passes them. From "data" to "commit" the mail server may have it and we not know.
STEPS = ("claim", "attach", "render", "connect", "recipient", "data", "accepted", "commit", "settled")
END_OF_DATA = b"\r\n.\r\n"
delivering: Any = sys.modules[outbox.deliver.__module__]
Reached = Callable[[str], None]


def watch(reached: Reached) -> None:
    """Call `reached` with the name of each step of the send path when it is done."""

    def after(owner: Any, name: str, step: str, *, when: Callable[..., bool] = lambda *_: True) -> None:
        real = getattr(owner, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            answer = real(*arguments, **options)
            if when(*arguments):
                reached(step)
            return answer

        setattr(owner, name, watched)

    after(delivering, "_claim", "claim")
    after(delivering, "_attach", "attach")
    after(emails, "write", "render")
    after(Backend, "open", "connect")
    after(smtplib.SMTP, "rcpt", "recipient")
    after(smtplib.SMTP, "send", "data", when=lambda _, said: isinstance(said, bytes) and said.endswith(END_OF_DATA))
    after(Backend, "_send", "accepted")
    real_settle = delivering._settle

    def settle(*arguments: Any, **options: Any) -> Any:
        with transaction.atomic():
            answer = real_settle(*arguments, **options)
            reached("commit")
        reached("settled")
        return answer

    delivering._settle = settle


def at(step: str, number: int, act: Callable[[], None]) -> Reached:
    """Return what acts when a step is reached for the given time."""
    seen: Counter[str] = Counter()

    def reached(this: str) -> None:
        seen[this] += 1
        if this == step and seen[this] == number:
            act()

    return reached


def follow_clock_file() -> None:
    """Take the moment for now from a file, and ask for jobs every few moments."""
    file = Path(os.environ["CLOCK_FILE"])
    # Every module asks `clock.now()`, so replacing it there reaches all.
    clock.now = lambda: datetime.fromisoformat(file.read_text()).replace(tzinfo=clock.LONDON)  # type: ignore[assignment]
    every = timedelta(seconds=float(os.environ.get("BEAT_SECONDS", "1")))
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        entry["schedule"] = every
        entry["options"] = {"expires": 30}
    app.conf.beat_schedule = settings.CELERY_BEAT_SCHEDULE
    app.conf.beat_max_loop_interval = every.total_seconds()


# The runner


@contextmanager
def _child() -> Iterator[None]:
    """Run a block in this process, which is a new one, and end it whatever happens."""
    code = 1
    try:
        yield
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def _work(asked: dict[str, Any], answer: int) -> None:
    """Do what a line asks, in a process of its own."""
    if code := asked.get("code"):
        told: dict[str, Any] = {}
        exec(code, told)  # noqa: S102  The tests write what stands in the line.
        os.write(answer, json.dumps(told.get("answer")).encode())
        return
    if step := asked.get("step"):
        number = signal.SIGSTOP if asked.get("freeze") else signal.SIGKILL
        watch(at(step, asked.get("number", 1), lambda: os.kill(os.getpid(), number)))
    moment = datetime.fromisoformat(asked["now"])
    began = time.time()
    delivered = outbox.deliver(
        on=moment.date(), at=moment, now=lambda: moment + timedelta(seconds=time.time() - began), run_for=None
    )
    os.write(answer, json.dumps(vars(delivered)).encode())


def _fork(asked: dict[str, Any]) -> dict[str, Any]:
    """Do what a line asks in a new process, and tell how that ended: well, killed, or frozen."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with _child():
            os.close(reading)
            _work(asked, writing)
    os.close(writing)
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"frozen": pid}
    with os.fdopen(reading) as file:
        said = file.read()
    return {"code": os.waitstatus_to_exitcode(status), "answer": json.loads(said) if said else None}


def _thaw(pid: int) -> dict[str, Any]:
    os.kill(pid, signal.SIGCONT)
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status)}


def runner() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_thaw(asked["thaw"]) if "thaw" in asked else _fork(asked)), flush=True)


def main() -> None:
    if sys.argv[1] == "runner":
        runner()
        return
    if os.environ.get("CLOCK_FILE"):
        follow_clock_file()
    if die_at := os.environ.get("DIE_AT"):
        step, _, number = die_at.partition(":")
        watch(at(step, int(number), lambda: os.killpg(os.getpgrp(), signal.SIGKILL)))
    from celery.__main__ import main as celery

    sys.argv = sys.argv[1:]
    celery()


if __name__ == "__main__":
    main()
