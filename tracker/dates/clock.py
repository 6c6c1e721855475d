"""The only call to the clock. Views, tasks, commands and checks ask; everything below is told."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


STARTED_AT = timezone.now()


def now() -> datetime:
    """Return the present moment in London, aware.

    On a demonstration date: that day at the real time of day. With a demonstration time: that moment,
    and as much later as the process has run.
    """
    moment = timezone.now()
    pretended = settings.TRACKER_TODAY
    if isinstance(pretended, datetime):
        return pretended.replace(tzinfo=LONDON) + (moment - STARTED_AT)
    local = moment.astimezone(LONDON)
    if pretended is not None:
        return datetime.combine(pretended, local.time(), tzinfo=LONDON)
    return local


def today() -> date:
    """Return today's date in London, which from midnight to 1am in summer is not the UTC date."""
    return now().date()


def demonstration_date() -> date | None:
    """Return the date the product pretends it is, or None. Never set in production."""
    return today() if settings.TRACKER_TODAY is not None else None


def end_of_day(day: date) -> datetime:
    """Return the last moment of a London day, as used by "at the end of"."""
    return datetime.combine(day, time.max, tzinfo=LONDON)


def london_day(moment: datetime) -> date:
    """Return the London date of an aware moment."""
    return moment.astimezone(LONDON).date()
