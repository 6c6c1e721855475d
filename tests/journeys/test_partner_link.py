"""Sgt Jo Hall of the police has no account. Aisha sends a link; Jo answers on a phone; Aisha accepts it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from playwright.sync_api import Page, expect

from tests.factories import PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site, StartSite
from tests.services.servers import Product

AISHA = "aisha.rahman@council.example"
ACTION = "/plans/2026/actions/3.1"

SEED = """
from tests import factories
from tests.partners.making import make_partner_action
council = factories.make_authority()
factories.aisha(council)
make_partner_action(council, owner=factories.priya(council).user)
"""

LINK = """
from accounts.models import User
from tests.partners.making import make_link
from tracker.actions.models import Action
from tracker.dates import clock
print(make_link(Action.objects.get(), by=User.objects.get(name="Aisha Rahman"), at=clock.now())[1])
"""


def seed_police(product: Product) -> None:
    product.shell(SEED)


@pytest.fixture
def site(start_site: StartSite) -> Site:
    return start_site(seed_police)


@pytest.fixture
def link(site: Site) -> str:
    return f"{site.url}/partner/{site.product.shell(LINK).strip()}/"


def check(page: Page, name: str) -> None:
    for width in at_both_widths(page):
        assert axe_violations(page) == [], f"{name} at {width}"
        assert sideways_scroll(page) == 0, f"{name} at {width}"
        screenshot(page, f"partner-{name}-{width}")


def test_a_link_is_made_answered_on_a_phone_and_accepted(site: Site, page: Page, phone: Page) -> None:
    sign_in(page, site.url, AISHA, PASSWORD)
    page.goto(f"{site.url}/partners/answers/")
    check(page, "nothing-yet")
    page.get_by_role("link", name="Ask by a link about 3.1").click()
    check(page, "make-a-link")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the name of the person it is for")
    check(page, "make-a-link-error")
    page.get_by_label("Whom is it for?").fill("Sgt Jo Hall")
    page.get_by_label("Their email address (optional)").fill("jo.hall@police.example")
    page.get_by_role("button", name="Make the link").click()
    check(page, "link-made")
    address = page.get_by_label("Link", exact=True).input_value()
    assert address in page.get_by_label("Message to send with it").input_value()
    mailto = page.get_by_role("button", name="Open it in my email program").get_attribute("href")
    assert mailto is not None
    assert mailto.startswith("mailto:jo.hall%40police.example?subject=")

    phone.goto(address)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Send notifications within the hour")
    check(phone, "link")
    for name in ("Say where evidence is kept", "Ask for a new date"):
        phone.get_by_role("link", name=name).click()
        check(phone, name)
        phone.go_back()
    phone.get_by_role("link", name="Say how it is going").click()
    phone.get_by_role("button", name="Send it").click()
    expect(phone).to_have_title(re.compile("^Error: Say how it is going"))
    check(phone, "update-error")
    phone.get_by_label("At risk").check()
    phone.get_by_label("What has changed?").fill("Two officers have started.")
    phone.get_by_role("button", name="Send it").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you, Sgt Jo Hall")
    check(phone, "thank-you")
    phone.goto(f"{address}update/")
    expect(phone.get_by_role("main")).to_contain_text("This link has been used")

    page.goto(f"{site.url}/partners/answers/")
    check(page, "waiting")
    page.get_by_role("link", name="Update on 3.1").click()
    check(page, "answer")
    page.get_by_label("Yes, accept it").check()
    page.get_by_role("button", name="Save decision").click()
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text(
        "Answer accepted. The update is now on 3.1."
    )
    expect(page.get_by_role("main")).to_contain_text(
        "Reported by Sgt Jo Hall, Northbridge Police: Two officers have started."
    )


def test_a_new_date_is_asked_for_without_javascript(link: str, page_without_javascript: Page) -> None:
    page = page_without_javascript
    page.goto(link)
    page.get_by_role("link", name="Ask for a new date").click()
    for label, value in (("Day", "14"), ("Month", "8"), ("Year", "2026")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Waiting on a partner").check()
    page.get_by_label("Why does it need to move?").fill("Vetting takes six weeks.")
    page.get_by_label("What does it mean for children?").fill("None: cover is in place.")
    page.get_by_label("What have you done to avoid it?").fill("Asked for it to be quicker.")
    page.get_by_role("button", name="Send it").click()

    expect(page.get_by_role("main")).to_contain_text("Someone else there then decides about the new date")


def test_what_was_typed_is_given_back_when_the_link_was_withdrawn_meanwhile(
    site: Site, link: str, page: Page, phone: Page
) -> None:
    phone.goto(f"{link}update/")
    phone.get_by_label("Off track").check()
    phone.get_by_label("What has changed?").fill("Nobody has started.")
    sign_in(page, site.url, AISHA, PASSWORD)
    page.goto(f"{site.url}{ACTION}/partner-link/")
    page.get_by_role("link", name="Withdraw the link for Sgt Jo Hall, Northbridge Police").click()
    check(page, "withdraw")
    page.get_by_role("button", name="Withdraw the link").click()
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("Link withdrawn.")

    phone.get_by_role("button", name="Send it").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    expect(phone.get_by_role("main")).to_contain_text("Nobody has started.")
    check(phone, "withdrawn")


def test_of_eight_who_send_at_once_one_is_kept_and_seven_get_their_words_back(site: Site, link: str) -> None:
    people = [_opened(f"{link}update/") for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda number: people[number](f"Text of number {number}."), range(8)))

    kept = site.product.rows("SELECT narrative FROM partners_partneranswer")
    assert len(kept) == 1
    assert sum("Thank you, Sgt Jo Hall" in page for page in pages) == 1
    for number, page in enumerate(pages):
        if "Thank you" in page:
            assert kept == [(f"Text of number {number}.",)]
        else:
            assert "what you have just written was not sent" in page
            assert f"Text of number {number}." in page


def _opened(address: str) -> Callable[[str], str]:
    """Open the form, as a browser of one's own would; the function that is returned sends it."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.open(address).read().decode())
    assert found is not None
    token = found.group(1)

    def send(text: str) -> str:
        posted = urlencode({"csrfmiddlewaretoken": token, "rating": "at_risk", "narrative": text}).encode()
        try:
            return browser.open(address, posted).read().decode()
        except HTTPError as answer:
            return answer.read().decode()

    return send


def test_a_calendar_is_made_on_a_page_and_read_by_a_program(site: Site, page: Page) -> None:
    sign_in(page, site.url, AISHA, PASSWORD)
    page.goto(f"{site.url}/account/calendar/")
    check(page, "calendar-none")
    page.get_by_role("button", name="Make my calendar link").click()
    check(page, "calendar-made")
    address = page.get_by_label("Address for Outlook and Google Calendar").input_value()
    expect(page.get_by_role("link", name="add it to my calendar")).to_have_attribute(
        "href", re.sub("^https?", "webcal", address)
    )

    content = build_opener().open(address).read()
    page.goto(f"{site.url}/account/calendar/")

    assert content.startswith(b"BEGIN:VCALENDAR\r\n")
    expect(page.get_by_role("main")).to_contain_text("last read it on 6 May 2026")
    check(page, "calendar-read")
    page.get_by_role("button", name="Switch off my calendar").click()
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("Calendar switched off.")
    with pytest.raises(HTTPError, match="404"):
        build_opener().open(address)
