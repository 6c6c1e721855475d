"""The sentences at the top of pages, from plain numbers and dates."""

from datetime import date

import pytest

from tests.factories import TODAY
from tracker.actions.rules import Difference, Status
from tracker.dates.working_days import Calendar
from tracker.reports import answers
from tracker.reports.answers import Countdown, MissedDate, PlanFacts, VisitFacts

CALENDAR = Calendar({date(2026, 5, 4): "Early May bank holiday", date(2026, 5, 25): "Spring bank holiday"}, 2026, 2027)
VISIT = "monitoring visit 1"
MISSED = MissedDate(date(2026, 5, 5), ["sent to DfE", "published"])
NOT_SENT = MissedDate(date(2026, 5, 5), ["published"])


def facts(before_visit=None, actions=None, **rest):
    """A plan whose actions are those due before the visit, unless more are given."""
    counts = before_visit or {}
    return PlanFacts(actions=actions or counts, visit=VISIT, before_visit=counts, **rest)


@pytest.mark.parametrize(
    ("known", "tone", "lead"),
    [
        pytest.param(
            facts({"overdue": 7, "on_track": 6}, missed=MISSED),
            Status.OVERDUE,
            "No. The plan was due on Tuesday 5 May 2026 and is not yet sent to DfE or published.",
            id="a missed legal date comes before everything",
        ),
        pytest.param(
            facts({"on_track": 1}, missed=NOT_SENT),
            Status.OVERDUE,
            "No. The plan was due on Tuesday 5 May 2026 and is not yet published.",
            id="one step missing",
        ),
        pytest.param(
            facts({"overdue": 7, "on_track": 6}, findings_without_action=2),
            Status.OVERDUE,
            "Not yet. 7 of the 13 actions due before monitoring visit 1 are overdue.",
            id="overdue before the visit",
        ),
        pytest.param(
            facts({"overdue": 1, "on_track": 12}),
            Status.OVERDUE,
            "Not yet. 1 of the 13 actions due before monitoring visit 1 is overdue.",
            id="one overdue",
        ),
        pytest.param(
            facts({"overdue": 2}),
            Status.OVERDUE,
            "Not yet. All 2 actions due before monitoring visit 1 are overdue.",
            id="all overdue",
        ),
        pytest.param(
            facts({"overdue": 1}),
            Status.OVERDUE,
            "Not yet. The only action due before monitoring visit 1 is overdue.",
            id="the only one overdue",
        ),
        pytest.param(
            facts({"on_track": 3}, actions={"on_track": 40, "overdue": 8}),
            Status.OVERDUE,
            "Not yet. 8 of the 48 actions are overdue.",
            id="overdue, but not before the visit",
        ),
        pytest.param(
            facts({"on_track": 3}, findings_without_action=2, recommendations=10, recommendations_without_action=1),
            Status.AT_RISK,
            "Not yet. 2 findings from visits have no action.",
            id="findings without an action",
        ),
        pytest.param(
            facts({"on_track": 3}, findings_without_action=1),
            Status.AT_RISK,
            "Not yet. 1 finding from a visit has no action.",
            id="one finding without an action",
        ),
        pytest.param(
            facts({"on_track": 3}, recommendations=10, recommendations_without_action=3),
            Status.AT_RISK,
            "Not yet. 3 of the 10 recommendations have no action.",
            id="recommendations without an action",
        ),
        pytest.param(
            facts({"on_track": 3}, recommendations=10, recommendations_without_action=1),
            Status.AT_RISK,
            "Not yet. 1 of the 10 recommendations has no action.",
            id="one recommendation without an action",
        ),
        pytest.param(
            facts(recommendations=10, recommendations_without_action=10),
            Status.AT_RISK,
            "Not yet. None of the 10 recommendations has an action.",
            id="no recommendation has an action",
        ),
        pytest.param(
            facts(recommendations=1, recommendations_without_action=1),
            Status.AT_RISK,
            "Not yet. The only recommendation has no action.",
            id="the only recommendation has no action",
        ),
        pytest.param(facts(), Status.NOT_STARTED, "Not yet. There are no actions in the plan.", id="an empty plan"),
        pytest.param(
            facts(hidden=2),
            Status.NOT_STARTED,
            "Not yet. There are no actions in the plan that you can see.",
            id="a plan of restricted actions",
        ),
        pytest.param(
            facts({"on_track": 9, "at_risk": 3, "off_track": 1}),
            Status.AT_RISK,
            "Not certain. 4 of the 13 actions due before monitoring visit 1 are at risk or off track.",
            id="at risk and off track",
        ),
        pytest.param(
            facts({"on_track": 12, "off_track": 1}),
            Status.AT_RISK,
            "Not certain. 1 of the 13 actions due before monitoring visit 1 is off track.",
            id="off track",
        ),
        pytest.param(
            facts({"on_track": 6, "not_started": 3}),
            Status.NOT_STARTED,
            (
                "Yes, so far. None is late or at risk, "
                "but 3 of the 9 actions due before monitoring visit 1 are not started."
            ),
            id="not started",
        ),
        pytest.param(
            facts({"complete": 4, "embedded": 1, "on_track": 8}),
            Status.ON_TRACK,
            "Yes. All 13 actions due before monitoring visit 1 are done or on track.",
            id="yes",
        ),
        pytest.param(
            facts({"complete": 4, "waiting": 1, "on_track": 8}),
            Status.ON_TRACK,
            "Yes. All 13 actions due before monitoring visit 1 are done, waiting to be checked or on track.",
            id="yes, and one waits to be checked",
        ),
        pytest.param(
            facts({}, actions={"on_track": 5}),
            Status.ON_TRACK,
            "Yes. Nothing is left to finish before monitoring visit 1, and nothing is overdue.",
            id="nothing due before the visit",
        ),
        pytest.param(
            PlanFacts(actions={"on_track": 4, "at_risk": 1}),
            Status.AT_RISK,
            "Not certain. 1 of the 5 actions is at risk.",
            id="no visit known: the whole plan counts",
        ),
        pytest.param(
            PlanFacts(actions={"complete": 1234}), Status.ON_TRACK, "Yes. All 1,234 actions are done.", id="all done"
        ),
    ],
)
def test_the_dashboard_gives_the_first_answer_that_applies(known, tone, lead):
    assert answers.are_we_on_track(known) == answers.Verdict(tone, lead)


@pytest.mark.parametrize(
    ("known", "tone", "lead"),
    [
        (VisitFacts(), Status.NOT_STARTED, "No findings of this visit are recorded."),
        (VisitFacts(strengths=1), Status.ON_TRACK, "Inspectors named 1 strength."),
        (
            VisitFacts(strengths=12, needs_work=7, needs_work_known=7, without_action=2),
            Status.AT_RISK,
            "Inspectors named 12 strengths and 7 areas that need work. 2 of them have no action yet.",
        ),
        (
            VisitFacts(needs_work=1, needs_work_known=1, without_action=1),
            Status.AT_RISK,
            "Inspectors named 1 area that needs work. It has no action yet.",
        ),
        (
            VisitFacts(strengths=1, needs_work=7, needs_work_known=7),
            Status.ON_TRACK,
            "Inspectors named 1 strength and 7 areas that need work. Each has an action.",
        ),
        (
            VisitFacts(needs_work=1, needs_work_known=1),
            Status.ON_TRACK,
            "Inspectors named 1 area that needs work. It has an action.",
        ),
        (
            VisitFacts(needs_work=7, needs_work_known=3),
            Status.NOT_STARTED,
            "Inspectors named 7 areas that need work. 3 of them are recorded here.",
        ),
        (
            VisitFacts(needs_work=7),
            Status.NOT_STARTED,
            "Inspectors named 7 areas that need work. None is recorded here.",
        ),
    ],
)
def test_a_visit_that_is_over_says_what_inspectors_said(known, tone, lead):
    assert answers.what_did_they_say(known) == answers.Verdict(tone, lead)


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2026, 5, 6), Countdown("Today")),
        (date(2026, 5, 7), Countdown("1", "working day left")),
        (date(2026, 5, 26), Countdown("13", "working days left")),
        (date(2026, 5, 5), Countdown("1", "working day late", is_late=True)),
        (date(2026, 5, 1), Countdown("2", "working days late", is_late=True)),
    ],
)
def test_a_day_is_counted_down_in_working_days(day, count):
    assert answers.countdown(day, on=TODAY, calendar=CALENDAR) == count


def test_a_day_that_passed_on_friday_is_late_on_saturday_without_a_number():
    saturday = date(2026, 5, 9)

    assert answers.countdown(date(2026, 5, 8), on=saturday, calendar=CALENDAR) == Countdown("Late", is_late=True)


@pytest.mark.parametrize(
    ("first", "last", "words", "with_weekdays"),
    [
        (date(2026, 12, 9), None, "9 December 2026", "Wednesday 9 December 2026"),
        (date(2026, 12, 9), date(2026, 12, 9), "9 December 2026", "Wednesday 9 December 2026"),
        (date(2026, 12, 9), date(2026, 12, 10), "9 and 10 December 2026", "Wednesday 9 and Thursday 10 December 2026"),
        (date(2026, 12, 7), date(2026, 12, 11), "7 to 11 December 2026", "Monday 7 to Friday 11 December 2026"),
        (
            date(2026, 11, 30),
            date(2026, 12, 4),
            "30 November to 4 December 2026",
            "Monday 30 November to Friday 4 December 2026",
        ),
        (
            date(2026, 12, 31),
            date(2027, 1, 1),
            "31 December 2026 and 1 January 2027",
            "Thursday 31 December 2026 and Friday 1 January 2027",
        ),
    ],
)
def test_days_of_a_visit_are_written_together(first, last, words, with_weekdays):
    assert answers.days_words(first, last) == words
    assert answers.days_words(first, last, weekdays=True) == with_weekdays


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 12, 14), date(2027, 2, 5), "Expected between 14 December 2026 and 5 February 2027"),
        (date(2026, 12, 14), date(2026, 12, 14), "Expected on 14 December 2026"),
        (date(2026, 12, 14), None, "Expected from 14 December 2026"),
        (None, date(2027, 2, 5), "Expected by 5 February 2027"),
        (None, None, ""),
    ],
)
def test_a_visit_without_days_is_expected(first, last, words):
    assert answers.expected_words(first, last) == words


@pytest.mark.parametrize(
    ("updated_on", "words"),
    [
        (None, "No update yet"),
        (date(2026, 5, 5), "No update for 1 day"),
        (date(2026, 4, 5), "No update for 31 days"),
    ],
)
def test_silence_is_counted_in_days(updated_on, words):
    assert answers.silence_words(updated_on, on=TODAY) == words


@pytest.mark.parametrize(
    ("waiting", "shown"),
    [
        ([0, 0, 0, 0], [0, 0, 0, 0]),
        ([2, 0, 1, 0], [2, 0, 1, 0]),
        ([9, 0, 0, 0], [5, 0, 0, 0]),
        ([9, 1, 9, 9], [2, 1, 1, 1]),
        ([0, 1, 9, 9], [0, 1, 3, 1]),
        ([1, 1, 0, 9], [1, 1, 0, 3]),
        ([3000, 0, 2, 0], [4, 0, 1, 0]),
    ],
)
def test_each_kind_of_decision_is_shown_before_any_is_shown_twice(waiting, shown):
    assert answers.share_out(waiting) == shown


@pytest.mark.parametrize(
    ("differences", "highest"),
    [
        ([], Difference.NONE),
        (["none", "waiting"], Difference.WAITING),
        (["sustained", "none", "activity"], Difference.SUSTAINED),
        (["difference", "activity"], Difference.DIFFERENCE),
    ],
)
def test_the_highest_difference_counts(differences, highest):
    assert answers.highest_difference(differences) == highest


def test_either_or_is_written_with_or():
    assert [answers.or_list(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a or b",
        "a, b or c",
    ]
