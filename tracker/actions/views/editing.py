"""What the programme office changes: what an action says and answers, its milestones and measures, and its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.roles import Role
from tracker.actions import changes, permissions
from tracker.actions.forms import CancelForm, EditActionForm, MeasureForm, MilestoneForm, WithdrawMeasureForm
from tracker.actions.models import Action, Measure, Milestone
from tracker.actions.views import find
from tracker.dates import clock
from tracker.govuk.forms import GovukForm
from tracker.govuk.templatetags.govuk import and_list


@dataclass(frozen=True)
class Both:
    """A field that two people changed: as it is saved now, and as this person wrote it."""

    label: str
    theirs: str
    yours: str


def find_to_edit(request: HttpRequest, plan: str, reference: str) -> Action:
    """Return the action at an address. Raises PermissionDenied for all but the programme office."""
    action = find.one_of(request.member, plan, reference)
    if not permissions.may_run_plan(request.member):
        raise PermissionDenied
    return action


def edit(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Change what an action says and answers."""
    action = find_to_edit(request, plan, reference)
    if not permissions.may_edit(request.member, action):
        heading = f"{action.reference} is not changed any more"
        return find.closed(request, action, heading=heading, sentence=find.where_it_stands(action))
    today = clock.today()
    before = changes.details_of(action)
    form = EditActionForm(
        find.typed(request), initial={**before, "seen": changes.fingerprint(before)}, action=action, on=today
    )
    both: list[Both] = []
    if request.method == "POST" and form.is_valid():
        try:
            changes.edit_action(action, by=request.user, on=today, **form.cleaned_data)
        except changes.ChangedSince as refusal:
            both = _both(form, changes.details_of(action), refusal)
        except changes.LeavesUncovered as refusal:
            form.add_error("recommendations", str(refusal))
        except tuple(REFUSED_ON) as refusal:
            field = REFUSED_ON[type(refusal)]
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"Action changed. {action.reference} now reads as you wrote it.")
            return redirect(action)
    return _form_page(request, action, form, "Change this action", "Save changes", both=both)


REFUSED_ON: Mapping[type[Exception], str | None] = {
    changes.ActionClosed: None,
    changes.AnswersNothing: "recommendations",
    changes.OtherCouncil: None,
    changes.OwnerHasLeft: "accountable",
    changes.WrongDates: "starts_on",
}


def _both(form: GovukForm, now: Mapping[str, Any], refusal: changes.ChangedSince) -> list[Both]:
    """Say that somebody else changed it, and return what differs; saving again saves this person's."""
    form.add_error(None, f"{refusal} Yours is not saved yet. Compare the two, then save yours or change it.")
    form.data = form.data.copy()
    form.data["seen"] = changes.fingerprint(now)
    yours = form.cleaned_data
    return [
        Both(str(form.fields[name].label), _words(value), _words(yours[name]))
        for name, value in now.items()
        if name in yours and name in form.fields and _words(value) != _words(yours[name])
    ]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    if value is None or isinstance(value, str | Model):
        return str(value or "Nothing")
    return and_list([str(one) for one in value]) or "None"


def _form_page(
    request: HttpRequest,
    action: Action,
    form: GovukForm,
    heading: str,
    button: str,
    *,
    both: list[Both] | None = None,
    **more: Any,
) -> HttpResponse:
    context = {
        "action": action,
        "form": form,
        "heading": heading,
        "button": button,
        "both": both,
        "crumbs": find.way_to(action, request.member),
        **more,
    }
    return render(request, "actions/edit.html", context, status=409 if both else 200)


# Milestones


def milestones(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Show the milestones of an action, and add one."""
    action = find_to_edit(request, plan, reference)
    if not action.is_open:
        heading = f"The milestones of {action.reference} stay as they are"
        return find.closed(request, action, heading=heading, sentence=find.where_it_stands(action))
    form = MilestoneForm(find.typed(request), is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            added = changes.add_milestone(
                action, by=request.user, reason="Added by the programme office", **form.cleaned_data
            )
        except (changes.WrongDates, changes.ActionClosed) as refusal:
            form.add_error("due_on", str(refusal))
        else:
            messages.success(request, f"Milestone added. “{added}” is due {added.due_on:%-d %B %Y}.")
            return redirect("actions:milestones", plan, reference)
    context = {
        "action": action,
        "form": form,
        "steps": action.milestones.all(),
        "crumbs": find.way_to(action, request.member),
    }
    return render(request, "actions/milestones.html", context)


def milestone(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Change a milestone, or say when it was done."""
    action = find_to_edit(request, plan, reference)
    step = get_object_or_404(
        Milestone.objects.visible_to(request.member).select_related("action"), action=action, pk=pk
    )

    def keep(form: GovukForm) -> str:
        changed = changes.change_milestone(step, by=request.user, on=clock.today(), **form.cleaned_data)
        done = f" It was done on {changed.done_on:%-d %B %Y}." if changed.done_on else ""
        return f"Milestone changed. “{changed}” is due {changed.due_on:%-d %B %Y}.{done}"

    return _change(
        request,
        action,
        MilestoneForm,
        lambda: changes.details_of_milestone(Milestone.objects.visible_to(request.member).get(pk=pk)),
        keep,
        heading="Change a milestone",
        refused_on="due_on",
        back=reverse("actions:milestones", args=[plan, reference]),
    )


# Measures


def measures(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Show the measures of an action, and add one."""
    action = find_to_edit(request, plan, reference)
    if action.cancelled_on is not None:
        heading = f"The measures of {action.reference} stay as they are"
        return find.closed(request, action, heading=heading, sentence=find.where_it_stands(action))
    form = MeasureForm(find.typed(request), is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            added = changes.add_measure(
                action, by=request.user, reason="Added by the programme office", **form.cleaned_data
            )
        except changes.ActionClosed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Measure added. {action.reference} is now measured by “{added}”.")
            return redirect("actions:measures", plan, reference)
    context = {
        "action": action,
        "form": form,
        "measures": action.measures.all(),
        "crumbs": find.way_to(action, request.member),
    }
    return render(request, "actions/measures.html", context)


def measure(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Change a measure that is in use."""
    action = find_to_edit(request, plan, reference)
    found = get_object_or_404(Measure.objects.visible_to(request.member).select_related("action"), action=action, pk=pk)

    def keep(form: GovukForm) -> str:
        return f"Measure changed. “{changes.change_measure(found, by=request.user, **form.cleaned_data)}” is saved."

    return _change(
        request,
        action,
        MeasureForm,
        lambda: changes.details_of_measure(Measure.objects.visible_to(request.member).get(pk=pk)),
        keep,
        heading="Change a measure",
        back=reverse("actions:measures", args=[plan, reference]),
    )


def withdraw_measure(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Stop using a measure; it is kept."""
    action = find_to_edit(request, plan, reference)
    found = get_object_or_404(Measure.objects.visible_to(request.member).select_related("action"), action=action, pk=pk)
    form = WithdrawMeasureForm(find.typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.withdraw_measure(found, by=request.user, on=clock.today(), **form.cleaned_data)
        except (changes.Withdrawn, changes.ActionClosed) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Measure withdrawn. “{found}” is no longer used.")
            return redirect("actions:measures", plan, reference)
    return _form_page(request, action, form, "Stop using a measure", "Withdraw measure", intro=f"“{found}” is kept.")


def _change(
    request: HttpRequest,
    action: Action,
    form_class: type[GovukForm],
    details: Callable[[], dict[str, Any]],
    keep: Callable[[GovukForm], str],
    *,
    heading: str,
    back: str,
    refused_on: str | None = None,
) -> HttpResponse:
    """Change one row of an action: `details` reads it as it is saved, `keep` saves it and says what is so now."""
    before = details()
    form = form_class(find.typed(request), initial={**before, "seen": changes.fingerprint(before)}, is_new=False)
    both: list[Both] = []
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, keep(form))
        except changes.ChangedSince as refusal:
            both = _both(form, details(), refusal)
        except changes.WrongDates as refusal:
            form.add_error(refused_on, str(refusal))
        except (changes.ActionClosed, changes.Withdrawn) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(back)
    return _form_page(request, action, form, heading, "Save changes", both=both)


# The end


def cancel(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Cancel an action that will not be done, or put another in its place. Nothing is deleted."""
    member = request.member
    action = find.one_of(member, plan, reference)
    if not permissions.speaks_for_board(member):
        raise PermissionDenied
    if not permissions.may_cancel(member, action):
        heading = f"{action.reference} is closed already"
        return find.closed(request, action, heading=heading, sentence=find.where_it_stands(action))
    others = Action.objects.visible_to(member).live().filter(plan=action.plan_id).exclude(pk=action.pk)
    form = CancelForm(
        find.typed(request),
        initial={"body": "Improvement board"},
        others=others,
        on=clock.today(),
        names_meeting=not member.holds(Role.DIRECTOR, Role.CHAIR),
        decides_for="Improvement board" if member.holds(Role.CHAIR) else "",
    )
    if request.method == "POST" and form.is_valid():
        try:
            changes.decide_to_cancel(action, by=request.user, on=clock.today(), **form.cleaned_data)
        except changes.NoReplacement as refusal:
            form.add_error("replaced_by", str(refusal))
        except (changes.LeavesUncovered, changes.ActionClosed) as refusal:
            form.add_error(None, str(refusal))
        else:
            taken = form.cleaned_data["replaced_by"]
            place = f" {taken.reference} takes its place." if taken else ""
            messages.success(request, f"Action cancelled. {action.reference} will not be done.{place}")
            return redirect(action)
    return _form_page(
        request,
        action,
        form,
        "Cancel or replace this action",
        "Cancel action",
        intro="It stays in the plan, marked as cancelled, with the reason. Nothing is deleted.",
    )
