"""Each day the head of a council's history is recorded, and told to two of its programme office."""

from datetime import timedelta

import pytest

from accounts import changes as account_changes
from accounts.roles import Role
from tests import factories
from tests.factories import NOW, TODAY
from tracker.audit import proving
from tracker.audit.models import INSTALLATION, Anchor, Head
from tracker.reminders import mail, tasks
from tracker.reminders.mail import Away, RefusedForGood
from tracker.reminders.models import HeadLetter
from tracker.reminders.outbox import heads

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def office(council):
    return [
        factories.make_member(council, Role.PROGRAMME_OFFICE, name).user
        for name in ("Aisha Rahman", "Ben Carter", "Cara Dunn")
    ]


@pytest.fixture
def sent(monkeypatch):
    """What was sent, with its message ids, past every carrier."""
    found = []
    monkeypatch.setattr(mail.Post, "send", lambda self, email, *, message_id: found.append((email, message_id)))
    return found


def record(days: int = 0) -> int:
    return heads.record_heads(on=TODAY + days * DAY, at=NOW + (days + 1) * DAY)


def test_the_head_of_every_chain_is_recorded_once_a_day(council, office, sent):
    record()
    record()

    anchors = Anchor.objects.filter(on=TODAY)
    assert {anchor.council: (anchor.link, anchor.head) for anchor in anchors} == {
        head.council: (head.link, head.head) for head in Head.objects.all()
    }
    assert {anchor.council for anchor in anchors} == {INSTALLATION, council.pk}


def test_from_the_second_day_two_officers_are_told_once(council, office, sent):
    assert record() == 0
    factories.make_service(council)

    assert record(1) == 2
    assert record(1) == 0

    head = Head.objects.get(council=council.pk)
    assert [email.address for email, _ in sent] == ["aisha.rahman@council.example", "ben.carter@council.example"]
    assert len({message_id for _, message_id in sent}) == 2
    email = sent[0][0]
    assert email.subject == "Head of the history on 7 May 2026"
    for words in (email.text, email.html):
        assert f"verify_history --head northbridge:{head.link}:{head.head}" in words
    assert Anchor.objects.get(council=council.pk, on=TODAY + DAY).mailed_to == "Aisha Rahman, Ben Carter"
    assert proving.head_at(council.pk, head.link) == head.head


def test_someone_who_has_left_is_not_told(council, office, sent):
    record()
    account_changes.switch_off(office[0], by=None, reason="Left")

    record(1)

    assert [email.address for email, _ in sent] == ["ben.carter@council.example", "cara.dunn@council.example"]


def test_another_council_is_told_its_own_head(council, office, sent):
    other = factories.make_authority("Southmere", "southmere")
    factories.make_member(other, Role.PROGRAMME_OFFICE, "Dev Patel")
    record()

    record(1)

    texts = {email.address: email.text for email, _ in sent}
    assert "southmere:" in texts["dev.patel@council.example"]
    assert "northbridge:" not in texts["dev.patel@council.example"]


def test_a_council_without_an_office_is_recorded_and_nobody_is_told(council, sent):
    record()

    assert record(1) == 0
    assert Anchor.objects.filter(council=council.pk).count() == 2


@pytest.mark.parametrize("error", [Away("Nobody answers"), RefusedForGood("No such box")])
def test_what_did_not_go_is_sent_later(council, office, monkeypatch, error):
    record()

    def fail(self, email, *, message_id):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(mail.Post, "send", fail)
        assert record(1) == 0
    assert HeadLetter.objects.exclude(last_error="").exists()

    gone = []
    monkeypatch.setattr(mail.Post, "send", lambda self, email, *, message_id: gone.append(email))
    assert record(1) == 2
    assert len(gone) == 2


def test_what_another_worker_has_claimed_is_left_to_it(council, office, sent, monkeypatch):
    record()
    record(1)
    HeadLetter.objects.update(sent_at=None)

    assert record(1) == 0


def test_the_job_records_the_day_that_has_ended(council):
    tasks.record_heads()

    assert Anchor.objects.get(council=council.pk).on == TODAY - DAY
