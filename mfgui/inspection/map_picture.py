"""What is asked of the factor map, and what comes back: frozen, so that both may cross threads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.inspection.factor_map import MapAxes, MapPoints
from mfgui.inspection.known import Known
from mfgui.inspection.map_colours import MapValues
from mfgui.inspection.map_labels import Font, MapLabel

Bytes = NDArray[np.uint8]
View = tuple[float, float, float, float]  # x0, x1, y0, y1


def _nothing() -> IntArray:
    return np.empty(0, np.int32)


@dataclass(frozen=True)
class MapColours:
    """The colours around the points, as ``#rrggbb``: ground, points without a value, marks."""

    ground: str
    missing: str
    selected: str
    found: str


@dataclass(frozen=True, eq=False)
class MapRequest:
    """What is to be painted.

    Parameters
    ----------
    model : FactorModel
    known : Known or None
    side : str
        "users" or "items".
    axes : MapAxes
    colouring : str
        A key of ``COLOURINGS``.
    n_clusters : int
    view : tuple of float or None
        What is in view, x0, x1, y0, y1; None for all points.
    width, height : int
        Pixels.
    pixel_ratio : float
        Pixels for each unit that sizes of dots and letters are given in.
    colour_map : str
    colours : MapColours
    font : Font
    selected, found : ndarray of int32
        Points that are marked.
    lasso : ndarray of float64, shape (n_corners, 2), or None
        A polygon; what it encloses is wanted.
    has_titles : bool
    """

    model: FactorModel
    known: Known | None
    side: str
    axes: MapAxes
    colouring: str
    n_clusters: int
    view: View | None
    width: int
    height: int
    pixel_ratio: float
    colour_map: str
    colours: MapColours
    font: Font
    selected: IntArray = field(default_factory=_nothing)
    found: IntArray = field(default_factory=_nothing)
    lasso: NDArray[np.float64] | None = None
    has_titles: bool = True


@dataclass(frozen=True, eq=False)
class RankedPoints:
    """Points in order of importance: most ratings first.

    Parameters
    ----------
    points : MapPoints
    order, ranks : ndarray of int32, shape (n,)
        Which user or item comes at each place, and the place of each.
    xs, ys : ndarray of float32, shape (n,)
        In that order.
    """

    points: MapPoints
    order: IntArray
    ranks: IntArray
    xs: FloatArray
    ys: FloatArray

    @classmethod
    def of(cls, points: MapPoints, order: IntArray) -> RankedPoints:
        """Return points in an order."""
        ranks = np.empty_like(order)
        ranks[order] = np.arange(order.size, dtype=np.int32)
        return cls(points, order, ranks, points.x[order], points.y[order])

    def places_of(self, marked: IntArray) -> IntArray:
        """Return the rising places of some users or items; those there are none of are left out."""
        is_known = (marked >= 0) & (marked < self.ranks.size)
        return np.sort(self.ranks[marked[is_known]])


@dataclass(frozen=True, eq=False)
class Frame:
    """Where points come to lie in a picture."""

    view: View
    width: int
    height: int

    @property
    def scales(self) -> tuple[float, float]:
        """Pixels for each unit, across and upwards."""
        x0, x1, y0, y1 = self.view
        return self.width / (x1 - x0), self.height / (y1 - y0)

    def places(
        self, xs: FloatArray, ys: FloatArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return columns and rows of points."""
        x_scale, y_scale = self.scales
        return ((xs.astype(np.float64) - self.view[0]) * x_scale,
                (ys.astype(np.float64) - self.view[2]) * y_scale)


@dataclass(frozen=True, eq=False)
class MapPicture:
    """The answer to a MapRequest.

    Parameters
    ----------
    request : MapRequest
    points : RankedPoints
    values : MapValues
    table : ndarray of uint8, shape (n_colours, 4)
    view : tuple of float
        What the picture covers.
    rgba : ndarray of uint8, shape (height, width, 4)
        y rises with the rows.
    first : ndarray of int32, shape (height, width)
        The place of the most important point of each pixel; -1 for none.
    n_in_view : int
    labels : tuple of MapLabel
    enclosed : ndarray of int32 or None
        What the lasso encloses, rising.
    """

    request: MapRequest
    points: RankedPoints
    values: MapValues
    table: Bytes
    view: View
    rgba: Bytes
    first: IntArray
    n_in_view: int
    labels: tuple[MapLabel, ...]
    enclosed: IntArray | None

    def at(self, x: float, y: float, reach: float) -> int | None:
        """Return the user or item nearest to a place, at most ``reach`` pixels away."""
        x0, x1, y0, y1 = self.view
        height, width = self.first.shape
        column, row = (x - x0) / (x1 - x0) * width, (y - y0) / (y1 - y0) * height
        left, low = max(int(column - reach), 0), max(int(row - reach), 0)
        part = self.first[low : max(int(row + reach) + 1, 0),
                          left : max(int(column + reach) + 1, 0)]
        rows, columns = np.nonzero(part >= 0)
        if not rows.size:
            return None
        gaps = np.hypot(rows + low + 0.5 - row, columns + left + 0.5 - column)
        best = int(gaps.argmin())
        if gaps[best] > reach:
            return None
        return int(self.points.order[part[rows[best], columns[best]]])
