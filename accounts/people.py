"""Who works in a council today: what forms offer when they ask for a person."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from accounts.models import Authority, Membership, User
from accounts.roles import OWNS_ACTIONS, SEES_PLAN, Role

# Those who can be given a part of the plan to see to: they work on actions and see the whole.
KEEPS_A_PART = OWNS_ACTIONS & SEES_PLAN


def people_here(authority: Authority, *, on: date, holding: Iterable[Role] = KEEPS_A_PART) -> QuerySet[User]:
    """Return the people who hold one of some roles in a council on a day, by name."""
    members = Membership.objects.current(on=on).filter(authority=authority, role__in=list(holding))
    return User.objects.filter(pk__in=members.values("user")).order_by("name", "pk")
