"""What is measured inside a process of the product, as in a running worker: `python -m deploy.bench.inside TASK`.

Each task prints one JSON object. The database and the mail server come from the environment.
"""

import argparse
import json
import os
import re
import resource
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection, models, transaction  # noqa: E402
from django.db.models import Count, Min, Q  # noqa: E402
from django.template.loader import get_template  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from tracker.actions import changes, flags  # noqa: E402
from tracker.actions.models import Action, OverdueFlag  # noqa: E402
from tracker.audit.chain import recorded  # noqa: E402
from tracker.audit.history import history_of  # noqa: E402
from tracker.audit.sets import log_because  # noqa: E402
from tracker.dates.clock import LONDON  # noqa: E402
from tracker.dates.models import calendar  # noqa: E402
from tracker.reminders import outbox, rules  # noqa: E402
from tracker.reminders.models import Digest, Reminder  # noqa: E402

LONG_AGO = date(2012, 1, 3)
SLOWEST = 4
# From 8 to 19 days ahead is 12 of the 180 days over which the later 30% are spread: 2% of all.
MOVED_FIRST, MOVED_LAST = 8, 19
Task = Callable[[argparse.Namespace], dict[str, Any]]


@dataclass
class Statements:
    """SQL statements that were run, and the time each kind took; transactions themselves are not counted."""

    number: int = 0
    seconds: float = 0
    kinds: dict[str, tuple[int, float]] = field(default_factory=lambda: defaultdict(lambda: (0, 0.0)))

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - began
            self.number += 1
            self.seconds += took
            kind = re.sub(r"IN \([^()]*\)", "IN (…)", sql)
            times, total = self.kinds[kind]
            self.kinds[kind] = (times + 1, total + took)

    def slowest(self) -> list[dict[str, Any]]:
        """Return the kinds of statement that took longest together."""
        ordered = sorted(self.kinds.items(), key=lambda kind: -kind[1][1])[:SLOWEST]
        return [{"times": times, "ms": ms(total), "sql": sql[:300]} for sql, (times, total) in ordered]

    def told(self) -> dict[str, Any]:
        return {"statements": self.number, "sql_ms": ms(self.seconds), "slowest": self.slowest()}


@contextmanager
def counted() -> Iterator[Statements]:
    statements = Statements()
    with connection.execute_wrapper(statements):
        yield statements


def ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def database_cpu_seconds() -> float:
    """Return the CPU that the server process of this connection has used; 0 where the database has none."""
    if connection.vendor != "postgresql":
        return 0
    connection.ensure_connection()
    schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(schedule.read_text().split()[0]) / 1e9


def peak_megabytes() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


# The daily run


def run_stages(on: date) -> dict[str, dict[str, Any]]:
    """Do what `manage.py daily` does, and tell of each stage."""
    morning = datetime(on.year, on.month, on.day, outbox.SEND_FROM_HOUR, tzinfo=LONDON)
    stages: dict[str, Callable[[], Any]] = {
        "flag": lambda: flags.flag_overdue(on=on, at=morning),
        "queue": lambda: outbox.queue_due(on=on),
        "deliver": lambda: outbox.deliver(on=on, at=morning, now=timezone.now),
    }
    told = {}
    for name, stage in stages.items():
        cpu, of_database = time.process_time(), database_cpu_seconds()
        began = time.perf_counter()
        with counted() as statements:
            answer = stage()
        told[name] = {
            "seconds": round(time.perf_counter() - began, 4),
            "cpu_seconds": round(time.process_time() - cpu, 4),
            "database_cpu_seconds": round(database_cpu_seconds() - of_database, 4),
            "number": answer if isinstance(answer, int) else answer.sent,
            **statements.told(),
        }
    return told


def daily(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run a day warm: everything is imported, the connection is open and the caches of both ends are filled."""
    get_template("reminders/email.html")
    reverse("reports:dashboard")
    if not Reminder.objects.waiting().exists():  # Else it would send what waits.
        run_stages(LONG_AGO)
    before = peak_megabytes()
    stages = run_stages(arguments.on)

    def total(what: str) -> Any:
        return round(sum(stage[what] for stage in stages.values()), 4)

    sent = stages["deliver"]["number"]
    return {
        "seconds": total("seconds"),
        "cpu_seconds": total("cpu_seconds"),
        "database_cpu_seconds": total("database_cpu_seconds"),
        "sql_seconds": round(total("sql_ms") / 1000, 4),
        "statements": total("statements"),
        "statements_besides_one_an_email": total("statements") - sent,  # The one that marks it as sent.
        "sent": sent,
        "peak_megabytes": peak_megabytes(),
        "grew_megabytes": round(peak_megabytes() - before, 1),
        "stages": stages,
    }


def move(arguments: argparse.Namespace) -> dict[str, Any]:
    """Give 2% of the actions a deadline of this very day, with their history, so that they are late tomorrow.

    A bulk change of the benchmark's own, in two statements and two more for each 2,000 rows of its history.
    """
    on: date = arguments.on
    chosen = Q(deadline__range=(on + timedelta(days=MOVED_FIRST), on + timedelta(days=MOVED_LAST)))
    unfinished = Q(completed_on__isnull=True, cancelled_on__isnull=True, claimed_on__isnull=True)
    rows: models.QuerySet[Action] = models.QuerySet(Action).filter(unfinished, chosen)
    began = time.perf_counter()
    with recorded():
        moved = rows.update(deadline=on)
        log_because(
            Action.objects.filter(unfinished, deadline=on), sign="~", reason="Moved by the benchmark", at=timezone.now()
        )
    return {"moved": moved, "seconds": round(time.perf_counter() - began, 3)}


def state(arguments: argparse.Namespace) -> dict[str, Any]:
    """Count what the days so far left behind."""
    return {
        "flags": OverdueFlag.objects.count(),
        "flag_history": history_of(OverdueFlag)._default_manager.count(),
        "reminders": Reminder.objects.count(),
        "digests": dict(Digest.objects.order_by().values_list("state").annotate(number=Count("pk"))),
    }


def late_by_hand(arguments: argparse.Namespace) -> dict[str, Any]:
    """Find and flag what is late with SQL written by hand, in a transaction that is rolled back: the yardstick."""
    at = timezone.now()
    actions, flag, log = (
        connection.ops.quote_name(model._meta.db_table) for model in (Action, OverdueFlag, history_of(OverdueFlag))
    )
    late = "completed_on IS NULL AND cancelled_on IS NULL AND claimed_on IS NULL AND deadline < %s"
    find = f"SELECT owner_id, id, title, deadline FROM {actions} WHERE {late}"  # noqa: S608
    insert = (
        f"INSERT INTO {flag} (action_id, deadline, flagged_on, flagged_at) "  # noqa: S608
        f"SELECT id, deadline, %s, %s FROM {actions} WHERE {late} ON CONFLICT DO NOTHING"
    )
    remember = (
        f"INSERT INTO {log} (id, action_id, deadline, flagged_on, flagged_at, history_date, history_type, "  # noqa: S608
        f"history_change_reason, actor) SELECT id, action_id, deadline, flagged_on, flagged_at, %s, '+', 'late', "
        f"'by hand' FROM {flag} WHERE flagged_at = %s"
    )
    found, finds, flagged = 0, [], []
    with connection.cursor() as cursor:
        for _ in range(arguments.times):
            began = time.perf_counter()
            cursor.execute(find, [arguments.on])
            found = len(cursor.fetchall())
            finds.append(time.perf_counter() - began)
        for _ in range(arguments.times):
            with transaction.atomic():
                began = time.perf_counter()
                cursor.execute(insert, [arguments.on, at, arguments.on])
                cursor.execute(remember, [at, at])
                flagged.append(time.perf_counter() - began)
                transaction.set_rollback(True)
    return {"found": found, "find_ms": ms(min(finds)), "flag_ms": ms(min(flagged))}


def owed_by_hand(arguments: argparse.Namespace) -> dict[str, Any]:
    """Find what flagging and queueing would add for actions, in one SQL statement written by hand: the yardstick.

    PostgreSQL only. It finds every row that is owed and not there yet: flags, before and after a deadline, late for
    long, without an update, given. Nothing is written.
    """
    on, days = arguments.on, calendar()
    oldest = Action.objects.overdue(on=on).aggregate(day=Min("deadline"))["day"] or on
    near = rules.windows(on=on, calendar=days, oldest=oldest)
    quiet = rules.quiet_windows(on=on, oldest=on - timedelta(days=400))

    def table(windows: Sequence[rules.Window]) -> str:
        rows = (f"('{one.kind}', {one.step}, DATE '{one.first}', DATE '{one.last}')" for one in windows)
        return f"(VALUES {', '.join(rows)})"

    going = "a.completed_on IS NULL AND a.cancelled_on IS NULL AND a.claimed_on IS NULL"
    new = (
        "NOT EXISTS (SELECT 1 FROM reminders_reminder r WHERE r.action_id = a.id AND r.recipient_id = {who} "
        "AND r.day = {day} AND r.step = {step} AND r.kind = {kind})"
    )
    owner = "JOIN accounts_user u ON u.id = a.owner_id AND u.is_active"
    lead = "coalesce(nullif(l.id, a.owner_id), nullif(u.id, a.owner_id))"
    late_by = {step: rules.last_late_by(step, on=on, calendar=days) for step in (5, 10)}
    statement = f"""
        SELECT 'flag' AS what, a.id, a.owner_id FROM actions_action a WHERE {going} AND a.deadline < DATE '{on}'
           AND NOT EXISTS (SELECT 1 FROM actions_overdueflag f WHERE f.action_id = a.id AND f.deadline = a.deadline)
        UNION ALL
        SELECT w.kind, a.id, a.owner_id FROM actions_action a
          JOIN {table(near)} w(kind, step, first, last) ON a.deadline BETWEEN w.first AND w.last {owner}
         WHERE {going} AND {new.format(who="a.owner_id", day="a.deadline", step="w.step", kind="w.kind")}
        UNION ALL
        SELECT w.kind, a.id, a.owner_id FROM actions_action a
          JOIN {table(quiet)} w(kind, step, first, last)
            ON coalesce(a.last_updated_on, a.starts_on, a.owner_since) BETWEEN w.first AND w.last {owner}
         WHERE {going} AND a.deadline >= DATE '{on}' AND (a.starts_on IS NULL OR a.starts_on <= DATE '{on}') AND {
        new.format(
            who="a.owner_id",
            day="coalesce(a.last_updated_on, a.starts_on, a.owner_since)",
            step="w.step",
            kind="w.kind",
        )
    }
        UNION ALL
        SELECT 'given', a.id, a.owner_id FROM actions_action a {owner}
         WHERE {going} AND a.owner_since BETWEEN DATE '{on - timedelta(days=rules.RECENT_DAYS)}' AND DATE '{on}'
           AND {new.format(who="a.owner_id", day="a.owner_since", step="0", kind="'given'")}
        UNION ALL
        SELECT 'escalated_lead', a.id, {lead} FROM actions_action a
          JOIN plans_priority p ON p.id = a.priority_id LEFT JOIN accounts_user l ON l.id = p.lead_id AND l.is_active
          LEFT JOIN accounts_service s ON s.id = a.service_id
          LEFT JOIN accounts_user u ON u.id = s.head_id AND u.is_active
         WHERE {going} AND a.deadline <= DATE '{late_by[5]}' AND {lead} IS NOT NULL
           AND {new.format(who=lead, day="a.deadline", step="-5", kind="'escalated_lead'")}
        UNION ALL
        SELECT 'escalated_director', a.id, m.user_id FROM actions_action a
          JOIN accounts_membership m ON m.authority_id = a.authority_id AND m.role = 'director'
         WHERE {going} AND a.deadline <= DATE '{late_by[10]}' AND m.user_id <> a.owner_id
           AND {new.format(who="m.user_id", day="a.deadline", step="-10", kind="'escalated_director'")}
    """  # noqa: S608
    took, found = [], Counter[str]()
    with connection.cursor() as cursor:
        for _ in range(arguments.times):
            began = time.perf_counter()
            cursor.execute(statement)
            rows = cursor.fetchall()
            took.append(time.perf_counter() - began)
            found = Counter(what for what, _, _ in rows)
    return {"found": dict(found), "seconds": round(min(took), 4)}


def together(arguments: argparse.Namespace) -> dict[str, Any]:
    """Deliver a morning that is queued with some workers at once, forked from this process as Celery forks them."""
    get_template("reminders/email.html")
    reverse("reports:dashboard")
    morning = datetime(arguments.on.year, arguments.on.month, arguments.on.day, outbox.SEND_FROM_HOUR, tzinfo=LONDON)
    outbox.queue_due(on=arguments.on)
    connection.close()
    began = time.perf_counter()
    workers = []
    for _ in range(arguments.workers):
        if (pid := os.fork()) == 0:
            outbox.deliver(on=arguments.on, at=morning, now=timezone.now, run_for=None)
            os._exit(0)
        workers.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers]
    return {"workers": arguments.workers, "seconds": round(time.perf_counter() - began, 3), "exit_codes": codes}


# Writes


def writes(arguments: argparse.Namespace) -> dict[str, Any]:
    """Count the statements of one write with and without its history, in a transaction that is rolled back."""
    action = Action.objects.unfinished().exclude(owner=None).order_by("pk")[0]
    told = {}

    def tell(name: str, write: Callable[[], object]) -> None:
        began = time.perf_counter()
        with transaction.atomic():
            with counted() as statements:
                write()
            transaction.set_rollback(True)
        inserts = sum(
            times for sql, (times, _) in statements.kinds.items() if "INSERT INTO" in sql and "historical" in sql
        )
        told[name] = {"ms": ms(time.perf_counter() - began), "statements": statements.number, "of_history": inserts}

    for _ in range(2):  # The first time fills caches.
        tell(
            "record_update",
            lambda: changes.record_update(
                action, narrative="As planned.", rating="on_track", by=action.owner, on=arguments.on, at=timezone.now()
            ),
        )
        tell(
            "move_deadline",
            lambda: changes.move_deadline(
                action,
                to=arguments.on + timedelta(days=100),
                reason_kind="other",
                reason="A benchmark",
                asked_by="A board",
                asked_on=arguments.on,
                agreed_by="A board",
                agreed_on=arguments.on,
                by=None,
                at=timezone.now(),
                calendar=calendar(),
            ),
        )
    return told


# Pages


def pages(arguments: argparse.Namespace) -> dict[str, Any]:
    """Ask for pages without a server and count their statements; the first time fills caches."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(email=arguments.email))
    told = {}
    for address in arguments.addresses:
        seconds = []
        for _ in range(4):
            began = time.perf_counter()
            with counted() as statements:
                answer = client.get(address)
            seconds.append(time.perf_counter() - began)
        told[address] = {"status": answer.status_code, "ms": ms(statistics.median(seconds[1:])), **statements.told()}
    return told


# The past


def live(arguments: argparse.Namespace) -> dict[str, Any]:
    """Give every action as many more versions as `times` says, spread over the 190 days before a day."""
    log = history_of(Action)
    table = connection.ops.quote_name(log._meta.db_table)
    kept = [each.column for each in log._meta.concrete_fields]
    names = ", ".join(f'"{name}"' for name in kept if name not in {"history_id", "history_date", "history_type"})
    newest = f"SELECT MAX(history_id) FROM {table} GROUP BY id"  # noqa: S608
    first = datetime.combine(arguments.on - timedelta(days=190), datetime.min.time(), tzinfo=LONDON)
    with connection.cursor() as cursor:
        for turn in range(arguments.times):
            at = connection.ops.adapt_datetimefield_value(first + timedelta(days=190 * turn // arguments.times))
            cursor.execute(
                f"INSERT INTO {table} ({names}, history_date, history_type) "  # noqa: S608
                f"SELECT {names}, %s, '~' FROM {table} WHERE history_id IN ({newest})",
                [at],
            )
        cursor.execute("ANALYZE")
    return {"history_rows": log._default_manager.count()}


def looked_back(arguments: argparse.Namespace) -> dict[str, Any]:
    """Time pages of today, and the same pages as at the end of a day; the best of some times, in milliseconds."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(email=arguments.email))

    def took(address: str) -> float:
        seconds = []
        for _ in range(arguments.times + 1):  # The first time fills caches.
            began = time.perf_counter()
            answer = client.get(address)
            seconds.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise SystemExit(f"{address} was answered {answer.status_code}.")
        return ms(min(seconds))

    told = {}
    for address in arguments.addresses:
        now, then = took(address), took(f"/as-at/{arguments.on}{address}")
        told[address] = {"today_ms": now, "as_at_ms": then, "ratio": round(then / now, 2)}
    return told


def main() -> None:
    every = (daily, move, state, late_by_hand, owed_by_hand, together, writes, pages, live, looked_back)
    tasks: dict[str, Task] = {task.__name__: task for task in every}
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=tasks)
    parser.add_argument("--on", type=date.fromisoformat)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--email", default="")
    parser.add_argument("--addresses", nargs="+", default=[])
    arguments = parser.parse_args()
    print(json.dumps(tasks[arguments.task](arguments)))


if __name__ == "__main__":
    main()
