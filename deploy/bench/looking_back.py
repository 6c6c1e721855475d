"""Measure pages of the past against those of today; one JSON document. Started by deploy/bench/looking_back."""

import argparse
import json
import sys
from datetime import timedelta
from typing import Any

from deploy.bench.daily import TODAY
from deploy.bench.databases import ENGINES
from deploy.bench.processes import run
from tests.services.servers import Product, product_environment

MORE_VERSIONS = 17  # Beside the three that are loaded: 20 of each action.
MOST = 3
PAGES = {
    "dashboard": "/",
    "plan": "/plans/plan-11/",
    "action": "/plans/plan-11/actions/2.251/",
    "actions of every plan": "/actions/",
    "visits": "/visits/",
}
JUDGED = ("dashboard", "plan", "action")
Told = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy/bench/looking_back", description=__doc__)
    parser.add_argument("--database", choices=ENGINES, action="append", help="May be given twice; both if left out.")
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--days-ago", type=int, default=72, help="The day that is looked back to.")
    parser.add_argument("--repeats", type=int, default=5, help="How often each page is asked for; the best counts.")
    chosen = parser.parse_args()
    told = {name: measure(name, chosen) for name in chosen.database or ENGINES}
    print(json.dumps(told, indent=1))
    return 0 if all(found["pages"][name]["ratio"] <= MOST for found in told.values() for name in JUDGED) else 1


def measure(name: str, chosen: argparse.Namespace) -> Told:
    """Load one database, let its actions live, and time the pages."""
    with ENGINES[name]() as engine:
        env = product_environment(engine.create("loaded"), TRACKER_TODAY=TODAY.isoformat())
        product = Product(env)
        product.manage("migrate", "--no-input")
        loaded = json.loads(product.manage("load_actions", str(chosen.actions), "--json"))
        lived = _inside(env, "live", "--on", str(TODAY), "--times", str(MORE_VERSIONS))
        engine.settle("loaded")
        day = str(TODAY - timedelta(days=chosen.days_ago))
        command = ("--on", day, "--times", str(chosen.repeats), "--email", loaded["email"])
        found = _inside(env, "looked_back", *command, "--addresses", *PAGES.values())
        return {"actions": chosen.actions, "day": day, **lived, "pages": {name: found[PAGES[name]] for name in PAGES}}


def _inside(env: dict[str, str], task: str, *arguments: str) -> Told:
    return json.loads(run([sys.executable, "-m", "deploy.bench.inside", task, *arguments], env).output)


if __name__ == "__main__":
    sys.exit(main())
