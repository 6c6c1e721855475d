"""Days and lateness in the words of the pages. Pure: no ORM, clock or settings."""

from datetime import date

from tracker.dates.working_days import Calendar


def day_words(day: date, *, on: date) -> str:
    """Return "15 October", with the year unless it is the year of `on`."""
    return f"{day:%-d %B}" if day.year == on.year else f"{day:%-d %B %Y}"


def working_days_words(number: int) -> str:
    """Return "1 working day" or "3 working days"."""
    return f"{number:,} working {'day' if number == 1 else 'days'}"


WORKED_WHEN = "We will know it has worked when"


def worked_when(outcome: str) -> str:
    """Return how an outcome goes on after WORKED_WHEN, which plans write out or leave out."""
    outcome = outcome.strip()
    if outcome.casefold().startswith(WORKED_WHEN.casefold()):
        return outcome[len(WORKED_WHEN) :].lstrip(" :…")
    return outcome


def times_words(number: int) -> str:
    """Return "once", "twice" or "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def late_words(deadline: date, *, on: date, calendar: Calendar, word: str = "overdue") -> str:
    """Return "3 working days overdue", or "Overdue" at a weekend right after the deadline.

    Raises HolidaysUnknown.
    """
    late = calendar.between(deadline, on)
    return f"{working_days_words(late)} {word}" if late else word.capitalize()


def left_words(deadline: date, *, on: date, calendar: Calendar) -> str:
    """Return "today", "in 6 working days", or "" when no working day lies between.

    Raises HolidaysUnknown.
    """
    if deadline == on:
        return "today"
    left = calendar.between(on, deadline)
    return f"in {working_days_words(left)}" if left else ""


def slip_words(working_days: int) -> str:
    """Return "slipped 31 working days", "brought forward 2 working days" or "moved within a weekend"."""
    if working_days > 0:
        return f"slipped {working_days_words(working_days)}"
    if working_days < 0:
        return f"brought forward {working_days_words(-working_days)}"
    return "no working days later"
