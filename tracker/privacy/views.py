"""Reports of what should not be here, and the statements that everyone may read."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import kept
from accounts.models import Authority
from tracker.audit.history import ChangedSince
from tracker.dates import clock
from tracker.govuk.pagination import pages_for
from tracker.privacy import changes
from tracker.privacy import statements as texts
from tracker.privacy.forms import ReportForm, SettleForm, StatementForm
from tracker.privacy.models import DetailsReport, Statement

ROWS = 25


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else kept.take(request)


# What should not be here


def report(request: HttpRequest) -> HttpResponse:
    """Say that a page holds what should not be here; anyone who is signed in may."""
    page = request.GET.get("page", "")
    form = ReportForm(_typed(request), initial={"page": page})
    if request.method == "POST" and form.is_valid():
        found = changes.report_details(request.member.authority, by=request.user, at=clock.now(), **form.cleaned_data)
        messages.success(request, "Report sent. The programme office finds it on its dashboard.")
        return redirect(found if request.member.runs_plan else request.path)
    return render(request, "privacy/report.html", {"form": form})


def reports(request: HttpRequest) -> HttpResponse:
    """List what was reported: what waits first, the oldest on top."""
    member = request.member
    if not member.runs_plan:
        raise PermissionDenied
    rows = DetailsReport.objects.visible_to(member).select_related("reported_by", "settled_by")
    settled = Paginator(rows.exclude(settled_at=None).order_by("-settled_at", "-pk"), ROWS)
    page = settled.get_page(request.GET.get("page"))
    context = {
        "waiting": rows.waiting().order_by("reported_at", "pk"),
        "page": page,
        "pages": pages_for(page.number, settled.num_pages, lambda number: f"?page={number}"),
    }
    return render(request, "privacy/reports.html", context)


def reported(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a report, and settle it."""
    member = request.member
    rows = DetailsReport.objects.visible_to(member).select_related("reported_by", "settled_by")
    found = get_object_or_404(rows, pk=pk)
    form = SettleForm(_typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.settle(found, by=request.user, at=clock.now(), **form.cleaned_data)
        except changes.AlreadySettled as refusal:
            form.add_error(None, str(refusal))
            found.refresh_from_db()
        else:
            messages.success(request, "Report settled.")
            return redirect("privacy:reports")
    context = {
        "report": found,
        "form": form if found.settled_at is None or form.errors else None,
        "crumbs": [{"label": "Reported details", "url": reverse("privacy:reports")}],
    }
    return render(request, "privacy/reported.html", context)


# Statements


@login_not_required
def statement(request: HttpRequest, kind: str, council: str = "") -> HttpResponse:
    """Show a statement to anyone: of a council, of the reader's own, or as it comes with the tracker."""
    member = getattr(request, "member", None)
    own = member.authority if member else None
    authority = get_object_or_404(Authority, slug=council) if council else own
    return render(request, "privacy/statement.html", {"shown": texts.shown(kind, authority), "council": authority})


def statements(request: HttpRequest) -> HttpResponse:
    """List the statements, each with whose words it has."""
    member = request.member
    if not member.runs_plan:
        raise PermissionDenied
    own = {row.kind: row.text for row in Statement.objects.of(member.authority)}
    rows = [
        {
            "title": kind.label,
            "is_own": bool(own.get(kind)),
            "url": reverse(f"privacy:{kind}-of", args=[member.authority.slug]),
            "change_url": reverse("privacy:change-statement", args=[kind]),
        }
        for kind in Statement.Kind
    ]
    return render(request, "privacy/statements.html", {"rows": rows})


def change_statement(request: HttpRequest, kind: str) -> HttpResponse:
    """Put the council's own words in a statement."""
    member = request.member
    if kind not in Statement.Kind.values:
        raise Http404
    if not member.runs_plan:
        raise PermissionDenied
    authority = member.authority
    initial = {
        "text": texts.own_words(authority, kind) or texts.words_that_come_with_it(kind),
        "seen": texts.latest_change(authority, kind),
    }
    form = StatementForm(_typed(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changes.change_statement(authority, kind=kind, by=request.user, **form.cleaned_data)
        except ChangedSince as refusal:
            form.add_error(None, str(refusal))
            form.data = form.data.copy()
            form.data["seen"] = str(refusal.seen)
        except changes.SameText as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, "Statement saved. Everyone reads it so from now on.")
            return redirect(f"privacy:{kind}-of", council=authority.slug)
    context = {
        "form": form,
        "title": Statement.Kind(kind).label,
        "crumbs": [{"label": "Statements", "url": reverse("privacy:statements")}],
    }
    return render(request, "privacy/change_statement.html", context)
