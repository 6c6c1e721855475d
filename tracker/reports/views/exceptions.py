"""The exceptions that the improvement board is told of."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import practices_of
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.plans.views import find
from tracker.reports.exceptions import exceptions_of


def exceptions(request: HttpRequest, plan: str) -> HttpResponse:
    """List what the board is told of: late for long, off track, or moved too often."""
    member = request.member
    found = find.plan_of(member, plan)
    practices = practices_of(member.authority)
    context = {
        "plan": found,
        "list": exceptions_of(found, member, practices, on=clock.today(), calendar=calendar()),
        "late": practices["escalate_director"],
        "moves": practices["board_decides_move"],
        "crumbs": find.way_to(found),
    }
    return render(request, "reports/exceptions.html", context)
