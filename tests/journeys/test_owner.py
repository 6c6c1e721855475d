"""The owner of an action, weekly, often on a phone: what do I need to do now, and what has changed?

Marcus Oyelaran of the demo council owns 3.4 and 4.2, both overdue.
"""

import re

from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, sideways_scroll, sign_in
from tests.journeys.conftest import Site

MARCUS = "marcus-oyelaran@northbridge.example"
AISHA = "aisha-rahman@northbridge.example"
PLAN = "/plans/2026/actions"

COUNT_CLICKS = "window.clicks = 0; document.addEventListener('click', () => { window.clicks += 1 }, true)"


def sign_in_as(page: Page, site: Site, email: str) -> None:
    sign_in(page, site.url, email, DEMO_PASSWORD)


def banner(page: Page):
    return page.locator(".govuk-notification-banner--success")


def test_an_owner_follows_the_link_of_an_email_and_updates_with_one_click(own_demo: Site, page: Page) -> None:
    page.goto(f"{own_demo.url}{PLAN}/4.2/update/")
    page.get_by_label("Email address", exact=True).fill(MARCUS)
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Update progress")).to_be_visible()

    page.get_by_label(re.compile("^What has changed since")).fill("50 of 60 plans are checked. 43 are clear.")
    page.get_by_role("button", name="Save update").click()

    expect(banner(page)).to_contain_text("Update saved. 4.2 is still overdue.")
    expect(banner(page)).to_be_focused()
    expect(page.get_by_role("listitem").filter(has_text="50 of 60 plans are checked.")).to_be_visible()
    page.get_by_role("link", name="Update your next overdue action, 3.4").click()
    expect(page).to_have_url(f"{own_demo.url}{PLAN}/3.4/update/")


def test_an_owner_updates_the_most_overdue_action_in_the_list_with_two_clicks(own_demo: Site, page: Page) -> None:
    sign_in_as(page, own_demo, MARCUS)
    page.goto(f"{own_demo.url}/my-actions/")
    expect(page.get_by_text(re.compile("2 are overdue and|2 are overdue,"))).to_be_visible()
    page.evaluate(COUNT_CLICKS)

    form = page.locator("details[open] form")
    form.get_by_label("Off track").check()
    form.get_by_label(re.compile("^What has changed since")).type("The checker is on leave.")
    assert page.evaluate("window.clicks") == 1
    form.get_by_role("button", name=re.compile("^Save update")).click()

    expect(banner(page)).to_contain_text("Update saved. 4.2 is still overdue.")
    expect(page.get_by_text("Owner says off track.")).to_be_visible()


def test_an_owner_updates_on_a_phone_with_the_keyboard_alone(own_demo: Site, phone: Page) -> None:
    sign_in_as(phone, own_demo, MARCUS)
    phone.goto(f"{own_demo.url}/my-actions/")
    assert sideways_scroll(phone) == 0

    def tab_to(description: str, is_reached: str) -> None:
        for _ in range(60):
            phone.keyboard.press("Tab")
            if phone.evaluate(f"(() => {{ const at = document.activeElement; return {is_reached} }})()"):
                return
        raise AssertionError(f"The Tab key does not reach {description}.")

    tab_to("the rating", "at.name === 'rating'")
    phone.keyboard.press("ArrowDown")
    tab_to("the text", "at.name === 'narrative'")
    phone.keyboard.type("40 of 60 plans are checked.")
    tab_to("the button", "at.type === 'submit' && at.textContent.startsWith('Save update')")
    phone.keyboard.press("Enter")

    expect(banner(phone)).to_contain_text("Update saved. 4.2 is")
    assert sideways_scroll(phone) == 0


def test_an_owner_updates_without_javascript(own_demo: Site, page_without_javascript: Page) -> None:
    page = page_without_javascript
    sign_in_as(page, own_demo, MARCUS)
    page.goto(f"{own_demo.url}/my-actions/")

    form = page.locator("details[open] form")
    form.get_by_label(re.compile("^What has changed since")).fill("50 of 60 plans are checked.")
    form.get_by_role("button", name=re.compile("^Save update")).click()

    expect(banner(page)).to_contain_text("Update saved. 4.2 is still overdue.")


def test_text_typed_before_the_session_ended_is_saved_after_signing_in(own_demo: Site, page: Page) -> None:
    sign_in_as(page, own_demo, MARCUS)
    page.goto(f"{own_demo.url}/my-actions/")
    form = page.locator("details[open] form")
    form.get_by_label(re.compile("^What has changed since")).fill("Typed before lunch.")
    page.context.clear_cookies(name="session")
    form.get_by_role("button", name=re.compile("^Save update")).click()

    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_label("Email address", exact=True).fill(MARCUS)
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_text("What you typed before your session ended is here.")).to_be_visible()
    expect(page.get_by_label(re.compile("^What has changed since"))).to_have_value("Typed before lunch.")
    page.get_by_role("button", name="Save update").click()
    expect(banner(page)).to_contain_text("Update saved.")


def test_two_people_saving_at_once_see_both_texts(own_demo: Site, page: Page, other_page: Page) -> None:
    for person, email, text in ((page, MARCUS, "What Marcus wrote."), (other_page, AISHA, "What Aisha wrote.")):
        sign_in_as(person, own_demo, email)
        person.goto(f"{own_demo.url}{PLAN}/4.2/update/")
        person.get_by_label(re.compile("^What has changed since")).fill(text)

    other_page.get_by_role("button", name="Save update").click()
    expect(banner(other_page)).to_be_visible()
    page.get_by_role("button", name="Save update").click()

    expect(page.get_by_role("heading", name="Aisha Rahman saved an update while you were writing")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("What Aisha wrote.")
    for _ in at_both_widths(page):
        assert axe_violations(page) == []
        assert sideways_scroll(page) == 0
    page.get_by_role("button", name="Save mine too").click()
    expect(banner(page)).to_be_visible()
    for text in ("What Marcus wrote.", "What Aisha wrote."):
        expect(page.get_by_role("main")).to_contain_text(text)


def test_the_owners_pages_are_accessible_at_both_widths(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, MARCUS)
    pages = {
        "the list": "/my-actions/",
        "the whole list": "/my-actions/?later=all",
        "the action": f"{PLAN}/3.4/",
        "the whole history": f"{PLAN}/3.4/?show=everything&all=yes",
        "the update": f"{PLAN}/3.4/update/",
        "the evidence": f"{PLAN}/3.4/evidence/",
        "a finished action": f"{PLAN}/3.3/update/",
        "an action not there": f"{PLAN}/9.9/",
    }
    for name, address in pages.items():
        page.goto(f"{demo.url}{address}")
        for width in at_both_widths(page):
            assert axe_violations(page) == [], f"{name} at {width}"
            assert sideways_scroll(page) == 0, f"{name} at {width}"


def test_a_form_with_errors_is_accessible_and_leads_to_the_field(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, MARCUS)
    page.goto(f"{demo.url}{PLAN}/3.4/update/")
    page.get_by_role("button", name="Save update").click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is a problem")
    expect(page).to_have_title(re.compile("^Error: Update 3.4"))
    for width in at_both_widths(page):
        assert axe_violations(page) == [], f"at {width}"
    summary.get_by_role("link", name=re.compile("^Enter what has changed since")).click()
    expect(page.get_by_label(re.compile("^What has changed since"))).to_be_focused()


def test_the_programme_offices_forms_are_accessible_at_both_widths(demo: Site, page: Page) -> None:
    sign_in_as(page, demo, AISHA)
    for address in (f"{PLAN}/3.4/deadline/", f"{PLAN}/3.4/owner/", f"{PLAN}/3.3/check/", f"{PLAN}/new/"):
        page.goto(f"{demo.url}{address}")
        for width in at_both_widths(page):
            assert axe_violations(page) == [], f"{address} at {width}"
            assert sideways_scroll(page) == 0, f"{address} at {width}"
