"""One action: "Where is this, and how did we get here?"."""

from collections.abc import Callable, Sequence
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
from tracker.actions import deciding, permissions, timeline
from tracker.actions.models import Action, DeadlineChange, DeadlineRequest, Milestone
from tracker.actions.rules import (
    CLOSE_WORKING_DAYS,
    Difference,
    Rating,
    Status,
    is_doubtful,
    is_late_against_first_agreed,
    is_overdue,
    is_stale,
)
from tracker.actions.templatetags.status import status_chip
from tracker.actions.views import find
from tracker.actions.views.deadlines import address_of
from tracker.actions.views.gates import findings_to_decide
from tracker.actions.wording import (
    day_words,
    doubts_of,
    late_first_words,
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
    doubt: str
    deadline_note: str
    late_first: str
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
    """A deadline change, or a request for one, as a row of the table. `state` is empty for what was agreed."""

    from_deadline: date
    to_deadline: date
    is_from_first: bool
    slip: str
    reason: str
    who: str
    state: str
    url: str


def action(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Show one action: its facts, what will be done, and all that happened to it."""
    member, today, days = request.member, clock.today(), calendar()
    action = find.one_of(member, plan, reference, on=today)
    steps = list(action.milestones.all())
    moves = list(action.deadline_changes.select_related("recorded_by", "request"))
    asked = list(action.deadline_requests.select_related("asked_by", "decided_by"))
    evidence = find.proofs(action, member)
    entries = timeline.entries_of(action, moves=moves, asked=asked, evidence=[proof.piece for proof in evidence])
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
        "waiting": _waiting(asked, on=today),
        "repeated_by": _repeated(action, member),
        "buttons": _buttons(action, member),
        "more": _more(action, member),
        "gates": _gates(action, on=today),
        "measures": action.measures.in_use(),
        "steps": [_step(step, action, on=today, days=days) for step in steps],
        "steps_done": f"{sum(step.done_on is not None for step in steps)} of {len(steps)} done",
        "moves": _moves(action, moves, asked, on=today),
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
        (permissions.may_update, "Update progress", "actions:update"),
        (permissions.may_check, "Check this work", "actions:check"),
        (_may_ask_now, "Ask to move the deadline", "actions:deadline"),
        (permissions.may_add_evidence, "Add evidence", "actions:evidence"),
        (_may_set_difference, "Set the difference made", "actions:difference"),
    )
    return _links(possible, action, member)


def _more(action: Action, member: Member) -> list[dict[str, str]]:
    """What is done to an action seldom, by those who run the plan."""
    possible = (
        (permissions.may_edit, "Change what it says and answers", "actions:edit"),
        (_may_plan_milestones, "Milestones", "actions:milestones"),
        (permissions.may_edit, "Measures", "actions:measures"),
        (permissions.may_hand_over, "Change the owner", "actions:owner"),
        (permissions.may_ask_partner, "Ask its partner by a link", "partners:make-link"),
        (permissions.may_reopen, "Open it again", "actions:reopen"),
        (permissions.may_cancel, "Cancel or replace it", "actions:cancel"),
    )
    return _links(possible, action, member)


def _links(
    possible: Sequence[tuple[Callable[[Member, Action], bool], str, str]], action: Action, member: Member
) -> list[dict[str, str]]:
    return [
        {"label": label, "url": reverse(name, args=[action.plan.reference, action.reference])}
        for may, label, name in possible
        if may(member, action)
    ]


def _may_plan_milestones(member: Member, action: Action) -> bool:
    return permissions.may_edit(member, action) and action.is_open


def _may_ask_now(member: Member, action: Action) -> bool:
    return permissions.may_ask(member, action) and action.waiting_request is None


def _may_set_difference(member: Member, action: Action) -> bool:
    """The board, or those who check it once it is complete; before that, the check itself asks for it."""
    is_judged = action.completed_on is not None and permissions.may_judge(member, action)
    return is_judged or permissions.may_sustain(member, action)


def _waiting(asked: Sequence[DeadlineRequest], *, on: date) -> dict[str, Any] | None:
    """The request for another deadline that waits, with who decides."""
    waiting = next((one for one in asked if one.state == DeadlineRequest.State.ASKED), None)
    if waiting is None:
        return None
    _, who = deciding.decider_of(waiting, on=on)
    return {"asked": waiting, "who": who}


def _repeated(action: Action, member: Member) -> list[Finding]:
    """The findings of visits for which this person is to decide whether the action is opened again."""
    return list(findings_to_decide(action)) if permissions.may_reopen(member, action) else []


def _gates(action: Action, *, on: date) -> list[Step]:
    """The gates of done, and how far this action is through them."""

    def gate(number: int, name: str, hint: str, *, is_passed: bool) -> Step:
        return Step(f"gate-{number}", name, hint, "Done" if is_passed else "Not yet")

    said, checked = action.claimed_on, action.completed_on
    shown = action.difference in (Difference.DIFFERENCE, Difference.SUSTAINED)
    return [
        gate(1, "Its owner says it is done", f"{said:%-d %B %Y}" if said else "With evidence.", is_passed=bool(said)),
        gate(
            2,
            "Checked by someone else",
            f"{action.checked_by}, {day_words(checked, on=on)}" if checked else "Accepted, or sent back with a reason.",
            is_passed=bool(checked),
        ),
        gate(3, "Difference for children shown", action.get_difference_display(), is_passed=shown),
        gate(
            4,
            "Difference sustained",
            "Agreed by the board, once it has held for two reporting periods.",
            is_passed=action.difference == Difference.SUSTAINED,
        ),
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
        doubt=_doubt(action, status),
        stale=f"No update for {(on - action.last_updated_on).days} days" if is_stalled else "",
        deadline_note=f"First agreed {action.first_agreed:%-d %B %Y}." if moved_from else "",
        late_first=_late_first(action, on=on, days=days),
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


def _doubt(action: Action, status: Status) -> str:
    """Return what the tracker knows against a status that says all is well, if anything."""
    doubts = doubts_of(action.repeated_by)
    return " ".join(doubts) if is_doubtful(status, doubts) else ""


def _late_first(action: Action, *, on: date, days: Calendar) -> str:
    """Say how late it is against the date first agreed, where that is not said of its deadline already."""
    first = action.first_agreed
    if first is None or first == action.deadline:
        return ""
    is_late = is_late_against_first_agreed(first, is_unfinished=action.is_unfinished, on=on)
    return f"{late_first_words(first, on=on, calendar=days)}." if is_late else ""


def _posts(action: Action, *, on: date) -> dict[int, str]:
    """Return the posts of the owner and the accountable person, of those who still belong to the council."""
    people = [person for person in (action.owner_id, action.accountable_id) if person]
    memberships = Membership.objects.current(on=on).filter(authority=action.authority_id, user__in=people)
    posts: dict[int, str] = {}
    for membership in memberships.order_by("pk"):
        posts[membership.user_id] = posts.get(membership.user_id) or membership.post
    return posts


def _status_note(action: Action, status: Status, *, on: date, days: Calendar) -> str:
    says = f"Owner says {action.get_rating_display().lower()}." if action.rating else _no_update(action)
    if status == Status.CANCELLED:
        instead = f" {action.replaced_by.reference} takes its place." if action.replaced_by else ""
        return f"{action.cancelled_on:%-d %B %Y}: {action.cancelled_reason}{instead}"
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
        return f"{due} {says}".strip()
    return due


def _no_update(action: Action) -> str:
    """What its owner said before an action was sent back or opened again no longer holds."""
    return "No update yet." if action.last_updated_on is None else "No update since it came back."


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


def _moves(
    action: Action, moves: Sequence[DeadlineChange], asked: Sequence[DeadlineRequest], *, on: date
) -> list[Move]:
    """The deadline changes, and the requests that were not agreed or not yet, newest first."""
    rows = [(move.agreed_on, 0, move.pk, _move(move, action, on=on)) for move in moves]
    unagreed = [one for one in asked if one.state != DeadlineRequest.State.AGREED]
    rows += [(one.decided_on or date.max, 1, one.pk, _asked(one, action, on=on)) for one in unagreed]
    return [row for *_, row in sorted(rows, key=lambda row: row[:3], reverse=True)]


def _move(move: DeadlineChange, action: Action, *, on: date) -> Move:
    return Move(
        from_deadline=move.from_deadline,
        to_deadline=move.to_deadline,
        is_from_first=move.from_deadline == action.first_agreed,
        slip=count_of(move.working_days, "day,days"),
        reason=move.reason,
        who=f"{move.asked_by}, {day_words(move.asked_on, on=on)}. "
        f"Agreed: {move.agreed_by}, {day_words(move.agreed_on, on=on)}",
        state="",
        url=address_of(move.request, action) if move.request else "",
    )


def _asked(asked: DeadlineRequest, action: Action, *, on: date) -> Move:
    decided = ""
    if asked.decided_on is not None:
        who = asked.decided_for or asked.decided_by or "the tracker"
        decided = f". {asked.get_state_display()}: {who}, {day_words(asked.decided_on, on=on)}"
    return Move(
        from_deadline=asked.from_deadline,
        to_deadline=asked.to_deadline,
        is_from_first=asked.from_deadline == action.first_agreed,
        slip=count_of(asked.working_days, "day,days"),
        reason=asked.reason,
        who=f"{asked.asked_by}, {day_words(asked.asked_on, on=on)}{decided}",
        state=asked.get_state_display(),
        url=address_of(asked, action),
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
