"""What several forms of actions share: texts looked through for a child, and who decided for a body."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tracker.actions import screening
from tracker.govuk.forms import GovukDateField, GovukForm, TextInput
from tracker.govuk.templatetags.govuk import and_list

MAY_IDENTIFY = "This may identify a child. Remove it or say why it is safe."
NOT_HERE = "Select someone who works on this plan now. That person has left or is of another council."


class ScreenedForm(GovukForm):
    """A form whose texts are looked through for what may identify a child: it stops once, and asks why it is safe."""

    screened: tuple[str, ...] = ()

    safe_because = forms.CharField(label="If it is safe, say why", required=False, max_length=200, widget=TextInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order or [name for name in self.fields if name != "safe_because"])
        if not self.is_bound:
            del self.fields["safe_because"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        found = {name: screening.what_may_identify(cleaned.get(name) or "") for name in self.screened}
        found = {name: things for name, things in found.items() if things}
        if not found:
            self.fields.pop("safe_because")
            cleaned["safe_because"] = ""
        elif not cleaned.get("safe_because"):
            things = sorted({thing for things in found.values() for thing in things})
            self["safe_because"].help_text = f"The text has what looks like {and_list(things)}."
            for name in found:
                self.add_error(name, MAY_IDENTIFY)
        return cleaned


class ForBodyForm(GovukForm):
    """A decision that may have been taken by a body: which one, and when it met. Cleans to `decided_for`.

    `names_meeting` says whether the person records what others decided; else `decides_for` says for whom they do.
    """

    body = forms.CharField(
        label="Which body or person decided?",
        help_text="Such as the improvement board.",
        max_length=200,
        widget=TextInput(width=20),
        error_messages={"required": "Enter which body or person decided"},
    )
    met_on = GovukDateField(label="When was it decided?", thing="the day it was decided")

    def __init__(
        self,
        *args: Any,
        on: date,
        names_meeting: bool,
        decides_for: str = "",
        earliest: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.earliest = earliest
        self.decides_for = decides_for
        if not names_meeting:
            del self.fields["body"], self.fields["met_on"]

    def clean_met_on(self) -> date | None:
        met_on = self.cleaned_data["met_on"]
        if met_on and met_on > self.on:
            raise ValidationError("The day it was decided must be today or in the past")
        if met_on and self.earliest and met_on < self.earliest:
            raise ValidationError(
                f"The day it was decided must be {self.earliest:%-d %B %Y}, when it was asked, or later"
            )
        return met_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        body, met_on = cleaned.pop("body", ""), cleaned.pop("met_on", None)
        cleaned["decided_for"] = f"{body}, {met_on:%-d %B %Y}" if body and met_on else self.decides_for
        return cleaned
