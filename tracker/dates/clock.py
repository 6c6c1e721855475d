"""The only call to the clock. Views, tasks, commands and checks ask; everything below is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


STARTED_AT = timezone.now()
_looked_back_to: ContextVar[datetime | None] = ContextVar("looked_back_to", default=None)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at a moment for what is asked within: a page that looks back takes it for now."""
    token = _looked_back_to.set(moment)
    try:
        yield
    finally:
        _looked_back_to.reset(token)


def now() -> datetime:
    """Return the present moment in London, aware; the moment looked back to, if a page looks back."""
    looked_back_to = _looked_back_to.get()
    return _present() if looked_back_to is None else looked_back_to.astimezone(LONDON)


def _present() -> datetime:
    """Return the present moment in London, whatever is looked back to.

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
    return _present().date() if settings.TRACKER_TODAY is not None else None


def start_of_day(day: date) -> datetime:
    """Return the first moment of a London day."""
    return datetime.combine(day, time.min, tzinfo=LONDON)


def end_of_day(day: date) -> datetime:
    """Return the last moment of a London day, as used by "at the end of"."""
    return datetime.combine(day, time.max, tzinfo=LONDON)


def london_day(moment: datetime) -> date:
    """Return the London date of an aware moment."""
    return moment.astimezone(LONDON).date()
