"""What owners do: say what has changed, tick milestones, add evidence."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from accounts.models import User
from tracker.actions.changes.deadlines import withdraw_waiting
from tracker.actions.changes.locking import locked
from tracker.actions.changes.refusals import ActionClosed, AlreadyAdded, NoEvidence, OtherCouncil, UpdatedSince
from tracker.actions.models import Action, Evidence, Milestone, ProgressUpdate
from tracker.actions.rules import Difference, Rating
from tracker.audit.chain import recorded
from tracker.audit.history import save_because


@recorded()
def finish_milestone(milestone: Milestone, *, on: date, by: User | None, reason: str) -> Milestone:
    """Record the day a milestone was done. Done already stays as it was first recorded."""
    milestone = Milestone.objects.select_for_update().get(pk=milestone.pk)
    if milestone.done_on is not None:
        return milestone
    milestone.done_on = on
    return save_because(milestone, by=by, reason=reason)


@recorded()
def record_update(
    action: Action,
    *,
    narrative: str,
    rating: str,
    by: User,
    on: date,
    at: datetime,
    says_done: bool = False,
    milestones: Iterable[Milestone] = (),
    seen: int | None = None,
    check_seen: bool = False,
    form_key: UUID | None = None,
    safe_because: str = "",
) -> ProgressUpdate:
    """Record what has changed, and tick the milestones that were done.

    `says_done` means done and ready to check. With `check_seen`, `seen` is the newest update the
    writer had before them (None: there was none). The same `form_key` twice makes one update: the
    second returns the first. `safe_because` is kept as the reason in the history: why a text that
    seemed to identify a child does not. Raises ActionClosed, NoEvidence when done is said without evidence,
    UpdatedSince when someone else saved one meanwhile.
    """
    action = locked(action)
    if form_key is not None:
        earlier = ProgressUpdate.objects.filter(form_key=form_key).first()
        if earlier is not None:
            return earlier
    if not action.is_unfinished:
        raise ActionClosed(f"{action.reference} is finished already, so it takes no more updates.")
    if says_done and not action.evidence.exists():
        raise NoEvidence("Add a piece of evidence before you say it is done.")
    newest = action.updates.order_by("-pk").select_related("by").first()
    if check_seen and newest is not None and newest.pk != seen:
        raise UpdatedSince(newest)
    update = save_because(
        ProgressUpdate(
            action=action,
            by=by,
            on=on,
            at=at,
            rating="" if says_done else rating,
            says_done=says_done,
            narrative=narrative,
            form_key=form_key,
        ),
        by=by,
        reason=f"Progress update, said to identify no child: {safe_because}" if safe_because else "Progress update",
    )
    for milestone in milestones:
        if milestone.action_id != action.pk:
            raise OtherCouncil("That milestone belongs to another action.")
        finish_milestone(milestone, on=on, by=by, reason="Ticked in a progress update")
    action.last_updated_on = on
    if says_done:
        action.claimed_on = on
        withdraw_waiting(action, on=on, at=at, reason="The owner says that the action is done")
    else:
        action.rating = rating
    said = "done, ready to check" if says_done else Rating(rating).label.lower()
    save_because(action, by=by, reason=f"Progress update: {said}")
    return update


@recorded()
def add_evidence(
    action: Action,
    *,
    title: str,
    location: str,
    by: User | None,
    on: date,
    at: datetime,
    dated_on: date | None = None,
    is_restricted: bool = False,
    restricted_reason: str = "",
) -> Evidence:
    """Note where a piece of proof is kept; it then waits to be checked.

    Raises ActionClosed once the action is cancelled, AlreadyAdded for the same title and place.
    """
    action = locked(action)
    if action.cancelled_on is not None:
        raise ActionClosed(f"{action.reference} was cancelled, so it takes no evidence.")
    same = action.evidence.filter(title=title, location=location).first()
    if same is not None:
        raise AlreadyAdded(same)
    evidence = save_because(
        Evidence(
            action=action,
            title=title,
            location=location,
            dated_on=dated_on,
            added_by=by,
            added_on=on,
            added_at=at,
            is_restricted=is_restricted or action.is_restricted,
            restricted_reason=restricted_reason or action.restricted_reason,
        ),
        by=by,
        reason="Evidence added",
    )
    if action.difference == Difference.NONE:
        action.difference = Difference.WAITING
        save_because(action, by=by, reason="Evidence added, waiting to be checked")
    return evidence
