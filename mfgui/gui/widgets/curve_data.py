"""All records of a run as lines to draw, with what they have to beat.

A view is what can be drawn in one pair of axes. A run of ratings has losses and RMSE; where a
solver's numbers are no ratings its records have no RMSE, and how it ranks takes that place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mfgui.gui.widgets.curve_lines import GrowingPairs, Scale
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
# A level that would leave less than this share of the height to the curve is not in the view.
LEAST_SHARE = 0.4
TRIAL = -1  # in the place of a segment's number
COLUMNS = (
    "epoch", "segment", "is_refit", "loss", "data_term", "train_rmse", "validation_rmse",
    "test_rmse", "train_seconds", "learning_rate",
)
# Columns of the values only where a record has one.
RARE_COLUMNS = ("rate_limit", "average_rmse", *VIEWS["ranking"])


@dataclass
class Segment:
    """One unbroken part of a run: "train on", a refit and each member begin the next."""

    number: int
    word: str
    begin: float
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
        self.records: list[EpochRecord] = []
        self.segments: list[Segment] = []
        self.trial: Segment | None = None
        self.levels: dict[str, float] = {}
        self.limit_record: EpochRecord | None = None
        self._x = GrowingPairs()
        self._offset = 0.0
        self._best: EpochRecord | None = None
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
            if record.rate_limit is not None:
                self.limit_record = record
            self._note_best(record)

    def _begin_segment(self, record: EpochRecord) -> None:
        """Begin a segment behind the last record."""
        if self.records and record.epoch + self._offset < self.last_x:
            self._offset = self.last_x - record.epoch
        if self.n_members > 1 and not record.is_refit:
            self._best = None  # each member has a best epoch of its own
        self._first, self.limit_record = record, None
        begin = record.epoch + self._offset
        self.segments.append(Segment(record.segment, self._word(record), begin))

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
                lines[column].append(self.last_x + step, value)
        self.trial = Segment(TRIAL, "copy", self.last_x, lines)

    @property
    def drawn_segments(self) -> list[Segment]:
        """All that is drawn: the run's segments, and the copy's steps."""
        return self.segments if self.trial is None else [*self.segments, self.trial]

    @property
    def drawn_x(self) -> float:
        """Where the last point that is drawn stands."""
        ends = [line.points()[0][-1] for line in (self.trial.lines.values() if self.trial else ())
                if line.size]
        return float(max([self.last_x, *ends]))

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
        return self._offset > 0

    @property
    def last_x(self) -> float:
        """Where the last record stands; 0 where there is none."""
        return float(self._x.points()[0][-1]) if self.records else 0.0

    def bounds(self, view: str, scale: Scale) -> tuple[float, float, float, float] | None:
        """Return the least and largest x and y of a view in the axes' units, None if empty."""
        lines = [segment.lines[column] for segment in self.drawn_segments
                 for column in VIEWS[view] if column in segment.lines]
        left, right = self.x_at(0) if self.records else 0.0, self.drawn_x
        low = min((line.lowest_positive if scale.is_log_y else line.lowest for line in lines),
                  default=math.inf)
        high = max((line.top(scale) for line in lines), default=-math.inf)
        if view == "rmse":
            low, high = with_levels(low, high, self.levels, scale)
        if scale.is_log_x:
            left, right = math.log10(max(left, 1)), math.log10(max(right, 1))
        if not (math.isfinite(low) and math.isfinite(high)) or low > high:
            return None
        if scale.is_log_y:
            low, high = math.log10(low), math.log10(high)
        return left, right, low, high

    @property
    def best_epoch(self) -> int | None:
        """The epoch that validation judged best, or None where nothing was held out."""
        return self._best.epoch if self._best else None

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


def with_levels(
    low: float, high: float, levels: dict[str, float], scale: Scale
) -> tuple[float, float]:
    """Return a range of y with the levels in it, the nearest first, unless one lies too far off.

    Beating them is what the curve is looked at for; but it must not look flat for it.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return low, high
    of = math.log10 if scale.is_log_y else float
    height = of(high) - of(low)
    for level in sorted(levels.values(), key=lambda level: max(level - high, low - level)):
        if scale.is_log_y and level <= 0:
            continue
        wider = min(low, level), max(high, level)
        if height >= LEAST_SHARE * (of(wider[1]) - of(wider[0])):
            low, high = wider
    return low, high


def columns_of(records: tuple[EpochRecord, ...]) -> tuple[str, ...]:
    """Return the columns worth a place in a table of the records."""
    def has(column: str) -> bool:
        return any(getattr(record, column) is not None for record in records)

    return (*COLUMNS, *filter(has, RARE_COLUMNS))


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
