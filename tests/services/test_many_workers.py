"""Two beats and four workers at once for a fortnight send the same mails as one run a day."""

from collections import Counter
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.services.faults import Runner, following, ids_by_address, later, wait_for_jobs
from tests.services.servers import PostgresServer, Product, SmtpSink
from tracker.dates.clock import LONDON

FIRST = date(2026, 5, 6)
DAYS = 14
COUNCIL = """
from datetime import date
from django.db import transaction
from tests.factories import make_action, make_authority, make_member, make_plan
with transaction.atomic():
    council = make_authority()
    plan = make_plan(council)
    for number in range(8):
        owner = make_member(council, name=f"Owner {number}").user
        for deadline in (date(2026, 5, 5 + number), date(2026, 5, 12 + number), date(2026, 5, 29)):
            make_action(plan=plan, owner=owner, deadline=deadline)
"""
# What people do meanwhile, on the evening of a day.
EDITS = {
    date(2026, 5, 8): "act.cancel(action('3.4'), by=None, on=on, reason='Replaced')",
    date(2026, 5, 11): "act.hand_over(action('3.7'), to=owner('Owner 0'), by=None, on=on, reason='Moved team')",
    date(2026, 5, 13): "make_deadline_change(action('3.10'), to=date(2026, 6, 3))",
}


def evening(runner: Runner, on: date) -> None:
    """Do what people did on a day, after its emails."""
    if on in EDITS:
        runner.run(
            "from datetime import date\n"
            "from accounts.models import User\n"
            "from tests.factories import make_deadline_change\n"
            "from tracker.actions import changes as act\n"
            "from tracker.actions.models import Action\n"
            "action = lambda reference: Action.objects.get(reference=reference)\n"
            "owner = lambda name: User.objects.get(name=name)\n"
            f"on = date.fromisoformat('{on}')\n" + EDITS[on]
        )


def mails(sink: SmtpSink) -> Counter[tuple[str, str, str]]:
    return Counter((message.recipients[0], message.message_id, message.subject) for message in sink.messages)


def days() -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(DAYS)]


def test_two_beats_and_four_workers_for_a_fortnight_send_what_one_run_a_day_sends(
    product: Product, postgres_server: PostgresServer, smtp_sink: SmtpSink, tmp_path: Path
):
    moment = tmp_path / "now"
    with Runner(product) as runner:
        runner.run(COUNCIL)
    other = Product(product.env | {"DATABASE_URL": postgres_server.create_database(template=_name(product))})
    with Runner(other) as runner:
        for on in days():
            runner.queue(on.isoformat())
            runner.deliver(datetime(on.year, on.month, on.day, 8, 5, tzinfo=LONDON))
            evening(runner, on)
    expected = mails(smtp_sink)
    smtp_sink.clear()

    moment.write_text(f"{FIRST}T07:00")
    with ExitStack() as running:
        for _ in range(4):
            running.enter_context(following(product.worker(concurrency=1), moment))
        for _ in range(2):
            running.enter_context(following(product.beat(), moment))
        runner = running.enter_context(Runner(product))
        for on in days():
            moment.write_text(f"{on}T08:05")
            wait_for_jobs(product, "reminders.queue_due", "reminders.deliver")
            evening(runner, on)

    assert mails(smtp_sink) == expected
    assert expected
    assert all(set(ids.values()) == {1} for ids in ids_by_address(smtp_sink).values())
    flags = "SELECT count(*), count(DISTINCT (action_id, deadline)) FROM actions_overdueflag"
    assert product.rows(flags) == other.rows(flags)
    history = "SELECT count(*) FROM actions_historicaloverdueflag"
    assert product.rows(history) == other.rows(history)


def _name(product: Product) -> str:
    return product.database_url.rpartition("/")[2]


def test_an_hour_back_and_three_days_on_send_nobody_a_second_email_of_a_day(product: Product, smtp_sink: SmtpSink):
    """The machine's clock jumps, as it does when it is set right."""
    noon = datetime(2026, 5, 6, 12, 0, tzinfo=LONDON)
    with Runner(product) as runner:
        runner.run(COUNCIL)
        for now in (noon, later(noon, -2 * 3600), noon, later(noon, 3 * 24 * 3600), noon):
            runner.queue(now.date().isoformat())
            runner.deliver(now)

    assert all(set(ids.values()) == {1} for ids in ids_by_address(smtp_sink).values())
