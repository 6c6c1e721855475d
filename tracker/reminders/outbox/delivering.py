"""Sending: one email for each person and day, claimed with a lease, written, sent and marked."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from time import sleep
from typing import cast
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from tracker.audit.sets import insert_select
from tracker.dates.models import calendar as read_calendar
from tracker.dates.working_days import Calendar
from tracker.reminders import changes, emails, mail
from tracker.reminders.models import AddressTrouble, Digest, Preference, Reminder
from tracker.reminders.outbox.queueing import NO_LONGER_OWED, no_longer_owed
from tracker.reminders.rules import IMMEDIATE, REQUIRED, SEND_FROM_HOUR, weekly_day

logger = logging.getLogger(__name__)

BATCH = 100
SPARE = 0.1  # The part of a lease at its end in which no send is begun, as one takes time too.
RUN_FOR = timedelta(minutes=5)
MOST_TRIES = 8
MOST_AT_ONCE = 10  # A day and person; what comes after is in the next day's email.
LONGEST_WAIT = timedelta(hours=1)
WAITS_FOR_THE_DATABASE = (0.5, 1, 2, 4, 8, 15)  # Seconds: half a minute, in which a server restarts.
WEEK = timedelta(days=7)


@dataclass
class Delivered:
    """What a run of `deliver` did, in emails."""

    sent: int = 0
    failed: int = 0
    put_back: int = 0
    refusals: list[str] = field(default_factory=list)
    bounced: list[tuple[int, str, str]] = field(default_factory=list)
    accepted: list[tuple[int, str]] = field(default_factory=list)


def may_send(*, on: date, at: datetime, days: Calendar) -> bool:
    """From 8:00am on working days: no mail at night, on weekends or bank holidays."""
    return days.is_working_day(on) and at.hour >= SEND_FROM_HOUR


def deliver(
    *,
    on: date,
    at: datetime,
    now: Callable[[], datetime],
    run_for: timedelta | None = RUN_FOR,
    kinds: Sequence[str] = Digest.Kind.values,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send the emails of a day that are owed and not yet sent, of all kinds or of some.

    `at` is the London moment that decides whether it is late enough in the day; `now` is asked again
    for each lease. After `run_for`, or once `is_stopping`, what is left is for the next run; None sends
    all. A refused or slow email does not hold up the others.
    """
    days = read_calendar()
    outcome = Delivered()
    if not may_send(on=on, at=at, days=days):
        return outcome
    settle_left_over(on=on, now=now())
    open_digests(on=on, at=at, now=now())
    stop_at = now() + run_for if run_for else None
    with mail.Post() as post:
        while not is_stopping() and (stop_at is None or now() < stop_at):
            digests = _claim(on=on, now=now(), kinds=kinds)
            if not digests:
                break
            _send_batch(digests, post=post, on=on, at=at, days=days, now=now, outcome=outcome, is_stopping=is_stopping)
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


def open_digests(*, on: date, at: datetime, now: datetime) -> int:
    """Open one email for each person with reminders waiting and none yet today; return how many.

    Of those who chose to hear of some things at once, another once the last of them has gone.

    Someone who chose a later hour, or whose address is refused again and again, waits; what they are owed is kept.
    """
    waiting = _due_now(on=on, at=at)
    opened = 0
    for kind in Digest.Kind:
        theirs = waiting.filter(_in_email_of(kind))
        reopened = Digest.objects.filter(on=on, kind=kind, state=Digest.State.NOTHING_OWED).filter(
            Exists(theirs.filter(authority=OuterRef("authority"), recipient=OuterRef("recipient")))
        )
        Digest.objects.filter(pk__in=reopened.values("pk")).update(state=Digest.State.QUEUED)
        people = (
            theirs.order_by("authority", "recipient")
            .values("authority", "recipient")
            .annotate(number=_number_of_next(kind, on=on))
            .filter(number__lte=MOST_AT_ONCE if kind == Digest.Kind.AT_ONCE else 1)
            .distinct()
        )
        empty = Value("")
        opened += insert_select(
            Digest,
            [
                "authority", "recipient", "kind", "on", "number", "opened_at", "state", "tries", "is_uncertain",
                "last_error", "address", "subject", "text", "html",
            ],
            people.values_list(
                "authority",
                "recipient",
                Value(kind.value),
                Value(on, output_field=DateField()),
                "number",
                Value(now, output_field=DateTimeField()),
                Value(Digest.State.QUEUED.value),
                Value(0),
                Value(False, output_field=BooleanField()),
                empty, empty, empty, empty, empty,
            ),
        )  # fmt: skip
    return opened


def _number_of_next(kind: str, *, on: date) -> Combinable:
    """The number of the next email of a kind to a person on a day.

    It is that of the last one until that has gone: what comes meanwhile is said in it. Only emails that come at once
    are followed by another on the day.
    """
    if kind != Digest.Kind.AT_ONCE:
        return Value(1)
    gone = Q(state__in=[Digest.State.SENT, Digest.State.FAILED])
    last = Digest.objects.filter(
        authority=OuterRef("authority"), recipient=OuterRef("recipient"), on=on, kind=kind
    ).order_by("-number")
    number = Case(When(gone, then=F("number") + 1), default=F("number"), output_field=IntegerField())
    return Coalesce(Subquery(last.annotate(next=number).values("next")[:1]), 1)


def _due_now(*, on: date, at: datetime) -> QuerySet:
    """The reminders that wait, less those whose person chose a later hour or a weekly day, or cannot be reached."""
    chose = Preference.objects.filter(authority=OuterRef("authority"), user=OuterRef("recipient"))
    waiting = Reminder.objects.waiting().filter(~Exists(chose.filter(hour__gt=at.hour)))
    days = read_calendar()
    for chosen in range(5):
        day = weekly_day(on, chosen, calendar=days) or weekly_day(on - WEEK, chosen, calendar=days) or on - WEEK
        weekly = chose.filter(late_is_weekly=True, weekly_day=chosen)
        waiting = waiting.exclude(Exists(weekly), kind__in=REQUIRED, queued_on__gt=day)
    unreachable = AddressTrouble.objects.stopped().filter(
        user=OuterRef("recipient"), address=OuterRef("recipient__email")
    )
    return waiting.filter(~Exists(unreachable))


def _in_email_of(kind: str) -> Q:
    """Which reminders an email of a kind takes: those to come at once, of people who chose so; else all the others."""
    at_once = Preference.objects.filter(authority=OuterRef("authority"), user=OuterRef("recipient"), at_once=True)
    comes_at_once = Q(Exists(at_once)) & Q(kind__in=IMMEDIATE)
    return comes_at_once if kind == Digest.Kind.AT_ONCE else ~comes_at_once


def lease() -> timedelta:
    """Return how long a claim holds."""
    return timedelta(seconds=settings.EMAIL_LEASE_SECONDS)


def _claim(*, on: date, now: datetime, kinds: Sequence[str] = Digest.Kind.values) -> list[Digest]:
    """Take up to a batch of emails that nobody holds; only what this call changed is returned."""
    token = uuid4()
    due = Digest.objects.due(on=on, now=now).filter(kind__in=kinds)
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
    at: datetime,
    days: Calendar,
    now: Callable[[], datetime],
    outcome: Delivered,
    is_stopping: Callable[[], bool] = lambda: False,
) -> None:
    _attach(digests, on=on, at=at)
    begin_until = cast(datetime, digests[0].lease_until) - SPARE * lease()
    written = _write(digests, on=on, days=days)
    for digest in digests:
        email = written.get(digest.pk)
        if isinstance(email, Exception):
            _settle(digest, state=Digest.State.FAILED, last_error=f"The email could not be written: {email}")
            outcome.failed += 1
            continue
        if email is None:
            _settle(digest, state=Digest.State.NOTHING_OWED, lease_until=None)
            continue
        if post.is_away or is_stopping() or now() > begin_until:
            _put_back(digest, error=post.why_away, now=now(), counts=False)
            outcome.put_back += 1
            continue
        _send_one(digest, email, post=post, now=now, outcome=outcome)
    changes.note_refusals(outcome.bounced, on=on)
    changes.note_accepted(outcome.accepted, on=on)
    outcome.bounced, outcome.accepted = [], []


def _attach(digests: Sequence[Digest], *, on: date, at: datetime) -> None:
    """Join the waiting reminders of each person to the email this worker holds, less the moot ones."""
    keys = [digest.pk for digest in digests]
    for kind in Digest.Kind:
        of_this_kind = [digest for digest in digests if digest.kind == kind]
        if not of_this_kind:
            continue
        # Named outright: a subquery is planned by the statistics of tables that have just grown.
        theirs = _due_now(on=on, at=at).filter(
            _in_email_of(kind),
            authority__in={digest.authority_id for digest in of_this_kind},
            recipient__in={digest.recipient_id for digest in of_this_kind},
        )
        mine = Case(
            *(
                When(authority=digest.authority_id, recipient=digest.recipient_id, then=Value(digest.pk))
                for digest in of_this_kind
            ),
            default=None,
        )
        # By key, because the condition looks into other tables.
        Reminder.objects.filter(pk__in=list(theirs.values_list("pk", flat=True))).update(digest=mine)
    moot = Reminder.objects.filter(digest__in=keys).filter(no_longer_owed()).values("pk")
    Reminder.objects.filter(pk__in=moot).update(digest=None, cancelled_on=on, cancelled_reason=NO_LONGER_OWED)


def _write(digests: Sequence[Digest], *, on: date, days: Calendar) -> dict[int, emails.Email | Exception]:
    """Write the emails of a batch; if one cannot be written, each alone, so that it holds up no other."""
    try:
        return dict(emails.write(digests, on=on, days=days))
    except DatabaseError:
        raise
    except Exception:
        logger.exception("A batch of emails could not be written together.")
    written: dict[int, emails.Email | Exception] = {}
    for digest in digests:
        try:
            written |= emails.write([digest], on=on, days=days)
        except DatabaseError:
            raise
        except Exception as error:
            logger.exception("Email %s could not be written.", digest.pk)
            written[digest.pk] = error
    return written


def _send_one(
    digest: Digest, email: emails.Email, *, post: mail.Post, now: Callable[[], datetime], outcome: Delivered
) -> None:
    try:
        post.send(
            email,
            message_id=digest.message_id(mail.host()),
            may_have_gone=digest.is_uncertain,
            is_in_time=lambda: now() < cast(datetime, digest.lease_until),
        )
    except mail.RefusedForGood as error:
        _fail(digest, email, error=str(error))
        outcome.failed += 1
        outcome.refusals.append(f"{email.address}: {error}")
        outcome.bounced.append((digest.recipient_id, email.address, str(error)))
    except mail.RefusedForNow as error:
        _refused_for_now(digest, email, error=str(error), now=now, outcome=outcome)
    except mail.BrokeOff as error:
        # If it was handed over, the server may have taken it before the line broke: nobody can know.
        digest.is_uncertain = digest.is_uncertain or error.was_handed_over
        _put_back(digest, error=str(error), now=now(), counts=True)
        outcome.put_back += 1
    except mail.Away as error:
        _put_back(digest, error=str(error), now=now(), counts=False)
        outcome.put_back += 1
    except mail.TooLate:
        _put_back(digest, error="", now=now(), counts=False)
        outcome.put_back += 1
    except mail.CannotBeMade as error:
        _fail(digest, email, error=str(error))
        outcome.failed += 1
    else:
        sent = _settle_for_sure(
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
        outcome.accepted.append((digest.recipient_id, email.address))
        if not sent:
            logger.warning("Email %s was sent after its lease had passed to another worker.", digest.pk)


def _refused_for_now(
    digest: Digest, email: emails.Email, *, error: str, now: Callable[[], datetime], outcome: Delivered
) -> None:
    if digest.tries >= MOST_TRIES:
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
    values = {"token": None} | outcome
    held = {"id": digest.pk, "token": digest.token, "state": Digest.State.SENDING}
    with connection.cursor() as cursor:
        cursor.execute(
            _settlement(tuple(values), tuple(held)), [_as_stored(*each) for each in (*values.items(), *held.items())]
        )
        return cursor.rowcount


@cache
def _settlement(values: tuple[str, ...], held: tuple[str, ...]) -> str:
    """Return the statement that settles an email, made once: one runs for each email, and Django takes longer over
    the making than the database over the running."""
    quote = connection.ops.quote_name
    changed, conditions = (
        [f"{quote(Digest._meta.get_field(name).column)} = %s" for name in names] for names in (values, held)
    )
    table = quote(Digest._meta.db_table)
    return f"UPDATE {table} SET {', '.join(changed)} WHERE {' AND '.join(conditions)}"  # noqa: S608


def _as_stored(name: str, value: object) -> object:
    return Digest._meta.get_field(name).get_db_prep_save(value, connection)


def _settle_for_sure(digest: Digest, **outcome: object) -> int:
    """Write that an email has gone, even if the database restarts meanwhile: else it would go a second time."""
    for wait in WAITS_FOR_THE_DATABASE:
        try:
            return _settle(digest, **outcome)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            sleep(wait)
    return _settle(digest, **outcome)
