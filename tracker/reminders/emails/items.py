"""One thing of an email: an action, a decision, a step, something to make ready."""

from datetime import date
from typing import cast

from django.urls import reverse

from tracker.actions.models import Action, DeadlineRequest
from tracker.actions.rules import STALE_DAYS, Status
from tracker.inspections.models import GovernanceStep
from tracker.reminders.emails.facts import Facts
from tracker.reminders.emails.parts import Item, address, working_days
from tracker.reminders.models import Digest
from tracker.visits.models import ReadinessTask

MARKS = {
    Status.OVERDUE: ("◆", "#b3122c"),
    Status.OFF_TRACK: ("■", "#b3122c"),
    Status.AT_RISK: ("▲", "#a85500"),
    Status.ON_TRACK: ("●", "#0f6b3c"),
    Status.NOT_STARTED: ("○", "#33383d"),
}


def action_item(action: Action, digest: Digest, facts: Facts) -> Item:
    has_open = action.pk in facts.held_up
    status = action.status(on=facts.on, close_by=facts.close_by, has_open_milestones=has_open)
    mark, colour = MARKS.get(status, MARKS[Status.NOT_STARTED])
    deadline = cast(date, action.deadline)  # Only actions with a deadline are queued.
    details = []
    if status == Status.OVERDUE:
        late = max(facts.days.between(deadline, facts.on), 1)
        state = f"{working_days(late)} overdue"
        details.append(f"Was due {deadline:%A %-d %B %Y}.")
    else:
        state = status.label
        details.append(f"Due {deadline:%A %-d %B %Y}, {in_days(deadline, facts)}.")
    details.append(_last_update(action, facts))
    moved = facts.times_moved.get(action.pk, 0)
    if moved:
        details.append(
            f"The deadline has moved {'once' if moved == 1 else 'twice' if moved == 2 else f'{moved} times'}."
        )
    if action.owner is not None and action.owner_id != digest.recipient_id:
        gone = "" if action.owner.is_active else ", has left, and it is in your service"
        details.append(f"Its owner{f', {action.owner.name}{gone}' if gone else f' is {action.owner.name}'}.")
    arguments = [action.plan.reference, action.reference]
    is_for_someone_else = action.owner is not None and action.owner.is_active and action.owner_id != digest.recipient_id
    step, page = ("See", "actions:action") if is_for_someone_else else ("Update", "actions:update")
    return Item(
        name=f"{action.reference} {action.title}",
        url=address(reverse("actions:action", args=arguments)),
        button=f"{step} {action.reference}",
        button_url=address(reverse(page, args=arguments)),
        mark=mark,
        colour=colour,
        state=state,
        details=" ".join(details),
    )


def _last_update(action: Action, facts: Facts) -> str:
    if action.last_updated_on is None:
        return "No update yet."
    silent = (facts.on - action.last_updated_on).days
    if silent > STALE_DAYS:
        return f"No update for {silent} days."
    return f"Last update {action.last_updated_on:%-d %B}."


def in_days(day: date, facts: Facts) -> str:
    left = facts.days.between(facts.on, day)
    return "today" if day == facts.on else f"in {working_days(left)}"


def request_item(request: DeadlineRequest) -> Item:
    mark, colour = MARKS[Status.AT_RISK]
    arguments = [request.action.plan.reference, request.action.reference, request.pk]
    url = address(reverse("actions:deadline-request", args=arguments))
    return Item(
        name=str(request.action),
        url=url,
        button=f"Decide {request.action.reference}",
        button_url=url,
        mark=mark,
        colour=colour,
        state=f"{request.asked_by} asks for {request.to_deadline:%A %-d %B %Y}",
        details=f"It is due {request.from_deadline:%A %-d %B %Y} until someone agrees. {request.tier_reason}",
    )


def decision_item(request: DeadlineRequest) -> Item:
    is_agreed = request.state == DeadlineRequest.State.AGREED
    mark, colour = MARKS[Status.ON_TRACK if is_agreed else Status.AT_RISK]
    due = request.action.deadline if is_agreed else request.from_deadline
    return Item(
        name=str(request.action),
        url=address(request.action.get_absolute_url()),
        button=f"See {request.action.reference}",
        button_url=address(request.action.get_absolute_url()),
        mark=mark,
        colour=colour,
        state=f"{request.get_state_display()} by {request.decided_by}",
        details=f"It is due {due:%A %-d %B %Y}. You asked for {request.to_deadline:%-d %B %Y}.",
    )


def step_item(step: GovernanceStep, facts: Facts) -> Item:
    return _duty_item(step.title, step.due_on, address(step.clock.get_absolute_url()), "See the steps", facts)


def task_item(task: ReadinessTask, facts: Facts) -> Item:
    due_on = cast(date, task.due_on)  # One without a day is never queued.
    return _duty_item(task.title, due_on, address(task.visit.get_absolute_url()), "See what is to be ready", facts)


def _duty_item(name: str, due_on: date, url: str, button: str, facts: Facts) -> Item:
    if due_on < facts.on:
        mark, colour = MARKS[Status.OVERDUE]
        state = f"{working_days(max(facts.days.between(due_on, facts.on), 1))} overdue"
        details = f"Was due {due_on:%A %-d %B %Y}."
    else:
        mark, colour = MARKS[Status.NOT_STARTED]
        state = "Not done yet"
        details = f"Due {due_on:%A %-d %B %Y}, {in_days(due_on, facts)}."
    return Item(name, url, button, url, mark, colour, state, details)
