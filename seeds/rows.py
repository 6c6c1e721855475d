"""What a seed file may hold: a class for each kind of row, and for each of its fields what it takes.

This is the whole schema; `reading` obeys it and `README.md` says the same to people. The fields made with `prose` are
free text, which `marking` marks; those made with `word` are keys, numbers and names of choices.
"""

# ruff: noqa: RUF009 - each of these calls makes a field, as `dataclasses.field` does.

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from typing import Any, ClassVar

from accounts.models import Agency as AgencyTable
from accounts.roles import Role
from tracker.actions.models import DeadlineChange as DeadlineChangeTable
from tracker.actions.models import Evidence as EvidenceTable
from tracker.actions.models import Measure as MeasureTable
from tracker.actions.rules import Difference as DifferenceLevel
from tracker.actions.rules import Rating, ReasonKind
from tracker.inspections.frameworks import AREAS, Framework, Grade
from tracker.inspections.models import Clock
from tracker.inspections.models import Finding as FindingTable
from tracker.inspections.models import Recommendation as RecommendationTable
from tracker.inspections.models import Visit as VisitTable
from tracker.plans.models import PlanVersion

BOARD = "improvement board"
INSPECTION_KINDS = {
    "full": "Full inspection",
    "standard": "Standard inspection",
    "short": "Short inspection",
    "re-inspection": "Re-inspection",
    "thematic": "Thematic inspection",
}
CERTAINTIES = {"certain": "read in the document itself", "reported": "read elsewhere", "inferred": "worked out"}


class SeedFileError(Exception):
    """A seed file is broken: which file, which line, and what to do about it. Nothing was loaded."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}, line {line}: {message}")
        self.file, self.line, self.message = file, line, message


# What a field takes


@dataclass(frozen=True)
class Prose:
    """Free text, of so many characters at most."""

    most: int


@dataclass(frozen=True)
class Word:
    """A key, a number as printed, or one of some words; `names` is the list in which it must be found."""

    most: int
    one_of: tuple[str, ...]
    names: str


@dataclass(frozen=True)
class Words:
    """A list of words."""

    one_of: tuple[str, ...]
    is_empty_allowed: bool


@dataclass(frozen=True)
class Count:
    pass


@dataclass(frozen=True)
class YesNo:
    pass


@dataclass(frozen=True)
class Day:
    """A date. One that is a fact cannot lie after today in a file that is dated from today."""

    is_fact: bool


@dataclass(frozen=True)
class One:
    of: type["Row"]


@dataclass(frozen=True)
class Many:
    of: type["Row"]


@dataclass(frozen=True)
class Named:
    """A mapping of keys to rows."""

    of: type["Row"]


def _takes(kind: object, missing: Any, null: bool) -> Any:
    metadata = {"kind": kind, "may_be_null": null}
    if missing is MISSING:
        return field(metadata=metadata)
    if isinstance(missing, list | dict):
        return field(default_factory=type(missing), metadata=metadata)
    return field(default=missing, metadata=metadata)


def prose(most: int = 20_000, *, missing: Any = MISSING, null: bool = False) -> Any:
    return _takes(Prose(most), missing, null)


def word(most: int = 200, *, one_of: Any = (), names: str = "", missing: Any = MISSING, null: bool = False) -> Any:
    return _takes(Word(most, tuple(one_of), names), missing, null)


def words(*, one_of: Any = (), missing: Any = MISSING) -> Any:
    return _takes(Words(tuple(one_of), missing is not MISSING), missing, False)


def count(*, missing: Any = MISSING, null: bool = False) -> Any:
    return _takes(Count(), missing, null)


def yes_no(*, missing: Any = MISSING) -> Any:
    return _takes(YesNo(), missing, False)


def day(*, missing: Any = MISSING, null: bool = False) -> Any:
    """A date to come or past."""
    return _takes(Day(is_fact=False), missing, null)


def fact(*, missing: Any = MISSING, null: bool = False) -> Any:
    """A date on which something happened."""
    return _takes(Day(is_fact=True), missing, null)


def one(of: type["Row"], *, missing: Any = MISSING, null: bool = False) -> Any:
    return _takes(One(of), missing, null)


def many(of: type["Row"], *, missing: Any = MISSING) -> Any:
    return _takes(Many(of), missing, False)


def named(of: type["Row"], *, missing: Any = MISSING) -> Any:
    return _takes(Named(of), missing, False)


# Rows


@dataclass(kw_only=True, eq=False)
class Row:
    """A mapping of a seed file, with the lines it came from and the rows its words name."""

    WHAT: ClassVar[str] = "a row"

    file: str
    line: int
    lines: dict[str, int]
    links: dict[str, Any] = field(default_factory=dict, repr=False)
    marker: str = ""

    @classmethod
    def takes(cls) -> dict[str, Field[Any]]:
        """Return the fields that a file may give, by name."""
        return {each.name: each for each in fields(cls) if "kind" in each.metadata}

    def wrong(self, key: str, message: str) -> SeedFileError:
        """Return the error that something is wrong with a field of this row."""
        return SeedFileError(self.file, self.lines.get(key, self.line), message)

    def rows_below(self) -> Iterator["Row"]:
        """Yield the rows directly inside this one."""
        for name, each in self.takes().items():
            kind, value = each.metadata["kind"], getattr(self, name)
            if isinstance(kind, One) and value is not None:
                yield value
            elif isinstance(kind, Many):
                yield from value
            elif isinstance(kind, Named):
                yield from value.values()

    def all_rows(self) -> Iterator["Row"]:
        """Yield this row and every row inside it, as deep as they go."""
        yield self
        for row in self.rows_below():
            yield from row.all_rows()


@dataclass(kw_only=True, eq=False)
class Authority(Row):
    WHAT = "an authority"

    name: str = prose(200)
    slug: str = word(50)
    contact: str = word(names="people")
    note: str = prose(300)
    ofsted_urn: str = word(10, missing="")
    dfe_code: str = word(3, missing="")
    ons_code: str = word(9, missing="")
    source: str = word(names="sources", missing="")


@dataclass(kw_only=True, eq=False)
class Source(Row):
    WHAT = "a source"

    title: str = prose()
    url: str | None = word(2000, null=True)
    locator: str = prose(missing="")
    certainty: str = word(one_of=CERTAINTIES)
    note: str = prose(missing="")


@dataclass(kw_only=True, eq=False)
class Service(Row):
    WHAT = "a service"

    name: str = prose(200)
    head: str = word(names="people")


@dataclass(kw_only=True, eq=False)
class Agency(Row):
    WHAT = "an agency"

    name: str = prose(200)
    kind: str = word(one_of=AgencyTable.Kind.values)


@dataclass(kw_only=True, eq=False)
class Person(Row):
    WHAT = "a person"

    key: str = word()
    post: str = prose(200)
    email: str = word(254)
    roles: list[str] = words(one_of=Role.values)
    name: str = prose(200, missing="")
    service: str = word(names="services", missing="")
    agency: str = word(names="agencies", missing="")
    phone: str = prose(40, missing="")
    ends_on: date | None = day(missing=None)


@dataclass(kw_only=True, eq=False)
class Judgement(Row):
    WHAT = "a judgement"

    area: str = word(one_of=AREAS)
    grade: str = word(one_of=Grade.values)
    source: str = word(names="sources", missing="")


@dataclass(kw_only=True, eq=False)
class Recommendation(Row):
    WHAT = "a recommendation"

    reference: str = word(10)
    kind: str = word(one_of=RecommendationTable.Kind.values)
    addressee: str = word(one_of=RecommendationTable.Addressee.values)
    timescale: str = prose(100)
    text: str = prose()
    is_paraphrase: bool = yes_no()
    paragraph: str = word(20, missing="")
    heading: str = prose(200, missing="")
    theme: str = prose(100, missing="")
    title: str = prose(300, missing="")
    source: str = word(names="sources", missing="")
    note: str = prose(missing="")


@dataclass(kw_only=True, eq=False)
class Clock(Row):
    WHAT = "a clock"

    kind: str = word(one_of=Clock.Kind.values)
    notified_due: date | None = day(missing=None)
    met_on: date | None = fact(missing=None)
    source: str = word(names="sources", missing="")


@dataclass(kw_only=True, eq=False)
class Inspection(Row):
    WHAT = "an inspection"

    reference: str = word(60)
    framework: str = word(one_of=Framework.values)
    kind: str = word(one_of=INSPECTION_KINDS)
    started_on: date | None = fact(null=True)
    ended_on: date | None = fact(null=True)
    received_on: date | None = fact(null=True)
    received_is_assumed: bool = yes_no()
    published_on: date | None = fact(null=True)
    is_monitored: bool = yes_no(missing=False)
    judgements: list[Judgement] = many(Judgement)
    recommendations_expected: int = count()
    recommendations_complete: bool = yes_no()
    recommendations: list[Recommendation] = many(Recommendation)
    clocks: list[Clock] = many(Clock)
    dates_note: str = prose(300, missing="")
    note: str = prose(missing="")
    source: str = word(names="sources", missing="")


@dataclass(kw_only=True, eq=False)
class Counts(Row):
    WHAT = "counts_reported"

    strengths: int = count()
    needs_work: int = count()


@dataclass(kw_only=True, eq=False)
class Finding(Row):
    WHAT = "a finding"

    number: int = count()
    kind: str = word(one_of=FindingTable.Kind.values)
    text: str = prose()
    is_paraphrase: bool = yes_no()
    recommendation: str = word(80, missing="")
    link_certainty: str = word(one_of=("inferred",), missing="")
    agency: str = word(names="agencies", missing="")
    source: str = word(names="sources", missing="")


@dataclass(kw_only=True, eq=False)
class Task(Row):
    WHAT = "a readiness task"

    title: str = prose(200)
    owner: str = word(names="people")
    due_on: date = day()
    done_on: date | None = fact(missing=None)
    done_note: str = prose(300, missing="")


@dataclass(kw_only=True, eq=False)
class Question(Row):
    WHAT = "a likely question"

    text: str = prose(2000)
    recommendation: str = word(80, missing="")


@dataclass(kw_only=True, eq=False)
class Visit(Row):
    WHAT = "a visit"

    reference: str = word(60)
    kind: str = word(one_of=VisitTable.Kind.values)
    inspection: str | None = word(names="inspections", null=True)
    sequence: int | None = count(null=True)
    starts_on: date | None = day(null=True)
    ends_on: date | None = day(null=True)
    letter_published_on: date | None = fact(null=True)
    focus: str | None = prose(null=True)
    findings: list[Finding] = many(Finding)
    agreed_on: date | None = fact(missing=None)
    dates_note: str = prose(300, missing="")
    inspectors: str = prose(300, missing="")
    counts_reported: Counts | None = one(Counts, missing=None)
    findings_note: str = prose(missing="")
    looks_at: list[str] = words(missing=[])
    readiness: list[Task] = many(Task, missing=[])
    questions: list[Question] = many(Question, missing=[])
    source: str = word(names="sources", missing="")


@dataclass(kw_only=True, eq=False)
class Criticism(Row):
    WHAT = "a criticism"

    made_by: str = prose(200)
    made_on: date = fact()
    text: str = prose()
    paragraph: str = word(20, missing="")
    author: str = word(names="people", missing="")
    response: str = prose(missing="")
    owner: str = word(names="people", missing="")
    due_on: date | None = day(missing=None)


@dataclass(kw_only=True, eq=False)
class Version(Row):
    WHAT = "a version"

    label: str = word(one_of=(PlanVersion.Label.DRAFT, PlanVersion.Label.SCRUTINY_DRAFT, PlanVersion.Label.CABINET))
    frozen_on: date = fact()
    change_summary: str = prose(missing="")


@dataclass(kw_only=True, eq=False)
class Priority(Row):
    WHAT = "a priority"

    number: int = count()
    title: str = prose(200)
    outcome: str = prose()
    lead: str = word(names="people")


@dataclass(kw_only=True, eq=False)
class Plan(Row):
    WHAT = "a plan"

    reference: str = word(60)
    title: str = prose(200)
    inspection: str = word(names="inspections")
    starts_on: date = fact()
    sent_to_ofsted_on: date | None = fact(null=True)
    sent_to_dfe_on: date | None = fact(null=True)
    published_on: date | None = fact(null=True)
    priorities: list[Priority] = many(Priority)
    illustrative: bool = yes_no(missing=False)
    illustrative_note: str = prose(missing="")
    board_meets_on: date | None = day(missing=None)
    priorities_source: Source | None = one(Source, missing=None)
    criticisms: list[Criticism] = many(Criticism, missing=[])
    versions: list[Version] = many(Version, missing=[])


@dataclass(kw_only=True, eq=False)
class Milestone(Row):
    WHAT = "a milestone"

    title: str = prose(200)
    due_on: date = day()
    done_on: date | None = fact(null=True)


DEADLINE_CHANGE_KEYS = {"from": "from_deadline", "to": "to_deadline"}  # `from` is a word of Python.


@dataclass(kw_only=True, eq=False)
class DeadlineChange(Row):
    WHAT = "a deadline change"

    from_deadline: date = day()
    to_deadline: date = day()
    reason_kind: str = word(one_of=DeadlineChangeTable.ReasonKind.values)
    reason: str = prose()
    asked_by: str = word(names="people or board")
    asked_on: date = fact()
    agreed_by: str = word(names="people or board")
    agreed_on: date = fact()


@dataclass(kw_only=True, eq=False)
class DeadlineRequest(Row):
    WHAT = "a deadline request"

    to_deadline: date = day()
    reason_kind: str = word(one_of=ReasonKind.values)
    reason: str = prose(500)
    effect_on_children: str = prose(500)
    done_to_avoid: str = prose(500, missing="")
    asked_by: str = word(names="people")
    asked_on: date = fact()


@dataclass(kw_only=True, eq=False)
class Measure(Row):
    WHAT = "a measure"

    title: str = prose(200)
    kind: str = word(one_of=MeasureTable.Kind.values)
    baseline: str = prose(200, missing="")
    target: str = prose(200, missing="")
    target_on: date | None = day(missing=None)


@dataclass(kw_only=True, eq=False)
class Update(Row):
    WHAT = "an update"

    recorded_on: date = fact()
    by: str = word(names="people")
    rating: str = word(one_of=Rating.values)
    narrative: str = prose(500)


@dataclass(kw_only=True, eq=False)
class Evidence(Row):
    WHAT = "a piece of evidence"

    title: str = prose(200)
    location: str = prose(500)
    added_on: date = fact()
    added_by: str = word(names="people")
    state: str = word(one_of=EvidenceTable.State.values)
    state_reason: str = prose(missing="")
    checked_by: str = word(names="people", missing="")
    checked_on: date | None = fact(missing=None)
    is_restricted: bool = yes_no(missing=False)
    restricted_reason: str = prose(missing="")


@dataclass(kw_only=True, eq=False)
class Completion(Row):
    WHAT = "a completion"

    claimed_on: date = fact()
    claimed_by: str = word(names="people")
    comment: str = prose(500)
    checked_on: date | None = fact(null=True)
    checked_by: str | None = word(names="people", null=True)


@dataclass(kw_only=True, eq=False)
class Difference(Row):
    WHAT = "a difference"

    level: str = word(one_of=(DifferenceLevel.ACTIVITY, DifferenceLevel.DIFFERENCE, DifferenceLevel.SUSTAINED))
    set_by: str = word(names="people")
    set_on: date = fact()
    note: str = prose()


@dataclass(kw_only=True, eq=False)
class Action(Row):
    WHAT = "an action"

    reference: str = word(10)
    priority: int = count()
    title: str = prose(200)
    description: str = prose()
    outcome: str = prose()
    owner: str = word(names="people")
    accountable: str = word(names="people")
    recommendations: list[str] = words()
    starts_on: date = day()
    deadline: date = day()
    milestones: list[Milestone] = many(Milestone)
    deadline_changes: list[DeadlineChange] = many(DeadlineChange)
    updates: list[Update] = many(Update)
    evidence: list[Evidence] = many(Evidence)
    completion: Completion | None = one(Completion, null=True)
    difference: list[Difference] = many(Difference)
    measures: list[Measure] = many(Measure, missing=[])
    deadline_request: DeadlineRequest | None = one(DeadlineRequest, missing=None)
    findings: list[str] = words(missing=[])
    service: str = word(names="services", missing="")
    agency: str = word(names="agencies", missing="")
    first_agreed: date | None = day(missing=None)
    is_restricted: bool = yes_no(missing=False)
    restricted_reason: str = prose(missing="")
    restriction_review_on: date | None = day(missing=None)


@dataclass(kw_only=True, eq=False)
class PlanFile(Row):
    """A plan in a file of its own, for a council of another file."""

    WHAT = "a plan file"

    council: str = word()
    plan: Plan = one(Plan)
    actions: list[Action] = many(Action)


@dataclass(kw_only=True, eq=False)
class Council(Row):
    WHAT = "a council file"

    authority: Authority = one(Authority)
    services: list[Service] = many(Service)
    agencies: list[Agency] = many(Agency)
    people: list[Person] = many(Person)
    inspections: list[Inspection] = many(Inspection)
    visits: list[Visit] = many(Visit)
    fictional: bool = yes_no(missing=False)
    sources: dict[str, Source] = named(Source, missing={})
    plan: Plan | None = one(Plan, missing=None)
    actions: list[Action] = many(Action, missing=[])
