"""The factor map, taken away as a picture and as the places of its points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from mfgui.gui.exportable import Exportable, Table
from mfgui.gui.widgets.map_body import MapBody
from mfgui.gui.widgets.picture import Drawing, picture_of
from mfgui.inspection.map_painter import MapPainter
from mfgui.inspection.map_picture import MapPicture

MOST_PIXELS = 2400  # of a side


def map_exportable(body: MapBody) -> Exportable:
    """Return the map with its key."""
    def picture(path: str) -> Drawing:
        shown = body.view.picture
        finer = None if shown is None else lambda scale: (_painted(shown, scale),)
        return picture_of(body.view, path, title="Factor map", below=[body.key], finer=finer)

    return Exportable("factor-map", "Factor map", lambda: body.view.picture is not None, picture,
                      lambda: map_values(body.view.picture))


def _painted(shown: MapPicture, scale: float) -> QImage:
    """Return the points of what is shown at a scale: dots of a picture made larger are squares.

    Beyond ``MOST_PIXELS`` they are made larger after all: nobody sees that, and memory is bounded.
    """
    scale = min(scale, MOST_PIXELS / max(shown.request.width, shown.request.height, 1))
    request = replace(
        shown.request, view=shown.view, width=max(round(shown.request.width * scale), 1),
        height=max(round(shown.request.height * scale), 1),
        pixel_ratio=shown.request.pixel_ratio * scale, has_titles=False, lasso=None)
    rgba = np.ascontiguousarray(MapPainter().paint(request).rgba)
    height, width = rgba.shape[:2]
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def map_values(shown: MapPicture | None) -> Table:
    """Return id, title and place of each point, in the order of the numbering."""
    if shown is None:
        return ["item"], lambda: iter(())
    points, request = shown.points.points, shown.request
    is_users = request.side == "users"
    ratings = request.known.ratings if request.known is not None else None
    ids = None if ratings is None else ratings.user_ids if is_users else ratings.item_ids
    titles = None if ratings is None else (
        ratings.user_names if is_users else ratings.item_titles)
    axes = [name for name in points.names if name]
    header = ["user" if is_users else "item", *([] if titles is None else ["title"]), *axes]

    def rows() -> Iterator[list[Any]]:
        for k in range(points.x.size):
            place = [float(points.x[k]), float(points.y[k])][: len(axes)]
            yield [k if ids is None else ids[k], *([] if titles is None else [titles[k]]),
                   *(float(f"{value:.7g}") for value in place)]

    return header, rows
