"""The daily run, measured: the first day, an ordinary morning, the second run, two at once, and one killed half-way."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import Any

from deploy.bench.databases import Engine
from deploy.bench.processes import Ran, cpu_seconds, run
from deploy.bench.sink import CountingSink
from tests.services.servers import ROOT, product_environment, wait_until

# A Tuesday with a Wednesday after it, no bank holiday near.
TODAY = date(2026, 5, 12)
TOMORROW = TODAY + timedelta(days=1)
LEASE_SECONDS = 3
KILL_WITHIN_SECONDS = 120

Told = dict[str, Any]


class DailyRun:
    """Measures the daily run on copies of a loaded database, which itself stays as it is."""

    def __init__(self, engine: Engine, sink: CountingSink, *, loaded: str, repeats: int, is_big: bool) -> None:
        self.engine, self.sink, self.loaded = engine, sink, loaded
        self.repeats = 1 if is_big else repeats
        self.is_big = is_big

    def measure(self) -> Told:
        """Return the figures of every kind of run."""
        told: Told = {"yardsticks": {}}
        env = self._copy(self.loaded, "first")
        told["yardsticks"]["first_day"] = self._inside(env, "late_by_hand", on=TODAY, times=self.repeats)
        if self.engine.name == "postgres":
            told["yardsticks"]["first_day_owed"] = self._inside(env, "owed_by_hand", on=TODAY, times=self.repeats)
        told["writes"] = self._inside(env, "writes", on=TODAY)
        told["first_day_command"] = self._command(env, TODAY)
        self._drop("first")
        env = self._copy(self.loaded, "first")
        told["first_day_warm"] = self._warm(env, TODAY)
        told["after_first_day"] = self._inside(env, "state")

        told["moved"] = self._inside(env, "move", on=TODAY)
        self.engine.settle("first")
        self._ordinary_morning(told)
        told["yardsticks"]["mail_by_hand"] = self._mail_by_hand(told["ordinary_morning_warm"][0])
        if not self.is_big:
            told["two_at_once"] = self._two_at_once()
            told["workers"] = {str(number): self._workers(number) for number in (1, 2, 4)}
            told["killed_half_way"] = self._killed_half_way()
        self._drop("first")
        return told

    def _ordinary_morning(self, told: Told) -> None:
        told["ordinary_morning_warm"], told["ordinary_morning_command"] = [], []
        for number in range(self.repeats):
            env = self._copy("first", "morning")
            if number == 0:
                told["yardsticks"]["ordinary_morning"] = self._inside(
                    env, "late_by_hand", on=TOMORROW, times=self.repeats
                )
                if self.engine.name == "postgres":
                    told["yardsticks"]["ordinary_morning_owed"] = self._inside(
                        env, "owed_by_hand", on=TOMORROW, times=self.repeats
                    )
            told["ordinary_morning_warm"].append(self._warm(env, TOMORROW))
            if number == 0:
                told["second_run_warm"] = self._warm(env, TOMORROW)
                told["second_run_command"] = self._command(env, TOMORROW)
                told["third_run_command"] = self._command(env, TOMORROW)
            self._drop("morning")
        for _ in range(self.repeats):
            env = self._copy("first", "morning")
            told["ordinary_morning_command"].append(self._command(env, TOMORROW))
            self._drop("morning")

    def _two_at_once(self) -> Told:
        """Start two runs together: nobody gets two emails."""
        env = self._copy("first", "morning")
        self.sink.clear()
        began = time.monotonic()
        both = [self._start(env, TOMORROW) for _ in range(2)]
        codes = [process.wait() for process in both]
        told = {"seconds": round(time.monotonic() - began, 2), "exit_codes": codes, **self._mails()}
        self._drop("morning")
        return told

    def _workers(self, number: int) -> Told:
        """Send a morning with so many workers that are running already; the best of some times."""
        best: Told = {}
        for _ in range(self.repeats):
            env = self._copy("first", "morning")
            self.sink.clear()
            command = [sys.executable, "-m", "deploy.bench.inside", "together", "--on", TOMORROW.isoformat()]
            told: Told = json.loads(run([*command, "--workers", str(number)], env).output) | self._mails()
            self._drop("morning")
            if not best or told["seconds"] < best["seconds"]:
                best = told
        return best

    def _killed_half_way(self) -> Told:
        """Kill a run in the middle of its mails and run again when its lease is over: nobody is left out."""
        env = self._copy("first", "morning") | {"EMAIL_LEASE_SECONDS": str(LEASE_SECONDS)}
        probe = self._copy("first", "probe")
        self.sink.clear()
        self._start(probe, TOMORROW).wait()
        expected = len(self.sink.taken)
        self._drop("probe")
        self.sink.clear()
        process = self._start(env, TOMORROW)
        wait_until(
            lambda: sum(self.sink.taken.values()) >= expected // 2,
            "half of the mails",
            seconds=KILL_WITHIN_SECONDS,
        )
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        before = sum(self.sink.taken.values())
        time.sleep(LEASE_SECONDS + 1)
        again = self._start(env, TOMORROW).wait()
        told = {"expected": expected, "mails_before_the_kill": before, "exit_code": again, **self._mails()}
        self._drop("morning")
        return told

    # How

    def _env(self, url: str) -> dict[str, str]:
        return product_environment(url, mail=self.sink, TRACKER_TODAY=TODAY.isoformat())

    def _copy(self, source: str, name: str) -> dict[str, str]:
        return self._env(self.engine.copy(source, name))

    def _drop(self, name: str) -> None:
        self.engine.drop(name)

    def _inside(self, env: dict[str, str], task: str, *, on: date = TODAY, times: int = 1) -> Told:
        command = [sys.executable, "-m", "deploy.bench.inside", task, "--on", on.isoformat(), "--times", str(times)]
        answer: Told = json.loads(run(command, env).output)
        return answer

    def _warm(self, env: dict[str, str], on: date) -> Told:
        self.sink.clear()
        return self._inside(env, "daily", on=on) | self._mails()

    def _command(self, env: dict[str, str], on: date) -> Told:
        self.sink.clear()
        before = cpu_seconds(self.engine.pids())
        ran: Ran = run([sys.executable, "manage.py", "daily", "--on", on.isoformat(), "--json"], env)
        return {
            "seconds": round(ran.seconds, 3),
            "cpu_seconds": round(ran.cpu_seconds, 3),
            "database_cpu_seconds": round(cpu_seconds(self.engine.pids()) - before, 2),
            "peak_megabytes": ran.peak_megabytes,
            **json.loads(ran.output),
            **self._mails(),
        }

    def _start(self, env: dict[str, str], on: date) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "manage.py", "daily", "--on", on.isoformat()],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _mails(self) -> Told:
        return {
            "mails": sum(self.sink.taken.values()),
            "addresses": len(self.sink.taken),
            "most_to_one_address": max(self.sink.taken.values(), default=0),
            "mail_bytes": self.sink.bytes_taken,
            "smtp_connections": self.sink.connections,
        }

    def _mail_by_hand(self, morning: Told) -> Told:
        """Send as many mails of the same size with nothing but smtplib, over one connection."""
        mails = max(morning["mails"], 1)
        size = max(morning["mail_bytes"] // mails, 100)
        command = [sys.executable, "-m", "deploy.bench.mail_by_hand", str(mails), str(size)]
        seconds = []
        for _ in range(self.repeats):
            answer = json.loads(run([*command, self.sink.host, str(self.sink.port)], os.environ.copy()).output)
            seconds.append(answer["seconds"])
        return {"mails": mails, "bytes_each": size, "seconds": min(seconds)}
