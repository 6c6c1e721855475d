"""The update: what changed, in three fields at most, and nothing typed is ever lost."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import kept
from accounts.member import Member
from tracker.actions import changes, permissions
from tracker.actions.forms import ProgressUpdateForm
from tracker.actions.models import Action
from tracker.actions.rules import CLOSE_WORKING_DAYS, Status
from tracker.actions.views import find
from tracker.dates import clock
from tracker.dates.models import calendar


def update(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Say what has changed: "What changed?"."""
    action = find.one_of(request.member, plan, reference)
    if not permissions.works_on(request.member, action):
        raise PermissionDenied
    now = clock.now()
    today = now.date()
    if request.method != "POST":
        if not action.is_unfinished:
            heading = f"{action.reference} takes no more updates"
            return find.closed(request, action, heading=heading, sentence=find.where_it_stands(action))
        typed = kept.take(request)
        form = form_for(action, on=today, typed=typed)
        return _page(request, action, form, was_kept=typed is not None)
    form = form_for(action, on=today, data=request.POST)
    if form.is_valid():
        try:
            changes.record_update(action, by=request.user, on=today, at=now, check_seen=True, **form.cleaned_data)
        except changes.UpdatedSince as refusal:
            return _both(request, find.one_of(request.member, plan, reference), theirs=refusal.theirs, on=today)
        except changes.NoEvidence as refusal:
            form.add_error("rating", str(refusal))
        except changes.ActionClosed as refusal:
            form.add_error(None, f"{refusal} What you typed is still here: copy what you need.")
        else:
            messages.success(request, _saved(request.member, find.one_of(request.member, plan, reference), on=today))
            return redirect(action)
    return _page(request, action, form)


def form_for(
    action: Action, *, on: date, data: Mapping[str, Any] | None = None, typed: QueryDict | None = None, **options: Any
) -> ProgressUpdateForm:
    """Return the update form of an action: posted, with what was typed before, or with the last rating."""
    initial = {"rating": action.rating, "action": action.pk, "seen": action.newest_update, "form_key": uuid4()}
    if typed is not None:
        initial |= typed.dict() | {"milestones": typed.getlist("milestones")}
    return ProgressUpdateForm(
        data, initial=initial, subject=action, on=on, checker=permissions.checker_of(action), **options
    )


def _page(request: HttpRequest, action: Action, form: ProgressUpdateForm, *, was_kept: bool = False) -> HttpResponse:
    context = {
        "action": action,
        "form": form,
        "crumbs": find.way_to(action, request.member),
        "was_kept": was_kept,
        "may_ask": permissions.may_ask(request.member, action) and action.waiting_request is None,
    }
    return render(request, "actions/update.html", context)


def _both(request: HttpRequest, action: Action, *, theirs: Any, on: date) -> HttpResponse:
    """Show what the other person saved and what this one wrote; saving again saves this one too."""
    data = request.POST.copy()
    data["seen"] = str(theirs.pk)
    context = {
        "action": action,
        "form": form_for(action, on=on, data=data),
        "theirs": theirs,
        "theirs_says": "done, ready to check" if theirs.says_done else theirs.get_rating_display().lower(),
        "yours": request.POST.get("narrative", ""),
        "crumbs": find.way_to(action, request.member),
    }
    return render(request, "actions/both.html", context, status=409)


def _saved(member: Member, action: Action, *, on: date) -> str | SafeString:
    """Say that it is saved and what the status is now; name the person's next overdue action, if there is one."""
    close_by = calendar().add(on, CLOSE_WORKING_DAYS)
    has_open = any(step.done_on is None for step in action.milestones.all())
    status = action.status(on=on, close_by=close_by, has_open_milestones=has_open)
    # An update never makes an action overdue, so a late one was late before.
    word = "still" if status == Status.OVERDUE else "now"
    sentence = f"Update saved. {action.reference} is {word} {status.label.lower()}."
    mine = Action.objects.visible_to(member).owned_by(member.user).overdue(on=on).exclude(pk=action.pk)
    following = mine.select_related("plan").order_by("deadline", "position", "pk").first()
    if following is None:
        return sentence
    return format_html(
        '{} <a class="govuk-notification-banner__link" href="{}">Update your next overdue action, {}</a>',
        sentence,
        reverse("actions:update", args=[following.plan.reference, following.reference]),
        following.reference,
    )
