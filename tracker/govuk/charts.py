"""The geometry of charts that are drawn as SVG on the server: scales, axes, lines and labels. Knows no domain word.

All text is 14 px on a drawing that is never shown smaller than it is (see scss/_charts.scss).
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

WIDTH, HEIGHT = 900, 340
LEFT, RIGHT, TOP, BOTTOM = 44, 778, 44, 296
CHARACTER = 7.4  # Pixels of a character of the text, a little more than the mean.
ROW = 18
ROWS = (14, 14 + ROW)  # Where the labels of upright lines stand, above the drawing.
LABELS_ACROSS = 9
STEPS = (1, 2, 5)

Point = tuple[float, float]


@dataclass(frozen=True)
class Text:
    """Words at a place; `anchor` is the end of them that is there: start or end."""

    words: str
    x: float
    y: float
    anchor: str = "start"
    css: str = ""


@dataclass(frozen=True)
class Line:
    """A line through points; `css` is how it looks: "data", "plan"."""

    points: str
    css: str


@dataclass(frozen=True)
class Tick:
    """A place on an axis, and what is said there, if anything."""

    at: float
    words: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing for `govuk/components/chart.html`."""

    id: str
    title: str
    description: str
    across: Sequence[Tick]
    up: Sequence[Tick]
    lines: Sequence[Line]
    band: str = ""
    mark: Point | None = None
    uprights: Sequence[Tick] = ()
    texts: Sequence[Text] = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


@dataclass(frozen=True)
class Scale:
    """Days across and numbers up, from 0 to `top`."""

    first: date
    last: date
    top: int

    def x(self, day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - self.first).days / max(1, (self.last - self.first).days), 1)

    def y(self, number: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * number / self.top, 1)

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def at(self, numbers: Iterable[tuple[date, float]]) -> list[Point]:
        return [(self.x(day), self.y(number)) for day, number in numbers]

    def points(self, numbers: Iterable[tuple[date, float]]) -> str:
        return " ".join(f"{x},{y}" for x, y in self.at(numbers))


def step_of(top: int, at_most: int = 5) -> int:
    """Return the distance of level lines for numbers up to `top`: 1, 2 or 5, or ten times that, and so on."""
    tens = 1
    while True:
        for step in STEPS:
            if step * tens * at_most >= top:
                return step * tens
        tens *= 10


def level_ticks(scale: Scale) -> list[Tick]:
    """Return a level line for each step from 0 up to the top of the scale."""
    step = step_of(scale.top)
    return [Tick(scale.y(number), f"{number:,}") for number in range(0, scale.top + 1, step)]


def month_ticks(scale: Scale) -> list[Tick]:
    """Return a tick for the first of each month; as many bear a name as there is room for, a year with the first.

    Of years and years only some months have a tick.
    """
    months = [scale.first.replace(day=1)]
    while (after := _next_month(months[-1])) <= scale.last:
        months.append(after)
    months = [day for day in months if scale.holds(day)]
    every = next(step for step in (1, 2, 3, 6, 12, 24) if len(months) <= step * LABELS_ACROSS or step == 24)
    if every > 3:
        months = [day for day in months if (day.month - 1) % 3 == 0]
    ticks, year = [], None
    for day in months:
        is_named = (day.year * 12 + day.month - 1) % every == 0
        words = "" if not is_named else f"{day:%b}" if day.year == year else f"{day:%b %Y}"
        year = day.year if is_named else year
        ticks.append(Tick(scale.x(day), words))
    return ticks


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_ends(first: date, last: date) -> list[date]:
    """Return the last day of each month from one day to another."""
    ends = []
    after = _next_month(first)
    while (end := after - timedelta(days=1)) <= last:
        ends.append(end)
        after = _next_month(after)
    return ends


def upright_labels(named: Sequence[tuple[float, str]]) -> list[Text]:
    """Return the labels of upright lines: left of the first, right of the others, in two rows where they would meet."""
    texts: list[Text] = []
    taken: list[tuple[float, float]] = [(-1.0, -1.0)] * len(ROWS)
    for number, (x, words) in enumerate(sorted(named)):
        long = CHARACTER * len(words)
        is_left = (number == 0 and len(named) > 1 and x - 4 - long >= 0) or x + 4 + long > WIDTH
        start = x - 4 - long if is_left else x + 4
        row = next((row for row, (_, end) in enumerate(taken) if start > end), len(ROWS) - 1)
        taken[row] = (start, start + long)
        texts.append(Text(words, x - 4 if is_left else x + 4, ROWS[row], "end" if is_left else "start"))
    return texts


def close_together(points: Sequence[Point], parts: int = 3) -> list[Point]:
    """Return the points of a line with others between them, so that none of its way is far from a point."""
    return [
        (x + (next_x - x) * part / parts, y + (next_y - y) * part / parts)
        for (x, y), (next_x, next_y) in pairwise(points)
        for part in range(parts + 1)
    ]


class Labels:
    """Words put into a drawing one after the other, where no line and no other words run through them.

    The lines are given by points close together.
    """

    def __init__(self, points: Sequence[Point], uprights: Sequence[Tick]) -> None:
        self.points = sorted(points)
        self.uprights = uprights
        self.texts: list[Text] = []

    def put(self, places: Sequence[Text], *more_rows: str) -> None:
        """Put words at the first place that is free, or at the first of all; `more_rows` go below them."""
        place = next((text for text in places if self._is_free(text, len(more_rows))), places[0])
        rows = [place.words, *more_rows]
        self.texts += [replace(place, words=words, y=place.y + ROW * row) for row, words in enumerate(rows)]

    def _is_free(self, text: Text, more_rows: int) -> bool:
        start, end = _sides(text)
        highest, lowest = text.y - ROW, text.y + ROW * more_rows + 6
        if start < LEFT or end > WIDTH or highest < ROWS[0] or lowest > BOTTOM - 2:
            return False
        first, last = bisect_left(self.points, (start - 4, 0)), bisect_left(self.points, (end + 4, 0))
        if any(highest < y < lowest for _, y in self.points[first:last]):
            return False
        if any(start - 4 < upright.at < end + 4 for upright in self.uprights):
            return False
        others = [(*_sides(other), other.y) for other in self.texts]
        return not any(left < end and start < right and highest < y < lowest + ROW for left, right, y in others)


def _sides(text: Text) -> tuple[float, float]:
    long = CHARACTER * len(text.words)
    return (text.x - long, text.x) if text.anchor == "end" else (text.x, text.x + long)


def place_where(numbers: Sequence[tuple[date, float]], share: float) -> tuple[date, float] | None:
    """Return the first of some rising numbers that is a share of the last or more."""
    return next((point for point in numbers if point[1] >= share * numbers[-1][1]), None)
