"""What people chose about their emails: of many people of many councils at once, in few queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.member import Member, members_in
from accounts.models import Membership, User
from tracker.reminders.models import KindOff, Preference
from tracker.reminders.permissions import may_cover
from tracker.reminders.rules import REQUIRED, WEEKLY_ROLES, Kind

Person = tuple[int, int]  # The keys of a council and of a person: in another council they may choose otherwise.


@dataclass(frozen=True)
class Choices:
    """The choices of some people. Whoever chose nothing has all as it comes: from 8:00am, joined, on Mondays."""

    on: date
    _chosen: Mapping[Person, Preference] = field(default_factory=dict)
    _switched: Mapping[tuple[Person, str], bool] = field(default_factory=dict)
    _have_summaries: frozenset[Person] = frozenset()
    _covers: Mapping[Person, int] = field(default_factory=dict)

    @classmethod
    def read(cls, people: Iterable[Person], *, on: date) -> "Choices":
        """Read what people, as (council, person), chose: in four queries at most, however many they are."""
        wanted = set(people)
        councils = {council for council, _ in wanted}
        persons = {person for _, person in wanted}
        rows = Preference.objects.filter(authority__in=councils, user__in=persons)
        chosen = {(row.authority_id, row.user_id): row for row in rows if (row.authority_id, row.user_id) in wanted}
        switches = KindOff.objects.filter(preference__in=[row.pk for row in chosen.values()]).values_list(
            "preference__authority", "preference__user", "kind", "is_off"
        )
        have_summaries = (
            Membership.objects.current(on=on)
            .filter(authority__in=councils, user__in=persons, role__in=WEEKLY_ROLES)
            .values_list("authority", "user")
        )
        return cls(
            on=on,
            _chosen=chosen,
            _switched={((council, person), kind): is_off for council, person, kind, is_off in switches},
            _have_summaries=frozenset(have_summaries),
            _covers=_covers_in_force(chosen, on=on),
        )

    def wants(self, authority_id: int, user_id: int, kind: str) -> bool:
        """Return whether a person wants a kind of reminder.

        What is late cannot be refused. All else comes until it is switched off, but the weekly summary: that
        comes by itself to those who answer for the plan, and to others who switched it on.
        """
        if kind in REQUIRED:
            return True
        person = (authority_id, user_id)
        is_usual = kind != Kind.WEEKLY or person in self._have_summaries
        return not self._switched.get((person, kind), not is_usual)

    def hour(self, authority_id: int, user_id: int) -> int:
        """Return the hour of the day, 8 to 17, from which a person is written to."""
        return self._of(authority_id, user_id).hour

    def weekly_day(self, authority_id: int, user_id: int) -> int:
        """Return the weekday, 0 for Monday to 4 for Friday, of what comes weekly."""
        return self._of(authority_id, user_id).weekly_day

    def at_once(self, authority_id: int, user_id: int) -> bool:
        """Return whether decisions wanted and actions given come at once, in an email of their own."""
        return self._of(authority_id, user_id).at_once

    def late_is_weekly(self, authority_id: int, user_id: int) -> bool:
        """Return whether what cannot be refused comes on the weekly day only."""
        return self._of(authority_id, user_id).late_is_weekly

    def cover(self, authority_id: int, user_id: int) -> int | None:
        """Return who gets a copy as the person is away on this day, or None: never one who may not cover any more."""
        return self._covers.get((authority_id, user_id))

    def _of(self, authority_id: int, user_id: int) -> Preference:
        return self._chosen.get((authority_id, user_id), AS_IT_COMES)


AS_IT_COMES = Preference()


def _covers_in_force(chosen: Mapping[Person, Preference], *, on: date) -> dict[Person, int]:
    away = {
        person: row.cover_id
        for person, row in chosen.items()
        if row.cover_id is not None and row.away_from and row.away_to and row.away_from <= on <= row.away_to
    }
    if not away:
        return {}
    members = members_in({*away, *((council, cover) for (council, _), cover in away.items())}, on=on)
    return {
        (council, person): cover
        for (council, person), cover in away.items()
        if (away_member := members.get((council, person)))
        and (cover_member := members.get((council, cover)))
        and may_cover(cover_member, away_member)
    }


def edition_of(member: Member) -> int:
    """Return how often a person's choices in a council were changed: who was shown an older one has to look again."""
    of_this_person = {"authority": member.authority, "user": member.user}
    return (
        Preference.history.filter(**of_this_person).count()
        + KindOff.history.filter(**{f"preference__{name}": row for name, row in of_this_person.items()}).count()
    )


def covers_for(member: Member, *, on: date) -> list[User]:
    """Return the people who may cover for a person, by name."""
    found = Membership.objects.current(on=on).filter(authority=member.authority).values_list("authority", "user")
    members = members_in(found, on=on).values()
    return sorted((one.user for one in members if may_cover(one, member)), key=lambda user: (user.name, user.pk))
