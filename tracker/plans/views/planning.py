"""Starting a plan, what it answers, and its priorities: what the programme office does."""

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from tracker.audit.history import version_of
from tracker.dates import clock
from tracker.govuk.templatetags.govuk import and_list
from tracker.plans import changes, permissions
from tracker.plans.forms import NewPlanForm, PlanForm, PriorityForm
from tracker.plans.models import Plan, Priority
from tracker.plans.views import find

REASON = "Entered by the programme office"
CHANGED = "Changed by the programme office"
REFUSED_ON: Mapping[type[Exception], str] = {
    changes.ReferenceUsed: "reference",
    changes.BoardTooEarly: "board_meets_on",
    changes.AnswersNothing: "answers",
    changes.OtherCouncil: "answers",
    changes.StillAnswered: "answers",
}


def new_plan(request: HttpRequest) -> HttpResponse:
    """Start a plan in answer to one or more inspections and reviews."""
    member = request.member
    if not permissions.may_run_plan(member):
        raise PermissionDenied
    form = NewPlanForm(find.typed(request), authority=member.authority)
    if request.method == "POST" and form.is_valid():
        fields = {**form.cleaned_data, "answers": list(form.cleaned_data["answers"])}
        try:
            plan = changes.start_plan(member.authority, by=request.user, reason=REASON, **fields)
        except tuple(REFUSED_ON) as refusal:
            form.add_error(REFUSED_ON[type(refusal)], str(refusal))
        else:
            answers = and_list(f"“{inspection}”" for inspection in fields["answers"])
            messages.success(request, f"Plan started. “{plan.title}” answers {answers}. Add its priorities next.")
            return redirect("plans:change", plan=plan.reference)
    has_inspections = form.fields["answers"].queryset.exists()
    return render(request, "plans/new.html", {"form": form, "has_inspections": has_inspections})


def change_plan(request: HttpRequest, plan: str) -> HttpResponse:
    """Change what a plan answers, when its board meets next, and what it is called; shows its priorities."""
    member = request.member
    found = find.plan_of(member, plan)
    if not permissions.may_run_plan(member):
        raise PermissionDenied
    initial = {
        "title": found.title,
        "answers": found.inspections.all(),
        "board_meets_on": found.board_meets_on,
        "note": found.note,
        "seen": version_of(found),
    }
    form = PlanForm(find.typed(request), authority=member.authority, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = {**form.cleaned_data, "answers": list(form.cleaned_data["answers"])}
        try:
            changes.change_plan(found, by=request.user, reason=CHANGED, **fields)
        except changes.ChangedSince as refusal:
            find.refuse_changed(form, refusal)
        except tuple(REFUSED_ON) as refusal:
            form.add_error(REFUSED_ON[type(refusal)], str(refusal))
        else:
            messages.success(request, _saved(fields))
            return redirect(found)
    context = {
        "plan": found,
        "form": form,
        "priorities": found.priorities.select_related("lead"),
        "crumbs": find.way_to(found),
    }
    return render(request, "plans/change.html", context)


def _saved(fields: Mapping[str, object]) -> str:
    number = len(fields["answers"])  # type: ignore[arg-type]
    board = fields["board_meets_on"]
    answers = f"It answers {number} inspections and reviews" if number > 1 else "It answers 1 inspection or review"
    return f"Plan saved. {answers}, and {f'the board meets next on {board:%-d %B %Y}' if board else 'no board is set'}."


def new_priority(request: HttpRequest, plan: str) -> HttpResponse:
    """Add a priority to a plan."""
    member = request.member
    found = find.plan_of(member, plan)
    if not permissions.may_run_plan(member):
        raise PermissionDenied
    last = found.priorities.aggregate(last=Max("number"))["last"] or 0
    form = PriorityForm(find.typed(request), authority=member.authority, on=clock.today(), initial={"number": last + 1})
    if request.method == "POST" and form.is_valid():
        form.cleaned_data.pop("seen")
        try:
            priority = changes.add_priority(found, by=request.user, reason=REASON, **form.cleaned_data)
        except changes.NumberUsed as refusal:
            form.add_error("number", str(refusal))
        except changes.PersonHasLeft as refusal:
            form.add_error("lead", str(refusal))
        else:
            messages.success(request, f"Priority added. The plan now has priority {priority}.")
            return redirect("plans:change", plan=found.reference)
    return _priority_page(request, found, form, heading="Add a priority")


def change_priority(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    """Change a priority's title, outcome or lead; its number only while it has no actions."""
    member = request.member
    found = find.plan_of(member, plan)
    if not permissions.may_run_plan(member):
        raise PermissionDenied
    priority = get_object_or_404(Priority.objects.visible_to(member).filter(plan=found), number=number)
    initial = {
        "number": priority.number,
        "title": priority.title,
        "outcome": priority.outcome,
        "lead": priority.lead_id,
        "seen": version_of(priority),
    }
    form = PriorityForm(find.typed(request), authority=member.authority, on=clock.today(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            priority = changes.change_priority(priority, by=request.user, reason=CHANGED, **form.cleaned_data)
        except changes.ChangedSince as refusal:
            find.refuse_changed(form, refusal)
        except changes.NumberUsed as refusal:
            form.add_error("number", str(refusal))
        except changes.PersonHasLeft as refusal:
            form.add_error("lead", str(refusal))
        else:
            led = f"It is led by {priority.lead}" if priority.lead else "Nobody leads it yet"
            messages.success(request, f"Priority {priority} saved. {led}.")
            return redirect("plans:change", plan=found.reference)
    return _priority_page(request, found, form, heading=f"Change priority {priority.number}")


def _priority_page(request: HttpRequest, plan: Plan, form: PriorityForm, *, heading: str) -> HttpResponse:
    crumbs = find.way_to(plan, ("Change the plan", "plans:change"))
    return render(request, "plans/priority.html", {"plan": plan, "form": form, "heading": heading, "crumbs": crumbs})
