import json
from datetime import date
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from tests.factories import make_action, make_member, priya
from tracker.actions.models import OverdueFlag

pytestmark = pytest.mark.django_db


def daily(*arguments: str) -> dict:
    out = StringIO()
    call_command("daily", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_daily_does_what_the_schedule_does_in_a_day_and_says_so(council):
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 5))
    make_action(council, owner=make_member(council).user, deadline=date(2026, 5, 7))

    assert daily("--on", "2026-05-06") == {
        "on": "2026-05-06",
        "is_working_day": True,
        "flagged": 1,
        "queued": 2,
        "sent": 2,
        "failed": 0,
        "put_back": 0,
        "refusals": [],
    }
    assert len(mail.outbox) == 2


def test_daily_again_does_nothing(council):
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 5))
    daily("--on", "2026-05-06")

    again = daily("--on", "2026-05-06")

    assert (again["flagged"], again["queued"], again["sent"]) == (0, 0, 0)
    assert OverdueFlag.objects.count() == 1
    assert OverdueFlag.history.count() == 1


def test_daily_on_a_bank_holiday_flags_and_queues_and_sends_nothing(council):
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 1))

    done = daily("--on", "2026-05-04")

    assert (done["is_working_day"], done["flagged"], done["sent"]) == (False, 1, 0)


def test_daily_without_a_day_is_about_today(council):
    assert daily()["on"] == "2026-05-06"


def test_daily_can_be_run_for_the_last_working_day(council, today):
    today(date(2026, 5, 5))

    assert daily("--last-working-day")["on"] == "2026-05-01"


def test_daily_prints_words_for_people(council):
    out = StringIO()
    call_command("daily", "--on", "2026-05-04", stdout=out)

    assert "Monday 4 May 2026: not a working day, so no mail" in out.getvalue()


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "3 November 2014"])
def test_a_day_that_is_no_date_is_refused_with_how_to_write_it(council, text):
    with pytest.raises(CommandError, match="is not a date"):
        call_command("daily", "--on", text)


def test_a_day_past_the_bank_holidays_known_fails_loudly(council):
    with pytest.raises(CommandError, match="Bank holidays are known from 2010 to 2036"):
        call_command("daily", "--on", "2037-01-04")
