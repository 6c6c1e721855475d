"""Signing in and out: what is said never tells whether an address is known, and nobody is sent elsewhere."""

from datetime import date

import pytest

from accounts import changes
from accounts.models import SignIn
from accounts.roles import Role
from tests.actions.pages import text_of
from tests.factories import (
    PASSWORD,
    TODAY,
    ines,
    make_action,
    make_authority,
    make_member,
    make_user,
    priya,
)

pytestmark = pytest.mark.django_db

ADDRESS = "/sign-in/"


@pytest.fixture
def owner(council):
    return priya(council)


def sign_in(client, email="priya.nair@council.example", password=PASSWORD, **fields):
    return client.post(ADDRESS, {"login": email, "password": password, **fields})


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_signing_in_leads_to_the_first_page_and_is_recorded(client, owner):
    answer = sign_in(client)

    assert (answer.status_code, answer.url) == (302, "/")
    assert is_signed_in(client)
    assert SignIn.objects.get().user == owner.user


def test_the_case_of_an_address_and_spaces_around_it_do_not_matter(client, owner):
    sign_in(client, " PRIYA.Nair@Council.Example ")

    assert is_signed_in(client)


def test_the_password_is_taken_as_typed(client, owner):
    sign_in(client, password=f" {PASSWORD}")

    assert not is_signed_in(client)


def test_a_wrong_password_an_unknown_address_and_a_leaver_get_the_same_answer(client, council, owner):
    changes.switch_off(make_member(council, name="Leon Gone").user, by=None, reason="Left")
    make_user("Nora Nopass", password=None)

    answers = [
        sign_in(client, password="wrong password"),
        sign_in(client, "nobody@council.example"),
        sign_in(client, "leon.gone@council.example"),
        sign_in(client, "nora.nopass@council.example"),
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert {str(answer.context["form"].non_field_errors()) for answer in answers} == {
        str(answers[0].context["form"].non_field_errors())
    }
    assert "Email address or password is not right" in text_of(answers[0])
    assert not is_signed_in(client)
    assert not SignIn.objects.exists()


def test_an_empty_form_says_what_to_enter(client, db):
    text = text_of(sign_in(client, "", ""))

    assert "Enter your email address" in text
    assert "Enter your password" in text


def test_a_wrong_password_is_not_written_back_into_the_page(client, owner):
    assert b"wrong password" not in sign_in(client, password="wrong password").content


def test_a_link_is_followed_after_signing_in(client, owner):
    asked = client.get("/my-actions/")
    assert asked.url == "/sign-in/?next=/my-actions/"
    assert client.get(asked.url).context["redirect_field_value"] == "/my-actions/"

    assert sign_in(client, next="/my-actions/").url == "/my-actions/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil.example"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(client, owner, elsewhere):
    assert not client.get(ADDRESS, {"next": elsewhere}).context["redirect_field_value"]
    assert sign_in(client, next=elsewhere).url == "/"


def test_kept_text_cannot_name_another_site(client, owner):
    assert sign_in(client, kept="eyJwYXRoIjoiaHR0cHM6Ly9ldmlsIn0:forged").url == "/"


def test_signing_out_ends_the_session_and_is_no_link(client, owner):
    sign_in(client)

    assert client.get("/sign-out/").status_code == 405
    assert is_signed_in(client)
    assert client.post("/sign-out/").url == ADDRESS
    assert not is_signed_in(client)


def test_the_session_has_a_new_key_after_signing_in(client, owner):
    client.get(ADDRESS)
    session = client.session
    session["before"] = "yes"
    session.save()
    before = session.session_key

    sign_in(client)

    assert client.session.session_key != before


@pytest.mark.parametrize("address", ["/", "/my-actions/", "/plans/2026/actions/3.1/", "/council/", "/status-words/"])
def test_every_page_needs_sign_in(client, db, address):
    assert client.get(address).url == f"/sign-in/?next={address}"


def test_a_person_without_a_role_today_gets_no_further(client, council):
    late = make_user("Lara Late")
    changes.give_role(late, council, role=Role.ACTION_OWNER, starts_on=date(2026, 5, 7), by=None, reason="Tomorrow")
    client.force_login(late)

    answer = client.get("/my-actions/")

    assert answer.status_code == 403
    assert "You have no access at the moment" in text_of(answer)


def test_an_inspectors_access_ends_after_its_last_day(client, council, today):
    inspector = ines(council)
    make_action(council)
    client.force_login(inspector.user)
    assert client.get("/plans/2026/actions/3.1/").status_code == 200

    today(date(2026, 7, 31))
    assert client.get("/plans/2026/actions/3.1/").status_code == 200

    today(date(2026, 8, 1))
    assert client.get("/plans/2026/actions/3.1/").status_code == 403


# Two councils


@pytest.fixture
def both(council):
    """Someone who chairs the boards of Northbridge and of Southmere."""
    other = make_authority("Southmere Council", "southmere")
    here = make_member(council, Role.CHAIR, "Malcolm Chair")
    make_member(other, Role.CHAIR, user=here.user)
    make_action(council, title="In Northbridge")
    make_action(other, title="In Southmere")
    return here, other


def test_someone_of_two_councils_works_in_one_and_may_change(client, both):
    here, other = both
    client.force_login(here.user)
    assert "In Northbridge" in text_of(client.get("/plans/2026/actions/3.1/"))

    answer = client.post("/council/", {"council": other.pk})

    assert answer.url == "/"
    text = text_of(client.get("/plans/2026/actions/3.1/"))
    assert "In Southmere" in text
    assert "In Northbridge" not in text


def test_a_council_one_does_not_belong_to_cannot_be_chosen(client, both):
    here, _ = both
    third = make_authority("Third Council", "third")
    client.force_login(here.user)

    answer = client.post("/council/", {"council": third.pk})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "Third Council" not in text_of(answer)


def test_a_council_that_was_chosen_and_left_is_no_longer_worked_in(client, both):
    here, other = both
    client.force_login(here.user)
    client.post("/council/", {"council": other.pk})
    membership = here.user.memberships.get(authority=other)
    membership.ends_on = date(2026, 5, 5)
    changes.save_because(membership, by=None, reason="Ended yesterday")

    assert "In Northbridge" in text_of(client.get("/plans/2026/actions/3.1/"))


def test_an_empty_choice_of_council_says_so(client, both):
    client.force_login(both[0].user)

    assert "Select a council" in text_of(client.post("/council/", {"council": ""}))


def test_tests_run_on_the_fixed_day(client, council, owner):
    sign_in(client)

    assert "Today is set to Wednesday 6 May 2026" in text_of(client.get("/my-actions/"))
    assert date(2026, 5, 6) == TODAY
