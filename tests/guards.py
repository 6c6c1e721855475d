"""What every test runs under: no network but this machine's, and no test that quietly does not run."""

import ipaddress
import socket
from typing import Any

import pytest


class NetworkReached(RuntimeError):
    """A test tried to reach another machine."""


def _is_here(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost", "testserver"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _refuse_other_machines() -> None:
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
    real_getaddrinfo = socket.getaddrinfo

    def guarded(name: str) -> Any:
        def call(self: socket.socket, *arguments: Any) -> Any:
            address = arguments[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
                raise NetworkReached(f"A test tried to reach {address[0]}; tests may reach this machine only.")
            return real[name](self, *arguments)

        return call

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        if not _is_here(host):
            raise NetworkReached(f"A test asked for the address of {host}; tests may reach this machine only.")
        return real_getaddrinfo(host, *arguments, **options)

    for name in real:
        setattr(socket.socket, name, guarded(name))
    socket.getaddrinfo = getaddrinfo


_refuse_other_machines()

NOT_RUN = ("skipped", "xfailed", "xpassed")


def _not_run(config: pytest.Config) -> list[Any]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return [report for kind in NOT_RUN for report in reporter.stats.get(kind, [])] if reporter else []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in which a test was skipped or expected to fail: what is missing is an error."""
    if exitstatus == pytest.ExitCode.OK and _not_run(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if reports := _not_run(config):
        terminalreporter.section("Tests that were skipped or expected to fail; the run fails for them", sep="=")
        for report in reports:
            terminalreporter.line(report.nodeid)
