"""Charts as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from mfgui.store.line_chart import HEIGHT, TOP, Axis, Line, Mark, line_chart


def paths_of(svg: str) -> list[str]:
    """Return the commands of each line that is drawn, the legend's left out."""
    root = ElementTree.fromstring(svg)
    return [path.get("d", "") for path in root.iter("{http://www.w3.org/2000/svg}path")
            if path.get("stroke-linejoin") == "round"]


def chart(y: np.ndarray) -> str:
    return line_chart([Line("loss", np.arange(y.size, dtype=float), y)], x_label="epochs",
                      y_label="loss")


def test_it_is_xml_with_a_line_and_its_name() -> None:
    svg = line_chart([Line("a <b>", np.arange(4.0), np.array([4.0, 3.0, 2.0, 1.0])),
                      Line("c", np.arange(4.0), np.array([1.0, 2.0, 3.0, 4.0]))],
                     x_label="epochs", y_label="loss & error", marks=[Mark(2.0, "halved \"rate\"")])
    root = ElementTree.fromstring(svg)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a <b>", "c", "epochs", "loss & error"} <= set(texts)
    assert len(paths_of(svg)) == 2
    assert 'halved "rate"' in [title.text for title in root.iter() if title.tag.endswith("title")]


def texts_of(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(
        "{http://www.w3.org/2000/svg}text")]


def test_numbers_of_an_axis_have_as_many_decimals_as_their_neighbours() -> None:
    texts = texts_of(chart(np.array([-1.0, 1.04])))
    assert {"\N{MINUS SIGN}1.0", "0.0", "0.5", "1.0"} <= set(texts)
    assert {"20,000", "40,000", "0"} <= set(texts_of(chart(np.array([0.0, 61_234.0]))))
    assert any("e-09" in text.replace("\N{MINUS SIGN}", "-") for text in texts_of(
        chart(np.array([1e-9, 2e-9]))))


def test_a_named_mark_has_its_words_within_the_picture() -> None:
    for where in (0.0, 3.0):
        svg = line_chart([Line("loss", np.arange(4.0), np.ones(4))], x_label="epochs", y_label="y",
                         marks=[Mark(where, "on all <ratings>", is_named=True)])
        (label,) = [text for text in ElementTree.fromstring(svg).iter(
            "{http://www.w3.org/2000/svg}text") if text.text == "on all <ratings>"]
        assert label.get("text-anchor") == ("start" if where == 0 else "end")


def test_what_is_not_finite_leaves_a_gap() -> None:
    (path,) = paths_of(chart(np.array([3.0, np.nan, 2.0, 1.0, np.inf, 1.0])))
    assert path.count("M") == 3


def test_a_peak_among_many_points_is_drawn() -> None:
    y = np.full(200_000, 1.0)
    y[123_456] = 9.0
    (path,) = paths_of(chart(y))
    heights = [float(pair) for pair in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
    assert len(heights) < 2000
    assert min(heights) < TOP + 0.1 * HEIGHT


def test_a_single_point_and_a_flat_line_are_drawn() -> None:
    assert paths_of(chart(np.array([2.0])))
    assert paths_of(chart(np.array([0.0, 0.0])))


def test_nothing_finite_is_no_chart() -> None:
    assert chart(np.array([np.nan])) == ""
    assert line_chart([], x_label="epochs", y_label="loss") == ""


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.88, 0.97), (-3, 1e6), (1e-9, 2e-9)])
def test_ticks_are_round_and_within(low: float, high: float) -> None:
    ticks = Axis(low, high, 0, 100).ticks(6)
    assert 2 <= len(ticks) <= 8
    step = ticks[1] - ticks[0]
    assert low - 1e-9 * step <= ticks[0]
    assert ticks[-1] <= high + 1e-9 * step
    leading = f"{step:.0e}"[0]
    assert leading in "125"
