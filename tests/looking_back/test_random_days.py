"""Days lived through at random, with pages kept at the end of each: looked back to, they say the same."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from accounts import changes as account_changes
from accounts.member import members_of
from accounts.models import Membership, practices_of
from accounts.roles import Role
from tests import factories
from tests.factories import REASON
from tests.looking_back.conftest import BEGAN
from tests.reports.pages import words_of
from tracker.actions import changes
from tracker.actions.models import Action, Answer, DeadlineRequest, Milestone
from tracker.audit.history import delete_because, save_because
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes

DAYS, CHANGES_A_DAY = 6, 7
READERS = (Role.PROGRAMME_OFFICE, Role.CHAIR, Role.PARTNER)


class Life:
    """A council whose people change the plan in every way there is, at random but the same each time."""

    def __init__(self, council: Any, seed: int) -> None:
        self.council, self.random = council, random.Random(seed)
        self.office = factories.aisha(council)
        self.people = [factories.priya(council), factories.marcus(council), factories.rachel(council)]
        self.readers = {
            Role.PROGRAMME_OFFICE: self.office,
            Role.CHAIR: factories.make_member(council, Role.CHAIR, "Carol Dunn"),
            Role.PARTNER: factories.helen(council),
        }
        self.inspection = factories.make_inspection(council)
        self.asked = [factories.make_recommendation(self.inspection) for _ in range(3)]
        inspection_changes.start_clocks(self.inspection, calendar=calendar(), by=None)
        self.plan = factories.make_plan(council, answers=[self.inspection], board_meets_on=date(2026, 5, 20))
        self.visit = factories.make_visit(council)
        self.last = factories.make_visit(
            council, "focused-1", kind="focused", sequence=None, starts_on=date(2026, 2, 24), ends_on=date(2026, 2, 25)
        )
        self.priorities = [factories.make_priority(self.plan, number, f"Priority {number}") for number in (1, 2)]
        self.police = self.readers[Role.PARTNER].memberships[0].agency
        self.happened: set[str] = set()
        for _ in range(6):
            self.add(BEGAN)

    def day(self, moment: datetime) -> None:
        """Let some things happen; what a rule refuses does not."""
        ways: list[Callable[[date], object]] = [
            self.add, self.update, self.update, self.claim, self.check, self.move, self.ask, self.agree, self.give,
            self.cancel, self.restrict, self.step, self.finish_step, self.rename, self.promote, self.unlink, self.find,
            self.prove, self.freeze, self.leave, self.visit_moves, self.share,
        ]  # fmt: skip
        for way in self.random.choices(ways, k=CHANGES_A_DAY):
            try:
                way(moment.date())
            except REFUSED:
                continue
            self.happened.add(way.__name__)

    def action(self, **which: Any) -> Action:
        return self.random.choice(list(Action.objects.filter(**which).order_by("pk")))

    def change(self, row: Any, **fields: Any) -> None:
        row = factories.fresh(row)
        for name, value in fields.items():
            setattr(row, name, value)
        save_because(row, by=self.office.user, reason=REASON)

    def add(self, on: date) -> None:
        owner = self.random.choice([*self.people, None])
        factories.make_action(
            priority=self.random.choice(self.priorities),
            recommendations=self.random.sample(self.asked, 2),
            owner=owner.user if owner else None,
            deadline=on + timedelta(days=self.random.randint(-3, 30)),
            title=f"Action of {on}",
        )

    def update(self, on: date) -> None:
        rating = self.random.choice(["on_track", "at_risk", "off_track"])
        factories.make_update(self.action(), rating=rating, by=self.office.user, on=on)

    def claim(self, on: date) -> None:
        action = self.action(claimed_on=None)
        factories.make_evidence(action, by=self.office.user, on=on)
        factories.make_update(action, says_done=True, by=self.people[0].user, on=on)

    def check(self, on: date) -> None:
        action = self.action(claimed_on__isnull=False, completed_on=None)
        if self.random.random() < 0.3:
            changes.send_back(action, by=self.people[2].user, on=on, reason="Not yet")
        else:
            changes.complete(action, by=self.people[2].user, on=on, reason="Checked")

    def move(self, on: date) -> None:
        to = on + timedelta(days=self.random.randint(1, 60))
        factories.make_deadline_change(self.action(completed_on=None), to, asked_on=on, agreed_on=on)

    def ask(self, on: date) -> None:
        factories.make_request(self.action(), on + timedelta(days=40), by=self.people[0].user, on=on)

    def agree(self, on: date) -> None:
        asked = DeadlineRequest.objects.filter(state="asked").order_by("pk")[0]
        changes.agree(
            asked, level=asked.tier, reason="Agreed", by=self.people[2].user, on=on, at=factories.NOW,
            calendar=calendar(), practices=practices_of(self.council), decided_for="Board",
        )  # fmt: skip

    def give(self, on: date) -> None:
        changes.hand_over(self.action(), to=self.random.choice(self.people).user, by=None, on=on, reason=REASON)

    def cancel(self, on: date) -> None:
        changes.cancel(self.action(), by=None, on=on, reason="No longer needed")

    def restrict(self, on: date) -> None:
        action = self.action()
        self.change(action, is_restricted=not action.is_restricted, restricted_reason="About a member of staff")

    def step(self, on: date) -> None:
        factories.make_milestone(self.action(), f"Step of {on}", due_on=on + timedelta(days=3))

    def finish_step(self, on: date) -> None:
        changes.finish_milestone(Milestone.objects.filter(done_on=None)[0], on=on, by=None, reason=REASON)

    def rename(self, on: date) -> None:
        self.change(self.random.choice(self.people).user, name=f"Name of {on}")

    def promote(self, on: date) -> None:
        self.change(Membership.objects.filter(user=self.random.choice(self.people).user)[0], post=f"Post of {on}")

    def unlink(self, on: date) -> None:
        delete_because(self.random.choice(list(Answer.objects.order_by("pk"))), by=None, reason=REASON)

    def find(self, on: date) -> None:
        factories.make_finding(self.last, text=f"Finding of {on}", recommendation=self.asked[0])

    def prove(self, on: date) -> None:
        factories.make_evidence(self.action(), f"Evidence of {on}", by=self.office.user, on=on)

    def freeze(self, on: date) -> None:
        factories.make_version(self.plan, "draft", on=on)

    def leave(self, on: date) -> None:
        account_changes.switch_off(self.people[1].user, by=None, reason="Left the council")

    def visit_moves(self, on: date) -> None:
        starts = date(2026, 6, 9) + timedelta(days=self.random.randint(0, 10))
        self.change(self.visit, starts_on=starts, ends_on=starts)

    def share(self, on: date) -> None:
        self.change(self.action(), agency=self.random.choice([self.police, None]))


# The refusals of changes; and where there is nothing to change.
REFUSED = (
    IndexError,
    *(value for value in vars(changes).values() if isinstance(value, type) and issubclass(value, Exception)),
)


def said(html: str) -> str:
    """The words of a page without its foot."""
    return words_of(re.sub(r"<footer.*", "", html, flags=re.DOTALL))


def test_pages_kept_on_random_days_are_the_pages_looked_back_to(council, now, client, signed_in, monkeypatch):
    life, kept = Life(council, seed=2026), {}
    # Kept without what they offer to do, which pages of the past leave out; their rows and figures are of the day.
    with monkeypatch.context() as patch:
        patch.setattr(
            "accounts.middleware.members_of",
            lambda user, *, on: [replace(member, looks_back=True) for member in members_of(user, on=on)],
        )
        for number in range(DAYS):
            on = BEGAN + timedelta(days=5 * number)
            now(on, 11)
            life.day(now(on, 15))
            now(on, 23, 59, 59, 999_999)
            addresses = ["/", "/plans/2026/", "/actions/?sort=status", "/plans/2026/deadline-changes/", "/visits/",
                         "/visits/monitoring-1/", "/inspections/2026-ilacs/recommendations/1/",
                         "/plans/2026/exceptions/", "/plans/2026/quality/"]  # fmt: skip
            addresses += [action.get_absolute_url() for action in Action.objects.order_by("-pk")[:2]]
            for reader in READERS:
                signed_in(client, life.readers[reader])
                for address in addresses:
                    response = client.get(address)
                    if response.status_code == 200:
                        kept[on, reader, address] = said(response.content.decode())

    now(BEGAN + timedelta(days=5 * DAYS))
    # What is restricted today, or is no longer an agency's, would not be shown of the past either: see test_pages.
    for action in Action.objects.all():
        life.change(action, is_restricted=False, agency=life.police)
    for reader in READERS:
        signed_in(client, life.readers[reader])
        for (day, kept_by, address), words in kept.items():
            if kept_by == reader:
                response = client.get(f"/as-at/{day}{address}")
                assert response.status_code == 200, (day, reader, address)
                assert said(response.content.decode()) == words, (day, reader, address)

    assert len(kept) > 80
    assert len(life.happened) > 10, life.happened
