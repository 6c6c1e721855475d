"""Benchmark data: any number of actions in any number of councils, shaped by each item's number and never at random.

A council has 20 plans of 10 owners each. Of its actions 30% are open and late by 1 to 60 days, 10% are due in 1 to 7
days, 30% later and 30% closed. Each action has three history rows; everything else has one. Left out: evidence,
findings, restricted actions, partner agencies, frozen versions and submissions, because no page or job of the
benchmark depends on how many there are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.db.models import DateField, F, Value
from django.db.models.functions import Coalesce

from accounts.models import Authority, Membership, Service, User
from accounts.roles import Role
from tracker.actions.models import Action, Answer, DeadlineChange, Milestone, ProgressUpdate
from tracker.actions.rules import Difference, Rating
from tracker.audit.sets import log_because
from tracker.dates.clock import LONDON
from tracker.inspections.models import Clock, Inspection, Recommendation, Visit
from tracker.plans.models import Plan, PlanAnswers, Priority

OWNERS, HEADS = 200, 10
DIRECTOR, PROGRAMME_MANAGER = OWNERS + HEADS + 1, OWNERS + HEADS + 2
PEOPLE = PROGRAMME_MANAGER
OWNERS_TO_A_PLAN = 10
PLANS = OWNERS // OWNERS_TO_A_PLAN
SERVICES = HEADS
RECOMMENDATIONS = 20
PRIORITIES = 5
BATCH = 2_000

LATE, SOON, LATER, CLOSED = "late", "soon", "later", "closed"
# The kind of an item by the last digit of its number.
KINDS = (LATE, LATE, LATE, SOON, LATER, LATER, LATER, CLOSED, CLOSED, CLOSED)
MOST_DAYS_LATE, SOON_DAYS, LATER_DAYS, SILENT_DAYS, CLOSED_DAYS = 60, 7, 180, 60, 180
LASTS_DAYS = 150
MOVED_BY_DAYS, MOVED_BY_WORKING_DAYS = 28, 20
RATINGS = ("", *[Rating.ON_TRACK.value] * 6, *[Rating.AT_RISK.value] * 2, Rating.OFF_TRACK.value)
REASON = "Loaded for a benchmark"

VERBS = ("Agree and publish", "Review and rewrite", "Train every team in", "Check each month", "Bring up to date")
THINGS = (
    "the plans for children in care",
    "how quickly contacts are screened",
    "management oversight of decisions",
    "support for young people leaving",
    "records of visits to every family",
    "the sufficiency of local placements",
    "the response to missing episodes",
)
PLACES = ("in all area teams", "at the front door", "with partner bodies", "in the fostering service")
SENTENCES = (
    "Team managers read five records each month and write down what they found and what is to be changed.",
    "The service agrees one way of working with its partners and shows it to every worker who joins us.",
    "Supervision takes place every four weeks, and its notes say what will be different for the child by then.",
    "The quality team reports to the improvement board what was better, what was not, and why that may be so.",
    "Young people tell the participation team how it was for them, and their words are read out before figures.",
    "The dataset is corrected where it differs from the records, so that the board can rely on what it is shown.",
    "Workers have time to see children alone, because the caseload of each is below the number agreed with them.",
)


class NotEmpty(Exception):
    """Benchmark data go into a database that holds nothing else."""


@dataclass
class Loaded:
    """What was loaded, and who may look at it."""

    authorities: int
    actions: int
    on: str
    rows: dict[str, int] = field(default_factory=dict)
    history_rows: dict[str, int] = field(default_factory=dict)
    email: str = ""
    council: str = ""


@dataclass(frozen=True)
class Council:
    """A council by its number from 1, and the keys of its rows, which follow from that number."""

    number: int

    @property
    def name(self) -> str:
        return f"Benchmark Council {self.number}"

    def person(self, number: int) -> int:
        return (self.number - 1) * PEOPLE + number

    def head(self, service: int) -> int:
        return self.person(OWNERS + service)

    def service(self, number: int) -> int:
        return (self.number - 1) * SERVICES + number

    def plan(self, number: int) -> int:
        return (self.number - 1) * PLANS + number

    def priority(self, plan: int, number: int) -> int:
        return (self.plan(plan) - 1) * PRIORITIES + number

    def recommendation(self, number: int) -> int:
        return (self.number - 1) * RECOMMENDATIONS + number

    def email(self, number: int) -> str:
        if number == PROGRAMME_MANAGER:
            return f"programme.manager.{self.number}@council.example"
        return f"person.{number}.council.{self.number}@council.example"


def load(actions: int, *, authorities: int, on: date, password: str) -> Loaded:
    """Load actions into councils, everything or nothing; `password` is everybody's.

    Raises NotEmpty if there is any council or person already.
    """
    if Authority.objects.exists() or User.objects.exists():
        raise NotEmpty("The database holds councils or people already. Benchmark data go into an empty database only.")
    councils = [Council(number) for number in range(1, authorities + 1)]
    done = Loaded(authorities=authorities, actions=actions, on=on.isoformat())
    done.email, done.council = councils[0].email(PROGRAMME_MANAGER), councils[0].name
    at = datetime.combine(on, time(7), tzinfo=LONDON)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Checked at the end of each statement, not all together at the end, which takes memory for each row.
            _execute("SET CONSTRAINTS ALL IMMEDIATE")
        _load_people(councils, password=make_password(password), done=done)
        _load_inspections(councils, on=on, done=done)
        _load_plans(councils, on=on, done=done)
        _load_actions(councils, actions, on=on, done=done)
        _write_history(at=at, done=done)
        _set_sequences(done)
    _execute("ANALYZE")
    return done


def share(actions: int, council: int, authorities: int) -> int:
    """Return how many of the actions a council gets, by its number from 1."""
    return actions // authorities + (council <= actions % authorities)


# What each table holds


def _load_people(councils: Sequence[Council], *, password: str, done: Loaded) -> None:
    _write(
        Authority,
        ["id", "name", "slug", "ons_code", "dfe_code", "ofsted_urn", "contact_name", "contact_phone", "note"],
        (
            (council.number, council.name, f"benchmark-{council.number}", "", "", "", "The programme office", "", "")
            for council in councils
        ),
        done,
    )
    _write(
        User,
        ["id", "password", "is_superuser", "email", "name", "is_active", "is_staff"],
        (
            (council.person(number), password, False, council.email(number), _name(number), True, False)
            for council in councils
            for number in range(1, PEOPLE + 1)
        ),
        done,
    )
    _write(
        Service,
        ["id", "authority", "name", "head"],
        (
            (council.service(number), council.number, f"Service {number}", council.head(number))
            for council in councils
            for number in range(1, SERVICES + 1)
        ),
        done,
    )
    _write(
        Membership,
        ["id", "user", "authority", "role", "post", "phone", "service"],
        (
            (
                council.person(number),
                council.person(number),
                council.number,
                _role(number),
                f"Post {number}",
                "",
                council.service(_service_of(number)) if number <= OWNERS + HEADS else None,
            )
            for council in councils
            for number in range(1, PEOPLE + 1)
        ),
        done,
    )


def _name(number: int) -> str:
    if number == PROGRAMME_MANAGER:
        return "Pat Programme"
    if number == DIRECTOR:
        return "Dilys Director"
    return f"Hari Head {number - OWNERS}" if number > OWNERS else f"Olu Owner {number}"


def _role(number: int) -> str:
    if number == PROGRAMME_MANAGER:
        return Role.PROGRAMME_OFFICE.value
    if number == DIRECTOR:
        return Role.DIRECTOR.value
    return Role.HEAD_OF_SERVICE.value if number > OWNERS else Role.ACTION_OWNER.value


def _service_of(number: int) -> int:
    return number - OWNERS if number > OWNERS else (number - 1) // (OWNERS // SERVICES) + 1


def _load_inspections(councils: Sequence[Council], *, on: date, done: Loaded) -> None:
    received = on - timedelta(days=200)
    _write(
        Inspection,
        ["id", "authority", "reference", "framework", "kind", "started_on", "ended_on", "dates_note", "received_on",
         "received_is_assumed", "published_on", "source"],
        (
            (c.number, c.number, "latest", "ilacs", "Standard inspection", received - timedelta(days=40),
             received - timedelta(days=30), "", received, False, received + timedelta(days=30), "")
            for c in councils
        ),
        done,
    )  # fmt: skip
    _write(
        Recommendation,
        ["id", "authority", "inspection", "reference", "position", "kind", "paragraph", "heading", "addressee",
         "timescale", "theme", "title", "text", "is_paraphrase", "source"],
        (
            (c.recommendation(number), c.number, c.number, str(number), number, "needs_to_improve", "", "", "council",
             "", "", f"Improve {THINGS[number % len(THINGS)]}", SENTENCES[number % len(SENTENCES)], False, "")
            for c in councils
            for number in range(1, RECOMMENDATIONS + 1)
        ),
        done,
    )  # fmt: skip
    _write(
        Clock,
        ["id", "authority", "inspection", "kind", "trigger_on", "length", "computed_due", "notified_source",
         "met_on"],
        (
            (c.number, c.number, c.number, "plan", received, 70, received + timedelta(days=98), "",
             received + timedelta(days=90))
            for c in councils
        ),
        done,
    )  # fmt: skip
    visit_on = on + timedelta(days=70)
    _write(
        Visit,
        ["id", "authority", "inspection", "reference", "kind", "sequence", "starts_on", "ends_on", "dates_note",
         "focus", "inspectors", "source"],
        (
            (c.number, c.number, c.number, "monitoring-1", "monitoring", 1, visit_on, visit_on + timedelta(days=1),
             "", "The front door", "", "")
            for c in councils
        ),
        done,
    )  # fmt: skip


def _load_plans(councils: Sequence[Council], *, on: date, done: Loaded) -> None:
    starts_on = on - timedelta(days=200)
    plans = [(council, number) for council in councils for number in range(1, PLANS + 1)]
    _write(
        Plan,
        ["id", "authority", "reference", "title", "starts_on", "note"],
        (
            (council.plan(number), council.number, f"plan-{number}", f"Improvement plan {number}", starts_on, "")
            for council, number in plans
        ),
        done,
    )
    _write(
        PlanAnswers,
        ["id", "plan", "inspection"],
        ((council.plan(number), council.plan(number), council.number) for council, number in plans),
        done,
    )
    _write(
        Priority,
        ["id", "plan", "number", "title", "outcome", "lead"],
        (
            (council.priority(plan, number), council.plan(plan), number, f"Priority {number}", "", council.head(number))
            for council, plan in plans
            for number in range(1, PRIORITIES + 1)
        ),
        done,
    )


ACTION_COLUMNS = [
    "id", "authority", "plan", "priority", "reference", "position", "title", "description", "outcome", "owner",
    "accountable", "service", "is_councils_own", "starts_on", "deadline", "first_agreed", "rating", "last_updated_on",
    "claimed_on", "completed_on", "checked_by", "difference", "difference_set_by", "difference_set_on",
    "cancelled_reason", "is_restricted", "restricted_reason",
]  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One action by its number in its council, from 0, and its place in its plan."""

    key: int
    council: Council
    number: int
    position: int

    @property
    def kind(self) -> str:
        return KINDS[self.number % 10]

    @property
    def owner(self) -> int:
        """The owner's number. Each has one of every 200 items, and every kind in turn."""
        return (self.number // 10 + 20 * (self.number % 10)) % OWNERS + 1

    @property
    def plan(self) -> int:
        return plan_of(self.owner)

    def spread(self, upto: int, salt: int = 0) -> int:
        """Return a number from 1 to `upto`, spread evenly over the items by their number."""
        return ((self.number + 1) * (2_654_435_761 + salt * 97_612_894) % 2**32 >> 8) % upto + 1


def plan_of(owner: int) -> int:
    """Return the number of an owner's plan."""
    return (owner - 1) // OWNERS_TO_A_PLAN + 1


def _items(councils: Sequence[Council], actions: int) -> Iterator[Item]:
    key = 0
    for council in councils:
        placed = [0] * (PLANS + 1)
        for number in range(share(actions, council.number, len(councils))):
            key += 1
            plan = plan_of((number // 10 + 20 * (number % 10)) % OWNERS + 1)
            placed[plan] += 1
            yield Item(key, council, number, placed[plan])


@dataclass(frozen=True)
class Dated:
    """What an item's kind and number say of its dates, rating and check."""

    deadline: date
    rating: str
    last_updated_on: date | None
    claimed_on: date | None
    completed_on: date | None
    difference: str

    @classmethod
    def of(cls, item: Item, *, on: date) -> "Dated":
        if item.kind == CLOSED:
            completed_on = on - timedelta(days=item.spread(CLOSED_DAYS))
            claimed_on = completed_on - timedelta(days=3)
            difference = list(Difference)[item.spread(len(Difference), salt=1) - 1].value
            deadline = completed_on + timedelta(days=item.spread(40, salt=2) - 20)
            return cls(deadline, Rating.ON_TRACK.value, claimed_on, claimed_on, completed_on, difference)
        rating = RATINGS[item.spread(len(RATINGS), salt=1) - 1]
        updated_on = on - timedelta(days=item.spread(SILENT_DAYS, salt=2)) if rating else None
        days = {
            LATE: -item.spread(MOST_DAYS_LATE),
            SOON: item.spread(SOON_DAYS),
            LATER: SOON_DAYS + item.spread(LATER_DAYS),
        }[item.kind]
        return cls(on + timedelta(days=days), rating, updated_on, None, None, Difference.NONE.value)


def _load_actions(councils: Sequence[Council], actions: int, *, on: date, done: Loaded) -> None:
    items = _items(councils, actions)
    while batch := list(islice(items, BATCH)):
        dated = [(item, Dated.of(item, on=on)) for item in batch]
        _write(Action, ACTION_COLUMNS, (_action(item, dates) for item, dates in dated), done)
        _write(
            Answer,
            ["action", "recommendation"],
            (
                (item.key, item.council.recommendation(item.number // 10 % RECOMMENDATIONS + 1))
                for item in batch
                if not _is_councils_own(item)
            ),
            done,
        )
        _write(
            ProgressUpdate,
            ["action", "by", "on", "at", "rating", "says_done", "narrative"],
            (
                (
                    item.key,
                    item.council.person(item.owner),
                    dates.last_updated_on,
                    datetime.combine(dates.last_updated_on, time(10), tzinfo=LONDON),
                    "" if dates.claimed_on else dates.rating,
                    dates.claimed_on is not None,
                    SENTENCES[item.number % len(SENTENCES)],
                )
                for item, dates in dated
                if dates.last_updated_on
            ),
            done,
        )
        _write(
            Milestone,
            ["action", "title", "due_on", "done_on", "position"],
            (
                (item.key, "First step", dates.deadline, dates.completed_on, 1)
                for item, dates in dated
                if item.number % 50 < 10
            ),
            done,
        )
        _write(
            DeadlineChange,
            ["action", "from_deadline", "to_deadline", "working_days", "reason_kind", "reason", "asked_by", "asked_on",
             "agreed_by", "agreed_on", "recorded_by", "recorded_at"],
            (
                (item.key, _first_agreed(item, dates), dates.deadline, MOVED_BY_WORKING_DAYS, "recruitment",
                 "Vetting took longer than planned.", _name(item.owner), on - timedelta(days=90), _name(DIRECTOR),
                 on - timedelta(days=88), item.council.person(PROGRAMME_MANAGER),
                 datetime.combine(on - timedelta(days=88), time(10), tzinfo=LONDON))
                for item, dates in dated
                if _was_moved(item)
            ),
            done,
        )  # fmt: skip


def _is_councils_own(item: Item) -> bool:
    return item.number % 100 < 10


def _was_moved(item: Item) -> bool:
    return item.number // 10 % 20 == 0


def _first_agreed(item: Item, dates: Dated) -> date:
    return dates.deadline - timedelta(days=MOVED_BY_DAYS) if _was_moved(item) else dates.deadline


def _action(item: Item, dates: Dated) -> tuple[Any, ...]:
    council, priority = item.council, item.position % PRIORITIES + 1
    service = _service_of(item.owner)
    checker = council.head(service) if dates.completed_on else None
    judged = dates.difference != Difference.NONE
    return (
        item.key,
        council.number,
        council.plan(item.plan),
        council.priority(item.plan, priority),
        f"{priority}.{item.position}",
        item.position,
        title_of(item.number),
        text_of(item.number),
        "children are seen sooner, and their plans say what will be different for them.",
        council.person(item.owner),
        council.person(DIRECTOR),
        council.service(service),
        _is_councils_own(item),
        dates.deadline - timedelta(days=LASTS_DAYS),
        dates.deadline,
        _first_agreed(item, dates),
        dates.rating,
        dates.last_updated_on,
        dates.claimed_on,
        dates.completed_on,
        checker,
        dates.difference,
        checker if judged else None,
        dates.completed_on if judged else None,
        "",
        False,
        "",
    )


def title_of(number: int) -> str:
    """Return a title of about 70 characters."""
    verb, thing, place = VERBS[number % 5], THINGS[number % 7], PLACES[number // 7 % 4]
    return f"{verb} {thing} {place}"


def text_of(number: int) -> str:
    """Return a text of about 420 characters."""
    return " ".join(SENTENCES[(number + offset) % len(SENTENCES)] for offset in range(4))


# History


def _write_history(*, at: datetime, done: Loaded) -> None:
    for model in (
        Authority, User, Service, Membership, Inspection, Recommendation, Clock, Visit, Plan, PlanAnswers,
        Priority, Answer, ProgressUpdate, Milestone, DeadlineChange,
    ):  # fmt: skip
        _log(model, "+", done, at=at - timedelta(days=200))
    no_day = Value(None, output_field=DateField())
    unfinished = {
        "claimed_on": no_day,
        "completed_on": no_day,
        "checked_by": Value(None, output_field=models.BigIntegerField()),
        "difference": Value(Difference.NONE.value),
        "difference_set_by": Value(None, output_field=models.BigIntegerField()),
        "difference_set_on": no_day,
    }
    agreed = {"rating": Value(""), "last_updated_on": no_day, "deadline": F("first_agreed")}
    _log(
        Action,
        "+",
        done,
        at=at - timedelta(days=200),
        then=unfinished | agreed,
        history_user=F("accountable"),
        actor=F("accountable__name"),
    )
    _log(
        Action,
        "~",
        done,
        at=at - timedelta(days=80),
        then=unfinished,
        history_user=F("owner"),
        actor=F("owner__name"),
    )
    _log(
        Action,
        "~",
        done,
        at=at - timedelta(days=1),
        history_user=Coalesce("checked_by", "owner"),
        actor=Coalesce("checked_by__name", "owner__name"),
    )


def _log(
    model: type[models.Model],
    sign: str,
    done: Loaded,
    *,
    at: datetime,
    then: dict[str, Any] | None = None,
    history_user: Any = None,
    actor: Any = None,
) -> None:
    """Give every row of a table one history row, in one statement; `then` says what was different at the time."""
    said = {name: value for name, value in (("history_user", history_user), ("actor", actor)) if value is not None}
    written = log_because(model._default_manager.all(), sign=sign, reason=REASON, at=at, then=then, **said)
    done.history_rows[model._meta.label] = done.history_rows.get(model._meta.label, 0) + written


# Writing


def _write(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], done: Loaded) -> None:
    """Write rows into a table past its changes: COPY on PostgreSQL, one prepared INSERT on SQLite."""
    fields = [model._meta.get_field(name) for name in columns]
    names = ", ".join(connection.ops.quote_name(each.column) for each in fields)  # type: ignore[union-attr]
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            cursor.executemany(statement, _adapted(fields, rows))
        written = cursor.rowcount
    done.rows[model._meta.label] = done.rows.get(model._meta.label, 0) + max(written, 0)


def _adapted(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """Turn days and moments into what Django stores on this database."""
    adapters: dict[int, Callable[[Any], Any]] = {}
    for place, each in enumerate(fields):
        if isinstance(each, models.DateTimeField):
            adapters[place] = connection.ops.adapt_datetimefield_value
        elif isinstance(each, models.DateField):
            adapters[place] = connection.ops.adapt_datefield_value
    for row in rows:
        values = list(row)
        for place, adapt in adapters.items():
            values[place] = adapt(values[place])
        yield values


def _set_sequences(done: Loaded) -> None:
    """Let the next row of each table have the next free key."""
    from django.apps import apps
    from django.core.management.color import no_style

    for statement in connection.ops.sequence_reset_sql(no_style(), [apps.get_model(label) for label in done.rows]):
        _execute(statement)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
