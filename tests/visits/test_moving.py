"""Moving a visit puts everything that hangs on it in order within one run of the daily pieces."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tests import factories
from tests.factories import TODAY, fresh
from tracker.actions import flags
from tracker.dates.models import calendar
from tracker.inspections.models import Clock
from tracker.reminders import outbox
from tracker.reminders.models import Reminder
from tracker.reminders.rules import Kind
from tracker.visits import changes

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
FIRST, EARLIER, LATER = date(2026, 6, 9), date(2026, 5, 12), date(2026, 6, 16)


@pytest.fixture
def priya(council):
    return factories.priya(council)


@pytest.fixture
def visit(council):
    """Monitoring visit 1 on 9 June 2026, 23 working days away, with its readiness list."""
    return changes.enter_visit(
        council,
        kind="monitoring",
        sequence=1,
        inspection=factories.make_inspection(council, is_monitored=True),
        starts_on=FIRST,
        ends_on=date(2026, 6, 10),
        by=factories.aisha(council).user,
        on=TODAY,
        calendar=calendar(),
    )


@pytest.fixture
def move(visit):
    def move_visit(to, *, on):
        known = {
            name: getattr(fresh(visit), name)
            for name in ("kind", "sequence", "inspection", "expected_from", "expected_to", "dates_note")
        }
        return changes.change_visit(
            visit,
            starts_on=to,
            ends_on=None,
            agreed_on=None,
            focus="",
            inspectors="",
            by=visit.history.earliest().history_user,
            on=on,
            calendar=calendar(),
            reason="Ofsted moved it",
            **known,
        )

    return move_visit


def run(on):
    """The pieces that run every 15 minutes and every day."""
    flags.flag_overdue(on=on, at=datetime.combine(on, time(7), LONDON))
    changes.settle_finding_clocks(on=on)
    outbox.queue_due(on=on)


def due_before(client, *, on, today):
    today(on)
    return client.get("/visits/monitoring-1/").context["page"].due


def test_one_run_after_a_move_puts_reminders_lists_and_clocks_in_order(
    client, signed_in, council, priya, visit, move, today
):
    plan = factories.make_plan(council)
    soon = factories.make_action(plan=plan, owner=priya.user, deadline=date(2026, 5, 11))
    between = factories.make_action(plan=plan, owner=priya.user, deadline=date(2026, 6, 8))
    signed_in(client, priya)
    before = date(2026, 5, 11)  # 20 working days before 9 June.
    run(before)
    first = set(Reminder.objects.filter(kind=Kind.VISIT, cancelled_on=None).values_list("action", "day", "step"))
    assert first == {(soon.pk, FIRST, 20), (between.pk, FIRST, 20)}
    assert due_before(client, on=before, today=today).total == 2

    move(EARLIER, on=before)
    run(before)

    reminders = Reminder.objects.filter(kind=Kind.VISIT)
    assert set(reminders.filter(cancelled_on=before).values_list("action", "day")) == {
        (soon.pk, FIRST),
        (between.pk, FIRST),
    }
    assert set(reminders.filter(cancelled_on=None).values_list("action", "day", "step")) == {(soon.pk, EARLIER, 5)}
    assert due_before(client, on=before, today=today).total == 1
    tasks = visit.readiness_tasks.all()
    assert all(task.due_on == calendar().add(EARLIER, -task.working_days_before) for task in tasks)
    assert visit.clocks.get(kind=Clock.Kind.NEXT_VISIT).trigger_on == EARLIER


def test_an_action_that_now_falls_before_the_visit_is_reminded_of(
    client, signed_in, council, priya, visit, move, today
):
    action = factories.make_action(council, owner=priya.user, deadline=date(2026, 6, 12))
    signed_in(client, priya)
    on = date(2026, 5, 19)  # 20 working days before 16 June.
    run(on)
    assert not Reminder.objects.filter(kind=Kind.VISIT).exists()
    assert due_before(client, on=on, today=today).total == 0

    move(LATER, on=on)
    run(on)

    reminder = Reminder.objects.get(kind=Kind.VISIT, action=action)
    assert (reminder.day, reminder.cancelled_on) == (LATER, None)
    assert due_before(client, on=on, today=today).total == 1


def test_a_second_run_adds_nothing(council, priya, visit, move):
    factories.make_action(council, owner=priya.user, deadline=date(2026, 5, 11))
    move(EARLIER, on=TODAY)
    run(TODAY)
    before = Reminder.objects.count()

    run(TODAY)

    assert Reminder.objects.count() == before
