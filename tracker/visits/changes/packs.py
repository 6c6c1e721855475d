"""Packs that are handed to inspectors: kept as they were made."""

from datetime import datetime

from django.db.models import Max

from accounts.models import User
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.inspections.models import Visit
from tracker.plans.models import Plan
from tracker.visits.models import VisitPack


@recorded()
def keep_pack(
    visit: Visit,
    *,
    plan: Plan,
    audience: str,
    left_out: str,
    content: bytes,
    sha256: str,
    pdf_sha256: str,
    by: User,
    at: datetime,
) -> VisitPack:
    """Keep a pack that was made for a visit, with its checksums in the history."""
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    last = VisitPack.objects.filter(visit=visit).aggregate(last=Max("number"))["last"] or 0
    pack = VisitPack(
        visit=visit,
        plan=plan,
        number=last + 1,
        audience=audience,
        made_at=at,
        made_by=by,
        left_out=left_out,
        sha256=sha256,
        pdf_sha256=pdf_sha256,
        size=len(content),
        content=content,
    )
    return save_because(pack, by=by, reason=f"Made for {audience}")
