"""Queueing: a row for each thing somebody is owed, found in sets, and taken back when its reason has gone.

Each kind asks "what was crossed by now and is not queued yet?", never "is today the day?": a day missed is
made up, once, and a second run adds nothing, because the database holds each reminder only once.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import CouncilPractice, Membership
from accounts.practices import PRACTICES
from accounts.practices import REMINDERS as REMINDER_NUMBERS
from accounts.roles import Role
from tracker.actions.deciding import asked_to_decide
from tracker.actions.models import Action, DeadlineRequest
from tracker.audit.sets import insert_select
from tracker.dates.models import calendar as read_calendar
from tracker.dates.working_days import Calendar
from tracker.inspections.models import Clock, GovernanceStep, Visit
from tracker.reminders.models import KindOff, Preference, Reminder
from tracker.reminders.preferences import Choices
from tracker.reminders.rules import (
    OF_AN_ACTION,
    RECENT_DAYS,
    USUAL,
    WEEKLY_ROLES,
    Cadence,
    Kind,
    Window,
    cadence_of,
    clock_step_owed,
    last_late_by,
    quiet_windows,
    visit_step_owed,
    weekly_day,
    windows,
)
from tracker.visits.models import ReadinessTask

NO_LONGER_OWED = "No longer owed when it was looked at again"
CLOCK_ROLES = (Role.DIRECTOR, Role.PROGRAMME_OFFICE)
COPIED = (*OF_AN_ACTION, Kind.VISIT, Kind.DECISION_WANTED)


def queue_due(*, on: date) -> int:
    """Queue every reminder that is owed by a day and not yet queued; return how many were new.

    The number of statements depends on the number of councils with numbers of their own, of visits near and of
    requests that wait, and not on the number of actions.
    """
    days = read_calendar()
    cancel_moot(on=on)  # First, as what this run adds is owed.
    queued = 0
    for cadence, councils in cadences():
        queued += _queue_deadlines(cadence, councils, on=on, days=days)
        queued += _queue_escalations(cadence, councils, on=on, days=days)
        queued += _queue_quiet(cadence, councils, on=on)
        queued += _queue_visits(cadence, councils, on=on, days=days)
        queued += _queue_duties(cadence, councils, on=on, days=days)
        queued += _queue_clocks(cadence, councils, on=on, days=days)
    queued += _queue_given(on=on)
    queued += _queue_requests(on=on)
    queued += _queue_weekly(on=on, days=days)
    queued += _queue_copies(on=on)
    _cancel(Reminder.objects.waiting().filter(_not_wanted(), queued_on=on), on=on)
    return queued


def cadences() -> list[tuple[Cadence, Q]]:
    """Return when councils remind, each with the condition for its councils. One query.

    Most councils keep the usual numbers, and are one group.
    """
    usual = {practice.code: practice.default for practice in PRACTICES if practice.group == REMINDER_NUMBERS}
    own: dict[int, dict[str, int]] = defaultdict(dict)
    for authority, code, value in CouncilPractice.objects.filter(code__in=usual).values_list(
        "authority", "code", "value"
    ):
        own[authority][code] = value
    groups: dict[Cadence, list[int]] = defaultdict(list)
    for authority, numbers in own.items():
        groups[cadence_of(usual | numbers)].append(authority)
    others = ~Q(authority__in=list(own)) if own else Q()
    return [(USUAL, others), *((cadence, Q(authority__in=councils)) for cadence, councils in groups.items())]


# Actions


def recipient_owed() -> Case:
    """The person reminded of an action: its owner; the head of its service if the owner has left."""
    return Case(
        When(owner__is_active=True, then=F("owner")),
        When(service__head__is_active=True, then=F("service__head")),
        default=None,
    )


def _in_windows(field: str, owed: Iterable[Window]) -> Case:
    return Case(
        *(When(**{f"{field}__range": (window.first, window.last)}, then=Value(window.step)) for window in owed),
        default=None,
        output_field=SmallIntegerField(),
    )


def _unqueued(kind: Combinable | Kind | list[Kind], day: str) -> Exists:
    """The condition under which the reminder of an action, annotated with who and which step, is not queued yet."""
    kinds = {"kind__in": kind} if isinstance(kind, list) else {"kind": kind}
    return ~Exists(
        Reminder.objects.filter(
            action=OuterRef("pk"),
            recipient=OuterRef("recipient_owed"),
            day=OuterRef(day),
            step=OuterRef("step_owed"),
            **kinds,
        )
    )


def _queue_deadlines(cadence: Cadence, councils: Q, *, on: date, days: Calendar) -> int:
    oldest = Action.objects.overdue(on=on).filter(councils).aggregate(day=Min("deadline"))["day"] or on
    owed = windows(on=on, calendar=days, oldest=oldest, cadence=cadence)
    rows = (
        Action.objects.unfinished()
        .filter(councils, deadline__lte=max(window.last for window in owed))
        .annotate(step_owed=_in_windows("deadline", owed), recipient_owed=recipient_owed())
        .filter(step_owed__isnull=False, recipient_owed__isnull=False)
        .filter(_unqueued([Kind.DUE, Kind.LATE], "deadline"))
        .order_by("deadline", "pk")  # Sorted first: else the scan meets the rows it is adding, again and again.
    )
    kind = Case(
        When(deadline__gte=on, then=Value(Kind.DUE.value)),
        default=Value(Kind.LATE.value),
        output_field=CharField(),
    )
    return _insert(rows, kind, F("deadline"), on=on)


def _queue_escalations(cadence: Cadence, councils: Q, *, on: date, days: Calendar) -> int:
    """Queue what has been late for long: for the priority's lead, else the head of service; then for the director."""
    late = Action.objects.unfinished().filter(councils)
    lead = Case(
        When(Q(priority__lead__is_active=True) & ~Q(priority__lead=F("owner")), then=F("priority__lead")),
        When(Q(service__head__is_active=True) & ~Q(service__head=F("owner")), then=F("service__head")),
        default=None,
    )
    for_leads = late.filter(deadline__lte=last_late_by(cadence.to_lead, on=on, calendar=days)).annotate(
        recipient_owed=lead, step_owed=Value(-cadence.to_lead, output_field=SmallIntegerField())
    )
    # Read first: a subquery would be run for each pair of a late action and a member.
    directors = list(Membership.objects.current(on=on).filter(role=Role.DIRECTOR).values_list("pk", flat=True))
    for_directors = (
        late.filter(deadline__lte=last_late_by(cadence.to_director, on=on, calendar=days))
        .filter(authority__memberships__in=directors)
        .annotate(
            recipient_owed=F("authority__memberships__user"),
            step_owed=Value(-cadence.to_director, output_field=SmallIntegerField()),
        )
        .exclude(recipient_owed=F("owner"))
    )
    told = [(Kind.ESCALATED_LEAD, for_leads)]
    if directors:  # Django makes no SQL of an empty list.
        told.append((Kind.ESCALATED_DIRECTOR, for_directors))
    return sum(
        _insert(
            rows.filter(recipient_owed__isnull=False).filter(_unqueued(kind, "deadline")).order_by("deadline", "pk"),
            Value(kind.value),
            F("deadline"),
            on=on,
        )
        for kind, rows in told
    )


def _queue_quiet(cadence: Cadence, councils: Q, *, on: date) -> int:
    """Queue what has had no update for long. What is late is asked after already."""
    going_on = (
        Action.objects.unfinished()
        .filter(councils)
        .filter(Q(deadline__isnull=True) | Q(deadline__gte=on), Q(starts_on__isnull=True) | Q(starts_on__lte=on))
        .annotate(quiet_since=Coalesce("last_updated_on", "starts_on", "owner_since"))
    )
    oldest = going_on.aggregate(day=Min("quiet_since"))["day"]
    owed = quiet_windows(on=on, oldest=oldest, cadence=cadence) if oldest else []
    if not owed:
        return 0
    rows = (
        going_on.filter(quiet_since__lte=owed[0].last)
        .annotate(step_owed=_in_windows("quiet_since", owed), recipient_owed=recipient_owed())
        .filter(step_owed__isnull=False, recipient_owed__isnull=False)
        .filter(_unqueued(Kind.QUIET, "quiet_since"))
        .order_by("quiet_since", "pk")
    )
    return _insert(rows, Value(Kind.QUIET.value), F("quiet_since"), on=on)


def _queue_given(*, on: date) -> int:
    """Queue what was given to its owner, or sent back to them, in the last 2 weeks."""
    recent = (on - timedelta(days=RECENT_DAYS), on)
    mine = (
        Action.objects.unfinished()
        .filter(owner__is_active=True)
        .annotate(recipient_owed=F("owner"), step_owed=Value(0, output_field=SmallIntegerField()))
    )
    return sum(
        _insert(
            mine.filter(**{f"{day}__range": recent}).filter(_unqueued(kind, day)).order_by(day, "pk"),
            Value(kind.value),
            F(day),
            on=on,
        )
        for kind, day in ((Kind.GIVEN, "owner_since"), (Kind.SENT_BACK, "sent_back_on"))
    )


def _insert(rows: QuerySet, kind: Combinable, day: Combinable, *, on: date) -> int:
    """Add a reminder for each action of a query that says who and which step."""
    return insert_select(
        Reminder,
        ["authority", "recipient", "kind", "step", "day", "action", "queued_on", "cancelled_reason"],
        rows.values_list(
            "authority",
            "recipient_owed",
            kind,
            "step_owed",
            day,
            "pk",
            Value(on, output_field=DateField()),
            Value(""),
        ),
    )


# Visits, clocks and what hangs on them


def _queue_visits(cadence: Cadence, councils: Q, *, on: date, days: Calendar) -> int:
    """Queue what is due before each council's next visit: one statement for each day of a visit near."""
    visits_on: dict[date, list[Visit]] = defaultdict(list)
    for visit in next_visits(councils, on=on):
        if visit.starts_on is not None:
            visits_on[visit.starts_on].append(visit)
    added = 0
    for first_day, visits in visits_on.items():
        step = visit_step_owed(first_day, on=on, calendar=days, cadence=cadence)
        if step is None:
            continue
        queued = Reminder.objects.filter(
            kind=Kind.VISIT,
            action=OuterRef("pk"),
            visit=OuterRef("visit_owed"),
            recipient=OuterRef("recipient_owed"),
            day=first_day,
            step=step,
        )
        rows = (
            Action.objects.filter(authority__in=[visit.authority_id for visit in visits])
            .unfinished()
            .filter(deadline__lte=first_day)
            .annotate(
                recipient_owed=recipient_owed(),
                visit_owed=Case(*(When(authority=visit.authority_id, then=Value(visit.pk)) for visit in visits)),
            )
            .filter(recipient_owed__isnull=False)
            .filter(~Exists(queued))
            .order_by("deadline", "pk")
        )
        added += insert_select(
            Reminder,
            ["authority", "recipient", "kind", "step", "day", "action", "visit", "queued_on", "cancelled_reason"],
            rows.values_list(
                "authority",
                "recipient_owed",
                Value(Kind.VISIT.value),
                Value(step),
                Value(first_day, output_field=DateField()),
                "pk",
                "visit_owed",
                Value(on, output_field=DateField()),
                Value(""),
            ),
        )
    return added


def next_visits(councils: Q | None = None, *, on: date) -> list[Visit]:
    """Return each council's next visit whose days are known."""
    seen: dict[int, Visit] = {}
    for visit in Visit.objects.to_come(on=on).filter(councils or Q()):
        seen.setdefault(visit.authority_id, visit)
    return list(seen.values())


def _queue_clocks(cadence: Cadence, councils: Q, *, on: date, days: Calendar) -> int:
    """Queue the dates that clocks run to, for the director and the programme office. Forecasts remind nobody."""
    owed = []
    running = Clock.objects.running(on=on).filter(councils, is_forecast=False, computed_due__isnull=False)
    for clock in running.order_by("pk"):
        for day in dates_of(clock):
            step = clock_step_owed(day, on=on, calendar=days, cadence=cadence)
            if step is not None:
                owed.append((clock, day, step))
    keepers = _people(CLOCK_ROLES, {clock.authority_id for clock, _, _ in owed}, on=on)
    return _add(
        Reminder(
            authority_id=clock.authority_id,
            recipient_id=person,
            kind=Kind.CLOCK,
            step=step,
            day=day,
            clock=clock,
            queued_on=on,
        )
        for clock, day, step in owed
        for person in keepers[clock.authority_id]
    )


def dates_of(clock: Clock) -> list[date]:
    """Return the dates of which a clock reminds: the one that governs, and before it the earlier one its rule gives."""
    found = {clock.computed_due, clock.notified_due}
    return sorted(day for day in found if day is not None and day <= cast(date, clock.due))


@dataclass(frozen=True)
class Duty:
    """Something besides an action that has an owner and a day: its owner is reminded as of an action."""

    kind: Kind
    link: str
    authority: str
    still_open: QuerySet


def duties() -> tuple[Duty, Duty]:
    """Return the steps inside a council before a plan is sent, and what is made ready for a visit."""
    return (
        Duty(
            Kind.GOVERNANCE,
            "governance_step",
            "clock__authority",
            GovernanceStep.objects.filter(
                clock__met_on__isnull=True, clock__voided_on__isnull=True, done_on__isnull=True
            ),
        ),
        Duty(Kind.READINESS, "readiness_task", "visit__authority", ReadinessTask.objects.open()),
    )


def _queue_duties(cadence: Cadence, councils: Q, *, on: date, days: Calendar) -> int:
    added = 0
    for duty in duties():
        mine = duty.still_open.alias(authority=F(duty.authority)).filter(
            councils, due_on__isnull=False, owner__is_active=True
        )
        oldest = mine.filter(due_on__lt=on).aggregate(day=Min("due_on"))["day"] or on
        owed = windows(on=on, calendar=days, oldest=oldest, cadence=cadence)
        queued = Reminder.objects.filter(
            kind=duty.kind,
            recipient=OuterRef("owner"),
            day=OuterRef("due_on"),
            step=OuterRef("step_owed"),
            **{duty.link: OuterRef("pk")},
        )
        rows = (
            mine.annotate(step_owed=_in_windows("due_on", owed))
            .filter(step_owed__isnull=False)
            .filter(~Exists(queued))
            .order_by("due_on", "pk")
        )
        added += insert_select(
            Reminder,
            ["authority", "recipient", "kind", "step", "day", duty.link, "queued_on", "cancelled_reason"],
            rows.values_list(
                duty.authority,
                "owner",
                Value(duty.kind.value),
                "step_owed",
                "due_on",
                "pk",
                Value(on, output_field=DateField()),
                Value(""),
            ),
        )
    return added


# Decisions, summaries and copies: few, so they are found one by one


def _add(rows: Iterable[Reminder]) -> int:
    """Add reminders that are not there yet; return how many."""
    rows = list(rows)
    if not rows:
        return 0
    alike = Reminder.objects.waiting().filter(kind__in={row.kind for row in rows})
    before = alike.count()
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return alike.count() - before


def _people(roles: Iterable[Role], authorities: Iterable[int], *, on: date) -> dict[int, list[int]]:
    """Return who holds one of some roles today, by council."""
    found: dict[int, set[int]] = defaultdict(set)
    holders = Membership.objects.current(on=on).filter(authority__in=list(authorities), role__in=list(roles))
    for authority, person in holders.values_list("authority", "user"):
        found[authority].add(person)
    return defaultdict(list, {authority: sorted(people) for authority, people in found.items()})


def _queue_requests(*, on: date) -> int:
    """Queue each deadline that somebody asks to move for whoever decides, and each decision for whoever asked."""
    requests = DeadlineRequest.objects.select_related("action__priority__lead", "asked_by")
    asked = list(requests.waiting().order_by("pk"))
    deciders = asked_to_decide(asked, on=on)
    waiting = [
        Reminder(
            authority_id=asking.action.authority_id,
            recipient=person,
            kind=Kind.DECISION_WANTED,
            step=0,
            day=asking.asked_on,
            action=asking.action,
            request=asking,
            queued_on=on,
        )
        for asking in asked
        for person in deciders[asking.pk]
    ]
    decided = [
        Reminder(
            authority_id=asking.action.authority_id,
            recipient_id=asking.asked_by_id,
            kind=Kind.DECIDED,
            step=0,
            day=asking.decided_on,
            action=asking.action,
            request=asking,
            queued_on=on,
        )
        for asking in requests.filter(
            state__in=[DeadlineRequest.State.AGREED, DeadlineRequest.State.REFUSED],
            decided_on__range=(on - timedelta(days=RECENT_DAYS), on),
        ).order_by("pk")
    ]
    return _add([*waiting, *decided])


def _queue_weekly(*, on: date, days: Calendar) -> int:
    """Queue this week's summary for those who run the plan, less who switched it off, and for those who chose it."""
    chosen = {
        (authority, person): is_off
        for authority, person, is_off in KindOff.objects.filter(kind=Kind.WEEKLY).values_list(
            "preference__authority", "preference__user", "is_off"
        )
    }
    day_of = {
        (authority, person): day
        for authority, person, day in Preference.objects.values_list("authority", "user", "weekly_day")
    }
    going_on = Action.objects.open().filter(authority=OuterRef("authority"))
    members = Membership.objects.current(on=on).filter(Exists(going_on))
    of_the_plan = set(members.filter(role__in=WEEKLY_ROLES).values_list("authority", "user"))
    by_choice = set(members.filter(user__in={person for _, person in chosen}).values_list("authority", "user"))
    wanted = {pair for pair in of_the_plan if not chosen.get(pair)}
    wanted |= {pair for pair in by_choice if chosen.get(pair) is False}
    summaries = ((pair, weekly_day(on, day_of.get(pair, 0), calendar=days)) for pair in sorted(wanted))
    return _add(
        Reminder(authority_id=authority, recipient_id=person, kind=Kind.WEEKLY, step=0, day=day, queued_on=on)
        for (authority, person), day in summaries
        if day is not None
    )


def _queue_copies(*, on: date) -> int:
    """Queue a copy of what waits for people who are away, for whoever covers."""
    away = list(Preference.objects.away(on=on).order_by("pk"))
    choices = Choices.read(((preference.authority_id, preference.user_id) for preference in away), on=on)
    added = 0
    for preference in away:
        cover = choices.cover(preference.authority_id, preference.user_id)
        if cover is None:
            continue
        theirs = Reminder.objects.waiting().filter(
            authority=preference.authority_id,
            recipient=preference.user_id,
            kind__in=COPIED,
            on_behalf_of__isnull=True,
        )
        columns = ["authority", "kind", "step", "day", "action", "visit", "request"]
        added += insert_select(
            Reminder,
            [*columns, "recipient", "on_behalf_of", "queued_on", "cancelled_reason"],
            theirs.order_by("pk").values_list(
                *columns,
                Value(cover),
                Value(preference.user_id),
                Value(on, output_field=DateField()),
                Value(""),
            ),
        )
    return added


# Taking back


def no_longer_owed() -> Q:
    """Reminders whose reason has gone: finished, moved, handed over, met, decided, or no longer wanted."""
    finished = (
        Q(action__isnull=False)
        & ~Q(kind=Kind.DECIDED)
        & (
            Q(action__claimed_on__isnull=False)
            | Q(action__completed_on__isnull=False)
            | Q(action__cancelled_on__isnull=False)
        )
    )
    by_deadline = [Kind.DUE, Kind.LATE, Kind.ESCALATED_LEAD, Kind.ESCALATED_DIRECTOR]
    moved = Q(kind__in=by_deadline) & ~Q(day=F("action__deadline"))
    updated = Q(kind=Kind.QUIET) & Q(action__last_updated_on__gt=F("day"))
    given_again = Q(kind=Kind.GIVEN) & ~Q(day=F("action__owner_since"))
    visit_moved = Q(kind=Kind.VISIT) & (~Q(day=F("visit__starts_on")) | Q(action__deadline__gt=F("day")))
    is_its_date = Q(day=F("clock__notified_due")) | Q(day=F("clock__computed_due")) & (
        Q(clock__notified_due__isnull=True) | Q(clock__notified_due__gt=F("clock__computed_due"))
    )
    clock_done = Q(kind=Kind.CLOCK) & (
        Q(clock__met_on__isnull=False) | Q(clock__voided_on__isnull=False) | ~is_its_date
    )
    step_done = Q(kind=Kind.GOVERNANCE) & (
        Q(governance_step__done_on__isnull=False)
        | Q(governance_step__clock__met_on__isnull=False)
        | Q(governance_step__clock__voided_on__isnull=False)
        | ~Q(day=F("governance_step__due_on"))
        | Q(governance_step__owner__isnull=True)
        | ~Q(recipient=F("governance_step__owner"))
    )
    task_done = Q(kind=Kind.READINESS) & (
        Q(readiness_task__done_on__isnull=False)
        | Q(readiness_task__dropped_on__isnull=False)
        | Q(readiness_task__due_on__isnull=True)
        | ~Q(day=F("readiness_task__due_on"))
        | Q(readiness_task__owner__isnull=True)
        | ~Q(recipient=F("readiness_task__owner"))
    )
    decided = Q(kind=Kind.DECISION_WANTED) & ~Q(request__state=DeadlineRequest.State.ASKED)
    return (
        finished
        | moved
        | updated
        | given_again
        | visit_moved
        | clock_done
        | step_done
        | task_done
        | decided
        | _handed_over()
        | _not_wanted()
    )


def _handed_over() -> Q:
    """Of what owners are told: it is theirs no more, nor their service's while its owner has left."""
    of_its_owner = Q(kind__in=[Kind.DUE, Kind.LATE, Kind.VISIT, Kind.QUIET, Kind.GIVEN, Kind.SENT_BACK])
    in_own_right = (
        Q(on_behalf_of__isnull=True)
        & ~Q(recipient=F("action__owner"))
        & (Q(action__owner__is_active=True) | ~Q(recipient=F("action__service__head")))
    )
    as_cover = Q(on_behalf_of__isnull=False) & ~Q(on_behalf_of=F("action__owner"))
    return of_its_owner & (in_own_right | as_cover)


def _not_wanted() -> Q:
    """The person switched off the kind. What is late cannot be switched off, and is never among these."""
    off = KindOff.objects.filter(
        preference__authority=OuterRef("authority"),
        preference__user=OuterRef("recipient"),
        kind=OuterRef("kind"),
        is_off=True,
    )
    return Q(Exists(off)) & Q(on_behalf_of__isnull=True)


def cancel_moot(*, on: date) -> int:
    """Cancel what waits and is no longer owed; return how many."""
    return _cancel(Reminder.objects.waiting().filter(no_longer_owed()), on=on)


def _cancel(moot: QuerySet, *, on: date) -> int:
    return Reminder.objects.filter(pk__in=moot.values("pk")).update(cancelled_on=on, cancelled_reason=NO_LONGER_OWED)
