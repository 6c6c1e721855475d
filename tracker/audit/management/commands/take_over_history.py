from typing import Any

from django.core.management.base import BaseCommand

from tracker.audit.taking_over import take_over


class Command(BaseCommand):
    help = (
        "Enter the history that was written before there was a chain, once after upgrading. Stopped, it goes on where "
        "it was when it is run again; run again, it does nothing."
    )

    def handle(self, **options: Any) -> None:
        total = take_over(lambda label, number: self.stdout.write(f"{label}: {number:,} rows"))
        self.stdout.write(
            f"{total:,} history rows were taken over. From now on it can be proved that they are not changed."
            if total
            else "All history is in its chain already."
        )
