"""A council and its neighbour, with a marker word in every text, on a running web server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.attacks.attacker import Attacker, session_of
from tests.services.conftest import (  # noqa: F401  fixtures, found here by name
    migrated_template,
    postgres_server,
    redis_server,
    redis_urls,
    seeded_template,
)
from tests.services.servers import PostgresServer, Product, product_environment

TODAY = "2026-05-06"
OFFICE = "aisha-rahman@northbridge.example"


def seed_marked(product: Product) -> None:
    product.manage("seed", "demo", "--marked")


@dataclass(frozen=True)
class Target:
    product: Product
    url: str

    def signed_in(self, email: str = OFFICE) -> Attacker:
        return Attacker(self.url, session_of(self.product, email))

    def nobody(self) -> Attacker:
        return Attacker(self.url)


@pytest.fixture(scope="module")
def target(
    postgres_server: PostgresServer,  # noqa: F811
    seeded_template: Callable[..., str],  # noqa: F811
    redis_urls: Iterator[str],  # noqa: F811
) -> Iterator[Target]:
    """The product, for the attacks of one file."""
    with ExitStack() as running:
        template = seeded_template(seed_marked, today=TODAY)
        url = postgres_server.create_database(template=template)
        running.callback(postgres_server.drop_database, url.rpartition("/")[2])
        product = Product(product_environment(url, next(redis_urls), TRACKER_TODAY=TODAY))
        web = running.enter_context(product.web(workers=2))
        yield Target(product.having(SITE_URL=web.url), web.url)
