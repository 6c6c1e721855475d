"""What the pages of one action share: finding it, the way back to it, and an answer for one that is finished."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts import kept
from accounts.member import Member
from tracker.actions import permissions
from tracker.actions.models import Action, DeadlineRequest, Evidence, ProgressUpdate
from tracker.inspections.models import Visit


def with_what_an_update_needs(actions: QuerySet[Action]) -> QuerySet[Action]:
    """Add what the update form asks about each action; two queries whatever their number."""
    waiting = DeadlineRequest.objects.filter(action=OuterRef("pk")).waiting().values("pk")[:1]
    newest = ProgressUpdate.objects.filter(action=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    return (
        actions.annotate(
            newest_update=Subquery(newest),
            has_evidence=Exists(Evidence.objects.filter(action=OuterRef("pk"))),
            waiting_request=Subquery(waiting),
        )
        .select_related("plan", "owner", "service__head", "priority__lead")
        .prefetch_related("milestones")
    )


def one_of(member: Member, plan: str, reference: str, *, on: date | None = None) -> Action:
    """Return the action at an address; 404 for one this person may not see, as for one that is not there.

    With a day, `repeated_by` is the visit whose letter, by that day, says again what it was to put right.
    """
    seen = Action.objects.visible_to(member)
    if on is not None:
        seen = seen.with_doubts(on=on)
    seen = with_what_an_update_needs(seen).select_related(
        "authority",
        "owner",
        "accountable",
        "agency",
        "difference_set_by",
        "checked_by",
        "replaced_by",
    )
    return get_object_or_404(seen, plan__reference=plan, reference=reference)


def way_to(action: Action, member: Member) -> list[dict[str, str]]:
    """Return the breadcrumbs of a form of an action."""
    return [plan_crumb(action, member), {"label": f"Action {action.reference}", "url": action.get_absolute_url()}]


def plan_crumb(action: Action, member: Member) -> dict[str, str]:
    """Return the page above an action: the plan, or a partner's own list."""
    if member.sees_plan:
        return {"label": "Plan", "url": action.plan.get_absolute_url()}
    return {"label": "My actions", "url": reverse("actions:my-actions")}


def typed(request: HttpRequest) -> QueryDict | None:
    """Return what was posted; else what was typed here before the session ended, once."""
    return request.POST if request.method == "POST" else kept.take(request)


def next_visit(member: Member, *, on: date) -> Visit | None:
    """Return the visit that comes next, among those this person may see."""
    waiting = Visit.objects.visible_to(member).without_letter()
    coming = [visit for visit in waiting if visit.due_by and visit.due_by >= on]
    return min(coming, key=lambda visit: (visit.due_by, visit.pk), default=None)


@dataclass(frozen=True)
class Proof:
    """A piece of evidence, with an address to follow where it is kept at one."""

    piece: Evidence

    @property
    def url(self) -> str:
        return self.piece.location if self.piece.location.startswith(("https://", "http://")) else ""


def proofs(action: Action, member: Member) -> list[Proof]:
    """Return the evidence of an action that this person may see."""
    seen = Evidence.objects.visible_to(member).filter(action=action).select_related("added_by", "action")
    return [Proof(piece) for piece in seen]


def closed(request: HttpRequest, action: Action, *, heading: str, sentence: str) -> HttpResponse:
    """Answer someone who came for a form that an action no longer takes: what it takes no more of, and why."""
    context = {"action": action, "heading": heading, "sentence": sentence, "crumbs": way_to(action, request.member)}
    return render(request, "actions/closed.html", context)


def where_it_stands(action: Action) -> str:
    """Say in one sentence why an action that is finished or cancelled takes no more of something."""
    if action.cancelled_on is not None:
        return f"It was cancelled on {action.cancelled_on:%-d %B %Y}."
    if action.completed_on is not None:
        return f"It is complete: it was checked on {action.completed_on:%-d %B %Y}."
    if action.claimed_on is not None:
        return f"It waits to be checked by {permissions.checker_of(action) or 'the programme office'}."
    return "Its owner has not said that it is done."
