"""The burn-up: what is complete, the plan as first agreed, and the band of the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.govuk import charts
from tracker.govuk.charts import Chart, Line, Scale, Text, Tick
from tracker.reports.pace.rules import WEEK, Band, Forecast, Record

AT_LEAST_AHEAD = timedelta(weeks=13)
WITHOUT_AN_END = timedelta(weeks=52)
MARGIN = timedelta(weeks=2)
PLAN = "Plan as first agreed"
PLAN_NAMED_AT = (0.75, 0.9, 1.0, 0.6, 0.5)
FORECAST, OF_8_WEEKS = "Forecast at the pace of", "the last 8 weeks"


@dataclass(frozen=True)
class Upright:
    """A day drawn as an upright line: the legal date, the next visit."""

    day: date
    name: str

    @property
    def label(self) -> str:
        return f"{self.name} {self.day:%-d %b}"


def days_shown(record: Record, forecast: Forecast, uprights: Sequence[Upright]) -> tuple[date, date]:
    """Return the first and last day of the chart: from the start of the plan to the end that is furthest away."""
    on = forecast.on
    ends = [on + AT_LEAST_AHEAD, record.agreed.last_day or on, *(upright.day for upright in uprights)]
    if forecast.has_band:
        ends.append(forecast.finish().late or on + WITHOUT_AN_END)
    return min(record.begun_on, on - WEEK), max(ends) + MARGIN


def bands_of(forecast: Forecast, last: date) -> list[tuple[date, Band]]:
    """Return the band at the end of each week from today to the last day, or to where it ends."""
    if not forecast.has_band:
        return []
    until = min(last, forecast.finish().late or last)
    weeks = range((until - forecast.on).days // 7 + 1)
    return [(forecast.on + WEEK * week, forecast.complete_by(forecast.on + WEEK * week)) for week in weeks]


def burn_up(record: Record, forecast: Forecast, uprights: Sequence[Upright], *, name: str, description: str) -> Chart:
    """Draw the record and its forecast; `name` tells charts of one page apart."""
    on, whole = forecast.on, record.whole.at(forecast.on)
    first, last = days_shown(record, forecast, uprights)
    scale = Scale(first, last, top=_top(max(whole, record.complete.at(on), record.agreed.at(last), 1)))
    weeks = [first + WEEK * week for week in range((last - first).days // 7 + 1)]
    done = [(day, record.complete.at(day)) for day in weeks if day < on] + [(on, record.complete.at(on))]
    agreed_until = record.agreed.last_day
    agreed = [(day, record.agreed.at(day)) for day in weeks if agreed_until is not None and day < agreed_until + WEEK]
    bands = bands_of(forecast, last)
    shown = [upright for upright in uprights if scale.holds(upright.day)]
    named = [(scale.x(upright.day), upright.label) for upright in shown]
    upright_lines = [Tick(x) for x, _ in named]
    return Chart(
        id=name,
        title="Actions complete over time",
        description=description,
        across=charts.month_ticks(scale),
        up=charts.level_ticks(scale),
        lines=[
            *([Line(scale.points(agreed), "plan")] if agreed else []),
            Line(scale.points(done), "data"),
        ],
        band=_outline(scale, bands),
        mark=(scale.x(on), scale.y(done[-1][1])),
        uprights=upright_lines,
        texts=[
            *charts.upright_labels(named),
            *_labels(scale, done=done, agreed=agreed, bands=bands, uprights=upright_lines, whole=whole),
        ],
    )


def _top(number: int) -> int:
    """Return the number rounded up to a level line."""
    step = charts.step_of(number)
    return -(-number // step) * step


def _outline(scale: Scale, bands: Sequence[tuple[date, Band]]) -> str:
    upper = [(day, band.high) for day, band in bands]
    lower = [(day, band.low) for day, band in reversed(bands)]
    return scale.points([*upper, *lower])


def _labels(
    scale: Scale,
    *,
    done: Sequence[tuple[date, int]],
    agreed: Sequence[tuple[date, int]],
    bands: Sequence[tuple[date, Band]],
    uprights: Sequence[Tick],
    whole: int,
) -> list[Text]:
    """Name each line where it is, instead of in a legend, and where no line runs through the words."""
    low = scale.at([(day, band.low) for day, band in bands])
    high = scale.at([(day, band.high) for day, band in bands])
    ways = [scale.at(done), scale.at(agreed), low, high]
    points = [point for way in ways for point in charts.close_together(way)]
    labels = charts.Labels(points, uprights)
    words, (x, y) = f"Done: {done[-1][1]:,}", ways[0][-1]
    labels.put(
        [
            Text(words, x - 4, y - 14, "end", "t-bold"),
            Text(words, x + 12, y + 24, "start", "t-bold"),
            Text(words, x - 4, y + 28, "end", "t-bold"),
            Text(words, x + 40, y + 24, "start", "t-bold"),
            Text(words, x - 20, y - 34, "end", "t-bold"),
        ]
    )
    if agreed:
        corners = scale.at([place for share in PLAN_NAMED_AT if (place := charts.place_where(agreed, share))])
        labels.put(
            [
                *(Text(PLAN, x - 12, y - 6, "end", "t-bold") for x, y in corners[:3]),
                *(Text(PLAN, x + 14, y + 20, "start", "t-bold") for x, y in corners[2::-1]),
                *(Text(PLAN, x - 12, y - 6, "end", "t-bold") for x, y in corners[3:]),
            ]
        )
    if len(bands) > 1:
        tenths = [len(bands) * number // 10 for number in (6, 4, 8, 2)]
        labels.put(
            [
                *(
                    Text(FORECAST, low[n][0] + 12, low[n][1] + below, "start", "t-bold")
                    for below in (34, 70)
                    for n in tenths
                ),
                *(Text(FORECAST, high[n][0] - 12, high[n][1] - 40, "end", "t-bold") for n in tenths),
                Text(FORECAST, low[-1][0] + 14, low[-1][1] + 14, "start", "t-bold"),
            ],
            OF_8_WEEKS,
        )
    words = "The 1 action" if whole == 1 else f"All {whole:,} actions"
    return [*labels.texts, Text(words, charts.RIGHT + 8, scale.y(whole) + 5)]
