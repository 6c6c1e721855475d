"""What the emails of a batch speak of, read in a handful of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from accounts.models import User
from tracker.actions.models import Action, DeadlineChange, DeadlineRequest, Milestone
from tracker.actions.rules import CLOSE_WORKING_DAYS
from tracker.dates.working_days import Calendar
from tracker.inspections.models import Clock, GovernanceStep, Visit
from tracker.reminders.emails.chosen import Chosen, Part
from tracker.visits.models import ReadinessTask

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Sums:
    """How a council's actions stand, for its weekly summary."""

    going_on: int
    overdue: int
    done: int
    asked: int


def sums_of(authorities: set[int], *, on: date) -> dict[int, Sums]:
    """Return how the live actions of some councils stand. One query."""
    rows = (
        Action.objects.live()
        .filter(authority__in=authorities)
        .order_by()
        .values("authority")
        .annotate(
            going_on=Count("pk", filter=Q(completed_on__isnull=True)),
            overdue=Count("pk", filter=Q(completed_on__isnull=True, claimed_on__isnull=True, deadline__lt=on)),
            done=Count("pk", filter=Q(completed_on__gt=on - WEEK, completed_on__lte=on)),
            asked=Count("deadline_requests", filter=Q(deadline_requests__state=DeadlineRequest.State.ASKED)),
        )
    )
    return {row.pop("authority"): Sums(**row) for row in rows}


@dataclass(frozen=True)
class Facts:
    """What the emails of a batch speak of, read in a handful of queries."""

    on: date
    days: Calendar
    close_by: date
    actions: dict[int, Action]
    held_up: set[int]
    times_moved: dict[int, int]
    open_actions: dict[tuple[int, int], int]
    visits: dict[int, Visit]
    clocks: dict[int, Clock]
    steps: dict[int, GovernanceStep]
    tasks: dict[int, ReadinessTask]
    requests: dict[int, DeadlineRequest]
    away: dict[int, str]
    sums: dict[int, Sums]

    @classmethod
    def read(cls, chosen: Iterable[Chosen], people: Iterable[tuple[int, int]], *, on: date, days: Calendar) -> "Facts":
        chosen, people = list(chosen), list(people)
        listed = {key for one in chosen for key in one.listed}
        authorities = {authority for authority, _ in people}
        actions = Action.objects.filter(pk__in=listed).select_related("plan", "owner").defer("description", "outcome")
        unfinished = Milestone.objects.filter(action__in=listed, done_on__isnull=True)
        moves = DeadlineChange.objects.filter(action__in=listed).order_by().values_list("action")
        mine = (
            Action.objects.unfinished()
            .filter(authority__in=authorities, owner__in={person for _, person in people})
            .order_by()
            .values_list("authority", "owner")
            .annotate(number=Count("pk"))
        )
        visits: dict[int, Visit] = {}
        for visit in Visit.objects.to_come(on=on).filter(authority__in=authorities):
            visits.setdefault(visit.authority_id, visit)
        return cls(
            on=on,
            days=days,
            close_by=days.add(on, CLOSE_WORKING_DAYS),
            actions={action.pk: action for action in actions},
            held_up=set(unfinished.values_list("action", flat=True)),
            times_moved=dict(moves.annotate(number=Count("pk"))),
            open_actions={(authority, owner): number for authority, owner, number in mine},
            visits=visits,
            clocks=Clock.objects.select_related("inspection", "visit", "intervention").in_bulk(
                {key for one in chosen for _, key in one.clocks}
            ),
            steps=GovernanceStep.objects.select_related("clock__inspection").in_bulk(
                {key for one in chosen for key in one.first_of(Part.STEPS)}
            ),
            tasks=ReadinessTask.objects.select_related("visit").in_bulk(
                {key for one in chosen for key in one.first_of(Part.TASKS)}
            ),
            requests=DeadlineRequest.objects.select_related("action__plan", "asked_by", "decided_by").in_bulk(
                {key for one in chosen for key in one.first_of(Part.WANTED, Part.DECIDED)}
            ),
            away=dict(
                User.objects.filter(pk__in={key for one in chosen for key in one.away}).values_list("pk", "name")
            ),
            sums=sums_of(authorities, on=on) if any(one.is_weekly for one in chosen) else {},
        )
