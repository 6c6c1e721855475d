"""The written form of a history row is the same for ever: forms are added, and never edited."""

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from tracker.audit.canonical import FILE, KINDS, Form, NoForm, columns_of, forms, newest_form
from tracker.audit.history import audited_models, history_of

FROZEN = Path(__file__).with_name("frozen_forms.txt")


def frozen_lines() -> list[str]:
    return [
        f"{label} {number} {sha256(' '.join(map(' '.join, form.columns)).encode()).hexdigest()}"
        for label, numbered in sorted(forms().items())
        for number, form in sorted(numbered.items())
    ]


@pytest.mark.parametrize("model", audited_models(), ids=lambda model: model._meta.label)
def test_the_newest_form_has_every_column_and_older_ones_none_that_is_gone(model):
    columns = columns_of(history_of(model))

    assert {" ".join(column) for column in newest_form(model._meta.label).columns} == set(columns), (
        "Run `manage.py history_forms`."
    )
    for form in forms()[model._meta.label].values():
        assert {" ".join(column) for column in form.columns} <= set(columns)


def test_no_form_that_was_used_is_edited():
    """A new form is a new line at the end of its model in `frozen_forms.txt`; no line is ever changed."""
    assert set(FROZEN.read_text().splitlines()) == set(frozen_lines()), f"Compare {FROZEN.name} with {FILE.name}."


def test_values_are_written_as_the_documentation_says():
    london = ZoneInfo("Europe/London")
    values = {
        "number": (7, "7"),
        "yes": (True, "true"),
        "no": (0, "false"),
        "day": (date(2026, 5, 6), "2026-05-06"),
        "time": (datetime(2026, 5, 6, 10, 0, tzinfo=london), "2026-05-06T09:00:00.000000Z"),
        "utc": (datetime(2026, 5, 6, 9, 0, 0, 1, tzinfo=UTC), "2026-05-06T09:00:00.000001Z"),
        "decimal": ("2.5", "2.50"),
        "json": ({"b": [1.0, 2.5], "a": "é", "on": date(2026, 5, 6)}, '{"a":"é","b":[1,2.5],"on":"2026-05-06"}'),
        "text": ("  “as it is”\n", "  “as it is”\n"),
        "none": (None, None),
    }  # fmt: skip
    kinds = {"yes": "yes-or-no", "no": "yes-or-no", "utc": "time", "decimal": "decimal 2", "none": "text"}
    form = Form("a.Model", 3, tuple((name, kinds.get(name, name)) for name in values))

    written = form.written(SimpleNamespace(**{name: value for name, (value, _) in values.items()}))

    assert json.loads(written) == ["a.Model", 3, *[text for _, text in values.values()]]
    assert ": " not in written.split("a.Model")[0]


def test_a_history_without_a_form_is_an_error():
    with pytest.raises(NoForm, match="history_forms"):
        newest_form("actions.Nothing")


def test_every_kind_of_column_has_one_way_of_writing():
    assert set(KINDS.values()) == {"number", "yes-or-no", "text", "day", "time", "json"}
