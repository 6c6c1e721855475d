"""The pages of signing in and of what one signs in with. allauth answers; we note, warn and keep what was typed."""

from collections.abc import Callable

from allauth.account import views as account
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST
from requests import RequestException

from accounts import changes, kept
from accounts.models import SecurityEvent
from accounts.signing import council_accounts, invitations, proof, sessions, steps
from accounts.signing.adapters import KEPT_UNTIL_SIGNED_IN, AccountAdapter
from accounts.signing.forms import NewPasswordForm, SignInForm
from tracker.dates import clock


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, and go where the link pointed; text typed before the session ended comes along."""
    if not get_next_redirect_url(request):
        request.GET = request.GET.copy()
        request.GET.pop("next", None)
        request.POST = request.POST.copy()
        request.POST.pop("next", None)
    if request.method == "POST":
        packed = request.POST.get("kept", "")
        request.session.pop(KEPT_UNTIL_SIGNED_IN, None)
        if kept.is_ours(packed):
            request.session[KEPT_UNTIL_SIGNED_IN] = packed
    response = account.login(request)
    if isinstance(response, TemplateResponse):
        response.context_data["council_accounts"] = settings.COUNCIL_ACCOUNTS
    return response


def sign_in_and_keep(request: HttpRequest) -> HttpResponse:
    """Answer a form posted after the session ended: ask to sign in, and keep what was typed."""
    context = {
        "form": SignInForm(request=request),
        "kept": kept.pack(request),
        "council_accounts": settings.COUNCIL_ACCOUNTS,
    }
    return render(request, "account/login.html", context)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, or a sign-in that is half done."""
    auth.logout(request)
    return redirect("account_login")


def _noting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Note which second steps a page added or took away, tell the person by email, and count a new one as shown."""

    def noted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        before = set(steps.steps_of(request.user))
        response = view(request, *args, **kwargs)
        after = set(steps.steps_of(request.user))
        for added in after - before:
            proof.note_second_step(request)
            if added.type == Authenticator.Type.TOTP:
                added.wrap().validate_code(request.POST.get("code", ""))  # It has been used now, and works no more.
            _tell(request, SecurityEvent.Kind.STEP_ADDED, "You have a new second step", added)
        for removed in before - after:
            _tell(request, SecurityEvent.Kind.STEP_REMOVED, "A second step was removed", removed)
        return response

    return noted


def _tell(request: HttpRequest, kind: str, subject: str, step: Authenticator) -> None:
    now, adapter = clock.now(), AccountAdapter(request)
    adapter.note(kind, user=request.user)
    around = adapter.around(request.user, {"what": steps.name_of(step), "at": now, "subject": subject})
    text = render_to_string("account/email/second_step.txt", around)
    changes.leave_notice(request.user, subject=subject, text=text, at=now)
    messages.success(request, f"{subject}: {steps.name_of(step)}.")


def second_steps(request: HttpRequest) -> HttpResponse:
    """Show what the person signs in with, and let them change it."""
    found = steps.steps_of(request.user)
    context = {
        "app": next((one for one in found if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one for one in found if one.type == Authenticator.Type.WEBAUTHN],
        "codes_left": steps.codes_left(request.user),
        "is_needed": proof.needs_second_step(request),
        "has_password": request.user.has_usable_password(),
    }
    return render(request, "mfa/index.html", context)


def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a passkey away; somebody whose role needs a second step keeps one."""
    if proof.needs_second_step(request) and not steps.steps_of(request.user).exclude(pk=pk).exists():
        messages.error(request, "Your role needs a second step. Add another one before you remove this one.")
        return redirect("mfa_index")
    return _remove_passkey(request, pk=pk)


def remove_app(request: HttpRequest) -> HttpResponse:
    """Take the app away; somebody whose role needs a second step keeps one."""
    others = steps.steps_of(request.user).exclude(type=Authenticator.Type.TOTP)
    if proof.needs_second_step(request) and not others.exists():
        messages.error(request, "Your role needs a second step. Add a passkey before you remove the app.")
        return redirect("mfa_index")
    return _remove_app(request)


def change_password(request: HttpRequest) -> HttpResponse:
    """Choose another password; other browsers are signed out."""
    response = account.password_change(request)
    if request.method == "POST" and response.status_code == 302:
        messages.success(request, "Your password is changed. Other browsers are signed out.")
        return redirect("mfa_index")
    return response


def open_sessions(request: HttpRequest) -> HttpResponse:
    """Show in which browsers one is signed in, and end one of them, or all but this."""
    found = sessions.open_sessions(request.user, current=request.session.session_key, now=timezone.now())
    if request.method == "POST":
        asked = request.POST.get("session", "")
        ending = [one for one in found if not one.is_this and asked in {"others", str(one.row.pk)}]
        for one in ending:
            changes.end_session(one.row)
        if ending:
            AccountAdapter(request).note(SecurityEvent.Kind.SESSION_ENDED, user=request.user)
            messages.success(request, "That browser is signed out." if len(ending) == 1 else "They are signed out.")
        return redirect("open_sessions")
    return render(request, "accounts/sessions.html", {"sessions": found})


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Go on with a session that stood still: asked for by the warning, which comes 2 minutes before the end."""
    sessions.begin_again(request.session)
    return HttpResponse(status=204)


@login_not_required
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the first password, by the link of an invitation; then sign in with it."""
    user = invitations.invited(token)
    if user is None:
        return render(request, "accounts/invitation_over.html", status=410)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        AccountAdapter(request).set_password(user, form.cleaned_data["password1"])
        return redirect("account_reset_password_from_key_done")
    return render(request, "accounts/invitation.html", {"form": form, "invited": user})


@login_not_required
def sign_in_with_council(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the sign-in of a council, which sends people back."""
    return _by_council(OAuth2LoginView, request, provider_id)


@login_not_required
def back_from_council(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the sign-in of a council."""
    return _by_council(OAuth2CallbackView, request, provider_id)


def _by_council(view: type, request: HttpRequest, council: str) -> HttpResponse:
    try:
        return view.adapter_view(council_accounts.Verified(request, council))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (RequestException, ValueError, KeyError):
        council_accounts.CouncilAccountAdapter(request).did_not_answer(request)


add_app = _noting(totp.activate_totp)
add_passkey = _noting(webauthn.add_webauthn)
_remove_app = _noting(totp.deactivate_totp)
_remove_passkey = _noting(webauthn.remove_webauthn)
recovery_codes = recovery.view_recovery_codes
new_recovery_codes = recovery.generate_recovery_codes
second_step = mfa.authenticate
sign_in_with_passkey = webauthn.login_webauthn
password_again = account.reauthenticate
code_again = mfa.reauthenticate
passkey_again = webauthn.reauthenticate_webauthn
forgotten_password = account.password_reset
forgotten_password_sent = account.password_reset_done
new_password = account.password_reset_from_key
new_password_done = account.password_reset_from_key_done
