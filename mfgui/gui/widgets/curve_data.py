"""All records of a run as lines to draw, with what they have to beat.

A view is what can be drawn in one pair of axes. A run of ratings has losses and RMSE; where a
solver's numbers are no ratings its records have no RMSE, and how it ranks takes that place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mfgui.gui.widgets.curve_bounds import with_levels
from mfgui.gui.widgets.curve_lines import FloatArray, GrowingPairs, Scale
from mfgui.jobs.run_curves import RecordColumns
from mfgui.training.events import Baselines, EpochRecord
from mfgui.training.measures import watched

# The drawn columns of each view and the word beside each.
VIEWS: dict[str, dict[str, str]] = {
    "loss": {"loss": "loss", "data_term": "data term"},
    "rmse": {"train_rmse": "train", "validation_rmse": "validation", "test_rmse": "test",
             "average_rmse": "average so far"},
    "ranking": {"validation_ndcg": "NDCG@10", "validation_precision": "precision@10",
                "validation_recall": "recall@10", "test_ndcg": "test NDCG@10",
                "test_precision": "test precision@10", "test_recall": "test recall@10"},
}
# What a model of ratings has to beat, by the word in Baselines.
LEVELS = {"mean": "always the average", "bias": "user and item bias"}
EPOCHS = Scale()
TRIAL = -1  # in the place of a segment's number


@dataclass
class Segment:
    """One unbroken part of a run: "train on", a refit and each member begin the next."""

    number: int
    word: str
    begin: float
    begin_seconds: float = 0.0
    lines: dict[str, GrowingPairs] = field(default_factory=dict)

    @property
    def views(self) -> list[str]:
        """The views that there is something to draw in."""
        return [view for view, columns in VIEWS.items()
                if any(column in self.lines and self.lines[column].size for column in columns)]


class CurveData:
    """All records of a run, by segment and column.

    The x of a record is its epoch. Where a segment goes back, as a refit does (it counts anew from
    0) and a run that goes on from its best epoch, its records are drawn behind the ones before:
    a curve never runs backwards.

    Parameters
    ----------
    n_members : int
        How many models the run trains, each in a segment, then perhaps each again as a refit.

    Attributes
    ----------
    trial : Segment or None
        The steps of a copy that is trained by hand, behind the last record.
    levels : dict of str to float
        What has to be beaten, by the keys of ``LEVELS``.
    limit_record : EpochRecord or None
        The newest of the newest segment that knows the largest stable rate.
    """

    def __init__(self, n_members: int = 1) -> None:
        self.n_members = n_members
        self.levels: dict[str, float] = {}
        self._begin()

    def _begin(self) -> None:
        """Begin without a record."""
        self.records: list[EpochRecord] = []
        self.segments: list[Segment] = []
        self.trial: Segment | None = None
        self.limit_record: EpochRecord | None = None
        self.columns = RecordColumns()
        self._best: EpochRecord | None = None
        self._first: EpochRecord | None = None

    def append(self, records: list[EpochRecord]) -> None:
        """Take the next records."""
        begin = self.columns.append(records)
        if begin < len(self.records):  # epochs that were trained anew
            records, trial = [*self.records[:begin], *records], self.trial
            self._begin()
            begin, self.trial = self.columns.append(records), trial
        self.records.extend(records)
        n_seen = begin
        for segment_begin in [k for k in self.columns.begins if k >= begin]:
            self._extend_segment(n_seen, segment_begin)
            self._begin_segment(segment_begin)
            n_seen = segment_begin
        self._extend_segment(n_seen, self.columns.size)

    def _extend_segment(self, begin: int, end: int) -> None:
        """Append records begin..end to the newest segment's lines."""
        if begin == end:
            return
        columns, lines = self.columns, self.segments[-1].lines
        x, seconds = columns.epochs[begin:end], columns.seconds[begin:end]
        for column in (name for names in VIEWS.values() for name in names):
            values = columns.column(column)[begin:end]
            is_there = ~np.isnan(values)
            if is_there.all():
                lines.setdefault(column, GrowingPairs()).extend(x, seconds, values)
            elif is_there.any():
                lines.setdefault(column, GrowingPairs()).extend(
                    x[is_there], seconds[is_there], values[is_there])
        for record in self.records[begin:end]:
            if record.rate_limit is not None:
                self.limit_record = record
            self._note_best(record)

    def _begin_segment(self, position: int) -> None:
        """Begin a segment with the record at a position."""
        record = self.records[position]
        if self.n_members > 1 and not record.is_refit:
            self._best = None  # each member has a best epoch of its own
        self._first, self.limit_record = record, None
        self.segments.append(Segment(
            record.segment, self._word(record), float(self.columns.epochs[position]),
            float(self.columns.seconds[position])))

    def _word(self, record: EpochRecord) -> str:
        """Return what stands at the seam where a segment begins."""
        member = len(self.segments) % self.n_members
        if record.is_refit and member == 0:
            return "refit"
        return f"{member + 1}" if self.n_members > 1 else "continued"

    def _note_best(self, record: EpochRecord) -> None:
        """Keep the best epoch by what validation watches; a refit has none."""
        is_measured = record.validation_rmse is not None or record.validation_ndcg is not None
        if not is_measured or record.is_refit or not math.isfinite(watched(record)):
            return
        if self._best is None or watched(record) < watched(self._best):
            self._best = record

    def set_baselines(self, baselines: Baselines | None) -> None:
        """Take what has to be beaten: on held-out ratings, or else on the test file's."""
        for part in ("validation", "test"):
            values = {name: getattr(baselines, f"{name}_{part}", None) for name in LEVELS}
            self.levels = {name: value for name, value in values.items() if value is not None}
            if self.levels:
                return

    def set_trial(self, losses: Sequence[float], rmses: Sequence[float]) -> None:
        """Take the steps of a copy, drawn from the last record on, a step an epoch; none: none."""
        self.trial = None
        if not losses:
            return
        lines = {column: GrowingPairs() for column, values in (
            ("loss", losses), ("train_rmse", rmses)) if values}
        for column, values in (("loss", losses), ("train_rmse", rmses)):
            for step, value in enumerate(values):
                lines[column].append(self.last_x + step, value, self.last_second)
        self.trial = Segment(TRIAL, "copy", self.last_x, self.last_second, lines)

    @property
    def drawn_segments(self) -> list[Segment]:
        """All that is drawn: the run's segments, and the copy's steps."""
        return self.segments if self.trial is None else [*self.segments, self.trial]

    def drawn_x(self, scale: Scale) -> float:
        """Return where the last point that is drawn stands."""
        lines = self.trial.lines.values() if self.trial else ()
        ends = [line.points(is_seconds=scale.is_seconds)[0][-1] for line in lines if line.size]
        return float(max([self.last_second if scale.is_seconds else self.last_x, *ends]))

    @property
    def views(self) -> list[str]:
        """The views that there is something to draw in, whatever the segment."""
        found = {view for segment in self.drawn_segments for view in segment.views}
        return [view for view in VIEWS if view in found]

    @property
    def member_text(self) -> str:
        """Which of several models is trained now: "model 3 of 8", or ""."""
        if self.n_members == 1 or not self.segments:
            return ""
        return f"model {(len(self.segments) - 1) % self.n_members + 1} of {self.n_members}"

    @property
    def is_shifted(self) -> bool:
        """Whether a segment stands behind its own epochs, so that x counts all that were run."""
        return self.columns.epoch_offset > 0

    @property
    def last_x(self) -> float:
        """Where the last record stands; 0 where there is none."""
        return float(self.columns.epochs[-1]) if self.records else 0.0

    @property
    def last_second(self) -> float:
        """Where the last record stands by seconds; 0 where there is none."""
        return float(self.columns.seconds[-1]) if self.records else 0.0

    def xs(self, scale: Scale) -> FloatArray:
        """Return where each record stands."""
        return self.columns.seconds if scale.is_seconds else self.columns.epochs

    def n_odd(self, view: str) -> int:
        """Return how many values of a view are not finite."""
        return sum(segment.lines[column].n_odd for segment in self.segments
                   for column in VIEWS[view] if column in segment.lines)

    def bounds(self, view: str, scale: Scale) -> tuple[float, float, float, float] | None:
        """Return the least and largest x and y of a view in the axes' units, None if empty."""
        lines = [segment.lines[column] for segment in self.drawn_segments
                 for column in VIEWS[view] if column in segment.lines]
        left, right = self.x_at(0, scale) if self.records else 0.0, self.drawn_x(scale)
        low = min((line.lowest_positive if scale.is_log_y else line.lowest for line in lines),
                  default=math.inf)
        high = max((line.top(scale) for line in lines), default=-math.inf)
        if view == "rmse":
            low, high = with_levels(low, high, list(self.levels.values()), scale)
        if scale.is_log_x:
            left, right = self._log_ends(left, right, scale)
        if not (math.isfinite(low) and math.isfinite(high)) or low > high:
            return None
        if scale.is_log_y:
            low, high = math.log10(low), math.log10(high)
        return left, right, low, high

    def _log_ends(self, left: float, right: float, scale: Scale) -> tuple[float, float]:
        """Return both ends of x as logarithms; epoch 0 and second 0 have none."""
        if not scale.is_seconds:
            return math.log10(max(left, 1)), math.log10(max(right, 1))
        xs = self.columns.seconds
        first = xs[min(int(np.searchsorted(xs, 0, "right")), xs.size - 1)] if xs.size else 1.0
        left = first if first > 0 else 1.0
        return math.log10(left), math.log10(max(right, left))

    @property
    def best_epoch(self) -> int | None:
        """The epoch that validation judged best, or None where nothing was held out."""
        return self._best.epoch if self._best else None

    def x_of_epoch(self, epoch: int) -> float:
        """Return where an epoch of the newest segment stands."""
        return epoch + self.columns.epoch_offset

    def second_of(self, x: float) -> float:
        """Return the second at which the curve had come to ``x`` epochs."""
        return float(self.columns.seconds[self.nearest(x)]) if self.records else x

    def nearest(self, x: float, scale: Scale = EPOCHS) -> int:
        """Return the position of the record nearest to ``x``; there must be one."""
        xs = self.xs(scale)
        right = int(np.searchsorted(xs, x))
        if right == 0:
            return 0
        if right == xs.size:
            return int(xs.size) - 1
        return right if xs[right] - x < x - xs[right - 1] else right - 1

    def x_at(self, position: int, scale: Scale = EPOCHS) -> float:
        """Return where the record at a position stands."""
        return float(self.xs(scale)[position])

    def newest(self, column: str) -> float | None:
        """Return the newest value there is in a column."""
        return next((value for record in reversed(self.records)
                     if (value := getattr(record, column)) is not None), None)

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


def figure(value: float | None) -> str:
    """Return a loss or RMSE with the digits that tell epochs apart, never fifteen."""
    if value is None or not math.isfinite(value):
        return "none"
    if value == 0 or 1e-4 <= abs(value) < 100:
        return f"{value:.4f}"
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:,.5g}"
