"""Are we going fast enough? The pace of the plan, by keyboard and on a phone, and how right earlier forecasts were."""

import re

import pytest
from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site


@pytest.fixture
def pace(demo: Site, page: Page) -> Page:
    """The pace of the demo council's plan, as its programme office sees it."""
    sign_in(page, demo.url, "aisha-rahman@northbridge.example", DEMO_PASSWORD)
    page.goto(f"{demo.url}/plan/")
    page.goto(f"{page.url}pace/")
    return page


def check(page: Page, name: str) -> None:
    for width in at_both_widths(page):
        assert axe_violations(page) == []
        assert sideways_scroll(page) == 0
        screenshot(page, f"{name}-{width}")


def test_the_pace_of_a_plan_and_of_a_priority(pace: Page) -> None:
    expect(pace.get_by_role("heading", level=1)).to_have_text("Are we going fast enough?")
    expect(pace.get_by_text(re.compile("^At this pace the plan finishes .* late.$"))).to_be_visible()
    expect(pace.get_by_role("img", name="Actions complete over time")).to_be_visible()
    pace.get_by_text("Show this chart as a table").click()
    expect(pace.get_by_role("row", name=re.compile("^Today, "))).to_be_visible()
    check(pace, "pace")

    pace.get_by_role("link", name="3. Front door and partners", exact=True).click()
    expect(pace.get_by_role("link", name="2 of 9 actions")).to_be_visible()
    expect(pace.get_by_text(re.compile("^Too little history to forecast: "))).to_be_visible()
    check(pace, "pace-of-a-priority")


def test_the_chart_scrolls_with_the_keyboard_and_its_words_can_be_read_on_a_phone(pace: Page) -> None:
    pace.set_viewport_size({"width": 320, "height": 640})
    region = pace.get_by_role("region", name="Actions complete over time")

    region.focus()
    for _ in range(50):
        pace.keyboard.press("ArrowRight")
        if scrolled := region.evaluate("region => region.scrollLeft"):
            break

    expect(region).to_be_focused()
    assert scrolled > 0
    drawn = region.locator("svg").bounding_box()
    assert drawn is not None
    assert drawn["width"] >= 900  # As it is drawn, where its text is 14 pixels.


def test_how_right_earlier_forecasts_were(pace: Page) -> None:
    pace.get_by_role("link", name="See how right earlier forecasts were").click()
    expect(pace.get_by_role("heading", level=1)).to_have_text("Were earlier forecasts right?")
    expect(pace.get_by_text(re.compile("^The band held what happened in "))).to_be_visible()
    check(pace, "pace-back-test")

    pace.get_by_role("link", name="8 weeks ahead", exact=True).click()
    expect(pace.get_by_text("complete 8 weeks later")).to_be_visible()
    with pace.expect_download() as download:
        pace.get_by_role("link", name=re.compile("^Download the figures")).click()
    assert re.fullmatch(r"northbridge-\d{4}-pace-back-test-2026-05-06\.csv", download.value.suggested_filename)
