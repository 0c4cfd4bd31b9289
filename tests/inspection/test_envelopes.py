"""Long lines are drawn from few points, and nothing that a person could see is lost."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.inspection.envelopes import Line, PreparedLine, View, smoothed
from mfgui.inspection.extremes import Extremes

FloatArray = NDArray[np.float64]


def line_of(values: FloatArray, *, starts: list[int] | None = None) -> Line:
    epochs = np.arange(values.size, dtype=np.float64)
    return Line(epochs, epochs * 0.5, values, np.array(starts or [], np.int64))


def part(line: Line, size: int) -> Line:
    return Line(line.epochs[:size], line.seconds[:size], line.values[:size],
                line.starts[line.starts < size])


def noisy(n: int, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    values = 1 / np.sqrt(1 + np.arange(n)) + 0.1 * rng.standard_normal(n)
    values[rng.integers(0, n, n // 50)] = np.nan
    values[rng.integers(0, n, n // 200)] = np.inf
    return values


def prepared(line: Line) -> PreparedLine:
    made = PreparedLine()
    made.take(line)
    return made


@pytest.mark.parametrize("n", [1, 31, 32, 33, 1024, 5000, 40_000, 70_000])
def test_the_extremes_of_any_stretch_are_those_of_its_points(n: int) -> None:
    values = noisy(n)
    extremes = Extremes()
    extremes.extend(values)
    x, rng = np.arange(n, dtype=np.float64), np.random.default_rng(1)
    for n_cuts in (2, 3, 50):
        cuts = np.sort(np.concatenate(([0, n], rng.integers(0, n + 1, n_cuts))))
        xs, ys = extremes.points(x, values, cuts, np.empty(0, np.int64))
        for begin, end in itertools.pairwise(cuts):
            finite = values[begin:end][np.isfinite(values[begin:end])]
            found = ys[(xs >= begin) & (xs < end)]
            if end > begin:
                expected = {finite.min(), finite.max()} if finite.size else {np.nan}
                np.testing.assert_array_equal(sorted(found), sorted(expected))


def test_a_line_that_grew_is_drawn_as_one_that_came_at_once() -> None:
    line = line_of(noisy(50_000), starts=[12_000, 30_000])
    grown, sizes = PreparedLine(), [1, 2, 40, 41, 1100, 12_000, 12_001, 33_333, 50_000]
    for size in sizes:
        grown.take(part(line, size))
        grown.smooth_envelope(View(0, 100, 50), 20.0)
    whole = prepared(line)
    view = View(-10, 51_000, 700)
    assert grown.bounds() == whole.bounds()
    for one, other in ((grown.envelope(view), whole.envelope(view)),
                       (grown.smooth_envelope(view, 20.0), whole.smooth_envelope(view, 20.0))):
        np.testing.assert_array_equal(one.x, other.x)
        np.testing.assert_array_equal(one.y, other.y)
    np.testing.assert_array_equal(grown.odd_places(view), whole.odd_places(view))


@pytest.mark.parametrize("view", [
    View(0, 99_999, 900), View(20_000, 60_000, 900), View(-5e4, 2e5, 900),
    View(0, 5, 900, is_log_x=True), View(0, 50_000, 900, is_seconds=True)])
def test_there_are_at_most_two_points_a_column_and_every_column_has_its_extremes(
    view: View,
) -> None:
    line = line_of(noisy(100_000))
    envelope = prepared(line).envelope(view)
    assert envelope.is_reduced
    x, edges = line.x(is_seconds=view.is_seconds), view.edges()
    drawn = np.round(10.0**envelope.x) if view.is_log_x else envelope.x  # epochs are whole
    columns = np.searchsorted(edges, drawn, "right")
    is_point = np.isfinite(envelope.y)
    inside = (columns > 0) & (columns <= view.n_columns) & is_point
    assert np.bincount(columns[inside]).max() <= 2
    for column in range(1, view.n_columns + 1, 7):
        stretch = line.values[np.searchsorted(x, edges[column - 1]):
                              np.searchsorted(x, edges[column])]
        finite = stretch[np.isfinite(stretch)]
        shown = envelope.y[(columns == column) & is_point]
        assert set(shown) == ({finite.min(), finite.max()} if finite.size else set())


def test_few_points_are_drawn_as_they_are_with_the_next_on_either_side() -> None:
    line = line_of(np.arange(100.0))
    envelope = prepared(line).envelope(View(10.5, 13.5, 100))
    assert envelope.x.tolist() == [10, 11, 12, 13, 14]
    assert envelope.y.tolist() == [10, 11, 12, 13, 14]
    assert not envelope.is_reduced


def test_a_value_that_is_not_finite_leaves_a_gap() -> None:
    line = line_of(np.array([3.0, 2.0, np.nan, 1.5, np.inf, 1.0]))
    envelope = prepared(line).envelope(View(0, 5, 100))
    assert envelope.x.tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(envelope.y, [3, 2, np.nan, 1.5, np.nan, 1])
    assert prepared(line).odd_places(View(0, 5, 100)).tolist() == [2, 4]


def test_a_stretch_without_a_finite_value_stays_a_gap_however_far_one_looks_from() -> None:
    values = np.ones(100_000)
    values[40_000:60_000] = np.nan
    envelope = prepared(line_of(values)).envelope(View(0, 99_999, 100))
    gaps = envelope.x[np.isnan(envelope.y)]
    assert gaps.size
    assert gaps.min() >= 40_000
    assert gaps.max() < 60_000
    assert envelope.x.size < 150  # one point where least and largest are the same


@pytest.mark.parametrize("n_columns", [20, 5000])
def test_parts_are_not_joined(n_columns: int) -> None:
    line = line_of(np.ones(1000), starts=[500])
    envelope = prepared(line).envelope(View(0, 999, n_columns))
    gaps = np.flatnonzero(np.isnan(envelope.y))
    assert gaps.size == 1
    assert envelope.x[gaps[0] - 1] < 500
    assert envelope.x[gaps[0] + 1] == 500


def test_what_a_logarithm_cannot_show_is_left_out() -> None:
    line = line_of(np.array([0.0, -1.0, 10.0, np.nan, 100.0]))
    envelope = prepared(line).envelope(View(-1, 1, 100, is_log_x=True, is_log_y=True))
    assert envelope.x == pytest.approx(np.log10([2, 3, 4]))
    np.testing.assert_allclose(envelope.y, [1, np.nan, 2])


def test_smoothing_is_the_line_that_fits_best_around_each_point_of_its_part() -> None:
    line = line_of(noisy(300), starts=[120])
    result = smoothed(line, 7.0)
    for k in (0, 1, 57, 119, 120, 121, 299):
        begin, end = (120, 300) if k >= 120 else (0, 120)
        values, x = line.values[begin:end], line.epochs[begin:end] - line.epochs[k]
        is_finite = np.isfinite(values)
        if not np.isfinite(line.values[k]):
            assert np.isnan(result[k])
            continue
        weights = 2.0 ** (-np.abs(x[is_finite]) / 7.0)
        fit = np.polyfit(x[is_finite], values[is_finite], 1, w=np.sqrt(weights))
        # Up to 300 sums in another order, and the fit's own rounding.
        assert result[k] == pytest.approx(fit[1], rel=1e-9)


def test_smoothing_is_the_same_whatever_the_zoom() -> None:
    line = line_of(noisy(20_000))
    made, means = prepared(line), smoothed(line, 50.0)
    near = made.smooth_envelope(View(5000, 5100, 400), 50.0)
    far = made.smooth_envelope(View(0, 19_999, 100), 50.0)
    np.testing.assert_array_equal(near.y, means[near.x.astype(int)])
    assert np.nanmax(far.y) == np.nanmax(means)
    assert np.nanmin(far.y) == np.nanmin(means)


def test_smoothing_leaves_a_straight_line_as_it_is_to_both_ends() -> None:
    line = line_of(100.0 - np.arange(1000.0))
    np.testing.assert_allclose(smoothed(line, 10.0), line.values, rtol=1e-9, atol=1e-9)


def test_smoothing_counts_epochs_not_records() -> None:
    epochs = np.array([0.0, 10.0, 11.0, 12.0])
    line = Line(epochs, epochs, np.array([4.0, 2.0, 2.0, 3.0]), np.empty(0, np.int64))
    weights = 2.0 ** (-np.abs(epochs - 10) / 10.0)
    fit = np.polyfit(epochs - 10, line.values, 1, w=np.sqrt(weights))
    assert smoothed(line, 10.0)[1] == pytest.approx(fit[1], rel=1e-12)


def test_a_point_alone_is_its_own_mean() -> None:
    assert smoothed(line_of(np.array([np.nan, 3.0, np.inf])), 10.0)[1] == 3.0
    twice = Line(np.zeros(2), np.zeros(2), np.array([1.0, 2.0]), np.empty(0, np.int64))
    assert smoothed(twice, 10.0).tolist() == [1.5, 1.5]


def test_smoothing_a_long_line_stays_exact_to_its_end() -> None:
    line = line_of(noisy(200_000))
    start = 199_500
    tail = Line(line.epochs[start:], line.seconds[start:], line.values[start:], line.starts)
    # 250 epochs before the tail's middle weigh 2^-50 of what is near: nothing.
    np.testing.assert_allclose(
        smoothed(line, 5.0)[-250:], smoothed(tail, 5.0)[-250:], rtol=1e-9)


def test_the_bounds_leave_out_what_is_not_finite() -> None:
    bounds = prepared(line_of(np.array([9.0, np.inf, -1.0, 0.5, np.nan, 3.0]))).bounds()
    assert bounds is not None
    assert (bounds.left, bounds.right, bounds.lowest, bounds.highest) == (0, 5, -1, 9)
    assert (bounds.highest_later, bounds.lowest_positive) == (3, 0.5)
    assert PreparedLine().bounds() is None


def test_marks_of_what_is_not_finite_do_not_crowd() -> None:
    made = prepared(line_of(np.full(100_000, np.nan)))
    assert made.odd_places(View(0, 99_999, 400), 4).size <= 101
    assert made.envelope(View(0, 99_999, 400)).x.size <= 402
