"""Real servers for tests and benchmarks: PostgreSQL, Redis, SMTP, Notify and the product's own processes.

Each listens on a free port of this machine only, keeps its files in a folder of its own under /tmp, and is gone
when its `with` block ends, also after a failure. Every class can be used on its own:

    with PostgresServer() as postgres, RedisServer() as redis, SmtpSink() as mail:
        url = postgres.create_database("council")
        env = product_environment(url, redis.url(), mail)
        manage(env, "migrate")
        with worker(env), web(env) as site:
            ...

From a shell, `python -m tests.services.servers COMMAND...` runs a command with DATABASE_URL naming a new, empty
PostgreSQL; with `--redis` as the first word, also REDIS_URL.
"""

import asyncio
import base64
import ctypes
import hashlib
import hmac
import json
import logging
import os
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
STOP_SECONDS = 15

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of every connection.


class ServerFailed(Exception):
    """A server could not be started, or did not do what it was asked; the message holds the end of its log."""


class ProgramMissing(ServerFailed):
    """A program that the tests need is not installed; the message names its Debian package."""


def free_port() -> int:
    """Return a port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(is_true: Callable[[], object], what: str, *, seconds: float = START_SECONDS) -> None:
    """Wait until `is_true()` is; raise TimeoutError naming `what` after the given time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds:g} seconds for this: {what}")
        time.sleep(0.02)


def _end_with_parent(number: int) -> Callable[[], None] | None:
    """Return a function that asks Linux to signal the new process when this one dies without stopping it.

    None off the main thread, because Linux takes the end of the starting thread for the end of the parent.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    return lambda: ctypes.CDLL(None).prctl(1, number)


def _members(group: int) -> list[int]:
    """Return the living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                found.append(int(stat.parent.name))
    return found


class _Server:
    """What the servers below share: a name, a folder that is removed at the end, and `with`."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def folder(self) -> Path:
        # In /tmp, because `postgres` must be able to reach it and the path of a Unix socket may have 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix=f"tracker-{self.name}-", dir="/tmp"))
        self._remove_folder = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            if "folder" in vars(self):
                self._remove_folder()


class Process(_Server):
    """One process with its output in a log file, in a process group of its own.

    When a test fails inside its `with` block, the end of the log is printed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: dict[str, str] | None = None,
        *,
        is_ready: Callable[["Process"], object],
        as_user: str | None = None,
        cwd: Path = ROOT,
        log_file: Path | None = None,
        parent_death: int = signal.SIGTERM,
    ) -> None:
        super().__init__(name)
        self.command = list(command)
        self.env = env
        self.log_file = log_file or self.folder / "log"
        self._is_ready = is_ready
        self._as_user = as_user
        self._cwd = cwd
        self._parent_death = parent_death
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def log(self) -> str:
        """What the process has written so far, over all its starts."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def __exit__(self, kind: type[BaseException] | None, *details: Any) -> None:
        if kind is not None:
            print(self.tail())
        super().__exit__(kind, *details)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process and return when it is ready."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start the process and return at once."""
        assert not self.is_running(), f"{self.name} is already running"
        user: dict[str, Any] = {}
        if self._as_user:
            account = pwd.getpwnam(self._as_user)
            user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        with self.log_file.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent(self._parent_death),
                **user,
            )

    def wait_ready(self) -> None:
        """Wait until the process serves; raise ServerFailed with the end of its log when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready(self):
            if not self.is_running():
                raise ServerFailed(f"{self.name} ended while starting.\n{self.tail()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} was not ready within {START_SECONDS} seconds.\n{self.tail()}")
            time.sleep(0.02)

    @property
    def latest_log(self) -> str:
        """What the process has written since its latest start."""
        with suppress(FileNotFoundError), self.log_file.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")
        return ""

    def tail(self, lines: int = 40) -> str:
        return "\n".join([f"The end of the log of {self.name}:", *self.log.splitlines()[-lines:]])

    def send_signal(self, number: int) -> None:
        """Send a signal to the process alone, for example SIGSTOP to freeze it and SIGCONT to let it go on."""
        os.kill(self.pid, number)

    def stop(self, number: int = signal.SIGTERM, *, seconds: float = STOP_SECONDS) -> None:
        """Ask the process to end, wait, and kill it and its children if it has not ended in time."""
        if self.is_running():
            assert self._process is not None
            self._process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """Kill the process and everything in its group at once, as when the machine loses power."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            # Its children hold the port until they are gone as well.
            wait_until(lambda: not _members(self.pid), f"every process of {self.name} is gone", seconds=STOP_SECONDS)

    def restart(self) -> None:
        self.stop()
        self.start()

    def children(self) -> list[int]:
        """Return the process ids of the direct children, such as the pool of a Celery worker."""
        with suppress(FileNotFoundError):
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []


# --- PostgreSQL


def postgres_binaries() -> Path:
    """Return the folder of the newest PostgreSQL on this machine."""

    def version(folder: Path) -> float:
        return float(folder.parent.name) if re.fullmatch(r"[\d.]+", folder.parent.name) else 0.0

    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found and (initdb := shutil.which("initdb")):
        found = [Path(initdb).resolve().parent]
    if not found:
        raise ProgramMissing("PostgreSQL is needed: apt-get install postgresql")
    return max(found, key=version)


StopMode = Literal["smart", "fast", "immediate", "kill"]


class PostgresServer(_Server):
    """A PostgreSQL cluster of its own, owned by `postgres` when the tests run as root, as it refuses to run as root.

    Data are not flushed to disk, which loses nothing unless the machine itself stops: a transaction that was
    committed is still there after a restart of any kind. Autovacuum is on; without statistics queries can be slow.
    """

    user = "tracker"

    def __init__(self, *, max_connections: int = 100, settings: dict[str, str] | None = None) -> None:
        self.binaries = postgres_binaries()
        super().__init__("postgres")
        self.port = free_port()
        self._as_user = "postgres" if os.geteuid() == 0 else None
        if self._as_user:
            account = pwd.getpwnam(self._as_user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        options = {
            "listen_addresses": "127.0.0.1",
            "fsync": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_connections": str(max_connections),
            "timezone": "UTC",
        } | (settings or {})
        self.process = Process(
            self.name,
            [
                *(str(self.binaries / "postgres"), "-D", str(self.folder / "data")),
                *("-p", str(self.port), "-k", str(self.folder)),
                *(part for key, value in options.items() for part in ("-c", f"{key}={value}")),
            ],
            {"PATH": os.defpath, "LANG": "C.UTF-8"},
            is_ready=lambda process: self._answers(),
            as_user=self._as_user,
            cwd=self.folder,
            log_file=self.folder / "log",
            parent_death=signal.SIGQUIT,
        )

    def url(self, database: str = "postgres") -> str:
        return f"postgres://{self.user}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection in autocommit mode."""
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        if not (self.folder / "data").exists():
            self._make_cluster()
        self.process.start()

    def _make_cluster(self) -> None:
        user: dict[str, Any] = {}
        if self._as_user:
            account = pwd.getpwnam(self._as_user)
            user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        made = subprocess.run(
            [
                *(str(self.binaries / "initdb"), "-D", str(self.folder / "data"), "-U", self.user, "-A", "trust"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"),
            ],
            cwd=self.folder,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **user,
        )
        if made.returncode:
            raise ServerFailed(f"initdb failed:\n{made.stdout}{made.stderr}")

    def stop(self, mode: StopMode = "immediate") -> None:
        """Stop the server: after the last client left (smart), ending sessions (fast), crashing, or killed with -9."""
        if mode == "kill":
            # Its children are in sessions of their own and would hold the shared memory for a moment.
            for pid in [self.process.pid, *self.process.children()]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.kill()
        else:
            self.process.stop({"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])

    def restart(self, mode: StopMode = "fast", *, down_for: float = 0) -> None:
        """Stop and start the server on the same port with the same data, staying away for some seconds."""
        self.stop(mode)
        time.sleep(down_for)
        self.start()

    def create_database(self, name: str | None = None, *, template: str | None = None) -> str:
        """Make a database, as a copy of another if one is named, and return its URL."""
        name = name or f"db_{uuid.uuid4().hex[:12]}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with self.connect() as connection:
            connection.execute(statement)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending the sessions that still use it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_connections(self, name: str) -> int:
        """End every session on a database, as a network fault would, and return how many there were."""
        with self.connect() as connection:
            ended = connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", [name]
            ).fetchone()
        return ended[0] if ended else 0


# --- Redis


def redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    raise ProgramMissing("Redis is needed: apt-get install redis-server")


class RedisServer(_Server):
    """A Redis set up as production's: append-only file, flushed each second, nothing evicted, with a password."""

    password = "only-for-tests"

    def __init__(self, *, settings: dict[str, str] | None = None) -> None:
        binary = redis_binary()
        super().__init__("redis")
        self.port = free_port()
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "requirepass": self.password,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "databases": "128",
            "daemonize": "no",
        } | (settings or {})
        self.process = Process(
            self.name,
            [binary, *(part for key, value in options.items() for part in (f"--{key}", value))],
            {"PATH": os.defpath, "LANG": "C.UTF-8"},
            is_ready=lambda process: self._answers(),
            cwd=self.folder,
            log_file=self.folder / "log",
            parent_death=signal.SIGKILL,
        )

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def client(self, database: int = 0) -> redis.Redis:
        return redis.Redis.from_url(self.url(database), socket_timeout=5, socket_connect_timeout=2)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def start(self) -> None:
        self.process.start()

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def restart(self, *, down_for: float = 0) -> None:
        """Stop and start on the same port with the same data, staying away for some seconds."""
        self.stop()
        time.sleep(down_for)
        self.start()

    def freeze(self) -> None:
        """Let it accept connections and answer nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        """Forget everything, in all databases."""
        with self.client() as client:
            client.flushall()

    def __exit__(self, *details: Any) -> None:
        with suppress(Exception):
            self.thaw()  # A frozen process does not hear TERM.
        super().__exit__(*details)


# --- SMTP


@dataclass(frozen=True)
class Received:
    """One message that the SMTP server took."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    confirmed: bool  # False when the connection was dropped before the sender heard that it was taken.
    at: float = field(default_factory=time.time)

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"]).strip()

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return part.get_content() if part is not None else ""


@dataclass(frozen=True)
class Refused:
    """One answer of the SMTP server that was not a yes."""

    stage: Literal["MAIL", "RCPT", "DATA"]
    address: str
    reply: str


@dataclass
class _Rule:
    """A trouble the server was told to make, how often it still will (None: for ever), and for each which one."""

    reply: str
    left: int | None
    every: int = 1
    seen: int = 0

    def applies(self) -> bool:
        self.seen += 1
        if self.seen % self.every:
            return False
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0


class SmtpSink(_Server):
    """A real SMTP server that keeps what it is sent, and makes the troubles it is told to make.

    It runs in a thread of the test and is reached over a port by the product's processes. `messages` is a copy of
    what came so far, in order. Addresses are compared without regard to case.
    """

    def __init__(self) -> None:
        super().__init__("smtp")
        self.host = "127.0.0.1"
        self.port = free_port()
        self._lock = threading.Condition()
        self._messages: list[Received] = []
        self._refusals: list[Refused] = []
        self._connections = 0
        self._open: set[asyncio.BaseTransport] = set()
        self._controller: Controller | None = None
        self.behave()

    # What came

    @property
    def messages(self) -> list[Received]:
        with self._lock:
            return list(self._messages)

    @property
    def refusals(self) -> list[Refused]:
        with self._lock:
            return list(self._refusals)

    @property
    def connections(self) -> int:
        """How often somebody connected."""
        with self._lock:
            return self._connections

    def to(self, address: str) -> list[Received]:
        """Return the messages for one address."""
        return [each for each in self.messages if address.casefold() in map(str.casefold, each.recipients)]

    def wait_for(self, count: int, *, seconds: float = START_SECONDS) -> list[Received]:
        """Return the messages once there are at least so many; raise TimeoutError if they do not come."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self._messages) >= count, seconds):
                raise TimeoutError(f"{len(self._messages)} of {count} messages came within {seconds:g} seconds")
            return list(self._messages)

    def clear(self) -> None:
        """Forget what came; the troubles stay."""
        with self._lock:
            self._messages.clear()
            self._refusals.clear()
            self._connections = 0

    # Trouble

    def behave(self) -> None:
        """Make no trouble from now on."""
        with self._lock:
            self._refused_recipients: dict[str, _Rule] = {}
            self._refused_data: _Rule | None = None
            self._refused_all: _Rule | None = None
            self._drop: tuple[bool, _Rule] | None = None
            self._delay = 0.0
            self.most_on_a_line: int | None = None

    def refuse(self, address: str, reply: str = "550 5.1.1 No such mailbox", *, times: int | None = None) -> None:
        """Refuse a recipient: for good (5xx) or for now (4xx), for ever or so many times."""
        with self._lock:
            self._refused_recipients[address.casefold()] = _Rule(reply, times)

    def refuse_everyone(self, reply: str = "451 4.7.1 Try again later", *, times: int | None = None) -> None:
        """Refuse every sender."""
        with self._lock:
            self._refused_all = _Rule(reply, times)

    def refuse_data(self, reply: str = "452 4.3.1 Out of space", *, times: int | None = None, every: int = 1) -> None:
        """Refuse a message after it was sent in full: each, or every so manieth."""
        with self._lock:
            self._refused_data = _Rule(reply, times, every)

    def be_slow(self, seconds: float) -> None:
        """Wait so long before answering each message."""
        self._delay = seconds

    def drop_after_data(self, *, kept: bool, times: int | None = 1, every: int = 1) -> None:
        """Cut the connection after a message was sent in full and before the answer: each, or every so manieth.

        With `kept` the message was taken, and the sender cannot know; without, it was lost.
        """
        with self._lock:
            self._drop = (kept, _Rule("dropped", times, every))

    def go_away(self) -> None:
        """Stop listening and cut every connection."""
        if self._controller is not None:
            controller, self._controller = self._controller, None
            for transport in list(self._open):
                controller.loop.call_soon_threadsafe(transport.abort)  # type: ignore[attr-defined]
            controller.stop()

    def come_back(self) -> None:
        """Listen again, on the same port."""
        if self._controller is None:
            self._controller = _Listener(self, hostname=self.host, port=self.port)
            self._controller.start()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.go_away()
        try:
            yield
        finally:
            self.come_back()

    def start(self) -> None:
        self.come_back()

    def stop(self) -> None:
        self.go_away()

    # Called by aiosmtpd

    def _refuse_with(self, stage: Literal["MAIL", "RCPT", "DATA"], address: str, rule: _Rule | None) -> str | None:
        with self._lock:
            if rule is None or not rule.applies():
                return None
            self._refusals.append(Refused(stage, address, rule.reply))
            return rule.reply

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        if reply := self._refuse_with("MAIL", address, self._refused_all):
            return reply
        assert isinstance(server, _Connection)
        server.messages_begun += 1
        if self.most_on_a_line is not None and server.messages_begun > self.most_on_a_line:
            return "421 4.7.0 Enough on this line"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if reply := self._refuse_with("RCPT", address, self._refused_recipients.get(address.casefold())):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self._delay:
            await asyncio.sleep(self._delay)
        if reply := self._refuse_with("DATA", ", ".join(envelope.rcpt_tos), self._refused_data):
            return reply
        kept, dropped = True, False
        with self._lock:
            if self._drop is not None and self._drop[1].applies():
                kept, dropped = self._drop[0], True
        if kept:
            content = envelope.content
            assert isinstance(content, bytes)
            received = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, confirmed=not dropped)
            with self._lock:
                self._messages.append(received)
                self._lock.notify_all()
        if dropped:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 Taken"


class _Listener(Controller):
    """aiosmtpd's listener, with connections that can be cut and counted."""

    def __init__(self, sink: SmtpSink, **options: Any) -> None:
        super().__init__(sink, **options)
        self._sink = sink

    def factory(self) -> SMTP:
        return _Connection(self._sink, hostname="sink.test", data_size_limit=None, enable_SMTPUTF8=True)


class _Connection(SMTP):
    def __init__(self, sink: SmtpSink, **options: Any) -> None:
        super().__init__(sink, **options)
        self._sink = sink
        self.messages_begun = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        with self._sink._lock:
            self._sink._connections += 1
        self._sink._open.add(transport)
        self._own_transport = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink._open.discard(self._own_transport)
        super().connection_lost(error)


# --- GOV.UK Notify


@dataclass(frozen=True)
class NotifyTrouble:
    """What Notify answers instead of taking an email, or how it fails to answer."""

    status: int = 0
    error: str = ""
    message: str = ""
    hangs: bool = False  # Takes the email, and answers when the sender has long given up.


class NotifyServer(_Server):
    """A server that speaks the part of GOV.UK Notify's REST API that sends emails, as it is documented.

    It checks the signature and the clock of each request, keeps the emails it takes in `taken`, finds them by their
    reference, and makes the trouble that was put into `troubles`: for all addresses ("") or for one, so many times.
    """

    service = "26785a09-ab16-4eb0-8407-a37497a57506"
    secret = "3d844edf-8d35-48ac-975b-e847b4f122b0"
    template = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"
    key = f"live-{service}-{secret}"

    def __init__(self) -> None:
        super().__init__("notify")
        self.taken: list[dict[str, Any]] = []
        self.lookups: list[str] = []
        self.connections = 0
        self._troubles: dict[str, tuple[NotifyTrouble, int | None]] = {}
        self._lock = threading.Lock()
        self._thaw = threading.Event()
        self._http: ThreadingHTTPServer | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return what makes the product send by this server."""
        return {"NOTIFY_API_KEY": self.key, "NOTIFY_TEMPLATE_ID": self.template, "NOTIFY_URL": self.url}

    def trouble(self, trouble: NotifyTrouble, *, address: str = "", times: int | None = None) -> None:
        self._troubles[address] = (trouble, times)

    def behave(self) -> None:
        self._troubles.clear()

    def start(self) -> None:
        self._http = _NotifyHttp(("127.0.0.1", self.port), _NotifyHandler)
        self._http.notify = self
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._thaw.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    # Called for each request

    def refusal_of(self, token: str) -> tuple[int, str, str] | None:
        """Return why a request is not let in, as Notify says it."""
        try:
            header, payload, signature = token.removeprefix("Bearer ").split(".")
            told = json.loads(_unbase64(header)), json.loads(_unbase64(payload))
            expected = hmac.digest(self.secret.encode(), f"{header}.{payload}".encode(), hashlib.sha256)
            is_signed = hmac.compare_digest(_unbase64(signature), expected)
        except ValueError:
            return 403, "AuthError", "Invalid token: signature"
        if told[0] != {"typ": "JWT", "alg": "HS256"} or told[1].get("iss") != self.service or not is_signed:
            return 403, "AuthError", "Invalid token: API key not found"
        if abs(time.time() - told[1]["iat"]) > 30:
            return 403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds"
        return None

    def trouble_for(self, address: str) -> NotifyTrouble | None:
        with self._lock:
            for name in (address, ""):
                trouble, left = self._troubles.get(name, (None, 0))
                if trouble is None or left == 0:
                    continue
                self._troubles[name] = (trouble, None if left is None else left - 1)
                return trouble
        return None

    def send(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take an email, or answer as Notify does to one that it cannot take."""
        if refused := self._refused(asked):
            return refused
        found = {
            "id": str(uuid.uuid4()),
            "reference": asked.get("reference"),
            "email_address": asked["email_address"],
            "type": "email",
            "status": "created",
            "subject": asked["personalisation"]["subject"],
            "body": asked["personalisation"]["body"],
            "one_click_unsubscribe_url": asked.get("one_click_unsubscribe_url"),
        }
        with self._lock:
            self.taken.append(found)
        return 201, {
            "id": found["id"],
            "reference": found["reference"],
            "content": {"subject": found["subject"], "body": found["body"], "from_email": "plan@notifications.example"},
            "uri": f"{self.url}/v2/notifications/{found['id']}",
            "template": {"id": self.template, "version": 1, "uri": f"{self.url}/v2/template/{self.template}"},
        }

    def _refused(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        address = asked.get("email_address", "")
        if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", address):
            return notify_error(400, "ValidationError", "email_address is not a valid email address")
        if not str(asked.get("one_click_unsubscribe_url", "https://")).startswith("https://"):
            return notify_error(400, "ValidationError", "one_click_unsubscribe_url is not a valid https url ")
        if asked.get("template_id") != self.template:
            return notify_error(400, "BadRequestError", "Template not found")
        missing = {"subject", "body"} - set(asked.get("personalisation", {}))
        if missing:
            return notify_error(400, "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}")
        return None


def notify_error(status: int, error: str, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"status_code": status, "errors": [{"error": error, "message": message}]}


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _NotifyHttp(ThreadingHTTPServer):
    notify: NotifyServer
    daemon_threads = True


class AnswersJson(BaseHTTPRequestHandler):
    """A handler of requests that answers with JSON."""

    def answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing: a test tells what went wrong."""


class _NotifyHandler(AnswersJson):
    protocol_version = "HTTP/1.1"
    server: _NotifyHttp

    def setup(self) -> None:
        super().setup()
        with self.server.notify._lock:
            self.server.notify.connections += 1

    def do_POST(self) -> None:
        notify = self.server.notify
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v2/notifications/email":
            return self.answer(*notify_error(404, "NoResultFound", "No result found"))
        if refused := notify.refusal_of(self.headers.get("Authorization", "")):
            return self.answer(*notify_error(*refused))
        trouble = notify.trouble_for(asked.get("email_address", ""))
        if trouble is not None and trouble.hangs:
            notify.send(asked)
            notify._thaw.wait(START_SECONDS)
            return None
        if trouble is not None:
            return self.answer(*notify_error(trouble.status, trouble.error, trouble.message))
        return self.answer(*notify.send(asked))

    def do_GET(self) -> None:
        notify = self.server.notify
        if refused := notify.refusal_of(self.headers.get("Authorization", "")):
            return self.answer(*notify_error(*refused))
        reference = parse_qs(urlsplit(self.path).query)["reference"][0]
        notify.lookups.append(reference)
        found = [each for each in notify.taken if each["reference"] == reference]
        return self.answer(200, {"notifications": found, "links": {"current": notify.url + self.path}})


# --- The product


def product_environment(
    database_url: str, redis_url: str = "", mail: SmtpSink | None = None, **extra: str
) -> dict[str, str]:
    """Return the whole environment for the product's processes; `extra` adds to it or replaces a value."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "tracker.config.settings",
        "TRACKER_ENV": "test",
        "SECRET_KEY": "for-tests-only-" + "0123456789abcdef" * 4,
        "DATABASE_URL": database_url,
        # A port where nobody listens, so that a test without a server finds out at once.
        "REDIS_URL": redis_url or "redis://127.0.0.1:1/0",
        "EMAIL_HOST": mail.host if mail else "127.0.0.1",
        "EMAIL_PORT": str(mail.port if mail else 1),
        "EMAIL_FROM": "Improvement plan tracker <tracker@plan.example>",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": "http://127.0.0.1",
        "SECOND_STEP_REQUIRED": "no",  # Most people of the tests come in with a password; tests of signing in say yes.
    }
    return environment | extra


def manage(env: dict[str, str], *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one of the product's commands to its end; raise ServerFailed with its output unless it succeeded."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise ServerFailed(
            f"manage.py {' '.join(arguments)} failed (exit {done.returncode}):\n{done.stdout}{done.stderr}"
        )
    return done


def worker(
    env: dict[str, str], *queues: str, concurrency: int = 2, name: str | None = None, options: Sequence[str] = ()
) -> Process:
    """Return a Celery worker of the product, for use with `with`; on the default queue unless others are named."""
    node = name or f"worker-{uuid.uuid4().hex[:8]}"
    command = [
        *(sys.executable, "-m", "celery", "-A", "tracker", "worker", "--loglevel", "INFO"),
        *("--hostname", f"{node}@test", "--concurrency", str(concurrency), "--without-gossip", "--without-mingle"),
        *(("--queues", ",".join(queues)) if queues else ()),
        *options,
    ]
    ready = re.compile(r"\bready\b")
    return Process(node, command, env, is_ready=lambda process: ready.search(process.latest_log))


def beat(env: dict[str, str], *, schedule: Path | None = None, options: Sequence[str] = ()) -> Process:
    """Return the product's beat, for use with `with`; its schedule file is its own unless one is named."""
    process = Process("beat", [], env, is_ready=lambda process: "beat: Starting" in process.latest_log)
    process.command = [
        *(sys.executable, "-m", "celery", "-A", "tracker", "beat", "--loglevel", "INFO", "--pidfile", ""),
        *("--schedule", str(schedule or process.folder / "schedule"), *options),
    ]
    return process


class Web(Process):
    """The product's web server on a free port; `url` is its address without a slash at the end."""

    def __init__(
        self,
        env: dict[str, str],
        *,
        workers: int = 2,
        threads: int = 4,
        port: int | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [
            *(sys.executable, "-m", "gunicorn", "tracker.config.wsgi:application"),
            *("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--no-control-socket"),
            *("--workers", str(workers), "--threads", str(threads), "--access-logfile", "-", *options),
        ]
        super().__init__("web", command, {**env, "SITE_URL": self.url}, is_ready=lambda process: self.answers())

    def get(self, path: str, *, seconds: float = 10) -> tuple[int, bytes]:
        """Return status and body of a page, without following redirects and without cookies."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        try:
            with opener.open(self.url + path, timeout=seconds) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def answers(self) -> bool:
        """Whether the server answers at all, be it that something is not well."""
        try:
            return self.get("/health/")[0] in (200, 503)
        except OSError:
            return False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *details: Any) -> None:
        return None


def web(env: dict[str, str], **options: Any) -> Web:
    """Return the product's web server, for use with `with`."""
    return Web(env, **options)


@dataclass(frozen=True)
class Product:
    """One installation of the product: its environment, and its commands and processes in it."""

    env: dict[str, str]

    @property
    def database_url(self) -> str:
        return self.env["DATABASE_URL"]

    def having(self, **variables: str) -> "Product":
        """Return the same installation with other environment variables."""
        return Product(self.env | variables)

    def on(self, day: str) -> "Product":
        """Return the same installation on another day, given as in `2014-11-03`."""
        return self.having(TRACKER_TODAY=day)

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a command to its end and return what it printed; raise ServerFailed unless it succeeded."""
        return manage(self.env, *arguments, check=check).stdout

    def shell(self, code: str) -> str:
        """Run Python code inside the product, with every model imported, and return what it printed."""
        return self.manage("shell", "--verbosity", "0", "--command", code)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run SQL on the database past the product and return the rows; write parameters as %s."""
        if self.database_url.startswith("sqlite:"):
            path = unquote(self.database_url.removeprefix("sqlite:///"))
            with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
                return database.execute(query.replace("%s", "?"), parameters).fetchall()
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            result = connection.execute(query, parameters or None)  # type: ignore[arg-type]
            return result.fetchall() if result.description else []

    def worker(self, *queues: str, **options: Any) -> Process:
        return worker(self.env, *queues, **options)

    def beat(self, **options: Any) -> Process:
        return beat(self.env, **options)

    def web(self, **options: Any) -> Web:
        return web(self.env, **options)


# --- The browser


def chromium_options() -> dict[str, Any]:
    """Return what Playwright's `chromium.launch` needs to start the machine's Chromium, shut off from other hosts."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            break
    else:
        raise ProgramMissing("Chromium is needed: apt-get install chromium fonts-liberation")
    return {
        "executable_path": found,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        ],
    }


# --- From a shell


def main(arguments: list[str]) -> int:
    """Run a command with DATABASE_URL, and REDIS_URL if asked, naming new and empty servers."""
    with_redis = arguments[:1] == ["--redis"]
    command = arguments[with_redis:]
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    # Leave through the `with` blocks, so that the servers end with this process.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with PostgresServer() as postgres:
        env = {**os.environ, "DATABASE_URL": postgres.create_database("tracker")}
        if not with_redis:
            return subprocess.call(command, env=env)
        with RedisServer() as redis_server:
            return subprocess.call(command, env={**env, "REDIS_URL": redis_server.url()})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
