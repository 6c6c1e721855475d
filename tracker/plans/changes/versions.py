"""Freezing versions. There is no function here, or anywhere, that changes one."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from accounts.models import User
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.plans.models import Plan, PlanVersion


@recorded()
def freeze(
    plan: Plan,
    *,
    label: str,
    snapshot: Mapping[str, Any],
    by: User | None,
    on: date,
    reason: str,
    change_summary: str = "",
    warnings: Iterable[str] = (),
    warnings_reason: str = "",
    warnings_accepted_by: User | None = None,
) -> PlanVersion:
    """Keep a version of the plan for ever, under the next number. `actions.changes` takes the snapshot.

    `warnings` are the codes of the checks that failed, with why they were accepted and by whom.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    return save_because(
        PlanVersion(
            plan=plan,
            number=plan.versions.count() + 1,
            label=label,
            frozen_on=on,
            frozen_by=by,
            change_summary=change_summary,
            warnings=list(warnings),
            warnings_reason=warnings_reason,
            warnings_accepted_by=warnings_accepted_by,
            snapshot=snapshot,
        ),
        by=by,
        reason=reason,
    )
