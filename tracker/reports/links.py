"""Addresses of the lists that numbers are made of."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from tracker.plans.models import Plan


def actions_list(plan: Plan, **filters: Any) -> str:
    """Return the address of a plan's actions, filtered: `actions_list(plan, status=["overdue"], due="visit")`."""
    query = f"?{urlencode(filters, doseq=True)}" if filters else ""
    return f"{reverse('reports:plan', args=[plan.reference])}{query}#actions"
