"""What each kind of reminder is called where people choose, and when it comes. Pure: no ORM, clock or settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.reminders.rules import REQUIRED, Cadence, Kind

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
HOURS = range(8, 18)
LONGEST_AWAY_DAYS = 366

# What only those are told who see the whole plan; a partner is told of the actions of its agency.
OF_THE_WHOLE_PLAN = (
    Kind.ESCALATED_LEAD,
    Kind.ESCALATED_DIRECTOR,
    Kind.CLOCK,
    Kind.GOVERNANCE,
    Kind.READINESS,
    Kind.DECISION_WANTED,
    Kind.WEEKLY,
)


@dataclass(frozen=True)
class Choice:
    """One kind of reminder as its owner reads of it: a name, and one sentence on when it comes."""

    kind: Kind
    name: str
    sentence: str


def choices(cadence: Cadence, *, sees_plan: bool) -> Sequence[Choice]:
    """Return the kinds that can come to a person, with the numbers of their council, most pressing first."""
    due, late, visit = in_words(cadence.due), in_words(cadence.late), in_words(cadence.visit)
    found = (
        Choice(
            Kind.LATE,
            "Your overdue actions",
            f"{late} working days after a deadline of yours has passed, then every {cadence.late_every}.",
        ),
        Choice(
            Kind.ESCALATED_LEAD,
            "Overdue actions of a priority or service that you lead",
            f"Once an action has been late for {cadence.to_lead} working days.",
        ),
        Choice(
            Kind.ESCALATED_DIRECTOR,
            "Overdue actions, if you are a director",
            f"Once an action has been late for {cadence.to_director} working days.",
        ),
        Choice(Kind.DUE, "Deadlines that are near", f"{due} working days before a deadline of yours."),
        Choice(Kind.VISIT, "Actions due before the next visit", f"{visit} working days before the visit."),
        Choice(
            Kind.CLOCK,
            "Dates set by law, by Ofsted or by the DfE",
            f"{in_words(cadence.clock[:-1])} working days before the date, and on the day.",
        ),
        Choice(Kind.DECISION_WANTED, "Decisions wanted from you", "When someone asks you to move a deadline."),
        Choice(Kind.DECIDED, "Decisions on what you asked for", "When a deadline that you asked for was decided."),
        Choice(Kind.GIVEN, "Actions given to you", "When you become the owner of an action."),
        Choice(Kind.SENT_BACK, "Actions sent back", "When an action that you said was done is not done yet."),
        Choice(
            Kind.GOVERNANCE,
            "Steps before the plan is sent",
            "When a step of yours, such as cabinet approval, is due or late.",
        ),
        Choice(Kind.READINESS, "Getting ready for a visit", "When something that you make ready is due or late."),
        Choice(
            Kind.QUIET,
            "Actions without an update",
            f"When an action of yours has had no update for {cadence.quiet_days} days.",
        ),
        Choice(Kind.WEEKLY, "Weekly summary", "How the plan stands, on the weekly day that you choose below."),
    )
    return [choice for choice in found if sees_plan or choice.kind not in OF_THE_WHOLE_PLAN]


def optional(found: Sequence[Choice]) -> Sequence[Choice]:
    """Return those that can be switched off."""
    return [choice for choice in found if choice.kind not in REQUIRED]


def required(found: Sequence[Choice]) -> Sequence[Choice]:
    """Return those that cannot be switched off, only be weekly."""
    return [choice for choice in found if choice.kind in REQUIRED]


def name_of(kind: Kind) -> str:
    """Return what a kind is called where people choose."""
    return next(choice.name for choice in choices(Cadence(), sees_plan=True) if choice.kind == kind)


def in_words(numbers: Sequence[int]) -> str:
    """Return "10, 5 and 1"."""
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last


def hour_in_words(hour: int) -> str:
    """Return "8:00am" for 8 and "1:00pm" for 13."""
    return f"{(hour - 1) % 12 + 1}:00{'am' if hour < 12 else 'pm'}"


def why_not_away(
    away_from: date | None, away_to: date | None, *, has_cover: bool, on: date
) -> Sequence[tuple[str, str]]:
    """Return what is wrong with a time away, as the field and what to do: nothing when it is whole, or empty.

    Both days are counted. It ends today or later, because a cover that is over covers nothing, and within a year,
    because whoever is away for longer hands their actions over.
    """
    if away_from is None and away_to is None and not has_cover:
        return []
    missing = []
    if away_from is None:
        missing.append(("away_from", "Enter the first day that you are away"))
    if away_to is None:
        missing.append(("away_to", "Enter the last day that you are away"))
    if not has_cover:
        missing.append(("cover", "Choose who gets a copy of your emails while you are away"))
    if away_from is None or away_to is None:
        return missing
    if away_to < away_from:
        return [*missing, ("away_to", f"Enter a last day that is not before {away_from:%-d %B %Y}, the first day")]
    if away_to < on:
        return [*missing, ("away_to", "Enter a last day that is today or later")]
    if (away_to - away_from).days >= LONGEST_AWAY_DAYS:
        return [
            *missing,
            ("away_to", "Enter a last day within a year of the first. For longer, hand your actions over"),
        ]
    return missing
