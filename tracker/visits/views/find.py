"""What the pages of visits share: finding a visit, the way back to it, and an answer to a refusal."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import kept
from tracker.audit.history import version_of
from tracker.govuk.forms import GovukForm
from tracker.inspections.changes import ChangedSince
from tracker.inspections.models import Finding, Visit
from tracker.visits import permissions


def to_run(request: HttpRequest) -> None:
    """Refuse who may not enter visits and keep what is made ready for them."""
    if not permissions.may_run_visits(request.member):
        raise PermissionDenied


def visit_of(request: HttpRequest, reference: str) -> Visit:
    """Return the visit at an address; 404 for another council's, then 403 for who may not run visits."""
    found = get_object_or_404(
        Visit.objects.visible_to(request.member).select_related("authority", "inspection"), reference=reference
    )
    to_run(request)
    return found


def finding_of(visit: Visit, kind: str, number: int) -> Finding:
    """Return the finding at an address: "needs-work" and 3."""
    found = visit.findings.select_related("recommendation__inspection", "agency")
    return get_object_or_404(found, kind=kind.replace("-", "_"), number=number)


def typed(request: HttpRequest) -> QueryDict | None:
    """Return what was posted; else what was typed here before the session ended, once."""
    return request.POST if request.method == "POST" else kept.take(request)


def crumbs(visit: Visit | None = None) -> list[dict[str, str]]:
    """Return the breadcrumbs of a form: the list of visits, and the visit it is about."""
    way = [{"label": "Visits", "url": reverse("reports:visits")}]
    return way if visit is None else [*way, {"label": str(visit), "url": visit.get_absolute_url()}]


Refusals = Mapping[type[Exception], str | None]


def put_on(form: GovukForm, refusal: Exception, fields: Refusals, *, row: models.Model | None = None) -> None:
    """Put a refusal on the field it is about, else on the whole form.

    After ChangedSince the form holds the newest version of the row, so that saving again puts it in place of theirs.
    """
    named = getattr(refusal, "field", None) or next(
        (field for kind, field in fields.items() if isinstance(refusal, kind)), None
    )
    form.add_error(named if named in form.fields else None, str(refusal))
    if isinstance(refusal, ChangedSince) and row is not None:
        data: Any = form.data.copy()
        data["seen"] = str(version_of(row))
        form.data = data
