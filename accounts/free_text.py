"""What every form says where people type freely: the tracker holds nothing about any child."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.screening import what_may_identify
from tracker.audit.history import add_to_reasons
from tracker.govuk.forms import GovukForm, Screen, Textarea
from tracker.govuk.templatetags.govuk import and_list

NO_CHILD = "Do not name any child or family."
ALL_CAN_READ = f"The board and inspectors can read this. {NO_CHILD}"

SCREEN = Screen(
    find=what_may_identify,
    error="This may identify a child. Remove it or say why it is safe.",
    label="If it is safe, say why",
    hint=lambda things: f"The text has what looks like {and_list(things)}.",
    keep=lambda why: add_to_reasons(f"Said to identify no child: {why}"),
)


def screen_every_form() -> None:
    """Have the free texts of every form looked through for a child; called once, when the app is ready."""
    GovukForm.screen = SCREEN


def reason_field(label: str, missing: str, *, hint: str = ALL_CAN_READ, **options: Any) -> forms.CharField:
    """Return the field for why something is decided or changed; `missing` is the error where it is left empty."""
    values: Mapping[str, Any] = {"max_length": 500, "widget": Textarea(rows=3), **options}
    return forms.CharField(label=label, help_text=hint, error_messages={"required": missing}, **values)
