"""Where django-allauth meets our people: their addresses, their history, their email, and our words."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string

from accounts import changes, kept
from accounts.member import why_no_access
from accounts.models import SecurityEvent, User
from accounts.signing import council_accounts, devices, proof, sessions
from tracker.dates import clock

KEPT_UNTIL_SIGNED_IN = "kept_until_signed_in"
LOCKED = (
    "There were too many wrong tries. Wait 5 minutes, then try again. If you cannot wait, ask "
    f"{settings.SIGN_IN_HELP}. A passkey or a council account still works"
)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "Email address or password is not right",
        "too_many_login_attempts": LOCKED,
        "rate_limited": LOCKED,
        "enter_current_password": "Enter the password that you have now",
        "incorrect_password": "Password is not right",
        "invalid_password_reset": "This link is used or too old",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs themselves up."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords for an account, and apart from that for each browser that its person has used."""
        email = credentials.get("email", "").strip().lower()
        return f"{email}|{devices.number_of(request, email)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self.note(SecurityEvent.Kind.LOCKED, email=credentials.get("email", ""))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        self.note(SecurityEvent.Kind.REFUSED, email=credentials.get("email", ""))

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        shown = self.authenticate(self.request, email=user.email, password=password)
        return shown is not None and shown.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not proof.is_fresh(self.request)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Let nobody in whose time has not come or is over, or by another way than the one their council allows.

        That is asked once the password was right: to anyone else it tells nothing.
        """
        if refused := super().pre_login(request, user, **kwargs):
            return refused
        if why := why_no_access(user, on=clock.today()):
            self.note(SecurityEvent.Kind.REFUSED, user=user)
            return render(request, "accounts/no_council.html", {"why": why}, status=403)
        wanted = council_accounts.only_way_of(user, on=clock.today())
        if wanted and get_authentication_records(request, user)[-1]["method"] != "socialaccount":
            self.note(SecurityEvent.Kind.REFUSED, user=user)
            return render(request, "accounts/use_council_account.html", {"connection": wanted}, status=403)
        return None

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        sessions.begin(request.session)
        now = clock.now()
        changes.note_sign_in(user, at=now)
        self.note(SecurityEvent.Kind.SIGNED_IN, user=user)
        if not devices.number_of(request, user.email) and user.sign_ins.count() > 1:
            words = render_to_string("account/email/new_browser.txt", self.around(user, {"at": now}))
            changes.leave_notice(user, subject="Your account was used in a new browser", text=words, at=now)
        devices.remember(request, response, user.email)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Go back to a form that was being filled in when the session ended, with its text; else to the first page."""
        packed = request.session.pop(KEPT_UNTIL_SIGNED_IN, "")
        return (packed and kept.unpack(request, packed)) or resolve_url(settings.LOGIN_REDIRECT_URL)

    def set_password(self, user: User, password: str) -> None:
        """Give a person a new password, with a reason in their history and an email to them."""
        changes.set_password(user, password=password, by=user, reason="Chose a new password")
        user.refresh_from_db()
        self.note(SecurityEvent.Kind.PASSWORD_CHANGED, user=user)
        words = render_to_string("account/email/password_changed.txt", self.around(user, {"at": clock.now()}))
        changes.leave_notice(user, subject="Your password was changed", text=words, at=clock.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leave the email for the post, which goes each minute; the request waits for no mail server."""
        user = context["user"]
        text = render_to_string(f"{template_prefix}.txt", self.around(user, context))
        changes.leave_notice(user, subject="Choose a new password", text=text, at=clock.now())

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of an email: to the site's own address, whatever host the request named."""
        return f"{settings.SITE_URL}{resolve_url('account_reset_password_from_key', uidb36='UID', key='KEY')}".replace(
            "UID-KEY", key
        )

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing in allauth's words: our pages say what was done."""

    def around(self, user: User, context: dict[str, Any]) -> dict[str, Any]:
        return {
            **context,
            "user": user,
            "site_url": settings.SITE_URL,
            "help": settings.SIGN_IN_HELP,
            "browser": sessions.in_words(self.get_http_user_agent(self.request)),
            "address": self.get_client_ip(self.request),
        }

    def note(self, kind: str, *, user: User | None = None, email: str = "") -> None:
        """Record what happened at the door, to a person or to whoever has an address."""
        changes.note_event(
            kind,
            user=user or User.objects.filter(email__iexact=email.strip()).first(),
            address=self.get_client_ip(self.request),
            browser=self.get_http_user_agent(self.request),
            at=clock.now(),
        )


class SecondStepAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "The code is not right, or was used already. Wait for the next one and enter that",
        "cannot_delete_authenticator": "Your role needs a second step. Add another one before you remove this one",
    }

    def encrypt(self, text: str) -> str:
        """Keep the secrets of apps and recovery codes unreadable to someone who has only the database."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: User) -> str:
        return user.email

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002  allauth's word
        return f"Passkey of {clock.today():%-d %B %Y}"


def _cipher() -> Fernet:
    key = hashlib.sha256(b"accounts.second_step" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
