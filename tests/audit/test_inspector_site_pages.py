"""What an inspector finds, and in how few steps."""

import csv
import io
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from tests import factories
from tests.audit.pages import every_page, lists, text_of
from tracker.actions import changes
from tracker.actions.models import Action
from tracker.audit.admin import address
from tracker.audit.history import save_because

LIST = "/inspect/actions/action/"


@pytest.fixture
def inspector(client, council, signed_in):
    return signed_in(client, factories.ines(council))


@pytest.fixture
def priya(council):
    return factories.priya(council)


@pytest.fixture
def moved(council, priya):
    """Action 3.1, due on 4 September, first agreed for 31 July, with what an inspector asks about."""
    action = factories.make_action(council, owner=priya.user, rating="at_risk", service=factories.make_service(council))
    factories.make_deadline_change(action, date(2026, 9, 4), by=factories.rachel(council).user)
    return factories.fresh(action)


def references(response) -> list[str]:
    assert response.status_code == 200
    return [row[0].text for row in response.context["table"].rows]


# Home


def test_home_says_what_can_be_done_and_until_when(inspector):
    page = text_of(inspector.get("/inspect/"))

    assert "You can look at and download everything here. You cannot change anything." in page
    assert "Your access ends on Friday 31 July 2026." in page
    assert "Pages you open are recorded and shown to the council." in page


def test_home_has_a_search_and_three_ways_in(inspector, moved):
    response = inspector.get("/inspect/")

    assert [text for text, _ in response.context["ways_in"]] == [
        "Recommendations and their actions",
        "Deadline changes",
        "Every change to actions",
    ]
    for _, url in response.context["ways_in"]:
        assert inspector.get(url).status_code == 200
    assert f'action="{LIST}"' in response.content.decode()


def test_home_lists_what_there_is_in_the_plans_order_with_plain_names(inspector):
    groups = inspector.get("/inspect/").context["groups"]

    assert {group: [str(shown) for shown in admins] for group, admins in groups.items()} == {
        "What inspectors said": [
            "Inspections",
            "Judgements",
            "Recommendations",
            "Recommendations in the focus of visits",
            "Visits",
            "Findings",
            "Clocks",
            "Things done for clocks",
            "Clocks counted again",
            "Steps before a clock’s date",
            "Interventions",
        ],
        "The plan": [
            "Plans",
            "Priorities",
            "Frozen versions",
            "Sent and published",
            "Ofsted’s replies",
            "Criticisms of the plan",
            "Inspections answered by plans",
        ],
        "Actions and progress": [
            "Actions",
            "Measures",
            "Milestones",
            "Progress updates",
            "Deadline changes",
            "Requests for another deadline",
            "Evidence",
            "Actions kept closed",
            "Actions opened again",
            "Deadlines noticed as passed",
            "Recommendations answered by actions",
            "Findings answered by actions",
        ],
        "Partners asked by a link": ["Links for partners", "Answers of partners"],
        "The council and its people": [
            "People and their roles",
            "Services",
            "Partner agencies",
            "Councils",
            "Numbers the council set",
            "Statements",
        ],
    }


def test_someone_without_an_end_is_not_told_of_one(client, council, signed_in):
    signed_in(client, factories.aisha(council))

    assert "Your access ends" not in text_of(client.get("/inspect/"))


def test_a_reference_goes_straight_to_the_record(inspector, moved):
    response = inspector.get(f"{LIST}?q=3.1", follow=True)

    assert response.redirect_chain == [(address(Action._meta, "change", moved.pk), 302)]
    page = text_of(response)
    assert page.index("Deadline changes") < page.index("What we will do")
    assert "31 Jul 2026" in page
    assert "24 working days later" in page
    assert "Vetting took longer than planned." in page
    assert "Priya Nair, 13 April 2026" in page
    assert "Rachel Adeyemi, 14 April 2026" in page


def test_a_reference_in_two_plans_lists_both(inspector, council, moved):
    other = factories.make_plan(council, "2022", starts_on=date(2022, 1, 3))
    factories.make_action(plan=other, reference="3.1")

    assert references(inspector.get(f"{LIST}?q=3.1")) == ["3.1", "3.1"]


@pytest.mark.parametrize("words", ["screen every", "Priya", "police and council", "waits more than"])
def test_words_and_owners_are_found(inspector, council, moved, words):
    factories.make_action(council, title="Something else", description="Else", outcome="Else", reference="9.9")

    assert references(inspector.get(LIST, {"q": words})) == ["3.1"]


# Lists


def test_the_list_of_actions_has_the_columns_that_matter(inspector, moved):
    response = inspector.get(LIST)

    assert [heading["text"] for heading in response.context["table"].labels] == [
        "Reference",
        "Title",
        "Owner",
        "First agreed",
        "Deadline",
        "Slip in working days",
        "Status",
        "Difference for children",
    ]
    [row] = response.context["table"].rows
    assert [text_of_cell(cell) for cell in row] == [
        "3.1",
        "Screen every notification within 1 working day",
        "Priya Nair",
        "31 Jul 2026",
        "4 Sep 2026",
        "24 later",
        "At risk",
        "No evidence yet",
    ]


def text_of_cell(cell) -> str:
    return re.sub(r"<[^>]+>", "", str(cell.text))


@pytest.fixture
def many(council, priya):
    """Actions that differ in what the filters ask about."""
    plan = factories.make_plan(council)
    doors, homes = factories.make_priority(plan, 3), factories.make_priority(plan, 4, "Children in care")
    leaving = factories.make_service(council, "Leaving care")
    factories.make_visit(council, "monitoring-0", starts_on=date(2026, 1, 9), ends_on=None)
    factories.make_visit(council, "monitoring-2", starts_on=None, ends_on=None, expected_from=date(2026, 6, 8))
    factories.make_visit(council, "monitoring-3", starts_on=date(2026, 9, 9), ends_on=None)
    factories.make_action(priority=doors, reference="3.1", deadline=date(2026, 5, 5))
    factories.make_action(priority=doors, reference="3.2", deadline=date(2026, 6, 8), rating="on_track")
    factories.make_action(priority=homes, reference="4.1", deadline=date(2026, 6, 9), service=leaving)
    factories.make_action(priority=homes, reference="4.2", deadline=date(2027, 1, 4), completed_on=date(2026, 5, 1))
    factories.make_action(priority=homes, reference="4.3", deadline=date(2026, 5, 1), cancelled_on=date(2026, 5, 1))
    moved = factories.make_action(priority=homes, reference="4.4", deadline=date(2026, 10, 1))
    factories.make_deadline_change(moved, date(2026, 12, 1))


def option(response, name: str, label: str) -> str:
    chosen = next(one for one in response.context["filters"] if one.parameter_name == name)
    return next(value for value, text in chosen.lookup_choices if text == label)


@pytest.mark.parametrize(
    ("name", "label", "found"),
    [
        ("status", "Overdue", ["3.1"]),
        ("status", "On track", ["3.2"]),
        ("status", "Not started", ["4.1", "4.4"]),
        ("status", "Complete", ["4.2"]),
        ("status", "Cancelled", ["4.3"]),
        ("status", "Embedded", []),
        ("priority", "4. Children in care", ["4.1", "4.2", "4.3", "4.4"]),
        ("service", "Leaving care", ["4.1"]),
        ("before-visit", "Yes", ["3.1", "3.2"]),
        ("moved", "Yes", ["4.4"]),
        ("moved", "No", ["3.1", "3.2", "4.1", "4.2", "4.3"]),
    ],
)
def test_the_list_is_filtered(inspector, many, name, label, found):
    value = option(inspector.get(LIST), name, label)

    response = inspector.get(LIST, {name: value})

    assert references(response) == found
    assert [chip["label"] for chip in response.context["chips"]] == [
        f"{next(one.title for one in response.context['filters'] if one.parameter_name == name)}: {label}"
    ]


def test_without_a_visit_to_come_nothing_is_due_before_it(inspector, moved):
    assert references(inspector.get(f"{LIST}?before-visit=yes")) == []


def test_the_deadlines_are_drilled_into_by_year_and_month(inspector, many):
    years = inspector.get(LIST).context["drill"]["steps"]
    assert [text for text, _ in years] == ["2026", "2027"]

    of_2026 = inspector.get(LIST + years[0][1])
    assert references(of_2026) == ["3.1", "3.2", "4.1", "4.3", "4.4"]
    months = of_2026.context["drill"]["steps"]
    assert months[0][0] == "May"

    of_june = inspector.get(LIST + dict(months)["June"])
    assert references(of_june) == ["3.2", "4.1"]
    assert of_june.context["chips"][0]["label"] == "Deadline: June 2026"
    assert references(inspector.get(LIST + of_june.context["chips"][0]["url"])) == [
        "3.1",
        "3.2",
        "4.1",
        "4.2",
        "4.3",
        "4.4",
    ]


def test_the_list_is_sorted_by_its_headings(inspector, many):
    by_deadline = next(
        heading for heading in inspector.get(LIST).context["table"].labels if heading["text"] == "Deadline"
    )

    response = inspector.get(LIST + by_deadline["url_primary"])

    assert references(response) == ["4.3", "3.1", "3.2", "4.1", "4.4", "4.2"]
    assert 'aria-sort="ascending"' in response.content.decode()


def test_filters_and_sort_are_kept_together(inspector, many):
    response = inspector.get(f"{LIST}?moved=no&o=-4")

    assert references(response) == ["4.2", "4.1", "3.2", "3.1", "4.3"]
    assert '<input type="hidden" name="o" value="-4">' in response.content.decode()


def test_the_year_stays_when_a_filter_is_added(inspector, many):
    page = inspector.get(f"{LIST}?deadline__year=2026&o=4").content.decode()

    assert '<input type="hidden" name="deadline__year" value="2026">' in page
    assert '<input type="hidden" name="o" value="4">' in page


def test_nothing_found_offers_the_way_back(inspector, many):
    assert "Nothing fits these filters. Clear all filters" in text_of(inspector.get(f"{LIST}?status=embedded"))


def test_the_list_has_50_rows_a_page(inspector, council):
    for _ in range(52):
        factories.make_action(council)

    first, second = inspector.get(LIST), inspector.get(f"{LIST}?p=2")

    assert len(references(first)) == 50
    assert "Showing 1 to 50 of 52 actions." in text_of(first)
    assert references(second) == ["3.51", "3.52"]
    assert "page 2 of 2" in second.content.decode()


def test_a_list_can_be_downloaded_with_its_filters(inspector, many):
    response = inspector.get(f"{LIST}?moved=no&download=csv")

    assert response["Content-Disposition"] == 'attachment; filename="northbridge-actions.csv"'
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:2] == ["Reference", "Title"]
    assert [row[0] for row in rows[1:]] == ["3.1", "3.2", "4.1", "4.2", "4.3"]
    assert rows[1][6:] == ["Overdue", "No evidence yet"]


def test_a_download_holds_every_page_and_no_formula(inspector, council):
    for _ in range(52):
        factories.make_action(council, title='=cmd|"/c calc"!A1')

    response = inspector.get(f"{LIST}?download=csv")

    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 53
    assert rows[1][1] == '\'=cmd|"/c calc"!A1'


# The number of queries


@pytest.fixture
def asked(inspector):
    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert inspector.get(url).status_code in {200, 403}
        return len(captured)

    return count


def fill(council, number):
    owner = factories.make_member(council, Role.ACTION_OWNER, f"Owner {number}").user
    recommendation = factories.make_recommendation(factories.make_plan(council).inspections.get())
    for turn in range(number):
        action = factories.make_action(
            council, owner=owner, recommendations=[recommendation], rating="on_track", is_restricted=turn % 5 == 4,
            restricted_reason="It names a family",
        )  # fmt: skip
        factories.make_milestone(action)
        factories.make_evidence(action)
        factories.make_deadline_change(action, date(2026, 9, 4))


@pytest.mark.parametrize("size", [3, 60])
def test_a_list_asks_at_most_10_questions_at_any_size(council, asked, size):
    fill(council, size)

    for url in lists():
        if not url.endswith("/changes/"):
            assert asked(url) <= 10, url
    filtered = f"{LIST}?q=screen&status=on_track&before-visit=yes&moved=yes&deadline__year=2026&o=-4"
    assert asked(filtered) <= 10


def test_the_questions_do_not_grow_with_the_rows(council, asked):
    def all_counts():
        pages = [*lists(), *(address(Action._meta, page, Action.objects.first().pk) for page in ("change", "history"))]
        return {url: asked(url) for url in pages}

    fill(council, 3)
    few = all_counts()
    fill(council, 40)

    assert all_counts() == few


# Records


def test_a_record_tells_all_that_belongs_to_it(inspector, moved):
    factories.make_milestone(moved)
    factories.make_evidence(moved)

    page = text_of(inspector.get(address(Action._meta, "change", moved.pk)))

    for heading in (
        "Deadline changes",
        "Requests for another deadline",
        "Measures",
        "Times it was opened again",
        "What we will do",
        "In the plan",
        "People",
        "Where it stands",
        "Milestones",
        "Progress updates",
        "Evidence",
        "Recommendations it answers",
    ):
        assert heading in page
    assert "Moved once." in page
    assert "Two more screeners have started." in page
    assert "SharePoint: Front door, rota" in page
    assert "1. Response to referrals" in page


def test_a_late_action_says_how_late_and_what_its_owner_says(inspector, council, priya):
    late = factories.make_action(council, owner=priya.user, deadline=date(2026, 4, 30), rating="on_track")

    page = text_of(inspector.get(address(Action._meta, "change", late.pk)))

    assert "Overdue 3 working days late. Owner says on track." in page


def test_an_action_far_beyond_the_bank_holidays_does_not_break_the_list(inspector, council, priya):
    action = factories.make_action(council, owner=priya.user, deadline=date(2036, 12, 1))
    changes.submit_plan(action.plan, by=None, on=factories.TODAY, reason=factories.REASON)
    row = factories.fresh(action)
    row.deadline = date(2048, 2, 29)
    save_because(row, by=None, reason=factories.REASON)

    assert references(inspector.get(LIST)) == ["3.1"]
    assert inspector.get(address(Action._meta, "change", action.pk)).status_code == 200


def test_a_recommendation_shows_the_actions_that_answer_it(inspector, moved):
    recommendation = moved.recommendations.get()

    listed = text_of(inspector.get("/inspect/inspections/recommendation/"))
    page = text_of(inspector.get(address(recommendation._meta, "change", recommendation.pk)))

    assert "Response to referrals" in listed
    assert "3.1 Screen every notification within 1 working day Priya Nair 31 Jul 2026 4 Sep 2026 At risk" in page


# Histories


def test_the_history_gives_field_before_after_reason_who_and_when_newest_first(inspector, moved):
    response = inspector.get(address(Action._meta, "history", moved.pk))

    newest = [entry for entry in response.context["entries"] if entry.number == response.context["entries"][0].number]
    assert {(entry.field, entry.before, entry.after) for entry in newest} == {
        ("Deadline", "31 July 2026", "4 September 2026"),
        ("First agreed", "–", "31 July 2026"),
    }
    assert {(entry.who, entry.why) for entry in newest} == {
        ("Rachel Adeyemi", "Deadline moved: Vetting took longer than planned.")
    }
    numbers = [entry.number for entry in response.context["entries"]]
    assert numbers == sorted(numbers, reverse=True)
    assert response.context["entries"][-1].field == "Added"


def test_people_in_a_history_are_named(inspector, council, moved):
    dee = factories.dee(council)
    changes.hand_over(moved, to=dee.user, by=None, on=factories.TODAY, reason="Priya is on leave")

    [entry] = [
        entry
        for entry in inspector.get(address(Action._meta, "history", moved.pk)).context["entries"]
        if entry.why == "Priya is on leave" and entry.field == "Owner"
    ]

    assert (entry.field, entry.before, entry.after, entry.who) == ("Owner", "Priya Nair", "Dee Walsh", "The tracker")


def test_each_version_can_be_opened(inspector, moved):
    history = inspector.get(address(Action._meta, "history", moved.pk))
    before = history.context["entries"][-1]

    page = text_of(inspector.get(before.url))

    assert f"Record {before.number}" in page
    assert "Saved by The tracker" in page
    assert "31 July 2026" in page
    assert "4 September 2026" not in page


def test_a_long_history_comes_in_pages(inspector, council, moved):
    for day in range(60):
        factories.make_update(moved, f"Update {day}", rating="at_risk" if day % 2 else "on_track")

    first = inspector.get(address(Action._meta, "history", moved.pk))
    second = inspector.get(address(Action._meta, "history", moved.pk), {"p": 2})

    assert first.context["pages"].title == "page 1 of 2"
    assert second.context["entries"][-1].field == "Added"
    assert first.context["entries"][-1].number > second.context["entries"][0].number
    assert first.context["entries"][-1].field == "Owner says"


def test_every_change_to_actions_names_the_action(inspector, council, moved):
    factories.make_action(council, title="The other one")

    response = inspector.get("/inspect/actions/action/changes/")

    told = [(entry.record, entry.field) for entry in response.context["entries"]]
    assert told[0] == ("Action 3.2", "Added")
    assert ("Action 3.1", "Deadline") in told


def test_every_change_can_be_searched_by_person_and_reason(inspector, council, moved):
    factories.make_action(council, title="The other one")

    by_person = inspector.get("/inspect/actions/action/changes/", {"q": "rachel"}).context["entries"]
    by_reason = inspector.get("/inspect/actions/action/changes/", {"q": "vetting"}).context["entries"]

    assert {entry.who for entry in by_person} == {"Rachel Adeyemi"}
    assert {entry.number for entry in by_person} == {entry.number for entry in by_reason}
    assert "No change fits “nobody”" in text_of(inspector.get("/inspect/actions/action/changes/", {"q": "nobody"}))


def test_every_change_comes_in_pages_of_50(inspector, council):
    for _ in range(51):
        factories.make_action(council)

    first = inspector.get("/inspect/actions/action/changes/")
    second = inspector.get("/inspect/actions/action/changes/" + first.context["pages"]["next_url"])

    assert len(first.context["entries"]) == 50
    assert len(second.context["entries"]) == 1
    assert second.context["pages"]["next_url"] == ""


# The pages themselves


def test_every_page_keeps_the_rules_of_the_house(inspector, moved):
    """Nothing that the content policy forbids, nothing of Django's own, no form but signing out, kept nowhere."""
    for page in every_page():
        response = inspector.get(page)
        text = response.content.decode()
        assert " style=" not in text, page
        assert "<style" not in text, page
        assert not re.search(r"\son[a-z]+=", text), page
        assert re.findall(r"<script(?![^>]*\bsrc=)", text) == [], page
        assert "/static/admin/" not in text, page
        assert "Django" not in text, page
        for word in ("Save", "Delete", "Recent actions", "Toggle theme"):
            assert f">{word}<" not in text, page
        posting = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', text)
        assert set(posting) <= {reverse("account_logout")}, page
        assert "no-store" in response["Cache-Control"], page


def test_titles_say_which_page_and_which_council(inspector, moved):
    response = inspector.get(address(Action._meta, "history", moved.pk))

    assert (
        "<title>History: 3.1 Screen every notification within 1 working day – Improvement plan – "
        "Northbridge County Council</title>"
    ) in response.content.decode()
