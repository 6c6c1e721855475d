"""Today in London, whatever the server's clock and zone say."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from tracker.dates import clock


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), date(2026, 7, 2)),  # Midnight in London, in summer.
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 1, 1, 23, 30, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 2, 0, 0, tzinfo=UTC), date(2026, 1, 2)),
        # The clocks go forward at 1am on 29 March 2026.
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
        # They go back at 2am on 25 October 2026.
        (datetime(2026, 10, 24, 22, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 26, 0, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_today_is_the_london_date(moment, day):
    with time_machine.travel(moment, tick=False):
        assert clock.today() == day
        assert clock.now().date() == day
        assert clock.london_day(moment) == day


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_the_zone_of_the_server_does_not_matter(zone, monkeypatch):
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with time_machine.travel(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), tick=False):
            assert clock.today() == date(2026, 7, 2)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_now_is_aware_and_in_london():
    with time_machine.travel(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), tick=False):
        assert clock.now().isoformat() == "2026-07-01T13:00:00+01:00"


def test_a_demonstration_date_is_that_day_at_the_present_time(settings):
    settings.TRACKER_TODAY = date(2014, 11, 3)

    with time_machine.travel(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), tick=False):
        assert clock.today() == clock.demonstration_date() == date(2014, 11, 3)
        assert clock.now().isoformat() == "2014-11-03T13:00:00+00:00"


def test_without_one_there_is_no_demonstration_date(settings):
    settings.TRACKER_TODAY = None

    assert clock.demonstration_date() is None


def test_the_end_of_a_day_is_its_last_moment_in_london():
    assert clock.end_of_day(date(2026, 7, 1)).astimezone(UTC) == datetime(2026, 7, 1, 22, 59, 59, 999999, tzinfo=UTC)
    assert clock.london_day(clock.end_of_day(date(2026, 3, 29))) == date(2026, 3, 29)
