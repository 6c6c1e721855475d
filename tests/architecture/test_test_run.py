"""The test run keeps its own promises: it reaches no other machine, and what does not run counts as failed."""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("203.0.113.9", 25)])
def test_a_test_cannot_connect_to_another_machine(address):
    with socket.socket() as connection, pytest.raises(RuntimeError, match="may reach this machine only"):
        connection.connect(address)


def test_a_test_cannot_look_up_another_machine():
    with pytest.raises(RuntimeError, match="asked for the address of"):
        urllib.request.urlopen("http://plan.example/")


def test_a_test_can_connect_to_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("pass", "1 passed"),
        ("pytest.skip('no database here')", "1 skipped"),
        ("pytest.xfail('known')", "1 xfailed"),
    ],
)
def test_a_test_that_does_not_run_fails_the_run(tmp_path, body, outcome):
    (tmp_path / "test_one.py").write_text(f"import pytest\n\n\ndef test_one():\n    {body}\n")

    options = ["-c", "/dev/null", "-p", "tests.guards", "-p", "no:django", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome in run.stdout.splitlines()[-1]
    assert run.returncode == (0 if "passed" in outcome else 1)
