"""From ratings and a model to three pictures; what is costly is kept between requests.

A ``Painter`` belongs to one thread: the one that answers the window's requests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.preferences import preferences
from mfgui.core.ratings import Ratings
from mfgui.inspection import colours
from mfgui.inspection.blocks import (
    Blocks,
    DisplayModel,
    DisplayRatings,
    arrange,
    block_means,
    prepare_model,
    window_of,
)
from mfgui.inspection.colours import Levels, Palette
from mfgui.inspection.order import Order, make_order

VIEWS = ("observed", "predicted", "residual")


@dataclass(frozen=True, eq=False)
class Request:
    """What is to be painted.

    Parameters
    ----------
    ratings : Ratings
    model : FactorModel or None
    order_name : str
    rows, columns : tuple of float
        Visible range in cells.
    height, width : int
        Pixels of one view.
    is_over_all : bool
        Predicted: mean over all cells of a block instead of over the rated ones.
    is_stretched : bool
        Levels from what is in view instead of from the scale.
    colour_map : str
    palette : Palette
    """

    ratings: Ratings
    model: FactorModel | None
    order_name: str
    rows: tuple[float, float]
    columns: tuple[float, float]
    height: int
    width: int
    is_over_all: bool
    is_stretched: bool
    colour_map: str
    palette: Palette


@dataclass(frozen=True, eq=False)
class Picture:
    """One view: colours and what they stand for.

    Parameters
    ----------
    values : ndarray of float64, shape (h, w)
        NaN where missing.
    rgba : ndarray of uint8, shape (h, w, 4)
    levels : Levels
    table : ndarray of uint8, shape (256, 4)
    """

    values: NDArray[np.float64]
    rgba: NDArray[np.uint8]
    levels: Levels
    table: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Pictures:
    """The answer to a Request: pictures by view, and the blocks they were painted from.

    ``predicted`` and ``residual`` are left out where there is no model.
    """

    request: Request
    order: Order
    blocks: Blocks
    views: dict[str, Picture]

    @property
    def unit(self) -> str:
        """What observed and predicted are: "rating" or "preference"."""
        return "rating" if self.request.model is None else self.request.model.target

    @property
    def legend(self) -> str:
        """What one pixel means, in words."""
        if self.unit == "preference" and not self.blocks.window.is_cells:
            return ("each pixel is the mean preference over all of its cells, 0 where nothing is "
                    "rated; unclipped")
        return legend_text(self.blocks, is_over_all=self.request.is_over_all,
                           has_ratings=self.request.ratings.n_ratings > 0)


def legend_text(blocks: Blocks, *, is_over_all: bool, has_ratings: bool) -> str:
    """Return in words what one block of a picture means."""
    if blocks.window.is_cells:
        return "each block is one cell"
    predicted = "all cells" if is_over_all else "the rated cells"
    if blocks.predicted is None or not has_ratings:
        if not has_ratings:
            return "each pixel is the mean prediction over its cells; unclipped"
        return "each pixel is the mean over its rated cells"
    if not is_over_all:
        return "each pixel is the mean over its rated cells, in all three; unclipped"
    return (f"each pixel is a mean: predicted over {predicted}, the others over the rated ones; "
            "unclipped")


class Painter:
    """Answers requests, keeping the display copy and the prefix sums it made last."""

    def __init__(self) -> None:
        self._shown: tuple[Ratings, DisplayRatings] | None = None
        self._preferences: tuple[Ratings, Ratings] | None = None
        self._prepared: tuple[FactorModel, DisplayRatings, DisplayModel] | None = None

    def paint(self, request: Request) -> Pictures:
        """Return the pictures of what is in view."""
        ratings = self._observed(request)
        shown = self._shown_ratings(ratings, request.order_name)
        prepared = self._prepared_model(request.model, shown)
        window = window_of(request.rows, request.columns, ratings.n_users, ratings.n_items,
                           request.height, request.width)
        blocks = block_means(shown, prepared, window, is_over_all=request.is_over_all)
        return Pictures(request, shown.order, blocks, _painted(request, blocks))

    def _observed(self, request: Request) -> Ratings:
        """Return what the model predicts: the ratings, or the preferences they stand for."""
        ratings = request.ratings
        if request.model is None or request.model.target != "preference":
            return ratings
        if self._preferences is None or self._preferences[0] is not ratings:
            self._preferences = ratings, preferences(ratings)
        return self._preferences[1]

    def _shown_ratings(self, ratings: Ratings, order_name: str) -> DisplayRatings:
        if self._shown is None or self._shown[0] is not ratings or (
                self._shown[1].order.name != order_name):
            self._shown = ratings, arrange(ratings, make_order(ratings, order_name))
        return self._shown[1]

    def _prepared_model(
        self, model: FactorModel | None, shown: DisplayRatings
    ) -> DisplayModel | None:
        if model is None:
            self._prepared = None
            return None
        kept = self._prepared
        if kept is None or kept[0] is not model or kept[1] is not shown:
            self._prepared = kept = model, shown, prepare_model(model, shown)
        return kept[2]


def _painted(request: Request, blocks: Blocks) -> dict[str, Picture]:
    """Return a picture of each view that there is."""
    sequential = colours.sequential_table(request.colour_map)
    diverging = colours.residual_table(request.palette)
    low, high = rating_scale(request)
    scale, reach = Levels(low, high), max(high - low, 0.0) / 2
    result = {}
    for name, values in zip(VIEWS, (blocks.observed, blocks.predicted, blocks.residual),
                            strict=True):
        if values is None:
            continue
        if name == "residual":
            levels = (colours.stretched_symmetric(values) if request.is_stretched
                      else Levels(-reach, reach))
        else:
            levels = colours.stretched(values) if request.is_stretched else scale
        table = diverging if name == "residual" else sequential
        rgba = colours.to_rgba(values, table, levels, request.palette.missing)
        result[name] = Picture(values, rgba, levels, table)
    return result


def rating_scale(request: Request) -> tuple[float, float]:
    """Return the scale of the ratings, or of the model where it stands alone."""
    is_preference = request.model is not None and request.model.target == "preference"
    if request.model is None or (request.ratings.n_ratings and not is_preference):
        return request.ratings.scale
    return request.model.scale
