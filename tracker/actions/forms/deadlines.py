"""Asking for another deadline, and deciding about it."""

from typing import Any

from django import forms

from accounts.free_text import reason_field
from tracker.actions.forms.fields import ForBodyForm
from tracker.actions.models import Action, DeadlineRequest
from tracker.actions.rules import ReasonKind
from tracker.govuk.forms import GovukDateField, GovukForm, Radios


class AskForm(GovukForm):
    """Another deadline: when, why, what it means for children. `checked` is what its writer has seen worked out."""

    takes_why_safe = True

    to = GovukDateField(label="New deadline", thing="the new deadline")
    reason_kind = forms.ChoiceField(
        label="What kind of reason is it?",
        choices=ReasonKind.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select what kind of reason it is"},
    )
    reason = reason_field("Why does it need to move?", "Enter why it needs to move")
    effect_on_children = reason_field(
        "What does it mean for children?", "Enter what it means for children", hint="Say if it means nothing for them."
    )
    done_to_avoid = reason_field(
        "What have you done to avoid it?", "Enter what you have done to avoid it", hint="", required=False
    )
    checked = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        to = cleaned.get("to")
        is_later = to is not None and self.action.deadline is not None and to > self.action.deadline
        if is_later and "done_to_avoid" in cleaned and not cleaned["done_to_avoid"]:
            self.add_error("done_to_avoid", self.fields["done_to_avoid"].error_messages["required"])
        return cleaned


class DecideForm(ForBodyForm):
    """Agree to a deadline, to another one, or refuse it."""

    AGREE, OTHER, REFUSE = "agree", "other", "refuse"

    decision = forms.ChoiceField(
        label="What is the decision?", widget=Radios(), error_messages={"required": "Select what the decision is"}
    )
    to = GovukDateField(label="Another day (if you agree to one)", thing="the day you agree to", required=False)
    reason = reason_field("Why?", "Enter why it is decided so")

    field_order = ("decision", "to", "reason", "body", "met_on")

    def __init__(self, *args: Any, asked: DeadlineRequest, **kwargs: Any) -> None:
        super().__init__(*args, earliest=asked.asked_on, **kwargs)
        self.fields["decision"].choices = [
            (self.AGREE, f"Agree to {asked.to_deadline:%-d %B %Y}"),
            (self.OTHER, "Agree to another day"),
            (self.REFUSE, "Refuse"),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("decision") == self.OTHER and "to" in cleaned and cleaned["to"] is None:
            self.add_error("to", self.fields["to"].error_messages["required"])
        return cleaned


class WithdrawForm(GovukForm):
    reason = reason_field("Why is it no longer needed?", "Enter why it is no longer needed")


class MovesFilterForm(GovukForm):
    """The filters of the list of moved deadlines, read from the address; what it does not know is left unread."""

    WAITING, REFUSED, WITHDRAWN = "asked", "refused", "withdrawn"

    priority = forms.ChoiceField(
        label="Priority",
        required=False,
        widget=forms.Select,
        error_messages={"invalid_choice": "Select a priority from the list"},
    )
    kind = forms.ChoiceField(
        label="Kind of reason",
        required=False,
        widget=forms.Select,
        choices=[("", "Any"), *ReasonKind.choices],
        error_messages={"invalid_choice": "Select a kind of reason from the list"},
    )
    requests = forms.ChoiceField(
        label="Requests",
        required=False,
        widget=forms.Select,
        choices=[("", "Any"), (WAITING, "Waiting for a decision"), (REFUSED, "Refused"), (WITHDRAWN, "Withdrawn")],
        error_messages={"invalid_choice": "Select a kind of request from the list"},
    )

    def __init__(self, query: Any, *, priorities: list[tuple[str, str]]) -> None:
        super().__init__(query)
        self.fields["priority"].choices = [("", "Any"), *priorities]

    def asked(self) -> dict[str, str]:
        """Return what is asked for, leaving out what could not be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def label_of(self, name: str, value: str) -> str:
        return next(label for key, label in self.fields[name].choices if str(key) == value)
