"""The upright lines of the learning curve: seams between segments, and marks of notices."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_data import CurveData, Scale
from mfgui.training.events import Notice


class CurveMarks:
    """Thin upright lines with a word at the top, kept at their epoch on any scale."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._item, self._scale = item, Scale()
        self.seams: list[tuple[pg.InfiniteLine, float]] = []
        self.notices: list[tuple[pg.InfiniteLine, float, str]] = []

    def draw_seams(self, data: CurveData, theme: Theme) -> None:
        """Draw a seam where each further segment begins."""
        for segment in data.segments[1 + len(self.seams):]:
            line = self._upright("refit" if segment.is_refit else "continued", theme.muted)
            self.seams.append((line, segment.begin))
            put_upright(line, segment.begin, self._scale)

    def add_notice(self, notice: Notice, data: CurveData, theme: Theme) -> None:
        """Mark a notice at its epoch, except where a seam has its word already."""
        if notice.epoch is None:
            return
        x = data.x_of_epoch(notice.epoch)
        if any(segment.begin == x for segment in data.segments[1:]):
            return
        line = self._upright("i" if notice.kind == "information" else "!", theme.muted)
        line.setToolTip(notice.text)
        self.notices.append((line, x, notice.kind))
        put_upright(line, x, self._scale)
        self._paint(line, _colour(notice.kind, theme))

    def set_scale(self, scale: Scale) -> None:
        """Put every line where its epoch is on another scale."""
        self._scale = scale
        for line, x in self.seams:
            put_upright(line, x, scale)
        for line, x, _ in self.notices:
            put_upright(line, x, scale)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        for line, _ in self.seams:
            self._paint(line, theme.muted)
        for line, _, kind in self.notices:
            self._paint(line, _colour(kind, theme))

    def clear(self) -> None:
        """Take all away."""
        for line, *_ in (*self.seams, *self.notices):
            self._item.removeItem(line)
        self.seams.clear()
        self.notices.clear()

    def _upright(self, word: str, colour: str) -> Any:
        """Return a line that does not count for the range, its word hanging from the top."""
        line = pg.InfiniteLine(angle=90, movable=False, label=word, labelOpts={
            "position": 1.0, "anchors": [(1, 0), (0, 0)]})
        self._paint(line, colour)
        self._item.addItem(line, ignoreBounds=True)
        return line

    def _paint(self, line: Any, colour: str) -> None:
        line.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DotLine))
        line.label.setColor(QColor(colour))


def put_upright(line: Any, x: float, scale: Scale) -> None:
    """Put an upright line at an epoch; a logarithmic axis has no place for epoch 0."""
    line.setVisible(x > 0 or not scale.is_log_x)
    line.setValue(math.log10(max(x, 1e-9)) if scale.is_log_x else x)


def _colour(kind: str, theme: Theme) -> str:
    """Return the colour of a kind of notice."""
    return {"error": theme.error, "warning": theme.warning}.get(kind, theme.muted)
