"""What else the dashboard says: what waits for a decision, what moved a clock, where the plan stands."""

from datetime import date

import pytest

from tests import factories
from tests.factories import NOW, TODAY
from tests.reports.pages import words_of
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.partners import changes as partner_changes
from tracker.plans import changes as plan_changes
from tracker.reminders.models import AddressTrouble
from tracker.visits import changes as visit_changes

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(client, signed_in):
    """The words of the dashboard as a member sees it."""

    def seen(member):
        signed_in(client, member)
        return words_of(client.get("/").content.decode())

    return seen


def test_a_deadline_that_somebody_asks_to_move_waits_for_whoever_decides_and_for_nobody_else(council, seen):
    director, owner = factories.rachel(council), factories.priya(council)
    action = factories.make_action(council, owner=owner.user)
    factories.make_request(action, date(2026, 8, 7))

    words = seen(director)
    assert f"{action.reference} {action.title}" in words
    assert "Priya Nair asks to move the deadline from 31 July 2026 to 7 August 2026." in words
    assert "Decide about the deadline of 3.1" in words
    assert "asks to move the deadline" not in seen(owner)


def test_a_complete_action_that_a_visit_repeats_waits_to_be_reopened_or_kept_closed(council, seen):
    inspection = factories.make_inspection(council)
    asked = factories.make_recommendation(inspection)
    factories.make_action(council, recommendations=[asked], completed_on=date(2026, 3, 20))
    visit = factories.make_visit(council, inspection=inspection, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    factories.make_finding(visit, recommendation=asked)

    words = seen(factories.aisha(council))

    assert "Complete since 20 March 2026, but a visit’s letter says it again." in words
    assert "Check this rating: monitoring visit 1 repeated this finding." in words


def test_criticisms_of_the_plan_wait_until_they_are_closed(council, seen):
    director = factories.rachel(council)
    criticism = factories.make_criticism(factories.make_action(council).plan)

    assert "1 criticism of the plan is open" in seen(director)
    plan_changes.respond(
        criticism, response="Priority 6 has it now", owner=director.user, due_on=TODAY, by=None, on=TODAY
    )
    plan_changes.close(criticism, closed_reason="It has", by=director.user, on=TODAY)
    assert "of the plan is open" not in seen(director)


def test_what_a_partner_says_through_a_link_waits_for_an_officer(council, seen):
    office = factories.aisha(council)
    action = factories.make_action(council, agency=factories.make_agency(council))
    link, _ = partner_changes.make_link(action, person_name="Sgt Jo Hall", by=office.user, at=NOW)
    partner_changes.answer(link, kind="update", at=NOW, on=TODAY, rating="at_risk", narrative="Two more start.")

    assert "1 answer of a partner waits" in seen(office)
    assert "answer of a partner" not in seen(factories.rachel(council))


def test_people_whom_no_email_reaches_are_told_of_to_the_programme_office_alone(council, seen):
    owner, office = factories.priya(council), factories.aisha(council)
    factories.make_action(council, owner=owner.user)
    AddressTrouble.objects.create(
        user=owner.user, address=owner.user.email, refusals=3, first_on=TODAY, last_on=TODAY, stopped_on=TODAY
    )

    assert "1 person gets no email" in seen(office)
    assert "gets no email" not in seen(factories.rachel(council))


def test_a_clock_that_a_bank_holiday_moved_is_told_of(council, seen):
    inspection = factories.make_inspection(council, received_on=date(2026, 4, 1))
    factories.make_action(plan=factories.make_plan(council, answers=[inspection]))
    inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    inspection_changes.proclaim_bank_holiday(
        date(2026, 6, 15), name="State funeral", reason="Proclaimed", by=factories.aisha(council).user, on=TODAY
    )

    words = seen(factories.rachel(council))

    assert "“Send and publish the plan” of the ILACS inspection, March 2026 moved from" in words
    assert "Bank holiday added" in words


def test_a_plan_that_ofsted_returned_says_so_at_the_top(council, seen):
    director = factories.rachel(council)
    plan = factories.make_action(council, owner=factories.priya(council).user).plan
    version = factories.make_version(plan)
    factories.make_submission(plan, version=version)
    plan_changes.record_reply(
        version, kind="does_not_reflect", received_on=TODAY, proof="Email", by=director.user, on=TODAY
    )

    assert "does not reflect" in seen(director).lower()


def test_how_far_the_readiness_list_is_stands_with_the_visit(council, seen):
    office = factories.aisha(council)
    factories.make_action(council)
    visit = factories.make_visit(council)
    for title in ("Evidence index", "Timetable"):
        task = visit_changes.add_task(
            visit, title=title, owner=None, due_on=date(2026, 5, 20), by=office.user, on=TODAY
        )
    visit_changes.finish_task(task, done_note="Board folder", by=office.user, on=TODAY)

    assert "1 of 2 readiness tasks done" in seen(office)
