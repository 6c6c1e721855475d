from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import changes, kept
from accounts.forms import CouncilForm, SettingForm, SignInForm
from accounts.member import why_no_access
from accounts.middleware import COUNCIL_IN_SESSION
from accounts.models import practices_of
from accounts.practices import BY_CODE, PRACTICES, Setting
from tracker.dates import clock

WRONG = "Email address or password is not right"


@login_not_required
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, and go where the link pointed; text typed before the session ended comes along."""
    packed = request.POST.get("kept", "")
    target = _safe(request, request.POST.get("next") or request.GET.get("next") or "")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = auth.authenticate(request, username=form.cleaned_data["email"], password=form.cleaned_data["password"])
        why_not = why_no_access(user, on=clock.today()) if user is not None else WRONG
        if user is not None and not why_not:
            auth.login(request, user)
            changes.note_sign_in(user, at=clock.now())
            return redirect(kept.unpack(request, packed) or target or resolve_url(settings.LOGIN_REDIRECT_URL))
        form.add_error(None, why_not)
    return _sign_in_page(request, form, target=target, packed=packed)


def sign_in_and_keep(request: HttpRequest) -> HttpResponse:
    """Answer a form posted after the session ended: ask to sign in, and keep what was typed."""
    return _sign_in_page(request, SignInForm(), target="", packed=kept.pack(request))


def _sign_in_page(request: HttpRequest, form: SignInForm, *, target: str, packed: str) -> HttpResponse:
    context = {"form": form, "next": target, "kept": packed}
    return render(request, "accounts/sign_in.html", context)


def _safe(request: HttpRequest, address: str) -> str:
    """Return an address inside the site, or ""."""
    inside = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if inside else ""


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("accounts:sign-in")


def choose_council(request: HttpRequest) -> HttpResponse:
    """Choose which council to work in, for those who belong to several."""
    form = CouncilForm(request.POST or None, councils=[member.authority for member in request.members])
    if request.method == "POST" and form.is_valid():
        request.session[COUNCIL_IN_SESSION] = form.cleaned_data["council"]
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/choose_council.html", {"form": form})


def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the numbers the council works by that are practice and not law, each with where it comes from."""
    member = request.member
    if not member.sees_plan:
        raise PermissionDenied
    practices = practices_of(member.authority)
    groups: dict[str, list[Setting]] = {}
    for practice in PRACTICES:
        groups.setdefault(practice.group, []).append(practices[practice.code])
    own = sum(setting.is_own for group in groups.values() for setting in group)
    context = {"groups": groups.items(), "own": own, "may_change": member.sets_numbers}
    return render(request, "accounts/settings.html", context)


def change_setting(request: HttpRequest, code: str) -> HttpResponse:
    """Set one number, and say where it comes from."""
    member = request.member
    if code not in BY_CODE:
        raise Http404
    if not member.sets_numbers:
        raise PermissionDenied
    setting = practices_of(member.authority)[code]
    initial = {"value": setting.value, "source": setting.source if setting.is_own else ""}
    form = SettingForm(request.POST or kept.take(request), setting=setting, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        reason = f"{setting.practice.title}: {setting.value} became {given['value']}. {given['source']}"
        try:
            changes.set_practice(member.authority, code=code, by=request.user, reason=reason, **given)
        except (changes.OutOfRange, changes.SameNumber) as refusal:
            form.add_error("value", str(refusal))
        else:
            now = practices_of(member.authority)[code]
            messages.success(request, f"“{now.practice.title}” is now {now}. Clocks that run keep their length.")
            return redirect("accounts:settings")
    crumbs = [{"label": "Settings", "url": reverse("accounts:settings")}]
    return render(request, "accounts/change_setting.html", {"form": form, "setting": setting, "crumbs": crumbs})
