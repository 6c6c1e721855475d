"""Whatever is changed, in whatever order, has one history row and one entry: tables and history say the same.

`RANDOM_CHANGES=10000` makes as many changes as a year of a council.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts import changes as account_changes
from accounts.models import Authority, Service, User
from accounts.roles import Role
from tests import factories
from tests.factories import NOW, TODAY
from tracker.actions import changes, tasks
from tracker.actions.models import Action
from tracker.audit import proving
from tracker.audit.chain import recorded
from tracker.audit.history import audited_models, history_of, save_because
from tracker.audit.models import Entry
from tracker.audit.ways import Door, through

pytestmark = pytest.mark.django_db

CHANGES = int(os.environ.get("RANDOM_CHANGES", "300"))
HISTORY = tuple(history_of(model)._meta.db_table for model in audited_models())


class _Council:
    """A council in which something happens, by chance that is the same each time."""

    def __init__(self, authority: Authority, chance: random.Random) -> None:
        self.authority, self.chance = authority, chance
        self.office: User = factories.make_member(
            authority, Role.PROGRAMME_OFFICE, f"Aisha {authority.pk}", post="Programme manager"
        ).user
        self.actions: list[Action] = [factories.make_action(authority)]
        self.number = 0

    def some_action(self) -> Action:
        return factories.fresh(self.chance.choice(self.actions))

    def name(self) -> str:
        self.number += 1
        return f"Thing {self.number}"

    def adds_an_action(self) -> None:
        days = self.chance.randrange(-20, 60)
        self.actions.append(factories.make_action(self.authority, deadline=TODAY + timedelta(days=days)))

    def renames_an_action(self) -> None:
        action = self.some_action()
        action.title = self.name()
        save_because(action, by=self.chance.choice([self.office, None]), reason="Said more clearly")

    def adds_a_milestone(self) -> None:
        factories.make_milestone(self.some_action(), self.name())

    def tells_how_it_goes(self) -> None:
        factories.make_update(self.some_action(), self.name(), rating="at_risk", by=self.office)

    def names_evidence(self) -> None:
        factories.make_evidence(self.some_action(), self.name(), location=self.name())

    def moves_a_deadline(self) -> None:
        action = self.some_action()
        factories.make_deadline_change(action, action.deadline + timedelta(days=self.chance.randrange(1, 90)))

    def cancels(self) -> None:
        changes.cancel(self.some_action(), by=self.office, on=TODAY, reason="Replaced")

    def adds_a_service(self) -> None:
        account_changes.add_service(self.authority, name=self.name(), by=self.office, reason="New")

    def changes_several_at_once(self) -> None:
        with recorded():
            for _ in range(self.chance.randrange(2, 6)):
                self.adds_a_service()

    def fails_half_way(self) -> None:
        def twice() -> None:
            with recorded():
                name = self.name()
                for _ in range(2):
                    account_changes.add_service(self.authority, name=name, by=None, reason="New")

        before = Service.objects.count()
        with suppress(IntegrityError):
            twice()
        assert Service.objects.count() == before

    def fails_in_part(self) -> None:
        with recorded():
            self.adds_a_milestone()
            self.fails_half_way()
            self.adds_a_service()

    def has_its_job_run(self) -> None:
        tasks.flag_overdue()

    def a_person_comes(self) -> None:
        factories.make_member(self.authority, name=self.name() + f" of {self.authority.pk}")


EVENTS: list[Callable[[_Council], None]] = [
    event
    for name, event in vars(_Council).items()
    if callable(event) and name not in {"__init__", "some_action", "name"}
]
REFUSALS = tuple(
    each for each in vars(changes).values() if isinstance(each, type) and issubclass(each, Exception)
)  # A change that is refused is a case too.


def history_rows_written(statements: CaptureQueriesContext) -> int:
    return sum(
        query["sql"].startswith("INSERT INTO") and any(f'"{table}"' in query["sql"][:90] for table in HISTORY)
        for query in statements.captured_queries
    )


def test_after_many_changes_by_every_door_tables_and_history_agree(council):
    chance = random.Random(2026)
    councils = [_Council(council, chance), _Council(factories.make_authority("Southmere", "southmere"), chance)]
    used: set[str] = set()

    for _ in range(CHANGES):
        event, door = chance.choice(EVENTS), chance.choice(list(Door))
        with through(door, f"{event.__name__} {NOW}"), suppress(*REFUSALS):
            event(chance.choice(councils))
            used.add(event.__name__)

    proof = proving.verify()
    assert proof.faults == []
    assert len(used) == len(EVENTS)
    rows = sum(history_of(model).objects.count() for model in audited_models())
    assert proof.rows == rows == Entry.objects.count()
    assert set(Entry.objects.values_list("door", flat=True)) == set(Door.values)
    bare = [model for model in audited_models() if history_of(model).objects.filter(actor="").exists()]
    assert bare == []
    for model in audited_models():
        begun = history_of(model).objects.filter(history_type="+").values_list("id", flat=True)
        assert len(begun) == len(set(begun)), f"{model} tells twice of a beginning."
        assert set(model._default_manager.values_list("pk", flat=True)) <= set(begun)


def test_each_change_of_a_row_is_one_history_row(council):
    service = factories.make_service(council)

    for number in range(20):
        service.name = f"Service {number}"
        with CaptureQueriesContext(connection) as statements:
            save_because(service, by=None, reason="Renamed")
        assert history_rows_written(statements) == 1

    assert service.history.count() == 21
