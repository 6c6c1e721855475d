"""The only call to the clock. Views, tasks, commands and checks ask; everything below is told."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the present moment in London, aware. On a demonstration date: that day, at this time."""
    moment = timezone.now().astimezone(LONDON)
    if settings.TRACKER_TODAY is not None:
        return datetime.combine(settings.TRACKER_TODAY, moment.time(), tzinfo=LONDON)
    return moment


def today() -> date:
    """Return today's date in London, which from midnight to 1am in summer is not the UTC date."""
    return now().date()


def demonstration_date() -> date | None:
    """Return the date the product pretends it is, or None. Never set in production."""
    return settings.TRACKER_TODAY


def end_of_day(day: date) -> datetime:
    """Return the last moment of a London day, as used by "at the end of"."""
    return datetime.combine(day, time.max, tzinfo=LONDON)


def london_day(moment: datetime) -> date:
    """Return the London date of an aware moment."""
    return moment.astimezone(LONDON).date()
