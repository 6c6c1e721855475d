"""The start-up check: a warning a year before the table ends, a failure once it has ended."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from tracker.dates.checks import bank_holidays_reach_far_enough
from tracker.dates.models import calendar

pytestmark = pytest.mark.django_db


def found(settings, day):
    settings.TRACKER_TODAY = day
    return [message.id for message in bank_holidays_reach_far_enough(None, databases=["default"])]


def test_a_table_that_reaches_a_year_ahead_is_well(settings):
    assert found(settings, date(2035, 12, 31)) == []


def test_a_year_before_the_table_ends_it_warns(settings):
    assert found(settings, date(2036, 1, 2)) == ["dates.W001"]
    assert found(settings, date(2036, 12, 31)) == ["dates.W001"]


def test_once_the_table_has_ended_it_is_an_error(settings):
    assert found(settings, date(2037, 1, 1)) == ["dates.E001"]


def test_29_february_does_not_break_the_check(settings):
    assert found(settings, date(2036, 2, 29)) == ["dates.W001"]


def test_the_database_is_not_asked_unless_checks_of_it_are():
    assert bank_holidays_reach_far_enough(None, databases=None) == []


def test_the_command_extends_the_table(capsys):
    call_command("bank_holidays", until=2038)

    assert calendar().last_year == 2038
    assert "The table ends in 2038." in capsys.readouterr().out


def test_the_command_needs_a_year():
    with pytest.raises(CommandError, match="--until"):
        call_command("bank_holidays")
