"""The level lines of the learning curve: what a model has to beat."""

from __future__ import annotations

import math

import pyqtgraph as pg

from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.gui.widgets.curve_pens import curve_pen


class CurveLevels:
    """Dashed lines across the plot; the figures beside it name them."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._item = item
        self.lines: dict[str, pg.InfiniteLine] = {}

    def draw(self, levels: dict[str, float], scale: Scale, theme: Theme) -> None:
        """Draw these levels and no others; a logarithmic axis has no place for 0."""
        drawn = {name: level for name, level in levels.items() if level > 0 or not scale.is_log_y}
        for name in set(self.lines) - set(drawn):
            self._item.removeItem(self.lines.pop(name))
        for name, level in drawn.items():
            if name not in self.lines:
                self.lines[name] = pg.InfiniteLine(angle=0, movable=False)
                self.lines[name].setZValue(-10)  # the curve is drawn over what it has to beat
                self._item.addItem(self.lines[name], ignoreBounds=True)
            self.lines[name].setPen(curve_pen(name, theme))
            self.lines[name].setValue(math.log10(level) if scale.is_log_y else level)
