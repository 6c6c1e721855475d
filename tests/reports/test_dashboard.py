"""Are we on track? The dashboard of a council, and of one that has no plan yet."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import changes as account_changes
from accounts.roles import Role
from tests import factories
from tests.factories import TODAY
from tests.reports.pages import links_of, words_of
from tracker.actions import changes
from tracker.dates.models import calendar
from tracker.inspections import changes as inspection_changes


def start_clock(inspection, **fields):
    return inspection_changes.start_clocks(inspection, calendar=calendar(), by=None, **fields)


def submit(plan):
    changes.submit_plan(plan, by=None, on=date(2026, 4, 10), reason="Agreed by the board")


@pytest.fixture
def get(client, signed_in):
    """`get(member)` is the dashboard as that member sees it."""

    def page(member):
        response = signed_in(client, member).get("/")
        assert response.status_code == 200
        return response.content.decode()

    return page


@pytest.fixture
def full(council):
    """A council whose plan has something of everything; its programme office looks at it."""
    office = factories.aisha(council)
    priya, marcus = factories.priya(council), factories.marcus(council)
    tom = factories.make_member(council, Role.ACTION_OWNER, "Tom Hesketh")
    inspection = factories.make_inspection(council)
    asked = [factories.make_recommendation(inspection) for _ in range(2)]
    start_clock(inspection)
    plan = factories.make_plan(council, answers=[inspection], board_meets_on=date(2026, 5, 20))
    visit = factories.make_visit(council, agreed_on=date(2026, 4, 30))
    last = factories.make_visit(
        council, "focused-1", kind="focused", sequence=None, starts_on=date(2026, 2, 24), ends_on=date(2026, 2, 25)
    )
    answered, unanswered = factories.make_finding(last), factories.make_finding(last)
    leadership = factories.make_priority(plan, 1, "Leadership")
    front_door = factories.make_priority(plan, 3, "The front door")

    def action(priority=front_door, **fields):
        return factories.make_action(priority=priority, **{"recommendations": asked, **fields})

    made = {
        "embedded": action(leadership, owner=marcus.user, completed_on=date(2026, 4, 20), difference="sustained"),
        "complete": action(
            owner=marcus.user, completed_on=date(2026, 4, 20), deadline=date(2026, 5, 1), difference="activity"
        ),
        "late": action(owner=priya.user, deadline=date(2026, 4, 8), rating="at_risk", updated_on=date(2026, 3, 20)),
        "late, heard of": action(owner=marcus.user, deadline=date(2026, 5, 1), rating="at_risk", findings=[answered]),
        "moved": action(owner=priya.user, deadline=date(2026, 5, 29), rating="on_track"),
        "unchecked": action(
            owner=priya.user, deadline=date(2026, 5, 15), claimed_on=date(2026, 4, 24), difference="difference"
        ),
        "ownerless": action(leadership, deadline=date(2026, 6, 8)),
        "left behind": action(leadership, owner=tom.user, deadline=date(2026, 8, 28)),
        "cancelled": action(leadership, owner=priya.user, cancelled_on=date(2026, 4, 30)),
        "secret": action(
            title="The wording nobody may see",
            owner=office.user,
            deadline=date(2026, 5, 29),
            is_restricted=True,
            restricted_reason="It is about a member of staff",
        ),
    }
    submit(plan)
    for to in (date(2026, 6, 3), date(2026, 6, 5)):
        factories.make_deadline_change(factories.fresh(made["moved"]), to)
    account_changes.switch_off(tom.user, by=office.user, reason="Left the council")
    return {"plan": plan, "office": office, "visit": visit, "last": last, "open finding": unanswered, **made}


# The answer


def test_the_answer_comes_first_and_the_counts_after_it(full, get):
    words = words_of(get(full["office"]))

    assert "Not yet. 2 of the 6 actions due before monitoring visit 1 are overdue." in words
    assert "2 of 9 actions are complete, 1 of them embedded." in words
    assert "The plan as first agreed expected 3 by now." in words
    assert "2 actions are overdue." in words
    assert words.index("Not yet.") < words.index("2 of 9 actions")


def test_the_page_says_the_day_and_the_plan(full, get):
    html = get(full["office"])

    assert "<title>Are we on track? – Improvement plan – Northbridge County Council</title>" in html
    assert "Improvement plan 2026" in words_of(html)
    assert "Wednesday 6 May 2026" in words_of(html)


def test_a_plan_that_was_never_agreed_expects_nothing_by_now(council, get):
    factories.make_action(council, rating="on_track", owner=factories.priya(council).user)

    words = words_of(get(factories.aisha(council)))

    assert "Yes. The only action is on track." in words
    assert "as first agreed expected" not in words.partition("Progress by priority")[0]


def test_a_plan_without_actions_says_what_has_none(council, get):
    inspection = factories.make_inspection(council)
    for _ in range(2):
        factories.make_recommendation(inspection)
    factories.make_plan(council, answers=[inspection])

    words = words_of(get(factories.aisha(council)))

    assert "Not yet. None of the 2 recommendations has an action." in words
    assert "The plan has no actions yet." in words
    assert "The plan has no priorities yet." in words


def test_a_recommendation_to_a_partner_needs_no_action_of_the_council(council, get):
    inspection = factories.make_inspection(council)
    factories.make_recommendation(inspection, addressee="partner")
    factories.make_plan(council, answers=[inspection])

    assert "Not yet. There are no actions in the plan." in words_of(get(factories.aisha(council)))


def test_a_cancelled_action_answers_no_recommendation(council, get):
    factories.make_action(council, cancelled_on=date(2026, 4, 30))

    assert "Not yet. The only recommendation has no action." in words_of(get(factories.aisha(council)))


def test_the_earlier_plan_does_not_count(council, get):
    factories.make_action(council, deadline=date(2026, 4, 8))
    inspection = factories.make_inspection(council, "2027-ilacs")
    new = factories.make_plan(council, "2027", answers=[inspection], starts_on=date(2026, 5, 1))
    factories.make_action(plan=new, rating="on_track", updated_on=TODAY, owner=factories.priya(council).user)

    words = words_of(get(factories.aisha(council)))

    assert "Yes. The only action is on track." in words
    assert "No action is overdue." in words


# Clocks


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 5, 6), "5 working days left Due Wednesday 13 May 2026. Day 65 of 70."),
        (date(2026, 5, 12), "1 working day left Due Wednesday 13 May 2026. Day 69 of 70."),
        (date(2026, 5, 13), "Today Due Wednesday 13 May 2026. Day 70 of 70."),
        (date(2026, 5, 18), "3 working days late It was due on Wednesday 13 May 2026."),
    ],
)
def test_the_legal_clock_counts_working_days(council, get, today, day, said):
    today(day)
    inspection = factories.make_inspection(council, received_on=date(2026, 1, 30))
    start_clock(inspection)
    factories.make_plan(council, answers=[inspection])

    words = words_of(get(factories.aisha(council)))

    assert f"Send and publish the plan {said}" in words
    assert "Set by law. Not yet sent to Ofsted, sent to DfE or published." in words


def test_a_missed_legal_date_is_the_answer_and_its_clock_is_marked_late(full, get, today):
    today(date(2026, 5, 18))

    html = get(full["office"])

    assert (
        "No. The plan was due on Thursday 14 May 2026 and is not yet sent to Ofsted, sent to DfE or published."
        in words_of(html)
    )
    assert "app-clock--late" in html


def test_a_later_date_in_ofsteds_letter_stands_beside_the_legal_one(council, get):
    inspection = factories.make_inspection(council)
    start_clock(inspection, notified_plan_due=date(2026, 5, 29), notified_source="Letter of 4 February")
    factories.make_plan(council, answers=[inspection])

    words = words_of(get(factories.aisha(council)))

    assert "Due Friday 29 May 2026." in words
    assert "Set by Ofsted’s letter. The date set by law is Thursday 14 May 2026." in words


def test_the_clock_names_what_was_done_and_what_is_missing(council, get):
    inspection = factories.make_inspection(council)
    start_clock(inspection)
    plan = factories.make_plan(council, answers=[inspection])
    factories.make_submission(plan, "ofsted", done_on=date(2026, 5, 1))

    words = words_of(get(factories.aisha(council)))

    assert "Sent to Ofsted on 1 May 2026. Not yet sent to DfE or published." in words


def test_only_those_who_send_the_plan_are_led_to_record_it(full, get):
    plan, owner = full["plan"], factories.dee(full["plan"].authority)

    sending = reverse("reports:sending", args=[plan.reference])
    assert sending in [address for _, address in links_of(get(full["office"]))]
    assert any(words.startswith("See how the days are counted") for words, _ in links_of(get(owner)))


def test_a_clock_that_was_met_says_so(council, get):
    inspection = factories.make_inspection(council)
    start_clock(inspection)
    plan = factories.make_plan(council, answers=[inspection])
    for step in ("ofsted", "dfe", "published"):
        factories.make_submission(plan, step, done_on=date(2026, 5, 5))

    words = words_of(get(factories.aisha(council)))

    assert "Send and publish the plan Done on 5 May 2026 It was due on Thursday 14 May 2026." in words
    assert "Not yet sent" not in words


def test_the_next_visit_and_the_board_are_counted_down(full, get):
    words = words_of(get(full["office"]))

    assert "Monitoring visit 1 23 working days left Tuesday 9 and Wednesday 10 June 2026." in words
    assert "Agreed with Ofsted on 30 April 2026." in words
    assert "6 actions due before it" in words
    assert "Improvement board 10 working days left Wednesday 20 May 2026." in words


def test_a_visit_without_days_is_expected(council, get):
    factories.make_plan(council)
    factories.make_visit(
        council, starts_on=None, ends_on=None, expected_from=date(2026, 9, 14), expected_to=date(2026, 11, 6)
    )

    words = words_of(get(factories.aisha(council)))

    assert "Expected between 14 September 2026 and 6 November 2026." in words
    assert "The days are not agreed yet." in words


def test_a_window_that_is_open_means_any_day(council, get, today):
    today(date(2026, 9, 21))
    factories.make_plan(council)
    factories.make_visit(
        council, starts_on=None, ends_on=None, expected_from=date(2026, 9, 14), expected_to=date(2026, 11, 6)
    )

    assert "Monitoring visit 1 Any day" in words_of(get(factories.aisha(council)))


def test_a_board_that_has_met_is_left_out(council, get):
    factories.make_plan(council, board_meets_on=date(2026, 5, 5))

    assert "Improvement board" not in words_of(get(factories.aisha(council)))


# Needs a decision


def test_what_waits_is_shown_worst_first_each_with_its_next_step(full, get):
    html = get(full["office"])
    words = words_of(html)

    late = "19 working days overdue. No update for 47 days. Priya Nair. Update progress for 3.3"
    findings = "1 finding has no action Focused visit, 24 and 25 February 2026. See the findings that have no action"
    unchecked = "Priya Nair said it was done on 24 April 2026. Not checked for 7 working days. Check the work for 3.6"
    ownerless = "No owner: nobody is being reminded. Due Monday 8 June 2026. Choose an owner for 1.7"
    left = "Tom Hesketh has left: nobody is being reminded. Due Friday 28 August 2026. Choose an owner for 1.8"
    places = [words.index(sentence) for sentence in (late, findings, unchecked, ownerless, left)]
    assert places == sorted(places)
    steps = {address for words, address in links_of(html) if "for" in words or "See the findings" in words}
    for name, key in (("update", "late"), ("check", "unchecked"), ("owner", "ownerless"), ("owner", "left behind")):
        assert reverse(f"actions:{name}", args=["2026", full[key].reference]) in steps
    assert "/visits/focused-1/#findings" in steps


def test_those_who_cannot_take_the_step_are_led_to_the_action(full, get):
    councillor = factories.make_member(full["plan"].authority, Role.COUNCILLOR, "Carol Bright")

    html = get(councillor)

    assert "See the action 3.3" in words_of(html)
    assert "Update progress" not in html
    assert "Choose an owner" not in html


def test_an_overdue_action_of_someone_who_has_left_needs_an_owner_first(council, get):
    tom = factories.make_member(council, name="Tom Hesketh")
    action = factories.make_action(council, owner=tom.user, deadline=date(2026, 4, 8))
    account_changes.switch_off(tom.user, by=None, reason="Left the council")

    html = get(factories.aisha(council))

    assert "19 working days overdue. No update yet. Tom Hesketh has left: nobody is being reminded." in words_of(html)
    assert ("Choose an owner for 3.1", reverse("actions:owner", args=["2026", action.reference])) in links_of(html)


def test_at_most_five_are_shown_and_the_rest_are_counted(council, get):
    owner = factories.priya(council).user
    for _ in range(7):
        factories.make_action(
            council if not council.plans.exists() else None,
            plan=council.plans.first(),
            owner=owner,
            deadline=date(2026, 4, 8),
        )

    html = get(factories.aisha(council))

    assert "The 5 worst of 7" in words_of(html)
    assert html.count("app-attention__title") == 5


def test_nothing_to_decide_says_what_would_be_here(council, get):
    factories.make_action(council, owner=factories.priya(council).user, rating="on_track", updated_on=TODAY)

    assert "Nothing needs a decision today." in words_of(get(factories.aisha(council)))


def test_a_finding_answered_by_a_restricted_action_is_no_gap(council, get):
    visit = factories.make_visit(council, starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 4))
    finding = factories.make_finding(visit)
    factories.make_action(
        council, findings=[finding], is_restricted=True, restricted_reason="It is about a member of staff"
    )

    words = words_of(get(factories.dee(council)))

    assert "There are no actions in the plan that you can see." in words
    assert "1 restricted action is not shown to you" in words
    assert "finding has no action" not in words


def test_findings_of_a_visit_to_come_wait_for_nobody(council, get):
    """On a demonstration date, the record holds visits that are yet to take place."""
    factories.make_finding(factories.make_visit(council))
    factories.make_action(council, owner=factories.priya(council).user, rating="on_track", updated_on=TODAY)

    assert "finding" not in words_of(get(factories.aisha(council))).replace("findings without an action", "")


# Tables


def test_each_priority_has_its_bar_and_its_numbers(full, get):
    words = words_of(get(full["office"]))

    assert "1. Leadership" in words
    assert "1 embedded, 2 not started" in words
    assert "1 complete, 1 waiting to be checked, 1 on track, 1 not started, 2 overdue" in words
    assert "2 overdue in 3. The front door" in words
    assert "1 with evidence of difference in 3. The front door of 6" in words


def test_overdue_actions_are_counted_by_owner_the_latest_first(full, get):
    words = words_of(get(full["office"]))

    first = words.index("Priya Nair Assessment and the front door 1 19 days 20 Mar 2026")
    assert first < words.index("Marcus Oyelaran Assessment and the front door 1 2 days 15 Apr 2026")


def test_overdue_actions_without_an_owner_remind_nobody(council, get):
    factories.make_action(council, deadline=date(2026, 4, 8))

    html = get(factories.aisha(council))

    assert "No owner Nobody is being reminded 1 19 days None yet" in words_of(html)
    assert any("owner=none" in address for _, address in links_of(html))


def test_moved_deadlines_show_first_agreed_now_and_slip(full, get):
    words = words_of(get(full["office"]))

    assert "Moved twice 29 May 2026 5 Jun 2026 5 days" in words
    assert "See the 1 action whose deadline has moved" in words


# Every number is a link


def numbered_links(html):
    """The links to lists whose words begin with the number of rows, or "See all" or "See the" before it."""
    for words, address in links_of(html):
        number = re.match(r"(?:See (?:all|the) )?([\d,]+)(?!\.)\b", words)
        if number and "#actions" in address:
            yield words, address, int(number[1].replace(",", ""))


def test_every_number_opens_a_list_with_that_many_rows(full, get, client):
    html = get(full["office"])
    checked = list(numbered_links(html))

    assert len(checked) >= 9
    for words, address, number in checked:
        rows = client.get(address).context["list"].total
        assert rows == number, f"{words}: {address} has {rows} rows"


def test_every_number_opens_such_a_list_for_someone_who_does_not_see_all(full, get, client):
    owner = factories.dee(full["plan"].authority)

    html = get(owner)

    for words, address, number in numbered_links(html):
        rows = client.get(address).context["list"].total
        assert rows == number, f"{words}: {address} has {rows} rows"


def test_an_owner_opens_their_own_overdue_actions(full, get, client):
    html = get(full["office"])

    address = next(address for words, address in links_of(html) if words == "Priya Nair")

    assert client.get(address).context["list"].total == 1


# Who sees what


def test_a_restricted_action_is_counted_without_its_title(full, get):
    owner = factories.dee(full["plan"].authority)

    html = get(owner)

    assert "1 restricted action is not shown to you and not counted here." in words_of(html)
    assert "2 of 8 actions are complete" in words_of(html)
    assert "nobody may see" not in html


def test_the_owner_of_a_restricted_action_sees_it_counted(council, get):
    priya = factories.priya(council)
    factories.make_action(council, owner=priya.user, is_restricted=True, restricted_reason="About staff")

    words = words_of(get(priya))

    assert "0 of 1 action" in words
    assert "restricted" not in words


def test_another_councils_plan_is_not_seen(full, get):
    other = factories.make_authority("Southmere Council", "southmere")

    words = words_of(get(factories.make_member(other, Role.PROGRAMME_OFFICE, "Sal Ford")))

    assert "There is no plan yet." in words
    assert "Northbridge" not in words


def test_an_inspector_is_sent_to_the_inspector_home(council, client, signed_in):
    response = signed_in(client, factories.ines(council)).get("/")

    assert (response.status_code, response.url) == (302, reverse("inspect:index"))


def test_a_partner_is_sent_to_their_actions(council, client, signed_in):
    response = signed_in(client, factories.helen(council)).get("/")

    assert (response.status_code, response.url) == (302, reverse("actions:my-actions"))


# Before there is a plan


def test_without_a_plan_there_are_three_steps_to_one(council, get):
    words = words_of(get(factories.aisha(council)))

    assert "There is no plan yet." in words
    assert "Add your inspection report The clocks set by law start on the day it was received. To do" in words
    assert "Start the plan Priorities, and actions that answer each recommendation. To do" in words


def test_an_inspection_without_a_plan_shows_its_clock(council, get):
    inspection = factories.make_inspection(council)
    factories.make_recommendation(inspection)
    start_clock(inspection)

    words = words_of(get(factories.aisha(council)))

    assert "Send and publish the plan 6 working days left" in words
    assert "Set by law. No plan is recorded here yet." in words
    assert "Add your inspection report ILACS inspection, March 2026 Done" in words
    assert "Add what the report asks for 1 recommendation Done" in words


def test_an_old_date_without_a_plan_accuses_nobody(council, get, today):
    start_clock(factories.make_inspection(council))
    today(date(2027, 5, 6))

    html = get(factories.aisha(council))

    assert "Send and publish the plan Passed It was due on Thursday 14 May 2026." in words_of(html)
    assert "No plan is recorded here, so nobody can tell if it was sent." in words_of(html)
    assert "app-clock--late" not in html


def test_what_came_after_the_day_shown_is_not_there_yet(council, get, today):
    start_clock(factories.make_inspection(council))
    today(date(2026, 1, 5))

    words = words_of(get(factories.aisha(council)))

    assert "Send and publish the plan" not in words
    assert "ILACS inspection" not in words


# Queries


def test_the_number_of_queries_does_not_grow_with_the_plan(full, get, client):
    get(full["office"])
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    people = [factories.make_member(full["plan"].authority, name=f"Owner {n}").user for n in range(8)]
    for number in range(40):
        factories.make_action(
            plan=full["plan"],
            owner=people[number % 8],
            deadline=date(2026, 4, 1 + number % 28),
            rating="on_track" if number % 2 else "",
        )

    with CaptureQueriesContext(connection) as many:
        client.get("/")

    assert len(many) == len(few) <= 20
