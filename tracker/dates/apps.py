from django.apps import AppConfig
from django.db.models.signals import post_migrate

FIRST_YEAR, LAST_YEAR = 2010, 2036


class DatesConfig(AppConfig):
    name = "tracker.dates"
    label = "dates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tracker.dates import checks  # noqa: F401

        post_migrate.connect(fill_an_empty_table, sender=self, dispatch_uid="dates.fill")


def fill_an_empty_table(**_: object) -> None:
    """Give a new database its bank holidays."""
    from tracker.dates.changes import fill_bank_holidays
    from tracker.dates.models import BankHoliday

    if not BankHoliday.objects.exists():
        fill_bank_holidays(first_year=FIRST_YEAR, last_year=LAST_YEAR)
