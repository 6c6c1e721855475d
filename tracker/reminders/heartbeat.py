"""Has the daily run happened, and does a monitor outside hear of it?"""

import logging
from datetime import date, datetime, time, timedelta
from http.client import HTTPException
from urllib.request import urlopen

from django.conf import settings

from tracker.dates.clock import LONDON
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.reminders.rules import SEND_FROM_HOUR

logger = logging.getLogger(__name__)

LOOKED_FOR_AT = time(9)  # By then, an hour after the first emails may go, everybody has theirs.
LONGEST_SILENCE = timedelta(hours=26)
PING_SECONDS = 5


def is_silent(last_good_at: datetime, *, now: datetime, days: Calendar) -> bool:
    """Return whether a job is missing: no good run for 26 hours, or none yet this working day when it is 9:00am.

    A run before 8:00am, when no email may go, is not the day's. On a day off the last working day counts.
    """
    return now - last_good_at > LONGEST_SILENCE or last_good_at < expected_since(now, days=days)


def expected_since(now: datetime, *, days: Calendar) -> datetime:
    """Return since when a job must have run: 8:00am in London of the last working day on which 9:00am has passed."""
    here = now.astimezone(LONDON)
    day = here.date() if here.time() >= LOOKED_FOR_AT else here.date() - timedelta(days=1)
    while not _is_working_day(day, days):
        day -= timedelta(days=1)
    return datetime.combine(day, time(SEND_FROM_HOUR), tzinfo=LONDON)


def _is_working_day(day: date, days: Calendar) -> bool:
    try:
        return days.is_working_day(day)
    except HolidaysUnknown:
        # A monitor that stops answering because a table ends is worse than one that calls on a bank holiday.
        return day.weekday() < 5


def ping() -> bool:
    """Tell the monitor outside, if PING_URL names one, that a run went well; return whether it heard.

    Never raises: what the monitor does is no reason for the emails to fail. Waits at most 5 seconds for each answer.
    """
    if not settings.PING_URL:
        return False
    try:
        if not settings.PING_URL.startswith(("https://", "http://")):
            raise ValueError("it is no web address")
        with urlopen(settings.PING_URL, timeout=PING_SECONDS):  # noqa: S310  Looked at above.
            return True
    except (OSError, HTTPException, ValueError) as error:
        logger.warning("The monitor at PING_URL did not hear of the good run: %s", error)
        return False
