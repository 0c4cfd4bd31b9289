"""From a model to the picture of its factor map; what is costly is kept between requests.

A ``MapPainter`` belongs to one thread: the one that answers the window's requests. What depends on
the model alone (places, colours, order of importance) is kept; a request then costs a pass over
all points, 5 ms for 100,000 and 15 to 35 ms for a million in 900 x 500 pixels.
"""

from __future__ import annotations

import math

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.inspection.factor_map import MapPoints, factor_map
from mfgui.inspection.known import Known
from mfgui.inspection.map_canvas import Canvas
from mfgui.inspection.map_colours import COUNT, MapValues, colours_on, map_values
from mfgui.inspection.map_labels import MapLabel, Titles, place_titles
from mfgui.inspection.map_picture import Frame, MapPicture, MapRequest, RankedPoints, View

FEW_IDS = 60  # up to so many points without names have their ids beside them
MARGIN = 0.06  # around all points, as a share of their range


class MapPainter:
    """Answers requests, keeping what it made of the model last."""

    def __init__(self) -> None:
        self._ranked: tuple[FactorModel, Known | None, RankedPoints] | None = None
        self._values: tuple[tuple[object, ...], MapValues, FloatArray] | None = None
        self._ranks: tuple[Known | None, str, int, IntArray] | None = None
        self._titles: Titles | None = None

    def paint(self, request: MapRequest) -> MapPicture:
        """Return the picture of what is in view."""
        ranked = self._points(request)
        values, ranked_values = self._coloured(request, ranked)
        frame = Frame(request.view or whole_view(ranked.points), request.width, request.height)
        table = colours_on(request.colours.ground, values, request.colour_map)
        canvas = Canvas(request, frame, ranked, values, ranked_values, table)
        first, in_view, n_in_view = canvas.draw_all()
        canvas.draw_marked()
        named = canvas.named(in_view) if self._has_titles(request, n_in_view) else None
        labels = () if named is None else self._labels(request, ranked, frame, named)
        return MapPicture(request, ranked, values, table, frame.view, canvas.rgba, first,
                          n_in_view, labels, _enclosed(request, ranked))

    @staticmethod
    def _has_titles(request: MapRequest, n_in_view: int) -> bool:
        """Return whether points are to be named; numbers of many users would tell nothing."""
        if request.known is None or not request.has_titles:
            return False
        ratings = request.known.ratings
        names = ratings.user_names if request.side == "users" else ratings.item_titles
        n_marked = request.selected.size or request.found.size
        return names is not None or (n_marked or n_in_view) <= FEW_IDS

    def _points(self, request: MapRequest) -> RankedPoints:
        kept, before = self._ranked, None
        if kept is not None:
            before = kept[2].points
            axes = request.axes.within(request.model.n_factors)
            if kept[0] is request.model and kept[1] is request.known and (
                    before.side, before.axes) == (request.side, axes):
                return kept[2]
        points = factor_map(request.model, request.side, request.axes, before)
        order = self._importance(request, points.x.size)
        made = RankedPoints.of(points, order)
        self._ranked = request.model, request.known, made
        return made

    def _importance(self, request: MapRequest, n: int) -> IntArray:
        """Return all points, those with most ratings first; as numbered where nothing is known."""
        kept = self._ranks
        if kept is None or kept[0] is not request.known or kept[1:3] != (request.side, n):
            order = np.arange(n, dtype=np.int32)
            if request.known is not None:
                counts = request.known.training_counts[request.side == "items"]
                if counts.size == n:
                    order = np.argsort(-counts, kind="stable").astype(np.int32)
            self._ranks = kept = request.known, request.side, n, order
        return kept[3]

    def _coloured(self, request: MapRequest, ranked: RankedPoints) -> tuple[MapValues, FloatArray]:
        """Return each point's value, as numbered and in order of importance."""
        is_of_ratings = request.colouring == COUNT
        key = (None if is_of_ratings else request.model, request.known, request.side,
               request.colouring, request.n_clusters, ranked.order.size)
        kept = self._values
        if kept is not None and all(
                one is other or (isinstance(one, (str, int)) and one == other)
                for one, other in zip(kept[0], key, strict=True)):
            return kept[1], kept[2]
        before = kept[1] if kept is not None and kept[0][2] == request.side else None
        values = map_values(request.model, request.known, request.side, request.colouring,
                            request.n_clusters, before)
        self._values = key, values, values.values[ranked.order]
        return values, self._values[2]

    def _labels(
        self, request: MapRequest, ranked: RankedPoints, frame: Frame, named: IntArray
    ) -> tuple[MapLabel, ...]:
        """Return the titles that fit."""
        assert request.known is not None
        ratings, ratio = request.known.ratings, request.pixel_ratio
        of = ratings, request.side, request.font
        if self._titles is None or self._titles.of[0] is not ratings or self._titles.of != of:
            self._titles = Titles(*of)
        titles = [self._titles.get(index) for index in ranked.order[named].tolist()]
        xs, ys = ranked.xs[named], ranked.ys[named]
        columns, rows = frame.places(xs, ys)
        widths = np.array([width for _, width in titles], np.float64)
        sides = place_titles(columns / ratio, rows / ratio, widths, request.font,
                             (frame.width / ratio, frame.height / ratio))
        return tuple(
            MapLabel(float(xs[k]), float(ys[k]), titles[k][0], bool(sides[k] > 0), titles[k][1])
            for k in np.flatnonzero(sides).tolist())


def whole_view(points: MapPoints) -> View:
    """Return what shows all points, with a margin around them."""
    x0, x1 = _whole(points.x)
    y0, y1 = (-0.3, 1.3) if points.is_line else _whole(points.y)
    return x0, x1, y0, y1


def _whole(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    room = MARGIN * (high - low)
    # What is all in one place is shown in the middle of something.
    room = room if room > 1e-6 * max(abs(low), abs(high)) else max(abs(high), 1.0) / 2
    return (low - room, high + room) if math.isfinite(room) else (-1.0, 1.0)


def _enclosed(request: MapRequest, points: RankedPoints) -> IntArray | None:
    """Return what the lasso encloses."""
    if request.lasso is None:
        return None
    from mfgui.core.kernels.maps import points_within

    found = np.empty(points.xs.size, np.int32)
    corners = request.lasso
    n_found = 0
    if corners.shape[0] >= 3:
        n_found = int(points_within(points.xs, points.ys, np.ascontiguousarray(corners[:, 0]),
                                    np.ascontiguousarray(corners[:, 1]), found))
    return np.sort(points.order[found[:n_found]])
