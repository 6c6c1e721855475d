"""The geometry of charts: scales, ticks, and words that keep clear of lines and of each other."""

from datetime import date

import pytest
from django.template.loader import render_to_string

from tracker.govuk import charts
from tracker.govuk.charts import Chart, Labels, Line, Scale, Text, Tick

YEAR = Scale(date(2026, 1, 1), date(2026, 12, 31), top=50)


def test_days_go_across_and_numbers_up_from_nothing():
    assert (YEAR.x(date(2026, 1, 1)), YEAR.x(date(2026, 12, 31))) == (charts.LEFT, charts.RIGHT)
    assert (YEAR.y(0), YEAR.y(50), YEAR.y(25)) == (charts.BOTTOM, charts.TOP, (charts.BOTTOM + charts.TOP) / 2)
    assert YEAR.points([(date(2026, 1, 1), 0), (date(2026, 12, 31), 50)]) == "44.0,296.0 778.0,44.0"


def test_one_day_alone_can_be_drawn():
    assert Scale(date(2026, 1, 1), date(2026, 1, 1), top=1).x(date(2026, 1, 1)) == charts.LEFT


@pytest.mark.parametrize(
    ("top", "step"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (25, 5), (48, 10), (50, 10), (51, 20), (4_900, 1_000)]
)
def test_level_lines_are_at_round_numbers_and_few(top, step):
    assert charts.step_of(top) == step
    assert len(range(0, top, step)) <= 5


def test_each_level_line_bears_its_number():
    assert [tick.words for tick in charts.level_ticks(Scale(YEAR.first, YEAR.last, top=2_000))] == [
        "0", "500", "1,000", "1,500", "2,000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 2, 2), date(2026, 6, 30), "Mar 2026, Apr, May, Jun"),
        (date(2026, 8, 24), date(2027, 9, 20), "Sep 2026, Nov, Jan 2027, Mar, May, Jul, Sep"),
        (date(2026, 2, 2), date(2029, 2, 2), "Jul 2026, Jan 2027, Jul, Jan 2028, Jul, Jan 2029"),
        (date(2026, 2, 2), date(2026, 2, 20), ""),
    ],
)
def test_months_are_named_as_far_as_there_is_room_and_years_once(first, last, said):
    ticks = charts.month_ticks(Scale(first, last, top=10))

    assert ", ".join(tick.words for tick in ticks if tick.words) == said


def test_month_ends_are_the_last_days_of_months():
    assert charts.month_ends(date(2027, 12, 31), date(2028, 2, 29)) == [
        date(2027, 12, 31),
        date(2028, 1, 31),
        date(2028, 2, 29),
    ]
    assert charts.month_ends(date(2027, 12, 1), date(2027, 12, 30)) == []


@pytest.mark.parametrize(
    ("named", "placed"),
    [
        ([], []),
        ([(300.0, "Plan due 23 Nov")], [("start", 304.0, 14)]),
        ([(340.0, "Visit 9 Dec"), (300.0, "Plan due 23 Nov")], [("end", 296.0, 14), ("start", 344.0, 14)]),
        ([(50.0, "Plan due 23 Nov"), (60.0, "Visit 9 Dec")], [("start", 54.0, 14), ("start", 64.0, 32)]),
        ([(870.0, "Visit 9 Dec")], [("end", 866.0, 14)]),
    ],
)
def test_upright_lines_are_named_beside_them_and_never_over_each_other(named, placed):
    assert [(text.anchor, text.x, text.y) for text in charts.upright_labels(named)] == placed


def test_words_go_to_the_first_place_that_no_line_crosses():
    line = charts.close_together([(100, 100), (300, 100)])
    labels = Labels(line, [Tick(500)])

    labels.put([Text("On the line", 150, 104), Text("On the line", 460, 200), Text("On the line", 150, 140)])

    assert [(text.x, text.y) for text in labels.texts] == [(150, 140)]


def test_words_keep_clear_of_other_words_and_of_the_edges():
    labels = Labels([], [])
    labels.put([Text("First", 100, 100)])

    labels.put([Text("Second", 110, 110), Text("Second", 20, 110, "end"), Text("Second", 880, 200)], "and more")

    assert [(text.words, text.x, text.y) for text in labels.texts[1:]] == [("Second", 110, 110), ("and more", 110, 128)]
    labels.put([Text("Third", 110, 100), Text("Third", 300, 100)])
    assert labels.texts[-1].x == 300


def test_a_chart_is_an_image_with_a_name_and_a_description_in_a_region_that_scrolls():
    chart = Chart(
        id="pace",
        title="Actions <complete>",
        description="9 of 48",
        across=[Tick(44, "Jan")],
        up=[Tick(296, "0")],
        lines=[Line("44,296 778,44", "data")],
        band="1,1 2,2 3,3",
        mark=(778, 44),
        uprights=[Tick(100)],
        texts=[Text("Done: 9", 700, 40, "end", "t-bold")],
    )

    html = render_to_string("govuk/components/chart.html", {"chart": chart})

    assert '<div class="app-scroll" tabindex="0" role="region" aria-label="Actions &lt;complete&gt;">' in html
    assert 'viewBox="0 0 900 340" role="img" aria-labelledby="pace-title pace-desc"' in html
    assert '<desc id="pace-desc">9 of 48</desc>' in html
    assert '<polyline class="line line--data" points="44,296 778,44"/>' in html
    assert '<text class="t-bold" x="700" y="40" text-anchor="end">Done: 9</text>' in html
