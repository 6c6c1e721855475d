"""Entering inspections and reviews: the report, its judgements, what it asks for."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import kept
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.forms import GovukForm
from tracker.govuk.templatetags.govuk import and_list, count_of
from tracker.inspections import changes, permissions
from tracker.inspections.forms import CorrectInspectionForm, InspectionForm, JudgementsForm, RecommendationForm
from tracker.inspections.frameworks import AREAS_OF, REVIEWS
from tracker.inspections.models import Clock, Inspection, Judgement, Recommendation
from tracker.inspections.rules import free_reference

REFUSALS = (changes.WrongDates, changes.ClockEnded, changes.NumberUsed, HolidaysUnknown)
FACTS = (
    "kind",
    "started_on",
    "ended_on",
    "dates_note",
    "received_on",
    "received_is_assumed",
    "published_on",
    "is_monitored",
    "has_priority_areas",
    "source",
)


def put_on(form: GovukForm, refusal: Exception, otherwise: str) -> None:
    """Put a refusal on the field it names, else on the one given."""
    field = getattr(refusal, "field", "")
    form.add_error(field if field in form.fields else otherwise, str(refusal))


def crumbs_of(*more: Inspection) -> list[dict[str, str]]:
    return [
        {"label": "Inspections", "url": reverse("inspections:inspections")},
        *({"label": str(one), "url": one.get_absolute_url()} for one in more),
    ]


def _to_enter(request: HttpRequest) -> None:
    if not permissions.may_enter(request.member):
        raise PermissionDenied


def _find(request: HttpRequest, reference: str) -> Inspection:
    found = get_object_or_404(Inspection.objects.visible_to(request.member), reference=reference)
    _to_enter(request)
    return found


def new_inspection(request: HttpRequest) -> HttpResponse:
    """Enter an inspection or a review; the clocks of its report start with it."""
    _to_enter(request)
    member = request.member
    form = InspectionForm(request.POST or kept.take(request))
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        day = facts["published_on"] or facts["received_on"] or facts["started_on"] or clock.today()
        used = Inspection.objects.of(member.authority).values_list("reference", flat=True)
        try:
            inspection, started = changes.enter_inspection(
                member.authority,
                reference=free_reference(facts["framework"], day, used=set(used)),
                calendar=calendar(),
                by=request.user,
                on=clock.today(),
                **facts,
            )
        except REFUSALS as refusal:
            put_on(form, refusal, "received_on")
        else:
            messages.success(request, f"{inspection} is entered. {_started(inspection, started)}")
            return redirect(inspection)
    return render(request, "inspections/new_inspection.html", {"form": form, "crumbs": crumbs_of()})


def _started(inspection: Inspection, started: list[Clock]) -> str:
    if not started:
        if inspection.framework in REVIEWS:
            return "No clock runs from a review."
        return (
            "Its clocks start when the report is received." if not inspection.received_on else "No clock runs from it."
        )
    dated = [row for row in started if row.due and not row.is_forecast]
    count = f"{count_of(len(started), 'clock,clocks')} started"
    if not dated:
        return f"{count}."
    first = min(dated, key=lambda row: (row.due or date.max, row.pk))
    return f"{count}. First: {first.rule.title.lower()}, by {first.due:%A %-d %B %Y}."


def correct_inspection(request: HttpRequest, reference: str) -> HttpResponse:
    """Correct the facts of an inspection, such as the day its report was received."""
    found = _find(request, reference)
    form = CorrectInspectionForm(
        request.POST or kept.take(request), initial={name: getattr(found, name) for name in FACTS}
    )
    if request.method == "POST" and form.is_valid():
        try:
            found, moved = changes.correct_inspection(
                found, calendar=calendar(), by=request.user, on=clock.today(), **form.cleaned_data
            )
        except REFUSALS as refusal:
            put_on(form, refusal, "received_on")
        else:
            messages.success(request, f"{found} is corrected. {_moved(moved)}")
            return redirect(found)
    context = {"form": form, "inspection": found, "crumbs": crumbs_of(found)}
    return render(request, "inspections/correct_inspection.html", context)


def _moved(moved: list[Clock]) -> str:
    told = [f"{row.rule.title.lower()}, {row.due:%A %-d %B %Y}" for row in moved if row.due]
    return f"Counted now: {and_list(told)}." if told else "No clock moved."


def judgements(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter or correct the grades of all areas on one page."""
    found = _find(request, reference)
    areas = AREAS_OF.get(found.framework)
    if areas is None:
        raise Http404
    given = dict(Judgement.objects.visible_to(request.member).filter(inspection=found).values_list("area", "grade"))
    form = JudgementsForm(request.POST or kept.take(request), areas=areas, given=given)
    if request.method == "POST" and form.is_valid():
        changed = changes.set_judgements(
            found, grades=form.grades, by=request.user, reason="Entered from the report" if not given else "Corrected"
        )
        messages.success(request, f"{count_of(len(changed), 'judgement is,judgements are')} saved.")
        return redirect(f"{found.get_absolute_url()}#judgements")
    context = {"form": form, "inspection": found, "crumbs": crumbs_of(found)}
    return render(request, "inspections/judgements.html", context)


def add_recommendation(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter the next thing the report asks for; another one can follow at once."""
    found = _find(request, reference)
    entered = list(Recommendation.objects.visible_to(request.member).filter(inspection=found).order_by("position"))
    last = entered[-1] if entered else None
    initial = {
        "reference": str(len(entered) + 1) if last is None or last.reference.isdecimal() else "",
        "kind": last.kind if last else "",
        "addressee": last.addressee if last else Recommendation.Addressee.COUNCIL,
    }
    form = RecommendationForm(request.POST or kept.take(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            added = changes.add_recommendation(found, by=request.user, **form.cleaned_data)
        except changes.NumberUsed as refusal:
            form.add_error("reference", str(refusal))
        else:
            messages.success(request, f"Recommendation {added.reference} is entered: {added.title}.")
            if "another" in request.POST:
                return redirect("inspections:add-recommendation", reference=found.reference)
            return redirect(f"{found.get_absolute_url()}#recommendations")
    context = {"form": form, "inspection": found, "entered": entered, "crumbs": crumbs_of(found)}
    return render(request, "inspections/add_recommendation.html", context)
