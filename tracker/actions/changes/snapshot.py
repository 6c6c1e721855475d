"""The whole plan as it stands, as a version keeps it: plain values that no later change of a row can reach."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Prefetch

from accounts.models import Membership, User
from tracker.actions.models import Action, Measure
from tracker.actions.rules import CLOSE_WORKING_DAYS
from tracker.dates.models import calendar
from tracker.plans.models import Plan


def snapshot_of(plan: Plan, *, on: date) -> dict[str, Any]:
    """Return the plan, its priorities and every live action, with the names and posts of its people on a day.

    The same number of queries whatever the number of actions. `plans.snapshots` reads it.
    """
    posts = _posts(plan, on=on)
    close_by = calendar().add(on, CLOSE_WORKING_DAYS)
    actions = (
        Action.objects.of(plan.authority)
        .filter(plan=plan)
        .live()
        .select_related("priority", "owner", "accountable", "service", "agency")
        .prefetch_related(
            "recommendations__inspection",
            "finding_answers__finding__visit",
            "milestones",
            Prefetch("measures", Measure.objects.of(plan.authority).in_use()),
        )
    )
    return {
        "title": plan.title,
        "reference": plan.reference,
        "starts_on": plan.starts_on,
        "note": plan.note,
        "answers": [str(inspection) for inspection in plan.inspections.all()],
        "priorities": [
            {
                "number": priority.number,
                "title": priority.title,
                "outcome": priority.outcome,
                "lead": _named(priority.lead, posts),
            }
            for priority in plan.priorities.select_related("lead")
        ],
        "actions": [_frozen(action, posts, on=on, close_by=close_by) for action in actions],
    }


def _posts(plan: Plan, *, on: date) -> dict[int, str]:
    held = Membership.objects.current(on=on).filter(authority=plan.authority).exclude(post="")
    return dict(held.order_by("-pk").values_list("user", "post"))


def _named(person: User | None, posts: Mapping[int, str]) -> str:
    return ", ".join(part for part in (person.name, posts.get(person.pk, "")) if part) if person else ""


def _frozen(action: Action, posts: Mapping[int, str], *, on: date, close_by: date) -> dict[str, Any]:
    milestones = action.milestones.all()
    status = action.status(
        on=on, close_by=close_by, has_open_milestones=any(step.done_on is None for step in milestones)
    )
    return {
        "reference": action.reference,
        "priority": str(action.priority),
        "title": action.title,
        "description": action.description,
        "outcome": action.outcome,
        "owner": action.owner.name if action.owner else "",
        "owner_id": action.owner_id,
        "owner_post": posts.get(action.owner_id or 0, ""),
        "accountable": action.accountable.name if action.accountable else "",
        "accountable_id": action.accountable_id,
        "accountable_post": posts.get(action.accountable_id or 0, ""),
        "service": str(action.service) if action.service else "",
        "agency": str(action.agency) if action.agency else "",
        "partner_agreed_on": action.partner_agreed_on,
        "recommendations": [
            f"{recommendation} ({recommendation.inspection})" for recommendation in action.recommendations.all()
        ],
        "findings": [
            f"{answer.finding.visit}, finding {answer.finding.number}: {answer.finding.text}"
            for answer in action.finding_answers.all()
        ],
        "is_councils_own": action.is_councils_own,
        "starts_on": action.starts_on,
        "deadline": action.deadline,
        "first_agreed": action.first_agreed,
        "milestones": [{"title": step.title, "due_on": step.due_on, "done_on": step.done_on} for step in milestones],
        "measures": [
            {
                "title": measure.title,
                "kind": measure.kind,
                "baseline": measure.baseline,
                "target": measure.target,
                "target_on": measure.target_on,
            }
            for measure in action.measures.all()
        ],
        "needs_money": action.needs_money,
        "money": action.money,
        "rating": action.rating,
        "last_updated_on": action.last_updated_on,
        "claimed_on": action.claimed_on,
        "completed_on": action.completed_on,
        "status": status.label,
        "difference": action.get_difference_display(),
        "is_restricted": action.is_restricted,
        "restricted_reason": action.restricted_reason,
    }
