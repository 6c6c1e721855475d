"""What reviewers say against the plan itself, and what the council answers."""

from datetime import date

from django.db.models import Max

from accounts.models import User
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.inspections.models import Inspection
from tracker.plans.changes.planning import refuse_changed, refuse_strangers
from tracker.plans.changes.refusals import AlreadyClosed, NoResponse, NotYet, OtherCouncil
from tracker.plans.models import Criticism, Plan


@recorded()
def record_criticism(
    plan: Plan,
    *,
    made_by: str,
    made_on: date,
    text: str,
    by: User | None,
    on: date,
    paragraph: str = "",
    inspection: Inspection | None = None,
    author: User | None = None,
) -> Criticism:
    """Enter what a reviewer says against the plan, under the next number.

    `author` is the reviewer if they sign in here: they can close it. Raises NotYet for a day to come, OtherCouncil,
    PersonHasLeft.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if made_on > on:
        raise NotYet("Enter the day it was said. It cannot be in the future.")
    if inspection is not None and inspection.authority_id != plan.authority_id:
        raise OtherCouncil(f"“{inspection}” belongs to another council. Choose one of {plan.authority}.")
    refuse_strangers(plan.authority, author)
    number = (plan.criticisms.aggregate(last=Max("number"))["last"] or 0) + 1
    return save_because(
        Criticism(
            plan=plan,
            number=number,
            inspection=inspection,
            made_by=made_by,
            made_on=made_on,
            paragraph=paragraph,
            text=text,
            author=author,
            recorded_by=by,
            recorded_on=on,
        ),
        by=by,
        reason=f"Recorded as said by {made_by}",
    )


@recorded()
def respond(
    criticism: Criticism,
    *,
    response: str,
    owner: User,
    due_on: date,
    by: User | None,
    on: date,
    seen: int | None = None,
) -> Criticism:
    """Say what the council does about a criticism, who sees to it and by when.

    `seen` is the row of its history that the writer had before them. Raises ChangedSince, AlreadyClosed,
    PersonHasLeft, NotYet for a new day that has passed.
    """
    criticism = _locked(criticism)
    refuse_changed(criticism, seen, now=f"response “{criticism.response}”, owner {criticism.owner or 'nobody'}")
    if due_on < on and due_on != criticism.due_on:
        raise NotYet("The day by which it is done must be today or later.")
    if owner.pk != criticism.owner_id:
        refuse_strangers(criticism.plan.authority, owner)
    criticism.response, criticism.owner, criticism.due_on = response, owner, due_on
    return save_because(criticism, by=by, reason="Responded to")


@recorded()
def close(criticism: Criticism, *, closed_reason: str, by: User, on: date) -> Criticism:
    """Close a criticism for a reason; it is never opened again. `permissions.may_close` says who may.

    Raises AlreadyClosed, NoResponse.
    """
    criticism = _locked(criticism)
    if not criticism.response:
        raise NoResponse("Record the council’s response first: a criticism is closed once it has been answered.")
    criticism.closed_on, criticism.closed_by, criticism.closed_reason = on, by, closed_reason
    return save_because(criticism, by=by, reason=f"Closed: {closed_reason}")


def _locked(criticism: Criticism) -> Criticism:
    criticism = (
        Criticism.objects.select_for_update(of=("self",))
        .select_related("plan__authority", "closed_by", "owner")
        .get(pk=criticism.pk)
    )
    if criticism.closed_on is not None:
        raise AlreadyClosed(
            f"{criticism.closed_by or 'Someone'} closed it on {criticism.closed_on:%-d %B %Y}. Closed criticisms stay "
            "closed: record a new one if it holds again."
        )
    return criticism
