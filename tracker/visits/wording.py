"""The days of visits in the words of the pages. Pure: no ORM, clock or settings."""

from datetime import date

from tracker.dates.working_days import Calendar, HolidaysUnknown


def days_words(first: date, last: date | None, *, weekdays: bool = False) -> str:
    """Return "9 December 2026", "9 and 10 December 2026" or "30 November to 4 December 2026".

    With `weekdays`, each day bears its own: "Wednesday 9 and Thursday 10 December 2026".
    """
    day = "%A %-d" if weekdays else "%-d"
    if last is None or last == first:
        return f"{first:{day} %B %Y}"
    join = "and" if (last - first).days == 1 else "to"
    if first.year != last.year:
        return f"{first:{day} %B %Y} {join} {last:{day} %B %Y}"
    if first.month != last.month:
        return f"{first:{day} %B} {join} {last:{day} %B %Y}"
    return f"{first:{day}} {join} {last:{day} %B %Y}"


def expected_words(first: date | None, last: date | None) -> str:
    """Return "Expected between … and …"; with one end known, "Expected from …" or "Expected by …"; or ""."""
    if first and last and first != last:
        return f"Expected between {first:%-d %B %Y} and {last:%-d %B %Y}"
    if first:
        return f"Expected {'on' if first == last else 'from'} {first:%-d %B %Y}"
    return f"Expected by {last:%-d %B %Y}" if last else ""


def when_words(
    starts_on: date | None, ends_on: date | None, expected_from: date | None, expected_to: date | None
) -> str:
    """Return "on 9 and 10 December 2026", "from 30 November to 4 December 2026", or when it is expected.

    "without known days" where neither is known.
    """
    if starts_on is not None:
        is_long = ends_on is not None and (ends_on - starts_on).days > 1
        return f"{'from' if is_long else 'on'} {days_words(starts_on, ends_on)}"
    expected = expected_words(expected_from, expected_to)
    return f"{expected[:1].lower()}{expected[1:]}" if expected else "without known days"


def day_off_words(day: date | None, calendar: Calendar) -> str:
    """Return "3 May 2027 is not a working day: Early May bank holiday." for a day off, else ""."""
    try:
        why = calendar.why_not_working(day) if day else ""
    except HolidaysUnknown:
        why = ""
    return f"{day:%-d %B %Y} is not a working day: {why}." if day and why else ""
