"""The pen of every line of the curve: told apart by its style as well as by its colour."""

from __future__ import annotations

from collections.abc import Iterable

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_data import CurveData
from mfgui.gui.widgets.curve_painter import DrawnCurve, Style

_Line = Qt.PenStyle
# Line style, or dashes and gaps in pixels, and place of the colour in the theme's series.
STYLES: dict[str, tuple[Style, int]] = {
    "loss": (_Line.SolidLine, 0),
    "data_term": (_Line.DashDotLine, 3),
    "train_rmse": (_Line.SolidLine, 0),
    "validation_rmse": (_Line.DashLine, 1),
    "test_rmse": (_Line.DotLine, 2),
    "average_rmse": (_Line.DashDotLine, 3),
    "trial": ((2.0, 3.0), 3),
    "mean": ((12.0, 4.0), 5),
    "bias": ((6.0, 6.0), 4),
    "validation_ndcg": (_Line.SolidLine, 0),
    "validation_precision": (_Line.DashLine, 1),
    "validation_recall": (_Line.DotLine, 2),
    "test_ndcg": (_Line.DashDotLine, 3),
    "test_precision": (_Line.DashDotDotLine, 4),
    "test_recall": ((8.0, 3.0), 5),
}


def curve_pen(column: str, theme: Theme) -> QPen:
    """Return the pen of a column or level: one pixel, its own style and colour."""
    style, position = STYLES[column]
    colour = theme.series[position]
    if isinstance(style, tuple):
        return QPen(pg.mkPen(colour, width=1, dash=list(style)))
    return QPen(pg.mkPen(colour, width=1, style=style))


def drawn_columns(
    data: CurveData, columns: Iterable[str], theme: Theme, *, is_drawn: bool
) -> list[DrawnCurve]:
    """Return a run's columns for the worker: smoothed, or only what is not finite of them."""
    result = []
    for column in columns:
        is_odd = any(column in segment.lines and segment.lines[column].n_odd
                     for segment in data.segments)
        if data.has(column) and (is_drawn or is_odd):
            style, position = STYLES[column]
            result.append(DrawnCurve(
                (column, data.columns.generation), data.columns.line(column),
                theme.series[position], style, is_live=True, is_drawn=is_drawn))
    return result
