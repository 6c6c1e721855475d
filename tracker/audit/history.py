"""The one way to write an audited row, and the history every audited table has."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, NoReturn, TypeVar

from django.db import models
from django.db.models.signals import m2m_changed, pre_delete, pre_save
from simple_history.models import HistoricalRecords
from simple_history.signals import post_create_historical_record, pre_create_historical_record

from tracker.audit import chain
from tracker.audit.chain import recorded
from tracker.audit.models import HistoryRow
from tracker.audit.ways import way_in

THE_TRACKER = "The tracker"


# What is added to the reason of every change of the request in hand; None outside of requests.
_ADDED: ContextVar[tuple[str, ...] | None] = ContextVar("added_to_reasons", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Hold what is added to reasons to the changes of one request."""
    token = _ADDED.set(())
    try:
        yield
    finally:
        _ADDED.reset(token)


def add_to_reasons(words: str) -> None:
    """Add words to the reason of every change that this request makes from now on; does nothing outside of one."""
    added = _ADDED.get()
    if added is not None and words not in added:
        _ADDED.set((*added, words))


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
    """Refuses the writes that leave no history row. `path` leads from the row to its council; none: it has none."""

    path = ""

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
        with recorded():
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
    with recorded():
        instance.delete()


def _explain(instance: models.Model, *, by: models.Model | None, reason: str, actor: str = "") -> None:
    instance.__dict__["_history_user"] = by
    added = _ADDED.get()
    instance.__dict__["_change_reason"] = f"{reason} ({'. '.join(added)})" if added else reason
    instance.__dict__["_history_actor"] = str(by) if by is not None else actor or THE_TRACKER


def _tell_the_row(sender: Any, *, instance: models.Model, history_instance: Any, **_: Any) -> None:
    try:
        history_instance.actor = instance.__dict__["_history_actor"]
    except KeyError:
        raise UnexplainedChange(
            f"{instance._meta.verbose_name} was saved without saying who and why. Use save_because."
        ) from None
    by, way = instance.__dict__["_history_user"], way_in()
    history_instance.in_council = council_of(instance)
    history_instance.actor_post = by.post_in(history_instance.in_council) if by is not None else ""
    history_instance.door, history_instance.door_request = way.door.value, way.request


def _enter_the_row(sender: Any, *, history_instance: Any, **_: Any) -> None:
    chain.enter(history_instance)


def _refuse_unexplained(sender: type[models.Model], *, instance: models.Model, **_: Any) -> None:
    # Django tells of a save only after it is committed: what has no reason must be stopped before.
    if is_audited(sender) and "_history_actor" not in instance.__dict__:
        raise UnexplainedChange(
            f"{instance._meta.verbose_name} was to be saved without saying who and why. Use save_because."
        )


def _refuse_bare_links(sender: type[models.Model], *, instance: models.Model, **_: Any) -> None:
    # A link without a model of its own has no history: links that say something are rows.
    if is_audited(type(instance)) and sender._meta.auto_created:
        raise UnexplainedChange(f"Links of {instance._meta.verbose_name_plural} leave no history here. Make them rows.")


def guard_history() -> None:
    """Stop every write that says neither who nor why, and enter every history row; called once, at the start."""
    pre_save.connect(_refuse_unexplained, dispatch_uid="audit.refuse_unexplained_save")
    pre_delete.connect(_refuse_unexplained, dispatch_uid="audit.refuse_unexplained_delete")
    m2m_changed.connect(_refuse_bare_links, dispatch_uid="audit.refuse_bare_links")
    pre_create_historical_record.connect(_tell_the_row, dispatch_uid="audit.tell_the_row")
    post_create_historical_record.connect(_enter_the_row, dispatch_uid="audit.enter_the_row")


def version_of(row: models.Model) -> int:
    """Return the number of a row's newest history row: what a form carries, to notice that someone saved meanwhile."""
    return row.history.order_by("-pk").values_list("pk", flat=True)[0]  # type: ignore[attr-defined]


class ChangedSince(Exception):
    """Someone else saved it while this was being written. `seen` is the row of its history that holds now."""

    def __init__(self, message: str, *, seen: int) -> None:
        super().__init__(message)
        self.seen = seen


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


@cache
def path_to_council(model: type[models.Model]) -> str:
    """Return the way from an audited row to the key of its council, as a lookup; "" where it has no council."""
    return model._default_manager.all().path  # type: ignore[attr-defined]


def council_of(instance: models.Model) -> int | None:
    """Return the key of an audited row's council; none for what belongs to the whole installation.

    Asks the database only for a parent that is not at hand, and once in a change.
    """
    path = path_to_council(type(instance))
    if not path:
        return None
    row: Any = instance
    *way, last = path.split("__")
    for number, step in enumerate(way):
        link = row._meta.get_field(step)
        key = getattr(row, link.attname)
        if not link.is_cached(row):
            return _council_of_parent(link.related_model, key, "__".join([*way[number + 1 :], last]))
        row = getattr(row, step)
    return row.pk if last == "pk" else getattr(row, row._meta.get_field(last).attname)


def _council_of_parent(model: type[models.Model], key: int, path: str) -> int | None:
    change = chain.now_recording()
    known = change.councils if change is not None else {}
    where = (model._meta.label, key)
    if where not in known:
        known[where] = model._default_manager.filter(pk=key).values_list(path, flat=True).get()
    return known[where]
