"""A deadline that moves: asked for on a phone, decided by someone else, and kept when it is refused.

Priya Nair of the demo council owns 2.4 and leads its priority; Siân Morgan owns 4.8 in a priority that Dee Okafor
leads; Malcolm Threlfall chairs the improvement board.
"""

import re
import time
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site
from tracker.govuk.forms import month_number

PLAN = "/plans/2026/actions"
SECONDS = 60
# How long someone takes to type a letter on a phone; the rest of a minute is for reading.
SECONDS_A_LETTER = 0.2


def sign_in_as(page: Page, site: Site, person: str) -> None:
    page.context.clear_cookies()
    sign_in(page, site.url, f"{person}@northbridge.example", DEMO_PASSWORD)


def banner(page: Page):
    return page.locator(".govuk-notification-banner--success")


def deadline_of(page: Page) -> date:
    """The deadline in the strip of facts."""
    words = page.locator(".app-facts dd").nth(1).inner_text()
    found = re.search(r"(\d{1,2}) (\w+) (\d{4})", words)
    assert found is not None
    return date(int(found[3]), month_number(found[2]) or 0, int(found[1]))


def ask(page: Page, site: Site, reference: str, to: date, texts: tuple[str, str, str]) -> None:
    """Fill in the form and go to the check page."""
    page.goto(f"{site.url}{PLAN}/{reference}/")
    page.get_by_role("button", name="Ask to move the deadline").click()
    for box, value in (("Day", to.day), ("Month", to.month), ("Year", to.year)):
        page.get_by_label(box, exact=True).fill(str(value))
    page.get_by_label("Recruitment").check()
    for label, text in zip(("Why does it need to move?", "What does it mean for children?"), texts, strict=False):
        page.get_by_label(label).fill(text)
    page.get_by_label("What have you done to avoid it?").fill(texts[2])
    page.get_by_role("button", name="Continue").click()


def check(page: Page, name: str) -> None:
    for width in at_both_widths(page):
        assert axe_violations(page) == [], f"{name} at {width}"
        assert sideways_scroll(page) == 0, f"{name} at {width}"


def test_an_owner_asks_on_a_phone_the_lead_decides_and_the_board_decides_past_a_visit(
    own_demo: Site, phone: Page, page: Page
) -> None:
    texts = ("The new worker starts late.", "Visits keep their pace.", "Asked another team.")
    sign_in_as(phone, own_demo, "sian-morgan")
    phone.goto(f"{own_demo.url}{PLAN}/4.9/")
    before = deadline_of(phone)

    began = time.monotonic()
    ask(phone, own_demo, "4.9", before + timedelta(days=3), texts)
    expect(phone.get_by_role("heading", name="Check before you send it")).to_be_visible()
    who = phone.locator(".govuk-body-l").inner_text()
    phone.get_by_role("button", name="Send request").click()
    expect(banner(phone)).to_contain_text("Request sent. Who decides:")
    assert time.monotonic() - began + SECONDS_A_LETTER * sum(map(len, texts)) <= SECONDS
    assert sideways_scroll(phone) == 0
    assert "priority lead" in who

    phone.goto(f"{own_demo.url}{PLAN}/4.9/")
    assert deadline_of(phone) == before
    lead = re.sub(r"[^a-z]+", "-", re.search(r"decide: (.+), priority lead", who)[1].lower())  # type: ignore[index]

    sign_in_as(page, own_demo, lead)
    page.goto(f"{own_demo.url}{PLAN}/4.9/")
    page.get_by_role("link", name="See the request").first.click()
    check(page, "the request, as who decides sees it")
    screenshot(page, "deadline-request")
    page.get_by_label("Refuse").check()
    page.get_by_label("Why?").fill("Children would wait over Christmas.")
    page.get_by_role("button", name="Save decision").click()
    expect(banner(page)).to_contain_text("Request refused. 4.9 is still due")
    expect(page.locator("#deadline-changes").locator("..").locator("..")).to_contain_text("Refused")

    # Past the visit: for the board.
    sign_in_as(page, own_demo, "sian-morgan")
    ask(page, own_demo, "4.9", before + timedelta(days=400), texts)
    expect(page.locator(".govuk-body-l")).to_contain_text("The improvement board: Malcolm Threlfall decides for it")
    check(page, "the check page")
    screenshot(page, "deadline-check")
    page.get_by_role("button", name="Send request").click()
    expect(banner(page)).to_be_visible()

    sign_in_as(page, own_demo, "malcolm-threlfall")
    page.goto(f"{own_demo.url}{PLAN}/4.9/")
    page.get_by_role("link", name="See the request").first.click()
    other = before + timedelta(days=7)
    page.get_by_label("Agree to another day").check()
    for box, value in (("Day", other.day), ("Month", other.month), ("Year", other.year)):
        page.get_by_label(box, exact=True).fill(str(value))
    page.get_by_label("Why?").fill("Sooner is enough.")
    page.get_by_role("button", name="Save decision").click()
    expect(banner(page)).to_contain_text("Deadline moved. 4.9 is now due")
    assert deadline_of(page) == other

    # All of it is kept.
    page.goto(f"{own_demo.url}/plans/2026/deadline-changes/?requests=refused")
    expect(page.get_by_role("table")).to_contain_text("4.9")
    expect(page.get_by_role("table")).to_contain_text("refused")
    check(page, "the deadline changes")
    screenshot(page, "deadline-changes")


def test_two_who_decide_the_same_request_the_second_reads_what_the_first_decided(
    own_demo: Site, page: Page, other_page: Page
) -> None:
    sign_in_as(page, own_demo, "sian-morgan")
    page.goto(f"{own_demo.url}{PLAN}/4.9/")
    to = deadline_of(page) + timedelta(days=400)
    ask(page, own_demo, "4.9", to, ("The new worker starts late.", "Visits keep their pace.", "Asked another team."))
    page.get_by_role("button", name="Send request").click()
    expect(banner(page)).to_be_visible()
    request = page.url

    sign_in_as(page, own_demo, "malcolm-threlfall")
    sign_in_as(other_page, own_demo, "rachel-adeyemi")
    for person in (page, other_page):
        person.goto(request)
    other_page.get_by_label("Refuse").check()
    other_page.get_by_label("Why?").fill("The board said no.")
    today = date(2026, 5, 6)
    for box, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        other_page.get_by_role("group", name="When was it decided?").get_by_label(box, exact=True).fill(str(value))
    page.get_by_label(re.compile("^Agree to [0-9]")).check()
    page.get_by_label("Why?").fill("It cannot be sooner.")
    page.get_by_role("button", name="Save decision").click()
    expect(banner(page)).to_contain_text("Deadline moved.")
    other_page.get_by_role("button", name="Save decision").click()

    expect(other_page.get_by_role("alert")).to_contain_text("It was agreed by Malcolm Threlfall on")
    expect(other_page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    check(other_page, "the second decision")


def test_the_other_forms_of_an_action_are_accessible_at_both_widths(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, "aisha-rahman")
    for address in (
        f"{PLAN}/3.4/edit/",
        f"{PLAN}/3.4/milestones/",
        f"{PLAN}/3.4/measures/",
        f"{PLAN}/3.4/cancel/",
        f"{PLAN}/2.7/difference/",
        f"{PLAN}/2.7/reopen/",
        f"{PLAN}/2.7/",
        "/plans/2026/?late=first-agreed",
    ):
        page.goto(f"{demo.url}{address}")
        check(page, address)
