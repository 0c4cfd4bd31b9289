"""From ratings and a model to three pictures; what is costly is kept between requests.

A ``Painter`` belongs to one thread: the one that answers the window's requests.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.inspection import colours
from mfgui.inspection.blocks import (
    Blocks,
    clip_cells,
    predicted_means,
    preference_means,
    rated_means,
    rated_means_of_grid,
)
from mfgui.inspection.colours import LevelChoice, Levels
from mfgui.inspection.display import DoubleArray
from mfgui.inspection.grid import snapped
from mfgui.inspection.order import Order
from mfgui.inspection.pictures import VIEWS, Picture, Pictures, Request
from mfgui.inspection.prepared import Prepared, Shown, Work
from mfgui.inspection.window import Window, window_of

__all__ = ["VIEWS", "Painter", "Picture", "Pictures", "Request"]


class Painter:
    """Answers requests, keeping what it prepared last."""

    def __init__(self) -> None:
        self._prepared = Prepared()
        self._control = Control()

    @property
    def progress(self) -> float:
        """How far the preparation under way is, 0 to 1; to be read from any thread."""
        return self._control.progress.fraction or 0.0

    @property
    def n_bytes(self) -> dict[str, int]:
        """Memory held, by what holds it."""
        return self._prepared.n_bytes

    def paint(self, request: Request, control: Control | None = None) -> Pictures:
        """Return the pictures of what is in view.

        Parameters
        ----------
        control : Control or None
            Is told how far a preparation is, which may take seconds.

        Raises
        ------
        CancelledError
            If the control was asked to stop; what was prepared until then is kept.
        """
        self._control = control or Control()
        prepared = self._prepared
        prepared.keep_only((request.model, request.other))
        # BLAS takes no part in a picture, and to hold it costs milliseconds.
        with WorkerPool(request.n_threads, holds_blas=False) as pool:
            work = Work(pool, self._control)
            order = prepared.order(request.ratings, request.model, request.order, work)
            blocks = self._blocks(request, order, work)
            margins = None
            if request.has_margins:
                shown = prepared.shown(self._observed(request), order, work)
                margins = prepared.margins(shown, work).of(blocks.window)
            views = _painted(request, blocks, pool)
        prepared.tell()
        return Pictures(request, order, blocks, views, margins)

    def _observed(self, request: Request) -> Ratings:
        """Return what the model predicts: the ratings, or the preferences they stand for."""
        if not request.is_preference:
            return request.ratings
        return self._prepared.as_preferences(request.ratings)

    def _blocks(self, request: Request, order: Order, work: Work) -> Blocks:
        """Return the block means of the views asked for."""
        window = window_of(request.rows, request.columns, request.ratings.n_users,
                           request.ratings.n_items, request.height, request.width)
        model = request.model
        if model is not None and request.other is not None:
            return self._compared(model, request.other, order, window, work)
        is_over_all = request.is_over_all or window.is_cells or not request.ratings.n_ratings
        if model is not None and request.views == ("predicted",) and is_over_all:
            return Blocks(window, predicted=self._over_all(model, order, window, work))
        shown = self._prepared.shown(self._observed(request), order, work)
        if model is not None and request.is_preference and request.ratings.n_ratings:
            rated = self._rated(None, shown, window, request, work)
            return preference_means(rated, self._prepared.sums(model, order, work), work.pool)
        is_rest_wanted = model is not None and (
            "residual" in request.views or ("predicted" in request.views and not is_over_all))
        rated = self._rated(model if is_rest_wanted else None, shown, window, request, work)
        if model is None or "predicted" not in request.views:
            return rated
        if is_over_all:
            predicted = self._over_all(model, order, rated.window, work)
        else:
            assert rated.observed is not None
            assert rated.residual is not None
            predicted = rated.observed - rated.residual
        return Blocks(rated.window, rated.counts, rated.observed, predicted, rated.residual)

    def _rated(
        self, model: FactorModel | None, shown: Shown, window: Window, request: Request,
        work: Work,
    ) -> Blocks:
        """Return observed and, of a model, residual, by the quicker of two ways."""
        rest = None if model is None else self._prepared.residuals(model, shown, work)
        on_grid = None if shown.grid is None else snapped(
            window, shown.copy, request.height, request.width)
        if shown.grid is not None and on_grid is not None:
            return rated_means_of_grid(shown.grid, None if rest is None else rest.on_grid, on_grid,
                                       work.pool)
        return rated_means(shown.copy, None if rest is None else rest.values, window, work.pool)

    def _over_all(
        self, model: FactorModel, order: Order, window: Window, work: Work
    ) -> DoubleArray:
        """Return predicted means over all cells; single ones clipped."""
        sums = self._prepared.sums(model, order, work)
        return clip_cells(predicted_means(sums, window, work.pool), model, window)

    def _compared(
        self, model: FactorModel, other: FactorModel, order: Order, window: Window, work: Work
    ) -> Blocks:
        """Return the predictions of two models and their difference, unclipped."""
        first, second = (
            predicted_means(self._prepared.sums(each, order, work), window, work.pool)
            for each in (model, other))
        return Blocks(window, None, clip_cells(first, model, window),
                      clip_cells(second, other, window), first - second)


def _painted(request: Request, blocks: Blocks, pool: WorkerPool) -> dict[str, Picture]:
    """Return a picture of each view that is asked for and there is."""
    found, shared = {}, _shared_levels(request, blocks)
    for name, values in zip(VIEWS, (blocks.observed, blocks.predicted, blocks.residual),
                            strict=True):
        if values is not None and name in request.views:
            levels = None if name == "residual" else shared
            found[name] = painted(request, name, values, levels, pool)
    return found


def _shared_levels(request: Request, blocks: Blocks) -> Levels | None:
    """Return levels of two models' predictions together: one colour is one value in both.

    None where each picture has its own.
    """
    if not request.is_compared or blocks.observed is None or blocks.predicted is None:
        return None
    both = np.concatenate((blocks.observed, blocks.predicted), axis=1)
    return colours.levels_of(request.levels, both, request.scale, is_residual=False)


def painted(
    request: Request, name: str, values: DoubleArray, levels: Levels | None = None,
    pool: WorkerPool | None = None,
) -> Picture:
    """Return values in the colours of a view, in levels of their own or given ones.

    Parameters
    ----------
    name : str
        One of ``VIEWS``.
    values : ndarray of float64, shape (h, w)
        NaN where missing.
    """
    is_residual = name == "residual"
    table = (colours.residual_table(request.palette) if is_residual
             else colours.sequential_table(request.colour_map))
    choice = request.levels
    if is_residual and request.is_compared and choice.kind == "scale":
        choice = LevelChoice("view")  # on the scale of the ratings two models would look alike
    levels = levels or colours.levels_of(choice, values, request.scale, is_residual=is_residual)
    rgba = colours.to_rgba(values, table, levels, request.palette.missing, pool)
    return Picture(values, rgba, levels, table)
