"""An inspector let see one plan, or one visit, is shown nothing of another, on any page."""

from datetime import date

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests import factories
from tests.audit.conftest import OURS, filled_action
from tests.audit.pages import ADMINS, every_page, name_of, text_of
from tests.audit.test_reading_changes_nothing import walk
from tests.factories import TODAY
from tracker.actions import changes as action_changes
from tracker.actions.models import Action
from tracker.inspections.models import Inspection, Intervention, Visit
from tracker.plans import changes as plan_changes
from tracker.plans.models import Plan

OTHER_PLAN, OTHER_VISIT = "OTHERPLANMARK", "OTHERVISITMARK"


@pytest.fixture
def two_parts(ours):
    """Our council, with a second inspection, its visit and its plan, whose every text bears a mark."""
    office = ours.office.user
    inspection = factories.make_inspection(
        ours.authority, "other-2024", kind=OTHER_VISIT, source=OTHER_VISIT, published_on=date(2024, 3, 9)
    )
    recommendation = factories.make_recommendation(inspection, title=OTHER_VISIT, text=OTHER_VISIT)
    visit = factories.make_visit(ours.authority, "other-visit", inspection=inspection, focus=OTHER_VISIT)
    finding = factories.make_finding(visit, text=OTHER_VISIT, recommendation=recommendation)
    plan = factories.make_plan(
        ours.authority, "other-plan", title=OTHER_PLAN, answers=[inspection], starts_on=date(2024, 2, 2)
    )
    priority = factories.make_priority(plan, title=OTHER_PLAN)
    made = {"recommendation": recommendation, "finding": finding, "by": office, "plan": plan, "priority": priority}
    for fields in ({}, {"is_restricted": True, "restricted_reason": OTHER_PLAN}):
        filled_action(f"{OTHER_PLAN} action", OTHER_PLAN, owner=office, **made, **fields)
    action_changes.submit_plan(plan, by=office, on=TODAY, reason=OTHER_PLAN)
    plan_changes.record_submission(
        plan, step="ofsted", done_on=TODAY, proof=OTHER_PLAN, by=office, on=TODAY, reason=OTHER_PLAN
    )
    return ours


def member(ours, **part):
    """Our inspector, with access to a part."""
    held = ours.inspector.memberships[0]
    account_changes.change_access(
        held,
        starts_on=TODAY,
        ends_on=held.ends_on,
        by=ours.office.user,
        on=TODAY,
        reason="Only a part",
        **{"only_plan": "", "only_visit": "", **part},
    )
    return factories.member_of(ours.authority, ours.inspector.user)


def said_anywhere(client, *, marks) -> list[str]:
    """The pages that bear one of the words, of the inspector site and of the rest of the product."""
    pages = [*every_page(), "/inspect/actions/action/?q=OTHER", "/inspect/actions/action/?download=csv", *walk(client)]
    return [page for page in pages if any(mark in text_of(client.get(page)) for mark in marks)]


def test_without_a_part_both_are_shown(client, two_parts, signed_in):
    signed_in(client, two_parts.inspector)

    assert len(said_anywhere(client, marks=[OTHER_PLAN])) > 20
    assert len(said_anywhere(client, marks=[OTHER_VISIT])) > 10


def test_access_to_one_plan_shows_nothing_of_another(client, two_parts, signed_in):
    signed_in(client, member(two_parts, only_plan="ours-plan"))

    assert said_anywhere(client, marks=[OTHER_PLAN]) == []
    assert OURS in text_of(client.get("/plans/ours-plan/"))
    assert client.get("/plans/other-plan/").status_code == 404
    assert client.get("/visits/other-visit/").status_code == 200


def test_access_to_one_visit_shows_what_it_follows_up_and_nothing_else(client, two_parts, signed_in):
    signed_in(client, member(two_parts, only_visit="ours-visit"))

    assert said_anywhere(client, marks=[OTHER_PLAN, OTHER_VISIT]) == []
    assert OURS in text_of(client.get("/plans/ours-plan/"))
    assert OURS in text_of(client.get("/visits/ours-visit/"))
    for address in ("/plans/other-plan/", "/visits/other-visit/", "/inspections/other-2024/"):
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("part", [{"only_plan": "ours-plan"}, {"only_visit": "ours-visit"}])
@pytest.mark.parametrize("shown", ADMINS, ids=name_of)
def test_a_part_shows_no_more_than_the_whole_and_most_of_it_is_there(two_parts, part, shown):
    whole = {row.pk for row in shown.rows(two_parts.inspector)}
    seen = {row.pk for row in shown.rows(member(two_parts, **part))}

    assert seen <= whole
    if shown.model is Intervention and "only_visit" in part:
        assert not seen  # It follows no inspection here, so no visit leads to it.
    else:
        assert bool(seen) == bool(whole)


def test_what_is_restricted_elsewhere_is_not_even_counted(client, two_parts, signed_in):
    signed_in(client, two_parts.inspector)
    assert "2 restricted actions are not shown." in text_of(client.get("/inspect/actions/action/"))

    signed_in(client, member(two_parts, only_plan="ours-plan"))

    assert "1 restricted action is not shown." in text_of(client.get("/inspect/actions/action/"))


def test_a_visit_brings_the_earlier_visits_of_its_inspection_and_no_later_one(ours):
    inspection = Visit.objects.get(reference="ours-visit").inspection
    for number, reference, day in ((2, "earlier", date(2026, 4, 1)), (3, "later", date(2026, 9, 1))):
        factories.make_visit(
            ours.authority, reference, inspection=inspection, sequence=number, starts_on=day, ends_on=day
        )

    seen = Visit.objects.visible_to(member(ours, only_visit="ours-visit"))

    assert {visit.reference for visit in seen} == {"ours-visit", "earlier"}


def test_a_part_that_is_not_there_shows_nothing(ours):
    for part in ({"only_plan": "gone"}, {"only_visit": "gone"}):
        seen = member(ours, **part)
        assert not Action.objects.visible_to(seen).exists()
        assert not Plan.objects.visible_to(seen).exists()
    assert not Inspection.objects.visible_to(seen).exists()


def test_a_part_is_for_inspectors_only(ours):
    held = member(ours, only_plan="gone")
    factories.make_member(ours.authority, Role.COUNCILLOR, user=held.user)

    assert factories.member_of(ours.authority, held.user).scope is None
