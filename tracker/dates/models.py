from datetime import date

from django.db import models

from tracker.audit.history import TrackedQuerySet, history
from tracker.dates.working_days import Calendar


class BankHolidayQuerySet(TrackedQuerySet):
    def in_force(self):
        return self.filter(is_in_force=True)


class BankHoliday(models.Model):
    """A day on which England does not work, from the package or entered by an administrator."""

    class Source(models.TextChoices):
        PACKAGE = "package", "The published list"
        ADMINISTRATOR = "administrator", "Entered by an administrator"

    on = models.DateField(unique=True)
    name = models.CharField(max_length=100)
    source = models.CharField(max_length=20, choices=Source)
    reason = models.TextField(blank=True)
    is_in_force = models.BooleanField(
        default=True, help_text="A holiday that was moved or withdrawn stays in the table, out of force."
    )

    objects = BankHolidayQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.name}, {self.on:%-d %B %Y}"


def calendar() -> Calendar:
    """Read the working days of England. One query; ask once and hand the calendar down."""
    rows: list[tuple[date, str, bool]] = list(
        BankHoliday.objects.order_by("on").values_list("on", "name", "is_in_force")
    )
    if not rows:
        return Calendar({}, 1, 0)
    return Calendar({on: name for on, name, in_force in rows if in_force}, rows[0][0].year, rows[-1][0].year)
