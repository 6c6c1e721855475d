"""What an action's dates, rating and checks add up to. Pure: no ORM, clock or settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import models


class Rating(models.TextChoices):
    """What the owner says."""

    ON_TRACK = "on_track", "On track"
    AT_RISK = "at_risk", "At risk"
    OFF_TRACK = "off_track", "Off track"


class Difference(models.TextChoices):
    """The difference made for children; set by a checker or the board, never by the owner."""

    NONE = "none", "No evidence yet"
    WAITING = "waiting", "Evidence waiting to be checked"
    ACTIVITY = "activity", "Evidence of activity"
    DIFFERENCE = "difference", "Evidence of difference"
    SUSTAINED = "sustained", "Sustained"


class Status(models.TextChoices):
    """What the tracker works out and shows everywhere; never stored."""

    EMBEDDED = "embedded", "Embedded"
    COMPLETE = "complete", "Complete"
    WAITING = "waiting", "Waiting to be checked"
    OVERDUE = "overdue", "Overdue"
    OFF_TRACK = "off_track", "Off track"
    AT_RISK = "at_risk", "At risk"
    ON_TRACK = "on_track", "On track"
    NOT_STARTED = "not_started", "Not started"
    CANCELLED = "cancelled", "Cancelled"


# The order of every bar and key.
BAR_ORDER = (
    Status.EMBEDDED,
    Status.COMPLETE,
    Status.WAITING,
    Status.ON_TRACK,
    Status.NOT_STARTED,
    Status.AT_RISK,
    Status.OFF_TRACK,
    Status.OVERDUE,
)

CLOSE_WORKING_DAYS = 10
STALE_DAYS = 30


@dataclass(frozen=True)
class ActionFacts:
    """All that the status depends on."""

    deadline: date | None
    rating: str
    claimed_on: date | None
    completed_on: date | None
    cancelled_on: date | None
    difference: str
    starts_on: date | None
    has_open_milestones: bool


def status_of(facts: ActionFacts, *, on: date, close_by: date) -> Status:
    """Return the one status of an action on a day; the first that fits.

    `close_by` is the last day that counts as close: the 10th working day after `on`. An action due
    today is not overdue; one the owner says is done waits to be checked and is not overdue either.
    `ActionQuerySet.with_status` says the same in the database.
    """
    if facts.cancelled_on is not None:
        return Status.CANCELLED
    if facts.completed_on is not None:
        return Status.EMBEDDED if facts.difference == Difference.SUSTAINED else Status.COMPLETE
    if facts.claimed_on is not None:
        return Status.WAITING
    if facts.deadline is not None and facts.deadline < on:
        return Status.OVERDUE
    if facts.rating == Rating.OFF_TRACK:
        return Status.OFF_TRACK
    is_close = facts.deadline is not None and facts.deadline <= close_by
    if facts.rating == Rating.AT_RISK or (is_close and facts.has_open_milestones):
        return Status.AT_RISK
    if facts.rating == Rating.ON_TRACK and not (facts.starts_on is not None and facts.starts_on > on):
        return Status.ON_TRACK
    return Status.NOT_STARTED


def is_overdue(deadline: date | None, *, is_open: bool, on: date) -> bool:
    """Return whether an open action is late. A deadline runs to the end of its day: due today is not late."""
    return is_open and deadline is not None and deadline < on


def is_stale(last_updated_on: date | None, *, on: date) -> bool:
    """Return whether an open action has had no update for 30 days. Kept apart from being late."""
    return last_updated_on is not None and (on - last_updated_on).days > STALE_DAYS


def next_reference(priority: int, used: Iterable[str]) -> str:
    """Return the reference after the highest used in a priority: "3.5" after 3.4. Gaps stay gaps."""
    numbers = [part for prefix, _, part in (reference.partition(".") for reference in used) if prefix == str(priority)]
    return f"{priority}.{max((int(number) for number in numbers if number.isdecimal()), default=0) + 1}"
