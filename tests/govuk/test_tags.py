"""Dates, counts, lists and query strings on pages."""

from datetime import UTC, date, datetime, time

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from tests.govuk.html import parts
from tracker.govuk.templatetags import govuk


def rendered(source: str, query: str = "", **context: object) -> str:
    request = RequestFactory().get(f"/plans/2026/{query}")
    return Template(f"{{% load govuk %}}{source}").render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (govuk.long_date, "8 August 2014"),
        (govuk.weekday_date, "Friday 8 August 2014"),
        (govuk.short_date, "8 Aug 2014"),
    ],
)
def test_dates_are_written_as_people_say_them(written, expected):
    assert written(date(2014, 8, 8)) == expected
    assert written(None) == ""


def test_a_moment_late_on_a_summer_evening_is_the_next_day_in_london():
    moment = datetime(2026, 7, 14, 23, 30, tzinfo=UTC)

    assert govuk.long_date(moment) == "15 July 2026"
    assert govuk.clock_time(moment) == "12:30am"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(time(9, 30), "9:30am"), (time(12, 5), "12:05pm"), (time(16, 12), "4:12pm"), (time(0, 0), "12:00am"), (None, "")],
)
def test_times_are_written_in_twelve_hours(moment, expected):
    assert govuk.clock_time(moment) == expected


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 actions"), (1, "1 action"), (2, "2 actions"), (1204, "1,204 actions")]
)
def test_counts_agree_with_their_word(number, expected):
    assert rendered('{{ n|count_of:"action,actions" }}', n=number) == expected


@pytest.mark.parametrize(
    ("values", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_end_with_and(values, expected):
    assert govuk.and_list(values) == expected


def test_a_list_of_names_is_escaped():
    assert rendered("{{ names|and_list }}", names=["<b>", "c"]) == "&lt;b&gt; and c"


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 10, 0), (1, 1000, 1), (7, 12, 58), (999, 1000, 99), (10, 10, 100), (12, 10, 100), (0, 0, 0), (3, 0, 0)],
)
def test_only_nothing_is_no_width_and_only_everything_is_full_width(part, whole, expected):
    assert govuk.percent_width(part, whole) == f"app-percent-{expected}"
    assert f'app-progress__done" width="{expected}"' in govuk.progress_bar(part, whole)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('{% query_with sort="owner" %}', "?status=overdue&amp;status=at_risk&amp;sort=owner"),
        ("{% query_with page=3 %}", "?status=overdue&amp;status=at_risk&amp;page=3"),
        ('{% query_with status="on_track" %}', "?status=on_track"),
        ("{% query_with status=None %}", "?"),
        ("{% query_with status=both %}", "?status=a&amp;status=b"),
        ('{% query_without status="overdue" %}', "?status=at_risk"),
        ('{% query_without "status" %}', "?"),
        ('{% query_without "owner" %}', "?status=overdue&amp;status=at_risk"),
    ],
)
def test_links_keep_the_filters_and_go_back_to_the_first_page(tag, expected):
    assert rendered(tag, "?status=overdue&status=at_risk&page=2", both=["a", "b"]) == expected


def test_removing_the_last_value_of_a_filter_removes_it():
    assert rendered('{% query_without status="overdue" %}', "?status=overdue&q=police") == "?q=police"


def test_making_a_link_leaves_the_request_as_it_was():
    request = RequestFactory().get("/plans/2026/?status=overdue&page=2")

    govuk.with_changes(request.GET, {"status": None})
    govuk.without(request.GET, ["status"], {})

    assert request.GET.urlencode() == "status=overdue&page=2"


@pytest.mark.parametrize(
    ("query", "aria", "arrow", "href"),
    [
        ("", "ascending", "▲", "?sort=-deadline"),
        ("?sort=deadline", "ascending", "▲", "?sort=-deadline"),
        ("?sort=-deadline", "descending", "▼", "?sort=deadline"),
        ("?sort=owner", None, "", "?sort=deadline"),
    ],
)
def test_a_heading_says_how_the_list_is_sorted_and_turns_it_round(query, aria, arrow, href):
    html = rendered('{% sort_heading "Due" "deadline" default="deadline" css="app-num" %}', query)

    cell, link, *rest = parts(html)
    assert dict(cell[1]).get("aria-sort") == aria
    assert dict(cell[1])["class"] == "app-num"
    assert dict(link[1])["href"] == href
    assert (arrow in rest) is bool(arrow)


def test_a_heading_keeps_the_filters():
    html = rendered('{% sort_heading "Due" "deadline" %}', "?status=overdue&page=4")

    assert 'href="?status=overdue&amp;sort=deadline"' in html
