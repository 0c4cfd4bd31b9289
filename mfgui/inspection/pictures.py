"""What is asked of the painter, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.blocks import Blocks
from mfgui.inspection.colours import LIGHT_PALETTE, LevelChoice, Levels, Palette
from mfgui.inspection.margins import Margins
from mfgui.inspection.order import Order, OrderChoice

VIEWS = ("observed", "predicted", "residual")
BY_SCALE = LevelChoice()


@dataclass(frozen=True, eq=False)
class Request:
    """What is to be painted.

    Parameters
    ----------
    ratings : Ratings
    model : FactorModel or None
    order : OrderChoice
        The order made by it is kept until the choice or the ratings change.
    rows, columns : tuple of float
        Visible range in cells.
    height, width : int
        Pixels of one view.
    is_over_all : bool
        Predicted: mean over all cells of a block instead of over the rated ones.
    levels : LevelChoice
    colour_map : str
    palette : Palette
    views : tuple of str
        Those of ``VIEWS`` that are on the screen: what nobody sees is not worked out.
    has_margins : bool
        Whether counts and means along both sides are wanted.
    n_threads : int
        1 while training; the pictures are the same for any number.
    other : FactorModel or None
        A model of the same users and items to compare ``model`` with: "observed" then holds the
        predictions of ``model``, "predicted" those of ``other``, and "residual" the first less
        the second, all over all cells.
    other_has_item : ndarray of bool, shape (n_items,), or None
        Which items ``other`` knows; None: all. A new user is folded into it by these.
    """

    ratings: Ratings
    model: FactorModel | None
    order: OrderChoice
    rows: tuple[float, float]
    columns: tuple[float, float]
    height: int
    width: int
    is_over_all: bool = False
    levels: LevelChoice = BY_SCALE
    colour_map: str = "viridis"
    palette: Palette = LIGHT_PALETTE
    views: tuple[str, ...] = VIEWS
    has_margins: bool = False
    n_threads: int = 1
    other: FactorModel | None = None
    other_has_item: NDArray[np.bool_] | None = None

    @property
    def is_compared(self) -> bool:
        """Whether two models stand side by side."""
        return self.model is not None and self.other is not None

    @property
    def is_preference(self) -> bool:
        """Whether the model predicts preferences, not ratings."""
        return self.model is not None and self.model.target == "preference"

    @property
    def scale(self) -> tuple[float, float]:
        """Ends of the scale of the ratings, or of the model's where it stands alone."""
        if self.model is None or (
                self.ratings.n_ratings and not self.is_preference and not self.is_compared):
            return self.ratings.scale
        return self.model.scale


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

    ``views`` holds those asked for that there are: without a model only "observed".
    ``blocks.window`` is what they show, the ranges of rows and columns in whole cells; it may
    reach a little beyond what was asked for. ``margins`` are None unless asked for.
    """

    request: Request
    order: Order
    blocks: Blocks
    views: dict[str, Picture]
    margins: Margins | None = None

    @property
    def unit(self) -> str:
        """What observed and predicted are: "rating" or "preference"."""
        return "preference" if self.request.is_preference else "rating"

    @property
    def legend(self) -> str:
        """What one pixel means, in words."""
        request, model = self.request, self.request.model
        if self.blocks.window.is_cells:
            is_clipped = model is not None and model.clip
            after = "; predictions are clipped to the scale, residuals are not"
            return f"each block is one cell{after if is_clipped else ''}"
        if request.is_compared:
            return "each pixel is the mean prediction over all of its cells; unclipped"
        if self.unit == "preference" and request.ratings.n_ratings:
            return ("each pixel is the mean preference over all of its cells, 0 where nothing is "
                    "rated; unclipped")
        if model is None:
            return "each pixel is the mean over its rated cells"
        if not request.ratings.n_ratings:
            return "each pixel is the mean prediction over its cells; unclipped"
        if request.is_over_all:
            return ("each pixel is a mean: predicted over all cells, the others over the rated "
                    "ones; unclipped")
        return "each pixel is the mean over its rated cells, in all three; unclipped"
