"""Plots as inline SVG: intervals in rows, and curves or dots over two axes.

A plot is `WIDTH` units wide, which is about a column of a phone, and is scaled by the page. It names no colour:
``page.css`` gives each class of mark one for light and one for dark. Series differ in shape or dashes as well.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec
from markupsafe import Markup

__all__ = ["Axis", "Guide", "Point", "Row", "Scale", "Series", "interval_plot", "log_ticks", "ticks", "xy_plot"]

WIDTH = 380
HEIGHT = 250
LETTER = 6.2
"""The width of a letter of the labels, on average; texts cannot be measured here."""

_STEPS = (1, 2, 5, 10)
_ROW = 22


class Scale(msgspec.Struct, frozen=True):
    """A linear map from values to places in the plot, or a logarithmic one.

    >>> Scale(0, 10, 100, 300)(5), Scale(1, 100, 0, 200, log=True)(10)
    (200.0, 100.0)
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value; beyond the ends it stands at the end."""
        measure: Callable[[float], float] = math.log if self.log else float
        low, high = measure(self.low), measure(self.high)
        share = (measure(min(max(value, self.low), self.high)) - low) / (high - low)
        return self.start + share * (self.end - self.start)


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """What an axis tells, from where to where; `percent` writes shares as per cent."""

    label: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    percent: bool = False

    def ticks(self) -> tuple[float, ...]:
        """The values that are written at the axis."""
        return log_ticks(self.low, self.high) if self.log else ticks(self.low, self.high)

    def told(self, value: float) -> str:
        """A value as it is written at the axis.

        >>> Axis(label="share", percent=True).told(0.05), Axis(label="characters").told(-2000)
        ('5%', '−2,000')
        """
        number = f"{100 * value:.6g}%" if self.percent else f"{value:,.6g}"
        return number.replace("-", "−")


class Point(msgspec.Struct, frozen=True):
    """A dot or a place on a line; `low` and `high` are the ends of its whisker, `tag` is written beside it."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    tag: str = ""
    tooltip: str = ""


class Series(msgspec.Struct, frozen=True):
    """Points of one kind, as dots or as a line; of several series each has its shape and dashes by its place."""

    name: str
    points: tuple[Point, ...]
    drawn: Literal["dots", "line", "step"] = "dots"


class Guide(msgspec.Struct, frozen=True):
    """A straight line across the plot, at a value of one axis, with its label."""

    along: Literal["x", "y"]
    value: float
    label: str


class Row(msgspec.Struct, frozen=True):
    """An estimate with its interval in a plot of rows; `limit` is a value that must not be passed."""

    label: str
    value: float
    low: float | None
    high: float | None
    limit: float | None = None


def ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Round values from `low` to `high`, at most as many as asked for: multiples of 1, 2 or 5 times a power of ten.

    >>> ticks(0, 1), ticks(-0.013, 0.034), ticks(3, 3)
    ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (-0.01, 0.0, 0.01, 0.02, 0.03), (3.0,))
    """
    if not high > low:
        return (float(low),)
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (power * factor for factor in (*_STEPS, 20)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return tuple(float(f"{number * step:.12g}") for number in range(first, last + 1))


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """The values from `low` to `high` that are 1, 2 or 5 times a power of ten; only powers where they are many.

    >>> log_ticks(5, 50), log_ticks(1, 10_000)
    ((5.0, 10.0, 20.0, 50.0), (1.0, 10.0, 100.0, 1000.0, 10000.0))
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [float(f"{factor}e{power}") for power in powers for factor in _STEPS[:-1]]
    within = [value for value in every if low <= value <= high]
    return tuple(within if len(within) < 8 else [value for value in within if f"{value:e}".startswith("1.0")])


def interval_plot(name: str, title: str, description: str, rows: Sequence[Row], axis: Axis) -> Markup:
    """Rows of estimates, each a dot with its interval, and a line at 0 where the axis has values on both sides.

    `name` is the stem of the ids in the plot and unique on its page.
    """
    left = LETTER * max((len(row.label) for row in rows), default=0) + 8
    bottom = _ROW * len(rows) + 8
    scale = Scale(axis.low, axis.high, left, WIDTH - 52)
    parts = [*_x_axis(axis, scale, 4, bottom)]
    if axis.low < 0 < axis.high:
        parts.append(_line("zero", scale(0), 4, scale(0), bottom))
    for position, row in enumerate(rows):
        parts.extend(_row(row, scale, _ROW * (position + 0.5) + 6, axis))
    return _svg(name, title, description, bottom + 40, parts)


def xy_plot(
    name: str,
    title: str,
    description: str,
    x: Axis,
    y: Axis,
    series: Sequence[Series],
    *,
    guides: Sequence[Guide] = (),
    diagonal: bool = False,
    height: int = HEIGHT,
) -> Markup:
    """Series over two axes, with a legend where there are several, and the diagonal from corner to corner if asked for.

    `name` is the stem of the ids in the plot and unique on its page.
    """
    top = 28 if len(series) > 1 else 10
    left = LETTER * max(len(y.told(tick)) for tick in y.ticks()) + 24
    bottom = height - 40
    over, up = Scale(x.low, x.high, left, WIDTH - 14, x.log), Scale(y.low, y.high, bottom, top, y.log)
    parts = [*_x_axis(x, over, top, bottom), *_y_axis(y, up, left, WIDTH - 14)]
    if diagonal:
        parts.append(_line("guide", left, bottom, WIDTH - 14, top))
    parts.extend(_guide(guide, over, up) for guide in guides)
    for number, each in enumerate(series):
        parts.extend(_drawn(each, number, over, up))
    parts.extend(_tags([point for each in series for point in each.points], over, up))
    parts.extend(_guide_label(guide, over, up, number) for number, guide in enumerate(guides))
    if len(series) > 1:
        parts.extend(_legend(series, left))
    return _svg(name, title, description, height, parts)


def _svg(name: str, title: str, description: str, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="plot" role="img" viewBox="0 0 {} {}" aria-labelledby="{}-title" aria-describedby="{}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>'
    ).format(WIDTH, _place(height), name, name, name, title, name, description, Markup("").join(parts))


def _place(value: float) -> str:
    """A coordinate, to a tenth of a unit and without needless signs.

    >>> _place(12.0), _place(3.14), _place(-0.01)
    ('12', '3.1', '0')
    """
    return f"{round(value, 1) + 0:g}"


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, *map(_place, (x1, y1, x2, y2)))


def _text(x: float, y: float, text: str, anchor: str = "middle", kind: str = "tick") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, _place(x), _place(y), anchor, text
    )


def _x_axis(axis: Axis, scale: Scale, top: float, bottom: float) -> Iterator[Markup]:
    for tick in axis.ticks():
        yield _line("grid", scale(tick), top, scale(tick), bottom)
        yield _text(scale(tick), bottom + 15, axis.told(tick))
    yield _text((scale.start + scale.end) / 2, bottom + 33, axis.label, kind="label")


def _y_axis(axis: Axis, scale: Scale, left: float, right: float) -> Iterator[Markup]:
    for tick in axis.ticks():
        yield _line("grid", left, scale(tick), right, scale(tick))
        yield _text(left - 6, scale(tick) + 4, axis.told(tick), "end")
    yield Markup('<text class="label" text-anchor="middle" transform="translate(11 {}) rotate(-90)">{}</text>').format(
        _place((scale.start + scale.end) / 2), axis.label
    )


def _row(row: Row, scale: Scale, y: float, axis: Axis) -> Iterator[Markup]:
    yield _text(scale.start - 8, y + 4, row.label, "end", "row")
    if row.low is not None and row.high is not None:
        yield _line("whisker s0", scale(row.low), y, scale(row.high), y)
    if row.limit is not None:
        yield _line("limit", scale(row.limit), y - 8, scale(row.limit), y + 8)
    yield _dot(0, scale(row.value), y)
    yield _text(WIDTH, y + 4, _told(row.value, signed=axis.low < 0), "end", "row")


def _told(value: float, *, signed: bool) -> str:
    """The value of a row; what rounds to nothing has no sign.

    >>> _told(0.25, signed=True), _told(-0.0001, signed=True)
    ('+0.250', '0.000')
    """
    told = f"{value:+.3f}" if signed else f"{value:.3f}"
    return "0.000" if told[-5:] == "0.000" else told.replace("-", "−")


def _guide(guide: Guide, over: Scale, up: Scale) -> Markup:
    if guide.along == "y":
        return _line("guide", over.start, up(guide.value), over.end, up(guide.value))
    return _line("guide", over(guide.value), up.start, over(guide.value), up.end)


def _guide_label(guide: Guide, over: Scale, up: Scale, number: int) -> Markup:
    """The labels of upright guides stand one above the other, so that close ones do not meet."""
    if guide.along == "y":
        return _text(over.start + 5, up(guide.value) - 4, guide.label, "start", "tag")
    return _beside(over(guide.value), up.start - 8 - 15 * number, guide.label, over)


def _beside(x: float, y: float, text: str, over: Scale) -> Markup:
    """A text right of a place, or left of it where the plot soon ends."""
    late = x > over.start + 0.7 * (over.end - over.start)
    return _text(x - 6 if late else x + 6, y, text, "end" if late else "start", "tag")


def _drawn(series: Series, number: int, over: Scale, up: Scale) -> Iterator[Markup]:
    if series.drawn != "dots":
        yield Markup('<path class="curve s{}" d="{}"/>').format(number, _path(series, over, up))
        return
    for point in series.points:
        x, y = over(point.x), up(point.y)
        whole = Markup("<title>{}</title>").format(point.tooltip) if point.tooltip else Markup()
        if point.low is not None and point.high is not None:
            whole += _line(f"whisker s{number}", x, up(point.low), x, up(point.high))
        whole += _dot(number, x, y)
        yield Markup("<g>{}</g>").format(whole)


def _tags(points: Sequence[Point], over: Scale, up: Scale) -> Iterator[Markup]:
    """The tags, each at the first place around its dot that no other tag or dot has, or else right above it."""
    taken = [(over(point.x), up(point.y), 6.0, 6.0) for point in points if point.tag]
    for point in points:
        if not point.tag:
            continue
        half, x, y = LETTER * len(point.tag) / 2, over(point.x), up(point.y)
        around = [(x + side * (half + 7), y + rise, half, 5.0) for rise in (-9, 9, 0, -19, 19) for side in (1, -1)]
        free = (
            box for box in around if over.start < box[0] - half and box[0] + half < WIDTH and not _meets(box, taken)
        )
        box = next(free, around[0])
        taken.append(box)
        yield _text(box[0], box[1] + 4, point.tag, kind="tag")


_Box = tuple[float, float, float, float]


def _meets(box: _Box, others: Sequence[_Box]) -> bool:
    """Whether a box, given by its middle and half its sides, meets another."""
    x, y, half, rise = box
    return any(abs(x - other[0]) < half + other[2] and abs(y - other[1]) < rise + other[3] for other in others)


def _path(series: Series, over: Scale, up: Scale) -> str:
    """A line through the points; as steps it keeps each height up to the next point."""
    path: list[str] = []
    last = ""
    for point in series.points:
        x, y = _place(over(point.x)), _place(up(point.y))
        if series.drawn == "step" and path:
            path.append(f"H{x}V{y}")
        elif f"{x} {y}" != last:
            path.append(f"{'L' if path else 'M'}{x} {y}")
        last = f"{x} {y}"
    return "".join(path)


def _dot(number: int, x: float, y: float) -> Markup:
    """A circle, a square or a triangle."""
    if number % 3 == 0:
        return Markup('<circle class="dot s{}" cx="{}" cy="{}" r="4"/>').format(number, _place(x), _place(y))
    shapes = {1: ((-4, -4), (4, -4), (4, 4), (-4, 4)), 2: ((0, -5), (5, 4), (-5, 4))}
    corners = " ".join(f"{_place(x + dx)},{_place(y + dy)}" for dx, dy in shapes[number % 3])
    return Markup('<polygon class="dot s{}" points="{}"/>').format(number, corners)


def _legend(series: Sequence[Series], left: float) -> Iterator[Markup]:
    x = left + 4
    for number, each in enumerate(series):
        yield _dot(number, x, 11) if each.drawn == "dots" else _line(f"curve s{number}", x - 6, 11, x + 6, 11)
        yield _text(x + 10, 15, each.name, "start", "row")
        x += LETTER * len(each.name) + 34
