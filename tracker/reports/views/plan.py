"""The plan, and the list of all actions: "Does the plan cover everything, and what is due?"."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.member import Member
from tracker.actions import permissions
from tracker.actions.models import Action
from tracker.actions.rules import CLOSE_WORKING_DAYS
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.inspections.models import Clock
from tracker.plans.models import Plan, Submission
from tracker.plans.sent import open_criticisms, standing_now
from tracker.reports import coverage, listing
from tracker.reports.forms import BOARD, CLOSE, VISIT


def current_plan(request: HttpRequest) -> HttpResponse:
    """Go to the plan the council works to; without one, show the recommendations that wait for actions."""
    member = request.member
    if not member.sees_plan:
        return redirect("actions:my-actions")
    found = Plan.objects.visible_to(member).current().first()
    if found is not None:
        return redirect(found)
    today = clock.today()
    waiting = coverage.coverage_of(member, None, on=today, close_by=today)
    return render(request, "reports/no_plan.html", {"coverage": waiting, "may_start": permissions.may_run_plan(member)})


def plan(request: HttpRequest, plan: str) -> HttpResponse:
    """Show what each recommendation has, and the plan's actions."""
    member, today, days = request.member, clock.today(), calendar()
    close_by = days.add(today, CLOSE_WORKING_DAYS)
    found = get_object_or_404(_with_facts(Plan.objects.visible_to(member), member), reference=plan)
    visit = coverage.next_visit(member, on=today)
    visit_by = visit.due_by if visit else None
    covered = coverage.coverage_of(
        member, found, on=today, close_by=close_by, visit_by=visit_by, due=found.goes_to_ofsted_on
    )
    listed = listing.list_of(
        request.GET,
        Action.objects.visible_to(member).filter(plan=found),
        options=listing.options_for(member, found),
        until={CLOSE: close_by, VISIT: visit_by, BOARD: found.board_meets_on}.get,
        hidden=found.hidden or 0,
        on=today,
        close_by=close_by,
        days=days,
    )
    context = {
        "plan": found,
        "visit_by": visit_by,
        "coverage": covered,
        "list": listed,
        "form": listed.form,
        "may_add": permissions.may_run_plan(member),
        "standing": standing_now(found),
        "open_criticisms": list(open_criticisms(found, member)),
    }
    return render(request, "reports/plan.html", context)


def actions(request: HttpRequest) -> HttpResponse:
    """Show the actions of every plan of the council."""
    member = request.member
    if not member.sees_plan:
        return redirect("actions:my-actions")
    today, days = clock.today(), calendar()
    close_by = days.add(today, CLOSE_WORKING_DAYS)

    def until(due: str) -> date | None:
        # Asked of the database only when the address asks for it.
        if due == VISIT:
            visit = coverage.next_visit(member, on=today)
            return visit.due_by if visit else None
        if due == BOARD:
            found = Plan.objects.visible_to(member).current().first()
            return found.board_meets_on if found else None
        return close_by

    listed = listing.list_of(
        request.GET,
        Action.objects.visible_to(member),
        options=listing.options_for(member),
        until=until,
        hidden=listing.hidden_from(member).live().count() if not member.sees_restricted else 0,
        on=today,
        close_by=close_by,
        days=days,
    )
    crumbs = [{"label": "Plan", "url": reverse("reports:current-plan")}]
    return render(request, "reports/actions.html", {"crumbs": crumbs, "list": listed, "form": listed.form})


def _with_facts(plans: QuerySet[Plan], member: Member) -> QuerySet[Plan]:
    """Add the day the plan goes to Ofsted, or goes again, unless it has gone; and how many actions are hidden."""
    sent = Submission.objects.filter(plan=OuterRef(OuterRef("pk")), step=Submission.Step.OFSTED)
    still_to_go = Q(kind=Clock.Kind.RESUBMISSION) | Q(kind=Clock.Kind.PLAN) & ~Q(Exists(sent))
    due = (
        Clock.objects.visible_to(member)
        .unmet()
        .filter(still_to_go, inspection__plans=OuterRef("pk"))
        .annotate(due_on=Coalesce("notified_due", "computed_due"))
        .order_by("due_on")
        .values("due_on")[:1]
    )
    hidden = (
        listing.hidden_from(member)
        .filter(plan=OuterRef("pk"))
        .live()
        .order_by()
        .values("plan")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return plans.annotate(goes_to_ofsted_on=Subquery(due), hidden=Subquery(hidden))
