"""What the DfE puts in place, until when, and its clocks."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import kept
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections import changes, permissions
from tracker.inspections.forms import ChangeInterventionForm, InterventionForm, LiftForm
from tracker.inspections.models import Inspection, Intervention
from tracker.inspections.rules import free_reference
from tracker.inspections.views.cards import card_of, clocks_of
from tracker.inspections.views.entering import put_on

REFUSALS = (changes.WrongDates, changes.ClockEnded, changes.NumberUsed, changes.OtherCouncil)


def intervention(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a notice, direction, commissioner or support: what it asks for, until when, and its clocks."""
    found = _find(request, reference)
    today, days = clock.today(), calendar()
    rows = clocks_of(request.member).filter(intervention=found)
    cards = sorted((card_of(row, on=today, days=days) for row in rows), key=lambda card: card.order)
    context = {
        "intervention": found,
        "open": [card for card in cards if card.is_open],
        "ended": [card for card in cards if not card.is_open],
        "may_change": permissions.may_enter(request.member) and found.lifted_on is None,
        "crumbs": _crumbs(),
    }
    return render(request, "inspections/intervention.html", context)


def new_intervention(request: HttpRequest) -> HttpResponse:
    """Enter what the DfE put in place; its clocks start with it."""
    member = request.member
    if not permissions.may_enter(member):
        raise PermissionDenied
    inspections = {one.pk: one for one in Inspection.objects.visible_to(member)}
    form = InterventionForm(
        request.POST or kept.take(request), inspections=[(key, str(one)) for key, one in inspections.items()]
    )
    if request.method == "POST" and form.is_valid():
        facts = {**form.cleaned_data, "inspection": inspections.get(form.cleaned_data["inspection"])}
        used = set(Intervention.objects.of(member.authority).values_list("reference", flat=True))
        try:
            made = changes.record_intervention(
                member.authority,
                reference=free_reference(facts["kind"], facts["starts_on"], used=used),
                calendar=calendar(),
                by=request.user,
                on=clock.today(),
                reason="Entered from the DfE’s letter",
                **facts,
            )
        except REFUSALS as refusal:
            put_on(form, refusal, "starts_on")
        else:
            started = clocks_of(member).filter(intervention=made).count()
            messages.success(request, f"{made} is entered. {count_of(started, 'clock,clocks')} started.")
            return redirect(made)
    return render(request, "inspections/new_intervention.html", {"form": form, "crumbs": _crumbs()})


def change_intervention(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the final date, or what it asks for."""
    found = _to_change(request, reference)
    initial = {"ends_on": found.ends_on, "conditions": found.conditions}
    form = ChangeInterventionForm(request.POST or kept.take(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            found = changes.change_intervention(
                found, calendar=calendar(), by=request.user, on=clock.today(), **form.cleaned_data
            )
        except REFUSALS as refusal:
            put_on(form, refusal, "ends_on")
        else:
            until = f" Its final date is {found.ends_on:%A %-d %B %Y}." if found.ends_on else ""
            messages.success(request, f"{found} is changed.{until}")
            return redirect(found)
    context = {"form": form, "intervention": found, "crumbs": _crumbs(found)}
    return render(request, "inspections/change_intervention.html", context)


def lift_intervention(request: HttpRequest, reference: str) -> HttpResponse:
    """Record that it was lifted or ended."""
    found = _to_change(request, reference)
    form = LiftForm(request.POST or kept.take(request))
    if request.method == "POST" and form.is_valid():
        try:
            found = changes.lift_intervention(
                found, calendar=calendar(), by=request.user, on=clock.today(), **form.cleaned_data
            )
        except REFUSALS as refusal:
            put_on(form, refusal, "lifted_on")
        else:
            messages.success(request, f"{found} ended on {found.lifted_on:%A %-d %B %Y}.")
            return redirect(found)
    context = {"form": form, "intervention": found, "crumbs": _crumbs(found)}
    return render(request, "inspections/lift_intervention.html", context)


def _find(request: HttpRequest, reference: str) -> Intervention:
    seen = Intervention.objects.visible_to(request.member).select_related("inspection")
    return get_object_or_404(seen, reference=reference)


def _to_change(request: HttpRequest, reference: str) -> Intervention:
    found = _find(request, reference)
    if not permissions.may_enter(request.member):
        raise PermissionDenied
    return found


def _crumbs(*more: Intervention) -> list[dict[str, str]]:
    return [
        {"label": "Inspections", "url": reverse("inspections:inspections")},
        *({"label": str(one), "url": one.get_absolute_url()} for one in more),
    ]
