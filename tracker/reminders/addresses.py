"""Whose address do mail servers refuse, and what is nobody reminded of because of it?"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse

from accounts.member import Member
from accounts.models import Membership
from tracker.actions.models import Action
from tracker.reminders.models import AddressTrouble

TOLD_FOR_DAYS = 90


@dataclass(frozen=True)
class Troubled:
    """To how many people of a council nothing is sent, and the page that says more."""

    count: int
    url: str


@dataclass(frozen=True)
class Silence:
    """An address that is refused, and the actions of its owner: references only, and how many are restricted."""

    trouble: AddressTrouble
    actions: Sequence[Action]
    restricted: int

    @property
    def number(self) -> int:
        return len(self.actions) + self.restricted


@dataclass(frozen=True)
class Cleared:
    """An address that is tried again; `by` is "" when the mail server simply took an email."""

    trouble: AddressTrouble
    by: str


def stopped_of(member: Member, *, on: date) -> QuerySet[AddressTrouble]:
    """Return the addresses of this council's people to which nothing is sent, as they are refused again and again."""
    return _of_council(member, on=on).stopped()


def troubled(member: Member, *, on: date) -> Troubled:
    """Return how many people of this council get nothing, because their address is refused again and again."""
    return Troubled(stopped_of(member, on=on).count(), reverse("reminders:addresses"))


def trouble_of(member: Member, pk: int, *, on: date) -> AddressTrouble | None:
    """Return the trouble with an address of someone of this council, cleared or not."""
    return _of_council(member, on=on).filter(pk=pk).first()


def refused(member: Member, *, on: date) -> list[Silence]:
    """Return the refused addresses of a council: first those that nothing is sent to. Two queries."""
    troubles = list(
        _of_council(member, on=on)
        .open()
        .select_related("user")
        .order_by(F("stopped_on").asc(nulls_last=True), "user__name", "pk")
    )
    actions = _actions_of({trouble.user_id for trouble in troubles}, member)
    return [
        Silence(
            trouble,
            [action for action in actions[trouble.user_id] if not action.is_restricted],
            sum(action.is_restricted for action in actions[trouble.user_id]),
        )
        for trouble in troubles
    ]


def cleared_lately(member: Member, *, on: date) -> list[Cleared]:
    """Return what was cleared in the last 90 days, latest first, and by whom in this council."""
    colleagues = set(Membership.objects.filter(authority=member.authority).values_list("user", flat=True))
    rows = (
        AddressTrouble.objects.filter(pk__in=_of_council(member, on=on))
        .filter(cleared_on__gte=on - timedelta(days=TOLD_FOR_DAYS), stopped_on__isnull=False)
        .select_related("user", "cleared_by")
        .order_by("-cleared_on", "-pk")
    )
    return [Cleared(row, _who(row, colleagues)) for row in rows]


def _who(row: AddressTrouble, colleagues: Collection[int]) -> str:
    if row.cleared_by is None:
        return ""
    return row.cleared_by.name if row.cleared_by_id in colleagues else "Someone in another council"


def _of_council(member: Member, *, on: date) -> QuerySet:
    """Of people of this council today, and of the address they have today: what a corrected one did is over."""
    belongs = Membership.objects.current(on=on).filter(authority=member.authority, user=OuterRef("user"))
    return AddressTrouble.objects.filter(Exists(belongs), address=F("user__email"))


def _actions_of(people: Collection[int], member: Member) -> dict[int, list[Action]]:
    found = defaultdict(list)
    for action in (
        Action.objects.of(member.authority)
        .unfinished()
        .filter(owner__in=people)
        .select_related("plan")
        .only("reference", "is_restricted", "owner", "plan__reference", "plan__authority")
        .order_by("plan", "position", "pk")
    ):
        if action.owner_id is not None:
            found[action.owner_id].append(action)
    return found
