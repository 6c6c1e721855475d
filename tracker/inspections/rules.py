"""The clocks: what starts each, how long it is and by what right, what ends it, and where it stands.

Pure: plain values and a table of working days in, dates and words out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from django.db import models

from tracker.dates.months import add_months
from tracker.dates.working_days import DAY, Calendar, CountedDay
from tracker.inspections.frameworks import Framework

PLAN_WORKING_DAYS = 70
REPORT_WORKING_DAYS = 30


class Kind(models.TextChoices):
    PLAN = "plan", "Send and publish the plan"
    REPORT = "report", "Publish the report"
    DRAFT_PLAN = "draft_plan", "Send the draft plan"
    FOCUSED_PLAN = "focused_plan", "Send the plan after the focused visit"
    JOINT_STATEMENT = "joint_statement", "Send the joint statement of proposed action"
    SEND_PLAN = "send_plan", "Send the area SEND priority action plan"
    SEND_DECISION = "send_decision", "Ofsted decides on the area SEND plan"
    SEND_PUBLICATION = "send_publication", "Publish the area SEND plan"
    WRITTEN_STATEMENT = "written_statement", "Send the written statement of action"
    SEND_MONITORING = "send_monitoring", "Area SEND monitoring inspection"
    ACTION_PLANNING_VISIT = "action_planning_visit", "Action planning visit"
    OFSTED_REPLY = "ofsted_reply", "Ofsted’s reply to the plan"
    RESUBMISSION = "resubmission", "Send the plan again"
    FIRST_VISIT = "first_visit", "First monitoring visit"
    NEXT_VISIT = "next_visit", "Next monitoring visit"
    LETTER = "letter", "Publication of the visit’s letter"
    FINDING_ACTIONS = "finding_actions", "An action for each finding"
    REINSPECTION = "reinspection", "Re-inspection"
    DFE_REVIEW = "dfe_review", "DfE progress review"
    COMMISSIONER_REPORT = "commissioner_report", "Commissioner’s report"
    NOTICE_END = "notice_end", "Final date of the notice"
    SUPPORT_END = "support_end", "End of support and supervision"
    ANNUAL_CONVERSATION = "annual_conversation", "Annual conversation with Ofsted"
    FOCUSED_VISIT = "focused_visit", "Focused visit"


class Basis(models.TextChoices):
    LAW = "law", "Set by law"
    INSPECTORATE = "inspectorate", "Ofsted’s practice"
    DFE = "dfe", "Condition of the DfE"
    COUNCIL = "council", "Council’s own rule"


class Unit(models.TextChoices):
    WORKING_DAYS = "working_days", "working days"
    CALENDAR_DAYS = "calendar_days", "calendar days"
    WEEKS = "weeks", "weeks"
    MONTHS = "months", "months"
    DATE = "date", "a date"
    NONE = "none", "no fixed length"


RECEIPT = "Receipt of the final report"
LETTER_RECEIPT = "Receipt of the visit’s letter"
VISIT_ENDED = "The last day of the visit"
WORKING_DAY_LAW = (
    "A working day is any day but a Saturday, a Sunday, Christmas Day, Good Friday or a bank holiday in England and "
    "Wales: S.I. 2007/462, regulation 1(2)."
)
ILACS = "ILACS framework"
MONITORING = "Ofsted’s handbooks on monitoring councils judged inadequate, 2016 and 2017"


@dataclass(frozen=True)
class Step:
    """One of the things that together end a clock, recorded with its day, who did it and the proof."""

    code: str
    label: str


def _done(label: str) -> tuple[Step, ...]:
    return (Step("done", label),)


@dataclass(frozen=True)
class ClockRule:
    """One kind of clock.

    `length` is a number only where the law sets it, with its source; else `practice` names the number in the
    council's settings, which have the source. A clock without steps is ended elsewhere, and `ended_by` says where.
    """

    kind: Kind
    basis: Basis
    trigger: str
    source: str = ""
    length: int | None = None
    practice: str = ""
    unit: Unit = Unit.WORKING_DAYS
    is_forecast: bool = False
    repeats: bool = False
    steps: tuple[Step, ...] = ()
    ended_by: str = ""

    @property
    def title(self) -> str:
        return str(self.kind.label)

    @property
    def has_governance(self) -> bool:
        """Whether the council's own steps before it are worth a timetable: the long periods that the law sets."""
        return self.basis == Basis.LAW and self.length == PLAN_WORKING_DAYS

    def step(self, code: str) -> Step | None:
        return next((step for step in self.steps if step.code == code), None)


BY_SENDING = "It ends when the plan is recorded as sent to Ofsted, sent to DfE and published."

CLOCKS = (
    ClockRule(
        Kind.PLAN,
        Basis.LAW,
        RECEIPT,
        "Education and Inspections Act 2006, section 137(3) and (4); S.I. 2007/462, regulation 3",
        length=PLAN_WORKING_DAYS,
        ended_by=BY_SENDING,
    ),
    ClockRule(
        Kind.REPORT,
        Basis.LAW,
        RECEIPT,
        "S.I. 2007/462, regulation 2",
        length=REPORT_WORKING_DAYS,
        steps=(
            Step("partners", "Sent to the partners"),
            Step("newspaper", "Sent to a local newspaper"),
            Step("radio", "Sent to a local radio station"),
            Step("open", "A copy open to inspection, free of charge"),
        ),
    ),
    ClockRule(
        Kind.DRAFT_PLAN,
        Basis.INSPECTORATE,
        LETTER_RECEIPT,
        practice="draft_plan",
        steps=_done("Draft plan sent to Ofsted"),
    ),
    ClockRule(
        Kind.FOCUSED_PLAN,
        Basis.LAW,
        LETTER_RECEIPT,
        "Ofsted’s request after a focused visit with areas for priority action, “in line with current legislation”: "
        "S.I. 2007/462, regulation 3",
        length=PLAN_WORKING_DAYS,
        steps=_done("Final plan sent to Ofsted"),
    ),
    ClockRule(
        Kind.JOINT_STATEMENT,
        Basis.LAW,
        "Receipt of the joint report",
        "Children Act 2004, section 20; S.I. 2015/1792, regulation 4",
        length=PLAN_WORKING_DAYS,
        steps=_done("Joint statement sent to Ofsted"),
    ),
    ClockRule(
        Kind.SEND_PLAN,
        Basis.INSPECTORATE,
        RECEIPT,
        practice="send_plan",
        steps=_done("Priority action plan sent to Ofsted"),
    ),
    ClockRule(
        Kind.SEND_DECISION,
        Basis.INSPECTORATE,
        "The area SEND plan was sent to Ofsted",
        practice="send_decision",
        is_forecast=True,
        steps=_done("Ofsted’s decision received"),
    ),
    ClockRule(
        Kind.SEND_PUBLICATION,
        Basis.INSPECTORATE,
        "Ofsted approved the area SEND plan",
        practice="send_publication",
        steps=_done("Priority action plan published"),
    ),
    ClockRule(
        Kind.WRITTEN_STATEMENT,
        Basis.INSPECTORATE,
        RECEIPT,
        practice="written_statement",
        steps=_done("Written statement sent to Ofsted"),
    ),
    ClockRule(
        Kind.SEND_MONITORING,
        Basis.INSPECTORATE,
        RECEIPT,
        practice="send_monitoring",
        unit=Unit.MONTHS,
        is_forecast=True,
        steps=_done("Monitoring inspection begun"),
    ),
    ClockRule(
        Kind.ACTION_PLANNING_VISIT,
        Basis.INSPECTORATE,
        RECEIPT,
        f"{MONITORING}: a meeting before the plan is due",
        unit=Unit.DATE,
        is_forecast=True,
        steps=_done("Visit made"),
    ),
    ClockRule(
        Kind.OFSTED_REPLY,
        Basis.INSPECTORATE,
        "The plan was sent to Ofsted",
        f"{MONITORING}, annexes D and E; no length is fixed",
        unit=Unit.NONE,
        is_forecast=True,
        ended_by="It ends when Ofsted’s reply is recorded with the plan.",
    ),
    ClockRule(
        Kind.RESUBMISSION,
        Basis.INSPECTORATE,
        "Ofsted replied that the plan does not reflect the findings",
        practice="resubmission",
        ended_by="It ends when the next version of the plan is recorded as sent.",
    ),
    ClockRule(
        Kind.FIRST_VISIT,
        Basis.INSPECTORATE,
        "The day the plan is due",
        practice="first_visit",
        unit=Unit.WEEKS,
        is_forecast=True,
        steps=_done("Visit made"),
    ),
    ClockRule(
        Kind.NEXT_VISIT,
        Basis.INSPECTORATE,
        VISIT_ENDED,
        practice="next_visit",
        unit=Unit.MONTHS,
        is_forecast=True,
        steps=_done("Visit made"),
    ),
    ClockRule(
        Kind.LETTER,
        Basis.INSPECTORATE,
        LETTER_RECEIPT,
        f"{MONITORING}: Ofsted decides when; a first visit’s letter stays unpublished",
        unit=Unit.NONE,
        is_forecast=True,
        steps=_done("Letter published by Ofsted"),
    ),
    ClockRule(
        Kind.FINDING_ACTIONS,
        Basis.COUNCIL,
        LETTER_RECEIPT,
        practice="finding_actions",
        ended_by="It ends when each finding of the letter that needs work has an action.",
    ),
    ClockRule(
        Kind.REINSPECTION,
        Basis.INSPECTORATE,
        RECEIPT,
        practice="reinspection",
        unit=Unit.MONTHS,
        is_forecast=True,
        steps=_done("Re-inspection begun"),
    ),
    ClockRule(
        Kind.DFE_REVIEW,
        Basis.DFE,
        "The notice, or the review before",
        practice="dfe_review",
        unit=Unit.MONTHS,
        repeats=True,
        steps=_done("Review held"),
    ),
    ClockRule(
        Kind.COMMISSIONER_REPORT,
        Basis.DFE,
        "Appointment of the commissioner",
        practice="commissioner_report",
        unit=Unit.MONTHS,
        steps=_done("Commissioner’s report received"),
    ),
    ClockRule(
        Kind.NOTICE_END,
        Basis.DFE,
        "The notice or direction",
        "The date in the notice or direction",
        unit=Unit.DATE,
        steps=_done("All that the notice asks for is done"),
    ),
    ClockRule(
        Kind.SUPPORT_END,
        Basis.DFE,
        "The notice or direction was lifted, or support began",
        practice="support_end",
        unit=Unit.MONTHS,
        is_forecast=True,
        steps=_done("Support and supervision ended"),
    ),
    ClockRule(
        Kind.ANNUAL_CONVERSATION,
        Basis.INSPECTORATE,
        "The report, or the conversation before",
        practice="annual_conversation",
        unit=Unit.MONTHS,
        is_forecast=True,
        repeats=True,
        steps=_done("Conversation held"),
    ),
    ClockRule(
        Kind.FOCUSED_VISIT,
        Basis.INSPECTORATE,
        RECEIPT,
        f"{ILACS}: between inspections, not normally to councils judged inadequate; no length is fixed",
        unit=Unit.NONE,
        is_forecast=True,
        steps=_done("Visit made"),
    ),
)
RULES: Mapping[str, ClockRule] = {rule.kind.value: rule for rule in CLOCKS}
BY_LAW_FROM_RECEIPT = tuple(rule for rule in CLOCKS if rule.kind in {Kind.PLAN, Kind.REPORT})


def clock_rule(kind: str) -> ClockRule:
    """Return the rule of a kind of clock. Raises KeyError for a kind nobody knows."""
    return RULES[kind]


# Which clocks run

LOCAL_AUTHORITY = frozenset({Framework.SIF, Framework.ILACS, Framework.CHILD_PROTECTION})
NEW_AREA_SEND = date(2023, 1, 1)


def kinds_after_inspection(
    framework: str, *, received_on: date | None, is_monitored: bool, has_priority_areas: bool
) -> tuple[Kind, ...]:
    """Return the clocks that run from an inspection's report; none until it is received, and none from a review.

    `is_monitored`: Ofsted treats the council as inadequate. `has_priority_areas`: of area SEND inspections.
    Source: Education and Inspections Act 2006, section 137, for inspections of the council; Children Act 2004,
    section 20, for joint ones; the inspectorates' handbooks for the rest.
    """
    if received_on is None:
        return ()
    if framework in LOCAL_AUTHORITY:
        kinds = [Kind.PLAN, Kind.REPORT]
        if is_monitored:
            kinds += [Kind.ACTION_PLANNING_VISIT, Kind.FIRST_VISIT, Kind.REINSPECTION]
        if framework == Framework.ILACS:
            kinds.append(Kind.ANNUAL_CONVERSATION)
            if not is_monitored:
                kinds.append(Kind.FOCUSED_VISIT)
        return tuple(kinds)
    if framework == Framework.JTAI:
        return (Kind.JOINT_STATEMENT,)
    if framework == Framework.SEND and has_priority_areas:
        if received_on < NEW_AREA_SEND:
            return (Kind.WRITTEN_STATEMENT,)
        return (Kind.SEND_PLAN, Kind.SEND_MONITORING)
    return ()


def kinds_after_visit(
    kind: str,
    *,
    is_dated: bool,
    letter_received: bool,
    has_priority_areas: bool,
    letter_stays_unpublished: bool,
) -> tuple[Kind, ...]:
    """Return the clocks that run from a visit; `kind` is "monitoring", "focused" or "action_planning".

    That of findings without an action is started with the findings: a letter need not have any. Source: Ofsted's
    handbooks on monitoring visits; ILACS on focused visits since August 2018.
    """
    kinds = []
    if kind == "focused" and letter_received and has_priority_areas:
        kinds += [Kind.DRAFT_PLAN, Kind.FOCUSED_PLAN]
    if kind == "monitoring" and is_dated:
        kinds.append(Kind.NEXT_VISIT)
    if letter_received and kind != "action_planning" and not letter_stays_unpublished:
        kinds.append(Kind.LETTER)
    return tuple(kinds)


def kinds_after_intervention(kind: str, *, has_end: bool, is_lifted: bool) -> tuple[Kind, ...]:
    """Return the clocks that run from what the DfE puts in place.

    `kind` is "improvement_notice", "direction", "commissioner" or "support". Source: improvement notices of
    Lancashire 2016 and Gloucestershire 2017; directions under the Education Act 1996, section 497A.
    """
    if kind == "support":
        return (Kind.SUPPORT_END,)
    if kind == "commissioner":
        return (Kind.COMMISSIONER_REPORT,)
    if is_lifted:
        return (Kind.SUPPORT_END,)
    return (Kind.DFE_REVIEW, Kind.NOTICE_END) if has_end else (Kind.DFE_REVIEW,)


def free_reference(kind: str, day: date, *, used: Collection[str]) -> str:
    """Return a name for the address of something of a kind and a year: "2026-ilacs", or "2026-ilacs-2" if used."""
    first = f"{day.year}-{kind.replace('_', '-')}"
    number = 1
    while (name := first if number == 1 else f"{first}-{number}") in used:
        number += 1
    return name


# How long they are


def due_after(trigger_on: date, length: int | None, unit: str, calendar: Calendar) -> date | None:
    """Return the last day of a clock; None where no length is fixed.

    The trigger is day 0 and not counted, and the clock runs to the end of the day returned. A week is 7 calendar
    days; months are clipped to the month's end. Raises HolidaysUnknown past the end of the table, ValueError for
    a date, which no length gives. Source for working days: S.I. 2007/462, regulations 1(2), 2 and 3.
    """
    if unit == Unit.NONE:
        return None
    if length is None or unit == Unit.DATE:
        raise ValueError("A date is given, not counted.")
    if unit == Unit.WORKING_DAYS:
        return calendar.add(trigger_on, length)
    if unit == Unit.MONTHS:
        return add_months(trigger_on, length)
    return trigger_on + timedelta(days=length * (7 if unit == Unit.WEEKS else 1))


def length_in_words(length: int | None, unit: str) -> str:
    """Return "70 working days", "1 month", "until the date given" or "no fixed length"."""
    if unit == Unit.NONE or (length is None and unit != Unit.DATE):
        return "no fixed length"
    if length is None or unit == Unit.DATE:
        return "until the date given"
    words = str(Unit(unit).label)
    return f"{length} {words.removesuffix('s') if length == 1 else words}"


@dataclass(frozen=True)
class Working:
    """How a clock's date was come by: day by day, or as a sum in words, and what a reader may have got wrong."""

    length: int
    unit: str
    trigger_on: date
    due: date
    days: Sequence[CountedDay]

    @property
    def counts_working_days(self) -> bool:
        return self.unit == Unit.WORKING_DAYS

    @property
    def skipped_holidays(self) -> list[CountedDay]:
        """The bank holidays on weekdays that the count left out."""
        return [day for day in self.days if not day.is_counted and day.day.weekday() < 5]

    @property
    def weekend_days(self) -> int:
        """The Saturdays and Sundays that the count left out."""
        return sum(1 for day in self.days if not day.is_counted and day.day.weekday() >= 5)

    @property
    def calendar_days_reading(self) -> date:
        """The date a reader gets who counts calendar days: "70 days" in the newspapers."""
        return self.trigger_on + timedelta(days=self.length)

    @property
    def sum_in_words(self) -> str:
        """Return the sum of a clock that does not count working days."""
        start, end = f"{self.trigger_on:%-d %B %Y}", f"{self.due:%-d %B %Y}"
        length = length_in_words(self.length, self.unit)
        if self.unit == Unit.WEEKS:
            return f"{length} is {self.length * 7} days: from {start} to {end}."
        if self.unit == Unit.MONTHS and self.due.day != self.trigger_on.day:
            return f"{length} after {start} would be day {self.trigger_on.day} of a month that ends before: {end}."
        return f"{length} after {start} is {end}."


def working_of(trigger_on: date, length: int, unit: str, calendar: Calendar) -> Working:
    """Return every day from the trigger to the due date, counted or skipped and why. Raises HolidaysUnknown."""
    due = due_after(trigger_on, length, unit, calendar)
    if due is None:
        raise ValueError("No length is fixed, so there is nothing to count.")
    if unit == Unit.WORKING_DAYS:
        days = tuple(calendar.walk(trigger_on, due))
    else:
        days = tuple(
            CountedDay(trigger_on + number * DAY, number, "" if number else "Day 0 is not counted")
            for number in range((due - trigger_on).days + 1)
        )
    return Working(length, unit, trigger_on, due, days)


def day_of_clock(trigger_on: date, on: date, calendar: Calendar) -> int:
    """Return which working day of the clock it is: 0 on the day of receipt."""
    return max(calendar.between(trigger_on, on), 0)


def doubts_about(notified: date, computed: date | None, trigger_on: date, calendar: Calendar) -> list[str]:
    """Return what is odd about a date in a letter, as sentences; none when it fits.

    Of 62 letters after joint inspections 2 gave a Saturday, and 4 were far from 70 working days.
    """
    doubts = []
    if computed is not None and (apart := abs(calendar.between(notified, computed))):
        which = "later" if notified > computed else "earlier"
        counted = calendar.between(trigger_on, notified)
        doubts.append(
            f"The letter’s date is {apart} working {'day' if apart == 1 else 'days'} {which} than the count: working "
            f"day {counted} of the clock."
        )
    if reason := calendar.why_not_working(notified):
        kind = f"a {notified:%A}" if notified.weekday() >= 5 else f"a bank holiday, {reason}"
        doubts.append(
            f"{notified:%-d %B %Y} is {kind}. Send it on {calendar.add(notified, -1):%A %-d %B %Y} to be safe."
        )
    return doubts


# Where they stand


class State(Enum):
    """Where a clock stands on a day. `MISSED` is not met and past its date; it can end as met late only."""

    RUNNING = "running"
    MET = "met"
    MET_LATE = "met late"
    MISSED = "missed"
    VOID = "void"


@dataclass(frozen=True)
class ClockFacts:
    """What a row of a clock says, as plain values. `due` is the date that governs, if there is one."""

    trigger_on: date
    due: date | None
    met_on: date | None = None
    missed_on: date | None = None
    voided_on: date | None = None
    is_forecast: bool = False


def state_of(facts: ClockFacts, *, on: date) -> State:
    """Return where a clock stands on a day.

    A clock runs to the end of its date. Once its date has passed unmet it is missed, for good: what is recorded
    afterwards makes it met late, whatever day the proof gives. Nobody is late by a forecast.
    """
    if facts.voided_on is not None:
        return State.VOID
    past = facts.due is not None and not facts.is_forecast
    if facts.met_on is not None:
        late = facts.missed_on is not None or (past and facts.due is not None and facts.met_on > facts.due)
        return State.MET_LATE if late else State.MET
    if facts.missed_on is not None or (past and facts.due is not None and facts.due < on):
        return State.MISSED
    return State.RUNNING


@dataclass(frozen=True)
class Standing:
    """Where a clock stands, and how many working days are left, or how many it is or was late or early.

    `working_days` is None where there is no date; `is_past` says that it is beyond the date.
    """

    state: State
    working_days: int | None
    day: int
    is_due_today: bool = False
    is_past: bool = False

    @property
    def is_met(self) -> bool:
        return self.state in {State.MET, State.MET_LATE}

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done or to happen."""
        return self.state in {State.RUNNING, State.MISSED}


def standing_of(facts: ClockFacts, *, on: date, calendar: Calendar) -> Standing:
    """Return where a clock stands on a day.

    Working days left exclude today and include the due date; on the due date itself it is not late.
    A clock that ended stands for ever where it stood on that day. Raises HolidaysUnknown.
    """
    when = facts.met_on or facts.voided_on or on
    state = state_of(facts, on=on)
    day = day_of_clock(facts.trigger_on, when, calendar)
    if facts.due is None:
        return Standing(state, None, day)
    far = abs(calendar.between(when, facts.due))
    return Standing(state, far, day, is_due_today=when == facts.due, is_past=when > facts.due)


# The council's own steps before a clock runs out


@dataclass(frozen=True)
class PlannedStep:
    """A step inside the council, and how many working days before the clock's date it falls."""

    practice: str
    title: str


GOVERNANCE = (
    PlannedStep("governance_draft", "Draft of the plan ready"),
    PlannedStep("governance_scrutiny", "Scrutiny comments"),
    PlannedStep("governance_cabinet", "Cabinet approves"),
    PlannedStep("governance_call_in", "Call-in has ended"),
    PlannedStep("governance_submit", "Send and publish"),
)
