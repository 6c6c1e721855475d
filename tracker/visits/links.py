"""Addresses of what belongs to a visit."""

from django.urls import reverse

from tracker.inspections.models import Finding


def finding_url(finding: Finding, reference: str, *, name: str = "visits:finding") -> str:
    """Return the address at which a finding of a visit is corrected: …/findings/needs-work-3/."""
    return reverse(name, args=[reference, finding.kind.replace("_", "-"), finding.number])
