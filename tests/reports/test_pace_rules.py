"""The pace of actions and the forecast it gives, worked by hand on small cases and held against drawing at random."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.actions.rules import Status
from tracker.reports.pace import rules, words
from tracker.reports.pace.rules import WEEK, Band, Forecast, Outlook, Record, Tally

MONDAY = date(2026, 2, 2)
TODAY = date(2026, 5, 6)


def record(complete=None, agreed=None, whole=10, begun_on=MONDAY, cancelled=None):
    """Some actions: `complete` and `agreed` are changes by day."""
    return Record(
        begun_on=begun_on,
        complete=Tally(complete),
        claimed=Tally(),
        agreed=Tally(agreed),
        whole=Tally({date.min: whole, **{day: -number for day, number in (cancelled or {}).items()}}),
    )


def by_week(*numbers, begun_on=MONDAY):
    """Completions on the Wednesday of each week from the first on."""
    return {begun_on + WEEK * week + timedelta(days=2): number for week, number in enumerate(numbers) if number}


def forecast(*weeks, left=10, complete=0, on=TODAY):
    return Forecast(on=on, outlook=Outlook.FORECAST, weeks=weeks, complete=complete, left=left)


# What is known


def test_a_tally_is_the_sum_of_its_changes_to_the_end_of_a_day():
    tally = Tally({date(2026, 5, 6): 2, date(2026, 5, 4): 1, date(2026, 5, 8): -1})

    days = [date(2026, 5, day) for day in (3, 4, 5, 6, 7, 8, 9)]
    assert [tally.at(day) for day in days] == [0, 1, 1, 3, 3, 2, 2]
    assert (tally.first_day, tally.last_day) == (date(2026, 5, 4), date(2026, 5, 8))


def test_a_tally_without_changes_is_nothing():
    assert (Tally().at(TODAY), Tally().first_day, Tally({TODAY: 0}).last_day) == (0, None, None)


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 5, 3), date(2026, 4, 27)),
        (date(2026, 5, 4), date(2026, 5, 4)),
        (date(2026, 5, 10), date(2026, 5, 4)),
        (date(2026, 3, 29), date(2026, 3, 23)),  # The clocks go forward on this Sunday.
        (date(2027, 1, 1), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_monday(day, monday):
    assert rules.monday_of(day) == monday


@pytest.mark.parametrize(
    ("begun_on", "on", "weeks"),
    [
        (date(2026, 2, 2), date(2026, 2, 7), []),  # The first week ends on the Sunday.
        (date(2026, 2, 2), date(2026, 2, 8), [1]),
        (date(2026, 2, 2), date(2026, 2, 14), [1]),
        (date(2026, 2, 3), date(2026, 2, 14), []),  # The week in which the plan began is not whole.
        (date(2026, 2, 2), date(2026, 3, 29), [1, 2, 3, 4, 5, 6, 7, 8]),
        (date(2026, 2, 2), date(2026, 4, 5), [2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_only_whole_weeks_since_the_plan_began_count_and_at_most_eight(begun_on, on, weeks):
    done = record(by_week(*range(1, 12)), whole=100, begun_on=begun_on)

    assert rules.weeks_up_to(done, on) == weeks


def test_a_completion_on_sunday_is_of_that_week_and_one_on_monday_of_the_next():
    done = record({date(2026, 2, 8): 1, date(2026, 2, 9): 2})

    assert rules.weeks_up_to(done, date(2026, 2, 15)) == [1, 2]


def test_a_completion_taken_back_is_not_counted_in_its_week():
    changes = by_week(2, 1, 0, 1)
    changes[date(2026, 2, 25)] = -1 + changes.get(date(2026, 2, 25), 0)  # Reopened in the fourth week.

    assert rules.weeks_up_to(record(changes), date(2026, 2, 22)) == [2, 1, 0]
    assert rules.weeks_up_to(record(changes), date(2026, 3, 1)) == [2, 1, 0, 0]


def test_one_reopened_after_the_last_week_is_not_counted_either():
    changes = {**by_week(2, 1), date(2026, 2, 17): -2}

    assert rules.weeks_up_to(record(changes), date(2026, 2, 18)) == [1, 0]


def test_a_cancelled_action_is_not_left_to_do_from_its_day_on():
    done = record(by_week(1), whole=4, cancelled={date(2026, 2, 11): 2})

    assert [done.left(date(2026, 2, day)) for day in (3, 4, 10, 11)] == [4, 3, 3, 1]


# Whether there is a forecast


@pytest.mark.parametrize(
    ("weeks", "whole", "left", "outlook"),
    [
        ([], 0, 0, Outlook.NO_ACTIONS),
        ([3] * 8, 24, 0, Outlook.ALL_COMPLETE),
        ([], 10, 10, Outlook.TOO_FEW_WEEKS),
        ([2, 2, 2, 2, 2], 20, 10, Outlook.TOO_FEW_WEEKS),
        ([2, 2, 2, 2, 2, 2], 20, 8, Outlook.FORECAST),
        ([0] * 8, 10, 10, Outlook.NONE_COMPLETED),
        ([0] * 7, 10, 10, Outlook.TOO_FEW_COMPLETIONS),  # Not yet 8 weeks without one.
        ([0, 0, 0, 1, 0, 0, 1, 0], 10, 8, Outlook.TOO_FEW_COMPLETIONS),
        ([0, 0, 0, 1, 0, 0, 2, 0], 10, 7, Outlook.FORECAST),
    ],
)
def test_a_forecast_takes_six_weeks_and_three_completions(weeks, whole, left, outlook):
    begun_on = MONDAY
    on = begun_on + WEEK * len(weeks) + timedelta(days=1)
    done = record(by_week(*weeks), whole=left + sum(weeks) if whole else 0, begun_on=begun_on)

    found = rules.forecast_of(done, on)

    assert (found.outlook, found.left, found.has_band) == (outlook, left, outlook is Outlook.FORECAST)


def test_without_a_forecast_there_is_no_number():
    none = rules.forecast_of(record(whole=10), TODAY)

    with pytest.raises(ValueError, match="There is no forecast: none completed"):
        none.complete_by(TODAY + WEEK)
    with pytest.raises(ValueError, match="There is no forecast: none completed"):
        none.finish()


# The forecast


@pytest.mark.parametrize(
    ("weeks", "ahead", "band"),
    [
        # One week ahead each of the 8 is as likely: 0 in 4 of 8, 1 in 3, 2 in 1.
        ((0, 0, 0, 0, 1, 1, 1, 2), 1, Band(0, 0, 2)),
        ((0, 1, 1, 1, 1, 1, 1, 2), 1, Band(0, 1, 2)),
        # Of two past weeks, 0 and 1, the second is used 0, 1, 2 or 3 times of 3, each as likely.
        ((0, 1), 3, Band(0, 1, 3)),
        # Of 0 and 1, used 0 to 9 times of 9: each number has 1 chance in 10.
        ((0, 1), 9, Band(0, 4, 8)),
        # All weeks alike leave no doubt.
        ((2, 2, 2, 2, 2, 2), 3, Band(6, 6, 6)),
        ((2, 2, 2, 2, 2, 2), 7, Band(10, 10, 10)),  # No more than are left.
    ],
)
def test_small_forecasts_worked_by_hand(weeks, ahead, band):
    assert forecast(*weeks).more_by(TODAY + WEEK * ahead) == band


def test_the_band_is_what_many_draws_at_random_come_to():
    """4,000 draws with a fixed seed: chances for the 8 weeks, then weeks by those chances."""
    weeks, left, ahead = (0, 3, 1, 0, 2, 5, 0, 1), 60, 12
    chance = random.Random(20260506)
    outcomes = []
    for _ in range(4_000):
        chances = [chance.expovariate(1) for _ in weeks]
        outcomes.append(min(left, sum(chance.choices(weeks, chances, k=ahead))))
    outcomes.sort()

    band = forecast(*weeks, left=left).more_by(TODAY + WEEK * ahead)

    for number, share in ((band.low, 0.1), (band.middle, 0.5), (band.high, 0.9)):
        at_most = sum(outcome <= number for outcome in outcomes) / len(outcomes)
        below = sum(outcome < number for outcome in outcomes) / len(outcomes)
        assert below - 0.02 < share < at_most + 0.02


def test_part_of_a_week_lies_between_the_weeks_around_it():
    seen = forecast(0, 3, 1, 0, 2, 5, 0, 1, left=60)

    bands = [seen.more_by(TODAY + timedelta(days=days)) for days in range(29)]

    assert bands[0] == Band(0, 0, 0)
    assert bands == sorted(bands, key=lambda band: (band.low, band.middle, band.high))
    # 3 days of 7 into the first week: 1 in 10 chances of 5 is now 3 in 56, of 3 or more 6 in 56.
    assert bands[3] == Band(0, 0, 3)


def test_what_is_complete_already_is_counted_in():
    assert forecast(2, 2, 2, 2, 2, 2, complete=9).complete_by(TODAY + WEEK) == Band(11, 11, 11)


def test_the_finish_is_when_the_band_comes_to_the_end():
    seen = forecast(0, 1, 0, 2, 1, 1, 0, 3, left=12)

    finish = seen.finish()

    for day, read in ((finish.early, "high"), (finish.middle, "middle"), (finish.late, "low")):
        assert getattr(seen.more_by(day), read) == 12
        assert getattr(seen.more_by(day - WEEK), read) < 12
    assert finish.early < finish.middle < finish.late


def test_an_end_more_than_three_years_away_is_not_named():
    finish = forecast(1, 1, 1, 0, 0, 0, 0, 0, left=100).finish()

    assert (finish.middle, finish.late) == (None, None)
    assert forecast(1, 1, 1, 0, 0, 0, 0, 0, left=100).more_by(TODAY + WEEK * 1000).low < 100


def test_a_forecast_is_the_same_however_often_it_is_asked_for():
    rules._ways.cache_clear()
    first = forecast(0, 3, 1, 0, 2, 5, 0, 1).finish()
    rules._ways.cache_clear()
    rules._more_after.cache_clear()

    assert forecast(0, 3, 1, 0, 2, 5, 0, 1).finish() == first
    assert forecast(5, 3, 2, 1, 1, 0, 0, 0).finish() == first  # In whatever order the weeks were.


week_numbers = st.lists(st.integers(0, 9), min_size=6, max_size=8).filter(lambda weeks: sum(weeks) >= 3)


@settings(max_examples=60, deadline=None)
@given(weeks=week_numbers, place=st.integers(0, 5), left=st.integers(1, 60), days=st.integers(0, 400))
def test_more_completions_never_make_it_later_nor_a_longer_plan_sooner(weeks, place, left, days):
    better = [number + (number_of == place) for number_of, number in enumerate(weeks)]
    day = TODAY + timedelta(days=days)
    far = date.max

    before, after = forecast(*weeks, left=left), forecast(*better, left=left)
    longer = forecast(*weeks, left=left + 1)

    for read in ("low", "middle", "high"):
        assert getattr(after.more_by(day), read) >= getattr(before.more_by(day), read)
    for read in ("early", "middle", "late"):
        assert (getattr(after.finish(), read) or far) <= (getattr(before.finish(), read) or far)
        assert (getattr(longer.finish(), read) or far) >= (getattr(before.finish(), read) or far)


@settings(max_examples=60, deadline=None)
@given(weeks=week_numbers, left=st.integers(1, 60), days=st.integers(0, 1200))
def test_a_band_is_in_order_and_never_more_than_is_left(weeks, left, days):
    band = forecast(*weeks, left=left).more_by(TODAY + timedelta(days=days))

    assert 0 <= band.low <= band.middle <= band.high <= left


# What earlier forecasts were worth


def test_each_week_of_the_past_is_tried_with_what_was_so_then():
    done = record(by_week(*[1] * 12), whole=30)
    on = MONDAY + WEEK * 12

    trials = rules.back_test(done, on, 4)

    assert [trial.forecast.on for trial in trials] == [MONDAY + WEEK * n - timedelta(days=1) for n in range(1, 13)]
    assert [trial.forecast.has_band for trial in trials] == [False] * 5 + [True] * 7
    assert [trial.outcome for trial in trials] == [5, 6, 7, 8, 9, 10, 11, 12, None, None, None, None]
    assert trials[5].band == Band(10, 10, 10)
    assert rules.held_of(trials) == (3, 3)


def test_an_outcome_outside_the_band_is_not_held():
    done = record(by_week(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 5), whole=30)

    trials = rules.back_test(done, MONDAY + WEEK * 12, 4)

    assert [trial.is_held for trial in trials if trial.is_known] == [False, False, False]
    assert words.held_or_not(trials[5]) == (Status.AT_RISK, "Fewer than forecast")
    assert words.held_or_not(trials[7]) == (Status.AT_RISK, "More than forecast")


def test_a_trial_of_today_is_not_known_before_the_day_is_over():
    done = record(by_week(*[1] * 8), whole=30)
    sunday = MONDAY + WEEK * 12 - timedelta(days=1)

    assert rules.back_test(done, sunday, 4)[-4].outcome is None
    assert rules.back_test(done, sunday + timedelta(days=1), 4)[-5].outcome == 8


# Words

AGREED_BY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("weeks", "left", "agreed_by", "tone", "said"),
    [
        ((1,) * 8, 8, AGREED_BY, Status.ON_TRACK, "At this pace the plan finishes on time"),
        ((1,) * 8, 9, AGREED_BY, Status.OFF_TRACK, "At this pace the plan finishes 1 week late"),
        ((1,) * 8, 12, AGREED_BY, Status.OFF_TRACK, "At this pace the plan finishes 4 weeks late"),
        (
            (0, 1, 0, 2, 1, 1, 0, 3), 20, AGREED_BY, Status.OFF_TRACK,
            "At this pace the plan finishes 5 to 28 weeks late",
        ),
        (
            (0, 1, 0, 2, 1, 1, 0, 3), 8, AGREED_BY, Status.AT_RISK,
            "At this pace the plan finishes on time or up to 8 weeks late",
        ),
        (
            (1, 0, 0, 0, 1, 1, 0, 0), 30, AGREED_BY, Status.OFF_TRACK,
            "At this pace the plan finishes at least 41 weeks late",
        ),
        (
            (1, 0, 0, 0, 1, 1, 0, 0), 200, AGREED_BY, Status.OFF_TRACK,
            "At this pace the plan does not finish within 3 years",
        ),
        (
            (1, 0, 0, 0, 1, 1, 0, 0), 30, date(2028, 7, 1), Status.AT_RISK,
            "At this pace the plan finishes on time at best, and may not within 3 years",
        ),
        (
            (0, 1, 0, 2, 1, 1, 0, 3), 8, None, Status.NOT_STARTED,
            "At this pace the plan finishes between 10 June and 26 August 2026",
        ),
        (
            (1, 0, 0, 0, 1, 1, 0, 0), 30, None, Status.NOT_STARTED,
            "At this pace the plan may not finish within 3 years",
        ),
    ],
)  # fmt: skip
def test_the_heading_says_how_late_the_plan_ends(weeks, left, agreed_by, tone, said):
    verdict = words.headline(forecast(*weeks, left=left), agreed_by)

    assert (verdict.tone, verdict.lead) == (tone, said)


@pytest.mark.parametrize(
    ("outlook", "weeks", "complete", "said"),
    [
        (Outlook.NO_ACTIONS, (), 0, "This priority has no actions yet"),
        (Outlook.ALL_COMPLETE, (1,) * 8, 8, "All 8 actions are complete"),
        (Outlook.ALL_COMPLETE, (1,), 1, "The only action is complete"),
        (Outlook.NONE_COMPLETED, (0,) * 8, 2, "At this pace this priority does not finish"),
        (
            Outlook.TOO_FEW_WEEKS, (1,), 1,
            "Too little history to forecast: 1 whole week has passed since the plan began, and it takes 6",
        ),
        (
            Outlook.TOO_FEW_COMPLETIONS, (0, 0, 0, 0, 0, 1, 1), 2,
            "Too little history to forecast: 2 actions were completed in the last 7 weeks, and it takes 3",
        ),
    ],
)  # fmt: skip
def test_without_a_band_the_heading_says_why(outlook, weeks, complete, said):
    seen = Forecast(on=TODAY, outlook=outlook, weeks=weeks, complete=complete, left=0)

    assert words.headline(seen, AGREED_BY, words.THE_PRIORITY).lead == said


@pytest.mark.parametrize(
    ("late_on", "weeks"),
    [
        (AGREED_BY, 0),
        (AGREED_BY - timedelta(days=30), 0),
        (AGREED_BY + timedelta(days=1), 1),
        (AGREED_BY + timedelta(days=7), 1),
        (AGREED_BY + timedelta(days=8), 2),
    ],
)
def test_a_week_begun_is_a_week_late(late_on, weeks):
    assert words.weeks_late(late_on, AGREED_BY) == weeks


VISIT_ON = date(2026, 6, 9)


@pytest.mark.parametrize(
    ("weeks", "due", "said", "is_short", "is_sure"),
    [
        (
            (0, 1, 0, 2, 1, 1, 0, 3), 13,
            "At this pace, 2 to 8 of the 13 actions due before monitoring visit 1 will be done in time.", True, False,
        ),
        (
            (0, 1, 0, 2, 1, 1, 0, 3), 6,
            "At this pace, 2 to 6 of the 6 actions due before monitoring visit 1 will be done in time.", False, False,
        ),
        (
            (2,) * 8, 5,
            "At this pace, all 5 actions due before monitoring visit 1 will be done in time.", False, True,
        ),
        (
            (2,) * 8, 1,
            "At this pace, the only action due before monitoring visit 1 will be done in time.", False, True,
        ),
        (
            (0, 0, 0, 0, 0, 0, 0, 3), 1,
            "At this pace, the only action due before monitoring visit 1 may or may not be done in time.", False, False,
        ),
        ((1,) * 8, 0, "Nothing is left to finish before monitoring visit 1.", False, True),
    ],
)  # fmt: skip
def test_what_will_be_done_by_the_visit(weeks, due, said, is_short, is_sure):
    seen = words.by_visit(forecast(*weeks, left=20), visit="monitoring visit 1", day=VISIT_ON, due=due)

    assert (seen.sentence, seen.is_short, seen.is_sure) == (said, is_short, is_sure)


@pytest.mark.parametrize(
    ("outlook", "said", "is_short"),
    [
        (
            Outlook.NONE_COMPLETED,
            "At this pace, none of the 3 actions due before monitoring visit 1 will be done in time.", True,
        ),
        (
            Outlook.TOO_FEW_WEEKS,
            "There is too little history to forecast how many actions due before monitoring visit 1 will be done.",
            False,
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_the_visit_without_a_band(outlook, said, is_short):
    none = Forecast(on=TODAY, outlook=outlook, weeks=(0,) * 8, complete=0, left=9)

    seen = words.by_visit(none, visit="monitoring visit 1", day=VISIT_ON, due=3)

    assert (seen.sentence, seen.is_short, seen.is_sure) == (said, is_short, False)


@pytest.mark.parametrize(
    ("held", "known", "said"),
    [
        (0, 0, "No forecast of the past can be checked yet."),
        (4, 5, "The band held what happened in 4 of 5 weeks, 80%. That is too few weeks to judge by."),
        (24, 30, "The band held what happened in 24 of 30 weeks, 80%. That is what a band of 8 in 10 should do."),
        (
            15, 30,
            "The band held what happened in 15 of 30 weeks, 50%. It should be about 80%: take the forecast with care.",
        ),
        (
            30, 30,
            "The band held what happened in 30 of 30 weeks, 100%. It should be about 80%: the forecast is too careful.",
        ),
    ],
)  # fmt: skip
def test_the_share_held_is_said_in_figures_and_judged(held, known, said):
    assert words.were_they_right(held, known).lead == said
