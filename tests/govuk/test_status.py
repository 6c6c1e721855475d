"""Chips, bars and steps: shape, word and colour together."""

import re

import pytest

from tests.govuk.html import parts
from tracker.actions.rules import BAR_ORDER, Difference, Status
from tracker.actions.templatetags.status import (
    bar_shares,
    difference_steps,
    status_bar,
    status_chip,
    status_icon,
    status_key,
)


@pytest.mark.parametrize("status", Status)
def test_a_chip_has_a_shape_that_is_not_read_aloud_and_the_word(status):
    strong, svg, *shapes = parts(status_chip(status))

    assert dict(strong[1])["class"].startswith("app-status app-status--")
    assert dict(svg[1])["aria-hidden"] == "true"
    assert status.label in shapes
    assert len([part for part in shapes if isinstance(part, str) and not part.startswith("/")]) == 1


def test_a_chip_takes_the_value_as_well_as_the_member():
    assert status_chip("on_track") == status_chip(Status.ON_TRACK)
    assert difference_steps("activity") == difference_steps(Difference.ACTIVITY)


def test_no_two_statuses_look_alike_without_colour():
    drawings = {re.sub(r"app-fill-\w+", "", status_icon(status)) for status in Status}

    assert len(drawings) == len(Status)


def test_an_unknown_status_is_not_drawn():
    with pytest.raises(KeyError):
        status_chip("late")


def test_a_bar_keeps_one_order_and_leaves_out_what_counts_nothing():
    html = status_bar({"overdue": 2, "embedded": 1, "at_risk": 0, "on_track": 4})

    assert re.findall(r"app-bar__s--(\w+) app-share-(\d+)", html) == [
        ("embedded", "1"),
        ("ontrack", "4"),
        ("overdue", "2"),
    ]


def test_a_bar_is_read_as_a_sentence():
    html = status_bar({Status.OVERDUE: 2, Status.WAITING: 1, Status.NOT_STARTED: 3})

    assert '<span class="govuk-visually-hidden">1 waiting to be checked, 3 not started, 2 overdue</span>' in html
    assert html.count('aria-hidden="true"') == 1


def test_a_bar_of_nothing_says_so():
    assert "No actions" in status_bar({})


@pytest.mark.parametrize(
    ("counts", "units"),
    [
        ({"complete": 1}, 1),
        ({"complete": 7, "overdue": 4}, 11),
        ({"complete": 12}, 12),
        ({"complete": 13}, 12),
        ({"complete": 500, "overdue": 1}, 12),
        (dict.fromkeys(BAR_ORDER, 1000), 12),
        ({status: 10**n for n, status in enumerate(BAR_ORDER)}, 12),
    ],
)
def test_a_bar_of_many_actions_is_no_wider_than_twelve(counts, units):
    shares = bar_shares(counts)

    assert sum(shares.values()) == units
    assert min(shares.values()) >= 1
    assert f"app-bar app-w-{units}" in status_bar(counts)


def test_more_actions_never_have_the_smaller_share():
    shares = bar_shares({"complete": 31, "on_track": 44, "at_risk": 22, "overdue": 112})

    assert shares[Status.OVERDUE] > shares[Status.ON_TRACK] >= shares[Status.COMPLETE] >= shares[Status.AT_RISK]


def test_the_key_has_the_words_in_use_in_the_order_of_bars():
    html = status_key({"overdue": 2, "complete": 1, "at_risk": 0})

    assert re.findall(r"</svg>([^<]+)</li>", html) == ["Complete", "Overdue"]
    assert status_key({}) == ""


@pytest.mark.parametrize(
    ("difference", "filled"),
    [
        (Difference.NONE, 0),
        (Difference.WAITING, 0),
        (Difference.ACTIVITY, 1),
        (Difference.DIFFERENCE, 2),
        (Difference.SUSTAINED, 3),
    ],
)
def test_difference_is_filled_bars_and_words(difference, filled):
    html = difference_steps(difference)

    assert html.count("<rect") == 3
    assert html.count("app-step--filled") == filled
    assert difference.label in html
