"""The list of actions: what is asked for, in what order, and which 25 are shown."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts import changes as account_changes
from accounts.roles import Role
from tests import factories
from tests.factories import TODAY
from tests.reports.pages import links_of, words_of
from tracker.actions.models import Action, Milestone
from tracker.actions.rules import Difference, Rating, Status
from tracker.dates.models import calendar
from tracker.reports import listing
from tracker.reports.forms import WORST_FIRST

CLOSE_BY = date(2026, 5, 20)


def day(number):
    """So many days after today; before it, if negative."""
    return TODAY + timedelta(days=number)


@pytest.fixture
def office(council):
    return factories.aisha(council)


@pytest.fixture
def plan(council):
    return factories.make_plan(council, board_meets_on=date(2026, 5, 13))


@pytest.fixture
def get(client, signed_in, office):
    """`get("status=overdue")` is the answer for an address, as the programme office sees it."""

    def page(query="", *, member=office, path="/actions/"):
        return signed_in(client, member).get(f"{path}?{query}")

    return page


@pytest.fixture
def listed(get):
    """`listed("status=overdue")` is the references on the page, in order."""

    def references(query="", **options):
        response = get(query, **options)
        assert response.status_code == 200
        return [row.title.split()[0] for row in response.context["list"].rows]

    return references


@pytest.fixture
def one_of_each(plan):
    """An action of each status, at each edge of the rule, by its reference."""

    def make(reference, **fields):
        return factories.make_action(plan=plan, reference=reference, **fields)

    make("overdue", deadline=day(-1), rating=Rating.ON_TRACK)
    make("dueday", deadline=TODAY, rating=Rating.ON_TRACK)
    make("offtrack", deadline=day(30), rating=Rating.OFF_TRACK)
    make("atrisk", deadline=day(30), rating=Rating.AT_RISK)
    make("notbegun", starts_on=day(5), deadline=day(40), rating=Rating.ON_TRACK)
    make("undated", deadline=None, rating=Rating.ON_TRACK)
    make("silent", deadline=day(41))
    for reference, rating, starts_on in (
        ("close", Rating.ON_TRACK, None),
        ("closeoff", Rating.OFF_TRACK, None),
        ("closenew", "", None),
        ("closeahead", Rating.ON_TRACK, day(5)),
    ):
        step_left = make(reference, deadline=CLOSE_BY, rating=rating, starts_on=starts_on)
        factories.make_milestone(step_left, due_on=CLOSE_BY)
    steps_done = make("closedone", deadline=CLOSE_BY, rating=Rating.ON_TRACK)
    factories.make_milestone(steps_done, due_on=CLOSE_BY, done_on=TODAY)
    far = make("far", deadline=day(60), rating=Rating.ON_TRACK)
    factories.make_milestone(far, due_on=day(60))
    make("waiting", deadline=day(-3), claimed_on=day(-1))
    make("complete", deadline=day(-9), completed_on=day(-2), difference=Difference.DIFFERENCE)
    make("embedded", deadline=day(-8), completed_on=day(-2), difference=Difference.SUSTAINED)
    make("cancelled", deadline=day(-7), cancelled_on=day(-5))
    return plan


# Status


def test_the_counts_and_the_filter_say_what_the_rule_says(one_of_each):
    actions = list(Action.objects.with_status(on=TODAY, close_by=CLOSE_BY))
    by_rule = {
        action.reference: action.status(
            on=TODAY,
            close_by=CLOSE_BY,
            has_open_milestones=action.milestones.filter(done_on__isnull=True).exists(),
        )
        for action in actions
    }

    assert {action.reference: action.status_now for action in actions} == by_rule
    assert set(by_rule.values()) == set(Status)
    assert listing.counts_by_status(Action.objects.all(), on=TODAY, close_by=CLOSE_BY) == Counter(by_rule.values())
    for status in Status:
        found = Action.objects.filter(listing.condition_of(status, on=TODAY, close_by=CLOSE_BY))
        assert {action.reference for action in found} == {name for name, found in by_rule.items() if found == status}


@pytest.mark.usefixtures("one_of_each")
def test_the_list_behind_each_count_holds_that_many_rows(get, listed):
    counted = dict(get().context["form"].fields["status"].choices)

    assert len(counted) == len(Status)
    for status, words in counted.items():
        number = int(re.search(r"\((\d+)\)", words)[1])
        assert len(listed(f"status={status}")) == number > 0


@pytest.mark.usefixtures("one_of_each")
def test_cancelled_actions_are_listed_only_when_asked_for(listed):
    assert "cancelled" not in listed()
    assert listed("status=cancelled") == ["cancelled"]


@pytest.mark.usefixtures("one_of_each")
def test_several_statuses_are_listed_together(listed):
    assert set(listed("status=overdue&status=waiting")) == {"overdue", "waiting"}


@pytest.mark.usefixtures("one_of_each")
def test_the_counts_beside_the_statuses_keep_the_other_filters(get):
    counted = dict(get("due=10&status=overdue").context["form"].fields["status"].choices)

    assert counted["at_risk"] == "At risk (3)"
    assert counted["overdue"] == "Overdue (0)"


# The other filters


@pytest.fixture
def assorted(council, plan):
    """Actions that differ in what filters ask for."""
    priya, police = factories.priya(council), factories.make_agency(council)
    inspection = plan.inspections.get()
    first, second = (factories.make_recommendation(inspection) for _ in range(2))
    leadership = factories.make_priority(plan, 1, "Leadership")

    def make(reference, **fields):
        return factories.make_action(plan=plan, reference=reference, recommendations=[first], **fields)

    make("3.1", owner=priya.user, deadline=day(-1), title="Agree the screening rota")
    make("3.2", agency=police, deadline=TODAY)
    make("3.3", deadline=CLOSE_BY, difference=Difference.ACTIVITY, description="Read 60 plans. Write down the gaps.")
    factories.make_action(
        plan=plan, priority=leadership, reference="1.1", recommendations=[second], deadline=date(2026, 6, 9)
    )
    moved = make("3.4", deadline=date(2026, 6, 10))
    factories.make_deadline_change(moved, date(2026, 6, 30))
    make("3.5", deadline=None, completed_on=TODAY, difference=Difference.SUSTAINED)
    return first, second


ALL = ["3.1", "3.2", "3.3", "1.1", "3.4", "3.5"]


@pytest.mark.usefixtures("assorted")
@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("", ALL),
        ("due=any", ALL),
        ("due=10", ["3.2", "3.3"]),
        ("due=board", ["3.1", "3.2"]),
        ("priority=1", ["1.1"]),
        ("difference=activity", ["3.3"]),
        ("difference=activity&difference=sustained", ["3.3", "3.5"]),
        ("moved=yes", ["3.4"]),
        ("owner=none&priority=3&moved=yes", ["3.4"]),
        ("words=rota", ["3.1"]),
        ("words=ROTA+agree", ["3.1"]),
        ("words=read+gaps", ["3.3"]),
        ("words=3.4", ["3.4"]),
        ("words=rota+gaps", []),
    ],
)
def test_each_filter_lists_what_it_asks_for(listed, query, references):
    assert listed(query) == references


def test_the_list_can_be_of_what_is_late_against_the_date_first_agreed(plan, get, listed):
    moved = factories.make_action(plan=plan, deadline=date(2026, 4, 13))
    factories.make_deadline_change(moved, date(2026, 8, 31))
    factories.make_deadline_change(factories.make_action(plan=plan, deadline=day(20)), day(-5))
    factories.make_action(plan=plan, deadline=day(-5))

    assert listed("late=first-agreed") == ["3.1"]
    (row,) = get("late=first-agreed").context["list"].rows
    assert (row.moved, row.late_first) == ("first agreed 13 Apr 2026, slipped 97 days", "16 days late against it")
    assert [chip.label for chip in get("late=first-agreed").context["list"].chips] == [
        "Late against the date first agreed"
    ]


def test_the_list_can_be_of_the_ratings_to_be_checked_and_says_why(council, plan, get, listed):
    asked = factories.make_recommendation(plan.inspections.get())
    visit = factories.make_visit(council, starts_on=day(-20), ends_on=day(-19), letter_received_on=day(-6))
    factories.make_finding(visit, recommendation=asked)
    repeated = {"plan": plan, "recommendations": [asked]}
    factories.make_action(**repeated, rating=Rating.ON_TRACK)
    factories.make_action(**repeated, rating=Rating.AT_RISK)
    factories.make_action(**repeated, completed_on=day(-10))
    factories.make_action(plan=plan, rating=Rating.ON_TRACK, is_councils_own=True)

    assert sorted(listed("check=rating")) == ["3.1", "3.3"]
    response = get("check=rating")
    assert "Check this rating: monitoring visit 1 repeated this finding." in words_of(response.content.decode())
    doubts = {row.title.split()[0]: row.doubt for row in get().context["list"].rows}
    assert [reference for reference, doubt in sorted(doubts.items()) if doubt] == ["3.1", "3.3"]
    shown = dict(response.context["form"].fields["status"].choices)
    assert (shown["on_track"], shown["complete"], shown["at_risk"]) == ("On track (1)", "Complete (1)", "At risk (0)")


def test_the_list_can_be_of_restricted_actions_for_those_who_see_them(council, plan, listed):
    factories.make_action(plan=plan)
    factories.make_action(plan=plan, is_restricted=True, restricted_reason="About one family")

    assert listed("restricted=yes") == ["3.2"]
    assert listed("restricted=yes", member=factories.dee(council)) == []


@pytest.mark.usefixtures("assorted")
def test_the_list_can_be_of_one_owner_or_agency(council, listed):
    priya = council.actions.get(reference="3.1").owner

    assert listed(f"owner={priya.pk}") == ["3.1"]
    assert listed(f"agency={council.agencies.get().pk}") == ["3.2"]
    assert listed("owner=none") == ["3.2", "3.3", "1.1", "3.4", "3.5"]


def test_the_list_can_be_of_one_recommendation(listed, assorted):
    _, second = assorted

    assert listed(f"recommendation={second.pk}") == ["1.1"]


@pytest.mark.usefixtures("assorted")
def test_due_before_the_visit_counts_its_first_day_and_what_is_late(council, get, listed):
    factories.make_visit(council)

    assert listed("due=visit") == ["3.1", "3.2", "3.3", "1.1"]
    assert "Due before the visit on 9 June 2026" in words_of(get("due=visit").content.decode())


@pytest.mark.usefixtures("assorted")
def test_due_before_the_visit_holds_what_is_left_to_finish(council, plan, listed):
    factories.make_visit(council)
    factories.make_action(plan=plan, reference="3.8", deadline=TODAY, claimed_on=TODAY)
    factories.make_action(plan=plan, reference="3.9", deadline=TODAY, completed_on=TODAY)

    assert "3.8" in listed("due=visit")
    assert "3.9" not in listed("due=visit")
    assert "3.9" not in listed("due=10")


def test_without_a_visit_nobody_can_ask_for_what_is_due_before_it(get, listed, assorted):
    response = get("due=visit")

    assert len(listed("due=visit")) == len(ALL)
    assert "Select another time: the day of the next visit is not known" in response.content.decode()
    assert "<title>Error: All actions" in response.content.decode()


# Values that make no sense


@pytest.mark.usefixtures("assorted")
@pytest.mark.parametrize(
    "query",
    [
        "owner__password__startswith=argon",
        "authority=2",
        "is_restricted=True",
        "sort=owner__password",
        "sort=",
        "page=0",
        "page=-3",
        "page=abc",
        "page=%C2%B2",
        "page=999",
        "page=" + "9" * 5000,
        "due=",
        "words=+++",
    ],
)
def test_what_the_list_does_not_know_is_left_unread(listed, query):
    assert listed(query) == ALL


@pytest.mark.usefixtures("assorted")
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("due=yesterday", "Select when it is due"),
        ("status=late", "Select a status from the list"),
        ("owner=99999999999999999999999", "Select an owner from the list"),
        ("owner=1;drop", "Select an owner from the list"),
        ("agency=0", "Select a partner agency from the list"),
        ("priority=three", "Enter the number of a priority, such as 3"),
        ("priority=99999999999999999999", "Enter the number of a priority, such as 3"),
        ("recommendation=-1", "Select a recommendation from the list"),
        ("difference=much", "Select a difference from the list"),
        ("moved=no", "Select “Moved since first agreed” or leave it empty"),
        ("words=%00", "Enter words without special characters"),
        ("words=" + "x" * 101, "Use 100 characters or fewer. You have used 101."),
    ],
)
def test_a_value_that_is_no_choice_is_an_error_and_filters_nothing(get, query, message):
    response = get(query)
    html = response.content.decode()

    assert response.status_code == 200
    assert html.count(message) == 2, "in the summary and at the field"
    assert [row.title.split()[0] for row in response.context["list"].rows] == ALL


@pytest.mark.usefixtures("assorted")
def test_an_error_in_one_filter_leaves_the_others(listed):
    assert listed("status=late&priority=1") == ["1.1"]


@pytest.mark.usefixtures("assorted")
def test_words_are_looked_for_as_typed(listed):
    assert listed("words=%25") == []
    assert listed("words=_") == []
    assert listed("words=%27%22%3B--") == []


# Chips


@pytest.mark.usefixtures("assorted")
def test_each_filter_in_use_has_a_link_that_removes_it_alone(council, get, listed):
    priya = council.actions.get(reference="3.1").owner
    query = f"status=overdue&status=at_risk&owner={priya.pk}&words=rota&sort=owner&page=2"

    links = dict(links_of(get(query).content.decode()))

    assert links["Remove filter: Overdue ✕"] == f"?status=at_risk&owner={priya.pk}&words=rota&sort=owner#actions"
    assert links["Remove filter: Priya Nair ✕"] == "?status=overdue&status=at_risk&words=rota&sort=owner#actions"
    assert links["Remove filter: Words: rota ✕"] == (
        f"?status=overdue&status=at_risk&owner={priya.pk}&sort=owner#actions"
    )
    assert links["Clear all filters"] == "?sort=owner#actions"


def test_every_filter_has_its_chip(council, get, assorted):
    factories.make_visit(council)
    first, _ = assorted
    police = council.agencies.get()
    query = (
        f"due=visit&owner=none&agency={police.pk}&priority=3&recommendation={first.pk}"
        "&difference=none&moved=yes&words=rota"
    )

    chips = [chip.label for chip in get(query).context["list"].chips]

    assert chips == [
        "Due before the visit on 9 June 2026",
        "No owner",
        "Words: rota",
        "Northbridge Police",
        "Priority 3",
        "Recommendation 1. Response to referrals",
        "Difference: No evidence yet",
        "Deadline moved",
    ]


@pytest.mark.usefixtures("assorted")
def test_a_list_without_filters_has_no_chips(get):
    assert "Filters in use" not in get().content.decode()


# Order


@pytest.fixture
def ordered(council, plan):
    priya, dee = factories.priya(council), factories.dee(council)
    make = factories.make_action
    make(plan=plan, reference="3.10", position=10, deadline=day(1), owner=priya.user, rating=Rating.ON_TRACK)
    make(plan=plan, reference="3.9", position=9, deadline=day(1), rating=Rating.AT_RISK)
    make(plan=plan, reference="3.2", position=2, deadline=None, owner=dee.user)
    make(plan=plan, reference="3.1", position=1, deadline=day(-2), owner=priya.user)
    make(plan=plan, reference="3.3", position=3, deadline=None, rating=Rating.ON_TRACK)


@pytest.mark.usefixtures("ordered")
@pytest.mark.parametrize(
    ("sort", "references"),
    [
        ("", ["3.1", "3.9", "3.10", "3.2", "3.3"]),
        ("deadline", ["3.1", "3.9", "3.10", "3.2", "3.3"]),
        ("-deadline", ["3.9", "3.10", "3.1", "3.2", "3.3"]),
        ("action", ["3.1", "3.2", "3.3", "3.9", "3.10"]),
        ("-action", ["3.10", "3.9", "3.3", "3.2", "3.1"]),
        ("owner", ["3.2", "3.1", "3.10", "3.9", "3.3"]),
        ("-owner", ["3.1", "3.10", "3.2", "3.9", "3.3"]),
        ("status", ["3.1", "3.9", "3.2", "3.10", "3.3"]),
        ("-status", ["3.10", "3.3", "3.2", "3.9", "3.1"]),
    ],
)
def test_the_list_is_sorted_as_asked(listed, sort, references):
    assert listed(f"sort={sort}") == references


@pytest.mark.usefixtures("ordered")
def test_headings_sort_and_say_how_the_list_is_sorted(get):
    html = get("sort=-owner&status=overdue").content.decode()
    links = dict(links_of(html))

    assert links["Owner ▼"] == "?sort=owner&status=overdue#actions"
    assert links["Due"] == "?sort=deadline&status=overdue#actions"
    assert re.search(r'aria-sort="descending"><a[^>]*>Owner', html)
    assert html.count("aria-sort") == 1


@pytest.mark.usefixtures("ordered")
def test_the_filter_form_keeps_the_order(get):
    assert '<input type="hidden" name="sort" value="-owner">' in get("sort=-owner").content.decode()
    assert 'name="sort"' not in get("sort=nonsense").content.decode()


# Pages


def fill(plan, number, **fields):
    """Put so many actions into a plan, without history: 1 to a day, every tenth without a deadline."""
    priority = factories.make_priority(plan)
    start = plan.actions.count()
    Action._base_manager.bulk_create(
        Action(
            authority_id=plan.authority_id,
            plan=plan,
            priority=priority,
            reference=f"9.{place}",
            position=place,
            title=f"Action {place}",
            description="What will be done.",
            deadline=None if place % 10 == 9 else day(place % 700),
            **fields,
        )
        for place in range(start, start + number)
    )


@pytest.mark.parametrize(
    ("asked", "shown", "total", "expected"),
    [
        ("", (1, 3), 60, (0, 25)),
        ("2", (2, 3), 60, (25, 50)),
        ("3", (3, 3), 60, (50, 60)),
        ("4", (3, 3), 60, (50, 60)),
        ("0", (1, 3), 60, (0, 25)),
        ("-1", (1, 3), 60, (0, 25)),
        ("٣", (1, 3), 60, (0, 25)),
        ("1", (1, 1), 0, (0, 0)),
        ("2", (1, 1), 25, (0, 25)),
        ("2", (2, 2), 26, (25, 26)),
    ],
)
def test_the_page_asked_for_is_brought_within_the_list(asked, shown, total, expected):
    found = listing.slice_of(asked, total)

    assert (found.page, found.pages) == shown
    assert (found.start, found.stop) == expected


@pytest.mark.parametrize("number", [25, 51, 130])
@pytest.mark.parametrize("sort", ["deadline", "-deadline", "owner", "status"])
def test_the_pages_together_are_the_list_whichever_end_they_are_read_from(plan, listed, number, sort):
    fill(plan, number)
    pages = -(-number // 25)

    found = [reference for page in range(1, pages + 1) for reference in listed(f"sort={sort}&page={page}")]

    whole = listing.in_order(Action.objects.all(), sort, on=TODAY, close_by=CLOSE_BY)
    assert found == [action.reference for action in whole]


def test_actions_without_a_deadline_are_on_the_last_page(plan, get):
    fill(plan, 60)

    rows = get("page=3").context["list"].rows

    assert [row.due for row in rows][-6:] == ["No deadline"] * 6
    assert rows[-1].when == ""


def test_the_page_number_is_in_the_title_and_in_the_sentence(plan, get):
    fill(plan, 60)
    html = get("page=2").content.decode()

    assert "<title>All actions (page 2 of 3) – Improvement plan" in html
    assert "Showing 26 to 50 of 60 actions. Days are working days." in words_of(html)
    assert dict(links_of(html))["3"] == "?page=3#actions"


def test_a_list_of_one_page_has_no_page_numbers(plan, get):
    fill(plan, 2)
    html = get().content.decode()

    assert "<title>All actions – Improvement plan" in html
    assert "Showing 2 actions. Days are working days." in words_of(html)
    assert "govuk-pagination" not in html


# Words of a row


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (None, ""),
        (date(2026, 5, 6), "due today"),
        (date(2026, 5, 7), "in 1 day"),
        (date(2026, 5, 14), "in 6 days"),
        (date(2026, 5, 26), "in 13 days"),
        (date(2026, 5, 5), "1 day overdue"),
        (date(2026, 5, 1), "2 days overdue"),
        (date(2099, 1, 1), ""),
    ],
)
def test_days_left_and_late_are_working_days(db, deadline, words):
    assert listing.day_words(deadline, on=TODAY, days=calendar()) == words


def test_at_a_weekend_no_working_day_is_counted(db):
    saturday, days = date(2026, 5, 9), calendar()

    assert listing.day_words(date(2026, 5, 10), on=saturday, days=days) == ""
    assert listing.day_words(date(2026, 5, 9), on=date(2026, 5, 10), days=days) == "overdue"


@pytest.mark.parametrize(
    ("first_agreed", "deadline", "words"),
    [
        (None, date(2026, 5, 6), ""),
        (date(2026, 5, 6), date(2026, 5, 6), ""),
        (date(2026, 5, 6), date(2026, 5, 8), "first agreed 6 May 2026, slipped 2 days"),
        (date(2026, 5, 6), date(2026, 5, 5), "first agreed 6 May 2026, brought forward 1 day"),
        (date(2026, 5, 9), date(2026, 5, 10), "first agreed 9 May 2026"),
    ],
)
def test_a_deadline_that_moved_says_from_where_and_how_far(db, first_agreed, deadline, words):
    assert listing.moved_words(first_agreed, deadline, days=calendar()) == words


def test_a_row_shows_reference_owner_agency_deadline_and_status(council, plan, get):
    priya, police = factories.priya(council), factories.make_agency(council)
    action = factories.make_action(
        plan=plan, owner=priya.user, agency=police, deadline=date(2026, 4, 13), rating=Rating.AT_RISK
    )
    factories.make_deadline_change(action, date(2026, 5, 1))
    html = get().content.decode()

    assert (f"{action.reference} {action.title}", action.get_absolute_url()) in links_of(html)
    assert (
        "Priya Nair Northbridge Police 1 May 2026 2 days overdue first agreed 13 Apr 2026, slipped 14 days, "
        "16 days late against it Overdue" in words_of(html)
    )


def test_what_is_finished_says_since_when_and_not_that_it_is_late(plan, get):
    factories.make_action(plan=plan, deadline=day(-30), claimed_on=day(-40), completed_on=day(-35))
    factories.make_action(plan=plan, deadline=day(-20), claimed_on=day(-6))
    factories.make_action(plan=plan, deadline=day(-10), cancelled_on=day(-5))

    rows = get("status=complete&status=waiting&status=cancelled").context["list"].rows

    assert [row.when for row in rows] == ["checked 1 Apr 2026", "waiting since 30 Apr 2026", "cancelled 1 May 2026"]


def test_an_action_that_nobody_owns_says_so(plan, get):
    factories.make_action(plan=plan)

    assert get().context["list"].rows[0].owner == "No owner"


def test_names_in_the_filter_are_written_as_text(council, get):
    agency = factories.make_agency(council, '<b>Health</b> & "Care"')
    html = get(f"agency={agency.pk}").content.decode()

    assert f'<option value="{agency.pk}" selected>&lt;b&gt;Health&lt;/b&gt; &amp; &quot;Care&quot;</option>' in html
    assert "<b>Health" not in html


def test_a_title_is_written_as_text(plan, get):
    factories.make_action(plan=plan, title="<script>alert(1)</script> & more")
    html = get("words=%3Cscript%3E").content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html


# Empty


def test_an_empty_council_is_told_what_will_be_here(get):
    assert "There are no actions yet." in words_of(get().content.decode())


@pytest.mark.usefixtures("assorted")
def test_filters_that_match_nothing_offer_to_be_cleared(get):
    html = get("words=nowhere&sort=owner").content.decode()

    assert "No actions match these filters." in words_of(html)
    assert dict(links_of(html))["Clear all filters"] == "?sort=owner#actions"


# Who sees what


@pytest.fixture
def restricted(council, plan):
    """A restricted action of Priya's beside an open one."""
    priya = factories.priya(council)
    factories.make_action(plan=plan, reference="3.1", title="An ordinary action")
    factories.make_action(
        plan=plan,
        reference="3.2",
        owner=priya.user,
        title="A secret review",
        is_restricted=True,
        restricted_reason="Names a member of staff",
    )
    return priya


def test_a_restricted_action_is_counted_and_never_shown(council, get, restricted):
    html = get(member=factories.dee(council)).content.decode()

    assert "secret" not in html
    assert "3.2" not in words_of(html)
    assert "Showing 1 action." in words_of(html)
    assert "1 restricted action is not shown." in words_of(html)
    assert "Not started (1)" in words_of(html)


def test_words_do_not_find_out_what_a_restricted_action_says(council, get, restricted):
    dee = factories.dee(council)

    for query in ("words=secret", "words=nowhere", f"owner={restricted.user.pk}", "status=overdue"):
        words = words_of(get(query, member=dee).content.decode())
        assert "1 restricted action is not shown." in words, "whatever is asked, the number is the same"
        assert "No actions match these filters." in words


@pytest.mark.usefixtures("restricted")
def test_the_programme_office_and_the_director_see_restricted_actions(council, listed, get):
    assert listed() == ["3.1", "3.2"]
    assert listed(member=factories.rachel(council)) == ["3.1", "3.2"]
    html = words_of(get().content.decode())
    assert "A secret review Restricted" in html
    assert "not shown" not in html


def test_the_owner_of_a_restricted_action_sees_it(listed, restricted):
    assert listed(member=restricted) == ["3.1", "3.2"]


@pytest.fixture
def southmere(today):
    """Another council, with a plan, an owner and an action of its own."""
    other = factories.make_authority("Southmere Borough Council", "southmere")
    sam = factories.make_member(other, Role.ACTION_OWNER, "Sidney South")
    plan = factories.make_plan(other, "southern", title="Southern plan")
    factories.make_action(plan=plan, reference="8.8", title="A southern action", owner=sam.user)
    factories.make_agency(other, "Southern Police")
    return other


@pytest.mark.usefixtures("assorted")
def test_nothing_of_another_council_is_listed_offered_or_counted(southmere, get, listed):
    html = get().content.decode()
    theirs = southmere.actions.get()

    assert listed() == ALL
    assert "outhern" not in html
    assert "Sidney" not in html
    assert dict(get().context["form"].fields["status"].choices)["not_started"] == "Not started (4)"
    for query in (
        f"owner={theirs.owner_id}",
        f"agency={southmere.agencies.get().pk}",
        f"recommendation={theirs.recommendations.get().pk}",
    ):
        assert get(query).context["form"].errors, "it is no choice here"
        assert listed(query) == ALL


@pytest.mark.usefixtures("assorted")
def test_someone_of_two_councils_sees_one_at_a_time(council, southmere, office, listed):
    account_changes.give_role(office.user, southmere, role=Role.PROGRAMME_OFFICE, by=None, reason="Works for both")

    assert listed(member=factories.member_of(southmere, office.user)) == ["8.8"]
    assert listed(member=factories.member_of(council, office.user)) == ALL


def test_a_partner_is_sent_to_their_own_list(council, get, plan):
    response = get(member=factories.helen(council))

    assert response.status_code == 302
    assert response.url == "/my-actions/"


@pytest.mark.usefixtures("assorted")
@pytest.mark.parametrize("who", ["priya", "marcus", "ines", "rachel"])
def test_everyone_who_sees_the_plan_sees_the_list(council, listed, who):
    role = {"priya": Role.COUNCILLOR, "marcus": Role.HEAD_OF_SERVICE, "ines": Role.INSPECTOR, "rachel": Role.CHAIR}[who]

    assert listed(member=factories.make_member(council, role, "Someone Else")) == ALL


# Several plans


def test_the_list_is_of_every_plan_and_names_it(council, plan, get, listed):
    factories.make_action(plan=plan, reference="3.1", deadline=day(2))
    earlier = factories.make_plan(council, "2024", title="Plan of 2024", starts_on=date(2024, 2, 2))
    factories.make_action(plan=earlier, reference="3.1", deadline=day(1))

    assert listed() == ["3.1", "3.1"]
    assert [row.plan for row in get("sort=action").context["list"].rows] == ["Plan of 2024", "Improvement plan 2026"]
    assert [row.plan for row in get("sort=-action").context["list"].rows] == ["Improvement plan 2026", "Plan of 2024"]
    assert [row.plan for row in get().context["list"].rows] == ["Plan of 2024", "Improvement plan 2026"]
    assert [row.url for row in get().context["list"].rows] == ["/plans/2024/actions/3.1/", "/plans/2026/actions/3.1/"]
    assert listed(path="/plans/2024/") == ["3.1"]
    assert [row.plan for row in get(path="/plans/2024/").context["list"].rows] == [""]


def test_the_board_is_that_of_the_plan_worked_to_now(council, plan, listed):
    factories.make_plan(
        council, "2024", title="Plan of 2024", starts_on=date(2024, 2, 2), board_meets_on=date(2024, 5, 1)
    )
    factories.make_action(plan=plan, reference="3.1", deadline=date(2026, 5, 13))

    assert listed("due=board") == ["3.1"]
    assert listed("due=board", path="/plans/2024/") == []


# Statements


@pytest.fixture
def statements(client, signed_in, office):
    """`statements("page=2")` is the SQL of a page, for someone who is signed in already."""

    def of_page(query="", *, member=office, path="/actions/"):
        signed_in(client, member)
        client.get(path)  # Django asks for some things once only.
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"{path}?{query}").status_code == 200
        return [query["sql"] for query in found]

    return of_page


@pytest.mark.parametrize("path", ["/actions/", "/plans/2026/"])
def test_the_number_of_statements_does_not_grow_with_actions_stored_or_shown(council, plan, statements, path):
    inspection = plan.inspections.get()
    factories.make_visit(council)
    fill(plan, 10)
    dee = factories.dee(council)
    queries = ("", "status=overdue&words=action&difference=none&moved=yes", "due=visit", "due=board", "sort=status")
    before = {query: len(statements(query, path=path)) for query in queries}
    as_dee = len(statements(path=path, member=dee))

    fill(plan, 9_990)
    for _ in range(5):
        factories.make_recommendation(inspection)

    assert {query: len(statements(query, path=path)) for query in queries} == before
    assert len(statements("page=300", path=path)) == before[""]
    assert len(statements(path=path, member=dee)) == as_dee
    # The page of a plan also says how findings are answered, where it stands with Ofsted and what is said against it.
    assert max([*before.values(), as_dee]) <= {"/actions/": 12, "/plans/2026/": 15}[path]


def test_a_page_reads_no_more_than_its_rows_and_never_their_texts(plan, statements):
    fill(plan, 60)

    read = [sql for sql in statements("page=2") if "actions_action" in sql]

    assert not [sql for sql in read if re.search(r'SELECT[^()]*"description"', sql)]
    assert len([sql for sql in read if "LIMIT 25" in sql]) == 1


def test_the_last_page_is_read_from_the_end(plan, statements):
    fill(plan, 60)

    (sql,) = [sql for sql in statements("page=3") if "LIMIT 10" in sql]

    assert "OFFSET" not in sql
    assert '"deadline" DESC' in sql.split("LIMIT 10")[0]


def test_the_next_page_follows_when_a_milestone_or_a_rating_changes(plan, get):
    """What the list shows is worked out when it is asked for."""
    action = factories.make_action(plan=plan, deadline=CLOSE_BY, rating=Rating.ON_TRACK)
    assert get().context["list"].rows[0].status == Status.ON_TRACK

    factories.make_milestone(action)

    assert Milestone.objects.count() == 1
    assert get().context["list"].rows[0].status == Status.AT_RISK


def test_every_status_has_a_place_in_the_filter_and_in_the_order():
    assert set(WORST_FIRST) == set(Status)
    assert QueryDict("sort=status")["sort"] in listing.SORT_WORDS
