"""Attacks by the request itself: other people's rows, false hosts, injected headers, redirects, forged forms."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from tests.attacks.attacker import forms_of
from tests.attacks.conftest import OFFICE, Target

NEIGHBOUR_MARK, OUR_MARK = "MARKSOUTHMERE", "MARKNORTHBRIDGE"
ANY_MARK = re.compile(r"(?:MARK|RESTRICTED)NORTHBRIDGE\w*")
# Whom to ask is told to everyone there, the council's marker with it.
STATEMENTS = ("/accessibility/", "/privacy/", "/cookies/")
REDIRECTS = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%09/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "http:///evil.example",
    "https://127.0.0.1@evil.example/",
]


INJECTED = ["/%0d%0aX-Evil:%20yes", "/sign-in/?next=/%0d%0aX-Evil:%20yes", "/plan/%0aX-Evil:%20yes"]
HIDDEN = ["/.git/config", "/.env", "/static/../manage.py", "/static/%2e%2e/manage.py", "/admin/", "/debug/", "/metrics"]


@pytest.fixture(scope="module")
def neighbour(target: Target) -> str:
    """The address of the programme office of the other council."""
    rows = target.product.rows(
        "select u.email from accounts_user u join accounts_membership m on m.user_id = u.id "
        "join accounts_authority a on a.id = m.authority_id where a.slug = 'southmere' and m.role = 'programme_office'"
    )
    return rows[0][0]


@pytest.fixture(scope="module")
def our_pages(target: Target):
    return target.signed_in().pages()


def histories(target: Target) -> dict[str, int]:
    """How many rows each history table has."""
    tables = target.product.rows(
        "select tablename from pg_tables where schemaname = 'public' and tablename like '%%_historical%%'"
    )
    return {name: target.product.rows(f'select count(*) from "{name}"')[0][0] for (name,) in tables}


def test_the_pages_that_are_attacked_are_many(our_pages):
    assert len(our_pages) > 60
    assert sum(OUR_MARK in answer.body for answer in our_pages.values()) > 20
    assert [address for address, answer in our_pages.items() if answer.status >= 500] == []


def test_no_address_of_ours_shows_the_neighbour_anything(target, neighbour, our_pages):
    attacker = target.signed_in(neighbour)
    leaks = []
    for address in (one for one in our_pages if not one.startswith(STATEMENTS)):
        answer = attacker.get(address)
        if (found := ANY_MARK.search(answer.body)) or answer.status >= 500:
            leaks.append(f"{address}: {answer.status} {found and found[0]}")

    assert NEIGHBOUR_MARK in attacker.get("/plan/").body or NEIGHBOUR_MARK in attacker.get("/actions/").body
    assert leaks == []


def test_no_form_of_ours_is_taken_from_the_neighbour(target, neighbour, our_pages):
    """What the neighbour posts to our addresses changes at most rows of the neighbour."""
    attacker = target.signed_in(neighbour)
    attacker.get("/privacy/")
    rows = (
        "select (select md5(string_agg(a::text, ',' order by a.id)) from actions_action a join plans_plan p "
        "on p.id = a.plan_id join accounts_authority c on c.id = p.authority_id where c.slug = 'northbridge')"
    )
    before = target.product.rows(rows)
    wrong = []
    for form in forms_of(our_pages):
        attacker.get("/report-details/")
        answer = attacker.post(form.action, form.filled("Taken over", day=(5, 5, 2026)))
        if answer.status >= 500 or ANY_MARK.search(answer.body):
            wrong.append(f"{form.action}: {answer.status}")

    assert wrong == []
    assert target.product.rows(rows) == before


def test_someone_who_is_not_signed_in_sees_and_changes_nothing(target, our_pages):
    attacker = target.nobody()
    before = histories(target)
    wrong = []
    for address in (one for one in our_pages if not one.startswith(STATEMENTS)):
        answer = attacker.get(address)
        if answer.status != 302 or "/sign-in/" not in answer.header("Location"):
            wrong.append(f"{address}: {answer.status}")
        if ANY_MARK.search(answer.body):
            wrong.append(f"{address} shows {OUR_MARK}")
    for form in forms_of(our_pages):
        attacker.get("/sign-in/")
        attacker.post(form.action, form.filled("Taken over", day=(5, 5, 2026)))

    assert wrong == []
    assert histories(target) == before


def test_a_form_without_its_token_or_from_elsewhere_is_refused(target, our_pages):
    attacker = target.signed_in()
    attacker.get("/report-details/")
    before = histories(target)
    wrong = []
    for form in forms_of(our_pages):
        said = form.filled("Forged", day=(5, 5, 2026))
        without = attacker.post(form.action, said, token="")
        elsewhere = attacker.post(form.action, said, origin="https://evil.example")
        if (without.status, elsewhere.status) != (403, 403):
            wrong.append(f"{form.action}: {without.status}, {elsewhere.status}")

    assert wrong == []
    assert histories(target) == before


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:80@evil.example", "", "a b"])
def test_a_false_host_is_refused_and_not_repeated(target, host):
    answer = target.signed_in().get("/", host=host)

    assert answer.status == 400
    assert "evil.example" not in answer.body
    assert "evil.example" not in str(answer.headers)


def test_what_a_client_says_about_its_host_does_not_reach_a_page(target):
    attacker = target.signed_in()
    headers = [("X-Forwarded-Host", "evil.example"), ("X-Host", "evil.example"), ("Forwarded", "host=evil.example")]

    for address in ("/", "/account/calendar/", "/report-details/"):
        answer = attacker.ask("GET", address, headers=headers)
        assert "evil.example" not in answer.body
        assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize("address", REDIRECTS)
def test_nobody_is_led_off_the_site(target, address):
    attacker = target.nobody()
    page = attacker.get(f"/sign-in/?next={address}")
    said = [("email", OFFICE), ("password", "tea-and-biscuits"), ("next", address)]
    sent = attacker.post("/sign-in/", said)

    assert page.status == 200
    assert sent.status < 500
    led_to = urlsplit(urljoin(f"{target.url}/sign-in/", sent.header("Location").replace("\\", "/")))
    assert (led_to.scheme, f"http://{led_to.netloc}") == ("http", target.url)


@pytest.mark.parametrize("start", INJECTED)
def test_a_new_line_in_an_address_makes_no_header(target, start):
    for attacker in (target.nobody(), target.signed_in()):
        answer = attacker.get(start)
        assert answer.status < 500
        assert "x-evil" not in {name.lower() for name, _ in answer.headers}


def test_a_new_line_in_a_downloads_name_makes_no_header(target, our_pages):
    attacker = target.signed_in()
    for address in [one for one in our_pages if ".csv" in one or "download" in one]:
        answer = attacker.get(f"{address}{'&' if '?' in address else '?'}page=%0d%0aX-Evil:%20yes&q=%0d%0aX-Evil:1")
        assert answer.status < 500
        assert "x-evil" not in {name.lower() for name, _ in answer.headers}


MORE_THAN_ASKED = {
    "authority": "2",
    "authority_id": "2",
    "plan": "1",
    "owner": "1",
    "owner_id": "1",
    "by": "1",
    "deadline": "2030-01-01",
    "deadline-day": "1",
    "deadline-month": "1",
    "deadline-year": "2030",
    "first_agreed": "2030-01-01",
    "completed_on": "2026-05-06",
    "is_restricted": "on",
    "difference": "sustained",
    "history_date": "2020-01-01",
    "_history_date": "2020-01-01",
    "is_staff": "on",
    "is_superuser": "on",
    "role": "director",
}


def test_fields_that_were_not_asked_for_are_not_taken(target, our_pages):
    attacker = target.signed_in()
    form = next(form for form in forms_of(our_pages) if form.action.endswith("/update/"))
    reference = form.action.split("/")[-3]
    asked = (
        "select a.owner_id, a.deadline, a.first_agreed, a.completed_on, a.is_restricted, a.difference, a.plan_id "
        "from actions_action a join plans_plan p on p.id = a.plan_id "
        "join accounts_authority c on c.id = p.authority_id "
        "where c.slug = 'northbridge' and a.reference = %s order by a.id"
    )
    people = "select count(*) from accounts_user where is_superuser"
    before, powerful = target.product.rows(asked, reference), target.product.rows(people)
    page = attacker.get(form.page)
    assert page.status == 200

    said = dict(form.filled("Two more have started.", day=(5, 5, 2026))) | {"rating": "at_risk"}
    answer = attacker.post(form.action, [*said.items(), *MORE_THAN_ASKED.items()])

    assert answer.status == 302
    assert target.product.rows(asked, reference) == before
    assert target.product.rows(people) == powerful
    newest = target.product.rows("select max(history_date) from actions_historicalprogressupdate")
    assert newest[0][0].year != 2020


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"])
def test_other_methods_change_nothing(target, our_pages, method):
    attacker = target.signed_in()
    before = histories(target)
    for address in list(our_pages)[:40]:
        assert attacker.ask(method, address).status < 500

    assert histories(target) == before


@pytest.mark.parametrize("address", HIDDEN)
def test_what_is_not_for_browsers_is_not_there(target, address):
    answer = target.signed_in().ask("GET", address)

    assert answer.status in {301, 302, 404}
    assert "SECRET" not in answer.body
    assert "import" not in answer.body
