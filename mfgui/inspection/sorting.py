"""From a choice to an order of rows and columns.

What is sorted by a number begins with its largest; ids and titles rise, numbers in them read as
numbers. Users and items without a rating come last where the key says nothing of them. Equal ones
stay as in the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.preferences import preferences
from mfgui.core.ratings import FloatArray, IntArray, Ratings, TextArray
from mfgui.inspection import order as keys
from mfgui.inspection.clusters import k_means
from mfgui.inspection.components import principal_components
from mfgui.inspection.display import take_rows
from mfgui.inspection.folding import fold_all
from mfgui.inspection.margins import SideSums, side_sums, sum_of_parts
from mfgui.inspection.order import Order, OrderChoice, OrderKey

DoubleArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sorted:
    """The order of one side, where its groups begin, and a sentence where it could not be made."""

    places: IntArray
    borders: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    note: str = ""


class Source:
    """What orders are made from, each worked out at most once for both sides."""

    def __init__(self, ratings: Ratings, model: FactorModel | None, pool: WorkerPool) -> None:
        self.ratings, self.model, self._pool = ratings, model, pool

    @cached_property
    def sums(self) -> SideSums:
        """Number and sum of the ratings of each user and item."""
        return side_sums(self.ratings, self._pool)

    @cached_property
    def squares(self) -> tuple[DoubleArray, DoubleArray]:
        """Sum of the squared residuals of each user and item, never clipped."""
        from mfgui.core.kernels.order_views import add_squares

        model = self.model
        assert model is not None
        ratings = preferences(self.ratings) if model.target == "preference" else self.ratings
        user_squares = np.zeros(ratings.n_users)

        def work(begin: int, end: int) -> DoubleArray:
            item_squares = np.zeros(ratings.n_items)
            add_squares(begin, end, ratings.row_pointers, ratings.item_index, ratings.value,
                        model.user_factors, model.item_factors, model.user_bias, model.item_bias,
                        float(model.global_mean), user_squares, item_squares)
            return item_squares

        return user_squares, sum_of_parts(work, ratings, self._pool)


class Side:
    """The users or the items, as their sorters see them."""

    def __init__(self, source: Source, *, is_users: bool) -> None:
        self._source, self._is_users = source, is_users
        ratings = source.ratings
        self.words = "users" if is_users else "items"
        self.ids = ratings.user_ids if is_users else ratings.item_ids
        self.titles = ratings.user_names if is_users else ratings.item_titles
        self.n = len(self.ids)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of ratings of each."""
        ratings = self._source.ratings
        return ratings.user_counts if self._is_users else ratings.item_counts

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Which have ratings; all, where only a model is looked at."""
        return self.counts > 0 if self._source.ratings.n_ratings else np.ones(self.n, bool)

    @property
    def means(self) -> DoubleArray:
        """Mean rating of each, 0 where there is none."""
        sums = self._source.sums
        totals = sums.user_sums if self._is_users else sums.item_sums
        return np.asarray(totals / np.maximum(self.counts, 1))

    @property
    def errors(self) -> DoubleArray:
        """RMSE of the residuals of each, 0 where there is none."""
        squares = self._source.squares[0 if self._is_users else 1]
        return np.sqrt(squares / np.maximum(self.counts, 1))

    @property
    def factors(self) -> FloatArray | None:
        """The model's factors, None without a model."""
        model = self._source.model
        if model is None:
            return None
        return model.user_factors if self._is_users else model.item_factors

    @property
    def bias(self) -> FloatArray | None:
        """The model's biases, None without a model."""
        model = self._source.model
        if model is None:
            return None
        return model.user_bias if self._is_users else model.item_bias

    def falling(self, numbers: NDArray[np.floating] | NDArray[np.integer]) -> IntArray:
        """Return the places by falling numbers, those that are not known last."""
        wanted = -numbers.astype(np.float64)
        wanted[~(self.is_known & np.isfinite(wanted))] = np.inf
        return np.argsort(wanted, kind="stable").astype(np.int32)

    def as_in_file(self, note: str = "") -> Sorted:
        """Return the places as they come, and why."""
        return Sorted(np.arange(self.n, dtype=np.int32), note=note)


def make_order(
    ratings: Ratings, model: FactorModel | None, choice: OrderChoice,
    control: Control | None = None, pool: WorkerPool | None = None,
) -> Order:
    """Return rows and columns in the order chosen.

    A key that needs a model, where there is none, leaves the side as in the file, and ``note``
    says so.

    Parameters
    ----------
    control : Control or None
        Is told how far the work is.

    Raises
    ------
    CancelledError
        If the control was asked to stop.
    """
    control = control or Control()
    source = Source(ratings, model, pool or WorkerPool())
    control.report("Sorting the rows", 0.0)
    rows = _sorted(Side(source, is_users=True), choice.rows)
    control.checkpoint()
    control.report("Sorting the columns", 0.1)
    columns = _sorted(Side(source, is_users=False), choice.columns)
    control.checkpoint()
    notes = dict.fromkeys(note for note in (rows.note, columns.note) if note)
    return Order(choice, rows.places, columns.places, rows.borders, columns.borders,
                 " ".join(notes))


def _sorted(side: Side, key: OrderKey) -> Sorted:
    if key.name in keys.NEED_MODEL and side.factors is None:
        return side.as_in_file(f"There is no model yet: the {side.words} are as in the file until "
                               "you sort again.")
    return SORTERS[key.name](side, key)


def _by_count(side: Side, _: OrderKey) -> Sorted:
    return Sorted(side.falling(side.counts))


def _by_mean(side: Side, _: OrderKey) -> Sorted:
    return Sorted(side.falling(side.means))


def _by_id(side: Side, _: OrderKey) -> Sorted:
    return Sorted(natural_order(side.ids))


def _by_title(side: Side, _: OrderKey) -> Sorted:
    if side.titles is None:
        return Sorted(natural_order(side.ids),
                      note=f"The {side.words} have no names: they are sorted by id.")
    return Sorted(natural_order(side.titles))


def _by_bias(side: Side, _: OrderKey) -> Sorted:
    bias = side.bias
    assert bias is not None
    if not bias.any():
        return side.as_in_file(f"This model has no biases: the {side.words} are as in the file.")
    return Sorted(side.falling(bias))


def _by_factor(side: Side, key: OrderKey) -> Sorted:
    factors = side.factors
    assert factors is not None
    if not 0 <= key.factor < factors.shape[1]:
        return side.as_in_file(f"This model has no factor {key.factor + 1}: the {side.words} are "
                               "as in the file.")
    return Sorted(side.falling(factors[:, key.factor]))


def _by_component(side: Side, _: OrderKey) -> Sorted:
    return Sorted(side.falling(_component(side)))


def _component(side: Side) -> FloatArray:
    """Return where each lies along the first principal component."""
    factors = side.factors
    assert factors is not None
    return principal_components(factors).project(factors, 0)


def _by_cluster(side: Side, key: OrderKey) -> Sorted:
    """Clusters by their mean along the first component, and so inside each; unknown ones last."""
    factors = side.factors
    assert factors is not None
    along = np.nan_to_num(_component(side).astype(np.float64))
    known = np.flatnonzero(side.is_known)
    labels = np.full(side.n, -1, np.int64)
    labels[known] = k_means(take_rows(factors, known), key.n_clusters).labels
    n_groups = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels[known], minlength=n_groups)
    means = np.bincount(labels[known], along[known], n_groups) / np.maximum(sizes, 1)
    by_mean = np.argsort(-means, kind="stable")
    ranks = np.empty(n_groups + 1, np.int64)
    ranks[by_mean], ranks[-1] = np.arange(n_groups), n_groups  # -1, the last one: unknown
    places = np.lexsort((-along, ranks[labels])).astype(np.int32)
    borders = np.cumsum(sizes[by_mean][sizes[by_mean] > 0])
    return Sorted(places, borders[(borders > 0) & (borders < side.n)].astype(np.int64))


def _by_residual(side: Side, _: OrderKey) -> Sorted:
    return Sorted(side.falling(side.errors))


SORTERS: dict[str, Callable[[Side, OrderKey], Sorted]] = {
    keys.FILE: lambda side, _: side.as_in_file(),
    keys.ID: _by_id, keys.TITLE: _by_title, keys.COUNT: _by_count, keys.MEAN: _by_mean,
    keys.BIAS: _by_bias, keys.FACTOR: _by_factor, keys.COMPONENT: _by_component,
    keys.CLUSTER: _by_cluster, keys.RESIDUAL: _by_residual,
}


def natural_order(texts: TextArray) -> IntArray:
    """Return the places of texts in rising order, without holding the GIL.

    "item 9" stands before "Item 10": case and accents do not count. Empty texts come last.
    """
    from mfgui.core.kernels.order_views import sort_texts

    folded = fold_all(texts)
    order = np.arange(len(texts), dtype=np.int32)
    sort_texts(folded.data, folded.offsets, order, np.empty_like(order))
    is_empty = np.diff(folded.offsets)[order] == 0
    return np.concatenate([order[~is_empty], order[is_empty]])
