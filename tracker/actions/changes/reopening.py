"""Opening a complete action again, or keeping it closed although a visit repeats what it was to put right."""

from collections.abc import Iterable
from datetime import date, datetime

from accounts.models import User
from tracker.actions.changes.deadlines import move_deadline
from tracker.actions.changes.locking import locked
from tracker.actions.changes.refusals import NeedsDeadline, NotRepeated, StillOpen, WrongDates
from tracker.actions.models import Action, Evidence, KeptClosed, Reopening
from tracker.actions.rules import Difference, ReasonKind
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.working_days import Calendar
from tracker.inspections.models import Finding


@recorded()
def reopen(
    action: Action,
    *,
    reason: str,
    by: User | None,
    on: date,
    at: datetime,
    calendar: Calendar,
    deadline: date | None = None,
    finding: Finding | None = None,
) -> Reopening:
    """Open a complete action again; what was claimed, checked and said before is kept in the row that is returned.

    What its owner said last no longer holds, so its rating is empty until the next update. `deadline` is needed
    when the present one has passed, and is then a deadline change like any other; `finding` is the one of a visit
    that repeats what the action was to put right. Raises StillOpen for one that is not complete, NeedsDeadline,
    WrongDates for a deadline that is not ahead, HolidaysUnknown.
    """
    action = locked(action)
    if action.completed_on is None or action.cancelled_on is not None:
        raise StillOpen(_why_not_reopened(action))
    has_passed = action.deadline is not None and action.deadline < on
    if has_passed and deadline is None:
        raise NeedsDeadline(f"Enter a new deadline: the present one, {action.deadline:%-d %B %Y}, has passed.")
    if deadline is not None and deadline <= on:
        raise WrongDates(f"Choose a day after today, {on:%-d %B %Y}.")
    reopening = save_because(
        Reopening(
            action=action,
            on=on,
            at=at,
            by=by,
            reason=reason,
            finding=finding,
            claimed_on=action.claimed_on,
            completed_on=action.completed_on,
            checked_by=action.checked_by,
            difference=action.difference,
        ),
        by=by,
        reason=reason,
    )
    is_waiting = action.evidence.filter(state=Evidence.State.WAITING).exists()
    action.claimed_on = action.completed_on = action.checked_by = None
    action.difference = Difference.WAITING if is_waiting else Difference.NONE
    action.difference_set_by = action.difference_set_on = None
    action.rating = ""
    save_because(action, by=by, reason=f"Reopened: {reason}")
    if deadline is not None and deadline != action.deadline:
        move_deadline(
            action,
            to=deadline,
            reason_kind=ReasonKind.VISIT if finding else ReasonKind.OTHER,
            reason=f"Reopened: {reason}",
            asked_by=f"{finding.visit}, finding {finding.number}" if finding else "The action was reopened",
            asked_on=on,
            agreed_by=by.name if by else "The tracker",
            agreed_on=on,
            by=by,
            at=at,
            calendar=calendar,
        )
    return reopening


@recorded()
def keep_closed(action: Action, *, findings: Iterable[Finding], reason: str, by: User, on: date) -> list[KeptClosed]:
    """Decide that an action stays closed although findings of a visit repeat it. Raises NotRepeated.

    NotRepeated says who decided meanwhile, if somebody did.
    """
    action = locked(action)
    if action.completed_on is None:
        raise NotRepeated(reopened_words(action) or f"{action.reference} is open.")
    kept = []
    for finding in findings:
        before = action.kept_closed.filter(finding=finding).select_related("by").first()
        if before is not None:
            raise NotRepeated(f"{before.by} decided on {before.on:%-d %B %Y} to keep it closed: {before.reason}")
        kept.append(
            save_because(
                KeptClosed(action=action, finding=finding, on=on, by=by, reason=reason),
                by=by,
                reason=f"Kept closed: {reason}",
            )
        )
    if not kept:
        raise NotRepeated(f"No finding of a visit waits for a decision about {action.reference}.")
    return kept


def reopened_words(action: Action) -> str:
    """Return "Dee Walsh reopened it on 6 May 2026: …", or "" for an action that never was."""
    last = action.reopenings.select_related("by").order_by("-at", "-pk").first()
    if last is None:
        return ""
    return f"{last.by or 'The tracker'} reopened it on {last.on:%-d %B %Y}: {last.reason}"


def _why_not_reopened(action: Action) -> str:
    if action.cancelled_on is not None:
        return f"{action.reference} was cancelled and stays so. Add a new action instead."
    if action.claimed_on is not None:
        return f"{action.reference} is open: it waits to be checked. Send it back if it is not done."
    return reopened_words(action) or f"{action.reference} is open already."
