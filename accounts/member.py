"""A person acting in one council: the answer to "who is asking?" that every list and rule takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from accounts import roles
from accounts.models import Authority, Membership, User
from accounts.roles import Role


@dataclass(frozen=True)
class Scope:
    """The part of a council's work that an inspector was let see: one plan, or one visit, by reference."""

    plan: str = ""
    visit: str = ""


@dataclass(frozen=True)
class Member:
    """One person in one council, with all the roles they hold there today.

    Someone who belongs to two councils is two members, and is never both in one request.
    Someone who `looks_back` reads a page of the past with the rights they have today: `hidden_today` are the actions
    that they may not see today, whatever was so then.
    """

    user: User
    authority: Authority
    memberships: tuple[Membership, ...]
    looks_back: bool = False
    hidden_today: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return self.user.name

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(membership.role) for membership in self.memberships)

    @property
    def post(self) -> str:
        """The first post named, or ""."""
        return next((membership.post for membership in self.memberships if membership.post), "")

    @property
    def agency_ids(self) -> frozenset[int]:
        return frozenset(m.agency_id for m in self.memberships if m.agency_id is not None)

    @property
    def access_ends_on(self) -> date | None:
        """The last day of access, when every role has an end."""
        ends = [membership.ends_on for membership in self.memberships]
        return max((end for end in ends if end), default=None) if all(ends) else None

    @property
    def scope(self) -> Scope | None:
        """The one plan or visit that an inspector's access is for; None for all that the council's people see."""
        if not self.is_only_inspector:
            return None
        found = Scope(self.memberships[0].only_plan, self.memberships[0].only_visit)
        return found if found.plan or found.visit else None

    @property
    def is_recorded(self) -> bool:
        """Whether the pages this person opens are kept and shown to the council."""
        return Role.INSPECTOR in self.roles

    def holds(self, *wanted: Role) -> bool:
        return not self.roles.isdisjoint(wanted)

    @property
    def sees_plan(self) -> bool:
        return not self.roles.isdisjoint(roles.SEES_PLAN)

    @property
    def sees_restricted(self) -> bool:
        return not self.roles.isdisjoint(roles.SEES_RESTRICTED)

    @property
    def runs_plan(self) -> bool:
        return not self.roles.isdisjoint(roles.RUNS_PLAN)

    @property
    def sends_plan(self) -> bool:
        return not self.roles.isdisjoint(roles.SENDS_PLAN)

    @property
    def sets_numbers(self) -> bool:
        return not self.looks_back and not self.roles.isdisjoint(roles.SETS_NUMBERS)

    @property
    def keeps_people(self) -> bool:
        return not self.roles.isdisjoint(roles.KEEPS_PEOPLE)

    @property
    def keeps_holidays(self) -> bool:
        return not self.looks_back and not self.roles.isdisjoint(roles.KEEPS_HOLIDAYS)

    @property
    def owns_actions(self) -> bool:
        return not self.roles.isdisjoint(roles.OWNS_ACTIONS)

    @property
    def sees_people(self) -> bool:
        return not self.roles.isdisjoint(roles.SEES_PEOPLE)

    @property
    def is_only_inspector(self) -> bool:
        return self.roles == {Role.INSPECTOR}

    @property
    def uses_inspector_site(self) -> bool:
        return not self.roles.isdisjoint(roles.USES_INSPECTOR_SITE)


def only_today(rule: Callable[..., bool]) -> Callable[..., bool]:
    """Make a permission to change something one that nobody has while they look back: the past is not changed."""

    @wraps(rule)
    def asked(member: Member, *args: Any, **named: Any) -> bool:
        return not member.looks_back and rule(member, *args, **named)

    return asked


def members_of(user: User, *, on: date) -> list[Member]:
    """Return the person as a member of each council they belong to on a day, by council name.

    One query. Empty for someone who has left, or whose access has not begun or has ended.
    """
    memberships = (
        Membership.objects.current(on=on)
        .filter(user=user)
        .select_related("authority")
        .order_by("authority__name", "authority", "pk")
    )
    return _grouped(user, memberships)


def _grouped(user: User, memberships: Iterable[Membership]) -> list[Member]:
    councils: dict[int, list[Membership]] = {}
    for membership in memberships:
        councils.setdefault(membership.authority_id, []).append(membership)
    return [Member(user, held[0].authority, tuple(held)) for held in councils.values()]


def members_in(people: Iterable[tuple[int, int]], *, on: date) -> dict[tuple[int, int], Member]:
    """Return the members among (authority, person) pairs on a day, by that pair. One query."""
    wanted = set(people)
    memberships = (
        Membership.objects.current(on=on)
        .filter(authority__in={authority for authority, _ in wanted}, user__in={person for _, person in wanted})
        .select_related("authority", "user")
        .order_by("authority", "user", "pk")
    )
    held: dict[tuple[int, int], list[Membership]] = {}
    for membership in memberships:
        held.setdefault((membership.authority_id, membership.user_id), []).append(membership)
    return {
        pair: Member(found[0].user, found[0].authority, tuple(found)) for pair, found in held.items() if pair in wanted
    }


def why_no_access(user: User, *, on: date) -> str:
    """Return why someone with roles holds none on a day, or "" for one who holds a role, or never had any."""
    held = list(Membership.objects.filter(user=user).select_related("authority").order_by("starts_on", "pk"))
    if not held or Membership.objects.current(on=on).filter(user=user).exists():
        return ""
    to_come = [one for one in held if one.starts_on and one.starts_on > on and one.ended_at is None]
    if to_come:
        return f"Your access begins on {to_come[0].starts_on:%-d %B %Y}."
    return "Your access has ended. Ask the improvement programme office of the council if you still need it."


def outside_reader(authority: Authority) -> Member:
    """Return someone outside the council with an inspector's rights, who owns nothing: whom a pack is written for."""
    nobody = User(pk=0, name="A reader outside the council")
    return Member(nobody, authority, (Membership(user=nobody, authority=authority, role=Role.INSPECTOR),))
