"""The one written form of a history row, from which its digest is made; the same on every database, for ever.

It is a JSON array without spaces, in UTF-8: the model's label, the number of the form, and then the value of each
column in the order of `canonical.json`, each as text or null:

- whole numbers in digits; yes-or-no as `true` and `false`;
- days as `2026-05-06`; times in UTC with six decimals, `2026-05-06T09:30:00.000000Z`;
- decimal numbers with as many places as their column has;
- JSON with its keys sorted, without spaces, and a number without fraction as a whole number;
- texts as they are.

The digest is the SHA-256 of that, in hexadecimal. A form is never edited: when a history table gains a column, the
model gains a form with the next number, and rows of the older form keep their digests.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

FILE = Path(__file__).with_name("canonical.json")

KINDS = {
    "AutoField": "number",
    "BigAutoField": "number",
    "BigIntegerField": "number",
    "BooleanField": "yes-or-no",
    "CharField": "text",
    "DateField": "day",
    "DateTimeField": "time",
    "EmailField": "text",
    "ForeignKey": "number",
    "IntegerField": "number",
    "JSONField": "json",
    "PositiveBigIntegerField": "number",
    "PositiveIntegerField": "number",
    "PositiveSmallIntegerField": "number",
    "SlugField": "text",
    "SmallIntegerField": "number",
    "TextField": "text",
    "URLField": "text",
    "UUIDField": "text",
}


class NoForm(Exception):
    """A history table has a column that no written form of it has."""


def _json(value: Any) -> str:
    # What a field is given and what it gives back are the same when days in it are written as the field writes them.
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=DjangoJSONEncoder().default
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _time(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _decimal(places: int) -> Callable[[Any], str]:
    unit = Decimal(1).scaleb(-places)
    return lambda value: f"{Decimal(value).quantize(unit):f}"


def _writer(kind: str) -> Callable[[Any], str]:
    if kind.startswith("decimal "):
        return _decimal(int(kind.removeprefix("decimal ")))
    return WRITERS[kind]


WRITERS: dict[str, Callable[[Any], str]] = {
    "number": lambda value: str(int(value)),
    "yes-or-no": lambda value: "true" if value else "false",
    "text": str,
    "day": date.isoformat,
    "time": _time,
    "json": _json,
}


@dataclass(frozen=True)
class Form:
    """A numbered list of the columns of a history table, each with the kind of its values."""

    label: str
    number: int
    columns: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        names = tuple(name for name, _ in self.columns)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "_values", attrgetter(*names))
        object.__setattr__(self, "_writers", tuple(_writer(kind) for _, kind in self.columns))

    def written(self, row: models.Model) -> str:
        """Return a history row in this form."""
        return self.written_from(self._values(row))  # type: ignore[attr-defined]

    def written_from(self, values: Any) -> str:
        """Return a history row in this form, from its values in the order of the form's columns."""
        texts = [
            None if value is None else write(value)
            for write, value in zip(self._writers, values, strict=True)  # type: ignore[attr-defined]
        ]
        return json.dumps([self.label, self.number, *texts], ensure_ascii=False, separators=(",", ":"))

    def digest(self, row: models.Model) -> str:
        """Return the SHA-256 of a history row in this form, in hexadecimal."""
        return hashed(self.written(row))


def hashed(words: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return sha256(words.encode()).hexdigest()


@cache
def forms() -> dict[str, dict[int, Form]]:
    """Return every form of every model, by label and number."""
    return {
        label: {
            int(number): Form(label, int(number), tuple(tuple(column.split(" ", 1)) for column in columns))  # type: ignore[misc]
            for number, columns in numbered.items()
        }
        for label, numbered in json.loads(FILE.read_text()).items()
    }


@cache
def newest_form(label: str) -> Form:
    """Return the form in which rows of a model are entered now. Raises NoForm for a model without one."""
    numbered = forms().get(label)
    if not numbered:
        raise NoForm(f"The history of {label} has no written form. Run `manage.py history_forms`.")
    return numbered[max(numbered)]


def columns_of(log: type[models.Model]) -> list[str]:
    """Return the columns that a history table has now, as `canonical.json` writes them."""
    return [f"{field.attname} {_kind_of(field)}" for field in log._meta.concrete_fields]


def _kind_of(field: Any) -> str:
    if isinstance(field, models.DecimalField):
        return f"decimal {field.decimal_places}"
    return KINDS[field.get_internal_type()]
