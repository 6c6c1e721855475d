"""The only functions that write actions and what hangs on them: lock, check, save, say why."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Agency, Authority, Service, User
from tracker.actions.models import (
    Action,
    Answer,
    DeadlineChange,
    Evidence,
    FindingAnswer,
    Milestone,
    ProgressUpdate,
)
from tracker.actions.rules import Difference, Rating
from tracker.audit.history import save_because
from tracker.dates.working_days import Calendar
from tracker.inspections.models import Finding, Recommendation
from tracker.plans import changes as plan_changes
from tracker.plans.models import Plan, PlanVersion, Priority, Submission


class OtherCouncil(Exception):
    """Something of one council was given to another."""


class AnswersNothing(Exception):
    """An action must answer a recommendation or be marked as the council's own choice."""


class OwnerHasLeft(Exception):
    """The person was switched off, or belongs to another council."""


class WrongDates(Exception):
    """A deadline before the start, a milestone after the deadline."""


class ReferenceTaken(Exception):
    """The reference is used in the plan already, and references are never used again."""


class ActionClosed(Exception):
    """The action is complete or cancelled."""


class SameDeadline(Exception):
    """The new deadline is the present one."""


class SameOwner(Exception):
    """The person owns the action already."""


class AlreadyAdded(Exception):
    """The same piece of evidence is there already."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__("This piece of evidence has been added already.")
        self.evidence = evidence


class NoEvidence(Exception):
    """Nobody can say an action is done without a piece of evidence."""


class OwnWork(Exception):
    """Nobody checks their own work."""


class NotClaimed(Exception):
    """Only an action its owner says is done can be checked."""


class UpdatedSince(Exception):
    """Someone else saved an update while this one was being written."""

    def __init__(self, theirs: ProgressUpdate) -> None:
        super().__init__(f"{theirs.by} saved an update while you were writing.")
        self.theirs = theirs


def _locked(action: Action) -> Action:
    return Action.objects.select_for_update().get(pk=action.pk)


def _refuse_other_councils(authority: Authority, *linked: Any) -> None:
    for thing in linked:
        owner_id = getattr(thing, "authority_id", None) if thing is not None else authority.pk
        if owner_id != authority.pk:
            raise OtherCouncil(f"“{thing}” belongs to another council. Choose one of {authority}.")


def _refuse_leavers(authority: Authority, person: User | None, *, on: date) -> None:
    if person is None:
        return
    if not person.is_active:
        raise OwnerHasLeft(f"{person} has left. Choose someone who is still here.")
    if not person.memberships.current(on=on).filter(authority=authority).exists():
        raise OwnerHasLeft(f"{person} does not belong to {authority}. Choose someone who does.")


@transaction.atomic
def add_action(
    plan: Plan,
    *,
    reference: str,
    position: int,
    priority: Priority,
    title: str,
    description: str,
    by: User | None,
    on: date,
    reason: str,
    outcome: str = "",
    owner: User | None = None,
    accountable: User | None = None,
    service: Service | None = None,
    agency: Agency | None = None,
    recommendations: Iterable[Recommendation] = (),
    findings: Iterable[Finding] = (),
    is_councils_own: bool = False,
    starts_on: date | None = None,
    deadline: date | None = None,
    is_restricted: bool = False,
    restricted_reason: str = "",
    restriction_review_on: date | None = None,
) -> Action:
    """Add an action to a plan.

    Raises AnswersNothing without a recommendation unless it is the council's own choice,
    OtherCouncil for anything of another council, OwnerHasLeft, WrongDates for a deadline before the
    start, ReferenceTaken.
    """
    authority = plan.authority
    recommendations, findings = list(recommendations), list(findings)
    if not recommendations and not is_councils_own:
        raise AnswersNothing("Choose the recommendation this action answers, or mark it as the council's own choice.")
    if priority.plan_id != plan.pk:
        raise OtherCouncil(f"“{priority}” is not a priority of this plan.")
    _refuse_other_councils(authority, service, agency, *recommendations, *findings)
    _refuse_leavers(authority, owner, on=on)
    _refuse_leavers(authority, accountable, on=on)
    if starts_on and deadline and deadline < starts_on:
        raise WrongDates("The deadline must be on or after the day the action starts.")
    if Action.objects.filter(plan=plan, reference=reference).exists():
        raise ReferenceTaken(f"{reference} is used already. References are never used again.")
    action = save_because(
        Action(
            authority=authority,
            plan=plan,
            priority=priority,
            reference=reference,
            position=position,
            title=title,
            description=description,
            outcome=outcome,
            owner=owner,
            accountable=accountable,
            service=service,
            agency=agency,
            is_councils_own=is_councils_own,
            starts_on=starts_on,
            deadline=deadline,
            is_restricted=is_restricted,
            restricted_reason=restricted_reason,
            restriction_review_on=restriction_review_on,
        ),
        by=by,
        reason=reason,
    )
    for recommendation in recommendations:
        save_because(Answer(action=action, recommendation=recommendation), by=by, reason=reason)
    for finding in findings:
        save_because(FindingAnswer(action=action, finding=finding), by=by, reason=reason)
    return action


@transaction.atomic
def add_milestone(action: Action, *, title: str, due_on: date, by: User | None, reason: str) -> Milestone:
    """Add a step to an action. Raises WrongDates after the action's deadline, ActionClosed."""
    action = _locked(action)
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed.")
    if action.deadline and due_on > action.deadline:
        raise WrongDates(f"The milestone must be due by {action.deadline:%-d %B %Y}, the deadline of the action.")
    position = action.milestones.count() + 1
    return save_because(Milestone(action=action, title=title, due_on=due_on, position=position), by=by, reason=reason)


@transaction.atomic
def finish_milestone(milestone: Milestone, *, on: date, by: User | None, reason: str) -> Milestone:
    """Record the day a milestone was done. Done already stays as it was first recorded."""
    milestone = Milestone.objects.select_for_update().get(pk=milestone.pk)
    if milestone.done_on is not None:
        return milestone
    milestone.done_on = on
    return save_because(milestone, by=by, reason=reason)


@transaction.atomic
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
    action = _locked(action)
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
    else:
        action.rating = rating
    said = "done, ready to check" if says_done else Rating(rating).label.lower()
    save_because(action, by=by, reason=f"Progress update: {said}")
    return update


@transaction.atomic
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
    action = _locked(action)
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


@transaction.atomic
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
    action = _locked(evidence.action)
    if (
        action.difference == Difference.WAITING
        and not action.evidence.exclude(state=Evidence.State.NOT_ACCEPTED).exists()
    ):
        action.difference = Difference.NONE
        save_because(action, by=by, reason="None of the evidence was accepted")
    return evidence


@transaction.atomic
def complete(action: Action, *, by: User, on: date, reason: str) -> Action:
    """Agree that a claimed action is done. Raises NotClaimed, OwnWork for its own owner."""
    action = _locked(action)
    if action.claimed_on is None or not action.is_open:
        raise NotClaimed(f"The owner has not said that {action.reference} is done.")
    if by.pk == action.owner_id:
        raise OwnWork("Someone other than the owner checks finished work.")
    action.completed_on, action.checked_by = on, by
    return save_because(action, by=by, reason=reason)


@transaction.atomic
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


@transaction.atomic
def send_back(action: Action, *, by: User, reason: str) -> Action:
    """Say that a claimed action is not done yet, and why. Raises NotClaimed, OwnWork."""
    action = _locked(action)
    if action.claimed_on is None or not action.is_open:
        raise NotClaimed(f"The owner has not said that {action.reference} is done.")
    if by.pk == action.owner_id:
        raise OwnWork("Someone other than the owner checks finished work.")
    action.claimed_on = None
    return save_because(action, by=by, reason=reason)


@transaction.atomic
def set_difference(action: Action, *, to: str, by: User, on: date, reason: str) -> Action:
    """Set the difference made for children. Raises OwnWork for the owner."""
    action = _locked(action)
    if by.pk == action.owner_id:
        raise OwnWork("Someone other than the owner says what difference it has made.")
    action.difference, action.difference_set_by, action.difference_set_on = to, by, on
    return save_because(action, by=by, reason=reason)


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


@transaction.atomic
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
) -> DeadlineChange:
    """Move a deadline as was agreed, and keep from, to, how far, why and who agreed.

    The deadline first agreed stays. Raises what `refuse_move` does, HolidaysUnknown past the table's end.
    """
    action = _locked(action)
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
        ),
        by=by,
        reason=reason,
    )
    if action.first_agreed is None:
        action.first_agreed = action.deadline
    action.deadline = to
    save_because(action, by=by, reason=f"Deadline moved: {reason}")
    return change


@transaction.atomic
def hand_over(action: Action, *, to: User, by: User | None, on: date, reason: str) -> Action:
    """Give an action to another owner. Raises OwnerHasLeft, ActionClosed, SameOwner."""
    action = _locked(action)
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed.")
    if to.pk == action.owner_id:
        raise SameOwner(f"{to} owns {action.reference} already. Choose someone else.")
    _refuse_leavers(action.authority, to, on=on)
    action.owner = to
    return save_because(action, by=by, reason=reason)


@transaction.atomic
def cancel(action: Action, *, by: User | None, on: date, reason: str) -> Action:
    """Cancel an action for a reason; nothing is deleted. Raises ActionClosed."""
    action = _locked(action)
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed.")
    action.cancelled_on, action.cancelled_reason = on, reason
    return save_because(action, by=by, reason=reason)


@transaction.atomic
def submit_plan(plan: Plan, *, by: User | None, on: date, reason: str) -> PlanVersion:
    """Freeze the plan as submitted: the deadlines in it become those first agreed, for ever.

    An action's first agreed deadline is set once; a later submission does not move it.
    """
    actions = list(
        Action.objects.select_for_update(of=("self",))
        .filter(plan=plan)
        .live()
        .select_related("priority", "owner", "accountable", "agency")
        .prefetch_related("recommendations", "milestones")
    )
    for action in actions:
        if action.first_agreed is None and action.deadline is not None:
            action.first_agreed = action.deadline
            save_because(action, by=by, reason="First agreed as submitted")
    return plan_changes.freeze(
        plan,
        label=PlanVersion.Label.SUBMITTED,
        snapshot={"title": plan.title, "actions": [_frozen(action) for action in actions]},
        by=by,
        on=on,
        reason=reason,
    )


@transaction.atomic
def record_sending(plan: Plan, *, step: str, done_on: date, proof: str, by: User, on: date) -> Submission:
    """Record that the plan was sent to Ofsted, sent to DfE or published; sending it to Ofsted freezes it.

    Raises what `plans.changes.record_submission` raises, and then nothing is frozen.
    """
    reason = Submission.Step(step).label
    if step == Submission.Step.OFSTED:
        submit_plan(plan, by=by, on=on, reason=reason)
    return plan_changes.record_submission(plan, step=step, done_on=done_on, proof=proof, by=by, on=on, reason=reason)


def _frozen(action: Action) -> dict[str, Any]:
    return {
        "reference": action.reference,
        "priority": str(action.priority),
        "title": action.title,
        "description": action.description,
        "outcome": action.outcome,
        "owner": str(action.owner) if action.owner else "",
        "accountable": str(action.accountable) if action.accountable else "",
        "agency": str(action.agency) if action.agency else "",
        "starts_on": action.starts_on,
        "deadline": action.deadline,
        "recommendations": [recommendation.reference for recommendation in action.recommendations.all()],
        "milestones": [{"title": step.title, "due_on": step.due_on} for step in action.milestones.all()],
    }
