"""Random edits, days, crashes and runs, held against a small model of who is owed what, made from the rules in words.

30 sequences in a normal run; for more: SEQUENCES=2000 ./deploy/test --postgres tests/reminders/test_model.py
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.core import mail as django_mail
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.factories import (
    dee,
    make_action,
    make_authority,
    make_deadline_change,
    make_member,
    make_plan,
    make_update,
    marcus,
    priya,
    rachel,
)
from tracker.actions import changes
from tracker.actions.models import Action
from tracker.dates.clock import LONDON
from tracker.reminders import emails, mail, outbox
from tracker.reminders.models import Digest, Reminder
from tracker.reminders.outbox import delivering

pytestmark = pytest.mark.django_db

SEQUENCES = int(os.environ.get("SEQUENCES", "30"))
STEPS = 12
FIRST_DAY = date(2026, 5, 6)
DAY = timedelta(days=1)
LEASE = timedelta(seconds=601)

# --- The model: the rules in words


BANK_HOLIDAYS = {date(2026, 5, 4), date(2026, 5, 25), date(2026, 8, 31)}
OWNERS = ("Priya Nair", "Dee Walsh", "Sam Porter")  # An action is handed on in this order, and never back.
HEAD, DIRECTOR = "Marcus Oyelaran", "Rachel Adeyemi"


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def working_days(after: date, until: date) -> int:
    """Count the working days after one day, up to and with another."""
    return sum(is_working_day(after + DAY * number) for number in range(1, (until - after).days + 1))


class Owed(NamedTuple):
    """One thing that a person is to be told once."""

    kind: str
    thing: int | None
    person: str
    day: date
    step: int


@dataclass
class Thing:
    """An action, as far as reminders care."""

    owner: str
    deadline: date
    given_on: date
    updated_on: date | None = None
    is_open: bool = True


@dataclass
class Model:
    """Who is owed what, and who was told."""

    things: list[Thing] = field(default_factory=list)
    waiting: set[Owed] = field(default_factory=set)
    known: set[Owed] = field(default_factory=set)
    told: dict[tuple[date, str], set[tuple[str, int | None]]] = field(default_factory=lambda: defaultdict(set))

    def queue(self, on: date) -> None:
        """What is owed by a day is owed once, however often one looks."""
        for owed in self.owed(on):
            if owed not in self.known:
                self.known.add(owed)
                self.waiting.add(owed)

    def owed(self, on: date) -> Iterator[Owed]:
        for number, thing in enumerate(self.things):
            if thing.is_open:
                yield from self._owed_for(number, thing, on)
        monday = on - DAY * on.weekday()
        summary = next((day for day in (monday + DAY * n for n in range(5)) if is_working_day(day)), None)
        # The director gets a summary on the first working day of the week, or later that week if it was missed.
        if summary is not None and summary <= on and any(thing.is_open for thing in self.things):
            yield Owed("weekly", None, DIRECTOR, summary, 0)

    def _owed_for(self, number: int, thing: Thing, on: date) -> Iterator[Owed]:
        if thing.deadline >= on:
            left = working_days(on, thing.deadline)
            # 10, 5 and 1 working days before: the last of them that has come.
            if steps := [step for step in (10, 5, 1) if left <= step]:
                yield Owed("due", number, thing.owner, thing.deadline, min(steps))
            since = thing.updated_on or thing.given_on
            # 30 days without an update, and again each 30 days.
            if (times := ((on - since).days - 1) // 30) >= 1:
                yield Owed("quiet", number, thing.owner, since, times)
        else:
            late = working_days(thing.deadline, on)
            # 1, 3 and 7 working days late, then each 5.
            steps = [step for step in (1, 3, 7, *range(12, 400, 5)) if step <= late]
            if steps:
                yield Owed("late", number, thing.owner, thing.deadline, -max(steps))
            if late >= 5:
                yield Owed("escalated_lead", number, HEAD, thing.deadline, -5)
            if late >= 10:
                yield Owed("escalated_director", number, DIRECTOR, thing.deadline, -10)
        # For 2 weeks it is news.
        if on - thing.given_on <= 14 * DAY:
            yield Owed("given", number, thing.owner, thing.given_on, 0)

    def holds(self, owed: Owed) -> bool:
        """Whether the reason still stands. Once gone it never comes back in these sequences."""
        if owed.thing is None:
            return True
        thing = self.things[owed.thing]
        if not thing.is_open:
            return False
        if owed.kind in ("due", "late", "escalated_lead", "escalated_director") and owed.day != thing.deadline:
            return False
        if owed.kind in ("due", "late", "quiet", "given") and owed.person != thing.owner:
            return False
        if owed.kind == "given":
            return owed.day == thing.given_on
        return not (owed.kind == "quiet" and thing.updated_on is not None and thing.updated_on > owed.day)

    def would_tell(self, on: date) -> dict[str, set[tuple[str, int | None]]]:
        """What a run would tell: one email a person a day, on working days, of what waits and still holds."""
        self.waiting = {owed for owed in self.waiting if self.holds(owed)}
        found: dict[str, set[tuple[str, int | None]]] = defaultdict(set)
        if is_working_day(on):
            for owed in self.waiting:
                if (on, owed.person) not in self.told:
                    found[owed.person].add((owed.kind, owed.thing))
        return found

    def note_told(self, on: date, person: str, what: set[tuple[str, int | None]]) -> None:
        self.told[on, person] = what
        self.waiting = {owed for owed in self.waiting if owed.person != person}


# --- The product, driven


class Crash(BaseException):
    """The process is gone: nothing catches this, as nothing catches kill -9."""


@contextmanager
def crash(step: str, number: int) -> Iterator[None]:
    """Make the process end at a step of the send path, when it comes there for the given time."""
    owner, name, comes_first = {
        "claim": (delivering, "_claim", False),
        "attach": (delivering, "_attach", False),
        "write": (emails, "write", False),
        "before sending": (mail.Post, "send", True),
        "after sending": (mail.Post, "send", False),
        "after recording": (delivering, "_settle_for_sure", False),
    }[step]
    real: Callable = getattr(owner, name)
    seen = 0

    def crashing(*arguments, **options):
        nonlocal seen
        seen += 1
        if seen == number and comes_first:
            raise Crash
        answer = real(*arguments, **options)
        if seen == number:
            raise Crash
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, crashing)
        yield


class Council(RuleBasedStateMachine):
    """A council in which things happen, beside the model of it. One transaction a sequence, rolled back at its end."""

    plan, people, service = None, {}, None

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        django_mail.outbox.clear()
        self.model = Model()
        self.actions: list[Action] = []
        self.today = FIRST_DAY
        self.now = self._morning()
        self.copies: Counter[str] = Counter()
        self.may_be_twice: set[str] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def _morning(self) -> datetime:
        return datetime.combine(self.today, datetime.min.time(), tzinfo=LONDON) + timedelta(hours=8, minutes=5)

    # What happens

    @initialize(days=st.lists(st.integers(-20, 20), min_size=1, max_size=3))
    def begin(self, days: list[int]) -> None:
        for number, offset in enumerate(days):
            self.add(number, offset)

    @precondition(lambda self: len(self.actions) < 5)
    @rule(owner=st.integers(0, 2), offset=st.integers(-20, 20))
    def add(self, owner: int, offset: int) -> None:
        name, deadline = OWNERS[owner % 2], self.today + offset * DAY
        action = make_action(plan=self.plan, owner=self.people[name], service=self.service, deadline=deadline)
        # The factory gives it on its own fixed day.
        self.model.things.append(Thing(owner=name, deadline=deadline, given_on=action.owner_since))
        self.actions.append(action)

    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        self.today += days * DAY
        self.now = self._morning()

    @rule(which=st.integers(0, 4))
    def finish(self, which: int) -> None:
        thing, action = self._pick(which)
        if thing.is_open:
            changes.cancel(action, by=None, on=self.today, reason="Replaced")
            thing.is_open = False

    @rule(which=st.integers(0, 4), days=st.integers(1, 20))
    def move(self, which: int, days: int) -> None:
        thing, action = self._pick(which)
        to = max(thing.deadline, self.today) + days * DAY
        if thing.is_open:
            make_deadline_change(action, to=to)
            thing.deadline = to

    @rule(which=st.integers(0, 4))
    def hand_over(self, which: int) -> None:
        thing, action = self._pick(which)
        following = OWNERS.index(thing.owner) + 1
        if thing.is_open and following < len(OWNERS):
            changes.hand_over(action, to=self.people[OWNERS[following]], by=None, on=self.today, reason="Moved team")
            thing.owner, thing.given_on = OWNERS[following], self.today

    @rule(which=st.integers(0, 4))
    def update(self, which: int) -> None:
        thing, action = self._pick(which)
        if thing.is_open:
            make_update(action, by=self.people[thing.owner], on=self.today)
            thing.updated_on = self.today

    def _pick(self, which: int) -> tuple[Thing, Action]:
        which %= len(self.actions)
        return self.model.things[which], self.actions[which]

    # Runs

    @rule()
    def queue(self) -> None:
        outbox.queue_due(on=self.today)
        self.model.queue(self.today)

    @rule()
    def run(self) -> None:
        self.queue()
        for person, what in self.model.would_tell(self.today).items():
            self.model.note_told(self.today, person, what)
        self._deliver()
        self.compare()

    @rule(
        step=st.sampled_from(["claim", "attach", "write", "before sending", "after sending", "after recording"]),
        number=st.integers(1, 3),
    )
    def run_that_crashes(self, step: str, number: int) -> None:
        self.queue()
        would_tell = self.model.would_tell(self.today)
        before = len(django_mail.outbox)
        try:
            with crash(step, number):
                self._deliver()
            has_crashed = False
        except Crash:
            has_crashed = True
        gone = [self._person(message) for message in django_mail.outbox[before:]]
        unrecorded = gone.pop() if has_crashed and step == "after sending" and gone else None
        for person in gone:
            self.model.note_told(self.today, person, would_tell[person])
        if unrecorded is not None:
            self.may_be_twice.add(unrecorded)
        if not has_crashed:
            assert set(gone) == set(would_tell)
            self.compare()

    def _deliver(self) -> None:
        self.now += LEASE  # What a crashed run held is free by then.
        outbox.deliver(on=self.today, at=self.now, now=lambda: self.now)

    def _person(self, message: django_mail.EmailMessage) -> str:
        (address,) = message.to
        return next(name for name, user in self.people.items() if user.email == address)

    # What must be the same

    def compare(self) -> None:
        told = defaultdict(set)
        number_of = {action.pk: number for number, action in enumerate(self.actions)}
        sent = Reminder.objects.filter(digest__on=self.today, digest__state=Digest.State.SENT)
        for name, kind, action in sent.values_list("recipient__name", "kind", "action"):
            told[name].add((kind, number_of.get(action)))
        expected = {person: what for (on, person), what in self.model.told.items() if on == self.today}
        assert dict(told) == expected
        if is_working_day(self.today):  # On others a crashed run's emails stay as they were.
            assert not Digest.objects.filter(state=Digest.State.SENDING).exists()

        ids = defaultdict(Counter)
        for message in django_mail.outbox:
            ids[self._person(message)][message.extra_headers["Message-ID"]] += 1
        days = Counter(Digest.objects.exclude(subject="").values_list("recipient__name", flat=True))
        for person, counts in ids.items():
            assert all(count == 1 for count in counts.values()) or person in self.may_be_twice
            assert len(counts) <= days[person] + (person in self.may_be_twice)


def test_whatever_happens_each_person_is_told_what_the_model_says_and_once(settings_for_many):
    council = make_authority()
    head = marcus(council)
    people = [priya(council), dee(council), make_member(council, name="Sam Porter"), head, rachel(council)]
    Council.plan = make_plan(council)
    Council.people = {member.user.name: member.user for member in people}
    Council.service = head.memberships[0].service

    run_state_machine_as_test(Council, settings=settings_for_many)


@pytest.fixture
def settings_for_many() -> settings:
    return settings(
        max_examples=SEQUENCES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize="SEQUENCES" not in os.environ,  # The normal run is the same each time; a long one is not.
        suppress_health_check=list(HealthCheck),
    )
