"""The versions of a plan: a list, each as it was frozen, and how two differ."""

from itertools import zip_longest

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.member import Member
from tracker.actions import changes
from tracker.actions.quality.rules import SENTENCES
from tracker.dates import clock
from tracker.govuk.downloads import csv_download
from tracker.plans import permissions
from tracker.plans.forms import CompareForm, FreezeForm
from tracker.plans.models import Plan, PlanVersion
from tracker.plans.snapshots import COMPARED, HEADINGS, compare, compared_rows, read, rows_of
from tracker.plans.views import find
from tracker.reports.versions import reader_of

ALL = ("Versions", "reports:versions")


def versions(request: HttpRequest, plan: str) -> HttpResponse:
    """List the versions of a plan that this person may see, and freeze another."""
    member = request.member
    found = find.plan_of(member, plan)
    seen = list(_seen(member, found).defer("snapshot").select_related("frozen_by", "reply"))
    may_freeze = permissions.may_send(member)
    if request.method == "POST" and not may_freeze:
        raise PermissionDenied
    form = FreezeForm(find.typed(request), is_first=not seen) if may_freeze else None
    if form is not None and request.method == "POST" and form.is_valid():
        label = PlanVersion.Label(form.cleaned_data["label"])
        try:
            version = changes.freeze_version(
                found, by=request.user, on=clock.today(), reason=f"Frozen: {label.label.lower()}", **form.cleaned_data
            )
        except changes.EmptyPlan as refusal:
            form.add_error(None, str(refusal))
        else:
            name = label.label.lower()
            messages.success(request, f"Version {version.number}, {name}, is frozen as the plan stands now.")
            return redirect("reports:versions", plan=found.reference)
    context = {
        "plan": found,
        "versions": seen,
        "form": form,
        "crumbs": find.way_to(found),
        "rows": list(zip_longest(seen, [row.number for row in seen[1:]])),
    }
    return render(request, "reports/versions.html", context)


def version(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    """Show the plan as it was when a version was frozen."""
    member = request.member
    found = find.plan_of(member, plan)
    row = _one_of(member, found, number)
    before = _seen(member, found).filter(number__lt=number).values_list("number", flat=True).first()
    context = {
        "plan": found,
        "version": row,
        "frozen": read(row.snapshot, reader_of(found, member)),
        "warnings": [SENTENCES.get(code, code) for code in row.warnings],
        "submissions": row.submissions.all(),
        "before": before,
        "crumbs": find.way_to(found, ALL),
    }
    return render(request, "reports/version.html", context)


def version_csv(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    """Download the actions of a version, as far as this person may see them."""
    member = request.member
    found = find.plan_of(member, plan)
    row = _one_of(member, found, number)
    name = f"{member.authority.slug}-{found.reference}-version-{number}.csv"
    return csv_download(name, HEADINGS, rows_of(row.snapshot, reader_of(found, member)))


def compare_versions(request: HttpRequest, plan: str) -> HttpResponse:
    """Show what was added, removed and changed between two versions."""
    member = request.member
    found = find.plan_of(member, plan)
    form = _asked(request, member, found)
    context = {"plan": found, "form": form, "crumbs": find.way_to(found, ALL)}
    if form is not None and form.is_valid():
        first, second = form.cleaned_data["first"], form.cleaned_data["second"]
        context |= {
            "first": first,
            "second": second,
            "found": compare(first.snapshot, second.snapshot, reader_of(found, member)),
        }
    return render(request, "reports/compare.html", context)


def compare_csv(request: HttpRequest, plan: str) -> HttpResponse:
    """Download what differs between two versions."""
    member = request.member
    found = find.plan_of(member, plan)
    form = _asked(request, member, found)
    if form is None or not form.is_valid():
        raise Http404
    first, second = form.cleaned_data["first"], form.cleaned_data["second"]
    differs = compare(first.snapshot, second.snapshot, reader_of(found, member))
    name = f"{member.authority.slug}-{found.reference}-versions-{first.number}-and-{second.number}.csv"
    return csv_download(name, COMPARED, compared_rows(differs))


def _asked(request: HttpRequest, member: Member, plan: Plan) -> CompareForm | None:
    """The two versions of the address, else the last two; None when there are not two to compare."""
    seen = _seen(member, plan)
    newest = list(seen.values_list("number", flat=True)[:2])
    if len(newest) < 2:
        return None
    data = request.GET.copy()
    data.setdefault("from", str(newest[1]))
    data.setdefault("to", str(newest[0]))
    return CompareForm(data, versions=seen)


def _seen(member: Member, plan: Plan) -> QuerySet[PlanVersion]:
    return PlanVersion.objects.visible_to(member).filter(plan=plan).order_by("-number")


def _one_of(member: Member, plan: Plan, number: int) -> PlanVersion:
    seen = _seen(member, plan).select_related("frozen_by", "warnings_accepted_by", "reply")
    return get_object_or_404(seen, number=number)
