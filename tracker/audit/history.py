"""The one way to write an audited row, and the history every audited table has."""

from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from django.db import models, transaction
from django.db.models.signals import pre_delete, pre_save
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from tracker.audit.models import HistoryRow

THE_TRACKER = "The tracker"


class UnexplainedChange(Exception):
    """An audited row was about to be written by a door that says neither who nor why."""


class _History(HistoricalRecords):
    """A history whose table can have indexes of its own."""

    def __init__(self, *, indexes: Sequence[models.Index] = (), **options: Any) -> None:
        super().__init__(**options)
        self.indexes = list(indexes)

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        return {**super().get_meta_options(model), "indexes": self.indexes}


def history(**options: Any) -> HistoricalRecords:
    """Return the history of a model; every audited model has `history = history()`, with `indexes` if need be.

    The link to the person has no constraint in the database: history outlives everything.
    """
    return _History(bases=[HistoryRow], user_db_constraint=False, **options)


class TrackedQuerySet(models.QuerySet):
    """Refuses the writes that leave no history row."""

    def _refuse(self, what: str) -> NoReturn:
        raise UnexplainedChange(f"{self.model.__name__}.objects.{what} leaves no history. Write through `changes`.")

    def update(self, **kwargs: Any) -> NoReturn:
        self._refuse("update")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("bulk_update")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("bulk_create")

    def delete(self) -> NoReturn:
        self._refuse("delete")

    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]


Row = TypeVar("Row", bound=models.Model)


def save_because(instance: Row, *, by: models.Model | None, reason: str, actor: str = "") -> Row:
    """Save a row and leave one history row that says who and why, in the same transaction.

    `by` is the person; None is the tracker itself, and the reason then names the rule that acted. `actor` names
    someone who has no account, in place of the tracker.
    Checks the fields (not the database's constraints, which the database checks).
    Raises ValidationError for a field out of shape, ValueError for a missing reason.
    """
    if not reason.strip():
        raise ValueError("Say why: every change has a reason.")
    links = [field.name for field in instance._meta.fields if field.is_relation]
    instance.clean_fields(exclude=links)
    _explain(instance, by=by, reason=reason, actor=actor)
    try:
        with transaction.atomic():
            instance.save()
    finally:
        # Left behind, they would explain the next save too.
        for name in ("_history_user", "_change_reason", "_history_actor"):
            instance.__dict__.pop(name, None)
    return instance


def delete_because(instance: models.Model, *, by: models.Model | None, reason: str) -> None:
    """Remove a row that only links others, and leave one history row that says who and why, in the same transaction.

    What people wrote is never removed. Raises ValueError for a missing reason, ProtectedError while something
    hangs on the row.
    """
    if not reason.strip():
        raise ValueError("Say why: every change has a reason.")
    _explain(instance, by=by, reason=reason)
    with transaction.atomic():
        instance.delete()


def _explain(instance: models.Model, *, by: models.Model | None, reason: str, actor: str = "") -> None:
    instance.__dict__["_history_user"] = by
    instance.__dict__["_change_reason"] = reason
    instance.__dict__["_history_actor"] = str(by) if by is not None else actor or THE_TRACKER


def _name_the_actor(sender: Any, *, instance: models.Model, history_instance: Any, **_: Any) -> None:
    try:
        history_instance.actor = instance.__dict__["_history_actor"]
    except KeyError:
        raise UnexplainedChange(
            f"{instance._meta.verbose_name} was saved without saying who and why. Use save_because."
        ) from None


def _refuse_unexplained(sender: type[models.Model], *, instance: models.Model, **_: Any) -> None:
    # Django tells of a save only after it is committed: what has no reason must be stopped before.
    if is_audited(sender) and "_history_actor" not in instance.__dict__:
        raise UnexplainedChange(
            f"{instance._meta.verbose_name} was to be saved without saying who and why. Use save_because."
        )


def guard_history() -> None:
    """Stop every write that says neither who nor why; called once, when the app is ready."""
    pre_save.connect(_refuse_unexplained, dispatch_uid="audit.refuse_unexplained_save")
    pre_delete.connect(_refuse_unexplained, dispatch_uid="audit.refuse_unexplained_delete")
    pre_create_historical_record.connect(_name_the_actor, dispatch_uid="audit.name_the_actor")


def is_audited(model: type[models.Model]) -> bool:
    """Return whether a model has a history."""
    return hasattr(model._meta, "simple_history_manager_attribute")


def audited_models() -> list[type[models.Model]]:
    """Return every model that has a history, in a stable order."""
    from django.apps import apps

    return sorted(
        (model for model in apps.get_models() if is_audited(model)),
        key=lambda model: model._meta.label,
    )


def history_of(model: type[models.Model]) -> type[models.Model]:
    """Return the history model of an audited model."""
    return getattr(model, model._meta.simple_history_manager_attribute).model  # type: ignore[attr-defined]
