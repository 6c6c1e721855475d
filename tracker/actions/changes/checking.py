"""The three gates of done: checked by someone else, difference shown, difference sustained."""

from collections.abc import Iterable
from datetime import date

from accounts.models import User
from tracker.actions.changes.locking import locked
from tracker.actions.changes.refusals import (
    NoEvidence,
    NotClaimed,
    NotHeldLongEnough,
    NotYetShown,
    OtherCouncil,
    OwnWork,
)
from tracker.actions.models import Action, Evidence
from tracker.actions.rules import Difference, has_held
from tracker.audit.chain import recorded
from tracker.audit.history import save_because


@recorded()
def check_evidence(evidence: Evidence, *, state: str, by: User, on: date, reason: str) -> Evidence:
    """Accept a piece of evidence or not. Raises OwnWork for the person who gave it or owns the action.

    When nothing is left to be checked and nothing was accepted, there is no evidence yet.
    """
    evidence = Evidence.objects.select_for_update().select_related("action").get(pk=evidence.pk)
    if by.pk in (evidence.added_by_id, evidence.action.owner_id):
        raise OwnWork("Someone other than the owner checks the evidence.")
    evidence.state, evidence.state_reason = state, reason
    evidence.checked_by, evidence.checked_on = by, on
    save_because(evidence, by=by, reason=reason)
    action = locked(evidence.action)
    if (
        action.difference == Difference.WAITING
        and not action.evidence.exclude(state=Evidence.State.NOT_ACCEPTED).exists()
    ):
        action.difference = Difference.NONE
        save_because(action, by=by, reason="None of the evidence was accepted")
    return evidence


@recorded()
def complete(action: Action, *, by: User, on: date, reason: str) -> Action:
    """Agree that a claimed action is done. Raises NotClaimed, OwnWork for its own owner."""
    action = locked(action)
    if action.claimed_on is None or not action.is_open:
        raise NotClaimed(f"The owner has not said that {action.reference} is done.")
    if by.pk == action.owner_id:
        raise OwnWork("Someone other than the owner checks finished work.")
    action.completed_on, action.checked_by = on, by
    return save_because(action, by=by, reason=reason)


@recorded()
def accept(
    action: Action, *, difference: str, by: User, on: date, reason: str, evidence: Iterable[Evidence] = ()
) -> Action:
    """Agree that a claimed action is done, accept its evidence and set the difference it has made.

    Raises NotClaimed, OwnWork for its own owner or for evidence the checker gave, OtherCouncil for
    evidence of another action.
    """
    for piece in evidence:
        if piece.action_id != action.pk:
            raise OtherCouncil("That piece of evidence belongs to another action.")
        check_evidence(piece, state=Evidence.State.ACCEPTED, by=by, on=on, reason=reason)
    action = complete(action, by=by, on=on, reason=reason)
    if difference == action.difference:
        return action
    return set_difference(action, to=difference, by=by, on=on, reason=reason)


@recorded()
def send_back(action: Action, *, by: User, on: date, reason: str) -> Action:
    """Say that a claimed action is not done yet, and why. Raises NotClaimed, OwnWork."""
    action = locked(action)
    if action.claimed_on is None or not action.is_open:
        raise NotClaimed(f"The owner has not said that {action.reference} is done.")
    if by.pk == action.owner_id:
        raise OwnWork("Someone other than the owner checks finished work.")
    action.claimed_on, action.sent_back_on = None, on
    return save_because(action, by=by, reason=reason)


@recorded()
def set_difference(action: Action, *, to: str, by: User, on: date, reason: str) -> Action:
    """Set the difference made for children, as a checker. Raises OwnWork for the owner.

    Raises NotYetShown for a difference that is sustained: the board says that, by `sustain`.
    """
    if to == Difference.SUSTAINED:
        raise NotYetShown("The board says that a difference is sustained, when it has held for two reporting periods.")
    return _set_difference(locked(action), to=to, by=by, on=on, reason=reason)


@recorded()
def judge_difference(
    action: Action, *, to: str, by: User, on: date, reason: str, evidence: Iterable[Evidence] = ()
) -> Action:
    """Accept evidence, and say what difference it shows.

    Raises NoEvidence for a difference without a piece of accepted evidence, OwnWork, and what `check_evidence` does.
    """
    for piece in evidence:
        if piece.action_id != action.pk:
            raise OtherCouncil("That piece of evidence belongs to another action.")
        check_evidence(piece, state=Evidence.State.ACCEPTED, by=by, on=on, reason=reason)
    shows = to in (Difference.ACTIVITY, Difference.DIFFERENCE)
    if shows and not action.evidence.filter(state=Evidence.State.ACCEPTED).exists():
        raise NoEvidence("Accept a piece of evidence that shows it first.")
    return set_difference(action, to=to, by=by, on=on, reason=reason)


@recorded()
def sustain(
    action: Action, *, since: date, decided_for: str, period_weeks: int, by: User, on: date, reason: str
) -> Action:
    """Record that the board found the difference sustained: shown before, and held for two reporting periods.

    `since` is the first day on which it held, `decided_for` the body and its meeting, `period_weeks` the length of a
    reporting period. Raises NotYetShown, NotHeldLongEnough, OwnWork for the owner.
    """
    action = locked(action)
    if action.completed_on is None or action.cancelled_on is not None or action.difference != Difference.DIFFERENCE:
        raise NotYetShown(
            f"{action.reference} must be complete and show evidence of difference before the board calls it sustained."
        )
    if not has_held(since, on=on, period_weeks=period_weeks):
        raise NotHeldLongEnough(
            f"Choose a day {2 * period_weeks} weeks ago or earlier: it must have held for two reporting periods."
        )
    said = f"{reason} Held since {since:%-d %B %Y}. Decided for: {decided_for}."
    return _set_difference(action, to=Difference.SUSTAINED, by=by, on=on, reason=said)


def _set_difference(action: Action, *, to: str, by: User, on: date, reason: str) -> Action:
    if by.pk == action.owner_id:
        raise OwnWork("Someone other than the owner says what difference it has made.")
    action.difference, action.difference_set_by, action.difference_set_on = to, by, on
    return save_because(action, by=by, reason=reason)
