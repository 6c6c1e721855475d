"""The sentences at the top of pages, worked out from counts and dates. Pure: no queries, clock or settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.actions.rules import BAR_ORDER, Difference, Status
from tracker.actions.wording import working_days_words
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import and_list, count_of
from tracker.visits.wording import days_words, expected_words  # noqa: F401  Said of visits, and by pages of reports.

DONE = (Status.EMBEDDED, Status.COMPLETE)
SHAKY = (Status.AT_RISK, Status.OFF_TRACK)
OPEN = tuple(status for status in BAR_ORDER if status not in DONE)
SHOWS_DIFFERENCE = (Difference.DIFFERENCE, Difference.SUSTAINED)
AT_MOST_DECISIONS = 5


# Words


def or_list(words: Sequence[str]) -> str:
    """Return "a", "a or b" or "a, b or c"."""
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def capital(words: str) -> str:
    """Return the words beginning with a capital; names inside stay as they are."""
    return f"{words[:1].upper()}{words[1:]}"


def small(words: str) -> str:
    """Return the words as they go on inside a sentence: "monitoring visit 1"."""
    return f"{words[:1].lower()}{words[1:]}"


def part_of(part: int, whole: int, one: str = "action", many: str = "actions", *, rest: str = "") -> str:
    """Return "7 of the 13 actions due before the visit are", "All 13 actions … are" or "The only action … is".

    `rest` follows the noun.
    """
    noun = f"{one if whole == 1 else many} {rest}".strip()
    if whole == 1:
        return f"The only {noun} is"
    if part == whole:
        return f"All {whole:,} {noun} are"
    return f"{part:,} of the {whole:,} {noun} {'is' if part == 1 else 'are'}"


def silence_words(last_updated_on: date | None, *, on: date) -> str:
    """Return "No update yet" or "No update for 31 days"."""
    if last_updated_on is None:
        return "No update yet"
    return f"No update for {count_of((on - last_updated_on).days, 'day,days')}"


def strengths_and_needs(strengths: int, needs_work: int) -> str:
    """Return "12 strengths and 7 areas that need work", leaving out what there is none of."""
    numbers = {"strength,strengths": strengths, "area that needs work,areas that need work": needs_work}
    return and_list(count_of(number, words) for words, number in numbers.items() if number)


# Time left


@dataclass(frozen=True)
class Countdown:
    """A day in figures: "12" "working days left", "Today" "", "3" "working days late"."""

    number: str
    unit: str = ""
    is_late: bool = False


def countdown(day: date, *, on: date, calendar: Calendar) -> Countdown:
    """Return how far a day is in working days; "Late" for one that passed with no working day since.

    Raises HolidaysUnknown.
    """
    if day == on:
        return Countdown("Today")
    words = working_days_words(abs(calendar.between(on, day))).partition(" ")
    if day > on:
        return Countdown(words[0], f"{words[2]} left")
    if words[0] == "0":
        return Countdown("Late", is_late=True)
    return Countdown(words[0], f"{words[2]} late", is_late=True)


# Verdicts


@dataclass(frozen=True)
class Verdict:
    """The answer to a page's question; `tone` is the status whose shape and colour it bears."""

    tone: Status
    lead: str


@dataclass(frozen=True)
class MissedDate:
    """A legal date that has passed, and the steps that were still to be done."""

    due: date
    missing: Sequence[str]


@dataclass(frozen=True)
class PlanFacts:
    """All that the dashboard's answer depends on. Counts are of live actions, by status.

    `hidden` are those of which the reader is only told that they are there. `short_of_visit` is the sentence of a
    forecast that falls short of the next visit; `to_be_sent` says that the plan is still to be sent, or sent again.
    """

    actions: Mapping[str, int]
    hidden: int = 0
    missed: MissedDate | None = None
    visit: str = ""
    before_visit: Mapping[str, int] = field(default_factory=dict)
    short_of_visit: str = ""
    to_be_sent: bool = False
    without_owner: int = 0
    without_deadline: int = 0
    findings_without_action: int = 0
    recommendations: int = 0
    recommendations_without_action: int = 0


def total(counts: Mapping[str, int], statuses: Iterable[str] = BAR_ORDER) -> int:
    """Return how many there are of some statuses together; of all that bars show, if none are named."""
    return sum(counts.get(status, 0) for status in statuses)


def are_we_on_track(facts: PlanFacts) -> Verdict:
    """Return the answer of the dashboard, the first that applies.

    A legal date missed; an action due before the visit overdue; a forecast that falls short of the visit; any
    overdue; what stops a plan from being sent; a finding, then a recommendation, without an action; no
    actions; one due before the visit at risk, then not started; else yes. Without a visit the last three
    look at the whole plan.
    """
    before_visit = f"due before {facts.visit}" if facts.visit else ""
    if facts.missed is not None:
        date_missed = f"No. The plan was due on {facts.missed.due:%A %-d %B %Y}"
        return Verdict(Status.OVERDUE, f"{date_missed} and is not yet {or_list(facts.missed.missing)}.")
    if overdue := facts.before_visit.get(Status.OVERDUE, 0):
        late = part_of(overdue, total(facts.before_visit), rest=before_visit)
        return Verdict(Status.OVERDUE, f"Not yet. {late} overdue.")
    if facts.short_of_visit:
        return Verdict(Status.AT_RISK, f"Not yet. {facts.short_of_visit}")
    if overdue := facts.actions.get(Status.OVERDUE, 0):
        return Verdict(Status.OVERDUE, f"Not yet. {part_of(overdue, total(facts.actions))} overdue.")
    return _gaps_in_the_plan(facts) or _not_late(facts, before_visit)


def _gaps_in_the_plan(facts: PlanFacts) -> Verdict | None:
    gaps = {
        "action has no owner,actions have no owner": facts.without_owner,
        "action has no deadline,actions have no deadline": facts.without_deadline,
    }
    if facts.to_be_sent and any(gaps.values()):
        told = and_list(count_of(number, words) for words, number in gaps.items() if number)
        return Verdict(Status.AT_RISK, f"The plan cannot be sent yet. {told}.")
    if facts.findings_without_action:
        findings = count_of(facts.findings_without_action, "finding from a visit has,findings from visits have")
        return Verdict(Status.AT_RISK, f"Not yet. {findings} no action.")
    if gaps := facts.recommendations_without_action:
        return Verdict(Status.AT_RISK, f"Not yet. {_recommendations_without_action(gaps, facts.recommendations)}")
    return None


def _not_late(facts: PlanFacts, before_visit: str) -> Verdict:
    if not total(facts.actions):
        seen = " that you can see" if facts.hidden else ""
        return Verdict(Status.NOT_STARTED, f"Not yet. There are no actions in the plan{seen}.")
    if facts.visit and not total(facts.before_visit):
        return Verdict(Status.ON_TRACK, f"Yes. Nothing is left to finish before {facts.visit}, and nothing is overdue.")
    return _none_overdue(facts.before_visit if facts.visit else facts.actions, before_visit)


def _recommendations_without_action(gaps: int, whole: int) -> str:
    if whole == 1:
        return "The only recommendation has no action."
    if gaps == whole:
        return f"None of the {whole:,} recommendations has an action."
    return f"{gaps:,} of the {whole:,} recommendations {'has' if gaps == 1 else 'have'} no action."


def _none_overdue(counts: Mapping[str, int], rest: str) -> Verdict:
    whole = total(counts)
    if shaky := total(counts, SHAKY):
        states = or_list([status.label.lower() for status in SHAKY if counts.get(status)])
        return Verdict(Status.AT_RISK, f"Not certain. {part_of(shaky, whole, rest=rest)} {states}.")
    if idle := counts.get(Status.NOT_STARTED, 0):
        return Verdict(
            Status.NOT_STARTED,
            f"Yes, so far. None is late or at risk, but {small(part_of(idle, whole, rest=rest))} not started.",
        )
    states = or_list(
        [
            words
            for words, statuses in (
                ("done", DONE),
                ("waiting to be checked", (Status.WAITING,)),
                ("on track", (Status.ON_TRACK,)),
            )
            if total(counts, statuses)
        ]
    )
    return Verdict(Status.ON_TRACK, f"Yes. {part_of(whole, whole, rest=rest)} {states}.")


@dataclass(frozen=True)
class VisitFacts:
    """What the answer of the page of a visit that is over depends on.

    `needs_work` is what the letter counts; `needs_work_known` how many of them are recorded one by one.
    """

    strengths: int = 0
    needs_work: int = 0
    needs_work_known: int = 0
    without_action: int = 0


def what_did_they_say(facts: VisitFacts) -> Verdict:
    """Return the answer for a visit that is over: what its letter names, and whether actions answer it."""
    if not facts.strengths and not facts.needs_work:
        return Verdict(Status.NOT_STARTED, "No findings of this visit are recorded.")
    said = f"Inspectors named {strengths_and_needs(facts.strengths, facts.needs_work)}."
    if not facts.needs_work:
        return Verdict(Status.ON_TRACK, said)
    if facts.without_action:
        gaps = "It has" if facts.needs_work == 1 else count_of(facts.without_action, "of them has,of them have")
        return Verdict(Status.AT_RISK, f"{said} {gaps} no action yet.")
    if facts.needs_work_known < facts.needs_work:
        known = count_of(facts.needs_work_known, "of them is,of them are") if facts.needs_work_known else "None is"
        return Verdict(Status.NOT_STARTED, f"{said} {known} recorded here.")
    return Verdict(Status.ON_TRACK, f"{said} {'It has' if facts.needs_work == 1 else 'Each has'} an action.")


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
        shown[kind] = min(number, 1, at_most - sum(shown))
    for kind, number in enumerate(waiting):
        shown[kind] += min(number - shown[kind], at_most - sum(shown))
    return shown
