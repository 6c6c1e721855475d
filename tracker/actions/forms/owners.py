"""The forms of owners: an update, and evidence."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.free_text import NO_CHILD
from accounts.models import User
from tracker.actions.models import Action, Milestone
from tracker.actions.rules import Rating
from tracker.actions.wording import day_words
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, Radios, Textarea, TextInput

DONE = "done"


class MilestonesField(forms.MultipleChoiceField):
    """Offers the milestones still open; takes one that somebody else ticked meanwhile as well."""

    widget = Checkboxes(small=True)

    def offer(self, milestones: Iterable[Milestone], *, on: date) -> None:
        self.known = {str(milestone.pk): milestone for milestone in milestones}
        self.choices = [
            (pk, f"{milestone.title} (due {day_words(milestone.due_on, on=on)})")
            for pk, milestone in self.known.items()
            if milestone.done_on is None
        ]

    def valid_value(self, value: str) -> bool:
        return value in self.known

    def clean(self, value: Any) -> list[Milestone]:
        return [self.known[pk] for pk in super().clean(value)]


class ProgressUpdateForm(GovukForm):
    """An update in three fields at most. `action` comes from `find.with_what_an_update_needs`."""

    takes_why_safe = True
    field_order = ("rating", "narrative", "milestones", "action", "seen", "form_key")

    rating = forms.ChoiceField(
        label="How is it going?",
        choices=[*Rating.choices, (DONE, "Done and ready to check")],
        widget=Radios(small=True, inline=True),
        error_messages={"required": "Select how it is going"},
    )
    narrative = forms.CharField(
        help_text=f"Say what is different for children. {NO_CHILD}",
        max_length=500,
        widget=Textarea(rows=3),
    )
    milestones = MilestonesField(label="Milestones", help_text="Tick what is done.", required=False)
    action = forms.IntegerField(required=False, widget=forms.HiddenInput())
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())
    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, subject: Action, on: date, checker: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject = subject
        since = subject.last_updated_on
        narrative = self.fields["narrative"]
        narrative.label = (
            f"What has changed since {day_words(since, on=on)}?" if since else "What has been done so far?"
        )
        narrative.error_messages["required"] = (
            f"Enter what has changed since {day_words(since, on=on)}" if since else "Enter what has been done so far"
        )
        self.fields["rating"].help_text = (
            f"When it is done, {checker or 'the programme office'} will check it."
            if subject.has_evidence
            else "You can say it is done once you have added a piece of evidence."
        )
        self.fields["milestones"].offer(subject.milestones.all(), on=on)
        if not self.fields["milestones"].choices:
            self.fields["milestones"].widget = forms.MultipleHiddenInput()

    def clean_action(self) -> None:
        """Refuse a form that was opened for another action under the same address, in another council."""
        if self.cleaned_data["action"] not in (None, self.subject.pk):
            raise ValidationError(
                "You opened this form while working in another council. Change council, then save it there."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned.pop("action", None)
        cleaned["says_done"] = cleaned.get("rating") == DONE
        return cleaned


class EvidenceForm(GovukForm):
    title = forms.CharField(
        label="What is it?",
        help_text=f"Such as “Audit of 30 notifications, October”. {NO_CHILD}",
        max_length=200,
        widget=TextInput(),
        error_messages={"required": "Enter what the evidence is"},
    )
    location = forms.CharField(
        label="Where is it kept?",
        help_text="A link, a folder or a minute. The tracker keeps no copy.",
        max_length=500,
        widget=TextInput(),
        error_messages={"required": "Enter where it is kept"},
    )
    dated_on = GovukDateField(label="Date of the document (optional)", thing="the date of the document", required=False)
    is_restricted = forms.BooleanField(
        label="Only the owner and those who run the plan may see it",
        help_text="Everyone else sees that there is 1 restricted document, and not its title.",
        required=False,
    )
    restricted_reason = forms.CharField(
        label="Why is it restricted? (only if you ticked the box)",
        max_length=300,
        required=False,
        widget=TextInput(),
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_dated_on(self) -> date | None:
        dated_on = self.cleaned_data["dated_on"]
        if dated_on and dated_on > self.on:
            raise ValidationError("The date of the document must be today or in the past")
        return dated_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("is_restricted"):
            cleaned["restricted_reason"] = ""
        elif not cleaned.get("restricted_reason"):
            self.add_error("restricted_reason", "Enter why it is restricted")
        return cleaned
