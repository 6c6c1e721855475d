"""The people of a council, what each may do, and what leavers left behind; and what the status words mean."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import changes as account_changes
from accounts.roles import WHAT_THEY_MAY_DO, Role
from tests import factories
from tests.reports.pages import links_of, words_of
from tracker.actions.rules import Difference, Status


@pytest.fixture
def get(client, signed_in):
    """`get(member)` is the list of people as that member sees it."""

    def page(member):
        response = signed_in(client, member).get("/people/")
        assert response.status_code == 200
        return response.content.decode()

    return page


def test_each_person_has_a_post_a_place_and_a_role_in_plain_words(council, get):
    priya = factories.priya(council)
    account_changes.note_sign_in(priya.user, at=factories.NOW)

    words = words_of(get(priya))

    assert (
        "Priya Nair Screening manager Assessment and the front door Action owner. "
        "See the plan and update their own actions. 6 May 2026 0" in words
    )


def test_someone_with_two_roles_stands_once_with_both(council, get):
    priya = factories.priya(council)
    factories.make_member(council, Role.PRIORITY_LEAD, user=priya.user)

    words = words_of(get(priya))

    assert "1 person works on the plan." in words
    assert "Priority lead. See the plan and check finished work of their priority." in words


def test_someone_who_never_signed_in_and_whose_access_ends(council, get):
    factories.ines(council)

    words = words_of(get(factories.aisha(council)))

    assert f"Ines Moreau His Majesty's Inspector – Inspector. {WHAT_THEY_MAY_DO[Role.INSPECTOR]}" in words
    assert "Until 31 July 2026. Never 0" in words


def test_open_actions_are_counted_and_listed(council, get, client):
    priya = factories.priya(council)
    plan = factories.make_plan(council)
    for fields in (
        {},
        {"claimed_on": date(2026, 5, 1)},
        {"completed_on": date(2026, 5, 1)},
        {"cancelled_on": date(2026, 5, 1)},
    ):
        factories.make_action(plan=plan, owner=priya.user, **fields)

    html = get(factories.aisha(council))

    assert "2 of Priya Nair" in words_of(html)
    address = next(address for words, address in links_of(html) if words == "2 of Priya Nair")
    assert client.get(address).context["list"].total == 2


def test_restricted_actions_of_others_are_not_counted(council, get):
    factories.make_action(
        council, owner=factories.priya(council).user, is_restricted=True, restricted_reason="About staff"
    )

    assert "of Priya Nair" not in words_of(get(factories.dee(council)))
    assert "1 of Priya Nair" in words_of(get(factories.aisha(council)))


def test_leavers_with_open_actions_stand_apart(council, get, client):
    office, tom = factories.aisha(council), factories.make_member(council, name="Tom Hesketh")
    factories.make_action(council, owner=tom.user)
    account_changes.switch_off(tom.user, by=office.user, reason="Left the council")

    html = get(office)
    words = words_of(html)

    assert "1 person works on the plan. 1 open action belongs to people who have left." in words
    assert "Nobody is being reminded of these actions." in words
    address = next(address for words, address in links_of(html) if words == "1 of Tom Hesketh")
    assert client.get(address).context["list"].total == 1


def test_someone_whose_role_has_ended_has_left(council, get):
    partner = factories.make_member(council, name="Tom Hesketh", ends_on=date(2026, 5, 6))
    factories.make_action(council, owner=partner.user)
    words = words_of(get(factories.aisha(council)))

    assert "Left, with open actions" not in words

    account_changes.switch_off(partner.user, by=None, reason="Left the council")

    assert "Left, with open actions" in words_of(get(factories.rachel(council)))


def test_leavers_without_open_actions_are_not_listed(council, get):
    tom = factories.make_member(council, name="Tom Hesketh")
    account_changes.switch_off(tom.user, by=None, reason="Left the council")

    assert "Tom Hesketh" not in words_of(get(factories.aisha(council)))


def test_people_of_another_council_are_not_listed(council, get):
    other = factories.make_authority("Southmere Council", "southmere")
    factories.make_action(other, owner=factories.make_member(other, name="Sal Ford").user)

    assert "Sal Ford" not in words_of(get(factories.aisha(council)))


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PROGRAMME_OFFICE, 200),
        (Role.ACTION_OWNER, 200),
        (Role.HEAD_OF_SERVICE, 200),
        (Role.DIRECTOR, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.COUNCILLOR, 403),
        (Role.CHAIR, 403),
        (Role.PARTNER, 403),
        (Role.INSPECTOR, 403),
    ],
)
def test_people_are_listed_for_those_who_work_with_them(council, client, signed_in, role, status):
    member = factories.make_member(council, role)

    assert signed_in(client, member).get("/people/").status_code == status


def test_the_number_of_queries_does_not_grow_with_people(council, get, client):
    get(factories.aisha(council))
    with CaptureQueriesContext(connection) as few:
        client.get("/people/")
    for number in range(8):
        member = factories.make_member(council, name=f"Owner {number}", service=factories.make_service(council))
        factories.make_action(plan=factories.make_plan(council), owner=member.user)

    with CaptureQueriesContext(connection) as many:
        client.get("/people/")

    assert len(many) == len(few) <= 12


# What the words mean


def test_every_status_and_difference_is_explained(council, client, signed_in):
    html = signed_in(client, factories.helen(council)).get("/status-words/").content.decode()

    words = words_of(html)
    assert "<title>What our status words mean – " in html
    for label in [*Status.labels, *Difference.labels]:
        assert label in words
