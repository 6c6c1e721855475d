"""Start-up checks: the table of bank holidays must reach past every deadline."""

from django.core import checks
from django.db.utils import OperationalError, ProgrammingError

from tracker.dates import clock
from tracker.dates.models import calendar

ENOUGH_DAYS = 365


@checks.register("bank_holidays", deploy=False)
def bank_holidays_reach_far_enough(app_configs, databases=None, **kwargs):
    """Warn a year before the table ends, and fail when it has ended. Only asked of a live database."""
    if not databases:
        return []
    try:
        last_year = calendar().last_year
    except (OperationalError, ProgrammingError):
        return []  # Not migrated yet.
    days_left = (clock.today().replace(month=12, day=31, year=max(last_year, 1)) - clock.today()).days
    hint = "Run manage.py bank_holidays --until YEAR."
    if days_left < 0:
        return [
            checks.Error(
                "The table of bank holidays has ended: no deadline can be counted.", hint=hint, id="dates.E001"
            )
        ]
    if days_left < ENOUGH_DAYS:
        return [checks.Warning(f"The table of bank holidays ends in {days_left} days.", hint=hint, id="dates.W001")]
    return []
