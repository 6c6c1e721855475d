"""Are we ready, what will be asked, what does a letter open again? As plain functions."""

import pytest

from tracker.actions.rules import Status
from tracker.visits.rules import (
    READINESS_LIST,
    ReadinessFacts,
    Repeat,
    are_we_ready,
    is_reopened,
    question_about_finding,
    question_about_recommendation,
)

# What a letter opens again


@pytest.mark.parametrize(
    ("repeats", "is_open"),
    [
        ([], False),
        ([Repeat(needs_work=True, actions=0, complete=0)], True),
        ([Repeat(needs_work=True, actions=2, complete=1)], True),
        ([Repeat(needs_work=True, actions=2, complete=2)], False),
        ([Repeat(needs_work=False, actions=0, complete=0)], False),
        ([Repeat(needs_work=True, actions=1, complete=1), Repeat(needs_work=True, actions=0, complete=0)], True),
        ([Repeat(needs_work=True, actions=1, complete=1), Repeat(needs_work=False, actions=0, complete=0)], False),
    ],
)
def test_a_recommendation_stands_reopened_until_each_finding_that_repeats_it_is_put_right(repeats, is_open):
    assert is_reopened(repeats) is is_open


# Are we ready?


OVERDUE, AT_RISK, NOT_STARTED, ON_TRACK = Status.OVERDUE, Status.AT_RISK, Status.NOT_STARTED, Status.ON_TRACK
ALL_AT_ONCE = {
    "actions": {"overdue": 2, "at_risk": 1, "not_started": 1, "on_track": 3},
    "tasks": 10,
    "tasks_overdue": 3,
    "findings_without_action": 1,
    "questions_without_evidence": 4,
}
REST = (
    "3 things to make ready are late, 1 finding from the last visit has no action, "
    "4 likely questions have no accepted evidence, 1 action is at risk and 1 action is not started."
)


@pytest.mark.parametrize(
    ("facts", "tone", "lead", "also"),
    [
        (
            {**ALL_AT_ONCE, "are_days_known": False},
            NOT_STARTED,
            "We cannot say yet: the days of the visit are not known.",
            f"Also: 2 actions are overdue, {REST}",
        ),
        (
            ALL_AT_ONCE,
            OVERDUE,
            "Not ready yet. 2 of the 7 actions due before the visit are overdue.",
            f"Also: {REST}",
        ),
        (
            {"actions": {"overdue": 1}, "in_focus": True},
            OVERDUE,
            "Not ready yet. The only action in focus due before the visit is overdue.",
            "",
        ),
        ({"tasks": 10, "tasks_overdue": 1}, OVERDUE, "Not ready yet. 1 thing to make ready is late.", ""),
        (
            {"tasks": 10, "tasks_overdue": 2, "questions_without_evidence": 1},
            OVERDUE,
            "Not ready yet. 2 things to make ready are late.",
            "Also: 1 likely question has no accepted evidence.",
        ),
        (
            {"findings_without_action": 2, "questions_without_evidence": 1, "actions": {"at_risk": 1}},
            AT_RISK,
            "Not ready yet. 2 findings from the last visit have no action.",
            "Also: 1 likely question has no accepted evidence and 1 action is at risk.",
        ),
        (
            {"questions_without_evidence": 3},
            AT_RISK,
            "Not ready yet. 3 likely questions have no accepted evidence.",
            "",
        ),
        (
            {"actions": {"at_risk": 1, "off_track": 1, "on_track": 2}},
            AT_RISK,
            "Not certain. 2 of the 4 actions due before the visit are off track or at risk.",
            "",
        ),
        (
            {"actions": {"at_risk": 2}},
            AT_RISK,
            "Not certain. All 2 actions due before the visit are at risk.",
            "",
        ),
        (
            {"actions": {"not_started": 1, "on_track": 2}},
            NOT_STARTED,
            "Ready, so far. None is late or at risk, but 1 of the 3 actions due before the visit is not started.",
            "",
        ),
        (
            {"actions": {"waiting": 1, "on_track": 2}},
            ON_TRACK,
            "Ready. All 3 actions due before the visit are on track or waiting to be checked, and nothing is late.",
            "",
        ),
        (
            {"actions": {"waiting": 1}},
            ON_TRACK,
            "Ready. The only action due before the visit is waiting to be checked, and nothing is late.",
            "",
        ),
        (
            {"actions": {"on_track": 1}, "in_focus": True},
            ON_TRACK,
            "Ready. The only action in focus due before the visit is on track, and nothing is late.",
            "",
        ),
        ({}, NOT_STARTED, "No action is due before the visit.", ""),
        ({"in_focus": True}, NOT_STARTED, "No action in focus is due before the visit.", ""),
        ({"tasks": 10}, ON_TRACK, "Ready. No action is left to finish before the visit, and nothing is late.", ""),
    ],
)
def test_the_answer_is_the_first_that_applies_and_the_rest_follows(facts, tone, lead, also):
    answer = are_we_ready(ReadinessFacts(**facts))

    assert (answer.tone, answer.lead, answer.also) == (tone, lead, also)


def test_no_answer_says_that_we_are_ready_while_something_speaks_against_it():
    for fact in ("tasks_overdue", "findings_without_action", "questions_without_evidence"):
        assert not are_we_ready(ReadinessFacts(tasks=10, **{fact: 1})).lead.startswith("Ready")


# What inspectors are likely to ask


def test_a_finding_is_asked_about_in_the_letters_words():
    asked = question_about_finding("Children wait too long.", visit="monitoring visit 1", is_paraphrase=False)

    assert asked == "What has changed since the letter of monitoring visit 1 said: “Children wait too long”?"


def test_a_paraphrase_is_not_quoted():
    asked = question_about_finding("Pace too slow.", visit="the focused visit", is_paraphrase=True)

    assert asked == "What has changed since the letter of the focused visit said: Pace too slow?"


def test_a_recommendation_in_focus_is_asked_about_by_its_number():
    assert question_about_recommendation("3", "Response to referrals.") == (
        "What have you done about recommendation 3, Response to referrals, and what is different for children?"
    )


def test_the_usual_list_asks_for_no_list_of_children():
    titles = [title for title, _ in READINESS_LIST]

    assert len(titles) == len(set(titles)) == 10
    assert "no list of children here" in " ".join(titles)
    assert all(len(title) <= 200 and days > 0 for title, days in READINESS_LIST)
