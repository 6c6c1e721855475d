"""Who owns what is not finished: who is late, and of whose actions nobody is being reminded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, Q

from accounts.member import Member
from accounts.models import Membership
from accounts.roles import Role
from tracker.actions.models import Action
from tracker.plans.models import Plan
from tracker.reports import decisions


@dataclass(frozen=True)
class Owner:
    """Someone's unfinished actions of a plan; `pk` is None for the actions without an owner.

    `place` is the service, agency, post or role of someone who is here, "" for a leaver.
    """

    pk: int | None
    name: str
    place: str
    unfinished: int
    late: int
    unheard: int
    oldest: date | None
    newest_update: date | None

    @property
    def is_here(self) -> bool:
        return bool(self.place)

    @property
    def unreminded(self) -> int:
        """The actions of which nobody is being reminded, less those that are overdue and unheard of anyway."""
        return 0 if self.is_here else self.unfinished - self.unheard


def owners_of(plan: Plan, member: Member, *, on: date) -> list[Owner]:
    """Return the owners of the plan's unfinished actions that a member may see. Two queries."""
    late = Q(deadline__lt=on)
    rows = (
        Action.objects.visible_to(member)
        .filter(plan=plan)
        .unfinished()
        .order_by()
        .values_list("owner", "owner__name")
        .annotate(
            unfinished=Count("pk"),
            late=Count("pk", filter=late),
            unheard=Count("pk", filter=decisions.unheard(on=on)),
            oldest=Min("deadline"),
            newest_update=Max("last_updated_on", filter=late),
        )
    )
    places = places_of(member, on=on)
    return [Owner(pk, name or "No owner", places.get(pk, ""), *numbers) for pk, name, *numbers in rows]


def places_of(member: Member, *, on: date) -> dict[int, str]:
    """Return the service, agency, post or role of everyone who is here today. One query."""
    found: dict[int, str] = {}
    for person, service, agency, post, role in (
        Membership.objects.current(on=on)
        .filter(authority=member.authority)
        .order_by("pk")
        .values_list("user", "service__name", "agency__name", "post", "role")
    ):
        found.setdefault(person, service or agency or post or Role(role).label)
    return found


def latest(owners: Iterable[Owner], at_most: int) -> list[Owner]:
    """Return the owners of the actions that have been overdue for longest."""
    late = [owner for owner in owners if owner.late]
    return sorted(late, key=lambda owner: (owner.oldest, -owner.late, owner.name, owner.pk or 0))[:at_most]
