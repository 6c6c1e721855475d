from django import forms

from accounts.models import Agency, Authority
from accounts.practices import Setting
from accounts.roles import INVITED_UNTIL_A_DAY, WHAT_THEY_MAY_DO, Role
from tracker.govuk.forms import EmailInput, GovukDateField, GovukForm, Radios, Textarea, TextInput


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


class InvitationForm(GovukForm):
    """Its fields bear the names of `changes.invite`."""

    name = forms.CharField(
        label="Full name", max_length=200, widget=TextInput(), error_messages={"required": "Enter their full name"}
    )
    email = forms.EmailField(
        label="Email address",
        help_text="Their own at work. Everything is sent there.",
        widget=EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Enter their email address"},
    )
    role = forms.ChoiceField(
        label="What will they do here?",
        choices=Role.choices,
        widget=Radios(hints={role.value: may for role, may in WHAT_THEY_MAY_DO.items()}),
        error_messages={"required": "Select what they will do here"},
    )
    agency = forms.ModelChoiceField(
        label="Which partner agency do they work for?",
        help_text="Only for partner agencies.",
        queryset=Agency.objects.none(),
        required=False,
        empty_label="None",
        widget=forms.Select(),
    )
    ends_on = GovukDateField(
        label="Last day of access",
        help_text="Needed for inspectors and partner agencies. Others may be left without.",
        thing="a last day of access",
        required=False,
    )

    def __init__(self, *args, authority: Authority, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = Agency.objects.filter(authority=authority)

    def clean(self):
        given = super().clean()
        if given.get("role") == Role.PARTNER and not given.get("agency") and "agency" not in self.errors:
            self.add_error("agency", "Select the partner agency they work for")
        if given.get("role") in INVITED_UNTIL_A_DAY and not given.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", "Enter the last day of access: partners and inspectors are let in until a day")
        if given.get("role") != Role.PARTNER:
            given["agency"] = None
        return given


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
