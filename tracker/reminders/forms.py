from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.free_text import NO_CHILD
from accounts.models import User
from tracker.govuk.forms import Checkboxes, GovukDateField, GovukForm, Radios, Textarea
from tracker.reminders import choosing
from tracker.reminders.choosing import Choice

AS_IT_COMES, WEEKLY = "as-it-comes", "weekly"
JOINED, AT_ONCE = "joined", "at-once"


class NotificationsForm(GovukForm):
    """What a person chooses about their emails; `late` and `decisions` are words, for a choice of two."""

    wanted = forms.MultipleChoiceField(
        label="Which emails do you want?",
        required=False,
        widget=Checkboxes(small=True),
        error_messages={"invalid_choice": "Select only emails from the list"},
    )
    late = forms.ChoiceField(
        label="How often are you told of what is overdue?",
        choices=[(AS_IT_COMES, "As it becomes later"), (WEEKLY, "Once a week")],
        widget=Radios(small=True),
        error_messages={"required": "Select how often", "invalid_choice": "Select how often"},
    )
    decisions = forms.ChoiceField(
        label="When are you told of decisions wanted from you, and of actions given to you?",
        choices=[(JOINED, "In the day’s email"), (AT_ONCE, "At once, in an email of their own")],
        widget=Radios(small=True),
        error_messages={"required": "Select when", "invalid_choice": "Select when"},
    )
    hour = forms.TypedChoiceField(
        label="From what time may emails come?",
        help_text="On working days.",
        coerce=int,
        choices=[(hour, choosing.hour_in_words(hour)) for hour in choosing.HOURS],
        widget=forms.Select(),
        error_messages={"required": "Select a time", "invalid_choice": "Select a time from the list"},
    )
    weekly_day = forms.TypedChoiceField(
        label="On what day does what is weekly come?",
        help_text="If it is a bank holiday, on the next working day of that week.",
        coerce=int,
        choices=list(enumerate(choosing.DAYS)),
        widget=forms.Select(),
        error_messages={"required": "Select a day", "invalid_choice": "Select a day from the list"},
    )
    away_from = GovukDateField(
        label="First day away", thing="the first day that you are away", example="3 8 2026", required=False
    )
    away_to = GovukDateField(
        label="Last day away", thing="the last day that you are away", example="14 8 2026", required=False
    )
    cover = forms.TypedChoiceField(
        label="Who gets a copy",
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(),
        error_messages={"invalid_choice": "Choose someone from the list: the one you chose cannot cover for you"},
    )
    seen = forms.IntegerField(
        widget=forms.HiddenInput(),
        error_messages={
            "required": "Open this page again and choose once more",
            "invalid": "Open this page again and choose once more",
        },
    )

    def __init__(self, *args: Any, offered: Sequence[Choice], covers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.covers = {user.pk: user for user in covers}
        self.fields["wanted"].choices = [(choice.kind.value, choice.name) for choice in offered]  # type: ignore[attr-defined]
        self.fields["wanted"].widget.hints = {choice.kind.value: choice.sentence for choice in offered}  # type: ignore[attr-defined]
        self.fields["cover"].choices = [("", "Nobody"), *((user.pk, user.name) for user in covers)]  # type: ignore[attr-defined]

    def choices_made(self) -> dict[str, Any]:
        """Return what was chosen, as `changes.set_preferences` takes it."""
        data = self.cleaned_data
        return {
            "wanted": data["wanted"],
            "weekly_day": data["weekly_day"],
            "hour": data["hour"],
            "late_is_weekly": data["late"] == WEEKLY,
            "at_once": data["decisions"] == AT_ONCE,
            "away_from": data["away_from"],
            "away_to": data["away_to"],
            "cover": self.covers.get(data["cover"]),
            "seen": data["seen"],
        }


class RetryForm(GovukForm):
    reason = forms.CharField(
        label="Why should it go now?",
        help_text=f"For example: the address is corrected. {NO_CHILD}",
        max_length=300,
        widget=Textarea(rows=2),
        error_messages={"required": "Enter why the email should go now"},
    )
