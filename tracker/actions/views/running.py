"""What the programme office does: a new action, another owner."""

from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from tracker.actions import changes, permissions
from tracker.actions.forms import ActionForm, HandOverForm
from tracker.actions.models import Action
from tracker.actions.rules import next_reference
from tracker.actions.views import find
from tracker.dates import clock
from tracker.govuk.forms import GovukForm
from tracker.plans.models import Plan, Priority


def hand_over(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Give an action to another owner."""
    member = request.member
    action = find.one_of(member, plan, reference)
    if not permissions.may_run_plan(member):
        raise PermissionDenied
    if not permissions.may_hand_over(member, action):
        heading = f"{action.reference} keeps its owner"
        return find.closed(request, action, heading=heading, sentence=find.where_it_stands(action))
    today = clock.today()
    form = HandOverForm(find.typed(request), authority=member.authority, on=today)
    if request.method == "POST" and form.is_valid():
        try:
            changes.hand_over(action, by=request.user, on=today, **form.cleaned_data)
        except (changes.OwnerHasLeft, changes.SameOwner, changes.ActionClosed) as refusal:
            form.add_error("to", str(refusal))
        else:
            messages.success(request, f"Owner changed. {form.cleaned_data['to']} now owns {action.reference}.")
            return redirect(action)
    context = {"action": action, "form": form, "crumbs": find.way_to(action, member)}
    return render(request, "actions/owner.html", context)


def new_action(request: HttpRequest, plan: str) -> HttpResponse:
    """Add an action to a plan."""
    member = request.member
    if not permissions.may_run_plan(member):
        raise PermissionDenied
    the_plan = get_object_or_404(Plan.objects.visible_to(member).select_related("authority"), reference=plan)
    today = clock.today()
    form = ActionForm(
        find.typed(request),
        initial={"findings": request.GET.getlist("finding"), "recommendations": request.GET.getlist("recommendation")},
        plan=the_plan,
        free_references=_free_references(the_plan),
        on=today,
    )
    if request.method == "POST" and form.is_valid():
        added = _add(request, the_plan, form, today)
        if added is not None:
            messages.success(request, f"Action added. {added.reference} is now in the plan.")
            return redirect(added)
    crumbs = [{"label": "Plan", "url": the_plan.get_absolute_url()}]
    return render(request, "actions/new.html", {"plan": the_plan, "form": form, "crumbs": crumbs})


REFUSED_ON: Mapping[type[Exception], str | None] = {
    changes.AnswersNothing: "recommendations",
    changes.OtherCouncil: None,
    changes.OwnerHasLeft: "owner",
    changes.WrongDates: "deadline",
    changes.ReferenceTaken: "reference",
}


def _add(request: HttpRequest, plan: Plan, form: GovukForm, today: date) -> Action | None:
    try:
        return changes.add_action(
            plan,
            position=_position(plan, form.cleaned_data["priority"]),
            by=request.user,
            on=today,
            reason="Added by the programme office",
            **form.cleaned_data,
        )
    except tuple(REFUSED_ON) as refusal:
        form.add_error(REFUSED_ON[type(refusal)], str(refusal))
        return None


def _position(plan: Plan, priority: Priority) -> int:
    """Return the place after the last action of the priority, or of those before it."""
    before = plan.actions.filter(priority__number__lte=priority.number)
    return before.aggregate(last=Max("position"))["last"] or 0


def _free_references(plan: Plan) -> list[str]:
    """Return the next free reference of each priority."""
    used = set(plan.actions.values_list("reference", flat=True))
    return [next_reference(priority.number, used) for priority in plan.priorities.all()]
