"""The only functions that write calendars and what they said."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from accounts.member import Member
from accounts.models import User
from tracker.reminders.calendars.permissions import hash_of
from tracker.reminders.calendars.rules import NO_LONGER, Event, Said, is_called_off, is_news, is_read_noted
from tracker.reminders.models import CalendarEvent, CalendarFeed


@transaction.atomic
def make_feed(member: Member, *, at: datetime) -> tuple[CalendarFeed, str]:
    """Make a person's calendar in a council, and return it with the secret of its address, which is not kept.

    The address they had until now stops at once. What it said is remembered, so that events keep counting up.
    """
    last = _last_of(member)
    if last is not None and last.ended_at is None:
        last.ended_at = at
        last.save()
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        authority=member.authority, user=member.user, secret_hash=hash_of(secret), made_at=at
    )
    if last is not None:
        last.events.update(feed=feed)
    return feed, secret


@transaction.atomic
def end_feed(member: Member, *, at: datetime) -> bool:
    """Switch off a person's calendar in a council. Returns whether there was one; its address stops at once."""
    last = _last_of(member)
    if last is None or last.ended_at is not None:
        return False
    last.ended_at = at
    last.save()
    return True


def _last_of(member: Member) -> CalendarFeed | None:
    # Two at once wait here for one another, also when there is no calendar yet to lock.
    User.objects.select_for_update().get(pk=member.user.pk)
    return CalendarFeed.objects.visible_to(member).order_by("made_at", "pk").last()


def note_read(feed: CalendarFeed, *, at: datetime) -> None:
    """Note that a calendar was read, at most once an hour."""
    if not is_read_noted(feed.read_at, at=at):
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)


def note_said(feed: CalendarFeed, events: Iterable[Event], *, on: date, at: datetime) -> list[CalendarEvent]:
    """Bring what a calendar said of each thing up to what stands in it now, and return all of it.

    A thing on another day or in other words counts one up. One that is there no more is cancelled, and then says
    nothing of what it was: its reader may no longer be allowed to know. Without news nothing is written.
    """
    now = {event.key: event for event in events}
    rows = list(feed.events.all())
    if not _news(rows, now, on=on):
        return rows
    with transaction.atomic():
        CalendarFeed.objects.select_for_update().get(pk=feed.pk)
        rows = list(feed.events.all())
        changed = _news(rows, now, on=on)
        for row in changed:
            _say(row, now.get(row.key), at=at)
        new = [row for row in changed if row.pk is None]
        for row in new:
            row.feed = feed
        CalendarEvent.objects.bulk_create(new)
        CalendarEvent.objects.bulk_update(
            [row for row in changed if row not in new],
            ["sequence", "starts_on", "ends_on", "summary", "changed_at", "cancelled_at"],
            batch_size=200,
        )
    return [*rows, *new]


def _news(rows: Iterable[CalendarEvent], now: dict[str, Event], *, on: date) -> list[CalendarEvent]:
    """Return the rows that have to say something else, with new ones for what is told for the first time."""
    said = {row.key: Said(row.starts_on, row.ends_on, row.summary, row.cancelled_at is not None) for row in rows}
    known = [
        row
        for row in rows
        if (is_news(said[row.key], now[row.key]) if row.key in now else is_called_off(said[row.key], on=on))
    ]
    return known + [CalendarEvent(key=key, sequence=0) for key in now if key not in said]


def _say(row: CalendarEvent, event: Event | None, *, at: datetime) -> None:
    if row.pk is not None:
        row.sequence += 1
    row.changed_at = at
    if event is None:
        row.summary, row.cancelled_at = NO_LONGER, at
    else:
        row.starts_on, row.ends_on, row.summary = event.first_on, event.last_on, event.summary
        row.cancelled_at = None
