"""The pack for a visit: made, and handed over as ZIP or PDF."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts import kept
from tracker.dates import clock
from tracker.dates.models import calendar
from tracker.inspections.models import Visit
from tracker.plans.models import Plan
from tracker.reports.forms import PackForm
from tracker.reports.pack.contents import contents_of
from tracker.reports.pack.files import pack, pdf_in
from tracker.visits import changes
from tracker.visits.models import VisitPack
from tracker.visits.permissions import may_run_visits


def make_pack(request: HttpRequest, reference: str) -> HttpResponse:
    """Make a pack for a visit of the plan as it stands now, and keep it."""
    member = request.member
    visit = get_object_or_404(Visit.objects.visible_to(member).select_related("authority"), reference=reference)
    if not may_run_visits(member):
        raise PermissionDenied
    plans = Plan.objects.visible_to(member).select_related("authority").current()
    form = PackForm(request.POST or kept.take(request), plans=plans)
    if request.method == "POST" and form.is_valid():
        plan, audience, now = form.cleaned_data["plan"], form.cleaned_data["audience"], clock.now()
        contents = contents_of(visit, plan, audience=audience, on=now.date(), at=now, calendar=calendar())
        made = pack(contents)
        kept_pack = changes.keep_pack(
            visit,
            plan=plan,
            audience=audience,
            left_out=contents.left_out,
            content=made.content,
            sha256=made.sha256,
            pdf_sha256=made.pdf_sha256,
            by=request.user,
            at=now,
        )
        messages.success(request, f"Pack {kept_pack.number} is made and kept. {contents.left_out}")
        return redirect(f"{visit.get_absolute_url()}#packs")
    crumbs = [
        {"label": "Visits", "url": reverse("reports:visits")},
        {"label": str(visit), "url": visit.get_absolute_url()},
    ]
    return render(request, "reports/make_pack.html", {"form": form, "visit": visit, "crumbs": crumbs})


def _pack_of(request: HttpRequest, reference: str, number: int) -> VisitPack:
    found = VisitPack.objects.visible_to(request.member).select_related("visit__authority")
    return get_object_or_404(found, visit__reference=reference, number=number)


def pack_zip(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Give a pack that was kept, byte for byte as it was made."""
    found = _pack_of(request, reference, number)
    return _file(found, bytes(found.content), "zip", "application/zip")


def pack_pdf(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Give the PDF of a pack that was kept."""
    found = _pack_of(request, reference, number)
    return _file(found, pdf_in(bytes(found.content)), "pdf", "application/pdf")


def _file(found: VisitPack, content: bytes, ending: str, content_type: str) -> HttpResponse:
    name = f"{found.visit.authority.slug}-{found.visit.reference}-pack-{found.number}.{ending}"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )
