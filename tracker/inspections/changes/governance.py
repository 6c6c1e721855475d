"""The council's own steps before a clock runs out: planned backwards from its date, changed, done."""

from datetime import date
from typing import cast

from django.db.models import Max

from accounts.models import Membership, User
from accounts.practices import Practices
from accounts.roles import OWNS_ACTIONS
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.working_days import Calendar
from tracker.inspections.changes.refusals import AlreadyPlanned, ClockEnded, NotAnOwner, WrongDates
from tracker.inspections.changes.visits import refuse_if_changed
from tracker.inspections.models import Clock, GovernanceStep
from tracker.inspections.rules import GOVERNANCE, State, state_of


@recorded()
def plan_governance(
    clock: Clock, *, calendar: Calendar, practices: Practices, by: User | None, on: date
) -> list[GovernanceStep]:
    """Plan the usual steps before a clock runs out, each the council's number of working days before its date.

    They move with the clock until their day is chosen by hand. Raises AlreadyPlanned when there are steps,
    ClockEnded unless the clock runs.
    """
    clock = _running(clock, on=on)
    if clock.governance_steps.exists():
        raise AlreadyPlanned("The steps were planned before. Change them one by one, or add one.")
    due = cast(date, clock.due)
    planned = sorted(GOVERNANCE, key=lambda step: -practices[step.practice].value)
    return [
        save_because(
            GovernanceStep(
                clock=clock,
                position=position,
                title=step.title,
                working_days_before=practices[step.practice].value,
                due_on=calendar.add(due, -practices[step.practice].value),
            ),
            by=by,
            reason=f"{practices[step.practice]} before {clock.rule.title.lower()}: {practices[step.practice].source}",
        )
        for position, step in enumerate(planned, start=1)
    ]


@recorded()
def add_governance_step(
    clock: Clock, *, title: str, due_on: date, by: User | None, on: date, owner: User | None = None, note: str = ""
) -> GovernanceStep:
    """Add a step of the council's own before a clock runs out. Raises what `change_governance_step` raises."""
    clock = _running(clock, on=on)
    _refuse_day(clock, due_on, on=on)
    _refuse_owner(clock, owner, on=on)
    last = clock.governance_steps.aggregate(last=Max("position"))["last"] or 0
    return save_because(
        GovernanceStep(clock=clock, position=last + 1, title=title, due_on=due_on, owner=owner, note=note),
        by=by,
        reason=f"Added before {clock.rule.title.lower()}",
    )


@recorded()
def change_governance_step(
    step: GovernanceStep,
    *,
    title: str,
    due_on: date,
    owner: User | None,
    note: str,
    by: User | None,
    on: date,
    reason: str,
    seen: int | None = None,
) -> GovernanceStep:
    """Change a step; a day that is chosen stays when the clock moves.

    Raises ClockEnded for a step that is done or a clock that does not run, WrongDates for a day past or not
    before the clock's end, NotAnOwner for someone who left or belongs to another council, ChangedSince for one
    changed after the version `seen`.
    """
    step = GovernanceStep.objects.select_for_update(of=("self",)).select_related("clock").get(pk=step.pk)
    refuse_if_changed(step, seen=seen)
    clock = _running(step.clock, on=on)
    _refuse_done(step)
    if due_on != step.due_on:
        _refuse_day(clock, due_on, on=on)
        step.working_days_before = None
    if owner is not None and owner.pk != step.owner_id:
        _refuse_owner(clock, owner, on=on)
    step.title, step.due_on, step.owner, step.note = title, due_on, owner, note
    return save_because(step, by=by, reason=reason)


@recorded()
def finish_governance_step(step: GovernanceStep, *, done_on: date, by: User | None, on: date) -> GovernanceStep:
    """Record that a step is done. Raises ClockEnded when it was done before, WrongDates for a day it cannot be."""
    step = GovernanceStep.objects.select_for_update(of=("self",)).select_related("clock").get(pk=step.pk)
    _refuse_done(step)
    if done_on > on:
        raise WrongDates("Enter the day it was done. It cannot be in the future.")
    if done_on < step.clock.trigger_on:
        raise WrongDates(f"The clock started on {step.clock.trigger_on:%-d %B %Y}. Enter that day or a later one.")
    step.done_on = done_on
    return save_because(step, by=by, reason=f"“{step.title}” is done")


def _running(clock: Clock, *, on: date) -> Clock:
    clock = Clock.objects.select_for_update().get(pk=clock.pk)
    if clock.due is None or state_of(clock.facts, on=on) != State.RUNNING:
        raise ClockEnded(f"“{clock.rule.title}” does not run any more, so there is nothing to plan before it.")
    return clock


def _refuse_done(step: GovernanceStep) -> None:
    if step.done_on is not None:
        raise ClockEnded(f"“{step.title}” was done on {step.done_on:%-d %B %Y}. It stays as it is.")


def _refuse_day(clock: Clock, day: date, *, on: date) -> None:
    due = cast(date, clock.due)
    if day > due:
        raise WrongDates(f"The clock ends on {due:%-d %B %Y}. Enter that day or an earlier one.")
    if day < on:
        raise WrongDates("That day has passed. Enter today’s date or a later one.")


def _refuse_owner(clock: Clock, owner: User | None, *, on: date) -> None:
    if owner is None:
        return
    roles = Membership.objects.current(on=on).filter(authority=clock.authority_id, user=owner, role__in=OWNS_ACTIONS)
    if not roles.exists():
        raise NotAnOwner(f"{owner} does not work on the plan of this council. Choose someone who does.")
