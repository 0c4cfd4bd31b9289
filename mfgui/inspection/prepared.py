"""What pictures are made from: prepared when first needed, kept while it holds."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.preferences import preferences
from mfgui.core.ratings import FloatArray, Ratings
from mfgui.inspection.display import (
    DisplayRatings,
    DisplaySums,
    arrange,
    display_residuals,
    sum_up,
)
from mfgui.inspection.grid import Grid, is_worth_a_grid, make_grid, sum_on
from mfgui.inspection.margins import MarginSums, side_sums
from mfgui.inspection.order import Order, OrderChoice
from mfgui.inspection.sorting import make_order

LOG = logging.getLogger("mfgui")
DoubleArray = NDArray[np.float64]


class Work(NamedTuple):
    """Who works, and who is told of it."""

    pool: WorkerPool
    control: Control


@dataclass(frozen=True, eq=False)
class Shown:
    """The ratings in one order: the display copy, and the base grid where it is worth one."""

    ratings: Ratings
    copy: DisplayRatings
    grid: Grid | None


@dataclass(frozen=True, eq=False)
class Residuals:
    """A model's residuals beside the display copy, and their sums on the grid."""

    model: FactorModel
    shown: Shown
    values: FloatArray
    on_grid: DoubleArray | None


class Prepared:
    """Holds one order, one display copy, one model's residuals and two models' sums at most.

    What is to be made anew is let go first, so that there are never two of them.
    """

    def __init__(self) -> None:
        self._order: tuple[Ratings, Order] | None = None
        self._preferences: tuple[Ratings, Ratings] | None = None
        self._shown: Shown | None = None
        self._sums: list[DisplaySums] = []
        self._residuals: Residuals | None = None
        self._margins: tuple[Shown, MarginSums] | None = None
        self._seconds = 0.0

    # -- one after the other ------------------------------------------------------------------

    def order(
        self, ratings: Ratings, model: FactorModel | None, choice: OrderChoice, work: Work
    ) -> Order:
        """Return the order, made anew only for another choice or other ratings."""
        kept = self._order
        if kept is None or kept[0] is not ratings or kept[1].choice != choice:
            self._shown = self._residuals = self._margins = None
            self._sums = []
            begin = time.perf_counter()
            kept = ratings, make_order(ratings, model, choice, work.control, work.pool)
            self._order = kept
            self._count(begin)
        return kept[1]

    def as_preferences(self, ratings: Ratings) -> Ratings:
        """Return the preferences that ratings stand for."""
        if self._preferences is None or self._preferences[0] is not ratings:
            self._preferences = ratings, preferences(ratings)
        return self._preferences[1]

    def shown(self, ratings: Ratings, order: Order, work: Work) -> Shown:
        """Return the display copy and its grid."""
        kept = self._shown
        if kept is None or kept.ratings is not ratings or kept.copy.order is not order:
            self._shown = self._residuals = self._margins = None
            begin = time.perf_counter()
            copy = arrange(ratings, order, work.pool, work.control)
            grid = make_grid(copy, work.pool, work.control) if is_worth_a_grid(copy) else None
            self._shown = kept = Shown(ratings, copy, grid)
            self._count(begin)
        return kept

    def sums(self, model: FactorModel, order: Order, work: Work) -> DisplaySums:
        """Return a model's prefix sums; those of the two models asked for last are kept."""
        for place, kept in enumerate(self._sums):
            if kept.model is model and kept.order is order:
                self._sums.append(self._sums.pop(place))
                return kept
        begin = time.perf_counter()
        del self._sums[:-1]
        self._sums.append(sum_up(model, order, work.pool, work.control))
        self._count(begin)
        return self._sums[-1]

    def residuals(self, model: FactorModel, shown: Shown, work: Work) -> Residuals:
        """Return a model's residuals; the memory of those before is used again."""
        kept = self._residuals
        if kept is None or kept.model is not model or kept.shown is not shown:
            begin = time.perf_counter()
            before = kept if kept is not None and kept.shown is shown else None
            self._residuals = None
            values = display_residuals(model, shown.copy, work.pool, work.control,
                                       None if before is None else before.values)
            on_grid = None if shown.grid is None else sum_on(
                shown.grid, shown.copy, values, work.pool, work.control,
                None if before is None else before.on_grid)
            self._residuals = kept = Residuals(model, shown, values, on_grid)
            self._count(begin)
        return kept

    def margins(self, shown: Shown, work: Work) -> MarginSums:
        """Return the sums that margins are made from."""
        if self._margins is None or self._margins[0] is not shown:
            begin = time.perf_counter()
            self._margins = shown, MarginSums(
                side_sums(shown.ratings, work.pool), shown.copy.order)
            self._count(begin)
        return self._margins[1]

    # -- memory -------------------------------------------------------------------------------

    def keep_only(self, models: tuple[FactorModel | None, ...]) -> None:
        """Let go what belongs to models that are shown no more."""
        self._sums = [kept for kept in self._sums if any(kept.model is one for one in models)]
        if models[0] is None:
            self._residuals = None

    def _count(self, begin: float) -> None:
        self._seconds += time.perf_counter() - begin

    def tell(self) -> None:
        """Log in a line what is held, where something was prepared since the last call."""
        if self._seconds:
            LOG.info("views prepared in %.2f s; they hold %s", self._seconds, ", ".join(
                f"{name} {size / 1e6:,.1f} MB" for name, size in self.n_bytes.items()))
            self._seconds = 0.0

    @property
    def n_bytes(self) -> dict[str, int]:
        """Memory held, by what holds it."""
        shown, residuals = self._shown, self._residuals
        return {
            "display copy": 0 if shown is None else shown.copy.n_bytes,
            "base grid": (0 if shown is None or shown.grid is None else shown.grid.n_bytes) + (
                0 if residuals is None or residuals.on_grid is None
                else residuals.on_grid.nbytes),
            "preferences": 0 if self._preferences is None else self._preferences[1].value.nbytes,
            "residuals": 0 if residuals is None else residuals.values.nbytes,
            "prefix sums": sum(each.n_bytes for each in self._sums)}
