"""Who works on the plan, what each may do, and what is left with people who have gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, OuterRef, Subquery

from accounts.member import Member
from accounts.models import Membership, SignIn
from accounts.roles import WHAT_THEY_MAY_DO
from tracker.actions.models import Action
from tracker.reports.answers import OPEN
from tracker.reports.links import council_list


@dataclass(frozen=True)
class HeldRole:
    name: str
    allows: str
    ends_on: date | None


@dataclass
class Person:
    """Someone with a role in the council today."""

    name: str
    last_signed_in_at: datetime | None
    posts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    roles: list[HeldRole] = field(default_factory=list)
    open_actions: int = 0
    open_url: str = ""


@dataclass(frozen=True)
class Leaver:
    """Someone without a role in the council today who still owns open actions."""

    name: str
    open_actions: int
    open_url: str


@dataclass(frozen=True)
class Staff:
    people: Sequence[Person]
    leavers: Sequence[Leaver]

    @property
    def left_behind(self) -> int:
        return sum(leaver.open_actions for leaver in self.leavers)


def staff_of(member: Member, *, on: date) -> Staff:
    """Return the people of the member's council by name, and the leavers with open actions. Two queries.

    Actions that the member may not see are not counted.
    """
    owned = {
        owner: (name, number)
        for owner, name, number in Action.objects.visible_to(member)
        .open()
        .filter(owner__isnull=False)
        .order_by()
        .values_list("owner", "owner__name")
        .annotate(number=Count("pk"))
    }
    people: dict[int, Person] = {}
    latest = SignIn.objects.filter(user=OuterRef("user")).order_by("-at", "-pk").values("at")[:1]
    for held in (
        Membership.objects.current(on=on)
        .filter(authority=member.authority)
        .select_related("user", "service", "agency")
        .annotate(last_signed_in_at=Subquery(latest))
        .order_by("user__name", "user", "pk")
    ):
        person = people.setdefault(held.user_id, Person(held.user.name, held.last_signed_in_at))
        _add_once(person.posts, held.post)
        _add_once(person.places, str(held.service or held.agency or ""))
        person.roles.append(HeldRole(held.get_role_display(), WHAT_THEY_MAY_DO[held.role], held.ends_on))
    for owner, person in people.items():
        person.open_actions, person.open_url = owned.get(owner, ("", 0))[1], _open_actions_of(owner)
    leavers = [
        Leaver(name, number, _open_actions_of(owner)) for owner, (name, number) in owned.items() if owner not in people
    ]
    return Staff(list(people.values()), sorted(leavers, key=lambda leaver: leaver.name))


def _add_once(words: list[str], word: str) -> None:
    if word and word not in words:
        words.append(word)


def _open_actions_of(owner: int) -> str:
    return council_list(owner=owner, status=[status.value for status in OPEN])
