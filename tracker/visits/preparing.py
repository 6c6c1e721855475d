"""What is made ready for a visit, as its page shows it."""

from dataclasses import dataclass
from datetime import date

from accounts.member import Member
from tracker.actions.wording import late_words, left_words
from tracker.dates.working_days import Calendar, HolidaysUnknown
from tracker.inspections.models import Visit
from tracker.visits import permissions
from tracker.visits.models import ReadinessTask


@dataclass(frozen=True)
class TaskRow:
    """One task: `stands` says in words whether it is done, late or when it is due."""

    task: ReadinessTask
    stands: str
    is_late: bool
    may_finish: bool

    @property
    def is_open(self) -> bool:
        return self.task.done_on is None and self.task.dropped_on is None


def task_rows(visit: Visit, member: Member, *, on: date, calendar: Calendar) -> list[TaskRow]:
    """Return the readiness list of a visit, those left out last. One query."""
    tasks = ReadinessTask.objects.visible_to(member).filter(visit=visit).select_related("owner")
    rows = [
        TaskRow(
            task,
            _stands(task, on=on, calendar=calendar),
            is_late=_is_late(task, on=on),
            may_finish=permissions.may_finish(member, task),
        )
        for task in tasks.order_by("position", "pk")
    ]
    return sorted(rows, key=lambda row: row.task.dropped_on is not None)


def _is_late(task: ReadinessTask, *, on: date) -> bool:
    """Open, and its day is past; see ReadinessTaskQuerySet.overdue. Due today is not late."""
    return task.done_on is None and task.dropped_on is None and task.due_on is not None and task.due_on < on


def _stands(task: ReadinessTask, *, on: date, calendar: Calendar) -> str:
    if task.dropped_on is not None:
        return f"Left out on {task.dropped_on:%-d %B %Y}"
    if task.done_on is not None:
        return f"Done on {task.done_on:%-d %B %Y}: {task.done_note}"
    if task.due_on is None:
        return "To do"
    try:
        if task.due_on < on:
            return late_words(task.due_on, on=on, calendar=calendar, word="late")
        left = left_words(task.due_on, on=on, calendar=calendar)
    except HolidaysUnknown:
        return "To do"
    return f"To do, {left}" if left else "To do"
