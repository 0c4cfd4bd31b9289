"""Long lines for few pixels: at most two points a pixel column, at any zoom, from all points.

A line is prepared once (``extremes``) and appended to as it grows.

A smoothed line is the height of the straight line that fits best around each point, weights falling
off exponentially on either side. A mean that looks back only lags behind a loss that falls, and a
mean of both sides is wrong where a line begins steeply. It costs two passes over all points each
time the line has grown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.inspection.extremes import Extremes, FloatArray, GrowingArray, IntArray


@dataclass(frozen=True, eq=False)
class Line:
    """A line with two kinds of x, part after part.

    Parameters
    ----------
    epochs, seconds : ndarray of float64, shape (n,)
        Both never fall.
    values : ndarray of float64, shape (n,)
        A value that is not finite has a place, but is not drawn: the line has a gap there.
    starts : ndarray of int64
        Positions where another part begins, which is not joined to the one before; without the
        first, which begins at 0.
    """

    epochs: FloatArray
    seconds: FloatArray
    values: FloatArray
    starts: IntArray

    @property
    def size(self) -> int:
        """How many points it has."""
        return int(self.values.size)

    @property
    def n_bytes(self) -> int:
        """What it takes in memory."""
        return self.epochs.nbytes + self.seconds.nbytes + self.values.nbytes + self.starts.nbytes

    def x(self, *, is_seconds: bool) -> FloatArray:
        """Return the one or the other x."""
        return self.seconds if is_seconds else self.epochs


@dataclass(frozen=True)
class View:
    """What is looked at.

    Parameters
    ----------
    low, high : float
        The visible x, in the axis' units: logarithms (base 10) on a logarithmic one.
    n_columns : int
        In so many pixel columns.
    is_seconds : bool
        Whether x is seconds, not epochs.
    is_log_x, is_log_y : bool
    """

    low: float
    high: float
    n_columns: int
    is_seconds: bool = False
    is_log_x: bool = False
    is_log_y: bool = False

    def edges(self) -> FloatArray:
        """Return the edges of the columns, in the units of the data."""
        edges = np.linspace(self.low, self.high, self.n_columns + 1)
        return 10.0 ** np.clip(edges, -300, 300) if self.is_log_x else edges


@dataclass(frozen=True, eq=False)
class Envelope:
    """What is drawn of a line, in the axes' units; NaN where it has a gap.

    ``is_reduced`` says whether points stand for more than themselves.
    """

    x: FloatArray
    y: FloatArray
    is_reduced: bool


@dataclass(frozen=True)
class Bounds:
    """Where a line lies, in the units of the data.

    ``lowest`` and ``highest`` are infinite, the wrong way round, where nothing is finite;
    ``highest_later`` leaves the line's first point out, ``lowest_positive`` what is not positive.
    """

    left: float
    right: float
    lowest: float
    highest: float
    highest_later: float
    lowest_positive: float


def smoothed(line: Line, half_life: float) -> FloatArray:
    """Return the height of the straight line that fits best around each point, part by part.

    Parameters
    ----------
    line : Line
    half_life : float, above 0
        In epochs: a point that lies so far off, before or after, counts half.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where the value is not finite.
    """
    from mfgui.core.kernels.envelopes import smooth

    result, sums = np.empty(line.size), np.empty((5, line.size))
    ends = [*line.starts.tolist(), line.size]
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        smooth(line.epochs, line.values, half_life, result, sums, begin, end)
    return result


class PreparedLine:
    """A line of which any stretch can be drawn at little cost; it may grow."""

    def __init__(self) -> None:
        self.line = Line(np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int64))
        self._extremes, self._odd = Extremes(), GrowingArray()
        self._smooth, self._half_life = np.empty(0), 0.0
        self._smooth_extremes = Extremes()
        self._lowest, self._highest = np.inf, -np.inf
        self._highest_later, self._lowest_positive = -np.inf, np.inf

    @property
    def n_bytes(self) -> int:
        """What was prepared takes, without the line itself."""
        return (self._extremes.n_bytes + self._odd.n_bytes + self._smooth.nbytes
                + self._smooth_extremes.n_bytes)

    def take(self, line: Line) -> None:
        """Take the line as it is now: as before, or with more at its end."""
        before = self.line.size
        self.line = line
        if line.size == before:
            return
        self._extremes.extend(line.values)
        new = line.values[before:]
        is_finite = np.isfinite(new)
        odd, n_odd = np.flatnonzero(~is_finite), self._odd.size
        self._odd.grow(n_odd + odd.size)[n_odd:n_odd + odd.size] = odd + before
        self._note_bounds(new, is_finite, before)

    def _note_bounds(self, new: FloatArray, is_finite: NDArray[np.bool_], before: int) -> None:
        """Widen the bounds by new values."""
        later = new[1:] if before == 0 else new
        finite, later = new[is_finite], later[is_finite[new.size - later.size:]]
        positive = finite[finite > 0]
        self._lowest = min(self._lowest, finite.min(initial=np.inf))
        self._highest = max(self._highest, finite.max(initial=-np.inf))
        self._highest_later = max(self._highest_later, later.max(initial=-np.inf))
        self._lowest_positive = min(self._lowest_positive, positive.min(initial=np.inf))

    def bounds(self, *, is_seconds: bool = False) -> Bounds | None:
        """Return where the line lies; None where it has no point."""
        if not self.line.size:
            return None
        x = self.line.x(is_seconds=is_seconds)
        return Bounds(float(x[0]), float(x[-1]), self._lowest, self._highest,
                      self._highest_later, self._lowest_positive)

    def envelope(self, view: View) -> Envelope:
        """Return what to draw of the line as it is."""
        return _envelope(self.line, self.line.values, self._extremes, view)

    def smooth_envelope(self, view: View, half_life: float) -> Envelope:
        """Return what to draw of the line smoothed, from all of its points."""
        if self._half_life != half_life or self._smooth.size != self.line.size:
            self._smooth, self._half_life = smoothed(self.line, half_life), half_life
            self._smooth_extremes = Extremes()
            self._smooth_extremes.extend(self._smooth)
        return _envelope(self.line, self._smooth, self._smooth_extremes, view)

    def odd_places(self, view: View, n_columns: int = 4) -> FloatArray:
        """Return where in view values are not finite, in the axis' units.

        One in each ``n_columns`` columns is enough to say so.
        """
        positions = self._odd.values.astype(np.int64)
        x, edges = self.line.x(is_seconds=view.is_seconds)[positions], view.edges()
        x = x[np.searchsorted(x, edges[0]):np.searchsorted(x, edges[-1], "right")]
        if view.is_log_x:
            x = np.log10(x[x > 0])
        width = n_columns * (view.high - view.low) / view.n_columns
        _, first = np.unique(np.floor((x - view.low) / width), return_index=True)
        return np.asarray(x[first])


def _envelope(line: Line, values: FloatArray, extremes: Extremes, view: View) -> Envelope:
    """Return the points to draw between two x, with the next one on either side."""
    x, edges = line.x(is_seconds=view.is_seconds), view.edges()
    begin = max(int(np.searchsorted(x, edges[0])) - 1, 0)
    if view.is_log_x:
        begin = max(begin, int(np.searchsorted(x, 0, "right")))
    end = max(min(int(np.searchsorted(x, edges[-1], "right")) + 1, x.size), begin)
    starts = line.starts[(line.starts > begin) & (line.starts < end)]
    is_reduced = end - begin > 2 * view.n_columns
    if is_reduced:
        cuts = np.clip(np.searchsorted(x, edges), begin, end)
        cuts = np.concatenate((cuts, starts, [begin, end]))
        cuts.sort(kind="stable")  # nearly in order
        xs, ys = extremes.points(x, values, cuts, starts)
    else:
        xs, ys = x[begin:end], values[begin:end]
        ys = np.where(np.isfinite(ys), ys, np.nan)
        xs, ys = (np.insert(xs, starts - begin, xs[starts - begin]),
                  np.insert(ys, starts - begin, np.nan))
    if view.is_log_y:  # what it cannot show is left out
        is_kept = ~(ys <= 0)
        xs, ys = xs[is_kept], np.log10(ys[is_kept])
    return Envelope(np.log10(xs) if view.is_log_x else xs, ys, is_reduced)

