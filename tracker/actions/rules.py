"""What an action's dates, rating and checks add up to. Pure: no ORM, clock or settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

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


class ReasonKind(models.TextChoices):
    """Why a deadline moves."""

    RECRUITMENT = "recruitment", "Recruitment"
    PARTNER = "partner", "Waiting on a partner"
    SYSTEM = "system", "Recording or other systems"
    MONEY = "money", "Money"
    WIDER_SCOPE = "wider_scope", "Wider scope"
    VISIT = "visit", "Findings of a visit"
    OTHER = "other", "Other"


class Tier(models.TextChoices):
    """Who decides about a deadline."""

    LEAD = "lead", "Priority lead"
    DIRECTOR = "director", "Director"
    BOARD = "board", "Improvement board"


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


def is_late_against_first_agreed(first_agreed: date | None, *, is_unfinished: bool, on: date) -> bool:
    """Return whether an unfinished action is past the date first agreed, whatever its deadline is now.

    `ActionQuerySet.late_against_first_agreed` says the same in the database.
    """
    return is_unfinished and first_agreed is not None and first_agreed < on


# Who decides about a deadline


@dataclass(frozen=True)
class Limits:
    """What a council lets whom decide: `accounts.practices`."""

    lead_up_to: int
    director_up_to: int
    board_from_move: int


@dataclass(frozen=True)
class Slip:
    """How far a deadline would move.

    `working_days` is this move alone, below nothing when the deadline is brought forward; `move_number` counts
    every move there was before, and this one. `visit` names a visit to come that the deadline would pass.
    """

    working_days: int
    move_number: int
    is_later: bool
    visit: str = ""


def tier_of(slip: Slip, limits: Limits) -> tuple[Tier, str]:
    """Return who decides about a move, and why in a sentence.

    The slip that counts is that of this move. Many small moves do not add up unseen: from the third on
    (`board_from_move`) the board decides, however short it is. A deadline brought forward is the lead's.
    The numbers are practice, not law: settings of the council (`accounts.practices`).
    """
    if not slip.is_later:
        return Tier.LEAD, "It brings the deadline forward."
    if slip.visit:
        return Tier.BOARD, f"It passes {slip.visit}."
    if slip.move_number >= limits.board_from_move:
        return Tier.BOARD, f"It is move {slip.move_number} of this deadline."
    days = f"It moves the deadline by {slip.working_days} working {'day' if slip.working_days == 1 else 'days'}"
    if slip.working_days > limits.director_up_to:
        return Tier.BOARD, f"{days}, more than {limits.director_up_to}."
    if slip.working_days > limits.lead_up_to:
        return Tier.DIRECTOR, f"{days}, more than {limits.lead_up_to} and up to {limits.director_up_to}."
    return Tier.LEAD, f"{days}, up to {limits.lead_up_to}."


def passed_on(tier: Tier, *, has_lead: bool, has_director: bool) -> Tier:
    """Return who decides when the lead or the director cannot: nobody is there, or it is their own request."""
    if tier == Tier.LEAD and not has_lead:
        tier = Tier.DIRECTOR
    if tier == Tier.DIRECTOR and not has_director:
        tier = Tier.BOARD
    return tier


RANK = {Tier.LEAD: 1, Tier.DIRECTOR: 2, Tier.BOARD: 3}


# Difference and rating


def has_held(since: date, *, on: date, period_weeks: int) -> bool:
    """Return whether a difference has held for two reporting periods to the board."""
    return since + timedelta(weeks=2 * period_weeks) <= on


# What may be said too soon: an owner's rating, or a check.
SAYS_WELL = (Status.ON_TRACK, Status.COMPLETE, Status.EMBEDDED)


def is_doubtful(status: str, doubts: Iterable[str]) -> bool:
    """Return whether a status that says all is well is doubted by something the tracker knows.

    Each doubt is a sentence, and an empty one is none. `ActionQuerySet.doubtful` says the same in the database.
    """
    return status in SAYS_WELL and any(doubts)


def next_reference(priority: int, used: Iterable[str]) -> str:
    """Return the reference after the highest used in a priority: "3.5" after 3.4. Gaps stay gaps."""
    numbers = [part for prefix, _, part in (reference.partition(".") for reference in used) if prefix == str(priority)]
    return f"{priority}.{max((int(number) for number in numbers if number.isdecimal()), default=0) + 1}"
