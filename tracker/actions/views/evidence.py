"""Adding evidence: where the proof is kept, never a copy of it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tracker.actions import changes, permissions
from tracker.actions.forms import EvidenceForm
from tracker.actions.views import find
from tracker.dates import clock


def add_evidence(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Note where a piece of proof is kept."""
    action = find.one_of(request.member, plan, reference)
    if not permissions.may_add_evidence(request.member, action):
        raise PermissionDenied
    now = clock.now()
    form = EvidenceForm(find.typed(request), on=now.date())
    if request.method == "POST" and form.is_valid():
        try:
            evidence = changes.add_evidence(action, by=request.user, on=now.date(), at=now, **form.cleaned_data)
        except changes.AlreadyAdded as refusal:
            evidence = refusal.evidence
        messages.success(request, f"Evidence added. “{evidence.title}” now waits to be checked.")
        return redirect(action)
    context = {"action": action, "form": form, "crumbs": find.way_to(action, request.member)}
    return render(request, "actions/evidence.html", context)
