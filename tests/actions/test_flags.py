"""Noticing what became overdue, once for each action and deadline."""

from datetime import date, timedelta

import pytest

from tests.factories import NOW, TODAY, make_action, make_authority, make_deadline_change, make_plan
from tracker.actions import flags, tasks
from tracker.actions.models import OverdueFlag

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


def test_an_action_due_yesterday_is_flagged_and_one_due_today_is_not(council):
    plan = make_plan(council)
    late = make_action(plan=plan, deadline=YESTERDAY)
    make_action(plan=plan, deadline=TODAY)
    make_action(plan=plan, deadline=None)

    assert flags.flag_overdue(on=TODAY, at=NOW) == 1

    flag = OverdueFlag.objects.get()
    assert (flag.action, flag.deadline, flag.flagged_on) == (late, YESTERDAY, TODAY)


def test_claimed_complete_and_cancelled_actions_are_not_flagged(council):
    plan = make_plan(council)
    for closed in ({"claimed_on": YESTERDAY}, {"completed_on": YESTERDAY}, {"cancelled_on": YESTERDAY}):
        make_action(plan=plan, deadline=date(2026, 4, 30), **closed)

    assert flags.flag_overdue(on=TODAY, at=NOW) == 0


def test_flagging_twice_leaves_one_flag_and_one_history_row(council):
    make_action(council, deadline=YESTERDAY)

    flags.flag_overdue(on=TODAY, at=NOW)
    assert flags.flag_overdue(on=TODAY, at=NOW + timedelta(minutes=15)) == 0

    row = OverdueFlag.objects.get().history.get()
    assert (row.actor, row.history_change_reason) == ("The tracker", "Overdue: the deadline passed before today")


def test_an_action_is_flagged_again_for_a_later_deadline(council):
    action = make_action(council, deadline=YESTERDAY)
    flags.flag_overdue(on=TODAY, at=NOW)

    make_deadline_change(action, date(2026, 5, 8))
    later = NOW + timedelta(days=5)
    assert flags.flag_overdue(on=later.date(), at=later) == 1

    assert [flag.deadline for flag in action.overdue_flags.all()] == [YESTERDAY, date(2026, 5, 8)]


def test_flagging_takes_as_many_statements_for_many_actions_of_many_councils(council, django_assert_max_num_queries):
    for number in range(12):
        other = council if number % 2 else make_authority(f"Council {number}", f"council-{number}")
        make_action(other, deadline=YESTERDAY)

    with django_assert_max_num_queries(6):
        assert flags.flag_overdue(on=TODAY, at=NOW) == 12


def test_the_job_asks_the_date_itself(council):
    make_action(council, deadline=YESTERDAY)

    assert tasks.flag_overdue() == 1
    assert OverdueFlag.objects.get().flagged_on == TODAY
