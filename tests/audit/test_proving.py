"""Whatever a database owner does to the history, with the triggers off, is found and named."""

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import Authority
from accounts.roles import Role
from tests import factories
from tests.audit.tampering import CORPUS, sql, triggers_off
from tests.factories import NOW, TODAY
from tracker.actions import changes, flags
from tracker.audit import proving
from tracker.audit.chain import first_head, recorded
from tracker.audit.history import history_of, save_because
from tracker.audit.models import Anchor, Entry, Head

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(council: Authority) -> Iterator[Authority]:
    """A council whose first link holds several rows, with an action that changed twice and a head of today."""
    aisha = factories.make_member(council, Role.PROGRAMME_OFFICE, "Aisha Rahman", post="Programme manager")
    with recorded():
        service = factories.make_service(council, "Leaving care")
        action = factories.make_action(council, title="See every child", deadline=date(2026, 5, 4), service=service)
        factories.make_milestone(action)
    changes.submit_plan(action.plan, by=aisha.user, on=TODAY, reason="Agreed")
    for title in ("See every child soon", "See every child within a day"):
        action = factories.fresh(action)
        action.title = title
        save_because(action, by=aisha.user, reason="Said more clearly")
    head = Head.objects.get(council=council.pk)
    Anchor.objects.create(council=council.pk, on=TODAY, link=head.link, head=head.head, recorded_at=NOW)
    with transaction.atomic():
        yield council
        transaction.set_rollback(True)


def test_what_the_tracker_wrote_is_proved(at_work):
    flags.flag_overdue(on=TODAY, at=NOW)

    proof = proving.verify()

    assert proof.faults == []
    assert proof.rows == Entry.objects.count() > 260
    assert (proof.anchors, proof.taken_over) == (1, 0)


@pytest.mark.parametrize("what", CORPUS)
def test_each_way_of_tampering_is_found(at_work, what):
    with triggers_off():
        CORPUS[what](at_work.pk)

    assert proving.verify().faults != []


def test_there_are_more_than_fifty_ways_of_tampering():
    assert len(CORPUS) >= 50


def test_the_first_row_that_was_edited_is_named(at_work):
    log = history_of(factories.Action)
    second = log.objects.filter(title="See every child soon").get()
    with triggers_off():
        sql("UPDATE H SET title = 'Another' WHERE title LIKE 'See every child %'")(at_work.pk)

    fault = proving.verify().faults[0]

    entry = Entry.objects.get(model="actions.Action", history=second.history_id)
    assert (fault.council, fault.link) == (at_work.pk, entry.link)
    assert fault.words == (
        f"Link {entry.link}: history row {second.history_id} of actions.Action {second.id}, entered by Aisha Rahman, "
        "was edited after it was written."
    )


def test_a_history_that_nothing_guards_is_no_proof(at_work):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER append_only")
        else:
            cursor.execute("DROP TRIGGER audit_entry_no_update")

    assert "Nothing guards the table audit_entry" in proving.verify().faults[0].words


def test_one_council_is_proved_without_the_faults_of_another(at_work):
    other = factories.make_authority("Southmere", "southmere")
    with triggers_off():
        sql("UPDATE H SET title = 'Another'")(at_work.pk)

    assert proving.verify(other.pk).faults == []
    assert proving.verify(at_work.pk).faults != []


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_history", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_looked_at(at_work):
    assert command().startswith("All is as it was written: ")
    assert json.loads(command("--json", "--council", "northbridge"))["is_proved"] is True


def test_the_command_names_the_council_and_ends_with_1(at_work):
    with triggers_off():
        sql("UPDATE H SET title = 'Another'")(at_work.pk)
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("verify_history", stdout=out)

    assert ended.value.code == 1
    assert "  northbridge: Link " in out.getvalue()


def test_a_head_from_an_email_is_compared(at_work):
    head = Head.objects.get(council=at_work.pk)

    assert "All is as it was written" in command("--head", f"northbridge:{head.link}:{head.head}")
    assert "All is as it was written" in command("--head", f"northbridge:0:{first_head(at_work.pk)}")
    with pytest.raises(SystemExit):
        command("--head", f"northbridge:{head.link}:{'0' * 64}")
    with pytest.raises(SystemExit):
        command("--head", f"northbridge:{head.link + 1}:{head.head}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--council", "nowhere"], "There is no council “nowhere”. There are: northbridge, installation."),
        (["--head", "northbridge"], "“northbridge” is not a head"),
        (["--head", f"nowhere:1:{'0' * 64}"], "There is no council “nowhere”"),
    ],
)
def test_what_cannot_be_looked_for_is_said_plainly(council, arguments, words):
    with pytest.raises(CommandError, match=words):
        command(*arguments)
