"""One recommendation: what Ofsted said, and what is being done about it."""

from datetime import date

import pytest

from tests import factories
from tests.factories import TODAY
from tests.reports.pages import links_of, words_of
from tracker.actions.rules import Difference
from tracker.inspections.models import Finding, Recommendation

ADDRESS = "/inspections/2026-ilacs/recommendations/1/"


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def get(client, signed_in, office):
    def page(address=ADDRESS, *, member=office):
        return signed_in(client, member).get(address)

    return page


@pytest.fixture
def words(get):
    def words_at(**options):
        response = get(**options)
        assert response.status_code == 200
        return words_of(response.content.decode())

    return words_at


@pytest.fixture
def inspection(council):
    return factories.make_inspection(council)


@pytest.fixture
def asked(inspection):
    return factories.make_recommendation(
        inspection,
        kind=Recommendation.Kind.PRIORITY_ACTION,
        paragraph="12",
        heading="The local authority should:",
        timescale="within three months",
        title="Response to referrals",
        text="Improve the timeliness of the response to contacts.",
        source="Report of March 2026: https://reports.example/80442",
    )


@pytest.mark.usefixtures("asked")
def test_the_page_quotes_the_report_and_marks_its_words(words):
    page = words()

    assert "ILACS inspection, March 2026: priority and immediate action, paragraph 12" in page
    assert "1. Response to referrals" in page
    assert "What the report says Ofsted’s words “Improve the timeliness of the response to contacts.”" in page
    assert "Heading The local authority should:" in page
    assert "Timescale within three months" in page
    assert "Addressed to The council" in page
    assert "Report published 9 March 2026" in page
    assert "Source: Report of March 2026: https://reports.example/80442" in page


def test_a_paraphrase_is_marked_and_not_quoted(inspection, words):
    factories.make_recommendation(inspection, text="Answer referrals sooner.", is_paraphrase=True)

    page = words()

    assert "What the report says Paraphrase Answer referrals sooner." in page
    assert "“" not in page
    assert "Timescale Not given" in page


def test_its_actions_have_owner_deadline_difference_and_status(council, asked, words, get):
    plan = factories.make_plan(council)
    action = factories.make_action(
        plan=plan,
        recommendations=[asked],
        owner=factories.priya(council).user,
        deadline=date(2026, 5, 1),
        difference=Difference.ACTIVITY,
    )

    assert "1 action answers it." in words()
    assert f"{action} Priya Nair 1 May 2026 2 days overdue Evidence of activity Overdue" in words()
    assert dict(links_of(get().content.decode()))[str(action)] == action.get_absolute_url()


@pytest.mark.usefixtures("asked")
def test_without_an_action_the_gap_is_said(words):
    page = words()

    assert "No action." in page
    assert "No action answers this recommendation yet." in page


def test_a_cancelled_action_is_shown_last_and_answers_nothing(council, asked, words, get):
    plan = factories.make_plan(council)
    factories.make_action(plan=plan, recommendations=[asked], reference="3.1", cancelled_on=TODAY)

    assert "No action." in words()
    factories.make_action(plan=plan, recommendations=[asked], reference="3.2", deadline=date(2026, 9, 1))
    assert [row.title.split()[0] for row in get().context["rows"]] == ["3.2", "3.1"]


def test_findings_that_repeat_it_are_quoted_with_their_actions(council, asked, words, get):
    plan = factories.make_plan(council)
    visit = factories.make_visit(council, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    answered = factories.make_finding(visit, number=4, text="Children wait.", recommendation=asked)
    factories.make_finding(visit, number=5, text="Notes are late.", recommendation=asked, is_paraphrase=True)
    factories.make_finding(visit, Finding.Kind.STRENGTH, text="Staff know children.", recommendation=asked)
    factories.make_finding(visit, number=6, text="About something else.")
    action = factories.make_action(
        plan=plan, recommendations=[asked], findings=[answered], owner=factories.priya(council).user
    )
    page = words()

    assert "Finding 5 has no action." in page
    assert f"“Children wait.” Ofsted’s words, needs work, finding 4 Monitoring visit 1 1 Apr 2026 {action}" in page
    assert "Notes are late. Paraphrase, needs work, finding 5 Monitoring visit 1 1 Apr 2026 No action" in page
    assert (
        "“Staff know children.” Ofsted’s words, strength, finding 1 Monitoring visit 1 1 Apr 2026 None needed" in page
    )
    assert "About something else" not in page
    assert dict(links_of(get().content.decode()))["Monitoring visit 1"] == "/visits/monitoring-1/"


def test_a_repeated_finding_opens_it_again_until_its_actions_are_checked(council, asked, words):
    plan = factories.make_plan(council)
    visit = factories.make_visit(council, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    finding = factories.make_finding(visit, text="Children wait.", recommendation=asked)

    assert (
        "Open again: inspectors repeated it. Monitoring visit 1, 1 April 2026: “Children wait.” No action." in words()
    )
    factories.make_action(plan=plan, recommendations=[asked], findings=[finding])
    assert "“Children wait.” 0 of 1 action complete." in words()


def test_it_is_closed_again_once_all_of_them_are(council, asked, words):
    visit = factories.make_visit(council, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    finding = factories.make_finding(visit, recommendation=asked)
    factories.make_action(council, recommendations=[asked], findings=[finding], completed_on=date(2026, 5, 1))
    factories.make_finding(visit, Finding.Kind.STRENGTH, recommendation=asked)

    assert "Open again" not in words()


def test_a_visit_that_is_still_to_come_has_said_nothing(council, asked, words, today):
    visit = factories.make_visit(council, starts_on=date(2026, 6, 9), ends_on=date(2026, 6, 10))
    undated = factories.make_visit(council, "monitoring-0", starts_on=None, ends_on=None, dates_note="In 2025")
    factories.make_finding(visit, recommendation=asked, text="Children wait.")
    factories.make_finding(undated, recommendation=asked, text="Long ago.")

    assert "Children wait" not in words()
    assert "Long ago" in words()
    today(date(2026, 6, 11))
    assert "Children wait" in words()


def test_a_restricted_action_is_numbered_and_never_shown(council, asked, words):
    plan = factories.make_plan(council)
    visit = factories.make_visit(council, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))
    finding = factories.make_finding(visit, recommendation=asked)
    factories.make_action(
        plan=plan,
        recommendations=[asked],
        findings=[finding],
        title="A secret review",
        is_restricted=True,
        restricted_reason="Names a member of staff",
    )

    page = words(member=factories.dee(council))

    assert "secret" not in page
    assert "1 restricted action is not shown." in page
    assert "No action" not in page
    assert "Restricted action" in page
    assert "A secret review" in words()


def test_a_recommendation_of_another_council_is_not_found(inspection, asked, get):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    theirs = factories.make_inspection(other, "2025-ilacs")
    factories.make_recommendation(theirs)

    assert get("/inspections/2025-ilacs/recommendations/1/").status_code == 404
    assert get("/inspections/2026-ilacs/recommendations/9/").status_code == 404


def test_two_councils_may_have_the_same_address(council, asked, words):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    factories.make_recommendation(factories.make_inspection(other), title="A southern one")

    assert "1. Response to referrals" in words()


@pytest.mark.usefixtures("asked")
def test_a_partner_does_not_find_it(council, get):
    assert get(member=factories.helen(council)).status_code == 404


def test_the_number_of_statements_does_not_grow_with_actions_and_findings(
    council, asked, client, signed_in, office, django_assert_num_queries, django_assert_max_num_queries
):
    plan = factories.make_plan(council)
    visit = factories.make_visit(council, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2))

    def add():
        finding = factories.make_finding(visit, recommendation=asked)
        factories.make_action(plan=plan, recommendations=[asked], findings=[finding])

    add()
    signed_in(client, office).get(ADDRESS)
    with django_assert_max_num_queries(12) as first:
        client.get(ADDRESS)
    for _ in range(12):
        add()

    with django_assert_num_queries(len(first)):
        client.get(ADDRESS)
