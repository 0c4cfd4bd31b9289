"""The records of a run as growing arrays, ready to be drawn: every record costs the same.

A buffer doubles when it is full, so that a run of a hundred thousand epochs never copies its
whole past on a tick. Only finite values get in: NaN is never drawn.

What is drawn is reduced here to the least and the largest value of each pixel column.
pyqtgraph's own down-sampling makes equal buckets of records: on a logarithmic axis the first
twenty of a hundred thousand epochs fell into one of them, and the start of the curve was gone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mfgui.training.events import EpochRecord

# The drawn columns, the word beside each, and the position of its colour in the theme's series.
VIEWS: dict[str, dict[str, str]] = {
    "rmse": {"train_rmse": "train", "validation_rmse": "validation", "test_rmse": "test"},
    "loss": {"loss": "loss", "data_term": "data term"},
}
COLUMNS = (
    "epoch", "segment", "is_refit", "loss", "data_term", "train_rmse", "validation_rmse",
    "test_rmse", "train_seconds", "learning_rate",
)
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Which axes are logarithmic."""

    is_log_x: bool = False
    is_log_y: bool = False


@dataclass(frozen=True)
class Points:
    """What is drawn of a line, in the axes' units."""

    x: FloatArray
    y: FloatArray
    is_reduced: bool


class GrowingPairs:
    """x and y of one line, appended to in constant time."""

    def __init__(self) -> None:
        self._data = np.empty((2, 256))
        self.size = 0
        self.lowest, self.highest, self.lowest_positive = math.inf, -math.inf, math.inf
        self._highest_later = -math.inf

    def append(self, x: float, y: float | None) -> None:
        """Add a point; what is not finite is left out."""
        if y is None or not math.isfinite(y):
            return
        if self.size == self._data.shape[1]:
            bigger = np.empty((2, 2 * self.size))
            bigger[:, :self.size] = self._data
            self._data = bigger
        self._data[:, self.size] = x, y
        self.size += 1
        self.lowest, self.highest = min(self.lowest, y), max(self.highest, y)
        if self.size > 1:
            self._highest_later = max(self._highest_later, y)
        if y > 0:
            self.lowest_positive = min(self.lowest_positive, y)

    def top(self, scale: Scale) -> float:
        """Return where the view ends above.

        The starting point is left out of a linear scale once there are epochs to see: it may lie
        so far above that they would look flat.
        """
        return self.highest if scale.is_log_y or self.size < 4 else self._highest_later

    def points(self) -> tuple[FloatArray, FloatArray]:
        """Return all x, rising, and y."""
        return self._data[0, :self.size], self._data[1, :self.size]

    def drawn(self, scale: Scale, low: float, high: float, n_columns: int) -> Points:
        """Return what to draw between two x in ``n_columns`` pixel columns, in the axes' units.

        Parameters
        ----------
        scale : Scale
        low, high : float
            The visible range, in the axis' units (logarithms on a logarithmic one).
        n_columns : int

        Returns
        -------
        Points
            With the next point on either side; without what a logarithm does not have.
        """
        x, y = self.points()
        edges = np.linspace(low, high, n_columns + 1)
        if scale.is_log_x:
            edges = 10.0 ** np.clip(edges, -300, 300)
        begin = max(int(np.searchsorted(x, edges[0])) - 1, 0)
        if scale.is_log_x:
            begin = max(begin, int(np.searchsorted(x, 0, "right")))
        x, y = x[begin:], y[begin:]
        end = int(np.searchsorted(x, edges[-1], "right")) + 1
        x, y = x[:end], y[:end]
        is_reduced = x.size > 4 * n_columns
        if is_reduced:
            x, y = peaks(x, y, edges)
        if scale.is_log_y and y.size and y.min() <= 0:
            x, y = x[y > 0], y[y > 0]
        return Points(np.log10(x) if scale.is_log_x else x,
                      np.log10(y) if scale.is_log_y else y, is_reduced)


def peaks(x: FloatArray, y: FloatArray, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the least and largest y between each two edges, the earlier one first."""
    starts = np.unique(np.concatenate(([0], np.searchsorted(x, edges))))
    starts = starts[starts < x.size]
    lowest, highest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    is_falling = y[starts] > y[np.append(starts[1:], x.size) - 1]
    pairs = np.stack((np.where(is_falling, highest, lowest),
                      np.where(is_falling, lowest, highest)), 1)
    return np.repeat(x[starts], 2), pairs.ravel()


@dataclass
class Segment:
    """One unbroken part of a run: "train on" and a refit each begin the next."""

    number: int
    is_refit: bool
    begin: float
    lines: dict[str, GrowingPairs] = field(default_factory=dict)


class CurveData:
    """All records of a run, by segment and column.

    The x of a record is its epoch. Where a segment goes back, as a refit does (it counts anew from
    0) and a run that goes on from its best epoch, its records are drawn behind the ones before:
    a curve never runs backwards.
    """

    def __init__(self) -> None:
        self.records: list[EpochRecord] = []
        self.segments: list[Segment] = []
        self._x = GrowingPairs()
        self._offset = 0.0
        self._best: tuple[float, int] | None = None
        self._first: EpochRecord | None = None

    def append(self, records: list[EpochRecord]) -> None:
        """Take the next records."""
        for record in records:
            if not self.segments or record.segment != self.segments[-1].number:
                self._begin_segment(record)
            x = record.epoch + self._offset
            self._x.append(x, 0.0)
            self.records.append(record)
            lines = self.segments[-1].lines
            for columns in VIEWS.values():
                for column in columns:
                    value = getattr(record, column)
                    if value is not None:
                        lines.setdefault(column, GrowingPairs()).append(x, value)
            self._note_best(record)

    def _begin_segment(self, record: EpochRecord) -> None:
        """Begin a segment behind the last record."""
        if self.records and record.epoch + self._offset < self.last_x:
            self._offset = self.last_x - record.epoch
        self._first = record
        begin = record.epoch + self._offset
        self.segments.append(Segment(record.segment, record.is_refit, begin))

    def _note_best(self, record: EpochRecord) -> None:
        """Keep the best epoch by validation RMSE; a refit has none."""
        value = record.validation_rmse
        if value is None or record.is_refit or not math.isfinite(value):
            return
        if self._best is None or value < self._best[0]:
            self._best = (value, record.epoch)

    @property
    def is_shifted(self) -> bool:
        """Whether a segment stands behind its own epochs, so that x counts all that were run."""
        return self._offset > 0

    @property
    def last_x(self) -> float:
        """Where the last record stands; 0 where there is none."""
        return float(self._x.points()[0][-1]) if self.records else 0.0

    def bounds(self, view: str, scale: Scale) -> tuple[float, float, float, float] | None:
        """Return the least and largest x and y of a view in the axes' units, None if empty."""
        lines = [segment.lines[column] for segment in self.segments for column in VIEWS[view]
                 if column in segment.lines]
        left, right = self.x_at(0) if self.records else 0.0, self.last_x
        low = min((line.lowest_positive if scale.is_log_y else line.lowest for line in lines),
                  default=math.inf)
        high = max((line.top(scale) for line in lines), default=-math.inf)
        if scale.is_log_x:
            left, right = math.log10(max(left, 1)), math.log10(max(right, 1))
        if not (math.isfinite(low) and math.isfinite(high)) or low > high:
            return None
        if scale.is_log_y:
            low, high = math.log10(low), math.log10(high)
        return left, right, low, high

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the least validation RMSE, or None where nothing was held out."""
        return self._best[1] if self._best else None

    def x_of_epoch(self, epoch: int) -> float:
        """Return where an epoch of the newest segment stands."""
        return epoch + self._offset

    def nearest(self, x: float) -> int:
        """Return the position of the record nearest to ``x``; there must be one."""
        xs = self._x.points()[0]
        right = int(np.searchsorted(xs, x))
        if right == 0:
            return 0
        if right == xs.size:
            return int(xs.size) - 1
        return right if xs[right] - x < x - xs[right - 1] else right - 1

    def x_at(self, position: int) -> float:
        """Return where the record at a position stands."""
        return float(self._x.points()[0][position])

    def has(self, column: str) -> bool:
        """Whether any record has a value in a column."""
        return any(column in segment.lines and segment.lines[column].size
                   for segment in self.segments)

    def ms_per_epoch(self) -> float | None:
        """Return the mean milliseconds of training an epoch in the newest segment."""
        if self._first is None:
            return None
        first, last = self._first, self.records[-1]
        n_epochs = last.epoch - first.epoch
        if n_epochs <= 0:
            return None
        return 1000 * (last.train_seconds - first.train_seconds) / n_epochs


def read_out(record: EpochRecord, view: str) -> str:
    """Return one record in words: "epoch 12  train 0.8123  validation 0.9014"."""
    parts = [f"{'refit epoch' if record.is_refit else 'epoch'} {record.epoch:,}"]
    for column, word in VIEWS[view].items():
        value = getattr(record, column)
        if value is not None:
            parts.append(f"{word} {figure(value)}")
    return "   ".join(parts)


def figure(value: float | None) -> str:
    """Return a loss or RMSE with the digits that tell epochs apart, never fifteen."""
    if value is None or not math.isfinite(value):
        return "none"
    if value == 0 or 1e-4 <= abs(value) < 100:
        return f"{value:.4f}"
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:,.5g}"
