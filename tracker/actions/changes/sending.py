"""Freezing the plan, and what must be right before it is sent."""

from collections.abc import Collection, Iterable
from datetime import date

from accounts.models import User
from tracker.actions.changes.snapshot import snapshot_of
from tracker.actions.models import Action
from tracker.actions.quality.facts import quality_of
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.govuk.templatetags.govuk import and_list, count_of
from tracker.plans import changes as plan_changes
from tracker.plans.changes import EmptyPlan
from tracker.plans.models import Plan, PlanVersion

FIRST_AGREED = "First agreed as submitted"


class ChecksBlock(Exception):
    """Checks fail that a plan cannot be sent with."""


class ReasonNeeded(Exception):
    """Checks fail, and the director has not said why the plan is sent although they do."""


class ChecksChanged(Exception):
    """Other checks fail than the person saw who accepts them."""


@recorded()
def freeze_version(
    plan: Plan,
    *,
    label: str,
    by: User | None,
    on: date,
    reason: str,
    change_summary: str = "",
    warnings: Iterable[str] = (),
    warnings_reason: str = "",
    warnings_accepted_by: User | None = None,
) -> PlanVersion:
    """Keep the whole plan as it stands, for ever; one frozen to be sent sets what was first agreed.

    An action's first agreed deadline is set once: no later version moves it. Raises EmptyPlan without a live action.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    actions = Action.objects.select_for_update(of=("self",)).filter(plan=plan).live()
    if not actions:
        raise EmptyPlan("The plan has no actions yet, so there is nothing to freeze. Add its actions first.")
    if label == PlanVersion.Label.SUBMITTED:
        for action in actions:
            if action.first_agreed is None and action.deadline is not None:
                action.first_agreed = action.deadline
                save_because(action, by=by, reason=FIRST_AGREED)
    return plan_changes.freeze(
        plan,
        label=label,
        snapshot=snapshot_of(plan, on=on),
        by=by,
        on=on,
        reason=reason,
        change_summary=change_summary,
        warnings=warnings,
        warnings_reason=warnings_reason,
        warnings_accepted_by=warnings_accepted_by,
    )


@recorded()
def freeze_to_send(
    plan: Plan,
    *,
    by: User,
    on: date,
    seen: Collection[str],
    change_summary: str = "",
    warnings_reason: str = "",
    accepted_by: User | None = None,
) -> PlanVersion:
    """Freeze the version that is sent to Ofsted, once the quality check lets it.

    `seen` are the codes of the warnings on the page that the person read, and `accepted_by` the director, whose
    reason is kept with the codes. Raises EmptyPlan, ChecksBlock, ChecksChanged, ReasonNeeded.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    quality = quality_of(plan, on=on)
    if quality.blocking:
        failing = and_list(f"“{check.sentence}”" for check in quality.blocking)
        raise ChecksBlock(f"The plan cannot be sent yet. Put right first: {failing}.")
    failing_codes = quality.warning_codes
    if set(failing_codes) - set(seen):
        raise ChecksChanged(
            "The plan was changed while this page was open, and the quality check now finds something else. Read it "
            "again, then decide."
        )
    if failing_codes and (accepted_by is None or not warnings_reason.strip()):
        fail = count_of(len(failing_codes), "check fails,checks fail")
        raise ReasonNeeded(f"{fail}. The director must say why the plan is sent all the same.")
    return freeze_version(
        plan,
        label=PlanVersion.Label.SUBMITTED,
        by=by,
        on=on,
        reason="Frozen to be sent",
        change_summary=change_summary,
        warnings=failing_codes,
        warnings_reason=warnings_reason if failing_codes else "",
        warnings_accepted_by=accepted_by if failing_codes else None,
    )


def submit_plan(plan: Plan, *, by: User | None, on: date, reason: str) -> PlanVersion:
    """Record that a plan was frozen to be sent on a day when nobody checked it here, as one from before.

    Raises EmptyPlan. A plan that is sent from here goes through `freeze_to_send`.
    """
    return freeze_version(plan, label=PlanVersion.Label.SUBMITTED, by=by, on=on, reason=reason)
