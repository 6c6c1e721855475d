"""The council's own steps before a clock runs out."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts import kept
from accounts.member import Member
from accounts.models import Membership, User, practices_of
from accounts.roles import OWNS_ACTIONS
from tracker.audit.history import version_of
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.inspections import changes, permissions
from tracker.inspections.forms import ChangeGovernanceStepForm, DoneForm, GovernanceStepForm
from tracker.inspections.models import Clock, GovernanceStep
from tracker.inspections.views.clocks import find, not_working, way_to

REFUSALS = (changes.WrongDates, changes.ClockEnded)


@require_POST
def plan_steps(request: HttpRequest, **address: str) -> HttpResponse:
    """Plan the usual steps, counted backwards from the clock's date."""
    row = find(request, **address)
    if not permissions.may_keep_clocks(request.member) or not row.rule.has_governance:
        raise PermissionDenied
    try:
        planned = changes.plan_governance(
            row,
            calendar=calendar(),
            practices=practices_of(request.member.authority),
            by=request.user,
            on=clock.today(),
        )
    except (changes.AlreadyPlanned, changes.ClockEnded) as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"{len(planned)} steps are planned. Give each an owner, who is then reminded of it.")
    return redirect(f"{row.get_absolute_url()}#steps-before")


def add_step(request: HttpRequest, **address: str) -> HttpResponse:
    """Add a step of the council's own."""
    row = find(request, **address)
    if not permissions.may_keep_clocks(request.member):
        raise PermissionDenied
    people = _owners(request.member)
    form = GovernanceStepForm(request.POST or kept.take(request), owners=_choices(people))
    if request.method == "POST" and form.is_valid():
        given = _given(form, people)
        try:
            step = changes.add_governance_step(row, by=request.user, on=clock.today(), **given)
        except REFUSALS as refusal:
            form.add_error("due_on", str(refusal))
        except changes.NotAnOwner as refusal:
            form.add_error("owner", str(refusal))
        else:
            messages.success(request, _now(step))
            return redirect(f"{row.get_absolute_url()}#steps-before")
    context = {"form": form, "clock": row, "heading": "Add a step", "crumbs": way_to(row)}
    return render(request, "inspections/governance_step.html", context)


def change_step(request: HttpRequest, position: int, **address: str) -> HttpResponse:
    """Change what a step is, its day or its owner."""
    row, step = _one(request, position, address)
    if not permissions.may_keep_clocks(request.member):
        raise PermissionDenied
    people = _owners(request.member)
    if step.owner is not None:
        people.setdefault(step.owner.pk, step.owner)
    initial = {
        "title": step.title,
        "due_on": step.due_on,
        "owner": step.owner_id,
        "note": step.note,
        "seen": version_of(step),
    }
    form = ChangeGovernanceStepForm(request.POST or kept.take(request), owners=_choices(people), initial=initial)
    if request.method == "POST" and form.is_valid():
        given = _given(form, people)
        try:
            step = changes.change_governance_step(
                step, seen=form.cleaned_data["seen"], by=request.user, on=clock.today(), **given
            )
        except REFUSALS as refusal:
            form.add_error("due_on", str(refusal))
        except changes.NotAnOwner as refusal:
            form.add_error("owner", str(refusal))
        except changes.ChangedSince as refusal:
            form.add_error("title", str(refusal))
            form.data = {**form.data.dict(), "seen": version_of(step)}
        else:
            messages.success(request, _now(step))
            return redirect(f"{row.get_absolute_url()}#steps-before")
    context = {"form": form, "clock": row, "heading": "Change a step", "step": step, "crumbs": way_to(row)}
    return render(request, "inspections/governance_step.html", context)


def finish_step(request: HttpRequest, position: int, **address: str) -> HttpResponse:
    """Record that a step is done."""
    row, step = _one(request, position, address)
    if not permissions.may_finish(request.member, step):
        raise PermissionDenied
    today = clock.today()
    form = DoneForm(request.POST or kept.take(request), initial={"done_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            changes.finish_governance_step(step, by=request.user, on=today, **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error("done_on", str(refusal))
        else:
            messages.success(request, f"“{step.title}” is done.")
            return redirect(f"{row.get_absolute_url()}#steps-before")
    context = {"form": form, "clock": row, "step": step, "crumbs": way_to(row)}
    return render(request, "inspections/finish_step.html", context)


def _one(request: HttpRequest, position: int, address: dict[str, str]) -> tuple[Clock, GovernanceStep]:
    row = find(request, **address)
    steps = GovernanceStep.objects.visible_to(request.member).select_related("owner", "clock")
    return row, get_object_or_404(steps, clock=row, position=position)


def _owners(member: Member) -> dict[int, User]:
    """Return those who work on the plan of the council today, by name. One query."""
    on = clock.today()
    held = (
        Membership.objects.current(on=on)
        .filter(authority=member.authority, role__in=OWNS_ACTIONS)
        .select_related("user")
        .order_by("user__name", "user")
    )
    return {membership.user_id: membership.user for membership in held}


def _choices(people: dict[int, User]) -> list[tuple[int, str]]:
    return [(key, person.name) for key, person in people.items()]


def _given(form: GovernanceStepForm, people: dict[int, User]) -> dict[str, object]:
    given = {**form.cleaned_data, "owner": people.get(form.cleaned_data["owner"])}
    del given["seen"]
    return given


def _now(step: GovernanceStep) -> str:
    who = f", and {step.owner} sees to it" if step.owner else ""
    return f"“{step.title}” is now due on {step.due_on:%A %-d %B %Y}{who}.{not_working(step.due_on, calendar())}"
