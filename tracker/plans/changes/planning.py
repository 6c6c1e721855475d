"""Starting a plan, what it answers, and its priorities."""

from collections.abc import Iterable
from datetime import date

from accounts.models import Authority, User
from tracker.audit.chain import recorded
from tracker.audit.history import ChangedSince, delete_because, save_because
from tracker.inspections.models import Inspection, Recommendation
from tracker.plans.changes.refusals import (
    AnswersNothing,
    BoardTooEarly,
    NumberUsed,
    OtherCouncil,
    PersonHasLeft,
    ReferenceUsed,
    StillAnswered,
)
from tracker.plans.models import Criticism, Plan, PlanAnswers, PlanVersion, Priority

# Words that stand in addresses where a plan's reference does.
NEVER_A_REFERENCE = frozenset({"new"})


@recorded()
def start_plan(
    authority: Authority,
    *,
    reference: str,
    title: str,
    starts_on: date,
    answers: list[Inspection],
    by: User | None,
    reason: str,
    note: str = "",
    board_meets_on: date | None = None,
) -> Plan:
    """Start a plan in answer to one or more inspections or reviews.

    Raises AnswersNothing without one, OtherCouncil for another council's, ReferenceUsed, BoardTooEarly for a board
    before the plan begins.
    """
    Authority.objects.select_for_update().get(pk=authority.pk)
    if reference in NEVER_A_REFERENCE or Plan.objects.of(authority).filter(reference=reference).exists():
        raise ReferenceUsed(f"“{reference}” is used already. Choose another reference for the plan’s address.")
    _refuse_answers(authority, answers)
    _refuse_board(starts_on, board_meets_on)
    plan = save_because(
        Plan(
            authority=authority,
            reference=reference,
            title=title,
            starts_on=starts_on,
            note=note,
            board_meets_on=board_meets_on,
        ),
        by=by,
        reason=reason,
    )
    for inspection in answers:
        save_because(PlanAnswers(plan=plan, inspection=inspection), by=by, reason=reason)
    return plan


@recorded()
def change_plan(
    plan: Plan,
    *,
    title: str,
    note: str,
    board_meets_on: date | None,
    answers: list[Inspection],
    by: User | None,
    reason: str,
    seen: int | None = None,
) -> Plan:
    """Change what a plan is called and says at its top, when its board meets next, and what it answers.

    `seen` is the row of its history that the writer had before them. Raises ChangedSince, AnswersNothing,
    OtherCouncil, BoardTooEarly, StillAnswered for an inspection whose recommendations its actions answer, or that a
    version already sent answered.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    refuse_changed(plan, seen, now=f"title “{plan.title}”, next board {_day(plan.board_meets_on)}")
    _refuse_answers(plan.authority, answers)
    before = {answer.inspection_id: answer for answer in plan.answers.select_related("inspection")}
    wanted = {inspection.pk: inspection for inspection in answers}
    dropped = [answer for key, answer in before.items() if key not in wanted]
    _refuse_board(plan.starts_on, board_meets_on)
    for answer in dropped:
        _refuse_dropping(plan, answer.inspection)
    for answer in dropped:
        delete_because(answer, by=by, reason=reason)
    for key, inspection in wanted.items():
        if key not in before:
            save_because(PlanAnswers(plan=plan, inspection=inspection), by=by, reason=reason)
    new = (title, note, board_meets_on)
    if new != (plan.title, plan.note, plan.board_meets_on):
        plan.title, plan.note, plan.board_meets_on = new
        save_because(plan, by=by, reason=reason)
    return plan


def _refuse_answers(authority: Authority, answers: Iterable[Inspection]) -> None:
    if not answers:
        raise AnswersNothing("Choose at least one inspection or review that the plan answers.")
    for inspection in answers:
        if inspection.authority_id != authority.pk:
            raise OtherCouncil(f"“{inspection}” belongs to another council. Choose one of {authority}.")


def _refuse_board(starts_on: date, board_meets_on: date | None) -> None:
    if board_meets_on and board_meets_on < starts_on:
        raise BoardTooEarly(f"The plan begins on {starts_on:%-d %B %Y}. Enter a board on that day or later.")


def _refuse_dropping(plan: Plan, inspection: Inspection) -> None:
    answered = Recommendation.objects.filter(
        inspection=inspection, answers__action__plan=plan, answers__action__cancelled_on__isnull=True
    )
    if answered.exists():
        raise StillAnswered(
            f"Actions of the plan answer recommendations of “{inspection}”. Take those links away from the actions "
            "first, or keep it."
        )
    if plan.versions.filter(label=PlanVersion.Label.SUBMITTED, submissions__isnull=False).exists():
        raise StillAnswered(
            f"A version that answers “{inspection}” was sent. A plan that was sent keeps what it answered."
        )


@recorded()
def add_priority(
    plan: Plan, *, number: int, title: str, by: User | None, reason: str, outcome: str = "", lead: User | None = None
) -> Priority:
    """Add a priority to a plan. Raises NumberUsed, PersonHasLeft for a lead who is not of this council now."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    _refuse_number(plan, number)
    refuse_strangers(plan.authority, lead)
    return save_because(
        Priority(plan=plan, number=number, title=title, outcome=outcome, lead=lead), by=by, reason=reason
    )


@recorded()
def change_priority(
    priority: Priority,
    *,
    number: int,
    title: str,
    outcome: str,
    lead: User | None,
    by: User | None,
    reason: str,
    seen: int | None = None,
) -> Priority:
    """Change a priority.

    `seen` is the row of its history that the writer had before them. Raises ChangedSince, PersonHasLeft, NumberUsed
    also for a number that the references of its actions begin with.
    """
    priority = (
        Priority.objects.select_for_update(of=("self",)).select_related("plan__authority", "lead").get(pk=priority.pk)
    )
    now = f"title “{priority.title}”, outcome “{priority.outcome}”, lead {priority.lead or 'nobody'}"
    refuse_changed(priority, seen, now=now)
    if number != priority.number:
        if priority.actions.exists():
            raise NumberUsed(
                f"Priority {priority.number} has actions, and their references begin with its number. Keep the number."
            )
        _refuse_number(priority.plan, number)
    if lead is not None and lead.pk != priority.lead_id:
        refuse_strangers(priority.plan.authority, lead)
    priority.number, priority.title, priority.outcome, priority.lead = number, title, outcome, lead
    return save_because(priority, by=by, reason=reason)


def _refuse_number(plan: Plan, number: int) -> None:
    if plan.priorities.filter(number=number).exists():
        raise NumberUsed(f"Priority {number} is there already. Choose another number.")


def refuse_changed(row: Plan | Priority | Criticism, seen: int | None, *, now: str) -> None:
    """Raise ChangedSince when a row is not the one its writer had before them."""
    latest = row.history.latest("history_id")
    if seen is not None and latest.history_id != seen:
        raise ChangedSince(
            f"{latest.actor} saved it while you were writing. It now has: {now}. Save again to put yours in its place.",
            seen=latest.history_id,
        )


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else "not known"


def refuse_strangers(authority: Authority, person: User | None) -> None:
    """Raise PersonHasLeft for someone who has left or never belonged to the council."""
    if person is None:
        return
    if not person.is_active:
        raise PersonHasLeft(f"{person} has left. Choose someone who is still here.")
    if not person.memberships.filter(authority=authority).exists():
        raise PersonHasLeft(f"{person} does not belong to {authority}. Choose someone who does.")
