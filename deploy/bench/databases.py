"""The databases to measure on: made, filled, copied and settled, on PostgreSQL and on SQLite."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Protocol, Self

from psycopg import sql

from tests.services.servers import PostgresServer, Process

# As Debian installs it, with everything flushed to disk; the tests' servers leave that out.
POSTGRES_SETTINGS = {"fsync": "on", "full_page_writes": "on", "wal_level": "replica"}
COPIES_FILES_SINCE = 150_000


class Engine(Protocol):
    """Where databases are kept."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...

    def create(self, name: str) -> str:
        """Make an empty database and return its URL."""

    def copy(self, source: str, name: str) -> str:
        """Make a database that holds what another holds, and return its URL. Nobody may be using the other."""

    def drop(self, name: str) -> None: ...

    def settle(self, name: str) -> None:
        """Do what the database would do by itself within minutes of a load: clean up and look at the values."""

    def size_megabytes(self, name: str) -> float: ...

    def pids(self) -> list[int]:
        """Return the server's process, if there is one."""


class Postgres:
    name = "postgres"

    def __init__(self) -> None:
        self.server = PostgresServer(settings=POSTGRES_SETTINGS)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self.server.__exit__(None, None, None)

    def create(self, name: str) -> str:
        return self.server.create_database(name)

    def copy(self, source: str, name: str) -> str:
        self.server.drop_connections(source)
        with self.server.connect() as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
            if connection.info.server_version >= COPIES_FILES_SINCE:
                statement += sql.SQL(" STRATEGY FILE_COPY")
            connection.execute(statement)
        return self.server.url(name)

    def drop(self, name: str) -> None:
        self.server.drop_database(name)

    def settle(self, name: str) -> None:
        with self.server.connect(name) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")

    def size_megabytes(self, name: str) -> float:
        with self.server.connect() as connection:
            row = connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()
        return round(row[0] / 1e6) if row else 0

    def pids(self) -> list[int]:
        process: Process = self.server.process
        return [process.pid]


class Sqlite:
    name = "sqlite"

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-bench-", dir="/tmp"))
        return self

    def __exit__(self, *details: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def create(self, name: str) -> str:
        return f"sqlite:///{self.file(name)}"

    def copy(self, source: str, name: str) -> str:
        self.settle(source)
        shutil.copyfile(self.file(source), self.file(name))
        return self.create(name)

    def drop(self, name: str) -> None:
        for file in self.folder.glob(f"{name}.sqlite3*"):
            file.unlink()

    def settle(self, name: str) -> None:
        with closing(sqlite3.connect(self.file(name), isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def size_megabytes(self, name: str) -> float:
        return round(self.file(name).stat().st_size / 1e6)

    def pids(self) -> list[int]:
        return []


ENGINES: dict[str, type[Postgres] | type[Sqlite]] = {"postgres": Postgres, "sqlite": Sqlite}
