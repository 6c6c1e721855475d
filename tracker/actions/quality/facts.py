"""What the checks of a plan ask, read from its rows."""

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from accounts.models import Membership, practices_of
from tracker.actions.models import Action, Answer, FindingAnswer, Measure
from tracker.actions.quality.rules import (
    ActionFacts,
    Asked,
    Limits,
    MeasureFacts,
    PlanFacts,
    PriorityFacts,
    Quality,
    check,
)
from tracker.inspections.models import Finding, Recommendation
from tracker.plans.models import Plan


def quality_of(plan: Plan, *, on: date) -> Quality:
    """Return what the checks find in a plan on a day, restricted actions included. Eight queries."""
    return check(facts_of(plan, on=on))


def facts_of(plan: Plan, *, on: date) -> PlanFacts:
    """Return what the checks ask of a plan. The same number of queries whatever the number of actions."""
    numbers = practices_of(plan.authority)
    here = set(Membership.objects.current(on=on).filter(authority=plan.authority).values_list("user", flat=True))
    actions = (
        Action.objects.of(plan.authority)
        .filter(plan=plan)
        .live()
        .select_related("priority", "owner", "agency")
        .prefetch_related("milestones", Prefetch("measures", Measure.objects.of(plan.authority).in_use()))
    )
    return PlanFacts(
        starts_on=plan.starts_on,
        limits=Limits(
            most_open_actions=numbers["most_open_actions"].value,
            milestone_gap=numbers["milestone_gap"].value,
            bunched=numbers["bunched"].value,
        ),
        actions=[_action(action, here) for action in actions],
        recommendations=_recommendations(plan),
        findings=_findings(plan, on=on),
        priorities=[PriorityFacts(priority.number, priority.title) for priority in plan.priorities.all()],
    )


def _action(action: Action, here: set[int]) -> ActionFacts:
    return ActionFacts(
        reference=action.reference,
        title=action.title,
        priority=action.priority.number,
        description=action.description,
        outcome=action.outcome,
        owner_id=action.owner_id,
        owner=action.owner.name if action.owner else "",
        owner_is_here=action.owner_id is None or action.owner_id in here,
        accountable_id=action.accountable_id,
        starts_on=action.starts_on,
        deadline=action.deadline,
        milestones=tuple((step.title, step.due_on) for step in action.milestones.all()),
        measures=tuple(
            MeasureFacts(
                title=measure.title,
                is_of_difference=measure.kind == Measure.Kind.DIFFERENCE,
                baseline=measure.baseline,
                target=measure.target,
                target_on=measure.target_on,
            )
            for measure in action.measures.all()
        ),
        agency=action.agency.name if action.agency else "",
        partner_agreed_on=action.partner_agreed_on,
        needs_money=action.needs_money,
        money=action.money,
        is_complete=action.completed_on is not None,
        is_restricted=action.is_restricted,
    )


def _recommendations(plan: Plan) -> list[Asked]:
    """The recommendations to the council of everything the plan answers; those to others have plans of their own."""
    answered = Answer.objects.filter(
        recommendation=OuterRef("pk"), action__plan=plan, action__cancelled_on__isnull=True
    )
    found = (
        Recommendation.objects.of(plan.authority)
        .filter(inspection__plans=plan)
        .for_the_council()
        .annotate(has_action=Exists(answered))
        .select_related("inspection")
    )
    return [
        Asked(
            name=f"{row} ({row.inspection})",
            url=reverse("reports:recommendation", args=[row.inspection.reference, row.reference]),
            has_action=row.has_action,
        )
        for row in found
    ]


def findings_for(plan: Plan) -> Q:
    """Return the condition of findings that a plan is to answer.

    Their visit follows up an inspection that it answers, or they repeat a recommendation of one.
    """
    inspections = plan.answers.values("inspection")
    return Q(visit__inspection__in=inspections) | Q(recommendation__inspection__in=inspections)


def _findings(plan: Plan, *, on: date) -> list[Asked]:
    """What needs work by the letters of visits, the latest visit first. An action of any plan of the council counts."""
    answered = FindingAnswer.objects.filter(finding=OuterRef("pk"), action__cancelled_on__isnull=True)
    found = (
        Finding.objects.of(plan.authority)
        .filter(findings_for(plan), kind=Finding.Kind.NEEDS_WORK)
        .exclude(visit__starts_on__gt=on)
        .annotate(has_action=Exists(answered))
        .select_related("visit")
        .order_by("-visit__starts_on", "-visit", "number")
    )
    return [
        Asked(
            name=f"{row.visit}, finding {row.number}: {row.text}",
            url=row.visit.get_absolute_url(),
            has_action=row.has_action,
        )
        for row in found
    ]
