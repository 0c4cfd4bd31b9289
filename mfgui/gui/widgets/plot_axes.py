"""What every plot has to do by hand: pyqtgraph ignores the palette, and places a label once."""

from __future__ import annotations

import pyqtgraph as pg

from mfgui.gui.theme import Theme

SIDES = ("left", "bottom")


def colour_axes(item: pg.PlotItem, theme: Theme) -> None:
    """Give the axes the theme's colours."""
    for side in SIDES:
        axis = item.getAxis(side)
        axis.setPen(pg.mkPen(theme.border))
        axis.setTickPen(pg.mkPen(theme.border))
        axis.setTextPen(pg.mkPen(theme.text))


class AxisWords:
    """The words beside two axes, written only where they change: it lays the plot out anew."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._item = item
        self._words: tuple[str, str, str] | None = None

    def write(self, bottom: str, left: str, theme: Theme) -> None:
        """Name the axes."""
        words = (left, bottom, theme.text)
        if words == self._words:
            return
        self._words = words
        for side, text in zip(SIDES, words[:2], strict=True):
            self._item.setLabel(side, text, color=theme.text)
            # pyqtgraph 0.14 centres a label when the axis is resized, not when its text changes.
            self._item.getAxis(side).resizeEvent()
