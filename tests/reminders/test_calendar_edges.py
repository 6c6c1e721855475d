"""The days on which clocks change, years end and nobody works: the right person, the right day, once, at 8:00am."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from tests.factories import REASON, TODAY, aisha, make_action, make_authority, priya
from tracker.dates import changes as date_changes
from tracker.dates.clock import LONDON
from tracker.reminders import tasks
from tracker.reminders.models import Digest, Reminder
from tracker.reminders.rules import Kind

pytestmark = pytest.mark.django_db

# In UTC, which is what the machine's clock counts: before and after 8:00am in London in winter and in summer.
MOMENTS = ((0, 30), (1, 30), (6, 30), (7, 5), (8, 5), (9, 5), (21, 30), (23, 30))
NIGHT = 21


@pytest.fixture
def council(db, settings):
    """Northbridge, by the machine's clock."""
    settings.TRACKER_TODAY = None
    return make_authority()


def moments(first: date, last: date) -> Iterator[datetime]:
    for number in range((last - first).days + 1):
        for hour, minute in MOMENTS:
            day = first + timedelta(days=number)
            yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def live_through(first: date, last: date, *, at_night: dict[date, Callable[[], object]] | None = None) -> None:
    """Run the jobs through some days, as the schedule does; things happen at night."""
    for moment in moments(first, last):
        with time_machine.travel(moment, tick=False):
            tasks.queue_due()
            tasks.deliver_at_once()
            tasks.deliver()
            if moment.hour == NIGHT and at_night and moment.date() in at_night:
                at_night[moment.date()]()


def sent() -> list[str]:
    """When each email went, in London."""
    went = Digest.objects.filter(state=Digest.State.SENT).order_by("sent_at")
    return [f"{moment.astimezone(LONDON):%Y-%m-%d %H:%M}" for moment in went.values_list("sent_at", flat=True)]


@pytest.mark.parametrize(
    ("deadline", "until", "expected"),
    [
        pytest.param(
            date(2026, 3, 27), date(2026, 3, 30), ["2026-03-27 08:05", "2026-03-30 08:05"],
            id="clocks go forward on Sunday",
        ),
        pytest.param(
            date(2026, 10, 23), date(2026, 10, 26), ["2026-10-23 08:05", "2026-10-26 08:05"],
            id="clocks go back on Sunday",
        ),
        pytest.param(
            date(2026, 12, 31), date(2027, 1, 4), ["2026-12-31 08:05", "2027-01-04 08:05"],
            id="a year ends",
        ),
        pytest.param(
            date(2026, 4, 2), date(2026, 4, 7), ["2026-04-02 08:05", "2026-04-07 08:05"], id="Easter"
        ),
        pytest.param(
            date(2026, 12, 24), date(2026, 12, 29), ["2026-12-24 08:05", "2026-12-29 08:05"],
            id="Christmas with a substitute day",
        ),
    ],
)  # fmt: skip
def test_an_action_due_before_days_off_is_told_that_day_and_late_on_the_next_working_day(
    council, deadline, until, expected
):
    make_action(council, owner=priya(council).user, deadline=deadline)

    live_through(deadline, until)

    assert sent() == expected
    late = Reminder.objects.filter(kind=Kind.LATE, cancelled_on__isnull=True)
    assert list(late.values_list("step", "queued_on")) == [(-1, until)]


def test_on_a_holiday_proclaimed_last_night_nothing_goes_and_late_is_counted_anew(council):
    programme = aisha(council).user
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 6))

    live_through(
        date(2026, 5, 6),
        date(2026, 5, 8),
        at_night={
            date(2026, 5, 6): lambda: date_changes.proclaim(
                date(2026, 5, 7), name="Day of mourning", reason=REASON, by=programme
            )
        },
    )

    priyas = Digest.objects.filter(state=Digest.State.SENT).exclude(recipient=programme).order_by("on")
    assert list(priyas.values_list("on", flat=True)) == [date(2026, 5, 6), date(2026, 5, 8)]
    assert list(Reminder.objects.filter(kind=Kind.LATE).values_list("step", "queued_on")) == [(-1, date(2026, 5, 8))]


def test_11_30pm_in_utc_in_summer_is_tomorrow_in_london(council):
    make_action(council, owner=priya(council).user, deadline=TODAY)

    with time_machine.travel(datetime(2026, 5, 6, 23, 30, tzinfo=UTC), tick=False):
        tasks.queue_due()

    assert Reminder.objects.get().kind == Kind.LATE
    assert Reminder.objects.get().queued_on == date(2026, 5, 7)


def test_a_message_that_comes_three_days_late_sends_what_is_owed_then(council):
    """A task looks into the database, not at the age of its message."""
    make_action(council, owner=priya(council).user, deadline=date(2026, 5, 6))
    with time_machine.travel(datetime(2026, 5, 6, 6, 30, tzinfo=UTC), tick=False):
        tasks.queue_due()

    for _ in range(3):  # Delivered three times, out of turn.
        with time_machine.travel(datetime(2026, 5, 11, 9, 0, tzinfo=UTC), tick=False):
            tasks.deliver()
            tasks.queue_due()

    with time_machine.travel(datetime(2026, 5, 12, 9, 0, tzinfo=UTC), tick=False):
        tasks.deliver()
    assert sent() == ["2026-05-11 10:00", "2026-05-12 10:00"]
