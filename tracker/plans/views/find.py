"""What the pages of a plan share: finding it, the way back to it, what was typed before a session ended."""

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import kept
from accounts.member import Member
from tracker.govuk.forms import GovukForm
from tracker.plans.changes import ChangedSince
from tracker.plans.models import Plan


def plan_of(member: Member, reference: str) -> Plan:
    """Return the plan at an address; 404 for one this person may not see."""
    return get_object_or_404(Plan.objects.visible_to(member).select_related("authority"), reference=reference)


def way_to(plan: Plan, *more: tuple[str, str]) -> list[dict[str, str]]:
    """Return the breadcrumbs of a page under a plan: (label, name of the address) of those between."""
    crumbs = [{"label": "Plan", "url": plan.get_absolute_url()}]
    return crumbs + [{"label": label, "url": reverse(name, args=[plan.reference])} for label, name in more]


def typed(request: HttpRequest) -> QueryDict | None:
    """Return what was posted; else what was typed here before the session ended, once."""
    return request.POST if request.method == "POST" else kept.take(request)


def refuse_changed(form: GovukForm, refusal: ChangedSince) -> None:
    """Tell the writer what someone else saved meanwhile; what they wrote stays, and saving again puts it in place."""
    form.add_error(None, str(refusal))
    form.data = form.data.copy()
    form.data["seen"] = str(refusal.seen)
