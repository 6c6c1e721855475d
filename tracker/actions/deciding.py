"""Who decides about another deadline: how far it would move, how often it has, what it passes, and who is there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import Membership, User
from accounts.practices import Practices
from accounts.roles import SEES_RESTRICTED, Role
from tracker.actions.models import Action, DeadlineRequest
from tracker.actions.rules import RANK, Limits, Slip, Tier, passed_on, tier_of
from tracker.actions.wording import in_sentence
from tracker.dates.working_days import Calendar
from tracker.govuk.templatetags.govuk import and_list
from tracker.inspections.models import Visit

BOARD = "improvement board"


@dataclass(frozen=True)
class People:
    """Who could decide about one deadline today, without those who ask for it or own the action.

    `recorders` are those who record what the board decides. `no_lead` and `no_director` say why there is none,
    where there is none.
    """

    lead: User | None
    directors: tuple[User, ...]
    chairs: tuple[User, ...]
    recorders: tuple[User, ...] = ()
    no_lead: str = ""
    no_director: str = ""

    def passed_on(self, tier: Tier) -> tuple[Tier, str]:
        """Return who decides in the end, and why it is passed on, if it is."""
        decides = passed_on(tier, has_lead=self.lead is not None, has_director=bool(self.directors))
        if decides == tier:
            return tier, ""
        steps = [self.no_lead] if tier == Tier.LEAD else []
        steps += [self.no_director] if decides == Tier.BOARD else []
        return decides, " ".join(steps)

    def to_ask(self, tier: Tier) -> tuple[User, ...]:
        """Return whom to ask for a decision at a tier; for the board its chair, else whoever records it."""
        if tier == Tier.LEAD:
            return (self.lead,) if self.lead else ()
        return self.directors if tier == Tier.DIRECTOR else self.chairs or self.recorders

    def words(self, tier: Tier) -> str:
        """Return "Lena Lead, priority lead"; for the board who speaks for it, or who records what it decides."""
        if tier == Tier.LEAD:
            return f"{self.lead or 'Nobody yet'}, priority lead"
        if tier == Tier.DIRECTOR:
            return f"{and_list(self.directors) or 'Nobody yet'}, director"
        if self.chairs:
            return f"The {BOARD}: {and_list(self.chairs)} decides for it"
        return f"The {BOARD}: the programme office or the director records what it decides"


@dataclass(frozen=True)
class Outlook:
    """What another deadline would mean, and who decides about it."""

    to: date
    slip: Slip
    in_all: int
    tier: Tier
    why: str
    people: People

    @property
    def who(self) -> str:
        return self.people.words(self.tier)


def limits_of(practices: Practices) -> Limits:
    return Limits(
        lead_up_to=practices["lead_decides"].value,
        director_up_to=practices["director_decides"].value,
        board_from_move=practices["board_decides_move"].value,
    )


def outlook(action: Action, *, to: date, asked_by: User, on: date, calendar: Calendar, practices: Practices) -> Outlook:
    """Return what it would mean to move an action's deadline, which it has, to another day. Three queries.

    `in_all` counts working days against the date first agreed. Raises HolidaysUnknown.
    """
    assert action.deadline is not None  # noqa: S101  An action without a deadline has none to move.
    slip = Slip(
        working_days=calendar.between(action.deadline, to),
        move_number=action.deadline_changes.count() + 1,
        is_later=to > action.deadline,
        visit=visit_passed(action, to, on=on),
    )
    tier, why = tier_of(slip, limits_of(practices))
    people = people_for(action, asked_by=asked_by, on=on)
    decides, passing = people.passed_on(tier)
    return Outlook(
        to=to,
        slip=slip,
        in_all=calendar.between(action.first_agreed or action.deadline, to),
        tier=decides,
        why=f"{why} {passing}".strip(),
        people=people,
    )


def visit_passed(action: Action, to: date, *, on: date) -> str:
    """Return the first visit to come that a deadline would pass, as it stands in a sentence, or "". One query.

    An action must be done by the visit's first day, or the earliest day it is expected, to count at it.
    """
    passed = []
    for visit in Visit.objects.of(action.authority).without_letter():
        is_window_open = visit.starts_on is None and visit.expected_to is not None and visit.expected_to >= on
        day = max(visit.due_by or on, on) if is_window_open else visit.due_by
        if day is not None and day >= on and action.deadline <= day < to:
            passed.append((day, visit.pk, visit))
    if not passed:
        return ""
    day, _, visit = min(passed)
    return f"{in_sentence(str(visit))} {'on' if visit.starts_on else 'expected from'} {day:%-d %B %Y}"


def people_for(action: Action, *, asked_by: User, on: date) -> People:
    """Return who could decide about the deadline of an action. One query.

    Nobody decides about their own request, or about an action of their own. A restricted action is decided by
    those who see it.
    """
    return _people_among(list(_memberships([action.authority_id], on=on)), action, asked_by)


def asked_to_decide(requests: Iterable[DeadlineRequest], *, on: date) -> dict[int, tuple[User, ...]]:
    """Return whom to ask about each of some requests that wait, as things stand on a day, by request. One query.

    Each request carries its action with the priority and its lead, and who asked.
    """
    requests = list(requests)
    here: dict[int, list[Membership]] = {}
    for membership in _memberships({request.action.authority_id for request in requests}, on=on) if requests else ():
        here.setdefault(membership.authority_id, []).append(membership)
    found = {}
    for request in requests:
        people = _people_among(here.get(request.action.authority_id, []), request.action, request.asked_by)
        found[request.pk] = people.to_ask(people.passed_on(Tier(request.tier))[0])
    return found


def _memberships(authorities: Iterable[int], *, on: date) -> QuerySet[Membership]:
    return (
        Membership.objects.current(on=on)
        .filter(authority__in=authorities)
        .exclude(role=Role.PARTNER)
        .select_related("user")
        .order_by("user__name", "user", "pk")
    )


def _people_among(memberships: list[Membership], action: Action, asked_by: User) -> People:
    lead = action.priority.lead
    here = {membership.user_id for membership in memberships}
    own = {asked_by.pk, action.owner_id}
    sees = _who_sees(action, memberships)

    def holders(*roles: Role) -> list[User]:
        return list(dict.fromkeys(membership.user for membership in memberships if membership.role in roles))

    directors = holders(Role.DIRECTOR)
    is_directors_own = any(person.pk in own for person in directors)
    recorders = holders(Role.DIRECTOR, Role.PROGRAMME_OFFICE)
    return People(
        lead=lead if lead and lead.pk in here & sees - own else None,
        directors=() if is_directors_own else tuple(directors),
        chairs=tuple(person for person in holders(Role.CHAIR) if person.pk in sees - own),
        recorders=tuple(person for person in recorders if person.pk not in own),
        no_lead=_why_no_lead(lead, action, asked_by, is_here=bool(lead and lead.pk in here)),
        no_director=(
            f"It is the director’s own {'request' if asked_by in directors else 'action'}."
            if is_directors_own
            else "There is no director."
        ),
    )


def _who_sees(action: Action, memberships: Iterable[Membership]) -> set[int]:
    if not action.is_restricted:
        return {membership.user_id for membership in memberships}
    return {membership.user_id for membership in memberships if membership.role in SEES_RESTRICTED} | {
        action.accountable_id or 0
    }


def _why_no_lead(lead: User | None, action: Action, asked_by: User, *, is_here: bool) -> str:
    if lead is None:
        return "Nobody leads the priority."
    if lead == asked_by:
        return f"{lead}, who leads the priority, asks for it."
    if lead.pk == action.owner_id:
        return f"{lead}, who leads the priority, owns the action."
    return f"{lead}, who leads the priority, {'does not see the action' if is_here else 'has left'}."


def decider_of(request: DeadlineRequest, *, on: date) -> tuple[Tier, str]:
    """Return who decides about a request as things stand on a day, in words. One query."""
    people = people_for(request.action, asked_by=request.asked_by, on=on)
    tier, _ = people.passed_on(Tier(request.tier))
    return tier, people.words(tier)


def is_beyond(tier: str, limit: str) -> bool:
    """Return whether a decision is for someone higher than those who decide at `limit`."""
    return RANK[Tier(tier)] > RANK[Tier(limit)]
