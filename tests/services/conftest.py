"""Servers and installations for tests that need real processes.

`product` is a migrated installation of its own for each test, on a copy of a PostgreSQL template, with Redis and a
mail server: `product.manage("daily", "--on", "2014-11-03")`, `with product.worker(): …`, `product.rows("select …")`.
"""

import itertools
import re
from collections.abc import Callable, Iterator

import pytest

from tests.services.servers import PostgresServer, Product, RedisServer, SmtpSink, product_environment

Seed = Callable[[Product], object]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def redis_urls(redis_server: RedisServer) -> Iterator[str]:
    """Addresses of Redis databases that nobody else uses."""
    return (redis_server.url(number % 128) for number in itertools.count())


@pytest.fixture(scope="session")
def migrated_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated, empty database to make copies of."""
    url = postgres_server.create_database("migrated")
    Product(product_environment(url)).manage("migrate", "--no-input")
    return "migrated"


@pytest.fixture(scope="session")
def seeded_template(
    postgres_server: PostgresServer, migrated_template: str, redis_urls: Iterator[str]
) -> Callable[..., str]:
    """A function that returns the name of a database filled by `seed(product)`, made at the first call only.

    It is known by the seed's name and the day, so give a named function and not a lambda.
    """
    made: dict[tuple[str, str], str] = {}

    def template(seed: Seed, *, today: str = "") -> str:
        key = (f"{seed.__module__}.{seed.__qualname__}", today)
        if key not in made:
            name = re.sub(r"\W+", "_", f"seed_{len(made)}_{seed.__name__}_{today}")
            url = postgres_server.create_database(name, template=migrated_template)
            product = Product(product_environment(url, next(redis_urls)))
            seed(product.on(today) if today else product)
            made[key] = name
        return made[key]

    return template


@pytest.fixture
def fresh_database(postgres_server: PostgresServer, migrated_template: str) -> Iterator[str]:
    """The URL of a migrated, empty database that only this test uses."""
    url = postgres_server.create_database(template=migrated_template)
    yield url
    postgres_server.drop_database(url.rpartition("/")[2])


@pytest.fixture
def product(fresh_database: str, redis_urls: Iterator[str], redis_server: RedisServer, smtp_sink: SmtpSink) -> Product:
    """A migrated, empty installation that only this test uses."""
    redis_server.flush()
    return Product(product_environment(fresh_database, next(redis_urls), smtp_sink))
