"""Is the plan fit to be sent? Every check, with the rows at fault."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.actions.quality.facts import quality_of
from tracker.dates import clock
from tracker.plans.views import find
from tracker.reports.quality import answer_of, as_seen_by


def quality(request: HttpRequest, plan: str) -> HttpResponse:
    """Show what each check of the plan finds, those that fail first."""
    member = request.member
    found = find.plan_of(member, plan)
    checked = quality_of(found, on=clock.today())
    seen = as_seen_by(member, found, checked.checks)
    context = {
        "plan": found,
        "quality": checked,
        "answer": answer_of(checked),
        "failing": [one for one in seen if not one.check.passes],
        "checks": seen,
        "crumbs": find.way_to(found),
    }
    return render(request, "reports/quality.html", context)
