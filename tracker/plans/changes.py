"""The only functions that write plans, priorities, versions and submissions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import Authority, User
from tracker.audit.history import save_because
from tracker.inspections import changes as inspection_changes
from tracker.inspections.models import Inspection, StatutoryClock
from tracker.plans.models import Plan, PlanAnswers, PlanVersion, Priority, Submission


class OtherCouncil(Exception):
    """Something of one council was given to another."""


class AlreadyRecorded(Exception):
    """A step of sending the plan was recorded before."""


class NotYet(Exception):
    """A step of sending the plan is dated in the future, or before the plan began."""


@transaction.atomic
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
    """Start a plan in answer to one or more inspections. Raises OtherCouncil for another council's."""
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
        if inspection.authority_id != authority.pk:
            raise OtherCouncil(f"“{inspection}” belongs to another council.")
        save_because(PlanAnswers(plan=plan, inspection=inspection), by=by, reason=reason)
    return plan


def add_priority(
    plan: Plan, *, number: int, title: str, by: User | None, reason: str, outcome: str = "", lead: User | None = None
) -> Priority:
    """Add a priority to a plan."""
    return save_because(
        Priority(plan=plan, number=number, title=title, outcome=outcome, lead=lead), by=by, reason=reason
    )


@transaction.atomic
def freeze(
    plan: Plan, *, label: str, snapshot: Mapping[str, Any], by: User | None, on: date, reason: str
) -> PlanVersion:
    """Keep a version of the plan for ever. `actions.changes.submit_plan` takes the snapshot."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    return save_because(
        PlanVersion(
            plan=plan,
            number=plan.versions.count() + 1,
            label=label,
            frozen_on=on,
            frozen_by=by,
            snapshot=snapshot,
        ),
        by=by,
        reason=reason,
    )


@transaction.atomic
def record_submission(
    plan: Plan, *, step: str, done_on: date, by: User | None, on: date, reason: str, proof: str = ""
) -> Submission:
    """Record that the plan was sent to Ofsted, sent to DfE, or published.

    When all three are recorded the plan's clocks stop, on the day of the last. Raises
    AlreadyRecorded for a step recorded before, NotYet for a day to come or before the plan began.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if done_on > on:
        raise NotYet("Enter the day it was done. It cannot be in the future.")
    if done_on < plan.starts_on:
        raise NotYet(f"The plan began on {plan.starts_on:%-d %B %Y}. Enter that day or a later one.")
    if plan.submissions.filter(step=step).exists():
        raise AlreadyRecorded(f"“{Submission.Step(step).label}” is recorded already.")
    submission = save_because(
        Submission(plan=plan, step=step, done_on=done_on, proof=proof, recorded_by=by), by=by, reason=reason
    )
    done = dict(plan.submissions.values_list("step", "done_on"))
    if set(done) == set(Submission.Step.values):
        for clock in StatutoryClock.objects.filter(
            inspection__answered_by__plan=plan, kind=StatutoryClock.Kind.PLAN, met_on__isnull=True
        ):
            inspection_changes.stop_clock(
                clock, met_on=max(done.values()), by=by, reason="Sent to Ofsted, sent to DfE and published"
            )
    return submission
