"""The sentences at the top of pages, worked out from counts and dates. Pure: no queries, clock or settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.actions.rules import BAR_ORDER, Difference, Status
from tracker.dates.working_days import Calendar

DONE = (Status.EMBEDDED, Status.COMPLETE)
SHAKY = (Status.AT_RISK, Status.OFF_TRACK)
UNFINISHED = (Status.ON_TRACK, Status.NOT_STARTED, Status.AT_RISK, Status.OFF_TRACK, Status.OVERDUE)
OPEN = (Status.WAITING, *UNFINISHED)
SHOWS_DIFFERENCE = (Difference.DIFFERENCE, Difference.SUSTAINED)
AT_MOST_DECISIONS = 5
CHECK_WITHIN_WORKING_DAYS = 5


# Words


def and_list(words: Sequence[str], last: str = "and") -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def counted(number: int, one: str, many: str) -> str:
    """Return "1 action" or "2 actions"."""
    return f"{number:,} {one if number == 1 else many}"


def part_of(part: int, whole: int, one: str, many: str, *, rest: str = "") -> str:
    """Return "7 of the 13 actions due before the visit are", "All 13 … are" or "The only … is".

    `rest` follows the noun: "due before the visit".
    """
    noun = f"{one if whole == 1 else many} {rest}".strip()
    if whole == 1:
        return f"The only {noun} is"
    if part == whole:
        return f"All {whole:,} {noun} are"
    return f"{part:,} of the {whole:,} {noun} {'is' if part == 1 else 'are'}"


def days_in_words(first: date, last: date | None, *, weekdays: bool = False) -> str:
    """Return "9 December 2026", "9 and 10 December 2026", "30 November to 2 December 2026".

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


def expected_in_words(first: date | None, last: date | None) -> str:
    """Return "Expected between … and …", with one end known "Expected from …" or "by …", or ""."""
    if first and last and first != last:
        return f"Expected between {first:%-d %B %Y} and {last:%-d %B %Y}"
    if first and last:
        return f"Expected on {first:%-d %B %Y}"
    if first:
        return f"Expected from {first:%-d %B %Y}"
    return f"Expected by {last:%-d %B %Y}" if last else ""


# Time left


@dataclass(frozen=True)
class Countdown:
    """A day in figures: "12" "working days left", "Today" "", "3" "working days late"."""

    number: str
    unit: str
    is_late: bool = False


def countdown(day: date, *, on: date, calendar: Calendar) -> Countdown:
    """Return how far a day is in working days. A day that passed with no working day since is "Late".

    Raises HolidaysUnknown.
    """
    if day == on:
        return Countdown("Today", "")
    if day > on:
        left = calendar.between(on, day)
        return Countdown(f"{left:,}", f"working {'day' if left == 1 else 'days'} left")
    late = calendar.between(day, on)
    if not late:
        return Countdown("Late", "", is_late=True)
    return Countdown(f"{late:,}", f"working {'day' if late == 1 else 'days'} late", is_late=True)


def late_in_words(deadline: date, *, on: date, calendar: Calendar) -> str:
    """Return "19 working days overdue", or "overdue" when no working day has passed since."""
    late = calendar.between(deadline, on)
    return f"{counted(late, 'working day', 'working days')} overdue" if late else "overdue"


def when_in_words(
    first: date | None,
    last: date | None,
    expected: tuple[date | None, date | None],
    note: str,
    *,
    on: date,
    calendar: Calendar,
) -> str:
    """Return when a visit is: "9 and 10 December 2026, in 24 working days", "Expected between … and …".

    Raises HolidaysUnknown.
    """
    if first is None:
        return expected_in_words(*expected) or note.rstrip(".") or "Days not known"
    days = days_in_words(first, last)
    if first <= on <= (last or first):
        return f"{days}, under way today"
    if first < on:
        return days
    left = calendar.between(on, first)
    return f"{days}, in {counted(left, 'working day', 'working days')}" if left else f"{days}, before the next working day"


def silence_in_words(last_updated_on: date | None, *, on: date) -> str:
    """Return "No update yet" or "No update for 31 days"."""
    if last_updated_on is None:
        return "No update yet"
    return f"No update for {counted((on - last_updated_on).days, 'day', 'days')}"


# Verdicts


@dataclass(frozen=True)
class Verdict:
    """The answer to the page's question; `tone` is the status whose shape and colour it bears."""

    tone: Status
    lead: str


@dataclass(frozen=True)
class MissedDate:
    """A legal date that has passed, and the steps that were still to be done."""

    due: date
    missing: Sequence[str]


@dataclass(frozen=True)
class PlanFacts:
    """All that the dashboard's answer depends on. Counts are of live actions, by status."""

    actions: Mapping[str, int]
    missed: MissedDate | None = None
    visit: str = ""
    before_visit: Mapping[str, int] = field(default_factory=dict)
    findings_without_action: int = 0
    recommendations: int = 0
    recommendations_without_action: int = 0


def total(counts: Mapping[str, int], statuses: Iterable[str] = BAR_ORDER) -> int:
    """Return how many there are of some statuses together; of all that bars show, if none are named."""
    return sum(counts.get(status, 0) for status in statuses)


def on_track(facts: PlanFacts) -> Verdict:
    """Return the answer to "Are we on track?", the first that applies.

    A legal date missed; an action due before the visit overdue (or any overdue); a finding, then a
    recommendation, without an action; an action due before the visit at risk or not started; yes.
    """
    if facts.missed is not None:
        return Verdict(
            Status.OVERDUE,
            f"No. The plan was due on {facts.missed.due:%A %-d %B %Y} and is "
            f"not yet {and_list(facts.missed.missing, 'or')}.",
        )
    if overdue := facts.before_visit.get(Status.OVERDUE, 0):
        whole = total(facts.before_visit)
        due = part_of(overdue, whole, "action", "actions", rest=f"due before {facts.visit}")
        return Verdict(Status.OVERDUE, f"Not yet. {due} overdue.")
    if overdue := facts.actions.get(Status.OVERDUE, 0):
        due = part_of(overdue, total(facts.actions), "action", "actions")
        return Verdict(Status.OVERDUE, f"Not yet. {due} overdue.")
    if facts.findings_without_action:
        findings = counted(facts.findings_without_action, "finding from visits has", "findings from visits have")
        return Verdict(Status.AT_RISK, f"Not yet. {findings} no action.")
    if gaps := facts.recommendations_without_action:
        return Verdict(Status.AT_RISK, f"Not yet. {_without_action(gaps, facts.recommendations)}")
    if not total(facts.actions):
        return Verdict(Status.NOT_STARTED, "Not yet. There are no actions in the plan.")
    return _as_far_as_known(facts)


def _without_action(gaps: int, recommendations: int) -> str:
    if gaps == recommendations:
        return f"None of the {recommendations:,} recommendations has an action." if gaps > 1 else (
            "The only recommendation has no action."
        )
    return f"{gaps:,} of the {recommendations:,} recommendations {'has' if gaps == 1 else 'have'} no action."


def _as_far_as_known(facts: PlanFacts) -> Verdict:
    rest = f"due before {facts.visit}" if facts.visit else ""
    counts = facts.before_visit if facts.visit else facts.actions
    whole = total(counts)
    if not whole:
        return Verdict(Status.ON_TRACK, f"Yes. No action is due before {facts.visit}, and none is overdue.")
    return _without_late(counts, rest, yes="Yes")


def _without_late(counts: Mapping[str, int], rest: str, *, yes: str) -> Verdict:
    """The answer for actions of which none is overdue."""
    whole = total(counts)
    if shaky := total(counts, SHAKY):
        return Verdict(
            Status.AT_RISK, f"Not certain. {part_of(shaky, whole, 'action', 'actions', rest=rest)} {_shaky(counts)}."
        )
    if waiting_to_start := counts.get(Status.NOT_STARTED, 0):
        started = part_of(waiting_to_start, whole, "action", "actions", rest=rest)
        return Verdict(Status.NOT_STARTED, f"{yes}, so far. None is late or at risk, but {started[:1].lower()}{started[1:]} not started.")
    states = [
        words
        for words, statuses in (
            ("done", DONE),
            ("waiting to be checked", (Status.WAITING,)),
            ("on track", (Status.ON_TRACK,)),
        )
        if total(counts, statuses)
    ]
    return Verdict(
        Status.ON_TRACK, f"{yes}. {part_of(whole, whole, 'action', 'actions', rest=rest)} {and_list(states, 'or')}."
    )


def _shaky(counts: Mapping[str, int]) -> str:
    return " or ".join(status.label.lower() for status in SHAKY if counts.get(status))


@dataclass(frozen=True)
class VisitFacts:
    """What the answer of a visit's page depends on."""

    is_ahead: bool
    before_visit: Mapping[str, int] = field(default_factory=dict)
    strengths: int = 0
    needs_work: int = 0
    without_action: int = 0


def ready(facts: VisitFacts) -> Verdict:
    """Return the answer to "Are we ready?", the first that applies.

    `without_action` counts the findings of the last visit that no action answers.
    """
    whole = total(facts.before_visit)
    overdue = facts.before_visit.get(Status.OVERDUE, 0)
    gaps = facts.without_action
    findings = counted(gaps, "finding from the last visit has", "findings from the last visit have")
    if overdue:
        late = f"Not ready yet. {part_of(overdue, whole, 'action', 'actions', rest='due before the visit')} overdue"
        return Verdict(Status.OVERDUE, f"{late} and {findings} no action." if gaps else f"{late}.")
    if gaps:
        return Verdict(Status.AT_RISK, f"Not ready yet. {findings} no action.")
    if not whole:
        return Verdict(Status.NOT_STARTED, "No action is due before the visit.")
    return _without_late(facts.before_visit, "due before the visit", yes="Ready")


def heard(facts: VisitFacts) -> Verdict:
    """Return the answer to "What did inspectors say, and what did we do about it?" for a visit that is over."""
    if not facts.strengths and not facts.needs_work:
        return Verdict(Status.NOT_STARTED, "No findings of this visit are recorded yet.")
    said = f"Inspectors named {strengths_and_needs(facts.strengths, facts.needs_work)}."
    if not facts.needs_work:
        return Verdict(Status.ON_TRACK, said)
    if facts.without_action:
        gaps = facts.without_action
        return Verdict(
            Status.AT_RISK, f"{said} {counted(gaps, 'of them has', 'of them have')} no action yet."
            if facts.needs_work > 1
            else f"{said} It has no action yet.",
        )
    return Verdict(Status.ON_TRACK, f"{said} {'Each has' if facts.needs_work > 1 else 'It has'} an action.")


def strengths_and_needs(strengths: int, needs_work: int) -> str:
    """Return "12 strengths and 7 areas that need work", leaving out what there is none of."""
    return and_list(
        [
            counted(number, one, many)
            for number, one, many in (
                (strengths, "strength", "strengths"),
                (needs_work, "area that needs work", "areas that need work"),
            )
            if number
        ]
    )


def highest_difference(differences: Iterable[str]) -> Difference:
    """Return the greatest difference for children among some actions; none when there are none."""
    order = list(Difference)
    return max((Difference(difference) for difference in differences), key=order.index, default=Difference.NONE)


# What needs a decision


def share_out(waiting: Sequence[int], at_most: int = AT_MOST_DECISIONS) -> list[int]:
    """Return how many of each kind to show when there is room for `at_most`.

    The kinds come worst first. Each gets one before any gets two, so that a long list of one kind
    does not hide the others; what room is left goes to the worst.
    """
    shown = [0] * len(waiting)
    for kind, number in enumerate(waiting):
        if number and sum(shown) < at_most:
            shown[kind] = 1
    for kind, number in enumerate(waiting):
        shown[kind] += min(number - shown[kind], at_most - sum(shown))
    return shown
