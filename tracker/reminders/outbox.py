"""The outbox: what is owed is a row, each person's email of a day is a row, and delivery claims it.

1. `queue_due` adds a Reminder for each step that was crossed and not yet queued, in sets.
2. `deliver`, from 8:00am on working days, opens one Digest for each person with reminders waiting,
3. claims a batch by a conditional update (a lease and a token that name this worker),
4. attaches the waiting reminders, leaves out what is no longer owed, and writes each email,
5. sends it and marks it in a statement that repeats the token.

A worker that dies between 3 and 5 loses its lease and the next one sends the email again under the
same Message-ID: nobody is left out, and a second copy can be recognised. Everything is safe to run
at any time, any number of times, on any number of workers.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from typing import cast
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
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

from accounts.models import Membership
from accounts.roles import Role
from tracker.actions.models import Action
from tracker.audit.sets import insert_select
from tracker.dates.models import calendar as read_calendar
from tracker.dates.working_days import Calendar
from tracker.inspections.models import StatutoryClock, Visit
from tracker.reminders import emails, mail
from tracker.reminders.models import Digest, JobRun, Reminder
from tracker.reminders.rules import SEND_FROM_HOUR, Kind, clock_step_owed, visit_step_owed, windows

logger = logging.getLogger(__name__)

BATCH = 100
SPARE = 0.1  # The part of a lease at its end in which no send is begun, as one takes time too.
RUN_FOR = timedelta(minutes=5)
MOST_TRIES = 8
LONGEST_WAIT = timedelta(hours=1)
STUCK_AFTER = timedelta(minutes=15)

NO_LONGER_OWED = "No longer owed when it was looked at again"
CLOCK_ROLES = (Role.DIRECTOR, Role.PROGRAMME_OFFICE)


# Queueing


def recipient_owed() -> Case:
    """The person reminded of an action: its owner; the head of its service if the owner has left."""
    return Case(
        When(owner__is_active=True, then=F("owner")),
        When(service__head__is_active=True, then=F("service__head")),
        default=None,
    )


def queue_due(*, on: date) -> int:
    """Queue every reminder that is owed by a day and not yet queued; return how many were new.

    The number of statements does not depend on the number of actions.
    """
    days = read_calendar()
    cancel_moot(on=on)
    return _queue_deadlines(on=on, days=days) + _queue_visits(on=on, days=days) + _queue_clocks(on=on, days=days)


def _queue_deadlines(*, on: date, days: Calendar) -> int:
    oldest = Action.objects.overdue(on=on).aggregate(day=Min("deadline"))["day"] or on
    owed = windows(on=on, calendar=days, oldest=oldest)
    last_day = max(window.last for window in owed)
    step = Case(
        *(When(deadline__range=(window.first, window.last), then=Value(window.step)) for window in owed),
        default=None,
        output_field=SmallIntegerField(),
    )
    queued = Reminder.objects.filter(
        kind__in=[Kind.DUE, Kind.LATE],
        action=OuterRef("pk"),
        recipient=OuterRef("recipient_owed"),
        day=OuterRef("deadline"),
        step=OuterRef("step_owed"),
    )
    rows = (
        Action.objects.unfinished()
        .filter(deadline__lte=last_day)
        .annotate(step_owed=step, recipient_owed=recipient_owed())
        .filter(step_owed__isnull=False, recipient_owed__isnull=False)
        .filter(~Exists(queued))
        .order_by("deadline", "pk")  # Sorted first: else the scan meets the rows it is adding, again and again.
    )
    kind = Case(
        When(deadline__gte=on, then=Value(Kind.DUE.value)),
        default=Value(Kind.LATE.value),
        output_field=CharField(),
    )
    return _insert(rows, ["kind", "step", "day", "action"], kind, F("step_owed"), F("deadline"), F("pk"), on=on)


def _queue_visits(*, on: date, days: Calendar) -> int:
    """Queue what is due before each council's next visit: one statement for each day of a visit near."""
    visits_on: dict[date, list[Visit]] = defaultdict(list)
    for visit in next_visits(on=on):
        if visit.starts_on is not None:
            visits_on[visit.starts_on].append(visit)
    added = 0
    for first_day, visits in visits_on.items():
        step = visit_step_owed(first_day, on=on, calendar=days)
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
        added += _insert(
            rows,
            ["kind", "step", "day", "action", "visit"],
            Value(Kind.VISIT.value),
            Value(step),
            Value(first_day, output_field=DateField()),
            F("pk"),
            F("visit_owed"),
            on=on,
        )
    return added


def _insert(rows: QuerySet, columns: list[str], *values: Combinable, on: date) -> int:
    return insert_select(
        Reminder,
        ["authority", "recipient", *columns, "queued_on", "cancelled_reason"],
        rows.values_list("authority", "recipient_owed", *values, Value(on, output_field=DateField()), Value("")),
    )


def _queue_clocks(*, on: date, days: Calendar) -> int:
    owed = []
    running = StatutoryClock.objects.filter(kind=StatutoryClock.Kind.PLAN, met_on__isnull=True)
    for clock in running.filter(Q(computed_due__gte=on) | Q(notified_due__gte=on)):
        step = clock_step_owed(clock.due, on=on, calendar=days)
        if step is not None:
            owed.append((clock, step))
    if not owed:
        return 0
    keepers = defaultdict(set)
    for authority, person in (
        Membership.objects.current(on=on)
        .filter(authority__in={clock.authority_id for clock, _ in owed}, role__in=CLOCK_ROLES)
        .values_list("authority", "user")
    ):
        keepers[authority].add(person)
    reminders = [
        Reminder(
            authority_id=clock.authority_id,
            recipient_id=person,
            kind=Kind.CLOCK,
            step=step,
            day=clock.due,
            clock=clock,
            queued_on=on,
        )
        for clock, step in owed
        for person in sorted(keepers[clock.authority_id])
    ]
    known = Reminder.objects.filter(clock__in=[clock for clock, _ in owed]).count()
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True)
    return Reminder.objects.filter(clock__in=[clock for clock, _ in owed]).count() - known


def next_visits(*, on: date) -> list[Visit]:
    """Return each council's next visit whose days are known."""
    seen: dict[int, Visit] = {}
    for visit in Visit.objects.to_come(on=on):
        seen.setdefault(visit.authority_id, visit)
    return list(seen.values())


def _no_longer_owed() -> Q:
    """Reminders whose reason has gone: finished, moved, handed over, met."""
    finished = Q(action__isnull=False) & (
        Q(action__claimed_on__isnull=False)
        | Q(action__completed_on__isnull=False)
        | Q(action__cancelled_on__isnull=False)
    )
    moved = Q(kind__in=[Kind.DUE, Kind.LATE]) & ~Q(day=F("action__deadline"))
    visit_moved = Q(kind=Kind.VISIT) & (~Q(day=F("visit__starts_on")) | Q(action__deadline__gt=F("day")))
    clock_done = Q(kind=Kind.CLOCK) & (
        Q(clock__met_on__isnull=False)
        | (Q(clock__notified_due__isnull=False) & ~Q(day=F("clock__notified_due")))
        | (Q(clock__notified_due__isnull=True) & ~Q(day=F("clock__computed_due")))
    )
    handed_over = (
        Q(action__isnull=False)
        & ~Q(recipient=F("action__owner"))
        & (Q(action__owner__is_active=True) | ~Q(recipient=F("action__service__head")))
    )
    return finished | moved | visit_moved | clock_done | handed_over


def cancel_moot(*, on: date) -> int:
    """Cancel what waits and is no longer owed; return how many."""
    moot = Reminder.objects.waiting().filter(_no_longer_owed()).values("pk")
    return Reminder.objects.filter(pk__in=moot).update(cancelled_on=on, cancelled_reason=NO_LONGER_OWED)


# Delivering


@dataclass
class Delivered:
    """What a run of `deliver` did, in emails."""

    sent: int = 0
    failed: int = 0
    put_back: int = 0
    refusals: list[str] = field(default_factory=list)


def may_send(*, on: date, at: datetime, days: Calendar) -> bool:
    """From 8:00am on working days: no mail at night, on weekends or bank holidays."""
    return days.is_working_day(on) and at.hour >= SEND_FROM_HOUR


def deliver(*, on: date, at: datetime, now: Callable[[], datetime], run_for: timedelta | None = RUN_FOR) -> Delivered:
    """Send the emails of a day that are owed and not yet sent.

    `at` is the London moment that decides whether it is late enough in the day; `now` is asked again
    for each lease. After `run_for` what is left is for the next run; None sends all. A refused or slow
    email does not hold up the others.
    """
    days = read_calendar()
    outcome = Delivered()
    if not may_send(on=on, at=at, days=days):
        return outcome
    settle_left_over(on=on, now=now())
    open_digests(on=on, now=now())
    stop_at = now() + run_for if run_for else None
    with mail.Post() as post:
        while stop_at is None or now() < stop_at:
            digests = _claim(on=on, now=now())
            if not digests:
                break
            _send_batch(digests, post=post, on=on, days=days, now=now, outcome=outcome)
            if post.is_away:
                break
    return outcome


def settle_left_over(*, on: date, now: datetime) -> int:
    """Take what earlier days' emails never said into today's; return how many emails were left over.

    One that broke off while being sent is marked uncertain: a copy may have arrived.
    """
    left_over = Digest.objects.left_over(on=on).filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
    with transaction.atomic():
        keys = list(left_over.values_list("pk", flat=True))
        if keys:
            Digest.objects.filter(pk__in=keys, state=Digest.State.SENDING).update(is_uncertain=True)
            Reminder.objects.filter(digest__in=keys).update(digest=None)
            Digest.objects.filter(pk__in=keys).update(state=Digest.State.SUPERSEDED, token=None)
    return len(keys)


def open_digests(*, on: date, now: datetime) -> int:
    """Open one email for each person with reminders waiting and none yet today; return how many."""
    waiting = Reminder.objects.waiting()
    reopened = Digest.objects.filter(on=on, state=Digest.State.NOTHING_OWED).filter(
        Exists(waiting.filter(authority=OuterRef("authority"), recipient=OuterRef("recipient")))
    )
    Digest.objects.filter(pk__in=reopened.values("pk")).update(state=Digest.State.QUEUED)
    people = waiting.order_by("authority", "recipient").values("authority", "recipient").distinct()
    empty = Value("")
    return insert_select(
        Digest,
        [
            "authority", "recipient", "on", "opened_at", "state", "tries", "is_uncertain",
            "last_error", "address", "subject", "text", "html",
        ],
        people.values_list(
            "authority",
            "recipient",
            Value(on, output_field=DateField()),
            Value(now, output_field=DateTimeField()),
            Value(Digest.State.QUEUED.value),
            Value(0),
            Value(False, output_field=BooleanField()),
            empty, empty, empty, empty, empty,
        ),
    )  # fmt: skip


def lease() -> timedelta:
    """Return how long a claim holds."""
    return timedelta(seconds=settings.EMAIL_LEASE_SECONDS)


def _claim(*, on: date, now: datetime) -> list[Digest]:
    """Take up to a batch of emails that nobody holds; only what this call changed is returned."""
    token = uuid4()
    due = Digest.objects.due(on=on, now=now)
    with transaction.atomic():
        found = due.order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            found = found.select_for_update(skip_locked=True)
        keys = list(found.values_list("pk", flat=True)[:BATCH])
        # The filter repeats what was read: two workers may have read the same row.
        due.filter(pk__in=keys).update(
            is_uncertain=Case(When(state=Digest.State.SENDING, then=Value(True)), default=F("is_uncertain")),
            state=Digest.State.SENDING,
            token=token,
            lease_until=now + lease(),
            tries=F("tries") + 1,
        )
    return list(Digest.objects.filter(pk__in=keys, token=token).select_related("authority", "recipient").order_by("pk"))


def _send_batch(
    digests: Sequence[Digest],
    *,
    post: mail.Post,
    on: date,
    days: Calendar,
    now: Callable[[], datetime],
    outcome: Delivered,
) -> None:
    _attach(digests, on=on)
    begin_until = cast(datetime, digests[0].lease_until) - SPARE * lease()
    written = emails.write(digests, on=on, days=days)
    for digest in digests:
        email = written.get(digest.pk)
        if email is None:
            _settle(digest, state=Digest.State.NOTHING_OWED, lease_until=None)
            continue
        if post.is_away or now() > begin_until:
            _put_back(digest, error=post.why_away, now=now(), counts=False)
            outcome.put_back += 1
            continue
        _send_one(digest, email, post=post, now=now, outcome=outcome)


def _attach(digests: Sequence[Digest], *, on: date) -> None:
    """Join the waiting reminders of each person to the email this worker holds, less the moot ones."""
    keys = [digest.pk for digest in digests]
    # Named outright: a subquery is planned by the statistics of tables that have just grown.
    theirs = Reminder.objects.waiting().filter(
        authority__in={digest.authority_id for digest in digests},
        recipient__in={digest.recipient_id for digest in digests},
    )
    mine = Case(
        *(
            When(authority=digest.authority_id, recipient=digest.recipient_id, then=Value(digest.pk))
            for digest in digests
        ),
        default=None,
    )
    theirs.update(digest=mine)
    moot = Reminder.objects.filter(digest__in=keys).filter(_no_longer_owed()).values("pk")
    Reminder.objects.filter(pk__in=moot).update(digest=None, cancelled_on=on, cancelled_reason=NO_LONGER_OWED)


def _send_one(
    digest: Digest, email: emails.Email, *, post: mail.Post, now: Callable[[], datetime], outcome: Delivered
) -> None:
    try:
        post.send(email, message_id=digest.message_id(mail.host()))
    except SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()), (550, b""))
        _refused(digest, email, code=code, words=words, now=now, outcome=outcome)
    except SMTPResponseException as error:
        _refused(digest, email, code=error.smtp_code, words=error.smtp_error, now=now, outcome=outcome)
    except (SMTPServerDisconnected, OSError) as error:
        # The server may have taken it before the line broke: nobody can know.
        post.reopen_or_give_up(error)
        digest.is_uncertain = digest.is_uncertain or post.was_handed_over
        _put_back(digest, error=f"The mail server broke off: {error}", now=now(), counts=post.was_handed_over)
        outcome.put_back += 1
    except (SMTPException, ValueError) as error:
        _fail(digest, email, error=f"The email could not be made: {error}")
        outcome.failed += 1
    else:
        sent = _settle(
            digest,
            state=Digest.State.SENT,
            sent_at=now(),
            last_error="",
            lease_until=None,
            address=email.address,
            subject=email.subject,
            text=email.text,
            html=email.html,
        )
        outcome.sent += sent
        if not sent:
            logger.warning("Email %s was sent after its lease had passed to another worker.", digest.pk)


def _refused(
    digest: Digest,
    email: emails.Email,
    *,
    code: int,
    words: bytes | str,
    now: Callable[[], datetime],
    outcome: Delivered,
) -> None:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    error = f"The mail server answered {code} {said}"
    if code >= 500 or digest.tries >= MOST_TRIES:
        _fail(digest, email, error=error)
        outcome.failed += 1
        outcome.refusals.append(f"{email.address}: {error}")
    else:
        _put_back(digest, error=error, now=now(), counts=True)
        outcome.put_back += 1


def _fail(digest: Digest, email: emails.Email, *, error: str) -> None:
    _settle(
        digest,
        state=Digest.State.FAILED,
        last_error=error,
        lease_until=None,
        address=email.address,
        subject=email.subject,
        text=email.text,
        html=email.html,
    )


def _put_back(digest: Digest, *, error: str, now: datetime, counts: bool) -> None:
    """Give an email back to be tried again: at once if the try did not count, else later and later."""
    tries = digest.tries if counts else digest.tries - 1
    wait = min(timedelta(minutes=2**tries), LONGEST_WAIT) if error else timedelta(0)
    _settle(
        digest,
        state=Digest.State.QUEUED,
        tries=tries,
        next_try_at=now + wait,
        lease_until=None,
        last_error=error,
        is_uncertain=digest.is_uncertain,
    )


def _settle(digest: Digest, **outcome: object) -> int:
    """Write the outcome if this worker still holds the email; return 1 if it did, else 0."""
    return Digest.objects.filter(pk=digest.pk, token=digest.token, state=Digest.State.SENDING).update(
        token=None, **outcome
    )


# Looking


@dataclass(frozen=True)
class Health:
    """What a monitor asks: the last good run of each job, and how many emails wait or failed today."""

    jobs: dict[str, datetime]
    waiting: int
    failed: int
    is_stuck: bool


def note_good_run(job: str, *, now: datetime) -> None:
    """Record that a job ran well."""
    JobRun.objects.update_or_create(job=job, defaults={"last_good_at": now})


def health(*, on: date, now: datetime) -> Health:
    """Return the state of the jobs and the emails. Stuck: one waits over 15 minutes."""
    todays = Digest.objects.filter(on=on)
    waiting = todays.filter(state__in=[Digest.State.QUEUED, Digest.State.SENDING])
    return Health(
        jobs=dict(JobRun.objects.values_list("job", "last_good_at")),
        waiting=waiting.count(),
        failed=todays.filter(state=Digest.State.FAILED).count(),
        is_stuck=waiting.filter(opened_at__lt=now - STUCK_AFTER).exists(),
    )
