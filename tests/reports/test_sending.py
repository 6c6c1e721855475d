from datetime import date

import pytest

from tests.factories import aisha, fresh, make_action, make_authority, make_inspection, make_plan, priya, rachel
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.plans.models import PlanVersion, Submission

pytestmark = pytest.mark.django_db

ADDRESS = "/plans/2026/sending/"


def posted(step: str, day: date, proof: str = "Email to Ofsted, kept in the plan folder") -> dict:
    return {
        "step": step,
        "done_on-day": day.day,
        "done_on-month": day.month,
        "done_on-year": day.year,
        "proof": proof,
    }


@pytest.fixture
def plan(council):
    inspection = make_inspection(council)
    inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    plan = make_plan(council, answers=[inspection])
    make_action(plan=plan, deadline=date(2026, 7, 31))
    return plan


def test_the_clock_stops_when_all_three_are_recorded_and_not_before(client, signed_in, council, plan):
    signed_in(client, aisha(council))
    clock = council.clocks.get(kind="plan")

    client.post(ADDRESS, posted("ofsted", date(2026, 5, 1)))
    client.post(ADDRESS, posted("dfe", date(2026, 5, 1)))
    assert fresh(clock).met_on is None
    page = client.post(ADDRESS, posted("published", date(2026, 5, 5)), follow=True)

    assert fresh(clock).met_on == date(2026, 5, 5)
    assert "All three are recorded" in page.content.decode()
    assert Submission.history.count() == 3


def test_sending_to_ofsted_freezes_the_plan_and_sets_what_was_first_agreed(client, signed_in, council, plan):
    signed_in(client, rachel(council))

    client.post(ADDRESS, posted("ofsted", date(2026, 5, 1)))

    version = PlanVersion.objects.get()
    assert version.snapshot["actions"][0]["deadline"] == "2026-07-31"
    assert plan.actions.get().first_agreed == date(2026, 7, 31)


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 5, 7), "It cannot be in the future"), (date(2026, 1, 30), "The plan began on 2 February 2026")],
)
def test_a_day_that_cannot_be_is_refused_and_nothing_is_frozen(client, signed_in, council, plan, day, words):
    signed_in(client, aisha(council))

    page = client.post(ADDRESS, posted("ofsted", day))

    assert words in page.content.decode()
    assert not PlanVersion.objects.exists()
    assert not Submission.objects.exists()


def test_a_step_is_recorded_once(client, signed_in, council, plan):
    signed_in(client, aisha(council))
    client.post(ADDRESS, posted("dfe", date(2026, 5, 1)))

    page = client.post(ADDRESS, posted("dfe", date(2026, 5, 5)))

    assert "Error: " in page.content.decode()
    assert Submission.objects.get().done_on == date(2026, 5, 1)


def test_an_owner_may_not_record_it_and_another_council_does_not_find_it(client, signed_in, council, plan):
    signed_in(client, priya(council))
    assert client.get(ADDRESS).status_code == 403

    signed_in(client, aisha(make_authority("Southmere Council", "southmere")))
    assert client.get(ADDRESS).status_code == 404
