"""The running product and a browser for journeys.

`start_site(seed)` gives a running product on its own copy of a PostgreSQL database that `seed(product)` filled once;
`demo` is one with the demo council for journeys that only read, `own_demo` a new one for a journey that writes.
`page` is a new browser page at 1280 pixels, `phone` one at 320, `page_without_javascript` what it says. A script error
or a blocked resource on the page fails the test; the picture of a failed test's page is in var/screenshots.
"""

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.journeys.browser import NARROW, WIDE, screenshot
from tests.services.conftest import (  # noqa: F401  fixtures, found here by name
    Seed,
    migrated_template,
    postgres_server,
    redis_server,
    redis_urls,
    seeded_template,
    smtp_sink,
)
from tests.services.servers import (
    PostgresServer,
    Product,
    SmtpSink,
    Web,
    chromium_options,
    product_environment,
)

# The day on which the journeys take place, as in tests/factories.py.
TODAY = "2026-05-06"
PATIENCE_MILLISECONDS = 10_000


@dataclass(frozen=True)
class Site:
    """A running product: `url` without a slash at the end, its commands and processes, and the mail it sends."""

    web: Web
    product: Product
    mail: SmtpSink

    @property
    def url(self) -> str:
        return self.web.url

    def link_mailed_to(self, person: str) -> str:
        """Send what waits about accounts; return the link in the newest email to a person, at this site's address."""
        self.product.manage("shell", "--command", "from tracker.reminders.tasks import *; deliver_notices()")
        found = re.search(r"https?://[^/\s]+(/\S+)", self.mail.to(person)[-1].message.get_content())
        assert found is not None
        return self.url + found[1]


StartSite = Callable[..., Site]


def seed_demo(product: Product) -> None:
    product.manage("seed", "demo")


@pytest.fixture(scope="session")
def sites(
    postgres_server: PostgresServer,  # noqa: F811
    seeded_template: Callable[..., str],  # noqa: F811
    redis_urls: Iterator[str],  # noqa: F811
) -> Iterator[StartSite]:
    with ExitStack() as running:

        def start(seed: Seed = seed_demo, *, today: str = TODAY, stack: ExitStack = running, **extra: str) -> Site:
            template = seeded_template(seed, today=today)
            url = postgres_server.create_database(template=template)
            stack.callback(postgres_server.drop_database, url.rpartition("/")[2])
            mail = stack.enter_context(SmtpSink())
            product = Product(product_environment(url, next(redis_urls), mail, TRACKER_TODAY=today, **extra))
            web = stack.enter_context(product.web(workers=1))
            return Site(web, product.having(SITE_URL=web.url), mail)

        yield start


@pytest.fixture
def start_site(sites: StartSite) -> Iterator[StartSite]:
    """A function that starts a product for this test: `start_site(seed, today="2014-11-03")`."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: sites(*arguments, stack=stack, **options)


@pytest.fixture(scope="session")
def demo(sites: StartSite) -> Site:
    """The demo council, shared by every journey that changes nothing."""
    return sites(seed_demo)


@pytest.fixture
def own_demo(start_site: StartSite) -> Site:
    """The demo council for one journey alone."""
    return start_site(seed_demo)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**chromium_options())
        yield chromium
        chromium.close()


@contextmanager
def _page(browser: Browser, request: pytest.FixtureRequest, **options: Any) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London", **options)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
        if getattr(request.node, "failed", False) and not page.is_closed():
            kept = screenshot(page, f"failed-{request.node.name}-{request.fixturename}")
            print(f"The page when the test failed: {page.url}, picture in {kept}")
    finally:
        context.close()
    assert not errors, "The page had script errors or blocked resources:\n" + "\n".join(errors)


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with _page(browser, request, viewport=WIDE) as page:
        yield page


@pytest.fixture
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with _page(browser, request, viewport=NARROW, has_touch=True) as page:
        yield page


@pytest.fixture
def page_without_javascript(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with _page(browser, request, viewport=WIDE, java_script_enabled=False) as page:
        yield page


@pytest.fixture
def other_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A second person's browser, for journeys of two."""
    with _page(browser, request, viewport=WIDE) as page:
        yield page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report
