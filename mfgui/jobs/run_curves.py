"""The records of runs as columns: what is drawn of them, laid end to end.

A run's segments ("train on", a refit, each member of an average) count their epochs and seconds
anew or go on; here they stand one behind the other, so that a curve never runs backwards.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mfgui.inspection.envelopes import Line
from mfgui.inspection.extremes import FloatArray, GrowingArray
from mfgui.training.events import EpochRecord

if TYPE_CHECKING:
    from mfgui.store.project import Project

# What can be drawn of a run, in the order it is offered, and the words for it.
MEASURES = {
    "validation_rmse": "validation RMSE", "train_rmse": "training RMSE", "test_rmse": "test RMSE",
    "average_rmse": "RMSE of the average so far", "loss": "loss", "data_term": "data term",
    "validation_ndcg": "NDCG@10", "validation_precision": "precision@10",
    "validation_recall": "recall@10", "test_ndcg": "test NDCG@10",
    "test_precision": "test precision@10", "test_recall": "test recall@10",
}


class RecordColumns:
    """The records of one run as growing columns, with the two x they are drawn at.

    A record that comes again (same segment, its epoch not above the last one's: a run that goes
    on after an interruption trains some epochs anew) takes the place of that one and of all after
    it. ``generation`` is another object from then on: within one, columns only grow.

    Parameters
    ----------
    measures : iterable of str
        Which of ``MEASURES`` to keep.
    """

    def __init__(self, measures: Iterable[str] = tuple(MEASURES)) -> None:
        self._columns = {name: GrowingArray() for name in measures}
        self._epochs, self._seconds = GrowingArray(), GrowingArray()
        self._begins: list[int] = []
        self._segment: int | None = None
        self._epoch_offset, self._seconds_offset = 0.0, 0.0
        self._lines: dict[str, tuple[int, Line]] = {}
        self._counts = dict.fromkeys(self._columns, 0)
        self.generation = object()

    @property
    def size(self) -> int:
        """How many records there are."""
        return self._epochs.size

    @property
    def epochs(self) -> FloatArray:
        """Where each record stands by epochs, a view; never falling."""
        return self._epochs.values

    @property
    def seconds(self) -> FloatArray:
        """Where each record stands by seconds of training, a view; never falling."""
        return self._seconds.values

    @property
    def begins(self) -> Sequence[int]:
        """Position of the first record of each segment."""
        return self._begins

    @property
    def epoch_offset(self) -> float:
        """How far the newest segment stands behind its own epochs."""
        return self._epoch_offset

    def column(self, measure: str) -> FloatArray:
        """Return a column, a view: NaN where a record has none, +inf where it is not finite."""
        return self._columns[measure].values

    def has(self, measure: str) -> bool:
        """Say whether any record has a value in a column."""
        return self._counts.get(measure, 0) > 0

    def append(self, records: Sequence[EpochRecord]) -> int:
        """Take the next records; return from which position on there are others than before."""
        n = len(records)
        return self.extend(
            np.fromiter((record.segment for record in records), np.float64, n),
            np.fromiter((record.epoch for record in records), np.float64, n),
            np.fromiter((record.train_seconds for record in records), np.float64, n),
            {name: np.fromiter((_stored(getattr(record, name)) for record in records),
                               np.float64, n) for name in self._columns})

    def extend(
        self, segments: FloatArray, epochs: FloatArray, seconds: FloatArray,
        columns: Mapping[str, FloatArray],
    ) -> int:
        """Take the next records as columns; NaN where one has no value, +inf where not finite."""
        changed = self.size
        cuts = [0, *(np.flatnonzero(np.diff(segments)) + 1).tolist(), segments.size]
        for begin, end in itertools.pairwise(cuts):
            if begin == end:
                continue
            changed = min(changed, self._append_part(
                int(segments[begin]), epochs[begin:end], seconds[begin:end],
                {name: columns[name][begin:end] for name in self._columns}))
        return changed

    def _append_part(
        self, segment: int, epochs: FloatArray, seconds: FloatArray,
        columns: Mapping[str, FloatArray],
    ) -> int:
        """Take records of one segment; return where they begin."""
        if self._segment != segment:
            self._begin_segment(segment, float(epochs[0]), float(seconds[0]))
        elif epochs[0] + self._epoch_offset <= self.epochs[-1]:
            self._go_back(float(epochs[0]))
        begin = self.size
        self._put(self._epochs, epochs + self._epoch_offset)
        self._put(self._seconds, seconds + self._seconds_offset)
        for name, column in self._columns.items():
            column.grow(begin + epochs.size)[begin:begin + epochs.size] = columns[name]
            self._counts[name] += int(np.count_nonzero(~np.isnan(columns[name])))
        return begin

    def _put(self, array: GrowingArray, values: FloatArray) -> None:
        """Append an x that never falls."""
        begin = array.size
        lowest = array.values[-1] if begin else -np.inf
        array.grow(begin + values.size)[begin:begin + values.size] = np.maximum.accumulate(
            np.maximum(values, lowest))

    def _begin_segment(self, segment: int, epoch: float, second: float) -> None:
        """Begin a segment behind the last record."""
        self._segment = segment
        self._begins.append(self.size)
        if not self.size:
            return
        last_epoch, last_second = float(self.epochs[-1]), float(self.seconds[-1])
        if epoch + self._epoch_offset < last_epoch:
            self._epoch_offset = last_epoch - epoch
        if second + self._seconds_offset < last_second:
            self._seconds_offset = last_second - second

    def _go_back(self, epoch: float) -> None:
        """Drop the newest segment's records from an epoch on; what was handed out stays as it is.

        New buffers, for a thread may be reading the old ones.
        """
        begin = self._begins[-1]
        size = begin + int(np.searchsorted(self.epochs[begin:], epoch + self._epoch_offset))
        self._epochs, self._seconds = _copied(self._epochs, size), _copied(self._seconds, size)
        self._columns = {name: _copied(each, size) for name, each in self._columns.items()}
        self._counts = {name: int(np.count_nonzero(~np.isnan(each.values)))
                        for name, each in self._columns.items()}
        self._lines = {}
        self.generation = object()

    def line(self, measure: str) -> Line:
        """Return a column as a line: the records that have none are left out of it."""
        size, line = self._lines.get(measure, (-1, None))
        if line is None or size != self.size:
            line = self._made_line(measure)
            self._lines[measure] = self.size, line
        return line

    def _made_line(self, measure: str) -> Line:
        values, starts = self.column(measure), np.array(self._begins[1:], np.int64)
        if self._counts[measure] == self.size:  # nothing to leave out, nothing to copy
            return Line(self.epochs, self.seconds, values, starts)
        places = np.flatnonzero(~np.isnan(values))
        starts = np.unique(np.searchsorted(places, starts))
        starts = starts[(starts > 0) & (starts < places.size)]
        return Line(self.epochs[places], self.seconds[places], values[places], starts)


def _stored(value: float | None) -> float:
    """Return a value as columns keep it."""
    if value is None:
        return math.nan
    return value if math.isfinite(value) else math.inf


def _copied(array: GrowingArray, size: int) -> GrowingArray:
    """Return the first numbers of an array as an array of their own."""
    result = GrowingArray()
    result.grow(size)[:size] = array.values[:size]
    return result


def read_line(project: Project, run_id: int, measure: str) -> Line:
    """Read one column of a run of a project as a line; on any thread.

    A run that trains on from another one has its records too, as its first parts.

    Parameters
    ----------
    project : Project
    run_id : int
    measure : str
        One of ``MEASURES``.
    """
    from mfgui.store.project.record_columns import record_columns

    columns = RecordColumns((measure,))
    read = record_columns(project, run_id, ("segment", "epoch", "train_seconds", measure))
    if read is None:
        columns.append(project.history(run_id))
    else:
        segments, epochs, seconds, values = read
        columns.extend(segments, epochs, seconds,
                       {measure: np.where(np.isinf(values), np.inf, values)})
    return columns.line(measure)
