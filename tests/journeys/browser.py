"""What a person's journey needs beyond Playwright's own words."""

import re
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}


def sign_in(page: Page, site: str, email: str, password: str) -> None:
    """Sign in on the sign-in page, and wait until the person is somewhere else."""
    page.goto(f"{site}/sign-in/")
    page.get_by_label("Email address", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"^(?!.*/sign-in/)"))


def at_both_widths(page: Page) -> Iterator[int]:
    """Show the page at 1280 and then at 320 pixels: `for width in at_both_widths(page): …`."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        yield size["width"]
    page.set_viewport_size(WIDE)


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it is shown now, one line for each element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {' '.join(map(str, node['target']))}"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways_scroll(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page as var/screenshots/NAME.png and return its path."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.png"
    page.screenshot(path=path, full_page=True)
    return path
