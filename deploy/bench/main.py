"""Measure pages and the daily run on real servers and print one JSON document. Started by deploy/bench/run."""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from deploy.bench import goals, pages
from deploy.bench.daily import TODAY, DailyRun
from deploy.bench.databases import ENGINES, Engine
from deploy.bench.sink import CountingSink
from tests.services.servers import Product, postgres_binaries, product_environment

Told = dict[str, Any]
COUNCILS_OF_A_MILLION = 150
MILLION = 1_000_000
LOADED = "loaded"
CALIBRATIONS, CALIBRATION_STEPS = 5, 200_000


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/bench/run", description=__doc__)
    parser.add_argument(
        "--database", choices=ENGINES, action="append", help="May be given twice; PostgreSQL if left out."
    )
    parser.add_argument(
        "--actions", type=int, action="append", metavar="N", help="May be given more than once; 10,000 if left out."
    )
    parser.add_argument(
        "--authorities", type=int, metavar="M", help="How many councils; 1, and 150 from 1,000,000 actions on."
    )
    parser.add_argument("--only", choices=["daily", "pages"], help="One half of the measurements.")
    parser.add_argument("--repeats", type=int, default=3, help="How often each is measured; the best counts.")
    parser.add_argument("--seconds", type=float, default=4, help="The longest a page is asked for at a time.")
    parser.add_argument(
        "--with", dest="earlier", type=Path, action="append", default=[], metavar="FILE",
        help="Take the results of an earlier run in, so that goals which compare sizes can be judged.",
    )  # fmt: skip
    return parser.parse_args()


def main() -> int:
    chosen = options()
    # Leave through the `with` blocks, so that the servers end with this process.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    results: list[Told] = [each for file in chosen.earlier for each in json.loads(file.read_text())["results"]]
    for name in chosen.database or ["postgres"]:
        with ENGINES[name]() as engine, CountingSink() as sink:
            for actions in chosen.actions or [10_000]:
                authorities = chosen.authorities or (COUNCILS_OF_A_MILLION if actions >= MILLION else 1)
                results.append(measure(engine, sink, actions, authorities, chosen))
    by_database = {name: [each for each in results if each["database"] == name] for name in ENGINES}
    told = {
        "machine": machine(),
        "goals": {name: goals.goals(found) for name, found in by_database.items() if found},
        "results": results,
    }
    print(json.dumps(told, indent=1))
    return 0


def measure(engine: Engine, sink: CountingSink, actions: int, authorities: int, chosen: argparse.Namespace) -> Told:
    """Load one size into a database and measure on it."""
    say(f"{engine.name}: {actions:,} actions in {authorities:,} councils")
    env = product_environment(engine.create(LOADED), mail=sink, TRACKER_TODAY=TODAY.isoformat())
    product = Product(env)
    product.manage("migrate", "--no-input")
    loaded = json.loads(product.manage("load_actions", str(actions), "--authorities", str(authorities), "--json"))
    engine.settle(LOADED)
    password = loaded.pop("password")
    told: Told = {
        "database": engine.name,
        "actions": actions,
        "authorities": authorities,
        "loaded": loaded | {"megabytes": engine.size_megabytes(LOADED)},
    }
    say(f"  loaded in {loaded['seconds']} s")
    began = time.monotonic()
    if chosen.only != "daily":
        told |= pages.measure(
            engine,
            env,
            email=loaded["email"],
            password=password,
            actions=-(-actions // authorities),
            seconds=chosen.seconds,
            repeats=chosen.repeats,
        )
        say(f"  pages measured in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    if chosen.only != "pages":
        run = DailyRun(engine, sink, loaded=LOADED, repeats=chosen.repeats, is_big=actions >= MILLION)
        told["daily"] = run.measure()
        say(f"  daily run measured in {time.monotonic() - began:.0f} s")
    engine.drop(LOADED)
    return told


def machine() -> Told:
    """Return what the figures were measured on."""
    version = subprocess.run(
        [str(postgres_binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return {
        "processors": os.cpu_count(),
        "load_at_the_end": round(os.getloadavg()[0], 2),
        "calibration_ms": calibration_ms(),
        "python": platform.python_version(),
        "postgres": version.stdout.strip(),
        "system": platform.platform(),
    }


def calibration_ms() -> float:
    """Return the CPU that a fixed piece of Python takes now: more where other things wear the processor's caches."""
    took = []
    for _ in range(CALIBRATIONS):
        began = time.process_time()
        sum(len(str(number)) for number in range(CALIBRATION_STEPS))
        took.append(time.process_time() - began)
    return round(min(took) * 1000, 1)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
