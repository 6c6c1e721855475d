"""Which recommendations stand reopened: the rule in Python and the filter in the database give the same answer."""

from datetime import date

import pytest

from tests import factories
from tests.factories import TODAY
from tracker.inspections.models import Finding
from tracker.visits.findings import reopened_recommendations, reopening
from tracker.visits.rules import Repeat, is_reopened

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(council):
    return factories.make_visit(council, starts_on=date(2026, 4, 14), ends_on=date(2026, 4, 15))


@pytest.fixture
def asked(council):
    inspection = factories.make_inspection(council)
    return [factories.make_recommendation(inspection, title=f"Recommendation {number}") for number in range(7)]


def repeats_of(recommendation):
    """What the rule asks about each finding, read row by row."""
    for finding in recommendation.findings.all():
        actions = [row.action for row in finding.answers.all() if row.action.cancelled_on is None]
        yield Repeat(
            needs_work=finding.kind == Finding.Kind.NEEDS_WORK,
            actions=len(actions),
            complete=sum(action.completed_on is not None for action in actions),
        )


def test_the_rule_and_the_filter_agree(council, visit, asked):
    plan = factories.make_plan(council)

    def answer(finding, **fields):
        return factories.make_action(plan=plan, findings=[finding], recommendations=[finding.recommendation], **fields)

    def repeat(recommendation, **fields):
        return factories.make_finding(visit, recommendation=recommendation, **fields)

    none, open_one, half, done, cancelled, strength, never = asked
    repeat(none)
    answer(repeat(open_one))
    finding = repeat(half)
    answer(finding)
    answer(finding, completed_on=date(2026, 5, 1))
    answer(repeat(done), completed_on=date(2026, 5, 1))
    answer(repeat(cancelled), cancelled_on=date(2026, 5, 1))
    repeat(strength, kind=Finding.Kind.STRENGTH)
    member = factories.aisha(council)

    found = reopened_recommendations(member, on=TODAY)

    assert set(found) == {one.pk for one in asked if is_reopened(repeats_of(one))}
    assert set(found) == {none.pk, open_one.pk, half.pk, cancelled.pk}
    assert never.pk not in found


def test_a_restricted_action_counts_for_everyone(council, visit, asked):
    finding = factories.make_finding(visit, recommendation=asked[0])
    factories.make_action(
        plan=factories.make_plan(council),
        findings=[finding],
        recommendations=[asked[0]],
        completed_on=date(2026, 5, 1),
        is_restricted=True,
        restricted_reason="About staff",
    )

    assert reopened_recommendations(factories.dee(council), on=TODAY) == {}


def test_a_visit_that_is_still_to_come_on_a_demonstration_date_has_reopened_nothing(council, asked):
    visit = factories.make_visit(council)
    factories.make_finding(visit, recommendation=asked[0])
    member = factories.aisha(council)

    assert reopened_recommendations(member, on=TODAY) == {}
    assert set(reopened_recommendations(member, on=date(2026, 6, 11))) == {asked[0].pk}


def test_those_of_one_plan_are_those_of_its_inspections(council, visit, asked):
    other = factories.make_recommendation(factories.make_inspection(council, "2021-ilacs"))
    plan = factories.make_plan(council, answers=[asked[0].inspection])
    factories.make_finding(visit, recommendation=asked[0])
    factories.make_finding(visit, recommendation=other)
    member = factories.aisha(council)

    assert set(reopened_recommendations(member, on=TODAY, plan=plan)) == {asked[0].pk}
    assert set(reopened_recommendations(member, on=TODAY)) == {asked[0].pk, other.pk}


def test_the_findings_come_latest_first_and_other_councils_are_left_out(council, visit, asked):
    later = factories.make_visit(council, "monitoring-2", sequence=2, starts_on=date(2026, 4, 28), ends_on=None)
    first = factories.make_finding(visit, recommendation=asked[0])
    second = factories.make_finding(later, recommendation=asked[0])
    other = factories.make_authority("Southmere Borough Council", "southmere")
    theirs = factories.make_visit(other, starts_on=date(2026, 4, 14), ends_on=None)
    factories.make_finding(theirs, recommendation=factories.make_recommendation(factories.make_inspection(other)))

    assert reopened_recommendations(factories.aisha(council), on=TODAY) == {asked[0].pk: [second, first]}
    assert reopening(Finding.objects.of(other), on=TODAY).count() == 1
