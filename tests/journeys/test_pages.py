"""Every page, as each kind of person: accessible at 1280 and 320 pixels, no sideways scroll, no dead link."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site

STAFF = [
    "/",
    "/my-actions/",
    "/plan/",
    "/actions/",
    "/visits/",
    "/inspections/",
    "/people/",
    "/emails/",
    "/status-words/",
]
DEEPER = [
    "/plans/2026/?due=visit&status=overdue",
    "/plans/2026/sending/",
    "/plans/2026/actions/3.4/",
    "/plans/2026/actions/3.4/update/",
    "/visits/monitoring-1/",
    "/visits/focused-1/",
    "/inspections/2025-ilacs/",
    "/inspections/2025-ilacs/clocks/plan/",
    "/inspections/2025-ilacs/recommendations/3/",
    "/bank-holidays/",
]


def check(page: Page, address: str) -> None:
    problems = []
    for width in at_both_widths(page):
        problems += [f"{address} at {width}: {violation}" for violation in axe_violations(page)]
        if wider := sideways_scroll(page):
            problems.append(f"{address} at {width} scrolls sideways by {wider} pixels")
    assert problems == []


def test_the_sign_in_page_and_a_wrong_password(demo: Site, page: Page) -> None:
    page.goto(f"{demo.url}/sign-in/")
    check(page, "/sign-in/")

    page.get_by_label("Email address", exact=True).fill("aisha-rahman@northbridge.example")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_role("alert")).to_contain_text("Email address or password is not right")
    check(page, "/sign-in/ with an error")


@pytest.mark.parametrize("address", [*STAFF, *DEEPER])
def test_a_page_of_the_programme_office(demo: Site, page: Page, address: str) -> None:
    sign_in(page, demo.url, "aisha-rahman@northbridge.example", DEMO_PASSWORD)

    response = page.goto(f"{demo.url}{_of_the_year(page, demo, address)}")

    assert response is not None
    assert response.status == 200
    check(page, address)
    screenshot(page, f"office-{address}")


@pytest.mark.parametrize(
    ("person", "menu"),
    [
        ("marcus-oyelaran", ["Dashboard", "My actions", "Plan", "Visits", "Inspections", "People", "Emails"]),
        ("rachel-adeyemi", ["Dashboard", "My actions", "Plan", "Visits", "Inspections", "People", "Emails"]),
        ("judith-lowe", ["Dashboard", "Plan", "Visits", "Inspections", "Emails"]),
        ("helen-ward", ["My actions", "Emails"]),
        ("ines-calder", ["Inspector home", "Dashboard", "Plan", "Visits", "Inspections"]),
        ("bola-adewale", ["Dashboard", "Plan", "Visits", "Inspections", "People", "Emails"]),
    ],
)
def test_each_person_sees_their_own_menu_and_every_link_of_the_first_page_answers(
    demo: Site, page: Page, person: str, menu: list[str]
) -> None:
    sign_in(page, demo.url, f"{person}@northbridge.example", DEMO_PASSWORD)
    check(page, f"the first page of {person}")

    shown = page.get_by_role("navigation", name="Menu").get_by_role("link").all_inner_texts()
    assert [re.split(r"\d|\n", words)[0].strip() for words in shown] == menu

    links = {link.get_attribute("href") for link in page.get_by_role("link").all()}
    addresses = {urljoin(page.url, link) for link in links if link and not link.startswith("#")}
    dead = [
        address
        for address in sorted(addresses)
        if urlsplit(address).netloc == urlsplit(demo.url).netloc and page.request.get(address).status != 200
    ]
    assert dead == []


@pytest.mark.parametrize(("address", "status"), [("/nowhere/", 404), ("/plans/2026/actions/9.9/", 404)])
def test_what_is_not_there_says_what_to_do(demo: Site, page: Page, address: str, status: int) -> None:
    sign_in(page, demo.url, "aisha-rahman@northbridge.example", DEMO_PASSWORD)

    response = page.goto(f"{demo.url}{address}")

    assert response is not None
    assert response.status == status
    check(page, address)


def test_what_is_not_allowed_says_so(demo: Site, page: Page) -> None:
    sign_in(page, demo.url, "judith-lowe@northbridge.example", DEMO_PASSWORD)

    response = page.goto(f"{demo.url}/people/")

    assert response is not None
    assert response.status == 403
    check(page, "/people/ as a councillor")


def test_an_email_is_read_as_its_owner_would_see_it(own_demo: Site, page: Page) -> None:
    own_demo.product.manage("daily", "--on", "2026-05-06")
    sign_in(page, own_demo.url, "marcus-oyelaran@northbridge.example", DEMO_PASSWORD)

    page.goto(f"{own_demo.url}/emails/")
    page.get_by_role("link", name=re.compile("of your actions are overdue")).click()

    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Marcus, 2 of your actions are overdue")
    expect(page.get_by_label("The email as plain text")).to_contain_text("OVERDUE")
    assert len(own_demo.mail.to("marcus-oyelaran@northbridge.example")) == 1
    screenshot(page, "email")


def _of_the_year(page: Page, site: Site, address: str) -> str:
    """The demo's references bear the year of its report: follow the menu once to learn it."""
    page.goto(f"{site.url}/inspections/")
    found = re.search(r"/inspections/(\d{4})-ilacs/", page.content())
    assert found is not None
    year = found.group(1)
    return address.replace("2025-ilacs", f"{year}-ilacs").replace("/plans/2026/", f"/plans/{year}/")
