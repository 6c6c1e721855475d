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
    return f"{working_days_words(late)} {word}" if late else word[0].upper() + word[1:]


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


def how_far_words(working_days: int) -> str:
    """Return "10 working days later", "2 working days earlier" or "No working days later"."""
    if working_days == 0:
        return "No working days later"
    return f"{working_days_words(abs(working_days))} {'later' if working_days > 0 else 'earlier'}"


def ordinal_words(number: int) -> str:
    """Return "first", "second", "third" or "11th"."""
    words = {1: "first", 2: "second", 3: "third"}
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return words.get(number, f"{number}{ending}")


def late_first_words(first_agreed: date, *, on: date, calendar: Calendar) -> str:
    """Return "12 working days late against the date first agreed". Raises HolidaysUnknown."""
    return late_words(first_agreed, on=on, calendar=calendar, word="late against the date first agreed")


def doubts_of(repeated_by: str | None) -> list[str]:
    """Return what is known against a rating that says all is well, a sentence each.

    `repeated_by` is the name of a visit that repeats what the action was to put right: "Monitoring visit 2".
    """
    return [f"Check this rating: {in_sentence(repeated_by)} repeated this finding."] if repeated_by else []


def in_sentence(visit: str) -> str:
    """Return the name of a visit within a sentence: "monitoring visit 2", or "the focused visit" without a number."""
    name = f"{visit[0].lower()}{visit[1:]}"
    return name if name[-1].isdecimal() else f"the {name}"
