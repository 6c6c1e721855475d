"""What was written before there was a chain is entered once, and proved from then on."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Service
from tests import factories
from tests.audit.tampering import sql, triggers_off
from tracker.audit import proving, taking_over
from tracker.audit.history import audited_models, history_of
from tracker.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def from_before(council, monkeypatch):
    """A council whose history was written by a version without the chain."""
    monkeypatch.setattr(taking_over, "MOST_ROWS", 7)
    action = factories.make_action(council)
    factories.make_milestone(action)
    factories.make_user()
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry")
        cursor.execute("DELETE FROM audit_head")
        for model in audited_models():
            table = history_of(model)._meta.db_table
            cursor.execute(f"UPDATE {table} SET actor_post = NULL, in_council = NULL, door = NULL, door_request = NULL")
    return council


def command() -> str:
    out = StringIO()
    call_command("take_over_history", stdout=out)
    return out.getvalue()


def test_without_it_the_history_is_not_proved_and_the_way_is_named(from_before):
    words = [fault.words for fault in proving.verify().faults]

    assert words
    assert all("`manage.py take_over_history` enters it" in each for each in words)


def test_all_of_it_is_entered_in_the_chains_of_its_councils(from_before):
    assert "history rows were taken over" in command()

    proof = proving.verify()
    assert proof.faults == []
    assert proof.taken_over == proof.rows == Entry.objects.count()
    councils = dict(Entry.objects.values_list("model", "council"))
    assert councils["actions.Milestone"] == councils["accounts.Authority"] == from_before.pk
    assert councils["accounts.User"] == councils["dates.BankHoliday"] == 0


def test_a_second_time_does_nothing(from_before):
    command()
    before = Entry.objects.count()

    assert command() == "All history is in its chain already.\n"
    assert Entry.objects.count() == before


def test_what_is_written_meanwhile_has_its_own_entry(from_before):
    factories.make_service(from_before, "Fostering")

    command()

    assert proving.verify().faults == []
    fostering = Service.history.get(name="Fostering")
    assert not Entry.objects.get(model="accounts.Service", history=fostering.history_id).is_taken_over


def test_what_was_taken_over_can_no_more_be_edited(from_before):
    command()
    with triggers_off():
        sql("UPDATE H SET title = 'Another'")(from_before.pk)

    assert "was edited after it was written" in proving.verify().faults[0].words
