"""The servers that other tests lean on really start, answer, die and come back."""

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services.servers import (
    ROOT,
    PostgresServer,
    Process,
    Product,
    RedisServer,
    ServerFailed,
    SmtpSink,
    StopMode,
    chromium_options,
    manage,
    wait_until,
)

ONCE = Retry(NoBackoff(), 0)
PRIYA, MARCUS, DEE = "priya@northbridge.example", "marcus@northbridge.example", "dee@northbridge.example"


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server that may be killed, apart from the one that other tests share."""
    with PostgresServer() as server:
        server.create_database("council")
        with server.connect("council") as connection:
            connection.execute("CREATE TABLE committed (mode text)")
        yield server


@pytest.fixture
def broker() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def send(sink: SmtpSink, *recipients: str, timeout: float = 10) -> dict[str, tuple[int, bytes]]:
    message = b"Subject: Two actions are late\r\nMessage-ID: <one@plan.example>\r\n\r\nPlease update them.\r\n"
    with smtplib.SMTP(sink.host, sink.port, timeout=timeout) as client:
        return client.sendmail("tracker@plan.example", recipients, message)


# PostgreSQL


@pytest.mark.parametrize("mode", ["smart", "fast", "immediate", "kill"])
def test_postgres_keeps_what_was_committed_over_a_restart_of_any_kind(postgres: PostgresServer, mode: StopMode) -> None:
    with postgres.connect("council") as connection:
        connection.execute("INSERT INTO committed VALUES (%s)", [mode])
    port = postgres.port

    postgres.restart(mode)

    assert postgres.port == port
    with postgres.connect("council") as connection:
        assert (mode,) in connection.execute("SELECT mode FROM committed").fetchall()


def test_postgres_refuses_connections_while_it_is_away(postgres: PostgresServer) -> None:
    postgres.stop()

    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        postgres.connect("council")

    postgres.start()
    postgres.connect("council").close()


def test_a_copy_of_a_database_is_separate_and_quick(postgres: PostgresServer) -> None:
    with postgres.connect("council") as connection:
        before = connection.execute("SELECT count(*) FROM committed").fetchone()
    began = time.monotonic()

    url = postgres.create_database(template="council")

    assert time.monotonic() - began < 1
    with psycopg.connect(url) as copy:
        assert copy.execute("SELECT count(*) FROM committed").fetchone() == before
        copy.execute("INSERT INTO committed VALUES ('copy only')")
    with postgres.connect("council") as connection:
        assert connection.execute("SELECT count(*) FROM committed").fetchone() == before


def test_dropping_connections_ends_the_sessions_of_that_database_only(postgres: PostgresServer) -> None:
    with postgres.connect("council") as ended, postgres.connect() as spared:
        assert postgres.drop_connections("council") == 1

        with pytest.raises(psycopg.OperationalError):
            ended.execute("SELECT 1")
        assert spared.execute("SELECT 1").fetchone() == (1,)


def test_nothing_is_left_when_a_server_ends_after_a_failure() -> None:
    server = PostgresServer()

    with pytest.raises(ZeroDivisionError), server:
        raise ZeroDivisionError

    assert not server.folder.exists()
    assert not Path(f"/proc/{server.process.pid}").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_servers_end_with_a_test_run_that_is_killed() -> None:
    code = (
        "import time\n"
        "from tests.services.servers import PostgresServer, RedisServer\n"
        "with PostgresServer() as postgres, RedisServer() as redis:\n"
        "    print(postgres.process.pid, redis.process.pid, postgres.folder, redis.folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        postgres_pid, redis_pid, *folders = run.stdout.readline().split()

        run.kill()

        gone = [Path(f"/proc/{postgres_pid}"), Path(f"/proc/{redis_pid}")]
        wait_until(lambda: not any(process.exists() for process in gone), "the servers are gone", seconds=10)
    for folder in folders:  # Nobody was left to remove them.
        shutil.rmtree(folder)


def test_a_server_that_cannot_start_shows_its_log(postgres: PostgresServer) -> None:
    with (
        pytest.raises(ServerFailed, match="no_such_setting"),
        PostgresServer(settings={"no_such_setting": "1"}),
    ):
        pass


# Redis


def test_redis_keeps_its_data_over_a_restart_and_forgets_on_flush(broker: RedisServer) -> None:
    broker.client().set("waiting", "1")

    broker.restart()

    assert broker.client().get("waiting") == b"1"
    broker.flush()
    assert broker.client().get("waiting") is None


def test_redis_keeps_what_was_flushed_to_disk_when_it_is_killed(broker: RedisServer) -> None:
    broker.client().set("waiting", "1")
    wait_until(
        lambda: any(b"waiting" in file.read_bytes() for file in broker.folder.glob("appendonlydir/*")),
        "the key is in the append-only file",
    )

    broker.kill()
    with pytest.raises(redis.ConnectionError):
        broker.client().ping()
    broker.start()

    assert broker.client().get("waiting") == b"1"


def test_a_frozen_redis_accepts_and_does_not_answer(broker: RedisServer) -> None:
    broker.freeze()
    client = redis.Redis(port=broker.port, password=broker.password, socket_timeout=0.2, retry=ONCE)

    with pytest.raises(redis.TimeoutError):
        client.ping()

    broker.thaw()
    assert broker.client().ping()


def test_redis_wants_its_password(broker: RedisServer) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=broker.port, retry=ONCE).ping()


# SMTP


def test_the_mail_server_keeps_envelope_and_message(smtp_sink: SmtpSink) -> None:
    send(smtp_sink, PRIYA)

    (received,) = smtp_sink.wait_for(1)
    assert received.sender == "tracker@plan.example"
    assert received.recipients == (PRIYA,)
    assert received.message_id == "<one@plan.example>"
    assert received.subject == "Two actions are late"
    assert received.text.strip() == "Please update them."
    assert received.raw.startswith(b"Subject: Two actions are late\r\n")
    assert received.confirmed


def test_a_refused_address_does_not_hold_up_the_others(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse(PRIYA.upper())

    refused = send(smtp_sink, PRIYA, MARCUS)

    assert refused == {PRIYA: (550, b"5.1.1 No such mailbox")}
    assert [received.recipients for received in smtp_sink.messages] == [(MARCUS,)]
    assert [(each.stage, each.address) for each in smtp_sink.refusals] == [("RCPT", PRIYA)]
    assert smtp_sink.to(MARCUS)
    assert not smtp_sink.to(PRIYA)


def test_a_refusal_for_now_ends_after_so_many_times(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse(PRIYA, "451 4.7.1 Greylisted", times=2)

    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            send(smtp_sink, PRIYA)
        assert refusal.value.recipients == {PRIYA: (451, b"4.7.1 Greylisted")}
    send(smtp_sink, PRIYA)

    assert len(smtp_sink.messages) == 1


def test_everyone_can_be_refused_and_a_message_can_be_refused_at_its_end(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse_everyone(times=1)
    with pytest.raises(smtplib.SMTPSenderRefused):
        send(smtp_sink, PRIYA)
    smtp_sink.refuse_data(times=1)
    with pytest.raises(smtplib.SMTPDataError):
        send(smtp_sink, PRIYA)

    send(smtp_sink, PRIYA)

    assert len(smtp_sink.messages) == 1
    assert [each.stage for each in smtp_sink.refusals] == ["MAIL", "DATA"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_connection_cut_after_the_message_leaves_the_sender_in_doubt(smtp_sink: SmtpSink, kept: bool) -> None:
    smtp_sink.drop_after_data(kept=kept)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_sink, PRIYA)
    send(smtp_sink, MARCUS)

    assert [received.confirmed for received in smtp_sink.to(PRIYA)] == ([False] if kept else [])
    assert [received.confirmed for received in smtp_sink.to(MARCUS)] == [True]


def test_a_slow_server_is_slow_for_each_message(smtp_sink: SmtpSink) -> None:
    smtp_sink.be_slow(2)

    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(smtp_sink, PRIYA, timeout=0.3)

    smtp_sink.behave()
    send(smtp_sink, PRIYA)


def test_a_server_that_is_away_cuts_connections_and_comes_back_on_its_port(smtp_sink: SmtpSink) -> None:
    client = smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=5)

    with smtp_sink.away():
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
        with pytest.raises(ConnectionRefusedError):
            send(smtp_sink, DEE)

    send(smtp_sink, DEE)
    assert len(smtp_sink.to(DEE)) == 1


def test_waiting_for_mail_that_does_not_come_says_how_many_came(smtp_sink: SmtpSink) -> None:
    send(smtp_sink, DEE)

    with pytest.raises(TimeoutError, match="1 of 2 messages"):
        smtp_sink.wait_for(2, seconds=0.2)


# The product's processes


def test_each_test_has_a_migrated_database_of_its_own(product: Product, fresh_database: str) -> None:
    assert product.database_url == fresh_database
    assert product.rows("SELECT count(*) FROM django_migrations WHERE app = %s", "accounts")[0][0] > 0


def test_a_command_that_fails_shows_what_it_said(product: Product) -> None:
    with pytest.raises(ServerFailed, match="no_such_command"):
        product.manage("no_such_command")

    assert manage(product.env, "no_such_command", check=False).returncode == 1


def test_the_web_server_answers_is_killed_and_comes_back(product: Product) -> None:
    with product.web() as site:
        assert site.get("/health/")[0] == 200
        assert site.get("/no/such/page/")[0] in (302, 404)

        site.kill()
        # Its workers die a moment after it: the line is refused, or broken off by one that is dying.
        with pytest.raises(OSError, match=r"Connection refused|Connection reset"):
            site.get("/health/")
        site.start()

        assert site.get("/health/")[0] == 200


def test_the_worker_takes_a_task_and_another_worker_takes_over_when_it_is_killed(product: Product) -> None:
    code = "from tracker.config.celery import app; app.control.ping(timeout=10, limit=1) and print('answered')"
    with product.worker(concurrency=1) as first:
        assert "answered" in product.shell(code)
        assert first.children()
        first.kill()
        assert not first.is_running()

        with product.worker(concurrency=1) as second:
            assert "answered" in product.shell(code)
            assert second.pid != first.pid


def test_the_schedule_starts_and_stops(product: Product) -> None:
    with product.beat() as schedule:
        assert schedule.is_running()

    assert not schedule.is_running()


def test_a_process_that_does_not_hear_term_is_killed_with_its_children() -> None:
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = Process("deaf", [sys.executable, "-c", code], is_ready=lambda process: "ready" in process.log)
    process.start()

    process.stop(seconds=0.2)

    assert not process.is_running()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, signal.SIG_DFL)


def test_chromium_is_there() -> None:
    assert Path(chromium_options()["executable_path"]).exists()
