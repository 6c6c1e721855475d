"""Are we ready for the next visit, and what did inspectors say last time?"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.plans.models import Plan
from tracker.reports import letters, visiting
from tracker.visits.models import VisitPack
from tracker.visits.permissions import may_run_visits


def visits(request: HttpRequest) -> HttpResponse:
    """List the visits: those to come, those that are over, and those whose days are not known."""
    if not request.member.sees_plan:
        raise PermissionDenied
    today, days = clock.today(), calendar()
    rows = visiting.visit_rows(letters.visits_heard(request.member), on=today, calendar=days)
    return render(request, "reports/visits.html", {"visits": rows, "may_run": may_run_visits(request.member)})


def visit(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one visit: what is due before it, and what inspectors said at it or the last time."""
    member = request.member
    today, days = clock.today(), calendar()
    heard = letters.visits_heard(member)
    this = next((row for row in heard if row.visit.reference == reference), None)
    if this is None:
        raise Http404("No such visit.")
    plan = Plan.objects.visible_to(member).current().first()
    page = visiting.page_of(this, heard, plan, member, on=today, calendar=days)
    packs = VisitPack.objects.visible_to(member).filter(visit=this.visit).defer("content").select_related("made_by")
    context = {"visit": this.visit, "plan": plan, "page": page, "packs": packs, "sees_packs": member.sends_plan}
    return render(request, "reports/visit.html", context)
