from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import changes, events, kept
from accounts.forms import CouncilForm, InvitationForm, SettingForm
from accounts.middleware import COUNCIL_IN_SESSION
from accounts.models import practices_of
from accounts.practices import BY_CODE, PRACTICES, Setting
from accounts.signing import invitations, proof
from tracker.dates import clock


def choose_council(request: HttpRequest) -> HttpResponse:
    """Choose which council to work in, for those who belong to several."""
    form = CouncilForm(request.POST or None, councils=[member.authority for member in request.members])
    if request.method == "POST" and form.is_valid():
        request.session[COUNCIL_IN_SESSION] = form.cleaned_data["council"]
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/choose_council.html", {"form": form})


@proof.asked_again
def invite(request: HttpRequest) -> HttpResponse:
    """Let somebody in, with a role; an email with a link goes to them within a minute or two."""
    member = request.member
    if not member.keeps_people:
        raise PermissionDenied
    form = InvitationForm(request.POST or kept.take(request), authority=member.authority)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        today = clock.today()
        letter = partial(invitations.letter, by=request.user, on=today)
        try:
            made = changes.invite(member.authority, by=request.user, on=today, at=clock.now(), letter=letter, **given)
        except changes.AlreadyHere as refusal:
            form.add_error("email", str(refusal))
        except changes.AccessRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        except changes.MissingEnd as refusal:
            form.add_error("ends_on", str(refusal))
        except changes.MissingAgency as refusal:
            form.add_error("agency", str(refusal))
        else:
            messages.success(request, f"{made.user.name} is invited. The email goes out within a minute or two.")
            return redirect("accounts:invite")
    crumbs = [{"label": "People", "url": "/people/"}]
    return render(request, "accounts/invite.html", {"form": form, "crumbs": crumbs})


def sign_ins(request: HttpRequest) -> HttpResponse:
    """Show what happened at the door to people of this council, and whose roles were changed."""
    member = request.member
    if not member.keeps_people:
        raise PermissionDenied
    found = events.events_of(member.authority)
    return render(request, "accounts/sign_ins.html", {"events": found, "most": events.MOST_SHOWN})


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
