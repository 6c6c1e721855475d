"""What stands in a person's calendar today: their own deadlines, and the council's days that they may see."""

from collections.abc import Iterator
from datetime import date

from accounts.member import Member
from tracker.actions.models import Action
from tracker.inspections.models import Clock, GovernanceStep, Visit
from tracker.plans.models import Plan
from tracker.reminders.calendars.rules import LOOKS_BACK, Event
from tracker.visits.models import ReadinessTask


def events_of(member: Member, *, on: date) -> list[Event]:
    """Return what stands in a member's calendar on a day, by date. Six queries.

    Looks back 60 days. A visit stands in it once its days are known. A partner has only their agency's actions. Of
    a restricted action nobody is told the title, not even its owner: a calendar leaves the council's systems.
    """
    since = on - LOOKS_BACK
    found = [
        *_deadlines(member, since),
        *_steps(member, since),
        *_tasks(member, since),
        *_visits(member, since),
        *_boards(member, since),
        *_clocks(member, since, on=on),
    ]
    return sorted(found, key=lambda event: (event.first_on, event.key))


def _deadlines(member: Member, since: date) -> Iterator[Event]:
    mine = Action.objects.on_the_list_of(member).unfinished().filter(deadline__gte=since)
    for action in mine.select_related("plan"):
        title = f"Action {action.reference} due" if action.is_restricted else f"{action.reference} due: {action.title}"
        yield _on_a_day(
            f"action-{action.pk}",
            action.deadline,
            title,
            "Restricted. Sign in to see it." if action.is_restricted else "Sign in to update it.",
            action.get_absolute_url(),
        )


def _steps(member: Member, since: date) -> Iterator[Event]:
    mine = GovernanceStep.objects.visible_to(member).filter(owner=member.user, done_on__isnull=True, due_on__gte=since)
    running = mine.filter(clock__met_on__isnull=True, clock__voided_on__isnull=True)
    for step in running.select_related("clock__inspection", "clock__visit", "clock__intervention"):
        words = f"A step before: {step.clock.get_kind_display()}."
        yield _on_a_day(f"step-{step.pk}", step.due_on, f"Due: {step.title}", words, step.clock.get_absolute_url())


def _tasks(member: Member, since: date) -> Iterator[Event]:
    mine = ReadinessTask.objects.visible_to(member).open().filter(owner=member.user, due_on__gte=since)
    for task in mine.select_related("visit"):
        words = f"To be ready for: {task.visit}."
        yield _on_a_day(f"task-{task.pk}", task.due_on, f"Due: {task.title}", words, task.visit.get_absolute_url())


def _visits(member: Member, since: date) -> Iterator[Event]:
    for visit in Visit.objects.visible_to(member).filter(starts_on__gte=since):
        yield Event(
            f"visit-{visit.pk}",
            visit.starts_on,
            visit.last_day,
            str(visit),
            f"Agreed with Ofsted on {visit.agreed_on:%-d %B %Y}." if visit.agreed_on else "",
            visit.get_absolute_url(),
        )


def _boards(member: Member, since: date) -> Iterator[Event]:
    for plan in Plan.objects.visible_to(member).filter(board_meets_on__gte=since):
        # The day is part of the key: the next meeting is another one, and does not move the last.
        key = f"board-{plan.pk}-{plan.board_meets_on:%Y%m%d}"
        yield _on_a_day(key, plan.board_meets_on, "Improvement board", "Council date.", plan.get_absolute_url())


def _clocks(member: Member, since: date, *, on: date) -> Iterator[Event]:
    running = Clock.objects.visible_to(member).running(on=on)
    for clock in running.select_related("inspection", "visit", "intervention"):
        due = clock.due
        if due is not None and due >= since:
            yield _on_a_day(
                f"clock-{clock.pk}",
                due,
                f"{'Expected' if clock.is_forecast else 'Due'}: {clock.get_kind_display()}",
                f"{clock.get_basis_display()}. {clock.trigger_event}: {clock.trigger_on:%-d %B %Y}.",
                clock.get_absolute_url(),
            )


def _on_a_day(key: str, day: date, summary: str, description: str, path: str) -> Event:
    return Event(key, day, day, summary, description, path)
