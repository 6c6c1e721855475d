"""The pages of pace: what is complete against the plan, the forecast, and how right earlier forecasts were."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests import factories
from tests.factories import TODAY
from tests.reports.pages import links_of, words_of
from tracker.actions import changes
from tracker.actions.models import Reopening
from tracker.actions.rules import Difference, Status
from tracker.audit.history import save_because
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes
from tracker.reports.pace import pages
from tracker.reports.pace.facts import facts_of
from tracker.reports.pace.rules import WEEK, Band, Outlook

FRIDAY = date(2026, 5, 1)  # Of the last whole week before TODAY.


@pytest.fixture
def get(client, signed_in):
    """`get(member, address)` is a page as that member sees it."""

    def page(member, address="/plans/2026/pace/", status=200):
        response = signed_in(client, member).get(address)
        assert response.status_code == status
        return response

    return page


@pytest.fixture
def words(get):
    return lambda *arguments: words_of(get(*arguments).content.decode())


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def plan(council):
    """It began 13 whole weeks ago, on Monday 2 February."""
    return factories.make_plan(council)


def complete_weekly(priority, *numbers, **fields):
    """Actions that were checked on the Fridays of the last weeks, the oldest first: so many in each."""
    for back, number in enumerate(reversed(numbers)):
        for _ in range(number):
            factories.make_action(priority=priority, completed_on=FRIDAY - WEEK * back, **fields)


def open_actions(priority, number, **fields):
    return [factories.make_action(priority=priority, **fields) for _ in range(number)]


def reopen(action, *, on):
    """An action is opened again, and what was claimed and checked before is kept."""
    kept = Reopening(
        action=action,
        on=on,
        at=factories.NOW,
        reason="The visit repeats it",
        claimed_on=action.claimed_on,
        completed_on=action.completed_on,
        checked_by=action.checked_by,
        difference=Difference.NONE,
    )
    save_because(kept, by=None, reason=factories.REASON)
    action.claimed_on = action.completed_on = action.checked_by = None
    save_because(action, by=None, reason=factories.REASON)


@pytest.fixture
def full(council, plan, office):
    """8 of 20 actions are complete, at 0 to 3 a week, in two priorities; 5 are due before the visit of 9 June."""
    first, third = factories.make_priority(plan, 1, "Leadership"), factories.make_priority(plan, 3, "The front door")
    complete_weekly(third, 0, 1, 0, 2, 1, 0, 0, 3, deadline=date(2026, 4, 30))
    complete_weekly(first, 1, deadline=date(2026, 6, 30))
    open_actions(third, 4, deadline=date(2026, 6, 5))
    open_actions(third, 4, deadline=date(2026, 7, 31))
    open_actions(first, 1, deadline=date(2026, 6, 9))
    open_actions(first, 3, deadline=date(2026, 9, 30))
    changes.submit_plan(plan, by=None, on=date(2026, 3, 2), reason="Agreed by the board")
    factories.make_visit(council)
    return plan


# The page


def test_the_answer_comes_first_then_what_is_done_and_the_visit(full, office, words):
    said = words(office)

    assert "At this pace the plan finishes on time or up to 7 weeks late." in said
    assert "8 of 20 actions are complete. The plan as first agreed expected 7 by now." in said
    assert "At this pace, 1 to 5 of the 5 actions due before monitoring visit 1 will be done in time." in said


def test_the_chart_says_in_words_what_it_shows(full, office, get):
    html = get(office).content.decode()

    assert "The shaded band is where 8 in 10 forecasts fall if the pace of the last 8 weeks continues:" in html
    assert "against 30 September 2026 in the plan as first agreed." in html
    assert "8 of 20 actions are complete. The plan as first agreed expected 7 by now." in html
    for label in ("Done: 8", "Plan as first agreed", "Forecast at the pace of", "All 20 actions", "Visit 9 Jun"):
        assert f">{label}</text>" in html
    assert 'role="img" aria-labelledby="pace-title pace-desc"' in html
    assert "style=" not in html


def test_the_legal_date_stands_in_the_chart(full, office, get):
    inspection_changes.start_clocks(full.inspections.get(), calendar=calendar(), by=None)

    assert ">Plan due 14 May</text>" in get(office).content.decode()


def test_the_table_has_the_figures_of_the_chart(full, office, words):
    said = words(office)

    assert "30 Apr 2026 4 4 7 –" in said  # The plan's 7 were due by then.
    assert "Today, 6 May 2026 8 8 7 –" in said
    assert "30 Jun 2026 – – 13 10 to 20" in said


def test_each_priority_has_its_own_pace(full, office, get, words):
    said = words(office)

    assert "3. The front door 7 of 15 complete in 3. The front door 7 Finishes on time or up to 9 weeks late" in said
    assert "1. Leadership 1 of 5 complete in 1. Leadership 0 Too little history: 1 action was completed" in said
    links = dict(links_of(get(office).content.decode()))
    assert links["3. The front door"] == "/plans/2026/pace/?priority=3"


def test_one_priority_is_shown_alone(full, office, words):
    said = words(office, "/plans/2026/pace/?priority=3")

    assert "At this pace this priority finishes on time or up to 9 weeks late." in said
    assert "7 of 15 actions are complete." in said
    assert "of the 4 actions due before monitoring visit 1" in said
    assert "By priority" not in said


@pytest.mark.parametrize("number", ["2", "x", "-1"])
def test_a_priority_that_the_plan_has_not_is_not_found(full, office, get, number):
    get(office, f"/plans/2026/pace/?priority={number}", 404)
    get(office, f"/plans/2026/pace/back-test/?priority={number}", 404)


def test_every_number_opens_a_list_with_that_many_rows(full, office, get, client):
    links = links_of(get(office).content.decode())
    numbered = [(said, address) for said, address in links if "#actions" in address]

    assert len(numbered) == 4
    for said, address in numbered:
        number = int("".join(filter(str.isdigit, said.partition(" of ")[0])))
        assert client.get(address).context["list"].total == number, said


# What counts


def test_complete_is_checked_and_what_is_claimed_stands_beside_it(plan, office, words):
    priority = factories.make_priority(plan)
    complete_weekly(priority, 2, 2)
    factories.make_action(priority=priority, claimed_on=date(2026, 5, 4))

    said = words(office)

    assert "Today, 6 May 2026 4 5 0 –" in said


def test_a_reopened_action_counts_from_its_check_to_the_day_it_was_reopened_and_again_after(plan, office):
    priority = factories.make_priority(plan)
    complete_weekly(priority, 1, 1, 1, 1, 0, 0, 0)
    action = plan.actions.order_by("completed_on", "pk").first()
    first_on = action.completed_on
    reopen(action, on=first_on + WEEK * 4)

    record = facts_of(plan, office).record()
    assert [record.complete.at(first_on + timedelta(days=days)) for days in (-1, 0, 27, 28)] == [0, 1, 4, 3]
    assert record.claimed.at(first_on + WEEK * 4) == 3

    factories.make_update(factories.fresh(action), says_done=True, on=TODAY)
    changes.complete(factories.fresh(action), by=office.user, on=TODAY, reason="Checked again")
    record = facts_of(plan, office).record()
    assert [record.complete.at(day) for day in (TODAY - timedelta(days=1), TODAY)] == [3, 4]


def test_cancelled_actions_leave_the_plan_on_their_day(plan, office):
    priority = factories.make_priority(plan)
    open_actions(priority, 2, deadline=date(2026, 4, 1))
    factories.make_action(priority=priority, deadline=date(2026, 4, 1), cancelled_on=date(2026, 4, 20))
    factories.make_action(priority=priority, deadline=date(2026, 6, 1), cancelled_on=date(2026, 4, 20))

    record = facts_of(plan, office).record()

    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 19), date(2026, 4, 20), date(2026, 6, 1)]
    assert [record.whole.at(day) for day in days] == [4, 4, 4, 2, 2]
    assert [record.agreed.at(day) for day in days] == [0, 3, 3, 2, 2]


def test_the_plan_as_first_agreed_does_not_move_with_a_deadline(full, office):
    action = full.actions.filter(deadline=date(2026, 6, 5)).first()
    before = facts_of(full, office).record().agreed

    factories.make_deadline_change(action, date(2026, 8, 28))

    after = facts_of(full, office).record().agreed
    assert (before.days, before.levels) == (after.days, after.levels)


# Without a band


def test_a_plan_without_actions_says_what_will_be_here(plan, office, words):
    said = words(office)

    assert "The plan has no actions yet." in said
    assert "What is complete will be shown here against the plan." in said


def test_too_little_history_says_so(plan, office, words):
    complete_weekly(factories.make_priority(plan), 1, 1)
    open_actions(factories.make_priority(plan), 3)

    said = words(office)

    assert (
        "Too little history to forecast: 2 actions were completed in the last 8 weeks, and it takes 3. 2 of 5" in said
    )
    assert "There is no forecast yet: 2 actions were completed in the last 8 weeks, and it takes 3." in said


def test_a_young_plan_has_no_forecast(council, office, words, today):
    today(date(2026, 3, 11))
    plan = factories.make_plan(council)
    open_actions(factories.make_priority(plan), 3)

    assert "Too little history to forecast: 5 whole weeks have passed since the plan began, and it takes 6." in words(
        office
    )


def test_a_plan_that_stands_still_does_not_finish(plan, office, council, words):
    priority = factories.make_priority(plan)
    complete_weekly(priority, 4, *[0] * 8)
    open_actions(priority, 3, deadline=date(2026, 6, 1))
    factories.make_visit(council)

    said = words(office)

    assert "At this pace the plan does not finish." in said
    assert "No action was completed in the last 8 weeks, so there is no band." in said
    assert "At this pace, none of the 3 actions due before monitoring visit 1 will be done in time." in said


def test_a_plan_that_is_done_says_so(plan, office, words):
    complete_weekly(factories.make_priority(plan), 2, 1)

    assert "All 3 actions are complete." in words(office)


# Who sees what


def test_a_restricted_action_is_left_out_and_told_of(full, council, office, words):
    factories.make_action(
        plan=full,
        completed_on=FRIDAY,
        title="The wording nobody may see",
        is_restricted=True,
        restricted_reason="It is about a member of staff",
    )

    assert "9 of 21 actions are complete." in words(office)
    said = words(factories.dee(council))
    assert "8 of 20 actions are complete." in said
    assert "1 restricted action is not shown to you and not counted here." in said
    assert "nobody may see" not in said


ADDRESSES = ("pace/", "pace.csv", "pace/back-test/", "pace/back-test.csv")


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_councils_plan_is_not_found(full, get, address):
    other = factories.make_authority("Southmere Council", "southmere")

    get(factories.make_member(other, Role.PROGRAMME_OFFICE, "Sal Ford"), f"/plans/2026/{address}", 404)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_partner_is_not_shown_the_plans_pace(full, council, get, address):
    get(factories.helen(council), f"/plans/2026/{address}", 404)


@pytest.mark.parametrize("address", ADDRESSES)
def test_inspectors_councillors_and_chairs_see_it(full, council, get, address):
    get(factories.ines(council), f"/plans/2026/{address}")
    get(factories.make_member(council, Role.COUNCILLOR, "Carol Bright"), f"/plans/2026/{address}")
    get(factories.make_member(council, Role.CHAIR, "Cas Bell"), f"/plans/2026/{address}")


# The back-test


def test_each_week_of_the_past_shows_the_forecast_then_and_what_happened(plan, office, words):
    """One a week for 8 weeks, then none: nobody could see the stop coming."""
    priority = factories.make_priority(plan)
    complete_weekly(priority, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
    open_actions(priority, 12)

    said = words(office, "/plans/2026/pace/back-test/")

    assert "The band held what happened in 0 of 4 weeks, 0%. That is too few weeks to judge by." in said
    assert "15 Mar 2026 6 12 Apr 2026 10 8 Fewer than forecast" in said
    assert "3 May 2026 8 31 May 2026 8 to 11 – Known after 31 May 2026" in said
    assert "8 Mar 2026 5 5 Apr 2026 None: 5 weeks since the plan began 8 No forecast to check" in said
    assert said.index("3 May 2026 8 31 May") < said.index("15 Mar 2026 6 12 Apr")


def test_eight_weeks_ahead_can_be_chosen(full, office, get, words):
    said = words(office, "/plans/2026/pace/back-test/?ahead=8&priority=3")

    assert "how many actions would be complete 8 weeks later" in said
    assert "3. The front door" in said
    links = dict(links_of(get(office, "/plans/2026/pace/back-test/?ahead=8&priority=3").content.decode()))
    assert links["4 weeks ahead"] == "/plans/2026/pace/back-test/?priority=3&ahead=4"


def test_a_plan_that_began_this_week_has_no_week_to_try(council, office, words):
    factories.make_plan(council, starts_on=date(2026, 5, 4))

    said = words(office, "/plans/2026/pace/back-test/")

    assert "No forecast of the past can be checked yet." in said
    assert "since the plan began on 4 May 2026 will be listed here" in said


def test_a_steady_plan_is_judged_by_its_weeks(council, office, today):
    """Of 24 weeks those that held are told as a share."""
    today(date(2026, 11, 2))
    plan = factories.make_plan(council)
    priority = factories.make_priority(plan)
    for week in range(38):
        if week % 3 != 1:
            factories.make_action(priority=priority, completed_on=date(2026, 2, 4) + WEEK * week)
    open_actions(priority, 20)

    test = pages.back_test_of(facts_of(plan, office).record(), on=date(2026, 11, 2), ahead=4)

    assert test.known == 30
    assert test.verdict.tone == Status.ON_TRACK
    assert f"{test.held} of 30 weeks" in test.verdict.lead


# Downloads


def rows_of(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_figures_of_the_chart_can_be_taken_away_week_by_week(full, office, get):
    response = get(office, "/plans/2026/pace.csv")
    rows = rows_of(response)

    assert response["Content-Disposition"] == 'attachment; filename="northbridge-2026-pace-2026-05-06.csv"'
    assert rows[0] == list(pages.HEADINGS)
    by_day = {row[0]: row[1:] for row in rows[1:]}
    assert by_day["2026-05-03"] == ["8", "8", "7", "", "", ""]
    assert by_day["2026-05-06"] == ["8", "8", "7", "", "", ""]
    assert by_day["2026-06-28"][:3] == ["", "", "12"]
    assert all(by_day["2026-06-28"][3:])


def test_the_back_test_can_be_taken_away_for_both_distances(full, office, get):
    rows = rows_of(get(office, "/plans/2026/pace/back-test.csv?priority=3"))

    assert rows[0] == list(pages.BACK_TEST_HEADINGS)
    assert len(rows) == 1 + 2 * 13
    assert {row[3] for row in rows[1:]} == {"4", "8"}
    assert ["2026-04-05", "3", "0, 0, 0, 0, 0, 1, 0, 2", "4", "2026-05-03", "3", "4", "7", "7", "yes"] in rows


# For the dashboard and the page of a visit


def test_the_dashboards_section_takes_one_query_however_large_the_plan(full, office, council):
    visit = council.visits.get()
    pages.dash_pace(full, office, on=TODAY, visit=visit, legal_on=None)

    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            section = pages.dash_pace(full, office, on=TODAY, visit=visit, legal_on=None)
        assert len(asked) == 1
        open_actions(factories.make_priority(full, 5, "Recording"), 6)

    assert section.verdict.lead == "At this pace the plan finishes on time or up to 19 weeks late"
    assert section.before_visit.band == Band(1, 4, 5)
    assert section.url == "/plans/2026/pace/"


def test_the_dashboards_section_is_drawn(full, office, rf):
    from django.template.loader import render_to_string

    html = render_to_string(
        "reports/_dash_pace.html", {"pace": pages.dash_pace(full, office, on=TODAY, visit=None, legal_on=None)}
    )

    assert 'id="pace-heading">At this pace the plan finishes on time or up to 7 weeks late</h2>' in html
    assert "Show this chart as a table" in html


def test_a_visit_asks_what_will_be_done_before_it(full, office, council):
    visit = council.visits.get()

    assert pages.before_visit(full, office, visit, on=TODAY).band == Band(1, 4, 5)
    assert pages.before_visit(full, office, visit, on=date(2026, 6, 10)) is None


@pytest.mark.parametrize(("address", "statements"), [("pace/", 9), ("pace/back-test/", 7)])
def test_the_pages_ask_as_much_however_large_the_plan(full, office, get, client, address, statements):
    get(office, f"/plans/2026/{address}")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/plans/2026/{address}")
        counts.append(len(asked))
        open_actions(factories.make_priority(full, 5, "Recording"), 6)

    assert counts[0] == counts[1]
    assert counts[0] <= statements


def test_the_forecast_of_the_past_knows_nothing_of_what_came_later(plan, office):
    priority = factories.make_priority(plan)
    complete_weekly(priority, 1, 1, 1, 1, 1, 1, 0, 0, 0, 9)
    record = facts_of(plan, office).record()

    trials = {trial.forecast.on: trial.forecast for trial in pages.rules.back_test(record, TODAY, 4)}

    assert trials[date(2026, 4, 5)].outlook is Outlook.FORECAST
    assert trials[date(2026, 4, 5)].weeks == [0, 0, 1, 1, 1, 1, 1, 1]
