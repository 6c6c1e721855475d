"""Who works on the plan, and what may each of them do?"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.dates import clock
from tracker.reports import staff


def people(request: HttpRequest) -> HttpResponse:
    """List the people of the council with their roles, for those who work there."""
    if not request.member.sees_people:
        raise PermissionDenied
    return render(request, "reports/people.html", {"staff": staff.staff_of(request.member, on=clock.today())})
