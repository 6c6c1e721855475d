"""Each day the head of a council's history is recorded, and told to two of its programme office."""

from datetime import timedelta

import pytest

from accounts import changes as account_changes
from accounts.models import Notice
from accounts.roles import Role
from tests import factories
from tests.factories import NOW, TODAY
from tracker.audit import proving
from tracker.audit.models import INSTALLATION, Anchor, Head
from tracker.reminders import tasks
from tracker.reminders.outbox import heads

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def office(council):
    return [
        factories.make_member(council, Role.PROGRAMME_OFFICE, name).user
        for name in ("Aisha Rahman", "Ben Carter", "Cara Dunn")
    ]


def told() -> list[Notice]:
    """The emails that wait for the post."""
    return list(Notice.objects.order_by("pk"))


def record(days: int = 0) -> int:
    return heads.record_heads(on=TODAY + days * DAY, at=NOW + (days + 1) * DAY)


def test_the_head_of_every_chain_is_recorded_once_a_day(council, office):
    record()
    record()

    anchors = Anchor.objects.filter(on=TODAY)
    assert {anchor.council: (anchor.link, anchor.head) for anchor in anchors} == {
        head.council: (head.link, head.head) for head in Head.objects.all()
    }
    assert {anchor.council for anchor in anchors} == {INSTALLATION, council.pk}


def test_from_the_second_day_two_officers_are_told_once(council, office):
    assert record() == 0
    factories.make_service(council)

    assert record(1) == 2
    assert record(1) == 0

    head = Head.objects.get(council=council.pk)
    assert [notice.user.email for notice in told()] == ["aisha.rahman@council.example", "ben.carter@council.example"]
    assert told()[0].subject == "Head of the history on 7 May 2026"
    assert f"verify_history --head northbridge:{head.link}:{head.head}" in told()[0].text
    assert Anchor.objects.get(council=council.pk, on=TODAY + DAY).mailed_to == "Aisha Rahman, Ben Carter"
    assert proving.head_at(council.pk, head.link) == head.head


def test_someone_who_has_left_is_not_told(council, office):
    record()
    account_changes.switch_off(office[0], by=None, reason="Left")

    record(1)

    assert [notice.user.email for notice in told()] == ["ben.carter@council.example", "cara.dunn@council.example"]


def test_another_council_is_told_its_own_head(council, office):
    other = factories.make_authority("Southmere", "southmere")
    factories.make_member(other, Role.PROGRAMME_OFFICE, "Dev Patel")
    record()

    record(1)

    texts = {notice.user.email: notice.text for notice in told()}
    assert "southmere:" in texts["dev.patel@council.example"]
    assert "northbridge:" not in texts["dev.patel@council.example"]


def test_a_council_without_an_office_is_recorded_and_nobody_is_told(council):
    record()

    assert record(1) == 0
    assert Anchor.objects.filter(council=council.pk).count() == 2


def test_what_was_recorded_is_told_even_if_the_telling_broke_off(council, office, monkeypatch):
    record()

    def fail(*args, **kwargs):
        raise OSError("The disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(heads, "leave_notice", fail)
        with pytest.raises(OSError, match="full"):
            record(1)

    assert not Anchor.objects.filter(on=TODAY + DAY).exists()
    assert record(1) == 2


def test_the_job_records_the_day_that_has_ended(council):
    tasks.record_heads()

    assert Anchor.objects.get(council=council.pk).on == TODAY - DAY
