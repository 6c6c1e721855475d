"""Who someone is in a council, what their roles allow, and the changes that give and take them."""

from datetime import date

import pytest

from accounts import changes, roles
from accounts.member import members_of
from accounts.models import Membership, User
from accounts.roles import Role
from tests.factories import (
    TODAY,
    aisha,
    fresh,
    helen,
    ines,
    make_agency,
    make_authority,
    make_member,
    make_service,
    make_user,
    marcus,
    member_of,
    priya,
)
from tracker.audit.history import UnexplainedChange

pytestmark = pytest.mark.django_db


# Members


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_member"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (date(2026, 5, 7), None, False),
        (None, date(2026, 5, 5), False),
    ],
)
def test_a_membership_counts_from_its_first_day_to_its_last(council, starts_on, ends_on, is_member):
    user = make_user()
    changes.give_role(
        user, council, role=Role.ACTION_OWNER, starts_on=starts_on, ends_on=ends_on, by=None, reason="Joined"
    )

    assert bool(members_of(user, on=TODAY)) is is_member


def test_someone_switched_off_is_a_member_of_nothing(council):
    user = priya(council).user
    changes.switch_off(user, by=None, reason="Left")

    assert members_of(user, on=TODAY) == []


def test_several_roles_in_a_council_are_one_member(council):
    lead = make_member(council, Role.PRIORITY_LEAD, user=marcus(council).user)

    assert lead.roles == {Role.HEAD_OF_SERVICE, Role.PRIORITY_LEAD}
    assert lead.post == "Head of Assessment and the front door"


def test_someone_of_two_councils_is_two_members_by_name_of_council(council):
    first = make_authority("Aldbury Council", "aldbury")
    user = priya(council).user
    make_member(first, Role.CHAIR, user=user)

    assert [(str(member.authority), member.roles) for member in members_of(user, on=TODAY)] == [
        ("Aldbury Council", {Role.CHAIR}),
        ("Northbridge County Council", {Role.ACTION_OWNER}),
    ]


def test_members_are_read_in_one_query(council, django_assert_num_queries):
    user = priya(council).user
    for number in range(3):
        make_member(make_authority(f"Council {number}", f"council-{number}"), Role.CHAIR, user=user)

    with django_assert_num_queries(1):
        assert len(members_of(user, on=TODAY)) == 4


def test_access_ends_when_every_role_has_ended(council):
    inspector = ines(council)
    assert inspector.access_ends_on == date(2026, 7, 31)

    both = make_member(council, Role.CHAIR, user=inspector.user)
    assert both.access_ends_on is None


def test_a_partner_is_of_its_agency(council):
    assert helen(council).agency_ids == {make_agency(council).pk}


# What roles allow: every role, so that a new one is thought about

RIGHTS = {
    Role.PROGRAMME_OFFICE: {"plan", "restricted", "run", "people_kept", "inspect", "own", "people"},
    Role.ACTION_OWNER: {"plan", "own", "people"},
    Role.HEAD_OF_SERVICE: {"plan", "own", "people"},
    Role.PRIORITY_LEAD: {"plan", "own", "people"},
    Role.DIRECTOR: {"plan", "restricted", "inspect", "own", "people"},
    Role.COUNCILLOR: {"plan"},
    Role.CHAIR: {"plan"},
    Role.PARTNER: {"own"},
    Role.INSPECTOR: {"plan", "inspect"},
    Role.ADMINISTRATOR: {"plan", "people_kept", "holidays", "people"},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_allows_what_it_says(council, role):
    member = make_member(council, role)
    rights = {
        "plan": member.sees_plan,
        "restricted": member.sees_restricted,
        "run": member.runs_plan,
        "people_kept": member.keeps_people,
        "holidays": member.keeps_holidays,
        "inspect": member.uses_inspector_site,
        "own": member.owns_actions,
        "people": member.sees_people,
    }

    assert {right for right, held in rights.items() if held} == RIGHTS[role]
    assert role in roles.WHAT_THEY_MAY_DO


def test_an_inspector_with_another_role_is_not_only_an_inspector(council):
    inspector = ines(council)
    assert inspector.is_only_inspector

    make_member(council, Role.CHAIR, user=inspector.user)
    assert not member_of(council, inspector.user).is_only_inspector


# Changes


def newest(row):
    latest = row.history.order_by("-history_id").first()
    return latest.actor, latest.history_change_reason


def test_people_services_agencies_and_roles_are_added_with_who_and_why(council):
    office = aisha(council).user
    service = changes.add_service(council, name="Fostering", by=office, reason="New service")
    agency = changes.add_agency(council, name="Health Trust", kind="health", by=office, reason="Joined the board")
    person = changes.add_person(email="New@Council.Example", name="Nia New", by=office, reason="Started today")
    role = changes.give_role(person, council, role=Role.ACTION_OWNER, by=office, reason="Owns 3.4")
    changes.name_head(service, head=person, by=office, reason="Appointed")

    assert newest(service) == ("Aisha Rahman", "Appointed")
    assert newest(agency) == ("Aisha Rahman", "Joined the board")
    assert newest(person) == ("Aisha Rahman", "Started today")
    assert newest(role) == ("Aisha Rahman", "Owns 3.4")
    assert fresh(service).head == person


def test_a_person_without_a_password_cannot_sign_in(council):
    person = changes.add_person(email="new@council.example", name="Nia New", by=None, reason="Started today")

    assert not person.has_usable_password()


def test_switching_someone_off_keeps_their_name_in_the_history(council):
    owner, office = priya(council).user, aisha(council).user

    changes.switch_off(owner, by=office, reason="Left the council")

    assert not fresh(owner).is_active
    assert newest(owner) == ("Aisha Rahman", "Left the council")
    assert fresh(owner).name == "Priya Nair"


def test_the_history_of_a_person_holds_no_password(council):
    assert "password" not in {field.name for field in User.history.model._meta.fields}


def test_a_service_or_agency_of_another_council_is_refused(council):
    other, person = make_authority("Southmere Council", "southmere"), make_user()

    for fields in ({"service": make_service(other)}, {"agency": make_agency(other)}):
        with pytest.raises(changes.OtherCouncil, match="belongs to another council"):
            changes.give_role(person, council, role=Role.CHAIR, by=None, reason="Joined", **fields)

    assert not Membership.objects.exists()


def test_a_partner_needs_an_agency(council):
    with pytest.raises(changes.MissingAgency, match="Choose the agency"):
        changes.give_role(make_user(), council, role=Role.PARTNER, by=None, reason="Joined")


def test_an_inspector_needs_a_last_day(council):
    with pytest.raises(changes.MissingEnd, match="last day of the inspector's access"):
        changes.give_role(make_user(), council, role=Role.INSPECTOR, by=None, reason="Visit")


def test_a_change_without_a_reason_is_refused(council):
    with pytest.raises(ValueError, match="every change has a reason"):
        changes.switch_off(priya(council).user, by=None, reason="  ")


def test_people_are_not_written_by_a_door_that_leaves_no_history(council):
    with pytest.raises(UnexplainedChange, match="leaves no history"):
        User.objects.update(is_active=False)


def test_checking_a_password_never_writes(council, django_assert_num_queries):
    user = priya(council).user

    with django_assert_num_queries(0):
        assert user.check_password("correct horse battery staple")
        assert not user.check_password("wrong")
