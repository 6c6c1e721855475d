"""One's own list: "What do I need to do now?"."""

from datetime import date

import pytest

from tests.actions.pages import page_of, text_of
from tests.factories import (
    TODAY,
    dee,
    helen,
    make_action,
    make_agency,
    make_authority,
    make_member,
    make_milestone,
    make_plan,
    make_request,
    make_service,
    marcus,
    member_of,
    priya,
)

pytestmark = pytest.mark.django_db

ADDRESS = "/my-actions/"


@pytest.fixture
def owner(council):
    return priya(council)


@pytest.fixture
def mine(council, owner):
    """A function that makes an action of Priya's."""
    plan = make_plan(council)
    return lambda **fields: make_action(
        plan=plan, owner=owner.user, **{"service": make_service(council), "rating": "on_track", **fields}
    )


@pytest.fixture
def page(client, signed_in, owner):
    return lambda query="": signed_in(client, owner).get(ADDRESS + query)


def sections(answer):
    return {section.id: [item.action.reference for item in section.items] for section in answer.context["sections"]}


def test_actions_stand_under_overdue_due_later_and_waiting_the_oldest_first(mine, page):
    mine(deadline=date(2026, 5, 5))
    mine(deadline=date(2026, 4, 30))
    mine(deadline=date(2026, 5, 20))
    mine(deadline=TODAY)
    mine(deadline=date(2026, 5, 21))
    mine(claimed_on=date(2026, 5, 1), deadline=date(2026, 4, 1))

    answer = page()

    assert sections(answer) == {
        "overdue": ["3.2", "3.1"],
        "due": ["3.4", "3.3"],
        "later": ["3.5"],
        "waiting": ["3.6"],
    }
    assert (
        "You have 6 open actions. 2 are overdue, 2 are due in the next 10 working days and 1 is waiting to be checked."
        in text_of(answer)
    )


def test_each_item_says_how_late_when_last_updated_what_is_done_and_what_difference(mine, page):
    action = mine(deadline=date(2026, 5, 1), rating="at_risk", difference="activity")
    make_milestone(action, done_on=date(2026, 4, 30))
    make_milestone(action)

    text = text_of(page())

    assert "3.1 Screen every notification within 1 working day" in text
    assert "2 working days overdue. Was due Friday 1 May 2026. Last update 15 April." in text
    assert "1 of 2 milestones done. Evidence of activity." in text


def test_an_action_due_soon_says_in_how_many_working_days(mine, page):
    mine(deadline=date(2026, 5, 14))

    assert "Due Thursday 14 May 2026 , in 6 working days. Last update 15 April." in text_of(page())


def test_an_action_without_an_update_for_more_than_30_days_says_so(mine, page):
    mine(updated_on=date(2026, 4, 5))

    assert "No update for 31 days." in text_of(page())


def test_an_action_without_a_deadline_comes_last(mine, page):
    mine(deadline=None)
    mine(deadline=date(2026, 12, 1))

    answer = page()

    assert sections(answer) == {"later": ["3.2", "3.1"]}
    assert "No deadline yet." in text_of(answer)


def test_the_first_two_later_actions_are_shown_and_the_others_are_one_link_away(mine, page):
    for _ in range(5):
        mine()

    answer = page()
    assert sections(answer) == {"later": ["3.1", "3.2"]}
    assert "Later (5)" in text_of(answer)
    assert "Show 3 more later actions" in text_of(answer)
    assert b'href="?later=all#later"' in answer.content

    everything = page("?later=all")
    assert sections(everything) == {"later": ["3.1", "3.2", "3.3", "3.4", "3.5"]}
    assert "more later" not in text_of(everything)


def test_the_first_overdue_action_has_its_form_open_and_the_others_are_folded(mine, page):
    mine(deadline=date(2026, 5, 5))
    mine(deadline=date(2026, 5, 1))
    mine()

    content = page().content.decode()

    assert content.count('<details class="app-quick" open>') == 1
    assert content.count('<details class="app-quick">') == 2
    assert content.index("3.2") < content.index("open>") < content.index(">3.1<")


def test_the_forms_of_two_actions_have_ids_of_their_own(mine, page):
    mine()
    mine()

    content = page().content.decode()
    ids = [part.split('"')[0] for part in content.split(' id="')[1:]]

    assert len(ids) == len(set(ids))


def test_work_waiting_to_be_checked_names_who_checks_it_and_takes_no_update(council, mine, page):
    head = marcus(council)
    mine(claimed_on=date(2026, 5, 1), service=make_service(council, head=head.user))

    answer = page()

    assert "Sent for checking: Marcus Oyelaran, since 1 May" in text_of(answer)
    assert b"app-quick" not in answer.content


def test_what_was_done_in_the_last_30_days_is_beside(mine, page):
    mine(completed_on=date(2026, 4, 7), title="Rota agreed")
    mine(completed_on=date(2026, 4, 6), title="Long ago")

    text = text_of(page())

    assert "Done in the last 30 days (1)" in text
    assert "Rota agreed" in text
    assert "Long ago" not in text


def test_someone_without_actions_is_told_who_can_give_them_one(page):
    assert "You have no open actions. Aisha Rahman can give you one." in text_of(page())


def test_a_council_without_a_contact_names_the_programme_office(client, signed_in, council):
    other = make_authority("Southmere Council", "southmere", contact_name="")
    signed_in(client, make_member(other))

    assert "The programme office can give you one." in text_of(client.get(ADDRESS))


def test_a_partner_sees_the_actions_of_its_agency_whoever_owns_them(client, signed_in, council):
    partner, other = helen(council), dee(council).user
    make_action(council, owner=other, agency=make_agency(council), title="Release staff")
    make_action(council, owner=other, title="Not the police’s")

    text = text_of(signed_in(client, partner).get(ADDRESS))

    assert "Release staff" in text
    assert "Not the police’s" not in text


def test_the_actions_of_others_and_of_another_council_are_not_here(client, signed_in, council, owner):
    make_action(council, owner=dee(council).user, title="Dee's")
    other = make_authority("Southmere Council", "southmere")
    make_member(other, user=owner.user)
    make_action(other, owner=owner.user, title="In Southmere")

    here = text_of(signed_in(client, owner).get(ADDRESS))
    there = text_of(signed_in(client, member_of(other, owner.user)).get(ADDRESS))

    assert "Dee's" not in here
    assert "In Southmere" not in here
    assert "In Southmere" in there


def test_each_action_offers_to_ask_for_another_deadline_until_one_is_asked_for(mine, page):
    action = mine()
    assert "Ask to move the deadline" in text_of(page())

    make_request(action, date(2026, 8, 31))

    assert "Ask to move the deadline" not in text_of(page())
    assert "Another deadline is asked for" in text_of(page())


def test_each_form_posts_to_the_update_page_of_its_action(mine, page):
    action = mine(deadline=date(2026, 5, 5))

    assert f'action="{page_of(action, "update")}"'.encode() in page().content


def test_the_list_takes_as_many_queries_for_many_actions(client, signed_in, owner, mine, django_assert_max_num_queries):
    for number in range(12):
        action = mine(deadline=date(2026, 5, 1 + number))
        make_milestone(action)

    signed_in(client, owner)

    with django_assert_max_num_queries(10):
        answer = client.get(f"{ADDRESS}?later=all")
        assert len(answer.context["sections"]) > 1
