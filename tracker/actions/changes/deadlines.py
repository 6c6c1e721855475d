"""Moving a deadline: someone asks, someone else decides, and the old date holds until then."""

from datetime import date, datetime

from accounts.models import User
from accounts.practices import Practices
from tracker.actions import deciding
from tracker.actions.changes.locking import locked
from tracker.actions.changes.refusals import (
    ActionClosed,
    AlreadyAsked,
    AlreadyDecided,
    ForSomeoneElse,
    OwnRequest,
    SameDeadline,
    WrongDates,
)
from tracker.actions.models import Action, DeadlineChange, DeadlineRequest
from tracker.actions.rules import Tier
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.working_days import Calendar


def refuse_move(action: Action, *, to: date, asked_on: date, agreed_on: date) -> None:
    """Raise what speaks against moving a deadline, if anything does.

    ActionClosed, SameDeadline, WrongDates before the action starts, before a milestone still open is
    due, or when agreed before it was asked.
    """
    if not action.is_unfinished:
        raise ActionClosed(f"{action.reference} is finished, so its deadline no longer moves.")
    if action.deadline is None:
        raise WrongDates("This action has no deadline yet.")
    if to == action.deadline:
        raise SameDeadline("That is the present deadline. Choose another day.")
    if action.starts_on and to < action.starts_on:
        raise WrongDates(f"Choose a day on or after {action.starts_on:%-d %B %Y}, when the action starts.")
    step = action.milestones.filter(done_on__isnull=True, due_on__gt=to).order_by("-due_on", "pk").first()
    if step is not None:
        raise WrongDates(f"Choose a day on or after {step.due_on:%-d %B %Y}, when the last milestone is due.")
    if agreed_on < asked_on:
        raise WrongDates("It must be agreed on or after the day it was asked for.")


def refuse_request(action: Action, *, to: date, on: date) -> None:
    """Raise what speaks against asking for a deadline, if anything does: what `refuse_move` does, and past days."""
    if action.is_unfinished:
        _refuse_past(to, on=on)
    refuse_move(action, to=to, asked_on=on, agreed_on=on)


@recorded()
def ask_for_deadline(
    action: Action,
    *,
    to: date,
    reason_kind: str,
    reason: str,
    effect_on_children: str,
    done_to_avoid: str,
    by: User,
    on: date,
    at: datetime,
    calendar: Calendar,
    practices: Practices,
    safe_because: str = "",
) -> DeadlineRequest:
    """Ask for another deadline, and keep who is to decide and why. The present deadline holds until then.

    `safe_because` says why a text that seemed to identify a child does not. Raises what `refuse_request` does,
    AlreadyAsked while another request waits, HolidaysUnknown past the table's end.
    """
    action = locked(action)
    waiting = action.deadline_requests.waiting().select_related("asked_by").first()
    if waiting is not None:
        raise AlreadyAsked(waiting)
    refuse_request(action, to=to, on=on)
    assert action.deadline is not None  # noqa: S101  refuse_move has seen to it
    found = deciding.outlook(action, to=to, asked_by=by, on=on, calendar=calendar, practices=practices)
    return save_because(
        DeadlineRequest(
            action=action,
            from_deadline=action.deadline,
            to_deadline=to,
            working_days=found.slip.working_days,
            reason_kind=reason_kind,
            reason=reason,
            effect_on_children=effect_on_children,
            done_to_avoid=done_to_avoid,
            tier=found.tier,
            tier_reason=found.why,
            asked_by=by,
            asked_on=on,
            asked_at=at,
        ),
        by=by,
        reason=f"Asked for another deadline, said to identify no child: {safe_because}"
        if safe_because
        else "Asked for another deadline",
    )


@recorded()
def agree(
    asked: DeadlineRequest,
    *,
    level: str,
    reason: str,
    by: User,
    on: date,
    at: datetime,
    calendar: Calendar,
    practices: Practices,
    to: date | None = None,
    decided_for: str = "",
) -> DeadlineChange:
    """Agree to a request, or to another day than was asked for, and move the deadline.

    `level` is the tier at which the person decides; `decided_for` names the body that decided and its meeting.
    Whatever happened since it was asked counts: a deadline moved meanwhile moves from where it is, and a visit
    that was announced since is passed or not. Raises AlreadyDecided, OwnRequest, ForSomeoneElse when it is beyond
    the level, what `refuse_request` does, HolidaysUnknown.
    """
    action, asked = _undecided(asked)
    _refuse_own(asked, action, by)
    to = to or asked.to_deadline
    refuse_request(action, to=to, on=on)
    found = deciding.outlook(action, to=to, asked_by=asked.asked_by, on=on, calendar=calendar, practices=practices)
    if deciding.is_beyond(found.tier, level):
        raise ForSomeoneElse(found.tier, found.why, found.who)
    asked.state = DeadlineRequest.State.AGREED
    asked.agreed_deadline = to if to != asked.to_deadline else None
    _decide(asked, reason=reason, by=by, on=on, at=at, decided_for=decided_for)
    return move_deadline(
        action,
        to=to,
        reason_kind=asked.reason_kind,
        reason=asked.reason,
        asked_by=asked.asked_by.name,
        asked_on=asked.asked_on,
        agreed_by=decided_for or by.name,
        agreed_on=on,
        by=by,
        at=at,
        calendar=calendar,
        asked=asked,
    )


@recorded()
def refuse(
    asked: DeadlineRequest, *, reason: str, by: User, on: date, at: datetime, decided_for: str = ""
) -> DeadlineRequest:
    """Refuse a request, which is kept; the deadline stays. Raises AlreadyDecided, OwnRequest."""
    action, asked = _undecided(asked)
    _refuse_own(asked, action, by)
    asked.state = DeadlineRequest.State.REFUSED
    return _decide(asked, reason=reason, by=by, on=on, at=at, decided_for=decided_for)


@recorded()
def withdraw(asked: DeadlineRequest, *, reason: str, by: User, on: date, at: datetime) -> DeadlineRequest:
    """Take a request back, which is kept; the deadline stays. Raises AlreadyDecided."""
    _, asked = _undecided(asked)
    asked.state = DeadlineRequest.State.WITHDRAWN
    return _decide(asked, reason=reason, by=by, on=on, at=at)


@recorded()
def pass_on(asked: DeadlineRequest, *, tier: str, why: str, by: User) -> DeadlineRequest:
    """Hand a request to those who decide about it as things are now. Raises AlreadyDecided."""
    _, asked = _undecided(asked)
    asked.tier, asked.tier_reason = tier, why
    return save_because(asked, by=by, reason=f"Passed on to the {Tier(tier).label.lower()}: {why}")


def withdraw_waiting(action: Action, *, on: date, at: datetime | None, reason: str) -> None:
    """Take back the request that waits for an action which no longer needs it. `action` is locked."""
    waiting = action.deadline_requests.waiting().select_for_update(of=("self",)).first()
    if waiting is not None:
        waiting.state = DeadlineRequest.State.WITHDRAWN
        _decide(waiting, reason=reason, by=None, on=on, at=at)


@recorded()
def move_deadline(
    action: Action,
    *,
    to: date,
    reason_kind: str,
    reason: str,
    asked_by: str,
    asked_on: date,
    agreed_by: str,
    agreed_on: date,
    by: User | None,
    at: datetime,
    calendar: Calendar,
    asked: DeadlineRequest | None = None,
) -> DeadlineChange:
    """Move a deadline as was agreed, and keep from, to, how far, why and who agreed.

    The deadline first agreed stays. Raises what `refuse_move` does, HolidaysUnknown past the table's end.
    """
    action = locked(action)
    refuse_move(action, to=to, asked_on=asked_on, agreed_on=agreed_on)
    assert action.deadline is not None  # noqa: S101  refuse_move has seen to it
    change = save_because(
        DeadlineChange(
            action=action,
            from_deadline=action.deadline,
            to_deadline=to,
            working_days=calendar.between(action.deadline, to),
            reason_kind=reason_kind,
            reason=reason,
            asked_by=asked_by,
            asked_on=asked_on,
            agreed_by=agreed_by,
            agreed_on=agreed_on,
            recorded_by=by,
            recorded_at=at,
            request=asked,
        ),
        by=by,
        reason=reason,
    )
    if action.first_agreed is None:
        action.first_agreed = action.deadline
    action.deadline = to
    save_because(action, by=by, reason=f"Deadline moved: {reason}")
    return change


def _undecided(asked: DeadlineRequest) -> tuple[Action, DeadlineRequest]:
    """Return the action and the request, read again under lock. Raises AlreadyDecided."""
    action = locked(asked.action)  # The action first, as everywhere: two people then wait for one another.
    found = (
        DeadlineRequest.objects.select_for_update(of=("self",))
        .select_related("asked_by", "decided_by")
        .get(pk=asked.pk)
    )
    if found.state != DeadlineRequest.State.ASKED:
        raise AlreadyDecided(found)
    return action, found


def _decide(
    asked: DeadlineRequest, *, reason: str, by: User | None, on: date, at: datetime | None, decided_for: str = ""
) -> DeadlineRequest:
    asked.decided_by, asked.decided_on, asked.decided_at = by, on, at
    asked.decided_for, asked.decision_reason = decided_for, reason
    return save_because(asked, by=by, reason=f"{asked.get_state_display()}: {reason}")


def _refuse_own(asked: DeadlineRequest, action: Action, by: User) -> None:
    if by.pk == asked.asked_by_id:
        raise OwnRequest("You asked for this deadline, so someone else decides.")
    if by.pk == action.owner_id:
        raise OwnRequest("You own this action, so someone else decides about its deadline.")


def _refuse_past(to: date, *, on: date) -> None:
    if to <= on:
        raise WrongDates(f"Choose a day after today, {on:%-d %B %Y}. No deadline is moved into the past.")
