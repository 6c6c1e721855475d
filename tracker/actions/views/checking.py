"""Checking finished work: by someone who is not its owner."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tracker.actions import changes, permissions
from tracker.actions.forms import CheckForm
from tracker.actions.models import Evidence
from tracker.actions.views import find
from tracker.actions.wording import worked_when
from tracker.dates import clock


def check(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Accept finished work and say what difference it made, or send it back, with a reason."""
    action = find.one_of(request.member, plan, reference)
    if not permissions.checks(request.member, action):
        raise PermissionDenied
    if not permissions.may_check(request.member, action):
        heading = f"There is nothing to check in {action.reference}"
        return find.closed(request, action, heading=heading, sentence=find.where_it_stands(action))
    seen = find.proofs(action, request.member)
    waiting = Evidence.objects.visible_to(request.member).filter(action=action, state=Evidence.State.WAITING)
    form = CheckForm(
        find.typed(request),
        initial={"difference": action.difference},
        evidence=waiting.exclude(added_by=request.user),
    )
    if request.method == "POST" and form.is_valid():
        return _decide(request, action, form)
    context = {
        "action": action,
        "form": form,
        "crumbs": find.way_to(action, request.member),
        "evidence": seen,
        "worked_when": worked_when(action.outcome),
        "withheld": action.evidence.count() - len(seen),
        "claim": action.updates.filter(says_done=True).select_related("by").order_by("-pk").first(),
    }
    return render(request, "actions/check.html", context)


def _decide(request, action, form) -> HttpResponse:
    chosen = form.cleaned_data
    if chosen["decision"] == CheckForm.ACCEPT:
        changes.accept(
            action,
            difference=chosen["difference"],
            evidence=chosen.get("evidence", ()),
            by=request.user,
            on=clock.today(),
            reason=chosen["reason"],
        )
        messages.success(request, f"Check saved. {action.reference} is now complete.")
    else:
        changes.send_back(action, by=request.user, on=clock.today(), reason=chosen["reason"])
        messages.success(request, f"Check saved. {action.reference} is back with {action.owner or 'nobody yet'}.")
    return redirect(action)
