"""The numbers a council works by that are practice and not law: what each is for, and where it comes from.

A council changes them on its page of settings, with a source of its own; until then these hold. Numbers that
the law sets are not here: they are constants of `inspections.rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Practice:
    """One number a council works by. `least` and `most` are the smallest and largest it may be set to."""

    code: str
    group: str
    title: str
    unit: str
    default: int
    source: str
    least: int = 1
    most: int = 400


OFSTED, DFE, GOVERNANCE, DEADLINES, QUALITY, REMINDERS, INSPECTORS = (
    "Ofsted’s practice",
    "Conditions of the DfE",
    "Steps inside the council before the plan is sent",
    "Moving deadlines",
    "Checking the plan",
    "Reminders by email",
    "Inspectors",
)
FOCUSED = "Ofsted’s request in letters of focused visits since August 2018 (ILACS)"
AREA_SEND = "Area SEND inspection handbook, 2023: not read word for word, so confirm it with your letter"
GOOD_PRACTICE = "Recommended here; no rule sets it"
DESIGN = "How often people answer best without being worn out; no rule sets it"
CASES = "Worked back from councils’ real timetables (Buckinghamshire 2014, Kirklees 2016, Herefordshire 2022)"

PRACTICES = (
    Practice("draft_plan", OFSTED, "Draft plan after a focused visit", "working days", 20, FOCUSED),
    Practice("send_plan", OFSTED, "Area SEND priority action plan", "working days", 35, AREA_SEND),
    Practice("send_decision", OFSTED, "Ofsted decides on the area SEND plan", "working days", 35, AREA_SEND),
    Practice("send_publication", OFSTED, "Publish the area SEND plan once approved", "working days", 5, AREA_SEND),
    Practice(
        "written_statement",
        OFSTED,
        "Written statement of action (area SEND, to 2022)",
        "working days",
        70,
        "Area SEND inspection framework 2016",
    ),
    Practice(
        "send_monitoring", OFSTED, "Area SEND monitoring inspection", "months", 18, "Printed in area SEND reports"
    ),
    Practice(
        "first_visit",
        OFSTED,
        "First monitoring visit after the plan is due",
        "weeks",
        4,
        "Ofsted’s guidance on monitoring visits, 2016; visits have come 13 to 77 days after",
        most=60,
    ),
    Practice(
        "next_visit",
        OFSTED,
        "Next monitoring visit after the last",
        "months",
        3,
        "Ofsted’s guidance on monitoring visits: quarterly, and may not be equally spaced",
        most=24,
    ),
    Practice(
        "reinspection",
        OFSTED,
        "Re-inspection of an inadequate council",
        "months",
        24,
        "Ofsted’s commitment of 2016; re-inspections have come after 3 to 5 years",
        most=84,
    ),
    Practice(
        "annual_conversation", OFSTED, "Annual conversation", "months", 12, "ILACS framework: once a year", most=24
    ),
    Practice(
        "resubmission",
        OFSTED,
        "Send the plan again when it does not reflect the findings",
        "working days",
        20,
        f"{GOOD_PRACTICE}: the date in Ofsted’s reply comes first",
    ),
    Practice(
        "dfe_review",
        DFE,
        "DfE progress review",
        "months",
        6,
        "Improvement notices of Lancashire 2016 and Gloucestershire 2017: at least every six months",
        most=24,
    ),
    Practice(
        "commissioner_report",
        DFE,
        "Commissioner’s report",
        "months",
        3,
        "Written answer in Parliament, 2016; Buckinghamshire 2018",
        most=24,
    ),
    Practice(
        "support_end",
        DFE,
        "Support and supervision after a notice is lifted",
        "months",
        12,
        "Coventry 2017 to 2018; Buckinghamshire 2022",
        most=48,
    ),
    Practice("governance_draft", GOVERNANCE, "Draft ready, before the plan is due", "working days", 35, CASES, least=0),
    Practice(
        "governance_scrutiny",
        GOVERNANCE,
        "Scrutiny has commented, before the plan is due",
        "working days",
        25,
        CASES,
        least=0,
    ),
    Practice(
        "governance_cabinet",
        GOVERNANCE,
        "Cabinet has approved, before the plan is due",
        "working days",
        15,
        CASES,
        least=0,
    ),
    Practice(
        "governance_call_in", GOVERNANCE, "Call-in has ended, before the plan is due", "working days", 8, CASES, least=0
    ),
    Practice(
        "governance_submit", GOVERNANCE, "Sent and published, before the plan is due", "working days", 2, CASES, least=0
    ),
    Practice(
        "lead_decides", DEADLINES, "The priority lead may agree a slip of up to", "working days", 10, GOOD_PRACTICE
    ),
    Practice(
        "director_decides", DEADLINES, "The director may agree a slip of up to", "working days", 30, GOOD_PRACTICE
    ),
    Practice(
        "board_decides_move",
        DEADLINES,
        "The board decides from this move of an action on",
        "moves",
        3,
        GOOD_PRACTICE,
        most=20,
    ),
    Practice(
        "finding_actions",
        QUALITY,
        "A finding that needs work has an action within",
        "working days",
        10,
        GOOD_PRACTICE,
    ),
    Practice("most_open_actions", QUALITY, "Open actions that one person can own", "actions", 8, GOOD_PRACTICE),
    Practice("milestone_gap", QUALITY, "Longest time between milestones", "days", 90, GOOD_PRACTICE),
    Practice(
        "bunched",
        QUALITY,
        "Deadlines that may fall on the plan’s last day",
        "per cent",
        25,
        GOOD_PRACTICE,
        most=100,
    ),
    Practice(
        "reporting_period",
        QUALITY,
        "A reporting period to the board; a difference that has held for two is sustained",
        "weeks",
        4,
        GOOD_PRACTICE,
        most=26,
    ),
    Practice("remind_first", REMINDERS, "First reminder before a deadline", "working days", 10, DESIGN, most=60),
    Practice("remind_second", REMINDERS, "Second reminder before a deadline", "working days", 5, DESIGN, most=60),
    Practice("remind_last", REMINDERS, "Last reminder before a deadline", "working days", 1, DESIGN, most=60),
    Practice("late_first", REMINDERS, "First reminder after a deadline", "working days", 1, DESIGN, most=20),
    Practice("late_second", REMINDERS, "Second reminder after a deadline", "working days", 3, DESIGN, most=40),
    Practice("late_third", REMINDERS, "Third reminder after a deadline", "working days", 7, DESIGN, most=60),
    Practice(
        "late_every",
        REMINDERS,
        "While an action stays late after that, a reminder every",
        "working days",
        5,
        DESIGN,
        most=20,
    ),
    Practice("escalate_lead", REMINDERS, "The priority lead is told after", "working days", 5, DESIGN, most=60),
    Practice(
        "escalate_director",
        REMINDERS,
        "The director is told, and the board’s list shows it, after",
        "working days",
        10,
        DESIGN,
        most=120,
    ),
    Practice("visit_first", REMINDERS, "First reminder before a visit", "working days", 20, DESIGN, most=60),
    Practice("visit_second", REMINDERS, "Second reminder before a visit", "working days", 5, DESIGN, most=60),
    Practice("clock_first", REMINDERS, "First reminder of the date of a clock", "working days", 30, DESIGN, most=70),
    Practice("clock_second", REMINDERS, "Second reminder of the date of a clock", "working days", 20, DESIGN, most=70),
    Practice("clock_third", REMINDERS, "Third reminder of the date of a clock", "working days", 10, DESIGN, most=70),
    Practice("clock_fourth", REMINDERS, "Fourth reminder of the date of a clock", "working days", 5, DESIGN, most=70),
    Practice(
        "clock_fifth",
        REMINDERS,
        "Fifth reminder of the date of a clock, before the one on the day",
        "working days",
        2,
        DESIGN,
        most=70,
    ),
    Practice("quiet", REMINDERS, "An action without an update is asked after", "days", 30, DESIGN, most=180),
    Practice(
        "opened_pages",
        INSPECTORS,
        "The record of pages that inspectors opened is kept for",
        "months",
        24,
        GOOD_PRACTICE,
        least=12,
        most=120,
    ),
)

# Numbers that make sense only if each is smaller than the next.
RISING = (
    ("lead_decides", "director_decides"),
    ("governance_submit", "governance_call_in", "governance_cabinet", "governance_scrutiny", "governance_draft"),
    ("remind_last", "remind_second", "remind_first"),
    ("late_first", "late_second", "late_third"),
    ("escalate_lead", "escalate_director"),
    ("visit_second", "visit_first"),
    ("clock_fifth", "clock_fourth", "clock_third", "clock_second", "clock_first"),
)

BY_CODE: Mapping[str, Practice] = {practice.code: practice for practice in PRACTICES}


@dataclass(frozen=True)
class Setting:
    """The number a council works by today, and where it comes from."""

    practice: Practice
    value: int
    source: str
    is_own: bool

    def __str__(self) -> str:
        unit = self.practice.unit
        return f"{self.value} {unit.removesuffix('s') if self.value == 1 else unit}"


class Practices:
    """The numbers one council works by: `practices["next_visit"].value`."""

    def __init__(self, own: Mapping[str, tuple[int, str]]) -> None:
        self.own = own

    def __getitem__(self, code: str) -> Setting:
        """Return the council's own number, else the one that holds for all. Raises KeyError for no such number."""
        practice = BY_CODE[code]
        if code in self.own:
            value, source = self.own[code]
            return Setting(practice, value, source, is_own=True)
        return Setting(practice, practice.default, practice.source, is_own=False)

    def why_not(self, code: str, value: int) -> str:
        """Return why a number cannot be set, as an instruction; "" if it can. Raises KeyError for no such number."""
        practice = BY_CODE[code]
        if not practice.least <= value <= practice.most:
            return f"Enter a number from {practice.least} to {practice.most}."
        for codes in RISING:
            if code not in codes:
                continue
            place = codes.index(code)
            for other in codes[:place]:
                if value <= self[other].value:
                    return f"Enter a number above {self[other].value}, which is that of “{self[other].practice.title}”."
            for other in codes[place + 1 :]:
                if value >= self[other].value:
                    return f"Enter a number below {self[other].value}, which is that of “{self[other].practice.title}”."
        return ""
