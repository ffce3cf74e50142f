"""Plots: scales and ticks against values worked by hand, and what is drawn of points, rows and guides."""

import xml.etree.ElementTree as ET  # parses our own plots

import pytest

from eval.plots import Axis, Guide, Point, Row, Scale, Series, interval_plot, log_ticks, ticks, xy_plot

SVG = "{http://www.w3.org/2000/svg}"


def drawn(plot: str) -> ET.Element:
    """The plot as a tree, which fails where it is not well-formed."""
    return ET.fromstring(str(plot).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314


def texts(plot: str, kind: str) -> list[str]:
    """The texts of one class, in their order."""
    return [text.text or "" for text in drawn(plot).iter(f"{SVG}text") if text.get("class") == kind]


def test_a_scale_maps_its_ends_and_its_middle() -> None:
    """A value half way between the ends stands half way, also where the axis points up the page."""
    assert Scale(0, 10, 100, 300)(0) == 100
    assert Scale(0, 10, 100, 300)(5) == 200
    assert Scale(-1, 1, 200, 0)(0.5) == 50


def test_a_logarithmic_scale_gives_each_power_the_same_room() -> None:
    """From 1 to 100 the ten stands in the middle."""
    assert Scale(1, 100, 0, 200, log=True)(10) == 100
    assert Scale(1, 100, 0, 200, log=True)(100) == 200


@pytest.mark.parametrize(("value", "place"), [(-3, 100), (12, 300)])
def test_what_lies_beyond_a_scale_stands_at_its_end(value: float, place: float) -> None:
    """Nothing is drawn outside of the plot."""
    assert Scale(0, 10, 100, 300)(value) == place


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (0, 0.6, (0, 0.2, 0.4, 0.6)),
        (0, 0.3, (0, 0.1, 0.2, 0.3)),
        (0, 5000, (0, 1000, 2000, 3000, 4000, 5000)),
        (-0.013, 0.034, (-0.01, 0, 0.01, 0.02, 0.03)),
        (0.62, 1.0, (0.7, 0.8, 0.9, 1.0)),
        (97, 103, (98, 100, 102)),
        (3, 3, (3,)),
    ],
)
def test_ticks_are_round_and_lie_within(low: float, high: float, expected: tuple[float, ...]) -> None:
    """Ticks are multiples of 1, 2 or 5 times a power of ten, at most six of them."""
    assert ticks(low, high) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (5, 50, (5, 10, 20, 50)),
        (0.5, 20, (0.5, 1, 2, 5, 10, 20)),
        (1, 10_000, (1, 10, 100, 1000, 10_000)),
        (2, 5000, (10, 100, 1000)),
    ],
)
def test_logarithmic_ticks_thin_out(low: float, high: float, expected: tuple[float, ...]) -> None:
    """Over few powers of ten 1, 2 and 5 of each are told, over many only the powers."""
    assert log_ticks(low, high) == expected


def test_a_plot_has_a_title_and_a_description() -> None:
    """Who cannot see a plot is told what it shows, and hostile words in it stay words."""
    plot = xy_plot("x", "A & <b>", 'about "it"', Axis(label="x"), Axis(label="y"), [])
    tree = drawn(plot)
    assert tree.get("role") == "img"
    assert tree.get("aria-labelledby") == "x-title"
    assert [tree.findtext(f"{SVG}title"), tree.findtext(f"{SVG}desc")] == ["A & <b>", 'about "it"']


def test_points_stand_at_their_values_with_their_whiskers() -> None:
    """A dot in the middle of both axes is in the middle of the plot, its whisker from its low to its high end."""
    point = Point(0.5, 0.5, 0.25, 0.75, tag="here", tooltip="a point")
    tree = drawn(xy_plot("x", "t", "d", Axis(label="x"), Axis(label="y"), [Series("s", (point,))]))
    dot = next(tree.iter(f"{SVG}circle"))
    # With labels of three letters the plot goes from 42.6 to 366 and from 210 up to 10.
    assert (dot.get("cx"), dot.get("cy")) == ("204.3", "110")
    whisker = next(line for line in tree.iter(f"{SVG}line") if line.get("class") == "whisker s0")
    assert (whisker.get("y1"), whisker.get("y2")) == ("160", "60")
    assert [title.text for title in tree.iter(f"{SVG}title")] == ["t", "a point"]


def test_steps_keep_their_height_up_to_the_next_point() -> None:
    """A line of steps goes right and then up, a plain line straight."""
    points = (Point(0, 0), Point(0.5, 1), Point(1, 1))
    steps = xy_plot("x", "t", "d", Axis(label="x"), Axis(label="y"), [Series("s", points, "step")])
    line = xy_plot("x", "t", "d", Axis(label="x"), Axis(label="y"), [Series("s", points, "line")])
    assert next(drawn(steps).iter(f"{SVG}path")).get("d") == "M42.6 210H204.3V10H366V10"
    assert next(drawn(line).iter(f"{SVG}path")).get("d") == "M42.6 210L204.3 10L366 10"


def test_series_differ_in_shape_and_are_named() -> None:
    """No series is told by its colour alone."""
    series = [Series(name, (Point(0.5, 0.5),)) for name in ("dense", "lexical", "hybrid")]
    plot = xy_plot("x", "t", "d", Axis(label="x"), Axis(label="y"), series)
    corners = [len((shape.get("points") or "").split()) for shape in drawn(plot).iter(f"{SVG}polygon")]
    assert sorted(set(corners)) == [3, 4]
    assert texts(plot, "row") == ["dense", "lexical", "hybrid"]


def test_tags_of_close_points_do_not_meet() -> None:
    """The numbers of two dots beside each other stand at places of their own."""
    points = tuple(Point(0.5, 0.5 + 0.01 * number, tag=str(number)) for number in range(4))
    tree = drawn(xy_plot("x", "t", "d", Axis(label="x"), Axis(label="y"), [Series("s", points)]))
    tags = [text for text in tree.iter(f"{SVG}text") if text.get("class") == "tag"]
    assert [tag.text for tag in tags] == ["0", "1", "2", "3"]
    assert len({(tag.get("x"), tag.get("y")) for tag in tags}) == 4


def test_guides_are_labelled_inside_the_plot() -> None:
    """The label of a guide near the right end stands left of it."""
    guides = [Guide("x", 0.1, "early"), Guide("x", 0.95, "late"), Guide("y", 0.5, "level")]
    tree = drawn(xy_plot("x", "t", "d", Axis(label="x"), Axis(label="y"), [], guides=guides))
    anchors = {text.text: text.get("text-anchor") for text in tree.iter(f"{SVG}text") if text.get("class") == "tag"}
    assert anchors == {"early": "start", "late": "end", "level": "start"}


def test_rows_tell_their_values_with_signs_where_zero_is_crossed() -> None:
    """Differences have a sign unless they round to nothing; shares have none."""
    rows = [Row("a", 0.25, 0.1, 0.4), Row("b", -0.0001, None, None), Row("c", -0.05, -0.1, 0.0, limit=-0.08)]
    around = interval_plot("x", "t", "d", rows, Axis(label="B − A", low=-0.5, high=0.5))
    assert texts(around, "row") == ["a", "+0.250", "b", "0.000", "c", "−0.050"]
    assert sum(line.get("class") == "zero" for line in drawn(around).iter(f"{SVG}line")) == 1
    assert sum(line.get("class") == "limit" for line in drawn(around).iter(f"{SVG}line")) == 1
    shares = interval_plot("x", "t", "d", rows[:1], Axis(label="value"))
    assert texts(shares, "row") == ["a", "0.250"]
    assert sum(line.get("class") == "zero" for line in drawn(shares).iter(f"{SVG}line")) == 0


def test_axes_write_shares_and_thousands() -> None:
    """Shares are written as per cent, large numbers with commas, and negative ones with a minus sign."""
    assert [Axis(label="", percent=True).told(value) for value in (0, 0.05, 1)] == ["0%", "5%", "100%"]
    assert Axis(label="").told(-12_000.5) == "−12,000.5"
