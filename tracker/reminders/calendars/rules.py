"""When does a calendar tell of a thing, of its change and of its end? Pure: no ORM, clock or settings."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Programs drop what a calendar no longer holds; a few want to be told of an end, and for how long is nowhere said.
ENDS_TOLD = timedelta(days=30)
LOOKS_BACK = timedelta(days=60)
READ_NOTED = timedelta(hours=1)
NO_LONGER = "No longer in your calendar"


@dataclass(frozen=True)
class Event:
    """One thing on one or more days of a calendar. `last_on` is counted.

    `key` names the thing for ever ("action-12"), whatever its day and wording become.
    """

    key: str
    first_on: date
    last_on: date
    summary: str
    description: str
    path: str


@dataclass(frozen=True)
class Said:
    """What a calendar last said of a thing."""

    first_on: date
    last_on: date
    summary: str
    is_cancelled: bool


def is_news(said: Said | None, event: Event) -> bool:
    """Return whether a thing is new, on other days, worded otherwise, or back after its end."""
    return said is None or said != Said(event.first_on, event.last_on, event.summary, is_cancelled=False)


def is_called_off(said: Said, *, on: date) -> bool:
    """Return whether a thing that is there no more has to be told as cancelled: only one whose days are not past.

    What has passed took place; it drops out quietly.
    """
    return not said.is_cancelled and said.last_on >= on


def is_end_still_told(cancelled_at: datetime, *, at: datetime) -> bool:
    """Return whether a calendar still tells of an end: for 30 days."""
    return at - cancelled_at <= ENDS_TOLD


def is_read_noted(read_at: datetime | None, *, at: datetime) -> bool:
    """Return whether a reading is noted already: once an hour is enough to know that a calendar is in use."""
    return read_at is not None and at - read_at < READ_NOTED
