"""Coming in: the first time with a second step, by a passkey, after wrong tries, with a forgotten password."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.accounts.signing import HARD, code_now
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site, StartSite, seed_demo

AISHA = "aisha-rahman@northbridge.example"
PRIYA = "priya-nair@northbridge.example"
RACHEL = "rachel-adeyemi@northbridge.example"


@pytest.fixture
def strict(start_site: StartSite) -> Site:
    """The demo council with a second step asked of everybody who needs one, as in production."""
    return start_site(seed_demo, SECOND_STEP_REQUIRED="yes")


def check(page: Page, name: str) -> None:
    for width in at_both_widths(page):
        assert axe_violations(page) == [], f"{name} at {width}"
        assert sideways_scroll(page) == 0, f"{name} at {width}"
        screenshot(page, f"signing-in-{name}-{width}")


def enter(page: Page, site: Site, email: str, password: str) -> None:
    page.goto(f"{site.url}/sign-in/")
    page.get_by_label("Email address", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_first_sign_in_sets_up_an_app_and_the_next_one_asks_for_its_code(
    strict: Site, page: Page, other_page: Page
) -> None:
    enter(page, strict, PRIYA, DEMO_PASSWORD)
    expect(page.get_by_text("Set up a second step to go on.")).to_be_visible()
    check(page, "set-up")
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_text("I cannot scan the picture").click()
    secret = page.locator("details code").inner_text()
    check(page, "app")
    page.get_by_label("Code that the app shows").fill("12")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("The code is not right")
    check(page, "app-wrong")
    page.get_by_label("Code that the app shows").fill(code_now(secret))
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    check(page, "codes")
    recovery = page.locator("main li code").first.inner_text()
    page.get_by_role("button", name="Continue").click()
    page.goto(f"{strict.url}/account/sign-in/")
    check(page, "mine")
    page.goto(f"{strict.url}/my-actions/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("My actions")

    enter(other_page, strict, PRIYA, DEMO_PASSWORD)
    expect(other_page.get_by_role("heading", level=1)).to_have_text("Second step")
    check(other_page, "second-step")
    other_page.get_by_label("Code").fill(recovery)
    other_page.get_by_role("button", name="Sign in", exact=True).click()
    other_page.wait_for_url(re.compile(r"^(?!.*/sign-in/)"))


@pytest.fixture
def passkeys(page: Page) -> Iterator[None]:
    """The browser has a device that keeps passkeys and says yes to each."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    line.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    line.detach()


@pytest.mark.usefixtures("passkeys")
def test_a_passkey_is_set_up_and_then_signs_in_alone(strict: Site, page: Page) -> None:
    site = strict.url.replace("127.0.0.1", "localhost")  # A passkey belongs to a name, and not to a number.
    page.goto(f"{site}/sign-in/")
    page.get_by_label("Email address", exact=True).fill(RACHEL)
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Add a passkey").click()
    check(page, "add-passkey")
    page.get_by_label("What should it be called?").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.get_by_role("button", name="Sign out").click()

    page.get_by_role("button", name="Sign in with a passkey").click()

    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/account/sign-in/")
    expect(page.get_by_text(re.compile("^Work laptop, added on"))).to_be_visible()


@pytest.mark.usefixtures("passkeys")
def test_a_browser_without_a_passkey_says_so(strict: Site, page: Page) -> None:
    page.goto(f"{strict.url.replace('127.0.0.1', 'localhost')}/sign-in/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_text("The passkey could not be used")).to_be_visible(timeout=20_000)


def test_without_javascript_one_comes_in_with_a_password_and_is_offered_no_passkey(
    demo: Site, page_without_javascript: Page
) -> None:
    page = page_without_javascript
    page.goto(f"{demo.url}/sign-in/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()

    sign_in(page, demo.url, PRIYA, DEMO_PASSWORD)

    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_wrong_tries_are_held_back_with_how_long_and_whom_to_ask(own_demo: Site, page: Page) -> None:
    for number in range(6):
        enter(page, own_demo, PRIYA, f"wrong password {number}")

    expect(page.get_by_role("alert")).to_contain_text("Wait 5 minutes, then try again. If you cannot wait, ask")
    check(page, "locked")


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_comes_by_email(own_demo: Site, page: Page) -> None:
    page.goto(f"{own_demo.url}/sign-in/")
    page.get_by_role("link", name="I have forgotten my password").click()
    check(page, "forgotten")
    page.get_by_label("Email address").fill(PRIYA)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your email")
    check(page, "sent")

    page.goto(own_demo.link_mailed_to(PRIYA))
    check(page, "new-password")
    page.get_by_label("New password", exact=True).fill(HARD)
    page.get_by_role("button", name="Save password").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your password is saved")
    check(page, "saved")
    sign_in(page, own_demo.url, PRIYA, HARD)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_warning_comes_2_minutes_before_the_end_and_what_is_typed_stays(own_demo: Site, page: Page) -> None:
    page.clock.install()
    sign_in(page, own_demo.url, PRIYA, DEMO_PASSWORD)
    page.goto(f"{own_demo.url}/account/notifications/")
    page.get_by_label("Once a week").check()
    page.clock.fast_forward("58:00")
    warning = page.get_by_role("dialog", name="You will be signed out in 2 minutes")
    expect(warning).to_be_visible()
    check(page, "warning")
    with page.expect_response("**/account/sessions/stay/"):
        warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()

    page.clock.fast_forward("58:01")
    expect(warning).to_be_visible()
    page.clock.fast_forward("02:01")
    over = page.get_by_role("dialog", name="You are signed out")
    expect(over).to_be_visible()
    over.get_by_role("button", name="Go back to the page").click()
    expect(page.get_by_label("Once a week")).to_be_checked()


def test_the_office_invites_an_inspector_and_sees_who_came(own_demo: Site, page: Page, other_page: Page) -> None:
    sign_in(page, own_demo.url, AISHA, DEMO_PASSWORD)
    page.goto(f"{own_demo.url}/people/")
    page.get_by_role("link", name="Invite somebody").click()
    check(page, "invite")
    page.get_by_label("Full name").fill("Owen Hale")
    page.get_by_label("Email address").fill("owen.hale@inspectors.example")
    page.get_by_label("Inspector", exact=True).check()
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the last day of access")
    check(page, "invite-error")
    for box, value in (("Day", "31"), ("Month", "July"), ("Year", "2026")):
        page.get_by_label(box, exact=True).fill(value)
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Owen Hale is invited")

    other_page.goto(own_demo.link_mailed_to("owen.hale@inspectors.example"))
    check(other_page, "invited")
    other_page.get_by_label("New password", exact=True).fill(HARD)
    other_page.get_by_role("button", name="Save password").click()
    sign_in(other_page, own_demo.url, "owen.hale@inspectors.example", HARD)
    other_page.goto(f"{own_demo.url}/account/sessions/")
    check(other_page, "sessions")

    page.goto(f"{own_demo.url}/people/sign-ins/")
    expect(page.get_by_role("row").filter(has_text="Owen Hale").filter(has_text="Signed in")).to_have_count(1)
    check(page, "sign-ins")
