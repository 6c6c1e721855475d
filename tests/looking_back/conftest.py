"""Days that are lived through one after the other, each change with the day on which it was made."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.utils import timezone

from accounts.models import Authority
from accounts.roles import Role
from tests import factories
from tests.factories import TODAY
from tracker.actions import changes
from tracker.dates.clock import LONDON
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes

BEGAN = date(2026, 4, 1)


@pytest.fixture
def now(monkeypatch, settings) -> Callable[..., datetime]:
    """`now(day, hour)` sets the clock, also the one that dates the history; it stands until it is set again."""
    settings.TRACKER_TODAY = None

    def set_to(day: date, hour: int = 10, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
        moment = datetime(day.year, day.month, day.day, hour, minute, second, microsecond, tzinfo=LONDON)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    return set_to


@pytest.fixture
def council(db: None, now: Callable[..., datetime]) -> Authority:
    """Northbridge, whose first record is of 1 April 2026."""
    now(BEGAN)
    return factories.make_authority()


@pytest.fixture
def plan_of_april(council: Authority, now: Callable[..., datetime]) -> dict:
    """A plan of 1 April 2026 with an action of Priya's, a restricted one and one of the police; it is 6 May."""
    office, priya, marcus = factories.aisha(council), factories.priya(council), factories.marcus(council)
    helen = factories.helen(council)
    inspection = factories.make_inspection(council)
    asked = factories.make_recommendation(inspection)
    plan = factories.make_plan(council, answers=[inspection])
    visit = factories.make_visit(council)
    priority = factories.make_priority(plan)

    def action(**fields):
        return factories.make_action(priority=priority, recommendations=[asked], **fields)

    made = {
        "action": action(owner=priya.user, deadline=date(2026, 5, 1)),
        "secret": action(
            title="The wording nobody may see",
            owner=marcus.user,
            is_restricted=True,
            restricted_reason="It is about a member of staff",
        ),
        "of police": action(title="Police share their list", agency=helen.memberships[0].agency, owner=helen.user),
    }
    now(TODAY)
    people = {"office": office, "priya": priya, "marcus": marcus, "helen": helen}
    return {"plan": plan, "visit": visit, "asked": asked, "inspection": inspection, **people, **made}


@pytest.fixture
def lived(council: Authority, now: Callable[..., datetime]) -> dict:
    """A plan with something of everything by 1 May 2026, and someone of each role; it is 6 May."""
    people = {
        Role.PROGRAMME_OFFICE: factories.aisha(council),
        Role.DIRECTOR: factories.rachel(council),
        Role.CHAIR: factories.make_member(council, Role.CHAIR, "Carol Dunn"),
        Role.COUNCILLOR: factories.make_member(council, Role.COUNCILLOR, "Liam Hart"),
        Role.HEAD_OF_SERVICE: factories.marcus(council),
        Role.ACTION_OWNER: factories.priya(council),
        Role.PARTNER: factories.helen(council),
        Role.INSPECTOR: factories.ines(council),
    }
    priya, marcus = people[Role.ACTION_OWNER].user, people[Role.HEAD_OF_SERVICE].user
    inspection = factories.make_inspection(council)
    asked = [factories.make_recommendation(inspection) for _ in range(2)]
    inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    plan = factories.make_plan(council, answers=[inspection], board_meets_on=date(2026, 5, 20))
    factories.make_visit(council, agreed_on=BEGAN)
    last = factories.make_visit(
        council, "focused-1", kind="focused", sequence=None, starts_on=date(2026, 2, 24), ends_on=date(2026, 2, 25)
    )
    finding, _ = factories.make_finding(last), factories.make_finding(last)
    now(date(2026, 4, 15))

    def action(**fields):
        return factories.make_action(plan=plan, recommendations=asked, **fields)

    action(owner=marcus, completed_on=date(2026, 4, 15), difference="difference")
    late = action(owner=priya, deadline=date(2026, 4, 20), rating="at_risk", findings=[finding])
    action(owner=priya, deadline=date(2026, 5, 15), claimed_on=date(2026, 4, 15))
    action(deadline=date(2026, 6, 8))
    action(owner=people[Role.PARTNER].user, agency=people[Role.PARTNER].memberships[0].agency)
    action(title="Secret", owner=marcus, is_restricted=True, restricted_reason="About a member of staff")
    action(owner=priya, cancelled_on=date(2026, 4, 15))
    factories.make_milestone(late)
    factories.make_measure(late)
    factories.make_evidence(late)
    changes.submit_plan(plan, by=None, on=date(2026, 4, 15), reason=factories.REASON)
    factories.make_submission(plan, done_on=date(2026, 4, 15), on=date(2026, 4, 15))
    factories.make_deadline_change(factories.fresh(late), date(2026, 4, 28), at=now(date(2026, 4, 16)))
    factories.make_request(factories.fresh(late), date(2026, 6, 26), on=date(2026, 4, 17))
    factories.make_criticism(plan, made_on=date(2026, 4, 15), on=date(2026, 4, 17))
    now(TODAY)
    return {"plan": plan, "inspection": inspection, "late": late, **people}
