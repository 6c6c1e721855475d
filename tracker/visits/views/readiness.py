"""What is made ready for a visit: the council's list, and the tasks of one visit."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tracker.audit.history import version_of
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections import changes as inspection_changes
from tracker.visits import changes, permissions
from tracker.visits.forms import ChangeLineForm, DoneForm, LeaveOutForm, LineForm, TakeBackForm, TaskForm
from tracker.visits.models import ReadinessDefault, ReadinessTask
from tracker.visits.rules import READINESS_LIST
from tracker.visits.views import find

REFUSED_ON: find.Refusals = {
    inspection_changes.NothingChanged: None,
    inspection_changes.ChangedSince: None,
    changes.AlreadySettled: None,
    changes.AlreadyThere: "title",
    changes.NotOwner: "owner",
    changes.WrongDay: "due_on",
}
TASKS = "#readiness"


# The council's list


def readiness_list(request: HttpRequest) -> HttpResponse:
    """Show what the council makes ready for every visit."""
    find.to_run(request)
    lines = ReadinessDefault.objects.visible_to(request.member).order_by("position")
    context = {"lines": lines, "usual": READINESS_LIST, "crumbs": find.crumbs()}
    return render(request, "visits/readiness_list.html", context)


@require_POST
def make_list(request: HttpRequest) -> HttpResponse:
    """Begin the council's list with the usual lines; a list that is made already stays as it is."""
    find.to_run(request)
    lines = changes.default_list(request.member.authority, by=request.user)
    messages.success(request, f"The list has {count_of(len(lines), 'line,lines')} for visits to come.")
    return redirect("visits:readiness-list")


def _list_crumbs() -> list[dict[str, str]]:
    return [*find.crumbs(), {"label": "Readiness list", "url": reverse("visits:readiness-list")}]


def add_line(request: HttpRequest) -> HttpResponse:
    """Add a line to the council's list."""
    find.to_run(request)
    form = LineForm(find.typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            line = changes.add_line(request.member.authority, by=request.user, **form.cleaned_data)
        except changes.AlreadyThere as refusal:
            form.add_error("title", str(refusal))
        else:
            messages.success(request, f"Line added. “{line}” is now in the list for visits to come.")
            return redirect("visits:readiness-list")
    context = {"form": form, "crumbs": _list_crumbs(), "heading": "Add a line to the list", "button": "Add line"}
    return render(request, "visits/form.html", context)


def _line_of(request: HttpRequest, position: int) -> ReadinessDefault:
    find.to_run(request)
    return get_object_or_404(ReadinessDefault.objects.visible_to(request.member), position=position)


def change_line(request: HttpRequest, position: int) -> HttpResponse:
    """Change a line of the council's list, take it out of use or put it back."""
    line = _line_of(request, position)
    initial = {
        "title": line.title,
        "working_days_before": line.working_days_before,
        "is_in_use": line.is_in_use,
        "seen": version_of(line),
    }
    form = ChangeLineForm(find.typed(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = changes.change_line(line, by=request.user, **form.cleaned_data)
        except tuple(REFUSED_ON) as refusal:
            find.put_on(form, refusal, REFUSED_ON, row=line)
        else:
            stands = "in use" if changed.is_in_use else "out of use"
            messages.success(request, f"List changed. “{changed}” is now {stands} for visits to come.")
            return redirect("visits:readiness-list")
    context = {
        "form": form,
        "crumbs": _list_crumbs(),
        "heading": "Change this line",
        "button": "Save line",
        "intro": "Visits that have their list already keep it as it is.",
    }
    return render(request, "visits/form.html", context)


@require_POST
def move_line_up(request: HttpRequest, position: int) -> HttpResponse:
    """Put a line before the one above it."""
    line = _line_of(request, position)
    try:
        moved = changes.move_line_up(line, by=request.user)
    except inspection_changes.NothingChanged as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Order changed. “{moved}” is now line {moved.position}.")
    return redirect("visits:readiness-list")


# The tasks of one visit


@require_POST
def start_list(request: HttpRequest, reference: str) -> HttpResponse:
    """Make the tasks of a visit from the council's list."""
    visit = find.visit_of(request, reference)
    try:
        made = changes.start_list(visit, by=request.user, calendar=calendar())
    except (changes.ListIsMade, changes.NothingToStart, changes.WrongDay) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Readiness list started. {visit} now has {count_of(len(made), 'task,tasks')}.")
    return redirect(f"{visit.get_absolute_url()}{TASKS}")


def add_task(request: HttpRequest, reference: str) -> HttpResponse:
    """Add something to make ready for this visit alone."""
    visit = find.visit_of(request, reference)
    today = clock.today()
    form = TaskForm(find.typed(request), authority=visit.authority, on=today)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        try:
            task = changes.add_task(visit, by=request.user, on=today, **values)
        except tuple(REFUSED_ON) as refusal:
            find.put_on(form, refusal, REFUSED_ON)
        else:
            messages.success(request, f"Task added. “{task}” is now in the readiness list of {visit}.")
            return redirect(f"{visit.get_absolute_url()}{TASKS}")
    context = {
        "form": form,
        "crumbs": find.crumbs(visit),
        "caption": str(visit),
        "heading": "Add a task",
        "button": "Add task",
    }
    return render(request, "visits/form.html", context)


def _task_of(request: HttpRequest, reference: str, position: int) -> ReadinessTask:
    """Return the task at an address; 404 for another council's."""
    found = ReadinessTask.objects.visible_to(request.member).select_related("visit__authority", "owner")
    return get_object_or_404(found, visit__reference=reference, position=position)


def _back(task: ReadinessTask) -> HttpResponse:
    return redirect(f"{task.visit.get_absolute_url()}{TASKS}")


def change_task(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """Change what is to be made ready, by whom or by when."""
    task = _task_of(request, reference, position)
    find.to_run(request)
    today = clock.today()
    initial = {
        "title": task.title,
        "owner": task.owner,
        "due_on": task.due_on,
        "seen": version_of(task),
    }
    form = TaskForm(find.typed(request), authority=task.visit.authority, on=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = changes.change_task(task, by=request.user, on=today, **form.cleaned_data)
        except tuple(REFUSED_ON) as refusal:
            find.put_on(form, refusal, REFUSED_ON, row=task)
        else:
            who = f"is for {changed.owner}" if changed.owner else "has no owner"
            by_day = f", by {changed.due_on:%-d %B %Y}" if changed.due_on else ""
            messages.success(request, f"Task changed. “{changed}” now {who}{by_day}.")
            return _back(changed)
    context = {
        "form": form,
        "task": task,
        "crumbs": find.crumbs(task.visit),
        "heading": "Change this task",
        "button": "Save task",
    }
    return render(request, "visits/task.html", context)


def finish_task(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """Say that a task is done, and where what was made is kept."""
    task = _task_of(request, reference, position)
    if not permissions.may_finish(request.member, task):
        raise PermissionDenied
    return _settle(
        request,
        task,
        DoneForm(find.typed(request)),
        partial(changes.finish_task, task, by=request.user, on=clock.today()),
        said=f"Done. “{task}” is now ready for {task.visit}.",
        heading="Say that this is done",
        button="Save as done",
    )


def leave_out_task(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """Leave a task out of this visit's list, with why."""
    task = _task_of(request, reference, position)
    find.to_run(request)
    return _settle(
        request,
        task,
        LeaveOutForm(find.typed(request)),
        partial(changes.leave_out, task, by=request.user, on=clock.today()),
        said=f"Left out. “{task}” is no longer to be made ready for {task.visit}.",
        heading="Leave this task out",
        button="Leave out",
    )


def take_back_task(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    """Open a task again that was done or left out."""
    task = _task_of(request, reference, position)
    find.to_run(request)
    return _settle(
        request,
        task,
        TakeBackForm(find.typed(request)),
        partial(changes.take_back, task, by=request.user),
        said=f"Opened again. “{task}” is now to be made ready for {task.visit}.",
        heading="Open this task again",
        button="Open again",
    )


def _settle(
    request: HttpRequest,
    task: ReadinessTask,
    form: DoneForm | LeaveOutForm | TakeBackForm,
    change: Callable[..., object],
    *,
    said: str,
    heading: str,
    button: str,
) -> HttpResponse:
    """Ask with the form, make the change with what was typed, say it and go back to the visit."""
    if request.method == "POST" and form.is_valid():
        try:
            change(**form.cleaned_data)
        except changes.AlreadySettled as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return _back(task)
    context = {
        "form": form,
        "crumbs": find.crumbs(task.visit),
        "caption": f"{task.visit}: {task}",
        "heading": heading,
        "button": button,
    }
    return render(request, "visits/form.html", context)
