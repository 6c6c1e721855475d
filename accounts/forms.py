from django import forms

from accounts.practices import Setting
from tracker.govuk.forms import GovukForm, Radios, Textarea, TextInput


class CouncilForm(GovukForm):
    council = forms.TypedChoiceField(
        label="Which council do you want to work in?",
        coerce=int,
        widget=Radios(),
        error_messages={"required": "Select a council"},
    )

    def __init__(self, *args, councils, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["council"].choices = [(council.pk, council.name) for council in councils]


class SettingForm(GovukForm):
    """Its fields bear the names of `changes.set_practice`."""

    value = forms.IntegerField(error_messages={"required": "Enter a number", "invalid": "Enter a whole number"})
    source = forms.CharField(
        label="Where does the number come from?",
        help_text="For example, a decision of the improvement board, with its date.",
        max_length=500,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter where the number comes from"},
    )

    def __init__(self, *args, setting: Setting, **kwargs):
        super().__init__(*args, **kwargs)
        practice = setting.practice
        self.fields["value"].label = f"Number of {practice.unit}"
        self.fields["value"].help_text = f"From {practice.least} to {practice.most}."
        self.fields["value"].widget = TextInput(width=5, numeric=True)
