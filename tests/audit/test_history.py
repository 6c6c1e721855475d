"""Every change has one history row with who, when and why, and no other door writes."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from accounts.models import Service
from tests import factories
from tests.factories import fresh
from tracker.actions.models import Action, OverdueFlag
from tracker.audit.history import (
    THE_TRACKER,
    UnexplainedChange,
    audited_models,
    history_of,
    is_audited,
    save_because,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(council) -> Service:
    return factories.make_service(council, "Leaving care")


def test_a_change_leaves_one_row_that_says_who_when_and_why(service):
    aisha = factories.make_user("Aisha Rahman")
    service.name = "Care leavers"

    with time_machine.travel(datetime(2026, 5, 6, 9, 30, tzinfo=UTC), tick=False):
        save_because(service, by=aisha, reason="Renamed by the cabinet")

    newest, first = service.history.order_by("-history_id")
    assert (newest.actor, newest.history_user, newest.history_change_reason) == (
        "Aisha Rahman",
        aisha,
        "Renamed by the cabinet",
    )
    assert newest.history_date == datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
    assert (newest.history_type, newest.name, first.history_type, first.name) == (
        "~",
        "Care leavers",
        "+",
        "Leaving care",
    )


def test_without_a_person_the_tracker_itself_has_acted(service):
    save_because(service, by=None, reason="The nightly rule")

    assert service.history.latest().actor == THE_TRACKER
    assert service.history.latest().history_user is None


def test_the_name_stays_as_it_was_when_the_person_is_renamed(service):
    aisha = factories.make_user("Aisha Rahman")
    save_because(service, by=aisha, reason="Looked at")

    aisha.name = "Aisha Khan"
    save_because(aisha, by=None, reason="Married")

    assert service.history.latest().actor == "Aisha Rahman"


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_change_without_a_reason_is_refused(service, reason):
    with pytest.raises(ValueError, match="Say why"):
        save_because(service, by=None, reason=reason)
    assert service.history.count() == 1


def test_a_field_out_of_shape_is_refused(service):
    service.name = "x" * 201

    with pytest.raises(ValidationError, match="at most 200 characters"):
        save_because(service, by=None, reason="Too long")
    assert fresh(service).name == "Leaving care"


def test_a_reason_may_be_long(service):
    reason = "Because of what the board decided. " * 40

    save_because(service, by=None, reason=reason)

    assert len(reason) > 1000
    assert service.history.latest().history_change_reason == reason


def test_the_reason_of_one_save_does_not_explain_the_next(service):
    save_because(service, by=factories.make_user("Aisha Rahman"), reason="Renamed by the cabinet")

    with pytest.raises(UnexplainedChange):
        service.save()
    save_because(service, by=None, reason="The nightly rule")
    assert service.history.latest().actor == THE_TRACKER


def test_a_bare_save_is_stopped_before_it_writes(service):
    service.name = "Without a word"

    with pytest.raises(UnexplainedChange, match="service was to be saved without saying who and why"):
        service.save()

    assert fresh(service).name == "Leaving care"
    assert service.history.count() == 1


def test_a_bare_create_is_stopped_before_it_writes(council):
    with pytest.raises(UnexplainedChange):
        Service.objects.create(authority=council, name="Without a word")
    assert not Service.objects.filter(name="Without a word").exists()


def test_a_bare_delete_is_stopped_before_it_writes(service):
    with pytest.raises(UnexplainedChange), transaction.atomic():
        service.delete()
    assert Service.objects.filter(pk=service.pk).exists()


@pytest.mark.parametrize("write", ["save_without_historical_record", "save_base"])
def test_the_back_doors_are_stopped_too(service, write):
    service.name = "Without a word"

    with pytest.raises(UnexplainedChange):
        getattr(service, write)()
    assert fresh(service).name == "Leaving care"


def test_the_librarys_own_bulk_door_is_stopped(council):
    with pytest.raises(UnexplainedChange):
        bulk_create_with_history([Service(authority=council, name="In bulk")], Service)


@pytest.mark.parametrize("model", audited_models(), ids=lambda model: model.__name__)
def test_no_audited_table_takes_a_write_that_leaves_no_history(model, db):
    writes = [
        lambda: model._default_manager.update(pk=1),
        lambda: model._default_manager.filter(pk=1).update(pk=2),
        lambda: model._default_manager.bulk_create([model()]),
        lambda: model._default_manager.bulk_update([model(pk=1)], ["pk"]),
        lambda: model._default_manager.all().delete(),
    ]

    for write in writes:
        with pytest.raises(UnexplainedChange, match=f"{model.__name__}.objects"):
            write()


@pytest.mark.parametrize("model", audited_models(), ids=lambda model: model.__name__)
def test_every_history_names_its_actor_and_takes_a_reason_of_any_length(model):
    log = history_of(model)

    assert not log._meta.get_field("actor").null
    assert log._meta.get_field("history_change_reason").max_length is None


def test_the_history_of_a_person_holds_no_password():
    from accounts.models import User

    assert "password" not in {field.name for field in history_of(User)._meta.get_fields()}


def test_what_is_audited_is_known():
    assert is_audited(Action)
    assert not is_audited(history_of(Action))
    assert OverdueFlag in audited_models()


def test_a_change_whose_history_cannot_be_written_is_not_made(service, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("The history cannot be written.")

    monkeypatch.setattr(history_of(Service), "save", fail)
    service.name = "Half a change"

    with pytest.raises(RuntimeError, match="cannot be written"):
        save_because(service, by=None, reason="Half")

    assert fresh(service).name == "Leaving care"
    assert service.history.count() == 1
