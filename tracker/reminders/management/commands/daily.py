import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions import flags
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.inspections import changes as inspection_changes
from tracker.reminders import outbox
from tracker.visits import changes as visit_changes


@dataclass
class Day:
    """What the schedule did in a day."""

    on: str
    is_working_day: bool
    flagged: int
    queued: int
    sent: int
    failed: int
    put_back: int
    refusals: list[str] = field(default_factory=list)


def day_argument(text: str) -> date:
    """Read a date as typed on the command line. Raises CommandError with what to type instead."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a date. Write it as 2014-11-03.") from None


class Command(BaseCommand):
    help = (
        "What the schedule does in a day, once, in the foreground: notice what became overdue, queue the "
        "reminders owed and send each person their email. Safe to run again."
    )

    def add_arguments(self, parser):
        day = parser.add_mutually_exclusive_group()
        day.add_argument("--on", type=day_argument, metavar="YYYY-MM-DD", help="The day; today if left out.")
        day.add_argument("--last-working-day", action="store_true", help="The last working day before today.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *, on: date | None, last_working_day: bool, json: bool, **options):
        days = calendar()
        try:
            if last_working_day:
                on = days.add(clock.today(), -1)
            on = on or clock.today()
            done = self._run(on, is_working_day=days.is_working_day(on))
        except HolidaysUnknown as error:
            raise CommandError(str(error)) from None
        self._say(done, as_json=json)

    def _run(self, on: date, *, is_working_day: bool) -> Day:
        at = datetime.combine(on, clock.now().time(), tzinfo=clock.LONDON)
        morning = at.replace(hour=outbox.SEND_FROM_HOUR)
        flagged = flags.flag_overdue(on=on, at=at)
        visit_changes.settle_finding_clocks(on=on)
        inspection_changes.note_missed(on=on)
        queued = outbox.queue_due(on=on)
        delivered = outbox.deliver(on=on, at=morning, now=timezone.now, run_for=None)
        return Day(
            on=on.isoformat(),
            is_working_day=is_working_day,
            flagged=flagged,
            queued=queued,
            sent=delivered.sent,
            failed=delivered.failed,
            put_back=delivered.put_back,
            refusals=delivered.refusals,
        )

    def _say(self, done: Day, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(done)))
            return
        day = date.fromisoformat(done.on)
        self.stdout.write(f"{day:%A %-d %B %Y}{'' if done.is_working_day else ': not a working day, so no mail'}")
        self.stdout.write(f"  newly overdue     {done.flagged}")
        self.stdout.write(f"  reminders queued  {done.queued}")
        self.stdout.write(f"  emails sent       {done.sent}")
        self.stdout.write(f"  put back          {done.put_back}")
        self.stdout.write(f"  failed            {done.failed}")
        for refusal in done.refusals:
            self.stdout.write(f"    {refusal}")
