"""What belongs to the plan: a new action, its milestones, its owner, its end."""

from collections.abc import Iterable, Sequence
from datetime import date

from accounts.models import Agency, Service, User
from tracker.actions.changes.deadlines import withdraw_waiting
from tracker.actions.changes.locking import locked, refuse_leavers, refuse_other_councils
from tracker.actions.changes.refusals import (
    ActionClosed,
    AnswersNothing,
    LeavesUncovered,
    NoReplacement,
    OtherCouncil,
    ReferenceTaken,
    SameOwner,
    WrongDates,
)
from tracker.actions.models import Action, Answer, FindingAnswer, Milestone
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.inspections.models import Finding, Recommendation
from tracker.plans.models import Plan, Priority


@recorded()
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
    refuse_other_councils(authority, service, agency, *recommendations, *findings)
    refuse_leavers(authority, owner, on=on)
    refuse_leavers(authority, accountable, on=on)
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
            owner_since=on if owner else None,
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


@recorded()
def add_milestone(action: Action, *, title: str, due_on: date, by: User | None, reason: str) -> Milestone:
    """Add a step to an action. Raises WrongDates after the action's deadline, ActionClosed."""
    action = locked(action)
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed.")
    if action.deadline and due_on > action.deadline:
        raise WrongDates(f"The milestone must be due by {action.deadline:%-d %B %Y}, the deadline of the action.")
    position = action.milestones.count() + 1
    return save_because(Milestone(action=action, title=title, due_on=due_on, position=position), by=by, reason=reason)


@recorded()
def hand_over(action: Action, *, to: User, by: User | None, on: date, reason: str) -> Action:
    """Give an action to another owner. Raises OwnerHasLeft, ActionClosed, SameOwner."""
    action = locked(action)
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed.")
    if to.pk == action.owner_id:
        raise SameOwner(f"{to} owns {action.reference} already. Choose someone else.")
    refuse_leavers(action.authority, to, on=on)
    action.owner, action.owner_since = to, on
    return save_because(action, by=by, reason=reason)


@recorded()
def cancel(action: Action, *, by: User | None, on: date, reason: str, replaced_by: Action | None = None) -> Action:
    """Record that an action was cancelled, for a reason; nothing is deleted. Raises ActionClosed.

    A request for another deadline that waits is taken back with it.
    """
    action = locked(action)
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed.")
    action.cancelled_on, action.cancelled_reason, action.replaced_by = on, reason, replaced_by
    withdraw_waiting(action, on=on, at=None, reason="The action was cancelled")
    return save_because(action, by=by, reason=reason)


@recorded()
def decide_to_cancel(
    action: Action, *, by: User, on: date, reason: str, decided_for: str = "", replaced_by: Action | None = None
) -> Action:
    """Cancel an action by a decision of the director or the board, or put another action in its place.

    `decided_for` names the body that decided and its meeting. Raises ActionClosed, LeavesUncovered with the
    recommendations and findings that would be left without a live action, NoReplacement.
    """
    action = locked(action)
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed.")
    if replaced_by is not None:
        replaced_by = locked(replaced_by)
        if replaced_by.plan_id != action.plan_id or replaced_by.pk == action.pk:
            raise NoReplacement("Choose another action of the same plan to take its place.")
        if replaced_by.cancelled_on is not None:
            raise NoReplacement(f"{replaced_by.reference} was cancelled. Choose a live action to take its place.")
    refuse_gap(
        action,
        [
            *action.answers.select_related("recommendation"),
            *action.finding_answers.select_related("finding__visit"),
        ],
    )
    said = f"{reason} Decided for: {decided_for}." if decided_for else reason
    return cancel(action, by=by, on=on, reason=said, replaced_by=replaced_by)


def refuse_gap(action: Action, links: Sequence[Answer | FindingAnswer]) -> None:
    """Raise LeavesUncovered when no other live action answers what some links of an action answer."""
    answers = [link for link in links if isinstance(link, Answer)]
    finding_answers = [link for link in links if isinstance(link, FindingAnswer)]
    # Locked, so that of two people who cancel the last two actions at once, one waits for the other.
    for model, keys in (
        (Recommendation, [link.recommendation_id for link in answers]),
        (Finding, [link.finding_id for link in finding_answers]),
    ):
        list(model.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    alone = [
        f"recommendation {link.recommendation.reference}"
        for link in answers
        if not _is_answered(link.recommendation, besides=action)
    ]
    alone += [
        f"finding {link.finding.number} of {link.finding.visit}"
        for link in finding_answers
        if not _is_answered(link.finding, besides=action)
    ]
    if alone:
        raise LeavesUncovered(alone)


def _is_answered(thing: Recommendation | Finding, *, besides: Action) -> bool:
    return thing.answers.exclude(action=besides).filter(action__cancelled_on__isnull=True).exists()
