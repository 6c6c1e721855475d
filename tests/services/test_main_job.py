"""The main job on real input and real servers: Buckinghamshire's 3 and 4 November 2014, from beat to inbox."""

import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.services.servers import Process, Product, RedisServer, SmtpSink, product_environment, wait_until

MONDAY, TUESDAY = "2014-11-03", "2014-11-04"
BEFORE_MAIL, MORNING = "T07:30", "T08:05"
SECONDS = 120

LATE_ON_MONDAY = ["1.3", "2.5", "2.7", "4.2", "5.3", "5.8", "6.1"]
OWED_ON_MONDAY = {
    "systems-manager": "1 of your actions is overdue",
    "partnership-manager": "1 of your actions is overdue and 1 is due by 6 November",
    "head-child-protection": "2 of your actions are overdue and 1 is due by 10 November",
    "principal-reviewing-officer": "1 of your actions is overdue",
    "head-first-response": "1 of your actions is overdue and 1 is due by 4 November",
    "head-fostering-adoption": "1 of your actions is overdue",
    "head-early-help": "1 of your actions is due by 3 November",
    "head-quality": "2 of your actions are due by 17 November",
    "head-children-in-care": "1 of your actions is due by 14 November",
    # The clock, with 10 working days left.
    "director": "",
    "programme-manager": "",
}
NEWLY_OWED_ON_TUESDAY = {"head-children-in-care", "head-early-help", "head-child-protection", "leaving-care-manager"}
# The director and the programme office of three other councils, whose clocks ran from the same day.
ELSEWHERE = {
    f"{who}@{council}.example"
    for who in ("director", "programme-manager")
    for council in ("barnsley", "cambridgeshire", "newham")
}
HERE = {f"{who}@buckinghamshire.example" for who in OWED_ON_MONDAY}


def the_record(product: Product) -> None:
    product.manage("seed", "record")


@pytest.fixture
def product(
    postgres_server,
    seeded_template: Callable[..., str],
    redis_urls: Iterator[str],
    redis_server: RedisServer,
    smtp_sink,
) -> Iterator[Product]:
    """An installation with the public record, before anything was noticed or sent."""
    url = postgres_server.create_database(template=seeded_template(the_record, today=MONDAY))
    redis_server.flush()
    yield Product(product_environment(url, next(redis_urls), smtp_sink))
    postgres_server.drop_database(url.rpartition("/")[2])


def words(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def addresses(sink: SmtpSink) -> Counter[str]:
    return Counter(address for message in sink.messages for address in message.recipients)


def flagged(product: Product) -> list[tuple[str]]:
    return product.rows(
        "SELECT reference FROM actions_overdueflag f JOIN actions_action a ON a.id = f.action_id ORDER BY position"
    )


def runs(product: Product) -> dict[str, object]:
    """When each job last ran well."""
    return dict(product.rows("SELECT job, last_good_at FROM reminders_jobrun"))


def have_run_since(product: Product, earlier: dict[str, object]) -> bool:
    now = runs(product)
    return all(
        now.get(job, None) not in (None, earlier.get(job)) for job in ("reminders.queue_due", "reminders.deliver")
    )


def schedule_runs(product: Product) -> None:
    """Start a worker and beat, which runs every job once at its start, and wait until they have run and are idle.

    One process in the worker, so that the jobs run in the order in which beat sends them.
    """
    earlier = runs(product)
    worker: Process = product.worker(concurrency=1)
    with worker, product.beat():
        wait_until(lambda: have_run_since(product, earlier), "the jobs to have run", seconds=SECONDS)


def test_the_schedule_sends_each_person_owed_something_one_email(product: Product, smtp_sink: SmtpSink):
    schedule_runs(product.on(MONDAY + MORNING))

    assert [reference for (reference,) in flagged(product)] == LATE_ON_MONDAY
    assert addresses(smtp_sink) == Counter(HERE | ELSEWHERE)
    for who, subject in OWED_ON_MONDAY.items():
        (message,) = smtp_sink.to(f"{who}@buckinghamshire.example")
        assert subject in message.subject
    (clock,) = smtp_sink.to("director@buckinghamshire.example")
    assert "It is due on Monday 17 November 2014" in words(clock.text)
    (late,) = smtp_sink.to("systems-manager@buckinghamshire.example")
    assert "20 working days overdue. Was due Monday 6 October 2014." in words(late.text)
    assert "Put each child’s information in one place" in late.html


def test_the_schedule_run_again_sends_nothing(product: Product, smtp_sink: SmtpSink):
    schedule_runs(product.on(MONDAY + MORNING))
    first = [message.message_id for message in smtp_sink.messages]

    schedule_runs(product.on(MONDAY + MORNING))

    assert [message.message_id for message in smtp_sink.messages] == first
    assert len(flagged(product)) == 7


def test_the_schedule_of_the_next_day_sends_only_what_is_newly_owed(product: Product, smtp_sink: SmtpSink):
    product.manage("daily", "--on", MONDAY)
    smtp_sink.clear()

    schedule_runs(product.on(TUESDAY + MORNING))

    assert addresses(smtp_sink) == Counter(f"{who}@buckinghamshire.example" for who in NEWLY_OWED_ON_TUESDAY)
    assert len(flagged(product)) == 8
    (late,) = smtp_sink.to("head-early-help@buckinghamshire.example")
    assert "1 working day overdue. Was due Monday 3 November 2014." in words(late.text)


def test_finishing_an_action_before_8am_cancels_what_was_queued_for_it(product: Product, smtp_sink: SmtpSink):
    product.manage("daily", "--on", MONDAY)
    smtp_sink.clear()
    schedule_runs(product.on(TUESDAY + BEFORE_MAIL))
    assert not smtp_sink.messages
    assert product.rows("SELECT count(*) FROM reminders_reminder WHERE queued_on = %s", TUESDAY) == [(4,)]

    product.on(TUESDAY + BEFORE_MAIL).shell(
        "from tracker.actions import changes\n"
        "from tracker.dates import clock\n"
        "action = Action.objects.get(authority__slug='buckinghamshire', reference='4.4')\n"
        "said = {'by': action.owner, 'on': clock.today(), 'at': clock.now()}\n"
        "changes.add_evidence(action, title='Notes of the meetings', location='Early help folder', **said)\n"
        "changes.record_update(action, narrative='Every district has met.', rating='', says_done=True, **said)\n"
    )
    schedule_runs(product.on(TUESDAY + MORNING))

    assert addresses(smtp_sink) == Counter(
        f"{who}@buckinghamshire.example" for who in NEWLY_OWED_ON_TUESDAY - {"head-early-help"}
    )
    assert product.rows(
        "SELECT recipient.email, r.cancelled_on::text, r.digest_id FROM reminders_reminder r"
        " JOIN accounts_user recipient ON recipient.id = r.recipient_id WHERE r.cancelled_on IS NOT NULL"
    ) == [("head-early-help@buckinghamshire.example", TUESDAY, None)]


def test_the_day_in_the_foreground_does_the_same_at_any_hour(product: Product, smtp_sink: SmtpSink):
    first = json.loads(product.manage("daily", "--on", MONDAY, "--json"))
    again = json.loads(product.manage("daily", "--on", MONDAY, "--json"))
    tuesday = json.loads(product.manage("daily", "--on", TUESDAY, "--json"))

    assert (first["flagged"], first["sent"], first["failed"]) == (7, len(HERE) + len(ELSEWHERE), 0)
    assert (again["flagged"], again["queued"], again["sent"], again["failed"]) == (0, 0, 0, 0)
    assert (tuesday["flagged"], tuesday["queued"], tuesday["sent"]) == (1, 4, 4)
    assert sum(addresses(smtp_sink).values()) == len(HERE) + len(ELSEWHERE) + 4


def test_the_clock_of_the_record_is_explained_on_the_command_line(product: Product):
    (told,) = json.loads(product.manage("deadline", "2014-08-08", "--json"))
    plan = next(clock for clock in told["clocks"] if clock["kind"] == "plan")

    assert (plan["due"], plan["working_days"], plan["calendar_days_reading"]) == ("2014-11-17", 70, "2014-10-17")
    assert product.rows(
        "SELECT c.computed_due::text FROM inspections_clock c JOIN inspections_inspection i"
        " ON i.id = c.inspection_id JOIN accounts_authority a ON a.id = c.authority_id"
        " WHERE a.slug = 'buckinghamshire' AND i.reference = '2014-sif' AND c.kind = 'plan'"
    ) == [(plan["due"],)]
