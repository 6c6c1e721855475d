"""A person says which emails come, stops one from an email, and the programme office puts the post right.

The names are those of the demo council.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site, StartSite
from tests.services.servers import Product

AISHA = "aisha-rahman@northbridge.example"
PRIYA = "priya-nair@northbridge.example"
MARCUS = "marcus-oyelaran@northbridge.example"


def check(page: Page, name: str) -> None:
    for width in at_both_widths(page):
        assert axe_violations(page) == [], f"{name} at {width}"
        assert sideways_scroll(page) == 0, f"{name} at {width}"
        screenshot(page, f"{name}-{width}")


@pytest.mark.parametrize(
    ("person", "address"),
    [
        ("aisha-rahman", "/account/"),
        ("ines-calder", "/account/"),
        ("helen-ward", "/account/notifications/"),
        ("aisha-rahman", "/emails/jobs/"),
        ("aisha-rahman", "/emails/addresses/"),
    ],
)
def test_pages_are_accessible_and_fit_a_phone(demo: Site, page: Page, person: str, address: str) -> None:
    sign_in(page, demo.url, f"{person}@northbridge.example", DEMO_PASSWORD)
    page.goto(demo.url + address)

    check(page, f"account{address.replace('/', '-')}{person}")


def test_an_owner_says_when_emails_come_and_who_covers(own_demo: Site, page: Page) -> None:
    sign_in(page, own_demo.url, PRIYA, DEMO_PASSWORD)
    page.get_by_role("banner").get_by_role("link", name="Priya Nair").click()
    page.get_by_role("main").get_by_role("link", name="Emails", exact=True).click()
    page.get_by_label("Deadlines that are near").uncheck()
    page.get_by_label("Once a week").check()
    page.get_by_label("From what time may emails come?").select_option("9:00am")
    first, last = page.get_by_role("group", name="First day away"), page.get_by_role("group", name="Last day away")
    for box, value in (("Day", "11"), ("Month", "May"), ("Year", "2026")):
        first.get_by_label(box).fill(value)
    page.get_by_role("button", name="Save choices").click()

    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_role("link", name="Enter the last day that you are away")).to_be_visible()
    expect(page.get_by_label("Deadlines that are near")).not_to_be_checked()
    check(page, "notifications-errors")
    for box, value in (("Day", "22"), ("Month", "5"), ("Year", "2026")):
        last.get_by_label(box).fill(value)
    page.get_by_label("Who gets a copy").select_option("Marcus Oyelaran")
    page.get_by_role("button", name="Save choices").click()

    said = page.get_by_role("alert")
    expect(said).to_contain_text("Choices saved. Emails from 9:00am; overdue actions once a week;")
    expect(said).to_contain_text("Marcus Oyelaran gets a copy from 11 May 2026 to 22 May 2026")
    expect(page.get_by_label("Deadlines that are near")).not_to_be_checked()
    check(page, "notifications-saved")


STOP = """
from accounts.models import Authority, User
from tracker.dates import clock
from tracker.reminders.unsubscribing import stop_link

council = Authority.objects.get(slug="northbridge")
person = User.objects.get(email="priya-nair@northbridge.example")
print("STOP", stop_link(council.pk, person.pk, ["due", "late", "visit"], on=clock.today()))
"""


def test_someone_stops_an_email_without_signing_in(own_demo: Site, page: Page) -> None:
    said = own_demo.product.manage("shell", "--command", STOP)
    found = re.search(r"STOP (\S+)", said)
    assert found
    page.goto(own_demo.url + found[1])
    check(page, "stop-asked")
    page.get_by_role("button", name="Stop these emails").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("These emails are off")
    check(page, "stop-done")
    sign_in(page, own_demo.url, PRIYA, DEMO_PASSWORD)
    page.goto(f"{own_demo.url}/account/notifications/")
    expect(page.get_by_label("Deadlines that are near")).not_to_be_checked()
    expect(page.get_by_label("Actions given to you")).to_be_checked()


REFUSED = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Authority, User
from tracker.dates import clock
from tracker.reminders import changes
from tracker.reminders.models import Digest

on = clock.today()
person = User.objects.get(email="marcus-oyelaran@northbridge.example")
error = "The mail server answered 550 <marcus-oyelaran@northbridge.example>: no such user in the mailbox table"
Digest.objects.create(
    authority=Authority.objects.get(slug="northbridge"), recipient=person, on=on, opened_at=timezone.now(),
    state="failed", address=person.email, last_error=error, subject="2 of your actions are overdue",
)
for back in (2, 1, 0):
    changes.note_refusals([(person.pk, person.email, error)], on=on - timedelta(days=back))
"""


def seed_refused(product: Product) -> None:
    product.manage("seed", "demo")
    product.manage("shell", "--command", REFUSED)


def test_the_programme_office_puts_a_refused_address_and_its_email_right(start_site: StartSite, page: Page) -> None:
    site = start_site(seed_refused)
    sign_in(page, site.url, AISHA, DEMO_PASSWORD)
    page.goto(f"{site.url}/emails/")
    check(page, "emails-trouble")
    page.get_by_role("link", name="See whose, and what nobody is reminded of").click()
    check(page, "addresses-trouble")
    page.get_by_role("button", name=re.compile("^Try this address again")).click()
    expect(page.get_by_role("alert")).to_contain_text(f"Emails go to {MARCUS} again")

    page.get_by_role("link", name="Jobs and failures").click()
    check(page, "jobs-failed")
    page.get_by_role("link", name=re.compile("^Try again.*Marcus Oyelaran")).click()
    check(page, "retry")
    page.get_by_label("Why should it go now?").fill("The mailbox works again")
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("alert")).to_contain_text("The email to Marcus Oyelaran waits to be sent again.")
    expect(page.get_by_text("The mailbox works again")).to_be_visible()
    check(page, "jobs-tried-again")
