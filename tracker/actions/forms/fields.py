"""What several forms of actions share: who decided for a body."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tracker.govuk.forms import GovukDateField, GovukForm, TextInput

NOT_HERE = "Select someone who works on this plan now. That person has left or is of another council."


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
