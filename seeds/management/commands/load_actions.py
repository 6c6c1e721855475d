import json
import secrets
import time
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from seeds import bulk
from tracker.audit import ways
from tracker.audit.ways import Door
from tracker.dates import clock


class Command(BaseCommand):
    help = (
        "Load benchmark data into an empty database: actions shaped by their number, with owners, plans and history, "
        "dated relative to today. Prints the sign-in of a programme manager who sees all of one council."
    )

    def add_arguments(self, parser):
        parser.add_argument("actions", type=int, metavar="N", help="How many actions, over all councils.")
        parser.add_argument("--authorities", type=int, default=1, metavar="M", help="How many councils; 1 if left out.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *, actions, authorities, json, **options):
        if authorities < 1:
            raise CommandError("Give a number of councils of 1 or more.")
        if actions < authorities:
            raise CommandError("Give at least as many actions as councils.")
        password = secrets.token_urlsafe(12)
        began = time.monotonic()
        try:
            with ways.through(Door.SEED, "load_actions"):
                done = bulk.load(actions, authorities=authorities, on=clock.today(), password=password)
        except bulk.NotEmpty as error:
            raise CommandError(str(error)) from None
        self._say(done, password=password, seconds=round(time.monotonic() - began, 2), as_json=json)

    def _say(self, done, *, password, seconds, as_json):
        if as_json:
            told = asdict(done) | {"seconds": seconds, "password": password}
            self.stdout.write(json.dumps(told))
            return
        people, plans = done.rows["accounts.User"], done.rows["plans.Plan"]
        history = sum(done.history_rows.values())
        councils = "1 council" if done.authorities == 1 else f"{done.authorities:,} councils"
        self.stdout.write(
            f"Loaded {done.actions:,} actions in {plans:,} plans of {councils}, with {people:,} people and "
            f"{history:,} history rows, in {seconds:,.1f} seconds."
        )
        self.stdout.write(f"Programme manager of {done.council}")
        self.stdout.write(f"  email     {done.email}")
        self.stdout.write(f"  password  {password}")
