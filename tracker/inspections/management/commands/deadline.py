import json
from datetime import date
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError

from tracker.dates.models import calendar
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.rules import BY_LAW_FROM_RECEIPT, ClockRule, Working, working_of

Counted = tuple[ClockRule, Working]
Answer = tuple[date, list[Counted]]


class Command(BaseCommand):
    help = "Every clock that the law sets from a date of receipt, with the working: which days count and which do not."

    def add_arguments(self, parser):
        parser.add_argument("received", nargs="+", metavar="YYYY-MM-DD", help="Days on which a report was received.")
        parser.add_argument("--json", action="store_true", help="Print a JSON list.")

    def handle(self, *, received: list[str], json: bool, **options):
        days = calendar()
        answers = []
        for text in received:
            try:
                day = date.fromisoformat(text)
                answers.append((day, [_counted(rule, day, days) for rule in BY_LAW_FROM_RECEIPT]))
            except HolidaysUnknown as error:
                raise CommandError(str(error)) from None
            except ValueError:
                raise CommandError(f"“{text}” is not a date. Write it as 2014-08-08.") from None
        if json:
            self._print_json(answers)
        else:
            for day, workings in answers:
                self._print(day, workings)

    def _print_json(self, answers: list[Answer]) -> None:
        self.stdout.write(
            json.dumps(
                [
                    {"received_on": day.isoformat(), "clocks": [_as_json(rule, working) for rule, working in workings]}
                    for day, workings in answers
                ]
            )
        )

    def _print(self, day: date, workings: list[Counted]) -> None:
        self.stdout.write(f"Received {day:%A %-d %B %Y}")
        for rule, working in workings:
            self.stdout.write(f"\n{rule.title}: due {working.due:%A %-d %B %Y} ({working.length} working days)")
            self.stdout.write(f"  {rule.basis.label}: {rule.source}")
            self.stdout.write(
                f"  {working.length} calendar days would be {working.calendar_days_reading:%-d %B %Y}; "
                "the law counts working days."
            )
            for counted in working.days:
                number = f"day {counted.number}" if counted.is_counted else "skipped"
                self.stdout.write(f"  {counted.day:%a %-d %b %Y}  {number:8}  {counted.reason}".rstrip())
        self.stdout.write("")


def _counted(rule: ClockRule, day: date, days: Calendar) -> Counted:
    return rule, working_of(day, cast(int, rule.length), rule.unit, days)


def _as_json(rule: ClockRule, working: Working) -> dict[str, Any]:
    return {
        "kind": rule.kind.value,
        "title": rule.title,
        "working_days": working.length,
        "basis": rule.basis.label,
        "source": rule.source,
        "due": working.due.isoformat(),
        "calendar_days_reading": working.calendar_days_reading.isoformat(),
        "skipped_holidays": [
            {"day": skipped.day.isoformat(), "name": skipped.reason} for skipped in working.skipped_holidays
        ],
        "working": [
            {"day": counted.day.isoformat(), "number": counted.number, "reason": counted.reason}
            for counted in working.days
        ],
    }
