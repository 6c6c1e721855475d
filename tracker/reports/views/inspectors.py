"""Inspectors: who has access, giving and ending it, and the pages they opened."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import changes, kept
from accounts.models import Membership, practices_of
from tracker.dates import clock
from tracker.govuk.downloads import csv_download
from tracker.govuk.templatetags.govuk import long_date
from tracker.reports import inspectors as access
from tracker.reports.forms import ChangeAccessForm, EndAccessForm, GiveAccessForm, OpenedPagesForm


def _to_keep_people(request: HttpRequest) -> None:
    if not request.member.keeps_people:
        raise PermissionDenied


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": "People", "url": reverse("reports:people")},
        {"label": "Inspectors", "url": reverse("reports:inspectors")},
    ]


def _access_of(request: HttpRequest, number: int) -> Membership:
    """Return the access at an address; 404 for another council's, as for one that does not exist."""
    _to_keep_people(request)
    found = access.inspector_of(request.member, number)
    if found is None:
        raise Http404("No such inspector.")
    return found


def inspectors(request: HttpRequest) -> HttpResponse:
    """List the inspectors of the council, those with access first."""
    _to_keep_people(request)
    rows = access.inspectors_of(request.member, on=clock.today())
    context = {
        "inspectors": rows,
        "open": sum(row.is_open for row in rows),
        "sees_pages": request.member.runs_plan,
        "crumbs": _crumbs()[:1],
    }
    return render(request, "reports/inspectors.html", context)


def give_access(request: HttpRequest) -> HttpResponse:
    """Give an inspector access, and tell the first password once."""
    _to_keep_people(request)
    member, today = request.member, clock.today()
    form = GiveAccessForm(
        request.POST or kept.take(request),
        scopes=access.scope_choices(member),
        initial={"starts_on": today, "scope": access.EVERYTHING},
    )
    if request.method == "POST" and form.is_valid():
        try:
            given, password = changes.give_access(member.authority, by=request.user, on=today, **form.cleaned_data)
        except changes.AccessRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return _given(request, given, password)
    return render(request, "reports/give_access.html", {"form": form, "crumbs": _crumbs()})


def _given(request: HttpRequest, given: Membership, password: str) -> HttpResponse:
    """Show what was given: a page of its own, because the password is told once and kept nowhere."""
    names = dict(access.scope_choices(request.member))
    context = {
        "given": given,
        "scope": access.scope_in_words(given, names),
        "password": password,
        "sign_in_url": request.build_absolute_uri(reverse("account_login")),
        "crumbs": _crumbs(),
    }
    return render(request, "reports/access_given.html", context)


def change_access(request: HttpRequest, number: int) -> HttpResponse:
    """Change an inspector's days, or what they may see."""
    found = _access_of(request, number)
    member, today = request.member, clock.today()
    form = ChangeAccessForm(
        request.POST or kept.take(request),
        scopes=access.scope_choices(member),
        initial={"starts_on": found.starts_on or today, "ends_on": found.ends_on, "scope": access.scope_of(found)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            now = changes.change_access(found, by=request.user, on=today, **form.cleaned_data)
        except changes.AccessRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"{found.user} has access until {long_date(now.ends_on)}.")
            return redirect("reports:inspectors")
    context = {"form": form, "found": found, "crumbs": _crumbs()}
    return render(request, "reports/change_access.html", context)


def end_access(request: HttpRequest, number: int) -> HttpResponse:
    """End an inspector's access at once."""
    found = _access_of(request, number)
    form = EndAccessForm(request.POST or kept.take(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.end_access(found, at=clock.now(), by=request.user, **form.cleaned_data)
        except changes.AccessRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"{found.user} has no access any more. Their sessions are over.")
            return redirect("reports:inspectors")
    return render(request, "reports/end_access.html", {"form": form, "found": found, "crumbs": _crumbs()})


@require_POST
def make_password(request: HttpRequest, number: int) -> HttpResponse:
    """Make a new first password for an inspector who has not signed in yet, and tell it once."""
    found = _access_of(request, number)
    password = changes.make_first_password(found, by=request.user)
    if password:
        return _given(request, found, password)
    messages.error(request, f"{found.user} has a password of their own. It cannot be made here.")
    return redirect("reports:inspectors")


def _asked(request: HttpRequest) -> tuple[OpenedPagesForm, access.Asked]:
    if not request.member.runs_plan:
        raise PermissionDenied
    form = OpenedPagesForm(request.GET, people=access.people_recorded(request.member))
    return form, access.Asked(**form.cleaned_data) if form.is_valid() else access.Asked()


def opened_pages(request: HttpRequest) -> HttpResponse:
    """Show which pages inspectors opened, newest first."""
    form, asked = _asked(request)
    context = {
        "form": form,
        "asked": asked,
        "opened": access.opened_pages(request.member, asked, number=request.GET.get("page")),
        "kept_for": practices_of(request.member.authority)["opened_pages"],
        "crumbs": _crumbs(),
    }
    return render(request, "reports/opened_pages.html", context)


def opened_pages_csv(request: HttpRequest) -> HttpResponse:
    """Give the pages that inspectors opened, as filtered."""
    _, asked = _asked(request)
    rows = access.opened_rows(request.member, asked).iterator(500)
    name = f"{request.member.authority.slug}-pages-inspectors-opened-{clock.today():%Y-%m-%d}.csv"
    return csv_download(name, access.HEADINGS, access.rows_of_csv(rows))
