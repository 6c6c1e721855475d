"""The plan's page: what each recommendation has, and the actions; and the page of a council without a plan."""

from datetime import date

import pytest

from accounts.roles import Role
from tests import factories
from tests.reports.pages import links_of, words_of
from tracker.actions.models import Action
from tracker.actions.rules import Difference
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Recommendation


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def get(client, signed_in, office):
    """`get("/plan/")` is the answer for an address, as the programme office sees it."""

    def page(address="/plans/2026/", *, member=office):
        return signed_in(client, member).get(address)

    return page


@pytest.fixture
def words(get):
    def words_at(*arguments, **options):
        response = get(*arguments, **options)
        assert response.status_code == 200
        return words_of(response.content.decode())

    return words_at


@pytest.fixture
def inspection(council):
    return factories.make_inspection(council)


@pytest.fixture
def plan(council, inspection):
    return factories.make_plan(council, answers=[inspection], title="Improvement plan 2026 to 2028")


# The current plan


def test_the_plan_is_the_one_that_began_last(council, plan, get):
    factories.make_plan(council, "2024", starts_on=date(2024, 2, 2))

    response = get("/plan/")

    assert response.status_code == 302
    assert response.url == "/plans/2026/"


def test_without_a_plan_the_recommendations_wait_for_actions(inspection, words, get):
    factories.make_recommendation(inspection, title="Response to referrals", timescale="within three months")
    factories.make_recommendation(
        inspection, title="The board’s own", addressee=Recommendation.Addressee.SAFEGUARDING_BOARD
    )

    page = words("/plan/")

    assert "There is no plan yet" in page
    assert "1 recommendation waits for actions." in page
    assert "ILACS inspection, March 2026" in page
    assert "1. Response to referrals within three months No action" in page
    assert "1 recommendation addressed to others" in page
    links = dict(links_of(get("/plan/").content.decode()))
    assert links["1. Response to referrals"] == "/inspections/2026-ilacs/recommendations/1/"


def test_without_an_inspection_the_page_says_what_will_be_here(words, get):
    page = words("/plan/")

    assert "There is no plan yet" in page
    assert "They will be listed here, each with its actions." in page
    assert dict(links_of(get("/plan/").content.decode()))["See the inspections"] == "/inspections/"


def test_another_councils_plan_is_not_found(plan, get):
    other = factories.make_authority("Southmere Borough Council", "southmere")
    factories.make_plan(other, "southern")

    assert get("/plans/southern/").status_code == 404
    assert get("/plans/nowhere/").status_code == 404


def test_a_partner_is_sent_to_their_own_list(council, plan, get):
    helen = factories.helen(council)

    assert get("/plan/", member=helen).url == "/my-actions/"
    assert get("/plans/2026/", member=helen).status_code == 404


@pytest.mark.parametrize("role", [Role.COUNCILLOR, Role.CHAIR, Role.INSPECTOR, Role.ACTION_OWNER, Role.ADMINISTRATOR])
def test_everyone_else_sees_the_plan(council, plan, words, role):
    member = factories.make_member(council, role, "Someone Else")

    assert "Does every recommendation have what it needs?" in words(member=member)


# Coverage


def test_the_page_says_what_is_missing_and_by_when(inspection, plan, words):
    inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    factories.make_recommendation(inspection)
    factories.make_recommendation(inspection)

    assert (
        "None of the 2 recommendations has an action. 2 have a gap to fix before the plan goes to Ofsted on "
        "14 May 2026." in words()
    )


def test_once_sent_the_page_does_not_say_that_the_plan_goes_to_ofsted(inspection, plan, words):
    inspection_changes.start_clocks(inspection, calendar=calendar(), by=None)
    factories.make_recommendation(inspection)
    factories.make_submission(plan, "ofsted", done_on=date(2026, 5, 1))

    assert "The only recommendation has no action. 1 has a gap to fix. " in words()


def test_each_recommendation_has_a_row_with_links_to_the_lists_behind_its_numbers(council, inspection, plan, get):
    owner = factories.priya(council).user
    factories.make_visit(council)
    asked = factories.make_recommendation(inspection)
    for deadline, difference in ((date(2026, 5, 5), Difference.DIFFERENCE), (date(2026, 7, 1), Difference.DIFFERENCE)):
        action = factories.make_action(
            plan=plan, recommendations=[asked], owner=owner, deadline=deadline, difference=difference
        )
        factories.make_measure(action)
    html = get().content.decode()
    links = dict(links_of(html))

    assert "1. Response to referrals 1 1 1 not started, 1 overdue" in words_of(html)
    due = links["1 of recommendation 1. Response to referrals due before the visit"]
    different = links["2 of recommendation 1. Response to referrals with evidence of difference"]
    assert len(get(due).context["list"].rows) == 1
    assert len(get(different).context["list"].rows) == 2
    assert "All 1 " not in html
    assert "None has a gap." in words_of(html)


def test_without_a_visit_there_is_no_column_for_it(inspection, plan, words):
    factories.make_recommendation(inspection)

    assert "Before visit" not in words()


def test_recommendations_to_others_are_folded_away(inspection, plan, get):
    factories.make_recommendation(inspection)
    factories.make_recommendation(
        inspection, title="Hold partners to account", addressee=Recommendation.Addressee.SAFEGUARDING_BOARD
    )
    html = get().content.decode()

    assert "1 recommendation addressed to others" in words_of(html)
    assert "2. Hold partners to account The safeguarding board or partnership No actions" in words_of(html)
    assert html.index("Hold partners") > html.index("addressed to others")


def test_a_plan_that_answers_two_inspections_has_a_table_for_each(council, inspection, words):
    other = factories.make_inspection(council, "2025-jtai", framework="jtai", published_on=date(2025, 3, 9))
    factories.make_plan(council, answers=[inspection, other])
    factories.make_recommendation(inspection, title="Of the first")
    factories.make_recommendation(other, title="Of the second")

    page = words()

    assert page.index("ILACS inspection, March 2026") < page.index("1. Of the first")
    assert page.index("1. Of the first") < page.index("Joint targeted area inspection, March 2025")


def test_the_note_of_the_plan_stands_at_its_top(council, inspection, words):
    factories.make_plan(council, answers=[inspection], note="This plan is illustrative.")

    assert words().startswith("Improvement plan 2026 Plan This plan is illustrative.")


def test_the_councils_own_choices_are_numbered(plan, words):
    factories.make_action(plan=plan, is_councils_own=True, recommendations=[])

    assert "1 action answers no recommendation: the council’s own choice." in words()


def test_a_restricted_action_is_numbered_in_both_parts(council, inspection, plan, words):
    factories.make_action(
        plan=plan,
        recommendations=[factories.make_recommendation(inspection)],
        title="A secret review",
        is_restricted=True,
        restricted_reason="Names a member of staff",
    )

    page = words(member=factories.dee(council))

    assert "secret" not in page
    assert "1. Response to referrals 1 restricted action" in page
    assert "1 restricted action is not shown." in page


# The list


def test_the_list_is_of_this_plan_and_its_priorities_have_names(council, plan, get):
    factories.make_action(plan=plan, priority=factories.make_priority(plan, 1, "Leadership"), reference="1.1")
    factories.make_action(plan=plan, reference="3.1")
    response = get("/plans/2026/?priority=1")

    assert [row.title.split()[0] for row in response.context["list"].rows] == ["1.1"]
    assert '<option value="1" selected>1. Leadership</option>' in response.content.decode()
    assert [chip.label for chip in response.context["list"].chips] == ["Priority 1. Leadership"]
    assert get("/plans/2026/?priority=4").context["form"].errors


def test_the_page_number_is_in_the_title(plan, get):
    priority = factories.make_priority(plan)
    Action._base_manager.bulk_create(
        Action(authority=plan.authority, plan=plan, priority=priority, reference=f"3.{n}", position=n, title="Do it")
        for n in range(26)
    )

    assert "<title>Plan (page 2 of 2) – Improvement plan" in get("/plans/2026/?page=2").content.decode()
    assert "<title>Plan (page 1 of 2) – Improvement plan" in get().content.decode()


def test_a_plan_without_actions_says_so(plan, words, get):
    assert "There are no actions yet." in words()
    assert "<title>Plan – Improvement plan" in get().content.decode()


def test_only_those_who_run_the_plan_are_offered_to_add_to_it(council, plan, get):
    assert dict(links_of(get().content.decode()))["Add an action"] == "/plans/2026/actions/new/"
    assert "Add an action" not in get(member=factories.dee(council)).content.decode()


def test_only_those_who_send_the_plan_are_offered_to_record_it(council, plan, get):
    rachel = factories.rachel(council)

    assert dict(links_of(get(member=rachel).content.decode()))["Sending and publishing"] == "/plans/2026/sending/"
    assert "Sending and publishing" not in get(member=factories.dee(council)).content.decode()
