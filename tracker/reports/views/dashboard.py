"""Are we on track? The first page of staff, councillors and chairs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.plans.models import Plan
from tracker.reports import board, clocks


def dashboard(request: HttpRequest) -> HttpResponse:
    """Show whether the current plan is on track; inspectors and partners have first pages of their own."""
    member = request.member
    if member.is_only_inspector and not member.looks_back:
        return redirect("inspect:index")
    if not member.sees_plan:
        return redirect("actions:my-actions")
    now, days = clock.now(), calendar()
    plan = Plan.objects.visible_to(member).select_related("authority").current().first()
    if plan is None:
        cards = clocks.plan_clocks(member, None, None, on=now.date(), calendar=days).cards
        context = {"now": now, "clocks": cards, "steps": board.steps_to_a_plan(member, on=now.date())}
        return render(request, "reports/dashboard.html", context)
    seen = board.board_of(plan, member, on=now.date(), calendar=days)
    return render(request, "reports/dashboard.html", {"now": now, "plan": plan, "board": seen})
