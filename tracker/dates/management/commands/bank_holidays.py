from django.core.management.base import BaseCommand

from tracker.dates.changes import fill_bank_holidays
from tracker.dates.models import calendar


class Command(BaseCommand):
    help = "Extend the table of bank holidays from the published list of England."

    def add_arguments(self, parser):
        parser.add_argument("--until", type=int, required=True, metavar="YEAR")

    def handle(self, *, until: int, **options):
        added = fill_bank_holidays(first_year=calendar().first_year, last_year=until)
        self.stdout.write(f"{added} bank holidays added. The table ends in {calendar().last_year}.")
