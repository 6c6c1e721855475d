"""The deadlines of a plan that moved: how often, by how much in all, and what was asked for and not agreed."""

import csv
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.actions.pages import text_of
from tests.factories import (
    TODAY,
    aisha,
    dee,
    helen,
    ines,
    make_action,
    make_authority,
    make_deadline_change,
    make_member,
    make_plan,
    make_priority,
    make_request,
    make_user,
    priya,
)
from tracker.actions import changes

pytestmark = pytest.mark.django_db

PAGE = "/plans/2026/deadline-changes/"


@pytest.fixture
def office(council):
    return aisha(council)


@pytest.fixture
def plan(council):
    return make_plan(council)


@pytest.fixture
def moved(council, plan):
    """3.1 moved twice by 25 days; 3.2 brought forward; 3.3 refused; 4.4 waits; 3.5 as it was; 3.6 withdrawn."""
    plans = make_priority(plan, 4, "Plans")
    first = make_action(plan=plan, owner=priya(council).user, deadline=date(2026, 4, 13))
    make_deadline_change(first, date(2026, 4, 27))
    make_deadline_change(first, date(2026, 5, 19), reason_kind="partner")
    second = make_action(plan=plan, deadline=date(2026, 6, 30))
    make_deadline_change(second, date(2026, 6, 29), reason_kind="system")
    third = make_action(plan=plan)
    refused = make_request(third, date(2026, 8, 7), reason_kind="money")
    by, day = make_user("Lena Lead"), {"on": TODAY, "at": refused.asked_at}
    changes.refuse(refused, by=by, reason="Children would wait.", **day)
    make_request(make_action(priority=plans), date(2026, 8, 14))
    make_action(plan=plan)
    withdrawn = make_request(make_action(plan=plan), date(2026, 8, 7))
    changes.withdraw(withdrawn, by=withdrawn.asked_by, reason="Not needed", **day)


@pytest.fixture
def get(client, signed_in, office):
    def page(query="", member=office):
        answer = signed_in(client, member).get(f"{PAGE}{query}")
        assert answer.status_code == 200
        return answer

    return page


def listed(answer):
    return [row.title.split()[0] for row in answer.context["rows"]]


@pytest.mark.usefixtures("moved")
def test_it_adds_up_what_moved_and_what_was_not_agreed(get):
    text = text_of(get())

    assert "2 of 6 deadlines have moved, 3 times in all, by 24 working days." in text
    assert "1 request waits for a decision, 1 request was refused, 1 request was withdrawn." in text


@pytest.mark.usefixtures("moved")
def test_each_row_says_first_agreed_now_in_all_and_how_often(get):
    text = text_of(get())

    assert (
        "Priya Nair 13 Apr 2026 19 May 2026 16 working days late against the date first agreed "
        "25 working days later Recruitment, Waiting on a partner 2 None" in text
    )
    assert "30 Jun 2026 29 Jun 2026 1 working day earlier Recording or other systems 1 None" in text
    assert "Not sent yet 31 Jul 2026 Not moved 0 7 Aug 2026: refused" in text


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("", ["3.1", "3.3", "4.4", "3.6", "3.2"]),
        ("?sort=slip", ["3.2", "3.3", "4.4", "3.6", "3.1"]),
        ("?sort=action", ["3.1", "3.2", "3.3", "4.4", "3.6"]),
        ("?sort=-moves", ["3.1", "3.2", "3.3", "4.4", "3.6"]),
        ("?sort=now", ["3.1", "3.2", "3.3", "4.4", "3.6"]),
        ("?sort=first", ["3.1", "3.2", "3.3", "4.4", "3.6"]),
        ("?sort=<script>", ["3.1", "3.3", "4.4", "3.6", "3.2"]),
        ("?priority=4", ["4.4"]),
        ("?kind=partner", ["3.1"]),
        ("?kind=money", ["3.3"]),
        ("?requests=asked", ["4.4"]),
        ("?requests=refused", ["3.3"]),
        ("?requests=withdrawn", ["3.6"]),
        ("?kind=system&priority=4", []),
    ],
)
def test_it_sorts_and_filters(get, query, references):
    assert listed(get(query)) == references


@pytest.mark.usefixtures("moved")
def test_a_filter_nobody_knows_is_an_error_and_lets_all_through(get):
    answer = get("?kind=weather")

    assert "Select a kind of reason from the list" in text_of(answer)
    assert len(listed(answer)) == 5


@pytest.mark.usefixtures("moved")
def test_filters_in_use_are_chips_and_an_empty_list_says_so(get):
    answer = get("?kind=system&priority=4")

    assert [chip["label"] for chip in answer.context["chips"]] == [
        "Priority: 4. Plans",
        "Kind of reason: Recording or other systems",
    ]
    assert "No deadline change matches these filters." in text_of(answer)


def test_a_plan_in_which_nothing_moved_says_so(get, plan):
    make_action(plan=plan)

    text = text_of(get())

    assert "No deadline has moved." in text
    assert "No deadline of this plan has moved, and nobody has asked for another." in text


@pytest.mark.usefixtures("moved")
def test_the_download_holds_every_move_and_request_of_the_list(get):
    answer = get("?download=csv&kind=partner")

    lines = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert "northbridge-deadline-changes-2026-05-06.csv" in answer["Content-Disposition"]
    assert [(line["Action"], line["From"], line["To"], line["Working days"]) for line in lines] == [
        ("3.1", "2026-04-13", "2026-04-27", "10"),
        ("3.1", "2026-04-27", "2026-05-19", "15"),
    ]

    answer = get("?download=csv&requests=refused")
    (line,) = csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines())
    assert (line["What happened"], line["Decided by"], line["Why it was decided so"]) == (
        "Refused",
        "Lena Lead",
        "Children would wait.",
    )


def test_restricted_actions_are_counted_and_not_shown(get, council, plan):
    hidden = make_action(plan=plan, title="Allegations", is_restricted=True, restricted_reason="About one family")
    make_deadline_change(hidden, date(2026, 8, 31))
    make_request(hidden, date(2026, 9, 30), by=make_user("Sam Porter"))

    answer = get(member=dee(council))
    assert "1 restricted action is not shown." in text_of(answer)
    assert "Allegations" not in text_of(answer)
    assert "No deadline has moved." in text_of(answer)
    download = get("?download=csv", member=ines(council))
    assert b"Allegations" not in b"".join(download.streaming_content)

    assert "Allegations" in text_of(get())


def test_who_sees_the_plan_sees_it_and_nobody_else(client, signed_in, council, plan):
    for member in (dee(council), ines(council), make_member(council, Role.CHAIR, "Malcolm Chair")):
        assert signed_in(client, member).get(PAGE).status_code == 200
    assert signed_in(client, helen(council)).get(PAGE).status_code == 403
    make_plan(make_authority("Southmere Council", "southmere"), "2030")
    assert signed_in(client, aisha(council)).get("/plans/2030/deadline-changes/").status_code == 404


def test_long_lists_have_pages(get, plan):
    for number in range(27):
        make_deadline_change(make_action(plan=plan, reference=f"3.{number + 1}"), date(2026, 8, 31))

    assert len(listed(get())) == 25
    assert len(listed(get("?page=2"))) == 2
    assert len(listed(get("?page=nonsense"))) == 25


def test_the_number_of_statements_does_not_grow(client, signed_in, office, plan):
    signed_in(client, office)

    def fill(numbers):
        for number in numbers:
            action = make_action(plan=plan, reference=f"3.{number}")
            make_deadline_change(action, date(2026, 8, 31))
            make_request(action, date(2026, 9, 30))

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE).status_code == 200
        return len(captured)

    fill(range(1, 3))
    before = statements()
    fill(range(3, 13))

    assert statements() == before
    assert before <= 15
