"""Where a clock stands, in the words of the pages. Pure: no ORM, clock or settings."""

from datetime import date

from tracker.inspections.rules import ClockFacts, Standing, State

LABELS = {
    State.RUNNING: "Running",
    State.MET: "Met",
    State.MET_LATE: "Met late",
    State.MISSED: "Missed",
    State.VOID: "Void",
}


def working_days_words(number: int) -> str:
    """Return "1 working day" or "3 working days"."""
    return f"{number:,} working {'day' if number == 1 else 'days'}"


def where_it_stands(facts: ClockFacts, standing: Standing | None) -> str:
    """Return where a clock stands, as "3 working days late" or "Met on 5 May 2026"; without a full stop.

    `standing` is None where the bank holidays are not known.
    """
    if facts.voided_on is not None:
        return f"Void since {facts.voided_on:%-d %B %Y}"
    if facts.met_on is not None:
        return _how_it_was_met(facts, facts.met_on, standing)
    if facts.due is None:
        return "No date is fixed"
    if standing is None or standing.working_days is None:
        return f"{facts.due:%A %-d %B %Y}"
    far = working_days_words(standing.working_days)
    if facts.is_forecast:
        return _when_it_is_expected(standing, far)
    if standing.state == State.MISSED:
        return f"{far} late" if standing.is_past and standing.working_days else "Late"
    if standing.is_due_today:
        return "Due today"
    return f"{far} left" if standing.working_days else "No working day left"


def _how_it_was_met(facts: ClockFacts, met_on: date, standing: Standing | None) -> str:
    said = f"Met on {met_on:%-d %B %Y}"
    if facts.due is None or facts.is_forecast:
        return said
    if standing is not None and standing.state == State.MET_LATE:
        if met_on <= facts.due:
            return f"{said}, and recorded late"
        return f"{said}, {working_days_words(standing.working_days)} late" if standing.working_days else f"{said}, late"
    if standing is not None and standing.working_days:
        return f"{said}, {working_days_words(standing.working_days)} early"
    return said


def _when_it_is_expected(standing: Standing, far: str) -> str:
    if standing.is_due_today:
        return "Expected by today"
    if standing.is_past:
        return f"Expected {far} ago" if standing.working_days else "Expected by now"
    return f"Expected in {far}" if standing.working_days else "Expected by the next working day"


def why_late(facts: ClockFacts) -> str:
    """Say why a clock is met late although what it asks for was done in time; "" where that is not so."""
    if facts.met_on is None or facts.missed_on is None or facts.due is None or facts.met_on > facts.due:
        return ""
    return (
        f"By its proof all was done by {facts.met_on:%-d %B %Y}, in time. Nothing was recorded until "
        f"{facts.missed_on:%-d %B %Y}, after the date, and a clock once missed is never shown as met in time."
    )
