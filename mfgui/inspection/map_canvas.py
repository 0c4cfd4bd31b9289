"""Points drawn into a picture: dots where they are few, pixels that count them where many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import FloatArray, IntArray
from mfgui.inspection.colours import rgb
from mfgui.inspection.map_colours import MapValues
from mfgui.inspection.map_labels import N_CANDIDATES
from mfgui.inspection.map_picture import Bytes, Frame, MapRequest, RankedPoints

FEW = 5_000  # up to here points in view are drawn as dots
DOTS = ((300, 4.5), (1_500, 3.5), (FEW, 2.5))  # up to how many, radius in pixels
SQUARES = ((25_000, 3), (400_000, 2))  # beyond, one pixel each
FEW_RINGS = 1_000  # up to so many marked points have a ring
DIMMED = 0.25
PIXEL_OPACITY = 0.7
BESIDE = 0.05  # of the view: so far off a dot may still reach into it


def filled(height: int, width: int, colour: str) -> Bytes:
    """Return a picture of one colour, uint8, shape (height, width, 4)."""
    # As whole pixels: byte by byte it would take five times as long.
    pixel = np.array([*rgb(colour), 255], np.uint8).view(np.uint32)[0]
    return np.full((height, width), pixel, np.uint32).view(np.uint8).reshape(height, width, 4)


class Canvas:
    """One picture in the making; points are named by their place in the order of importance.

    Parameters
    ----------
    request : MapRequest
    frame : Frame
    points : RankedPoints
    values : MapValues
    ranked_values : ndarray of float32, shape (n,)
        The values in order of importance.
    table : ndarray of uint8, shape (n_colours, 4)
    """

    def __init__(
        self, request: MapRequest, frame: Frame, points: RankedPoints, values: MapValues,
        ranked_values: FloatArray, table: Bytes,
    ) -> None:
        self._request, self._frame, self._points = request, frame, points
        self._values, self._ranked, self._table = values, ranked_values, table
        self._missing = np.array([*rgb(request.colours.missing), 255], np.uint8)
        self._marks = [(points.places_of(marked), colour) for marked, colour in (
            (request.selected, request.colours.selected), (request.found, request.colours.found))]
        self.rgba = filled(frame.height, frame.width, request.colours.ground)

    def draw_all(self) -> tuple[IntArray, IntArray, int]:
        """Draw all points.

        Returns
        -------
        first : ndarray of int32, shape (height, width)
            The most important point of each pixel, -1 for none.
        in_view : ndarray of int32
            The first ``FEW`` in view.
        n_in_view : int
        """
        from mfgui.core.kernels.maps import points_in_view

        points, found = self._points, np.empty(FEW, np.int32)
        n_in_view = int(points_in_view(points.xs, points.ys, *self._frame.view, found))
        in_view = found[: min(n_in_view, FEW)]
        opacity = DIMMED if self._marks[0][0].size else 1.0
        if n_in_view > FEW:
            first = self._draw_pixels(slice(None), n_in_view, opacity)
        else:
            self._draw_dots(in_view, n_in_view, opacity)
            first = self._first(in_view)
        return first, in_view, n_in_view

    def draw_marked(self) -> None:
        """Draw what is selected over the others, and a ring around what was found."""
        for at, colour in self._marks:
            if at.size > FEW:
                self._draw_pixels(at, int(at.size), 1.0)
            elif at.size:
                ring = colour if at.size <= FEW_RINGS else None
                self._draw_dots(at, int(at.size), 1.0, ring)

    def named(self, in_view: IntArray) -> IntArray:
        """Return whose titles are wanted: of what is marked where something is, else of all."""
        marked = next((at for at, _ in self._marks if at.size), None)
        if marked is None:
            return in_view[:N_CANDIDATES]
        return marked[self._is_inside(marked, 0.0)][:N_CANDIDATES]

    def _is_inside(self, at: IntArray, beside: float) -> NDArray[np.bool_]:
        """Return which points lie in view, or beside it by at most a share of its width."""
        x0, x1, y0, y1 = self._frame.view
        across, up = beside * (x1 - x0), beside * (y1 - y0)
        xs, ys = self._points.xs[at], self._points.ys[at]
        return np.asarray((xs >= x0 - across) & (xs <= x1 + across)
                          & (ys >= y0 - up) & (ys <= y1 + up))

    def _draw_dots(self, at: IntArray, n: int, opacity: float, ring: str | None = None) -> None:
        """Draw a few points as dots, with a rim of the ground or a ring."""
        from mfgui.core.kernels.maps import draw_dots

        at = at[self._is_inside(at, BESIDE)]
        columns, rows = self._frame.places(self._points.xs[at], self._points.ys[at])
        ratio = self._request.pixel_ratio
        radius = next((radius for limit, radius in DOTS if n <= limit), DOTS[-1][1])
        edge, rim = (self._request.colours.ground, 0.8) if ring is None else (ring, 2.0)
        draw_dots(columns, rows, self._colours(self._ranked[at]),
                  np.array([*rgb(edge), 255], np.uint8), radius * ratio, rim * ratio, opacity,
                  self.rgba)

    def _colours(self, values: FloatArray) -> Bytes:
        """Return each value's colour."""
        levels, n_colours = self._values.levels, self._table.shape[0]
        with np.errstate(invalid="ignore"):
            places = (values - levels.low) / (levels.high - levels.low) * n_colours
            places = np.clip(np.nan_to_num(places), 0, n_colours - 1).astype(np.int64)
        colours: Bytes = self._table[places]
        colours[np.isnan(values)] = self._missing
        return colours

    def _draw_pixels(self, at: IntArray | slice, n: int, opacity: float) -> IntArray:
        """Draw points as pixels; return the first one of each."""
        from mfgui.core.kernels.maps import bin_points, paint_bins

        frame, levels, values = self._frame, self._values.levels, self._ranked[at]
        shape = (frame.height, frame.width)
        counts, valued = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        sums, first = np.zeros(shape, np.float32), np.full(shape, -1, np.int32)
        bin_points(self._points.xs[at], self._points.ys[at], values, frame.view[0], frame.view[2],
                   *frame.scales, counts, valued, sums, first)
        size = next((size for limit, size in SQUARES if n <= limit), 1)
        size = max(round(size * self._request.pixel_ratio), 1)
        paint_bins(counts, valued, sums, first, values, size, self._values.clusters is not None,
                   self._table, levels.low, levels.high, self._missing, PIXEL_OPACITY * opacity,
                   self.rgba)
        return first

    def _first(self, at: IntArray) -> IntArray:
        """Return which of a few points lies in each pixel; -1 for none."""
        first = np.full((self._frame.height, self._frame.width), -1, np.int32)
        last_first = at[::-1]  # the most important comes last: it stays
        columns, rows = self._frame.places(self._points.xs[last_first], self._points.ys[last_first])
        first[np.minimum(rows.astype(int), self._frame.height - 1),
              np.minimum(columns.astype(int), self._frame.width - 1)] = last_first
        return first
