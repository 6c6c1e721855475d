"""Are we ready for a visit, what will be asked there, what does a letter open again? Pure: no ORM, clock, settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.actions.rules import Status
from tracker.govuk.templatetags.govuk import and_list, count_of

# What a council makes ready for a visit until it keeps a list of its own: title, working days before the first day.
READINESS_LIST = (
    ("Timetable agreed with the lead inspector", 15),
    ("Progress report: what was asked, what was done, what is different for children", 10),
    ("Plan as it stands on the day", 5),
    ("Index of the evidence, and where each piece is kept", 10),
    ("Data for the visit, checked by a manager", 8),
    ("Staff and partners whom inspectors will meet, by post", 8),
    ("Partner agencies told, with a contact for each", 10),
    ("Rooms, passes and read-only access to the recording system", 5),
    ("Way to choose the children’s records: arranged on the recording system, and no list of children here", 5),
    ("Lead member, chief executive and board chair briefed", 3),
)

WORST_LEFT = (Status.OFF_TRACK, Status.AT_RISK)
_STILL_WELL = {Status.ON_TRACK: "on track", Status.WAITING: "waiting to be checked"}


# What a letter opens again


@dataclass(frozen=True)
class Repeat:
    """A finding that repeats a recommendation: its live actions, and how many of them are checked as complete."""

    needs_work: bool
    actions: int
    complete: int

    @property
    def is_put_right(self) -> bool:
        return self.actions > 0 and self.complete == self.actions


def is_reopened(repeats: Iterable[Repeat]) -> bool:
    """Return whether a recommendation stands reopened.

    It does while a finding that needs work repeats it and no action answers that finding, or one that does is not yet
    checked as complete. Cancelled actions answer nothing. See `findings.reopening`, the same in the database.
    """
    return any(repeat.needs_work and not repeat.is_put_right for repeat in repeats)


# Are we ready?


@dataclass(frozen=True)
class ReadinessFacts:
    """What the answer of a visit to come depends on.

    `actions` counts the actions due before it that are not finished, by status; `in_focus` says whether only those
    that answer the recommendations in its focus are counted. The findings are those of the last letter.
    """

    are_days_known: bool = True
    actions: Mapping[str, int] = field(default_factory=dict)
    in_focus: bool = False
    tasks: int = 0
    tasks_overdue: int = 0
    findings_without_action: int = 0
    questions_without_evidence: int = 0


@dataclass(frozen=True)
class Answer:
    """The sentence at the top; `tone` is the status whose shape and colour it bears; `also` is what holds besides."""

    tone: Status
    lead: str
    also: str = ""


def are_we_ready(facts: ReadinessFacts) -> Answer:
    """Return the answer for a visit to come: the first that applies leads, the others follow in one sentence.

    Order: its days are not known; an action due before it overdue; something of the readiness list late; a finding of
    the last letter without an action; a likely question without accepted evidence; an action off track or at risk;
    one not started; else ready. What is only unfinished is not against us before its day.
    """
    against = _against(facts)
    if not facts.are_days_known:
        lead = "We cannot say yet: the days of the visit are not known."
        return Answer(Status.NOT_STARTED, lead, _also([short for _, _, short in against]))
    if against:
        (tone, lead, _), *others = against
        return Answer(tone, lead, _also([short for _, _, short in others]))
    whole = sum(facts.actions.values())
    if not whole and not facts.tasks:
        return Answer(Status.NOT_STARTED, f"No action{_of_focus(facts)} is due before the visit.")
    if not whole:
        left = f"No action{_of_focus(facts)} is left to finish before the visit"
        return Answer(Status.ON_TRACK, f"Ready. {left}, and nothing is late.")
    states = " or ".join(_STILL_WELL[status] for status in _STILL_WELL if facts.actions.get(status))
    return Answer(Status.ON_TRACK, f"Ready. {_part(whole, whole, facts)} {states}, and nothing is late.")


def _against(facts: ReadinessFacts) -> list[tuple[Status, str, str]]:
    """What speaks against "ready", worst first: its tone, the sentence that leads with it, its words as one of more."""
    whole = sum(facts.actions.values())
    found: list[tuple[Status, str, str]] = []
    if late := facts.actions.get(Status.OVERDUE, 0):
        words = count_of(late, "action is overdue,actions are overdue")
        found.append((Status.OVERDUE, f"Not ready yet. {_part(late, whole, facts)} overdue.", words))
    if late := facts.tasks_overdue:
        words = count_of(late, "thing to make ready is late,things to make ready are late")
        found.append((Status.OVERDUE, f"Not ready yet. {words}.", words))
    if gaps := facts.findings_without_action:
        words = count_of(gaps, "finding from the last visit has no action,findings from the last visit have no action")
        found.append((Status.AT_RISK, f"Not ready yet. {words}.", words))
    if gaps := facts.questions_without_evidence:
        words = count_of(gaps, "likely question has no accepted evidence,likely questions have no accepted evidence")
        found.append((Status.AT_RISK, f"Not ready yet. {words}.", words))
    if shaky := sum(facts.actions.get(status, 0) for status in WORST_LEFT):
        states = " or ".join(status.label.lower() for status in WORST_LEFT if facts.actions.get(status))
        words = f"{count_of(shaky, 'action is,actions are')} {states}"
        found.append((Status.AT_RISK, f"Not certain. {_part(shaky, whole, facts)} {states}.", words))
    if idle := facts.actions.get(Status.NOT_STARTED, 0):
        words = count_of(idle, "action is not started,actions are not started")
        lead = f"Ready, so far. None is late or at risk, but {_small(_part(idle, whole, facts))} not started."
        found.append((Status.NOT_STARTED, lead, words))
    return found


def _also(words: Sequence[str]) -> str:
    return f"Also: {and_list(words)}." if words else ""


def _of_focus(facts: ReadinessFacts) -> str:
    return " in focus" if facts.in_focus else ""


def _part(part: int, whole: int, facts: ReadinessFacts) -> str:
    """Return "2 of the 3 actions in focus due before the visit are", "All 3 … are" or "The only action … is"."""
    rest = f"{_of_focus(facts)} due before the visit"
    if whole == 1:
        return f"The only action{rest} is"
    if part == whole:
        return f"All {whole:,} actions{rest} are"
    return f"{part:,} of the {whole:,} actions{rest} {'is' if part == 1 else 'are'}"


def _small(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"


# What inspectors are likely to ask


def question_about_finding(words: str, *, visit: str, is_paraphrase: bool) -> str:
    """Return the question that a finding of the last letter leads to, with the letter's words quoted."""
    quoted = words.strip().rstrip(".")
    said = quoted if is_paraphrase else f"“{quoted}”"
    return f"What has changed since the letter of {visit} said: {said}?"


def question_about_recommendation(reference: str, title: str) -> str:
    """Return the question that a recommendation in the focus of a visit leads to."""
    return (
        f"What have you done about recommendation {reference}, {title.strip().rstrip('.')}, "
        "and what is different for children?"
    )
