"""Is the history what was written? Looks for rows that were edited, removed, put in or put elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Exists, OuterRef

from tracker.audit.canonical import forms, hashed
from tracker.audit.chain import digest_of_link, first_head, next_head
from tracker.audit.history import audited_models, history_of, path_to_council
from tracker.audit.models import INSTALLATION, Anchor, Entry, Head
from tracker.audit.triggers import tables_without_triggers

BATCH = 2_000
MOST_FAULTS = 100  # More are counted and not described.

# What an entry repeats of its row, and by which column.
COPIES = {
    "at": "history_date",
    "object": "id",
    "history": "history_id",
    "history_type": "history_type",
    "person": "history_user_id",
    "actor": "actor",
}
SINCE_KEPT = {"door": "door", "request": "door_request"}


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written: in which chain, at which link, and what is wrong in plain words."""

    council: int
    link: int | None
    words: str


@dataclass
class Proof:
    """What was looked at, and what is wrong, the first first."""

    links: int = 0
    rows: int = 0
    taken_over: int = 0
    anchors: int = 0
    tables: int = 0
    number_of_faults: int = 0
    faults: list[Fault] = field(default_factory=list)

    def blame(self, words: str, *, council: int = INSTALLATION, link: int | None = None) -> None:
        self.number_of_faults += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(council, link, words))


def verify(council: int | None = None) -> Proof:
    """Look at all history, or at that of one council by its key, as it is at one moment; nothing is written.

    Each chain is worked out again from its first link, each history row is compared with its digest, each table with
    the newest history of its rows, each recorded anchor with its link. Memory does not grow with the rows.
    """
    proof = Proof()
    with _one_moment():
        for table in tables_without_triggers():
            proof.blame(f"Nothing guards the table {table}: its triggers are missing or switched off.")
        for each in _chains() if council is None else [council]:
            _Chain(each, proof).check()
        for model in audited_models():
            _check_table(model, council, proof)
    return proof


def head_at(council: int, link: int) -> str:
    """Return the head of a link of a council's chain; "" where it has no such link."""
    if link == 0:
        return first_head(council)
    return Entry.objects.filter(council=council, link=link).values_list("head", flat=True).first() or ""


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let everything inside be read as it is now, while others go on writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _chains() -> list[int]:
    found: set[int] = set()
    for model in (Entry, Head, Anchor):
        found.update(model._default_manager.order_by().values_list("council", flat=True).distinct())
    return sorted(found)


class _Chain:
    """One chain on its way from its first link to its last."""

    def __init__(self, council: int, proof: Proof) -> None:
        self.council = council
        self.proof = proof
        self.link = 0
        self.head = first_head(council)
        self.digests: list[str] = []
        self.told: str | None = None  # The head that the entries of the link in hand tell.
        self.anchors = defaultdict(list)
        for anchor in Anchor.objects.filter(council=council):
            self.anchors[anchor.link].append(anchor)

    def blame(self, words: str, link: int | None = None) -> None:
        self.proof.blame(words, council=self.council, link=self.link if link is None else link)

    def check(self) -> None:
        self._compare_anchors()
        entries = Entry.objects.filter(council=self.council).order_by("link", "position").iterator(chunk_size=BATCH)
        while some := list(islice(entries, BATCH)):
            rows = _rows_of(some)
            for entry in some:
                self._place(entry)
                self._compare(entry, rows)
        self._close()
        self._compare_head()

    def _place(self, entry: Entry) -> None:
        if entry.link != self.link:
            self._close()
            if entry.link != self.link + 1:
                missing = "is" if entry.link == self.link + 2 else f"to {entry.link - 1} are"
                self.blame(f"Link {self.link + 1} {missing} missing from the chain.", self.link + 1)
            self.link, self.told = entry.link, entry.head
        if entry.position != len(self.digests):
            self.blame(f"An entry is missing or doubled in link {entry.link} at position {len(self.digests)}.")
        if entry.head != self.told:
            self.blame(f"Entry {entry.position} of link {entry.link} tells another head than the first of its link.")
        self.digests.append(entry.digest)
        self.proof.rows += 1
        self.proof.taken_over += entry.is_taken_over

    def _close(self) -> None:
        if self.told is None:
            return
        self.proof.links += 1
        worked_out = next_head(self.head, digest_of_link(self.digests))
        if worked_out != self.told:
            self.blame(f"Link {self.link} does not follow from what is before it: something there was changed.")
        self.head, self.told, self.digests = self.told, None, []
        self._compare_anchors()

    def _compare_anchors(self) -> None:
        for anchor in self.anchors.pop(self.link, []):
            self.proof.anchors += 1
            if anchor.head != self.head:
                self.blame(
                    f"The head of link {self.link} is not the one recorded on {anchor.on:%-d %B %Y}: the history "
                    "before that day was rewritten."
                )

    def _compare_head(self) -> None:
        kept = Head.objects.filter(council=self.council).first()
        if kept is None and self.link:
            self.blame("The chain has no head: the row that tells how far it reaches was removed.")
        elif kept is not None and kept.link > self.link:
            self.blame(f"The chain ends at link {self.link} and had reached link {kept.link}: its end was removed.")
        elif kept is not None and (kept.link, kept.head) != (self.link, self.head):
            self.blame(f"The head that is kept, of link {kept.link}, is not that of the last link, {self.link}.")
        for link, anchors in sorted(self.anchors.items()):
            for anchor in anchors:
                self.blame(
                    f"On {anchor.on:%-d %B %Y} the chain had reached link {link}, which is not there any more.", link
                )

    def _compare(self, entry: Entry, rows: dict[tuple[str, int], dict[str, Any] | str]) -> None:
        which = f"history row {entry.history} of {entry.model} {entry.object}, entered by {entry.actor}"
        row = rows.get((entry.model, entry.history))
        if row is None:
            self.blame(f"Link {entry.link}: {which}, was removed.")
        elif isinstance(row, str):
            self.blame(f"Link {entry.link}: {which}, cannot be read: {row}")
        elif row["digest"] != entry.digest:
            self.blame(f"Link {entry.link}: {which}, was edited after it was written.")
        else:
            copies = COPIES if entry.is_taken_over else COPIES | SINCE_KEPT
            wrong = [name for name, column in copies.items() if getattr(entry, name) != row[column]]
            if not entry.is_taken_over and (row["in_council"] or INSTALLATION) != entry.council:
                wrong.append("council")
            if wrong:
                self.blame(f"Link {entry.link}: the entry of {which}, was edited ({', '.join(wrong)}).")


def _rows_of(entries: Sequence[Entry]) -> dict[tuple[str, int], dict[str, Any] | str]:
    """Return the history rows of some entries, each with its digest; a text where a row cannot be read."""
    wanted: dict[tuple[str, int], list[int]] = defaultdict(list)
    for entry in entries:
        wanted[entry.model, entry.form].append(entry.history)
    found: dict[tuple[str, int], dict[str, Any] | str] = {}
    for (label, number), keys in wanted.items():
        form = forms().get(label, {}).get(number)
        if form is None:
            found.update({(label, key): f"there is no form {number} of {label}." for key in keys})
            continue
        rows = history_of(apps.get_model(label))._default_manager.values_list(*form.names)  # type: ignore[attr-defined]
        try:
            values = list(rows.filter(history_id__in=keys))
        except (DatabaseError, ValueError, TypeError):
            values = list(_one_by_one(rows, label, keys, found))
        for each in values:
            row = dict(zip(form.names, each, strict=True))
            try:
                row["digest"] = hashed(form.written_from(each))
            except (ValueError, TypeError, AttributeError) as error:
                found[label, row["history_id"]] = str(error)
            else:
                found[label, row["history_id"]] = row
    return found


def _one_by_one(rows: models.QuerySet, label: str, keys: Iterable[int], found: dict) -> Iterator[Any]:
    for key in keys:
        try:
            yield from rows.filter(history_id=key)
        except (DatabaseError, ValueError, TypeError) as error:
            found[label, key] = str(error)


# Tables and their history


def _check_table(model: type[models.Model], council: int | None, proof: Proof) -> None:
    proof.tables += 1
    _check_all_entered(model, council, proof)
    for words, statement in _statements(model).items():
        _check_by(statement, words, model, council, proof)


def _check_all_entered(model: type[models.Model], council: int | None, proof: Proof) -> None:
    log, label = history_of(model), model._meta.label
    entered = Entry.objects.filter(model=label, history=OuterRef("history_id"))
    bare = log._default_manager.filter(~Exists(entered)).order_by("history_id")  # type: ignore[attr-defined]
    if council is not None:
        bare = bare.filter(in_council=council or None)
    number = bare.count()
    if not number:
        return
    key, row, actor, where, door = bare.values_list("history_id", "id", "actor", "in_council", "door")[0]
    others = f", and {number - 1:,} more of this table" if number > 1 else ""
    why = (
        "it was written before history was chained, and `manage.py take_over_history` enters it"
        if door is None
        else "it was put in past the tracker"
    )
    proof.blame(
        f"History row {key} of {label} {row}, by {actor}, is in no chain{others}: {why}.",
        council=where or INSTALLATION,
    )


def _statements(model: type[models.Model]) -> dict[str, str]:
    """Return what can be wrong between a table and its history, each with the statement that finds the rows."""
    quote = connection.ops.quote_name
    log = history_of(model)
    kept = {each.column for each in log._meta.concrete_fields}
    columns = [each.column for each in model._meta.concrete_fields if each.column in kept]
    key, live, logs = quote(model._meta.pk.column), quote(model._meta.db_table), quote(log._meta.db_table)  # type: ignore[union-attr]
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    different = " OR ".join(f"live.{quote(each)} {differs} newest.{quote(each)}" for each in columns)
    newest = (
        f"(SELECT log.* FROM {logs} log JOIN (SELECT {key}, max(history_id) AS last FROM {logs} GROUP BY {key}) ends "  # noqa: S608
        "ON ends.last = log.history_id)"
    )
    joined = f"FROM {live} live LEFT JOIN {newest} newest ON newest.{key} = live.{key}"
    left = f"FROM {newest} newest LEFT JOIN {live} live ON newest.{key} = live.{key}"
    return {
        "has no history: it was put in past the tracker": f"SELECT live.{key} {joined} WHERE newest.{key} IS NULL",
        "is there although its history says it was removed": (
            f"SELECT live.{key} {joined} WHERE newest.history_type = '-'"
        ),
        "is not what its newest history row says: it was changed past the tracker": (
            f"SELECT live.{key} {joined} WHERE newest.history_type <> '-' AND ({different})"
        ),
        "is gone, and no history row says that it was removed": (
            f"SELECT newest.{key} {left} WHERE live.{key} IS NULL AND newest.history_type <> '-'"
        ),
    }


def _check_by(statement: str, words: str, model: type[models.Model], council: int | None, proof: Proof) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        keys = sorted(key for (key,) in cursor.fetchmany(MOST_FAULTS))
    councils = _councils_of(model, keys)
    for key in keys:
        if council is None or councils[key] == council:
            proof.blame(f"{model._meta.label} {key} {words}.", council=councils[key])


def _councils_of(model: type[models.Model], keys: Sequence[int]) -> dict[int, int]:
    """Return the councils of some rows by key; that of the last history row where the row itself is gone."""
    log = history_of(model)
    told = log._default_manager.filter(id__in=keys).order_by("history_id").values_list("id", "in_council")  # type: ignore[attr-defined]
    found = dict.fromkeys(keys, INSTALLATION) | {key: council or INSTALLATION for key, council in told}
    if path := path_to_council(model):
        found.update(model._default_manager.filter(pk__in=keys).values_list("pk", path))  # type: ignore[attr-defined]
    return found
