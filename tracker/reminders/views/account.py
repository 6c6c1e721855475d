from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import kept
from accounts.models import practices_of
from accounts.practices import PRACTICES
from accounts.practices import REMINDERS as REMINDER_NUMBERS
from accounts.roles import WHAT_THEY_MAY_DO, Role
from tracker.dates import clock
from tracker.reminders import changes, choosing, permissions, preferences
from tracker.reminders.forms import AS_IT_COMES, AT_ONCE, JOINED, WEEKLY, NotificationsForm
from tracker.reminders.models import Preference
from tracker.reminders.rules import Cadence, cadence_of


def account(request: HttpRequest) -> HttpResponse:
    """Show who one is here, in which roles, and the way to what one can set."""
    member = request.member
    roles = [
        {
            "membership": membership,
            "name": membership.get_role_display(),
            "may": WHAT_THEY_MAY_DO[Role(membership.role)],
        }
        for membership in member.memberships
    ]
    others = [one.authority for one in request.members if one.authority != member.authority]
    chosen = preferences.Choices.read({_key(member)}, on=clock.today())
    context = {
        "roles": roles,
        "others": others,
        "chooses_emails": permissions.may_choose_emails(member),
        "hour": choosing.hour_in_words(chosen.hour(*_key(member))),
        "covered": chosen.cover(*_key(member)) is not None,
    }
    return render(request, "reminders/account.html", context)


def notifications(request: HttpRequest) -> HttpResponse:
    """Choose which emails come, when, and who gets a copy while one is away."""
    member, today = request.member, clock.today()
    if not permissions.may_choose_emails(member):
        raise PermissionDenied("Inspectors are sent no reminders.")
    found = choosing.choices(_cadence(member), sees_plan=member.sees_plan)
    form = NotificationsForm(
        request.POST if request.method == "POST" else kept.take(request),
        offered=choosing.optional(found),
        covers=preferences.covers_for(member, on=today),
        initial=_chosen(member, found, on=today),
    )
    if request.method == "POST" and form.is_valid():
        try:
            different = changes.set_preferences(member, on=today, **form.choices_made())
        except changes.ChangedSince as refusal:
            form.add_error(None, str(refusal))
            form.data = form.data.copy()
            form.data["seen"] = str(refusal.seen)
        except changes.NotAway as refusal:
            for name, message in refusal.problems:
                form.add_error(name, message)
        except changes.CannotCover as refusal:
            form.add_error("cover", str(refusal))
        else:
            messages.success(request, _what_is_so(different))
            return redirect("reminders:notifications")
    context = {
        "form": form,
        "required": choosing.required(found),
        "crumbs": [{"label": "Your account", "url": reverse("reminders:account")}],
    }
    return render(request, "reminders/notifications.html", context)


def _key(member) -> tuple[int, int]:
    return member.authority.pk, member.user.pk


def _cadence(member) -> Cadence:
    practices = practices_of(member.authority)
    codes = [practice.code for practice in PRACTICES if practice.group == REMINDER_NUMBERS]
    return cadence_of({code: practices[code].value for code in codes})


def _chosen(member, found, *, on) -> dict[str, object]:
    """What the form shows first: what holds now. A time away that is over is not shown again."""
    choices = preferences.Choices.read({_key(member)}, on=on)
    row = Preference.objects.of(member.authority).filter(user=member.user).first() or Preference()
    is_ahead = row.away_to is not None and row.away_to >= on
    return {
        "wanted": [choice.kind.value for choice in found if choices.wants(*_key(member), choice.kind)],
        "late": WEEKLY if choices.late_is_weekly(*_key(member)) else AS_IT_COMES,
        "decisions": AT_ONCE if choices.at_once(*_key(member)) else JOINED,
        "hour": choices.hour(*_key(member)),
        "weekly_day": choices.weekly_day(*_key(member)),
        "away_from": row.away_from if is_ahead else None,
        "away_to": row.away_to if is_ahead else None,
        "cover": row.cover_id if is_ahead else None,
        "seen": preferences.edition_of(member),
    }


def _what_is_so(different: list[str]) -> str:
    if not different:
        return "Nothing was changed. Your emails come as before."
    return f"Choices saved. {'; '.join([different[0][:1].upper() + different[0][1:], *different[1:]])}."
