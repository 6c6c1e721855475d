"""One action: "Where is this, and how did we get here?"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator

from accounts.member import Member
from accounts.models import Membership, User
from accounts.roles import Role
from tracker.actions import permissions, timeline
from tracker.actions.models import Action, DeadlineChange, Milestone
from tracker.actions.rules import CLOSE_WORKING_DAYS, Rating, Status, is_overdue, is_stale
from tracker.actions.templatetags.status import status_chip
from tracker.actions.views import find
from tracker.actions.wording import (
    day_words,
    late_words,
    left_words,
    slip_words,
    times_words,
    worked_when,
    working_days_words,
)
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import count_of
from tracker.inspections.models import Finding, Recommendation


@dataclass(frozen=True)
class Facts:
    """The strip under the title, in words."""

    status: Status
    status_note: str
    stale: str
    deadline_note: str
    moved: str
    difference_note: str
    accountable: str
    owner_note: str
    reminded: str


@dataclass(frozen=True)
class Step:
    """A milestone as a row of the list."""

    id: str
    name: str
    hint: str
    status: str


@dataclass(frozen=True)
class Move:
    """A deadline change as a row of the table."""

    row: DeadlineChange
    is_from_first: bool
    slip: str
    asked: str
    agreed: str


def action(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Show one action: its facts, what will be done, and all that happened to it."""
    member, today, days = request.member, clock.today(), calendar()
    action = find.one_of(member, plan, reference)
    steps = list(action.milestones.all())
    moves = list(action.deadline_changes.select_related("recorded_by"))
    evidence = find.proofs(action, member)
    entries = timeline.entries_of(action, moves=moves, evidence=[proof.piece for proof in evidence])
    show = request.GET.get("show", timeline.EVERYTHING)
    show = show if show in timeline.FILTERS else timeline.EVERYTHING
    chosen = timeline.only(entries, show)
    shown = chosen if request.GET.get("all") == "yes" else chosen[: timeline.SHOWN]
    recommendations = list(action.recommendations.select_related("inspection"))
    context = {
        "action": action,
        "crumbs": _crumbs(action, member, recommendations),
        "worked_when": worked_when(action.outcome),
        "facts": _facts(action, steps=steps, moves=moves, on=today, days=days),
        "buttons": _buttons(action, member),
        "steps": [_step(step, action, on=today, days=days) for step in steps],
        "steps_done": f"{sum(step.done_on is not None for step in steps)} of {len(steps)} done",
        "moves": [_move(move, action, on=today) for move in moves],
        "slipped": _slipped(moves),
        "entries": shown,
        "older": len(chosen) - len(shown),
        "show": show,
        "filters": [
            {"key": key, "label": label, "count": len(timeline.only(entries, key))}
            for key, label in timeline.FILTERS.items()
        ],
        "recommendations": recommendations,
        "findings": _findings(action, member),
        "evidence": evidence,
        "withheld": action.evidence.count() - len(evidence),
        "partners": _partners(action, on=today),
        "before_visit": _before_visit(action, member, on=today),
    }
    return render(request, "actions/action.html", context)


def _crumbs(action: Action, member: Member, recommendations: Sequence[Recommendation]) -> list[dict[str, str]]:
    crumbs = [find.plan_crumb(action, member)]
    if member.sees_plan and recommendations:
        first = recommendations[0]
        label = Truncator(f"Recommendation {first.reference}: {first.title}").chars(60)
        url = reverse("reports:recommendation", args=[first.inspection.reference, first.reference])
        crumbs.append({"label": label, "url": url})
    return crumbs


def _buttons(action: Action, member: Member) -> list[dict[str, str]]:
    """The forms this person may use now; the first is what most come for."""
    possible = (
        (permissions.may_update, "Update progress", "update"),
        (permissions.may_check, "Check this work", "check"),
        (permissions.may_add_evidence, "Add evidence", "evidence"),
        (permissions.may_move_deadline, "Record a new deadline", "deadline"),
        (permissions.may_hand_over, "Change the owner", "owner"),
    )
    return [
        {"label": label, "url": reverse(f"actions:{name}", args=[action.plan.reference, action.reference])}
        for may, label, name in possible
        if may(member, action)
    ]


# The strip of facts


def _facts(
    action: Action, *, steps: Sequence[Milestone], moves: Sequence[DeadlineChange], on: date, days: Calendar
) -> Facts:
    status = action.status(
        on=on,
        close_by=days.add(on, CLOSE_WORKING_DAYS),
        has_open_milestones=any(step.done_on is None for step in steps),
    )
    posts = _posts(action, on=on)
    is_stalled = action.is_unfinished and is_stale(action.last_updated_on, on=on)
    moved_from = action.first_agreed and action.first_agreed != action.deadline
    return Facts(
        status=status,
        status_note=_status_note(action, status, on=on, days=days),
        stale=f"No update for {(on - action.last_updated_on).days} days" if is_stalled else "",
        deadline_note=f"First agreed {action.first_agreed:%-d %B %Y}." if moved_from else "",
        moved=f"Moved {times_words(len(moves))}" if moves else "",
        difference_note=(
            f"Set by {action.difference_set_by}, {day_words(action.difference_set_on, on=on)}"
            if action.difference_set_by
            else ""
        ),
        accountable=", ".join(part for part in (str(action.accountable), posts.get(action.accountable_id, "")) if part)
        if action.accountable
        else "",
        owner_note="Has left" if action.owner and action.owner_id not in posts else "",
        reminded=_reminded(action, posts) if action.is_unfinished else "",
    )


def _posts(action: Action, *, on: date) -> dict[int, str]:
    """Return the posts of the owner and the accountable person, of those who still belong to the council."""
    people = [person for person in (action.owner_id, action.accountable_id) if person]
    memberships = Membership.objects.current(on=on).filter(authority=action.authority_id, user__in=people)
    posts: dict[int, str] = {}
    for membership in memberships.order_by("pk"):
        posts[membership.user_id] = posts.get(membership.user_id) or membership.post
    return posts


def _status_note(action: Action, status: Status, *, on: date, days: Calendar) -> str:
    says = f"Owner says {action.get_rating_display().lower()}." if action.rating else "No update yet."
    if status == Status.CANCELLED:
        return f"{action.cancelled_on:%-d %B %Y}: {action.cancelled_reason}"
    if status in (Status.COMPLETE, Status.EMBEDDED):
        return f"Checked by {action.checked_by}, {day_words(action.completed_on, on=on)}."
    if status == Status.WAITING:
        checker = permissions.checker_of(action) or "the programme office"
        return f"Said to be done {day_words(action.claimed_on, on=on)}. To be checked by {checker}."
    if status == Status.OVERDUE:
        return f"{late_words(action.deadline, on=on, calendar=days, word='late')}. {says}"
    left = left_words(action.deadline, on=on, calendar=days) if action.deadline else ""
    due = f"Due {left}." if left else ""
    if status == Status.AT_RISK and action.rating != Rating.AT_RISK:
        return f"{due} {says} Not all milestones are done.".strip()
    if status == Status.NOT_STARTED:
        if action.starts_on and action.starts_on > on:
            return f"Starts {day_words(action.starts_on, on=on)}."
        return f"{due} No update yet.".strip()
    return due


def _reminded(action: Action, posts: dict[int, str]) -> str:
    """Say who is reminded when it is not the owner; the reminders go by the same order."""
    if action.owner and action.owner.is_active:
        return ""
    head: User | None = action.service.head if action.service else None
    if head and head.is_active:
        return f"{head} is reminded instead."
    return "Nobody is being reminded."


# Lists


def _step(step: Milestone, action: Action, *, on: date, days: Calendar) -> Step:
    hint = f"Due {day_words(step.due_on, on=on)}"
    status = "Still to do"
    if step.done_on is not None:
        late = days.between(step.due_on, step.done_on)
        hint += f". Done {day_words(step.done_on, on=on)}"
        hint += f", {working_days_words(late)} late" if late > 0 else ""
        status = "Done"
    elif is_overdue(step.due_on, is_open=action.is_open, on=on):
        status = status_chip(Status.OVERDUE)
    return Step(f"milestone-{step.pk}", step.title, hint, status)


def _move(move: DeadlineChange, action: Action, *, on: date) -> Move:
    return Move(
        row=move,
        is_from_first=move.from_deadline == action.first_agreed,
        slip=count_of(move.working_days, "day,days"),
        asked=f"{move.asked_by}, {day_words(move.asked_on, on=on)}",
        agreed=f"{move.agreed_by}, {day_words(move.agreed_on, on=on)}",
    )


def _slipped(moves: Sequence[DeadlineChange]) -> str:
    words = slip_words(sum(move.working_days for move in moves))
    return words[0].upper() + words[1:] if moves else ""


def _findings(action: Action, member: Member) -> list[Finding]:
    answered = Finding.objects.visible_to(member).filter(answers__action=action)
    return list(answered.select_related("visit").order_by("visit", "number"))


def _partners(action: Action, *, on: date) -> dict[str, Any] | None:
    """The partner agency and its people."""
    if action.agency is None:
        return None
    people = (
        Membership.objects.current(on=on)
        .filter(authority=action.authority_id, agency=action.agency, role=Role.PARTNER)
        .select_related("user")
        .order_by("user__name", "pk")
    )
    return {"agency": action.agency, "people": [membership.user for membership in people]}


def _before_visit(action: Action, member: Member, *, on: date) -> dict[str, Any] | None:
    """The next visit, when this action is still open and due before it, with how many are."""
    if action.deadline is None or not action.is_open:
        return None
    visit = find.next_visit(member, on=on)
    if visit is None or action.deadline > visit.due_by:
        return None
    number = Action.objects.visible_to(member).open().due_by(visit.due_by).count()
    return {"visit": visit, "number": number, "is_expected": visit.starts_on is None}
