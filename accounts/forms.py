from django import forms

from tracker.govuk.forms import EmailInput, GovukForm, PasswordInput, Radios


class SignInForm(GovukForm):
    email = forms.EmailField(
        label="Email address",
        widget=EmailInput(),
        error_messages={
            "required": "Enter your email address",
            "invalid": "Enter an email address in the correct format, like name@example.com",
        },
    )
    password = forms.CharField(
        label="Password",
        widget=PasswordInput(autocomplete="current-password"),
        strip=False,
        error_messages={"required": "Enter your password"},
    )


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
