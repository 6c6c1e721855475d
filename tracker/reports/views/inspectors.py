"""Inspectors: who has access, giving and ending it, and the pages they opened."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import changes, kept
from accounts.models import Membership, practices_of
from accounts.signing import invitations
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
    """Give an inspector access; an email with a link goes to them within a minute or two."""
    _to_keep_people(request)
    member, today = request.member, clock.today()
    form = GiveAccessForm(
        request.POST or kept.take(request),
        scopes=access.scope_choices(member),
        initial={"starts_on": today, "scope": access.EVERYTHING},
    )
    if request.method == "POST" and form.is_valid():
        try:
            letter = partial(invitations.letter, by=request.user, on=today)
            given = changes.give_access(
                member.authority, by=request.user, on=today, at=clock.now(), letter=letter, **form.cleaned_data
            )
        except changes.AccessRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(
                request,
                f"{given.user} has access until {long_date(given.ends_on)}. The email that tells them goes out within "
                "a minute or two.",
            )
            return redirect("reports:inspectors")
    return render(request, "reports/give_access.html", {"form": form, "crumbs": _crumbs()})


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
def write_again(request: HttpRequest, number: int) -> HttpResponse:
    """Write once more to an inspector who has not signed in yet: the link of the email works for some days only."""
    found = _access_of(request, number)
    letter = invitations.letter(found, by=request.user, on=clock.today())
    changes.write_invitation(found, letter=letter, at=clock.now())
    messages.success(request, f"The email to {found.user} goes out again within a minute or two.")
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
