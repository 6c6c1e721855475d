"""What a letter says, one finding at a time, and the actions that answer it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tracker.actions.models import Action, ActionQuerySet
from tracker.audit.history import version_of
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import HolidaysUnknown
from tracker.govuk.templatetags.govuk import and_list, count_of
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Finding, Visit
from tracker.plans.models import Plan
from tracker.visits import changes
from tracker.visits.forms import AnswerForm, ChangeFindingForm, FindingForm
from tracker.visits.links import finding_url
from tracker.visits.views import find

AT_HAND = 40  # Boxes to tick; the plan has more, and they are typed.
REFUSED_ON: find.Refusals = {
    inspection_changes.NoLetter: None,
    inspection_changes.NumberTaken: "number",
    inspection_changes.OtherCouncil: None,
    inspection_changes.NothingChanged: None,
    inspection_changes.ChangedSince: None,
    changes.NeedsNoAction: "actions",
    changes.CancelledAction: "actions",
    HolidaysUnknown: None,
}
NEEDS_WORK = Finding.Kind.NEEDS_WORK


def add_finding(request: HttpRequest, reference: str) -> HttpResponse:
    """Record one finding, and the next."""
    visit = find.visit_of(request, reference)
    if not visit.has_letter:
        messages.error(request, "Record the letter first: findings are what it says.")
        return redirect("visits:letter", visit.reference)
    plan = Plan.objects.visible_to(request.member).current().first()
    form = FindingForm(
        find.typed(request),
        visit=visit,
        actions=_live(request, plan),
        next_numbers=_next_numbers(visit),
        initial={"kind": request.GET.get("kind", NEEDS_WORK.value)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            finding = changes.add_finding(
                visit, by=request.user, on=clock.today(), calendar=calendar(), **form.cleaned_data
            )
        except tuple(REFUSED_ON) as refusal:
            find.put_on(form, refusal, REFUSED_ON)
        else:
            messages.success(request, _added(visit, finding))
            if request.POST.get("then") == "finish":
                changes.stop_finding_clock(visit, on=clock.today(), by=request.user)
                return redirect(f"{visit.get_absolute_url()}#findings")
            return redirect(f"{reverse('visits:add-finding', args=[visit.reference])}?kind={finding.kind}")
    context = {
        "form": form,
        "visit": visit,
        "crumbs": find.crumbs(visit),
        "recorded": [
            (finding, finding_url(finding, visit.reference)) for finding in visit.findings.order_by("kind", "-number")
        ],
        "plan": plan,
    }
    return render(request, "visits/add_finding.html", context)


def _live(request: HttpRequest, plan: Plan | None) -> ActionQuerySet:
    """The actions of the current plan that can answer a finding."""
    actions = Action.objects.visible_to(request.member).live()
    return actions.filter(plan=plan) if plan else actions.none()


def _next_numbers(visit: Visit) -> list[tuple[str, int]]:
    return [
        (kind.label.lower(), inspection_changes.next_number(visit, kind))
        for kind in (NEEDS_WORK, Finding.Kind.STRENGTH)
    ]


def _added(visit: Visit, finding: Finding) -> str:
    """Say what was saved, and how many of how many there are."""
    recorded = visit.findings.filter(kind=finding.kind).count()
    counted = visit.needs_work_reported if finding.kind == NEEDS_WORK else visit.strengths_reported
    words = (
        "area that needs work is,areas that need work are"
        if finding.kind == NEEDS_WORK
        else "strength is,strengths are"
    )
    said = f"{count_of(recorded, words)} now recorded"
    if counted and counted >= recorded:
        said = f"{said}, of the {counted} that the letter counts"
    return f"{finding.get_kind_display()} {finding.number} saved. {said}."


def change_finding(request: HttpRequest, reference: str, kind: str, number: int) -> HttpResponse:
    """Correct what was recorded of a finding."""
    visit = find.visit_of(request, reference)
    finding = find.finding_of(visit, kind, number)
    names = ("kind", "text", "is_paraphrase", "paragraph", "number", "recommendation", "agency")
    form = ChangeFindingForm(
        find.typed(request),
        visit=visit,
        next_numbers=_next_numbers(visit),
        initial={name: getattr(finding, name) for name in names} | {"seen": version_of(finding)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = changes.change_finding(
                finding, by=request.user, on=clock.today(), calendar=calendar(), **form.cleaned_data
            )
        except tuple(REFUSED_ON) as refusal:
            find.put_on(form, refusal, {**REFUSED_ON, changes.NeedsNoAction: "kind"}, row=finding)
        else:
            messages.success(
                request,
                f"Finding corrected. It is now {changed.get_kind_display().lower()} {changed.number} of {visit}.",
            )
            return redirect(f"{visit.get_absolute_url()}#findings")
    context = {
        "form": form,
        "crumbs": find.crumbs(visit),
        "caption": f"{visit}: {finding.get_kind_display().lower()} {finding.number}",
        "heading": "Correct this finding",
        "button": "Save finding",
        "intro": "What it said before is kept in the history, with your reason.",
    }
    return render(request, "visits/form.html", context)


def answer_finding(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Choose the actions that answer a finding: those at hand, others by their reference, or a new one."""
    visit = find.visit_of(request, reference)
    finding = find.finding_of(visit, "needs-work", number)
    plan = Plan.objects.visible_to(request.member).current().first()
    live = _live(request, plan)
    answering = Action.objects.visible_to(request.member).live().filter(finding_answers__finding=finding)
    at_hand = _at_hand(request, plan, finding)
    form = AnswerForm(find.typed(request), at_hand=at_hand, actions=live, answering=list(answering))
    if request.method == "POST" and form.is_valid():
        try:
            chosen = changes.answer_finding(finding, by=request.user, on=clock.today(), **form.cleaned_data)
        except (
            changes.NeedsNoAction,
            changes.CancelledAction,
            inspection_changes.OtherCouncil,
            inspection_changes.NothingChanged,
        ) as refusal:
            form.add_error("actions", str(refusal))
        else:
            named = and_list(sorted(action.reference for action in chosen))
            now = f"{count_of(len(chosen), 'action,actions')}, {named}," if chosen else "no action"
            verb = "answer" if len(chosen) > 1 else "answers"
            messages.success(request, f"Saved. Now {now} {verb} finding {finding.number} of {visit}.")
            return redirect(f"{visit.get_absolute_url()}#findings")
    context = {"form": form, "visit": visit, "finding": finding, "plan": plan, "crumbs": find.crumbs(visit)}
    return render(request, "visits/answer_finding.html", context)


def _at_hand(request: HttpRequest, plan: Plan | None, finding: Finding) -> ActionQuerySet:
    """The actions to tick: those that answer it now, those of the recommendation it repeats, and those of its partner.

    In a plan small enough, all of them.
    """
    seen = Action.objects.visible_to(request.member).live()
    near = seen.filter(finding_answers__finding=finding)
    keys = list(near.values_list("pk", flat=True))
    if plan is not None:
        in_plan = seen.filter(plan=plan).order_by("position", "pk")
        if in_plan.count() <= AT_HAND:
            keys += in_plan.values_list("pk", flat=True)
        else:
            if finding.recommendation_id:
                repeats = in_plan.filter(answers__recommendation=finding.recommendation_id)
                keys += repeats.values_list("pk", flat=True)[:AT_HAND]
            if finding.agency_id:
                keys += in_plan.filter(agency=finding.agency_id).values_list("pk", flat=True)[:AT_HAND]
    return seen.filter(pk__in=keys).order_by("plan", "position", "pk")
