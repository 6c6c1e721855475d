"""A calendar as calendar programs read it: iCalendar, RFC 5545, with the headings of RFC 7986."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar

from tracker.reminders.calendars.rules import Event, is_end_still_told
from tracker.reminders.models import CalendarEvent

PRODUCT = "-//Improvement plan tracker//Calendar//EN"
READ_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """Where the tracker is: its address without a slash at the end, and the host that makes its keys unique."""

    url: str
    host: str


def file_of(
    name: str, said: Iterable[CalendarEvent], events: Mapping[str, Event], *, place: Place, at: datetime
) -> bytes:
    """Return a calendar as a file: what stands in it, and what ended in the last 30 days.

    Nothing in it depends on the moment it is asked for, save that ends drop out: the same calendar is the same
    bytes.
    """
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    name = icalendar.vText(_in_line(name))  # Told to be text: an unknown heading is not made safe by the library.
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(READ_AGAIN_AFTER))
    for row in sorted(said, key=lambda row: (row.starts_on, row.key)):
        event = events.get(row.key)
        if event is not None or (row.cancelled_at is not None and is_end_still_told(row.cancelled_at, at=at)):
            calendar.add_component(_event(row, event, place))
    return calendar.to_ical()


def _event(row: CalendarEvent, event: Event | None, place: Place) -> icalendar.Event:
    changed_at = row.changed_at.astimezone(UTC).replace(microsecond=0)
    component = icalendar.Event()
    component.add("uid", f"{row.key}@{place.host}")
    # Without a METHOD both say when it was last revised.
    component.add("dtstamp", changed_at)
    component.add("last-modified", changed_at)
    component.add("sequence", row.sequence)
    component.add("dtstart", row.starts_on)
    component.add("dtend", row.ends_on + timedelta(days=1))  # The first day after it.
    component.add("summary", _in_line(row.summary))
    if event is not None:
        url = f"{place.url}{event.path}"
        component.add("description", f"{event.description}\n{url}".lstrip())
        component.add("url", url)
    component.add("status", "CONFIRMED" if event is not None else "CANCELLED")
    component.add("transp", "TRANSPARENT")  # Nobody is busy all day because something is due.
    component.add("class", "PRIVATE")
    return component


def _in_line(text: str) -> str:
    """Return a text without line breaks and other control characters, which no line of the file may hold."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
