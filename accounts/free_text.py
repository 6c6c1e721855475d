"""What every form says where people type freely: the tracker holds nothing about any child."""

from collections.abc import Mapping
from typing import Any

from django import forms

from tracker.govuk.forms import Textarea

NO_CHILD = "Do not name any child or family."
ALL_CAN_READ = f"The board and inspectors can read this. {NO_CHILD}"


def reason_field(label: str, missing: str, *, hint: str = ALL_CAN_READ, **options: Any) -> forms.CharField:
    """Return the field for why something is decided or changed; `missing` is the error where it is left empty."""
    values: Mapping[str, Any] = {"max_length": 500, "widget": Textarea(rows=3), **options}
    return forms.CharField(label=label, help_text=hint, error_messages={"required": missing}, **values)
