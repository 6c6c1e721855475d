"""The list a council makes ready for every visit, and the tasks of one visit made from it."""

from datetime import date

from django.db.models import Max

from accounts.models import Authority, User
from accounts.people import people_here
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.changes import NothingChanged, refuse_if_changed
from tracker.inspections.models import Visit
from tracker.visits.changes.refusals import (
    AlreadySettled,
    AlreadyThere,
    ListIsMade,
    NothingToStart,
    NotOwner,
    WrongDay,
)
from tracker.visits.models import ReadinessDefault, ReadinessTask
from tracker.visits.rules import READINESS_LIST

# The council's list


@recorded()
def default_list(authority: Authority, *, by: User | None) -> list[ReadinessDefault]:
    """Return the council's list, in order, lines out of use too; made from the usual one when it is first asked for."""
    Authority.objects.select_for_update().get(pk=authority.pk)
    lines = list(ReadinessDefault.objects.of(authority).order_by("position"))
    if lines:
        return lines
    return [
        save_because(
            ReadinessDefault(authority=authority, position=position, title=title, working_days_before=days),
            by=by,
            reason="The usual list, to begin with",
        )
        for position, (title, days) in enumerate(READINESS_LIST, start=1)
    ]


@recorded()
def add_line(authority: Authority, *, title: str, working_days_before: int, by: User) -> ReadinessDefault:
    """Add a line at the end of the council's list. Visits that have their list already keep it.

    Raises AlreadyThere for a title that a line in use has.
    """
    lines = default_list(authority, by=by)
    _refuse_same_line(lines, title)
    line = ReadinessDefault(
        authority=authority,
        position=lines[-1].position + 1,
        title=title,
        working_days_before=working_days_before,
    )
    return save_because(line, by=by, reason="Added to the council’s list")


def _refuse_same_line(lines: list[ReadinessDefault], title: str) -> None:
    if any(line.is_in_use and line.title.casefold() == title.casefold() for line in lines):
        raise AlreadyThere("The list has this line already. Enter another, or change that one.")


@recorded()
def change_line(
    line: ReadinessDefault,
    *,
    title: str,
    working_days_before: int,
    is_in_use: bool,
    by: User,
    seen: int | None = None,
) -> ReadinessDefault:
    """Change a line, take it out of use or put it back. Raises AlreadyThere, NothingChanged, ChangedSince."""
    lines = default_list(line.authority, by=by)
    line = ReadinessDefault.objects.select_for_update().get(pk=line.pk)
    refuse_if_changed(line, seen=seen)
    if is_in_use:
        _refuse_same_line([other for other in lines if other.pk != line.pk], title)
    before = (line.title, line.working_days_before, line.is_in_use)
    if before == (title, working_days_before, is_in_use):
        raise NothingChanged("Nothing is different from what is saved. Change something, or go back.")
    line.title, line.working_days_before, line.is_in_use = title, working_days_before, is_in_use
    return save_because(line, by=by, reason="Changed in the council’s list")


@recorded()
def move_line_up(line: ReadinessDefault, *, by: User) -> ReadinessDefault:
    """Put a line before the one above it. Raises NothingChanged for the first."""
    lines = default_list(line.authority, by=by)
    place = next(number for number, other in enumerate(lines) if other.pk == line.pk)
    if not place:
        raise NothingChanged(f"“{line.title}” is the first line already.")
    line, above = lines[place], lines[place - 1]
    free, there, here = lines[-1].position + 1, above.position, line.position
    # Two lines never have one place, so one steps aside first.
    for row, position in ((above, free), (line, there), (above, here)):
        row.position = position
        save_because(row, by=by, reason=f"“{line.title}” moved up in the council’s list")
    return line


# The tasks of one visit


@recorded()
def start_list(visit: Visit, *, by: User, calendar: Calendar) -> list[ReadinessTask]:
    """Make the tasks of a visit from the lines of the council's list that are in use, in its order.

    Each is due so many working days before the first day; without a day until that is known. Raises ListIsMade when
    the visit has tasks, NothingToStart when no line is in use.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if visit.readiness_tasks.exists():
        raise ListIsMade(f"{visit} has its readiness list already.")
    lines = [line for line in default_list(visit.authority, by=by) if line.is_in_use]
    if not lines:
        raise NothingToStart("No line of the council’s list is in use. Put one into use, or add a task by hand.")
    return [
        save_because(
            ReadinessTask(
                visit=visit,
                position=position,
                title=line.title,
                working_days_before=line.working_days_before,
                due_on=days_before(visit, line.working_days_before, calendar),
            ),
            by=by,
            reason="From the council’s readiness list",
        )
        for position, line in enumerate(lines, start=1)
    ]


def days_before(visit: Visit, working_days: int, calendar: Calendar) -> date | None:
    """Return the working day so many before the first day of a visit; None while that is not known.

    Raises WrongDay outside the years of the table of bank holidays.
    """
    if visit.starts_on is None:
        return None
    try:
        return calendar.add(visit.starts_on, -working_days)
    except HolidaysUnknown as unknown:
        raise WrongDay(str(unknown)) from unknown


@recorded()
def add_task(visit: Visit, *, title: str, owner: User | None, due_on: date | None, by: User, on: date) -> ReadinessTask:
    """Add a task for this visit alone. Raises WrongDay after the visit begins, NotOwner, AlreadyThere."""
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if visit.readiness_tasks.open().filter(title__iexact=title).exists():
        raise AlreadyThere("The list of this visit has this task already.")
    _refuse_day(visit, due_on)
    _refuse_owner(visit, owner, on=on)
    position = (visit.readiness_tasks.aggregate(last=Max("position"))["last"] or 0) + 1
    task = ReadinessTask(visit=visit, position=position, title=title, owner=owner, due_on=due_on)
    return save_because(task, by=by, reason="Added for this visit")


@recorded()
def change_task(
    task: ReadinessTask,
    *,
    title: str,
    owner: User | None,
    due_on: date | None,
    by: User,
    on: date,
    seen: int | None = None,
) -> ReadinessTask:
    """Change what is to be made ready, by whom or by when. A day that was chosen no longer moves with the visit.

    Raises AlreadySettled, WrongDay, NotOwner, NothingChanged, ChangedSince.
    """
    task = _open(task)
    refuse_if_changed(task, seen=seen)
    _refuse_day(task.visit, due_on)
    if owner is not None and owner.pk != task.owner_id:
        _refuse_owner(task.visit, owner, on=on)
    owner_id = owner.pk if owner else None
    if (task.title, task.owner_id, task.due_on) == (title, owner_id, due_on):
        raise NothingChanged("Nothing is different from what is saved. Change something, or go back.")
    if due_on != task.due_on:
        task.working_days_before = None
    task.title, task.owner, task.due_on = title, owner, due_on
    return save_because(task, by=by, reason="Changed in the readiness list")


@recorded()
def finish_task(task: ReadinessTask, *, done_note: str, by: User, on: date) -> ReadinessTask:
    """Record that a task is done, and where what was made is kept. Raises AlreadySettled."""
    task = _open(task)
    task.done_on, task.done_note = on, done_note
    return save_because(task, by=by, reason="Done")


@recorded()
def leave_out(task: ReadinessTask, *, reason: str, by: User, on: date) -> ReadinessTask:
    """Leave a task out of this visit's list; it is kept, with why. Raises AlreadySettled."""
    task = _open(task)
    task.dropped_on = on
    return save_because(task, by=by, reason=reason)


@recorded()
def take_back(task: ReadinessTask, *, reason: str, by: User) -> ReadinessTask:
    """Open a task again that was done or left out. Raises AlreadySettled for one that is open."""
    task = ReadinessTask.objects.select_for_update().get(pk=task.pk)
    if task.done_on is None and task.dropped_on is None:
        raise AlreadySettled(f"“{task}” is open already.")
    task.done_on, task.done_note, task.dropped_on = None, "", None
    return save_because(task, by=by, reason=reason)


def move_tasks(visit: Visit, *, by: User, calendar: Calendar, reason: str) -> list[ReadinessTask]:
    """Count the open tasks again from the days of the visit; those whose day was chosen by hand stay."""
    moved = []
    for task in visit.readiness_tasks.open().select_for_update().filter(working_days_before__isnull=False):
        due_on = days_before(visit, task.working_days_before, calendar)
        if due_on != task.due_on:
            task.due_on = due_on
            moved.append(save_because(task, by=by, reason=reason))
    return moved


def _open(task: ReadinessTask) -> ReadinessTask:
    task = ReadinessTask.objects.select_for_update(of=("self",)).select_related("visit").get(pk=task.pk)
    if task.done_on is not None:
        who = task.history.latest().actor
        raise AlreadySettled(f"“{task}” is done already: {who} said so on {task.done_on:%-d %B %Y}.")
    if task.dropped_on is not None:
        raise AlreadySettled(f"“{task}” was left out on {task.dropped_on:%-d %B %Y}. Take it back to change it.")
    return task


def _refuse_day(visit: Visit, due_on: date | None) -> None:
    if due_on and visit.starts_on and due_on > visit.starts_on:
        raise WrongDay(f"The day must be on or before {visit.starts_on:%-d %B %Y}, when the visit begins.")


def _refuse_owner(visit: Visit, owner: User | None, *, on: date) -> None:
    """Owners are people of the council who see its visits."""
    if owner is None:
        return
    if not owner.is_active or not people_here(visit.authority, on=on).filter(pk=owner.pk).exists():
        raise NotOwner(f"{owner} does not work on this plan now. Choose someone who does.")
