"""How the plan differs between two days, and the day to look back to."""

import csv
from datetime import date

import pytest

from accounts.roles import Role
from tests import factories
from tests.factories import REASON, TODAY
from tests.looking_back.test_pages import change
from tests.reports.pages import links_of, words_of
from tracker.actions import changes

ADDRESS = "/plans/2026/compare/"


@pytest.fixture
def changed_since_april(plan_of_april, now):
    """On 20 April an action moved, went to Marcus and was rated; one was added and the police's was cancelled."""
    made = plan_of_april
    now(date(2026, 4, 20))
    factories.make_update(made["action"], rating="at_risk", on=date(2026, 4, 20))
    factories.make_deadline_change(factories.fresh(made["action"]), date(2026, 5, 22))
    changes.hand_over(
        factories.fresh(made["action"]), to=made["marcus"].user, by=None, on=date(2026, 4, 20), reason=REASON
    )
    factories.make_action(plan=made["plan"], title="Added in April")
    changes.cancel(factories.fresh(made["of police"]), by=None, on=date(2026, 4, 20), reason="No longer needed")
    now(TODAY)
    return made


@pytest.fixture
def page(client, signed_in):
    def read(member, query="", address=ADDRESS):
        response = signed_in(client, member).get(f"{address}{query}")
        assert response.status_code == 200
        return response.content.decode()

    return read


def test_counts_come_first_then_what_was_and_what_is(changed_since_april, page):
    words = words_of(page(changed_since_april["office"], "?from=2026-04-10&to=2026-05-06"))

    assert (
        "1 action was added, 1 closed, 1 moved to another deadline, 1 given to another owner and 1 rated otherwise."
        in words
    )
    assert "Added in April" in words
    assert "Before: Priya Nair, Screening manager Now: Marcus Oyelaran" in words
    assert "Before: 1 May 2026 Now: 22 May 2026" in words


def test_on_the_first_day_that_is_recorded_there_is_nothing_to_compare_yet(db, page, now):
    now(TODAY)
    new_here = factories.make_authority("Southmere Borough Council", "southmere")
    plan = factories.make_plan(new_here)

    html = page(factories.aisha(new_here), address=f"{plan.get_absolute_url()}compare/")

    assert "There is nothing to compare yet: what is recorded of this council begins today." in words_of(html)
    assert "There is a problem" not in html


def test_two_days_of_the_past_are_compared_as_well(changed_since_april, page):
    office = changed_since_april["office"]

    assert "1 action was added" in words_of(page(office, "?from=2026-04-10&to=2026-04-20"))
    assert "Nothing differs." in words_of(page(office, "?from=2026-04-05&to=2026-04-10"))


def test_without_days_it_compares_from_a_month_ago_to_today(changed_since_april, page):
    words = words_of(page(changed_since_april["office"]))

    assert "From 6 April 2026 to 6 May 2026" in words


def test_presets_lead_to_the_last_visit_the_plan_as_submitted_and_a_month_ago(changed_since_april, council, page, now):
    made = changed_since_april
    factories.make_visit(council, "focused-1", kind="focused", starts_on=date(2026, 4, 7), ends_on=date(2026, 4, 8))
    factories.make_submission(made["plan"], done_on=date(2026, 4, 9))
    change(made["plan"], board_meets_on=date(2026, 4, 14))

    links = dict(links_of(page(made["office"])))

    assert links["The last board, 14 April 2026"] == "?from=2026-04-14&to=2026-05-06"
    assert links["The last visit, 7 April 2026"] == "?from=2026-04-07&to=2026-05-06"
    assert links["As submitted, 9 April 2026"] == "?from=2026-04-09&to=2026-05-06"
    assert links["A month ago, 6 April 2026"] == "?from=2026-04-06&to=2026-05-06"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?from=2026-04-10&to=2026-04-10", "Enter two different days"),
        ("?from=2026-04-11&to=2026-04-10", "Enter a day after 11 April 2026"),
        ("?from=2026-03-31&to=2026-04-10", "Enter 1 April 2026 or a later day: nothing is recorded before it"),
        ("?from=2026-04-10&to=2026-05-07", "7 May 2026 has not come yet. Enter today or a day before it"),
        ("?from=2026-02-30&to=2026-05-06", "Enter the first day that is a real date"),
        ("?from=yesterday&to=2026-05-06", "Enter the first day that includes a day and a month"),
        ("?from-day=1&from-month=&from-year=2026&to=2026-05-06", "Enter the first day that includes a month"),
    ],
)
def test_days_that_cannot_be_compared_are_refused_beside_the_field(query, words, changed_since_april, page, client):
    html = page(changed_since_april["office"], query)

    assert words in words_of(html)
    assert "<title>Error: Compare two days" in html
    assert client.get(f"/plans/2026/compare.csv{query}").status_code == 404


def test_the_download_holds_the_same(changed_since_april, client, signed_in):
    query = "?from=2026-04-10&to=2026-05-06"
    response = signed_in(client, changed_since_april["office"]).get(f"/plans/2026/compare.csv{query}")
    rows = list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))

    assert 'filename="northbridge-2026-2026-04-10-to-2026-05-06.csv"' in response["Content-Disposition"]
    assert ["Changed", "3.1", changed_since_april["action"].title, "Deadline", "1 May 2026", "22 May 2026"] in rows
    assert ["Added", "3.4", "Added in April", "", "", ""] in rows


def test_what_is_restricted_on_either_day_or_today_is_only_counted(changed_since_april, council, page):
    chair = factories.make_member(council, Role.CHAIR, "Carol Dunn")
    change(changed_since_april["action"], is_restricted=True, restricted_reason="It is about a member of staff")

    html = page(chair, "?from=2026-04-10&to=2026-04-20")

    assert "Screen every notification within" not in html
    assert "The wording nobody may see" not in html
    assert "2 restricted actions are not shown." in words_of(html)


def test_another_councils_plan_is_not_compared(changed_since_april, client, signed_in):
    other = factories.make_authority("Southmere Council", "southmere")
    stranger = factories.make_member(other, Role.PROGRAMME_OFFICE, "Omar Reid")

    assert signed_in(client, stranger).get(ADDRESS).status_code == 404
    assert client.get("/plans/2026/compare.csv").status_code == 404


def test_a_short_address_leads_to_the_current_plan(changed_since_april, client, signed_in):
    response = signed_in(client, changed_since_april["office"]).get("/compare/?from=2026-04-10&to=2026-05-06")

    assert response["Location"] == "/plans/2026/compare/?from=2026-04-10&to=2026-05-06"


def test_a_chosen_day_leads_to_the_plan_of_that_day(plan_of_april, client, signed_in, page):
    office = plan_of_april["office"]
    response = signed_in(client, office).get("/as-at/?on-day=10&on-month=april&on-year=2026")

    assert response["Location"] == "/as-at/2026-04-10/plan/"
    assert "Enter a day" in words_of(page(office, "?on-day=&on-month=&on-year=", "/as-at/"))
    assert "has not come yet" in words_of(page(office, "?on=2026-05-07", "/as-at/"))
    assert ("As at a day", "/as-at/") in links_of(page(office, "", "/plans/2026/"))
    assert signed_in(client, plan_of_april["helen"]).get("/as-at/").status_code == 404


def test_inspectors_come_to_a_day_from_their_home(plan_of_april, council, page):
    ines = factories.ines(council)

    assert ("Plan as at a date", "/as-at/") in links_of(page(ines, "", "/inspect/"))
    assert "3.1 Screen every notification" in page(ines, "", "/as-at/2026-04-10/plans/2026/")
