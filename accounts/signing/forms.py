"""The forms of signing in: allauth's work, our words."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms

from tracker.govuk.forms import EmailInput, GovukForm, PasswordInput, TextInput

LENGTH_HINT = "12 or more characters. Three or four words that do not belong together do well. It never expires."


def _email() -> forms.EmailField:
    return forms.EmailField(
        label="Email address",
        widget=EmailInput(),
        error_messages={
            "required": "Enter your email address",
            "invalid": "Enter an email address in the correct format, like name@example.com",
        },
    )


def _password(label: str, error: str, *, autocomplete: str = "current-password", hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=PasswordInput(autocomplete=autocomplete),
        strip=False,
        max_length=1000,
        error_messages={"required": error},
    )


def _code(label: str = "Code") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=50,
        widget=TextInput({"autocomplete": "one-time-code", "spellcheck": "false"}, width=10),
        error_messages={"required": "Enter the code"},
    )


class SignInForm(GovukForm, account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = _email()
        self.fields["password"] = _password("Password", "Enter your password")
        self.order_fields(["login", "password"])


class ForgottenPasswordForm(GovukForm, account.ResetPasswordForm):
    email = _email()


class _ChoosesPassword(GovukForm):
    """One box with a Show button in place of allauth's two."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        chosen = self.fields["password1"]
        chosen.label, chosen.help_text = "New password", LENGTH_HINT
        chosen.widget = PasswordInput(autocomplete="new-password")
        chosen.error_messages["required"] = "Enter a new password"

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class NewPasswordForm(_ChoosesPassword, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_ChoosesPassword, account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = _password("Password now", "Enter the password that you have now")


class PasswordAgainForm(GovukForm, account.ReauthenticateForm):
    password = _password("Password", "Enter your password")


class CodeForm(GovukForm, mfa.AuthenticateForm):
    not_screened = frozenset({"code"})
    code = _code()


class CodeAgainForm(GovukForm, mfa.ReauthenticateForm):
    not_screened = frozenset({"code"})
    code = _code()


class ActivateAppForm(GovukForm, totp.ActivateTOTPForm):
    not_screened = frozenset({"code"})
    code = _code("Code that the app shows")


class AddPasskeyForm(GovukForm, webauthn.AddWebAuthnForm):
    """Every passkey is one that signs in alone: it asks for a finger, a face or a PIN itself."""

    name = forms.CharField(
        label="What should it be called?",
        help_text="So that you know it from others, such as “Work laptop”.",
        max_length=100,
        required=False,
        widget=TextInput(),
    )
    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)


class NewRecoveryCodesForm(GovukForm, recovery.GenerateRecoveryCodesForm):
    pass
