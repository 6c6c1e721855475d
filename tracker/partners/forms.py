"""What an officer says to make a link or to decide about an answer, and what a partner says by it."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.free_text import NO_CHILD
from tracker.actions.forms import AskForm
from tracker.actions.rules import Rating
from tracker.govuk.forms import EmailInput, GovukDateField, GovukForm, Radios, Textarea, TextInput


class LinkForm(GovukForm):
    person_name = forms.CharField(
        label="Whom is it for?",
        help_text="One person of the agency, with rank or title, such as “Sgt Jo Hall”.",
        max_length=100,
        widget=TextInput(width=20),
        error_messages={"required": "Enter the name of the person it is for"},
    )
    person_post = forms.CharField(
        label="What is their post? (optional)", max_length=100, required=False, widget=TextInput(width=20)
    )
    sent_to = forms.EmailField(
        label="Their email address (optional)",
        help_text="You send the link from your own mailbox. The tracker sends nothing.",
        required=False,
        widget=EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Enter an email address in the correct format, like name@example.com"},
    )


class DecisionForm(GovukForm):
    """Accept what a partner said, or decline it."""

    ACCEPT, DECLINE = "accept", "decline"

    decision = forms.ChoiceField(
        label="Does this count?",
        choices=[(ACCEPT, "Yes, accept it"), (DECLINE, "No, decline it")],
        widget=Radios(),
        error_messages={"required": "Select whether it counts"},
    )
    reason = forms.CharField(
        label="Why do you decline it? (only if you do)",
        help_text=NO_CHILD,
        max_length=500,
        required=False,
        widget=Textarea(rows=3),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("decision") == self.DECLINE and "reason" in cleaned and not cleaned["reason"]:
            self.add_error("reason", "Enter why you decline it")
        return cleaned


class UpdateForm(GovukForm):
    takes_why_safe = True

    rating = forms.ChoiceField(
        label="How is it going?",
        choices=Rating.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select how it is going"},
    )
    narrative = forms.CharField(
        label="What has changed?",
        help_text=f"Say what is different for children. {NO_CHILD}",
        max_length=500,
        widget=Textarea(rows=4),
        error_messages={"required": "Enter what has changed"},
    )


class EvidenceForm(GovukForm):
    takes_why_safe = True

    evidence_title = forms.CharField(
        label="What is it?",
        help_text=f"Such as “Audit of 30 notifications, October”. {NO_CHILD}",
        max_length=120,
        widget=TextInput(),
        error_messages={"required": "Enter what the evidence is"},
    )
    evidence_location = forms.CharField(
        label="Where is it kept?",
        help_text="A link, a folder or a minute. The tracker keeps no copy.",
        max_length=500,
        widget=TextInput(),
        error_messages={"required": "Enter where it is kept"},
    )
    evidence_dated_on = GovukDateField(
        label="Date of the document (optional)", thing="the date of the document", required=False
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_evidence_dated_on(self) -> date | None:
        dated_on = self.cleaned_data["evidence_dated_on"]
        if dated_on and dated_on > self.on:
            raise ValidationError("The date of the document must be today or in the past")
        return dated_on


class NewDateForm(AskForm):
    """What anyone says who asks for another deadline; what it means is worked out when an officer accepts it."""

    checked = None
