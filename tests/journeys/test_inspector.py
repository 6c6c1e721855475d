"""An inspector, for two days, with no training: who changed this deadline and why, and what is the proof?

Ines Calder inspects the demo council; action 3.4 was moved twice, and some of what is in the plan is restricted.
"""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site

INES = "ines-calder@northbridge.example"
AISHA = "aisha-rahman@northbridge.example"
HARD = "purple-otters-sing-at-noon"
BOLA = "bola-adewale@northbridge.example"

COUNT_CLICKS = "window.addEventListener('click', () => sessionStorage.clicks = 1 + Number(sessionStorage.clicks || 0))"


def sign_in_as(page: Page, site: Site, email: str) -> None:
    sign_in(page, site.url, email, DEMO_PASSWORD)


def clicks(page: Page) -> int:
    return int(page.evaluate("sessionStorage.clicks || 0"))


def find(page: Page, site: Site, words: str) -> None:
    page.goto(f"{site.url}/inspect/")
    page.get_by_role("searchbox", name="Find an action").fill(words)
    page.get_by_role("button", name="Find", exact=True).click()


def test_an_inspector_types_a_reference_and_sees_how_its_deadline_moved(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, INES)
    page.add_init_script(COUNT_CLICKS)

    find(page, demo, "3.4")

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^3.4 Screen every domestic abuse"))
    changes = page.get_by_role("table", name="Deadline changes")
    expect(changes.get_by_role("row")).to_have_count(3)
    expect(changes).to_be_in_viewport()
    expect(changes).to_contain_text("Police could not release staff while others were on leave.")
    assert clicks(page) <= 2
    screenshot(page, "inspector-record")


def test_who_changed_this_deadline_and_why_takes_three_clicks(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, INES)
    page.add_init_script(COUNT_CLICKS)

    find(page, demo, "3.4")
    page.get_by_role("button", name="History").click()

    moves = page.get_by_role("row").filter(has=page.get_by_role("cell", name="Deadline", exact=True))
    expect(moves).to_have_count(2)
    expect(moves.first).to_contain_text("Deadline moved: Screeners’ vetting took longer than planned.")
    expect(moves.first).to_contain_text("Rachel Adeyemi")
    assert clicks(page) <= 3
    screenshot(page, "inspector-history")


def test_who_changed_the_deadline_and_why_is_two_clicks_from_the_home_page(demo: Site, page: Page) -> None:
    """Without typing anything: the list of moves gives who asked, who agreed and why; the record gives the rest."""
    sign_in_as(page, demo, INES)
    page.add_init_script(COUNT_CLICKS)
    page.goto(f"{demo.url}/inspect/")

    page.get_by_role("link", name="Deadline changes", exact=True).first.click()
    page.locator("tbody").get_by_role("row").filter(has_text="3.4 ").first.get_by_role("link").first.click()

    expect(page.locator("main")).to_contain_text("Screeners’ vetting took longer than planned.")
    expect(page.locator("main")).to_contain_text(re.compile(r"Agreed by\s+Rachel Adeyemi"))
    assert clicks(page) <= 2


def test_an_inspector_gets_there_with_the_keyboard_and_without_javascript(
    demo: Site, page_without_javascript: Page
) -> None:
    page = page_without_javascript
    sign_in_as(page, demo, INES)
    page.goto(f"{demo.url}/inspect/")

    page.get_by_role("searchbox", name="Find an action").press_sequentially("3.4")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^3.4 "))
    expect(page.get_by_role("table", name="Deadline changes")).to_be_visible()


def test_an_inspector_filters_the_list_and_takes_it_away(demo: Site, page: Page, tmp_path: Path) -> None:
    sign_in_as(page, demo, INES)
    page.goto(f"{demo.url}/inspect/actions/action/")
    page.get_by_label("Deadline moved").select_option("Yes")
    page.get_by_role("button", name="Apply filters").click()
    shown = page.locator("tbody").get_by_role("row").count()
    expect(page.get_by_role("link", name="Remove filter: Deadline moved: Yes")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download (CSV)").click()

    file = tmp_path / "actions.csv"
    download.value.save_as(file)
    assert download.value.suggested_filename == "northbridge-actions.csv"
    with file.open(encoding="utf-8-sig", newline="") as opened:
        assert len(list(csv.reader(opened))) == 1 + shown
    assert shown > 0


def test_what_is_restricted_is_counted_and_not_named(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, INES)
    page.goto(f"{demo.url}/inspect/actions/action/")

    expect(page.get_by_text(re.compile(r"\d+ restricted actions? (is|are) not shown\."))).to_be_visible()
    find(page, demo, "3.4")
    expect(page.get_by_text("1 restricted piece of evidence is not shown.")).to_be_visible()


def test_there_is_nothing_to_press_that_changes_anything(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, INES)

    for address in ("/inspect/", "/inspect/actions/action/", "/inspect/actions/action/changes/"):
        page.goto(demo.url + address)
        forms = page.locator("form").evaluate_all("forms => forms.map(form => [form.method, form.action])")
        posting = [action for method, action in forms if method == "post"]
        assert posting == [f"{demo.url}/sign-out/"]


PAGES = {
    "inspector-home": "/inspect/",
    "inspector-actions": "/inspect/actions/action/",
    "inspector-filtered": "/inspect/actions/action/?moved=yes&status=overdue",
    "inspector-nothing-found": "/inspect/actions/action/?q=zzz",
    "inspector-deadline-changes": "/inspect/actions/deadlinechange/",
    "inspector-recommendations": "/inspect/inspections/recommendation/",
    "inspector-every-change": "/inspect/actions/action/changes/",
    "inspector-people": "/inspect/accounts/membership/",
    "inspections": "/inspections/",
    "bank-holidays": "/bank-holidays/",
    "inspector-refused": "/people/",
    "inspector-not-found": "/inspect/nowhere/",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_and_fit_a_phone(demo: Site, page: Page, name: str) -> None:
    sign_in_as(page, demo, INES)
    page.goto(demo.url + PAGES[name])

    for width in at_both_widths(page):
        assert axe_violations(page) == []
        assert sideways_scroll(page) == 0
        screenshot(page, f"{name}-{width}")


def test_records_histories_and_clocks_are_accessible_and_fit_a_phone(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, INES)
    find(page, demo, "3.4")
    record = page.url
    page.get_by_role("button", name="History").click()
    history = page.url
    page.get_by_role("link", name=re.compile(r"^Record \d+")).first.click()
    version = page.url
    page.goto(f"{demo.url}/inspections/")
    page.locator("tbody th").get_by_role("link").first.click()
    inspection = page.url
    page.get_by_role("link", name=re.compile("^How it was counted.*Send and publish the plan")).click()
    clock = page.url

    for address in (record, history, version, inspection, clock):
        page.goto(address)
        for _ in at_both_widths(page):
            assert axe_violations(page) == [], address
            assert sideways_scroll(page) == 0, address


def test_the_working_of_the_clock_answers_the_misreading(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, INES)
    page.goto(f"{demo.url}/inspections/")
    page.get_by_role("link", name="Send and publish the plan").first.click()

    expect(page.get_by_text(re.compile("^70 calendar days would be .*; the law counts working days.$"))).to_be_visible()
    expect(page.get_by_text(re.compile("Education and Inspections Act 2006, section 137"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (CSV) of the count").click()
    assert download.value.suggested_filename.endswith("-plan-clock.csv")


def test_an_administrator_adds_a_bank_holiday_and_hears_which_clocks_moved(own_demo: Site, page: Page) -> None:
    sign_in_as(page, own_demo, BOLA)
    page.goto(f"{own_demo.url}/bank-holidays/")
    page.get_by_role("button", name="Add a bank holiday").click()
    page.get_by_role("button", name="Add bank holiday").click()
    expect(page.get_by_role("link", name="Enter the day of the bank holiday")).to_be_visible()
    for _ in at_both_widths(page):
        assert axe_violations(page) == []

    page.get_by_label("Day", exact=True).fill("15")
    page.get_by_label("Month", exact=True).fill("May")
    page.get_by_label("Year", exact=True).fill("2026")
    page.get_by_label("What is it called?").fill("Day of thanks")
    page.get_by_label("Why is it added?").fill("Proclaimed on 1 May 2026")
    page.get_by_role("button", name="Add bank holiday").click()

    banner = page.locator(".govuk-notification-banner--success")
    expect(banner).to_contain_text(
        "Friday 15 May 2026 is now a bank holiday. 3 clocks moved: “Send and publish the plan”"
    )
    expect(banner).to_be_focused()
    expect(page.get_by_role("row").filter(has_text="Day of thanks")).to_contain_text("Entered by an administrator")


def test_the_programme_office_gives_access_reads_what_was_opened_and_ends_it(
    own_demo: Site, page: Page, other_page: Page
) -> None:
    sign_in_as(page, own_demo, AISHA)
    page.goto(f"{own_demo.url}/people/")
    page.get_by_role("link", name="Inspectors, and what they may see").click()
    check(page)
    page.get_by_role("button", name="Give an inspector access").click()
    page.get_by_role("button", name="Give access").click()
    expect(page.get_by_role("link", name="Enter an email address")).to_be_visible()
    check(page)

    page.get_by_label("Email address").fill("ivo.rask@ofsted.example")
    page.get_by_label("Full name").fill("Ivo Rask")
    last = page.get_by_role("group", name="Last day")
    for box, value in (("Day", "30"), ("Month", "June"), ("Year", "2026")):
        last.get_by_label(box).fill(value)
    page.get_by_label(re.compile("^Only Monitoring visit 1")).check()
    page.get_by_role("button", name="Give access").click()

    expect(page.get_by_role("alert")).to_contain_text("Ivo Rask has access until 30 June 2026.")
    check(page)
    other_page.goto(own_demo.link_mailed_to("ivo.rask@ofsted.example"))
    other_page.get_by_label("New password", exact=True).fill(HARD)
    other_page.get_by_role("button", name="Save password").click()
    sign_in(other_page, own_demo.url, "ivo.rask@ofsted.example", HARD)
    expect(other_page.get_by_text("Pages you open are recorded and shown to the council.")).to_be_visible()

    page.goto(f"{own_demo.url}/people/inspectors/pages/")
    expect(page.get_by_role("row").filter(has_text="Inspector home")).to_contain_text("Ivo Rask")
    check(page)
    page.goto(f"{own_demo.url}/people/inspectors/")
    page.get_by_role("link", name="End access of Ivo Rask now").click()
    check(page)
    page.get_by_label("Why does it end?").fill("The visit is over")
    page.get_by_role("button", name="End access").click()
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("Ivo Rask has no access any more.")

    other_page.goto(f"{own_demo.url}/inspect/")
    expect(other_page.get_by_text("Your access has ended.")).to_be_visible()
    check(other_page)


def test_a_pack_for_a_visit_is_made_and_handed_over(own_demo: Site, page: Page, tmp_path: Path) -> None:
    sign_in_as(page, own_demo, AISHA)
    page.goto(f"{own_demo.url}/visits/monitoring-1/")
    page.get_by_role("button", name="Make a pack").click()
    check(page)
    page.get_by_label("Who is it for?").fill("Ofsted, for the visit")
    page.get_by_role("button", name="Make the pack").click()

    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("Pack 1 is made and kept.")
    check(page)
    for kind, begins in (("PDF", b"%PDF-"), ("ZIP", b"PK")):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"{kind} of pack 1").click()
        download.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).read_bytes().startswith(begins)


def check(page: Page) -> None:
    for _ in at_both_widths(page):
        assert axe_violations(page) == [], page.url
        assert sideways_scroll(page) == 0, page.url
