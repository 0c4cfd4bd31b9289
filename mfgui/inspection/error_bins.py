"""What errors are counted by: bins of observed values, predictions and residuals, item groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray, IntArray, Ratings

DoubleArray = NDArray[np.float64]
MOST_VALUES = 50  # up to here each observed value is shown for itself
N_GROUPS = 20  # of equally many ratings, where there are more
N_DECILES = 10
BINS_A_SCALE = 60  # about so many bins of residuals or predictions for the width of the scale
SAMPLE = 1 << 18
N_GUESSES = 1 << 10


@dataclass(frozen=True, eq=False)
class Bins:
    """Consecutive bins, from ``edges[k]`` to below ``edges[k + 1]``.

    Parameters
    ----------
    edges : ndarray of float64, shape (n_bins + 1,)
        Rising from minus infinity to infinity.
    labels : tuple of str
        One for each bin, in words.
    """

    edges: DoubleArray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def limits(self, position: int) -> tuple[float, float]:
        """Return where a bin begins and ends; the end is not in it."""
        return float(self.edges[position]), float(self.edges[position + 1])

    @cached_property
    def guide(self) -> tuple[DoubleArray, IntArray, float, float]:
        """What ``place_among`` finds a value's bin by: edges, guesses, start and scale."""
        inner = self.edges[1:-1]
        low, high = (float(inner[0]), float(inner[-1])) if inner.size else (0.0, 0.0)
        step = (high - low) / N_GUESSES or 1.0
        steps = low + step * np.arange(N_GUESSES + 1)
        guesses = np.searchsorted(inner, steps, side="right").astype(np.int32)
        return self.edges, guesses, low, 1 / step


@dataclass(frozen=True, eq=False)
class EvenBins(Bins):
    """Bins of one width, but for the first and the last, which take all beyond.

    Parameters
    ----------
    start, width : float
        Where the first would begin, and what each covers.
    """

    start: float
    width: float

    @property
    def stop(self) -> float:
        """Where the last would end."""
        return self.start + self.width * len(self)

    @cached_property
    def guide(self) -> tuple[DoubleArray, IntArray, float, float]:
        """What kernels find a value's bin by: each bin is one step."""
        return self.edges, np.arange(len(self), dtype=np.int32), self.start, 1 / self.width

    def counts(self, values: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return how many values each bin has; NaN is in none."""
        return np.bincount(self.places(values[~np.isnan(values)]), minlength=len(self))

    def places(self, values: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return each value's bin."""
        return np.searchsorted(self.edges[1:-1], values, side="right")


def even_bins(low: float, high: float, width: float) -> EvenBins:
    """Return bins of a width, their edges its multiples, that cover low to high.

    Parameters
    ----------
    low, high : float
        Of the first and the last bin, which reach on without end.
    width : float
        Above 0.
    """
    first = math.floor(low / width + 1e-9)
    n_bins = max(math.ceil(high / width - 1e-9) - first, 1)
    # Each edge from whole numbers: 3 * 0.1 summed up would not be 0.3.
    edges = np.array([float(f"{(first + k) * width:.12g}") for k in range(n_bins + 1)])
    start = float(edges[0])
    labels = tuple(f"{_plain(edges[k])} to {_plain(edges[k + 1])}" for k in range(n_bins))
    if n_bins > 1:
        labels = (f"below {_plain(edges[1])}", *labels[1:-1], f"{_plain(edges[-2])} and above")
    edges[0], edges[-1] = -np.inf, np.inf
    return EvenBins(edges, labels, start, width)


def value_bins(values: FloatArray) -> Bins:
    """Return a bin for each observed value, or groups of about equally many where there are many.

    Parameters
    ----------
    values : ndarray of float32, shape (n_ratings,)
        Finite. All are looked at for the values; for groups an even sample.
    """
    from mfgui.core.kernels.errors import distinct_values

    found = np.empty(MOST_VALUES, np.float32)
    n_found = int(distinct_values(values, found))
    if n_found >= 0:
        edges = np.array([-np.inf, *found[1:n_found].tolist(), np.inf])
        return Bins(edges, tuple(
            f"{value:g}" for value in found[:n_found].tolist()) or ("none",))
    sample = values[:: -(-values.size // SAMPLE)].astype(np.float64)
    edges = np.unique(np.quantile(sample, np.linspace(0, 1, N_GROUPS + 1)))
    if edges.size < 2:
        return Bins(np.array([-np.inf, np.inf]), ("all",))
    labels = [f"{edges[k]:.4g} to {edges[k + 1]:.4g}" for k in range(edges.size - 1)]
    edges[0], edges[-1] = -np.inf, np.inf
    return Bins(edges, tuple(labels))


def nice_width(rough: float) -> float:
    """Return the next larger of 1, 2, 2.5 or 5 times a power of ten; 1 of what is no width."""
    if not (math.isfinite(rough) and rough > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(nice * power for nice in (1.0, 2.0, 2.5, 5.0, 10.0)
                      if nice * power >= rough * 0.999))


def _plain(value: float) -> str:
    return f"{value + 0.0:.6g}".replace("-", "−")


@dataclass(frozen=True, eq=False)
class Deciles:
    """Items in ten groups of equal size, the least rated ones first.

    Parameters
    ----------
    group : ndarray of int32, shape (n_items,)
        The group of each item, from 0.
    n_items, fewest, most : tuple of int
        Of each group: its items, and the least and the largest number of training ratings.
    """

    group: IntArray
    n_items: tuple[int, ...]
    fewest: tuple[int, ...]
    most: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.n_items)


def popularity_deciles(counts: NDArray[np.int64]) -> Deciles:
    """Return items in groups by number of ratings; fewer than ten items are a group each."""
    order = np.argsort(counts, kind="stable")
    n_groups = min(N_DECILES, counts.size)
    group = np.empty(counts.size, np.int32)
    group[order] = np.arange(counts.size) * n_groups // max(counts.size, 1)
    edges = [-(-k * counts.size // n_groups) for k in range(n_groups + 1)] if n_groups else [0]
    parts = [counts[order[edges[k] : edges[k + 1]]] for k in range(n_groups)]
    return Deciles(group, tuple(part.size for part in parts),
                   tuple(int(part[0]) for part in parts), tuple(int(part[-1]) for part in parts))


@dataclass(frozen=True, eq=False)
class ErrorBins:
    """All that the errors of one data set are counted by.

    Parameters
    ----------
    values : Bins
        Of observed values.
    predicted, residuals : EvenBins
        Of predictions and residuals, raw, in bins of one width.
    row_rmse : EvenBins
        Of the RMSE of users or items.
    deciles : Deciles
    """

    values: Bins
    predicted: EvenBins
    residuals: EvenBins
    row_rmse: EvenBins
    deciles: Deciles


def error_bins(ratings: Ratings, training: Ratings, model: FactorModel) -> ErrorBins:
    """Return bins that suit the scale of a model and the observed values.

    Parameters
    ----------
    ratings : Ratings
        All known ones: training and held-out errors are counted by the same bins.
    training : Ratings
        What the popularity of items is counted on.
    """
    low, high = model.scale
    reach = high - low if high > low and math.isfinite(high - low) else 1.0
    width = nice_width(reach / BINS_A_SCALE)
    return ErrorBins(
        value_bins(ratings.value),
        even_bins(low - reach / 4, high + reach / 4, width),
        even_bins(-reach, reach, width),
        even_bins(0.0, reach / 2, width / 2),
        popularity_deciles(training.item_counts))
