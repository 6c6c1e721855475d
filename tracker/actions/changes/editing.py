"""What the programme office changes in an action: its words, what it answers, its milestones and measures.

Whoever changes something says what they had before them (`seen`, a fingerprint): when somebody else has changed it
meanwhile, nothing is saved, and the page shows both.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import models

from accounts.models import Agency, Service, User
from tracker.actions.changes.locking import locked, refuse_leavers, refuse_other_councils
from tracker.actions.changes.planning import refuse_gap
from tracker.actions.changes.refusals import ActionClosed, AnswersNothing, ChangedSince, Withdrawn, WrongDates
from tracker.actions.models import Action, Answer, FindingAnswer, Measure, Milestone
from tracker.audit.chain import recorded
from tracker.audit.history import THE_TRACKER, delete_because, save_because
from tracker.inspections.models import Finding, Recommendation

DETAILS = (
    "title",
    "description",
    "outcome",
    "accountable",
    "service",
    "agency",
    "is_councils_own",
    "starts_on",
    "deadline",
    "needs_money",
    "money",
    "partner_agreed_on",
    "is_restricted",
    "restricted_reason",
)


def details_of(action: Action) -> dict[str, Any]:
    """Return what can be edited of an action, as it stands: what it answers as lists, in order. Two queries."""
    values: dict[str, Any] = {name: getattr(action, name) for name in DETAILS}
    values["recommendations"] = list(action.recommendations.order_by("inspection", "position", "pk"))
    values["findings"] = [row.finding for row in action.finding_answers.select_related("finding__visit")]
    return values


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return a short text that differs when one of the values does."""

    def plain(value: Any) -> Any:
        if isinstance(value, models.Model):
            return value.pk
        return [plain(one) for one in value] if isinstance(value, list) else value

    return sha256(repr([(name, plain(value)) for name, value in values.items()]).encode()).hexdigest()[:20]


@recorded()
def edit_action(
    action: Action,
    *,
    seen: str,
    title: str,
    description: str,
    recommendations: Iterable[Recommendation],
    findings: Iterable[Finding],
    by: User,
    on: date,
    reason: str,
    outcome: str = "",
    accountable: User | None = None,
    service: Service | None = None,
    agency: Agency | None = None,
    is_councils_own: bool = False,
    starts_on: date | None = None,
    deadline: date | None = None,
    needs_money: bool = False,
    money: str = "",
    partner_agreed_on: date | None = None,
    is_restricted: bool = False,
    restricted_reason: str = "",
) -> Action:
    """Change what an action says and answers, with one history row for each row that changed.

    Its owner changes by `hand_over`. `deadline` is its first one, and is left out of account when it has one: from
    then on it moves only by a deadline change. Raises ChangedSince when it is not as it was `seen`, ActionClosed,
    AnswersNothing, LeavesUncovered when a recommendation or finding would have no live action left, WrongDates,
    OtherCouncil, OwnerHasLeft for an accountable person who is not here.
    """
    action = locked(action)
    before = details_of(action)
    if fingerprint(before) != seen:
        raise ChangedSince(last_hand(action, *action.answers.all(), *action.finding_answers.all()))
    if action.cancelled_on is not None:
        raise ActionClosed(f"{action.reference} was cancelled, so it is not changed any more.")
    recommendations, findings = list(recommendations), list(findings)
    if not recommendations and not is_councils_own:
        raise AnswersNothing("Choose the recommendation this action answers, or mark it as the council's own choice.")
    refuse_other_councils(action.authority, service, agency, *recommendations, *findings)
    if accountable != before["accountable"]:
        refuse_leavers(action.authority, accountable, on=on)
    after = {
        "title": title,
        "description": description,
        "outcome": outcome,
        "accountable": accountable,
        "service": service,
        "agency": agency,
        "is_councils_own": is_councils_own,
        "starts_on": starts_on,
        "deadline": action.deadline or deadline,
        "needs_money": needs_money,
        "money": money,
        "partner_agreed_on": partner_agreed_on,
        "is_restricted": is_restricted,
        "restricted_reason": restricted_reason,
    }
    _refuse_start(starts_on, after["deadline"])
    _link_anew(action, recommendations, findings, by=by, reason=reason)
    if any(before[name] != value for name, value in after.items()):
        for name, value in after.items():
            setattr(action, name, value)
        save_because(action, by=by, reason=reason)
    return action


def _refuse_start(starts_on: date | None, deadline: date | None) -> None:
    if starts_on and deadline and deadline < starts_on:
        raise WrongDates(f"The action must start on or before {deadline:%-d %B %Y}, its deadline.")


def _link_anew(
    action: Action, recommendations: list[Recommendation], findings: list[Finding], *, by: User, reason: str
) -> None:
    """Add and remove what an action answers. Raises LeavesUncovered."""
    answers = {row.recommendation: row for row in action.answers.select_related("recommendation")}
    finding_answers = {row.finding: row for row in action.finding_answers.select_related("finding__visit")}
    lost: list[Answer | FindingAnswer] = [row for thing, row in answers.items() if thing not in recommendations]
    lost += [row for thing, row in finding_answers.items() if thing not in findings]
    refuse_gap(action, lost)
    for row in lost:
        delete_because(row, by=by, reason=reason)
    for recommendation in recommendations:
        if recommendation not in answers:
            save_because(Answer(action=action, recommendation=recommendation), by=by, reason=reason)
    for finding in findings:
        if finding not in finding_answers:
            save_because(FindingAnswer(action=action, finding=finding), by=by, reason=reason)


def last_hand(*rows: Any) -> str:
    """Return who changed the rows last, by their history; one query for each row."""
    newest = [row.history.order_by("-history_id").first() for row in rows]
    last = max((record for record in newest if record), key=lambda record: record.history_date, default=None)
    return last.actor if last else THE_TRACKER


# Milestones


def details_of_milestone(milestone: Milestone) -> dict[str, Any]:
    return {"title": milestone.title, "due_on": milestone.due_on, "done_on": milestone.done_on}


@recorded()
def change_milestone(
    milestone: Milestone,
    *,
    seen: str,
    title: str,
    due_on: date,
    done_on: date | None,
    by: User,
    on: date,
    reason: str,
) -> Milestone:
    """Change a step of an action: its words, its day, or that it was done.

    Raises ChangedSince, ActionClosed, WrongDates after the action's deadline or for a day done that is to come.
    """
    action = locked(milestone.action)
    milestone = Milestone.objects.select_for_update().get(pk=milestone.pk)
    if fingerprint(details_of_milestone(milestone)) != seen:
        raise ChangedSince(last_hand(milestone))
    if not action.is_open:
        raise ActionClosed(f"{action.reference} is closed, so its milestones stay as they are.")
    if action.deadline and due_on > action.deadline and due_on != milestone.due_on:
        raise WrongDates(f"The milestone must be due by {action.deadline:%-d %B %Y}, the deadline of the action.")
    if done_on and done_on > on:
        raise WrongDates("The day it was done must be today or in the past.")
    milestone.title, milestone.due_on, milestone.done_on = title, due_on, done_on
    return save_because(milestone, by=by, reason=reason)


# Measures


def details_of_measure(measure: Measure) -> dict[str, Any]:
    return {name: getattr(measure, name) for name in ("title", "kind", "baseline", "target", "target_on")}


@recorded()
def add_measure(
    action: Action,
    *,
    title: str,
    kind: str,
    by: User | None,
    reason: str,
    baseline: str = "",
    target: str = "",
    target_on: date | None = None,
) -> Measure:
    """Add a measure to an action. Raises ActionClosed once the action is cancelled."""
    action = locked(action)
    if action.cancelled_on is not None:
        raise ActionClosed(f"{action.reference} was cancelled, so it takes no measure.")
    position = (action.measures.aggregate(last=models.Max("position"))["last"] or 0) + 1
    return save_because(
        Measure(
            action=action,
            position=position,
            title=title,
            kind=kind,
            baseline=baseline,
            target=target,
            target_on=target_on,
        ),
        by=by,
        reason=reason,
    )


@recorded()
def change_measure(
    measure: Measure,
    *,
    seen: str,
    title: str,
    kind: str,
    baseline: str,
    target: str,
    target_on: date | None,
    by: User,
    reason: str,
) -> Measure:
    """Change a measure that is in use. Raises ChangedSince, Withdrawn, ActionClosed."""
    measure = _in_use(measure)
    if fingerprint(details_of_measure(measure)) != seen:
        raise ChangedSince(last_hand(measure))
    measure.title, measure.kind = title, kind
    measure.baseline, measure.target, measure.target_on = baseline, target, target_on
    return save_because(measure, by=by, reason=reason)


@recorded()
def withdraw_measure(measure: Measure, *, by: User, on: date, reason: str) -> Measure:
    """Stop using a measure, which is kept. Raises Withdrawn, ActionClosed."""
    measure = _in_use(measure)
    measure.withdrawn_on = on
    return save_because(measure, by=by, reason=reason)


def _in_use(measure: Measure) -> Measure:
    action = locked(measure.action)
    measure = Measure.objects.select_for_update().get(pk=measure.pk)
    if action.cancelled_on is not None:
        raise ActionClosed(f"{action.reference} was cancelled, so its measures stay as they are.")
    if measure.withdrawn_on is not None:
        raise Withdrawn(f"“{measure}” was withdrawn on {measure.withdrawn_on:%-d %B %Y}. Add a new measure instead.")
    return measure
