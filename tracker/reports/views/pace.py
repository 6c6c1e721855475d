"""Are we going fast enough, and were earlier forecasts right?"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from tracker.dates import clock
from tracker.govuk.downloads import csv_download
from tracker.plans.models import Plan, Priority
from tracker.reports import letters
from tracker.reports.pace import pages
from tracker.reports.pace.facts import facts_of, legal_date


def pace(request: HttpRequest, plan: str) -> HttpResponse:
    """Show the pace of a plan, or of one priority of it, and what it leads to."""
    member, today = request.member, clock.today()
    found = get_object_or_404(Plan.objects.visible_to(member), reference=plan)
    priorities = list(found.priorities.all())
    chosen = _chosen(request, priorities)
    coming = letters.next_visit(letters.visits_heard(member), on=today)
    page = pages.page_of(
        found,
        facts_of(found, member),
        priorities,
        on=today,
        visit=coming.visit if coming else None,
        legal_on=legal_date(found, member, on=today),
        priority=chosen,
    )
    context = {"plan": found, "priority": chosen, "page": page, "pace": page.section, "crumbs": _crumbs(found)}
    return render(request, "reports/pace.html", context)


def pace_csv(request: HttpRequest, plan: str) -> HttpResponse:
    """Give the figures of the burn-up, week by week."""
    member, today = request.member, clock.today()
    found = get_object_or_404(Plan.objects.visible_to(member), reference=plan)
    coming = letters.next_visit(letters.visits_heard(member), on=today)
    rows = pages.rows_of_csv(
        facts_of(found, member),
        on=today,
        visit=coming.visit if coming else None,
        legal_on=legal_date(found, member, on=today),
        priority=_chosen(request, list(found.priorities.all())),
    )
    name = f"{found.authority.slug}-{found.reference}-pace-{today:%Y-%m-%d}.csv"
    return csv_download(name, pages.HEADINGS, rows)


def back_test(request: HttpRequest, plan: str) -> HttpResponse:
    """Show each week's forecast of the past, and what happened."""
    member, today = request.member, clock.today()
    found = get_object_or_404(Plan.objects.visible_to(member), reference=plan)
    chosen = _chosen(request, list(found.priorities.all()))
    ahead = next((weeks for weeks in pages.AHEAD if request.GET.get("ahead") == str(weeks)), pages.AHEAD[0])
    record = facts_of(found, member).record(chosen.pk if chosen else None)
    context = {
        "plan": found,
        "priority": chosen,
        "test": pages.back_test_of(record, on=today, ahead=ahead),
        "choices": [(weeks, pages.address("pace-back-test", found, chosen, ahead=weeks)) for weeks in pages.AHEAD],
        "csv_url": pages.address("pace-back-test-csv", found, chosen),
        "pace_url": pages.address("pace", found, chosen),
        "crumbs": [*_crumbs(found), {"label": "Pace", "url": pages.address("pace", found, chosen)}],
    }
    return render(request, "reports/pace_back_test.html", context)


def back_test_csv(request: HttpRequest, plan: str) -> HttpResponse:
    """Give each week's forecast of the past, and what happened, for 4 and for 8 weeks ahead."""
    member, today = request.member, clock.today()
    found = get_object_or_404(Plan.objects.visible_to(member), reference=plan)
    chosen = _chosen(request, list(found.priorities.all()))
    record = facts_of(found, member).record(chosen.pk if chosen else None)
    name = f"{found.authority.slug}-{found.reference}-pace-back-test-{today:%Y-%m-%d}.csv"
    return csv_download(name, pages.BACK_TEST_HEADINGS, pages.rows_of_back_test(record, on=today))


def _chosen(request: HttpRequest, priorities: list[Priority]) -> Priority | None:
    """The priority asked for, if one is. Raises Http404 for one that the plan has not."""
    asked = request.GET.get("priority", "")
    if not asked:
        return None
    found = next((priority for priority in priorities if str(priority.number) == asked), None)
    if found is None:
        raise Http404("No such priority.")
    return found


def _crumbs(plan: Plan) -> list[dict[str, str]]:
    return [{"label": str(plan), "url": reverse("reports:plan", args=[plan.reference])}]
