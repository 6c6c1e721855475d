"""The numbers a council works by: shown, set, refused, and kept with their history."""

import pytest

from accounts import changes
from accounts.models import CouncilPractice, practices_of
from accounts.practices import PRACTICES, RISING
from accounts.roles import Role
from tests import factories
from tests.inspections.pages import text_of

MAY_SET = {Role.PROGRAMME_OFFICE, Role.DIRECTOR}
GIVEN = {"value": "4", "source": "Ofsted’s letter of 6 May 2026"}


@pytest.fixture
def office(client, council, signed_in):
    return signed_in(client, factories.aisha(council))


def test_every_number_is_shown_with_its_unit_and_where_it_comes_from(office):
    page = text_of(office.get("/settings/"))

    assert "The council has changed none of them." in page
    assert "Clocks that run keep their length" in page
    for practice in PRACTICES:
        assert practice.title in page
        assert practice.source in page
    assert "Last reminder before a deadline 1 working day How often" in page


def test_a_number_is_set_with_its_source_and_leaves_a_history(office, council):
    page = text_of(office.post("/settings/next_visit/", GIVEN, follow=True))

    assert "“Next monitoring visit after the last” is now 4 months. Clocks that run keep their length." in page
    assert "1 of them was set by this council." in page
    assert "4 months Set by this council; usually 3 Ofsted’s letter of 6 May 2026" in page
    row = CouncilPractice.objects.get().history.get()
    assert (row.actor, row.history_change_reason) == (
        "Aisha Rahman",
        "Next monitoring visit after the last: 3 became 4. Ofsted’s letter of 6 May 2026",
    )


def test_a_number_set_twice_is_one_row_with_two_entries_of_history(office, council):
    office.post("/settings/next_visit/", GIVEN)
    office.post("/settings/next_visit/", {**GIVEN, "value": "5"})

    assert practices_of(council)["next_visit"].value == 5
    assert CouncilPractice.objects.get().history.count() == 2


def test_another_council_keeps_its_own_numbers(office, council):
    office.post("/settings/next_visit/", GIVEN)

    other = factories.make_authority("Southmere Borough Council", "southmere")
    assert practices_of(other)["next_visit"].value == 3


@pytest.mark.parametrize(
    ("code", "given", "message"),
    [
        ("next_visit", {"value": ""}, "Enter a number"),
        ("next_visit", {"value": "often"}, "Enter a whole number"),
        ("next_visit", {"value": "0"}, "Enter a number from 1 to 24."),
        ("next_visit", {"value": "25"}, "Enter a number from 1 to 24."),
        ("next_visit", {"source": ""}, "Enter where the number comes from"),
        (
            "lead_decides",
            {"value": "30"},
            "Enter a number below 30, which is that of “The director may agree a slip of up to”.",
        ),
        (
            "director_decides",
            {"value": "10"},
            "Enter a number above 10, which is that of “The priority lead may agree a slip of up to”.",
        ),
        ("governance_cabinet", {"value": "8"}, "Enter a number above 8"),
    ],
)
def test_a_number_that_cannot_be_is_answered_on_its_field(office, code, given, message):
    response = office.post(f"/settings/{code}/", {**GIVEN, **given})

    assert message in text_of(response)
    assert "<title>Error: " in response.content.decode()
    assert not CouncilPractice.objects.exists()


def test_the_same_number_from_the_same_source_is_refused(office):
    office.post("/settings/next_visit/", GIVEN)

    assert "This is the number already, from the same source." in text_of(office.post("/settings/next_visit/", GIVEN))
    assert CouncilPractice.objects.get().history.count() == 1


def test_the_numbers_as_they_come_can_each_be_set_to_what_they_are(council):
    practices = practices_of(council)

    assert {practice.code: practices.why_not(practice.code, practice.default) for practice in PRACTICES} == {
        practice.code: "" for practice in PRACTICES
    }
    assert {code for codes in RISING for code in codes} <= {practice.code for practice in PRACTICES}


def test_a_number_nobody_knows_has_no_page(office, council):
    assert office.get("/settings/lunch/").status_code == 404
    with pytest.raises(KeyError):
        changes.set_practice(council, code="lunch", value=1, source="x", by=None, reason="x")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PARTNER])
def test_those_who_see_the_plan_see_the_numbers_and_few_set_them(client, council, signed_in, role):
    signed_in(client, factories.make_member(council, role))

    page = text_of(client.get("/settings/"))

    assert ("The programme office and the director can change these." in page) == (role not in MAY_SET)
    assert client.get("/settings/next_visit/").status_code == (200 if role in MAY_SET else 403)
    assert client.post("/settings/next_visit/", GIVEN).status_code == (302 if role in MAY_SET else 403)
    assert CouncilPractice.objects.exists() == (role in MAY_SET)


def test_a_partner_agency_sees_no_settings(client, council, signed_in):
    signed_in(client, factories.helen(council))

    assert client.get("/settings/").status_code == 403
