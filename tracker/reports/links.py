"""Addresses of the lists that numbers are made of."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from tracker.plans.models import Plan


def actions_list(plan: Plan, **filters: Any) -> str:
    """Return the address of a plan's actions, filtered: `actions_list(plan, status=["overdue"], due="visit")`."""
    return _filtered(_page(get_script_prefix(), "reports:plan", plan.reference), filters)


def council_list(**filters: Any) -> str:
    """Return the address of the actions of all of a council's plans, filtered."""
    return _filtered(_page(get_script_prefix(), "reports:actions"), filters)


@lru_cache(maxsize=1000)
def _page(under: str, name: str, *arguments: str) -> str:
    """Kept, because a page asks for the same few addresses dozens of times; `under` is what they all begin with."""
    return reverse(name, args=arguments)


def _filtered(page: str, filters: dict[str, Any]) -> str:
    query = f"?{urlencode(filters, doseq=True)}" if filters else ""
    return f"{page}{query}#actions"
