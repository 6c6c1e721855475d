"""The checks of a plan before it is sent: each a pure function on plain facts. No ORM, clock or settings.

Sources: Ofsted's handbook for monitoring and the letters it quotes (a plan that "does not reflect the findings"), and
what inspectors and scrutiny found wrong in councils' plans.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from tracker.govuk.templatetags.govuk import and_list, count_of


@dataclass(frozen=True)
class MeasureFacts:
    title: str
    is_of_difference: bool
    baseline: str = ""
    target: str = ""
    target_on: date | None = None


@dataclass(frozen=True)
class ActionFacts:
    """What the checks ask of one live action. `owner_is_here` is false for someone who has left the council."""

    reference: str
    title: str
    priority: int
    description: str = ""
    outcome: str = ""
    owner_id: int | None = None
    owner: str = ""
    owner_is_here: bool = True
    accountable_id: int | None = None
    starts_on: date | None = None
    deadline: date | None = None
    milestones: tuple[tuple[str, date], ...] = ()
    measures: tuple[MeasureFacts, ...] = ()
    agency: str = ""
    partner_agreed_on: date | None = None
    needs_money: bool = False
    money: str = ""
    is_complete: bool = False
    is_restricted: bool = False


@dataclass(frozen=True)
class Asked:
    """Something the plan must answer: a recommendation, or a finding that needs work."""

    name: str
    url: str
    has_action: bool


@dataclass(frozen=True)
class PriorityFacts:
    number: int
    title: str


@dataclass(frozen=True)
class Limits:
    """The numbers of the checks, which are practice and the council's own to set."""

    most_open_actions: int
    milestone_gap: int
    bunched: int


@dataclass(frozen=True)
class PlanFacts:
    """Everything the checks ask, read once."""

    starts_on: date
    limits: Limits
    actions: Sequence[ActionFacts] = ()
    recommendations: Sequence[Asked] = ()
    findings: Sequence[Asked] = ()
    priorities: Sequence[PriorityFacts] = ()

    @property
    def unfinished(self) -> list[ActionFacts]:
        """Those that can still be put right: not yet checked as complete."""
        return [action for action in self.actions if not action.is_complete]


@dataclass(frozen=True)
class Row:
    """One thing at fault. `concerns` are the people who see it although it is about a restricted action."""

    text: str
    detail: str = ""
    url: str = ""
    reference: str = ""
    is_restricted: bool = False
    concerns: frozenset[int | None] = frozenset()


@dataclass(frozen=True)
class Rule:
    """A check: its code, what it asks of the plan, what is at fault, and a number to know beside it."""

    code: str
    sentence: str
    find: Callable[[PlanFacts], list[Row]]
    is_blocking: bool = False
    note: Callable[[PlanFacts], str] | None = None


@dataclass(frozen=True)
class Check:
    """What a check found."""

    code: str
    sentence: str
    is_blocking: bool
    rows: Sequence[Row] = ()
    note: str = ""

    @property
    def passes(self) -> bool:
        return not self.rows


@dataclass(frozen=True)
class Quality:
    """What all the checks found."""

    checks: Sequence[Check] = field(default_factory=tuple)

    @property
    def blocking(self) -> list[Check]:
        """The failing checks that a plan cannot be sent with."""
        return [check for check in self.checks if check.is_blocking and not check.passes]

    @property
    def warnings(self) -> list[Check]:
        """The failing checks that need the director's reason."""
        return [check for check in self.checks if not check.is_blocking and not check.passes]

    @property
    def count_failing(self) -> int:
        return len(self.blocking) + len(self.warnings)

    @property
    def warning_codes(self) -> list[str]:
        return [check.code for check in self.warnings]


def _row(action: ActionFacts, detail: str = "") -> Row:
    return Row(
        text=f"{action.reference} {action.title}",
        detail=detail,
        reference=action.reference,
        is_restricted=action.is_restricted,
        concerns=frozenset({action.owner_id, action.accountable_id}),
    )


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


# Everything that was asked is answered


def without_action(plan: PlanFacts) -> list[Row]:
    return [Row(asked.name, "No action", asked.url) for asked in plan.recommendations if not asked.has_action]


def findings_without_action(plan: PlanFacts) -> list[Row]:
    return [Row(asked.name, "No action", asked.url) for asked in plan.findings if not asked.has_action]


# Every action can be held to


def without_owner(plan: PlanFacts) -> list[Row]:
    return [
        _row(action, f"{action.owner} has left" if action.owner_id else "No owner")
        for action in plan.unfinished
        if action.owner_id is None or not action.owner_is_here
    ]


def without_deadline(plan: PlanFacts) -> list[Row]:
    return [_row(action, "No deadline") for action in plan.unfinished if action.deadline is None]


def without_outcome(plan: PlanFacts) -> list[Row]:
    return [_row(action, "No outcome for children") for action in plan.unfinished if not action.outcome.strip()]


def without_measure(plan: PlanFacts) -> list[Row]:
    return [_row(action, "No measure") for action in plan.unfinished if not action.measures]


def measures_without_details(plan: PlanFacts) -> list[Row]:
    found = []
    for action in plan.unfinished:
        for measure in action.measures:
            parts = (("baseline", measure.baseline), ("target", measure.target), ("date", measure.target_on))
            missing = [f"no {name}" for name, value in parts if not value]
            if missing:
                found.append(_row(action, f"“{measure.title}” has {and_list(missing)}"))
    return found


def priorities_without_difference(plan: PlanFacts) -> list[Row]:
    """A priority that measures only what was done, not what became better for children."""
    activity, difference = _measures_by_priority(plan)
    return [
        Row(
            f"Priority {priority.number}. {priority.title}",
            count_of(activity[priority.number], "measure that something happened,measures that something happened")
            + ", none of difference for children",
        )
        for priority in plan.priorities
        if not difference[priority.number]
    ]


def _measures_by_priority(plan: PlanFacts) -> tuple[Counter[int], Counter[int]]:
    activity: Counter[int] = Counter()
    difference: Counter[int] = Counter()
    for action in plan.actions:
        for measure in action.measures:
            (difference if measure.is_of_difference else activity)[action.priority] += 1
    return activity, difference


def measures_ratio(plan: PlanFacts) -> str:
    """Return "6 measures say that something happened, 2 that it made a difference for children."."""
    activity, difference = _measures_by_priority(plan)
    first = count_of(activity.total(), "measure says,measures say")
    return f"{first} that something happened, {difference.total():,} that it made a difference for children."


# Words that commit to nothing

# Unless the sentence gives a date or says how often.
WITHOUT_A_DATE = (
    "ongoing",
    "on-going",
    "asap",
    "as soon as possible",
    "as soon as practicable",
    "as required",
    "as necessary",
    "as needed",
    "as appropriate",
    "where appropriate",
    "when appropriate",
    "if appropriate",
    "where possible",
    "wherever possible",
    "in due course",
    "in a timely manner",
    "in a timely way",
    "from time to time",
    "periodically",
    "regularly",
    "on a regular basis",
    "continue to",
    "tbc",
    "to be confirmed",
    "explore",
    "consider",
)
# Unless the sentence gives a number, or the action has a measure with a target.
WITHOUT_A_NUMBER = ("improve", "strengthen", "enhance")

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
A_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{MONTH}\s+(?:19|20)\d{{2}}\b|\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b", re.I
)
HOW_OFTEN = re.compile(
    r"\b(?:daily|weekly|fortnightly|monthly|quarterly|termly|annually|yearly)\b"
    r"|\b(?:every|each)\s+(?:\d+|one|two|three|four|six|eight|ten|twelve|other)?\s*"
    r"(?:working\s+)?(?:days?|weeks?|fortnight|months?|quarters?|terms?|years?|monday|tuesday|wednesday|thursday|friday)\b",
    re.I,
)
A_NUMBER = re.compile(r"\d")
SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words, the longest first, so that “on a regular basis” is not read as less."""
    alternatives = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.I)


DATELESS, NUMBERLESS = _any_of(WITHOUT_A_DATE), _any_of(WITHOUT_A_NUMBER)


def vague_words(text: str, *, has_target: bool) -> list[str]:
    """Return the words of a text that commit to nothing, as written, once each, in order.

    “Ongoing” and its like count unless their sentence gives a date or says how often; “improve” and its like unless
    their sentence gives a number or the action has a measure with a target.
    """
    found: dict[str, str] = {}
    for sentence in SENTENCE_END.split(text):
        if not (A_DATE.search(sentence) or HOW_OFTEN.search(sentence)):
            for match in DATELESS.finditer(sentence):
                found.setdefault(match.group().casefold(), match.group())
        if not (has_target or A_NUMBER.search(sentence)):
            for match in NUMBERLESS.finditer(sentence):
                found.setdefault(match.group().casefold(), match.group())
    return list(found.values())


def with_vague_words(plan: PlanFacts) -> list[Row]:
    found = []
    for action in plan.unfinished:
        has_target = any(measure.target for measure in action.measures)
        texts = [action.title, action.description, *(title for title, _ in action.milestones)]
        words = list(dict.fromkeys(w for text in texts for w in vague_words(text, has_target=has_target)))
        # How we will know is to be seen, so that “improve” is no fault in it.
        words += [w for w in vague_words(action.outcome, has_target=True) if w not in words]
        if words:
            found.append(_row(action, and_list(f"“{word}”" for word in words)))
    return found


# Dates that can be kept


def milestones_after_deadline(plan: PlanFacts) -> list[Row]:
    return [
        _row(action, f"“{title}” is due {_day(due)}, after the deadline of {_day(action.deadline)}")
        for action in plan.unfinished
        if action.deadline is not None
        for title, due in action.milestones
        if due > action.deadline
    ]


def milestone_gaps(plan: PlanFacts) -> list[Row]:
    """Long times without a step: from the start, or that of the plan, over each milestone to the deadline."""
    limit = timedelta(days=plan.limits.milestone_gap)
    found = []
    for action in plan.unfinished:
        if action.deadline is None:
            continue
        start = action.starts_on or plan.starts_on
        days = [start, *sorted(due for _, due in action.milestones if start < due < action.deadline), action.deadline]
        longest = max(pairwise(days), key=lambda pair: pair[1] - pair[0])
        if longest[1] - longest[0] > limit:
            length = (longest[1] - longest[0]).days
            found.append(
                _row(action, f"{length} days from {_day(longest[0])} to {_day(longest[1])} without a milestone")
            )
    return found


MOST_WORTH_COUNTING = 5


def bunched_on_the_last_day(plan: PlanFacts) -> list[Row]:
    """More than the share that is allowed on the plan's last day; of fewer than 5 deadlines nothing is said."""
    dated = [action for action in plan.unfinished if action.deadline is not None]
    if len(dated) < MOST_WORTH_COUNTING:
        return []
    last = max(action.deadline for action in dated if action.deadline is not None)
    on_it = [action for action in dated if action.deadline == last]
    if len(on_it) * 100 <= plan.limits.bunched * len(dated):
        return []
    share = f"{len(on_it)} of {len(dated)} deadlines fall on {_day(last)}"
    return [_row(action, share if place == 0 else f"Due {_day(last)}") for place, action in enumerate(on_it)]


# People, partners and money


def overloaded(plan: PlanFacts) -> list[Row]:
    owned: dict[int, list[ActionFacts]] = defaultdict(list)
    for action in plan.unfinished:
        if action.owner_id is not None:
            owned[action.owner_id].append(action)
    return [
        Row(actions[0].owner, f"Owns {len(actions)} open actions")
        for actions in sorted(owned.values(), key=lambda found: (-len(found), found[0].owner))
        if len(actions) > plan.limits.most_open_actions
    ]


def without_money(plan: PlanFacts) -> list[Row]:
    return [
        _row(action, "Needs new money: it is not said how much or from where")
        for action in plan.unfinished
        if action.needs_money and not action.money.strip()
    ]


def not_agreed_by_partner(plan: PlanFacts) -> list[Row]:
    return [
        _row(action, f"{action.agency} has not agreed to it yet")
        for action in plan.unfinished
        if action.agency and action.partner_agreed_on is None
    ]


RULES = (
    Rule("no_action", "Every recommendation has a live action", without_action, is_blocking=True),
    Rule("no_owner", "Every action has an owner who is here", without_owner, is_blocking=True),
    Rule("no_deadline", "Every action has a deadline", without_deadline, is_blocking=True),
    Rule("findings", "Every finding that needs work has an action", findings_without_action),
    Rule("outcome", "Every action says what will be different for children", without_outcome),
    Rule("measure", "Every action has a measure", without_measure),
    Rule("measure_details", "Every measure has a baseline, a target and a date", measures_without_details),
    Rule(
        "difference",
        "Every priority has a measure of difference for children",
        priorities_without_difference,
        note=measures_ratio,
    ),
    Rule("vague", "No vague words without a date or a number", with_vague_words),
    Rule("milestones", "Every milestone is due by the deadline of its action", milestones_after_deadline),
    Rule(
        "milestone_gap",
        "No long time passes without a milestone",
        milestone_gaps,
        note=lambda plan: f"At most {plan.limits.milestone_gap} days.",
    ),
    Rule(
        "bunched",
        "Deadlines are not bunched on the last day",
        bunched_on_the_last_day,
        note=lambda plan: f"At most {plan.limits.bunched} per cent of them.",
    ),
    Rule(
        "overload",
        "Nobody owns too many open actions",
        overloaded,
        note=lambda plan: f"At most {count_of(plan.limits.most_open_actions, 'action,actions')}.",
    ),
    Rule("money", "Money is named where it is needed", without_money),
    Rule("partners", "Partner agencies have agreed to their actions", not_agreed_by_partner),
)
SENTENCES = {rule.code: rule.sentence for rule in RULES}


def check(plan: PlanFacts) -> Quality:
    """Return what every check finds in a plan, those that block sending first."""
    return Quality(
        tuple(
            Check(
                code=rule.code,
                sentence=rule.sentence,
                is_blocking=rule.is_blocking,
                rows=tuple(rule.find(plan)),
                note=rule.note(plan) if rule.note else "",
            )
            for rule in RULES
        )
    )


def split_rows(check: Check, *, sees_restricted: bool, user_id: int) -> tuple[list[Row], int]:
    """Return the rows of a check that a person may see, and how many restricted ones are withheld."""
    seen = [row for row in check.rows if sees_restricted or not row.is_restricted or user_id in row.concerns]
    return seen, len(check.rows) - len(seen)
