"""A small plot of the loss after each step by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.focus_frame import FocusFrame
from mfgui.gui.widgets.plain_axis import PlainAxis

_MOST_SAID = 10


class _LossAxis(PlainAxis):
    """An axis that has three numbers at least, low as the plot may be."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, Any]]:
        """Return one level of ticks."""
        return super().tickValues(minVal, maxVal, max(size * 1.4, 120.0))


class StepCurve(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The loss of the copy: where it began, and after each step."""

    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={
            "bottom": PlainAxis("bottom", is_whole=True, room=44), "left": _LossAxis("left")})
        self._line = pg.PlotDataItem(symbol="o", symbolSize=5)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.vb.setMouseEnabled(x=False, y=False)
        item.vb.disableAutoRange()
        item.showGrid(x=True, y=True, alpha=1.0)
        for name in ("bottom", "left"):
            item.getAxis(name).setZValue(-1000)
        item.addItem(self._line, ignoreBounds=True)
        self.setObjectName("stepCurve")
        FocusFrame(self)
        self.setAccessibleName("Loss after each step")
        self.setToolTip("The loss of the copy, on all training ratings, after each step.")
        self.setWhatsThis("The loss of the copy that is stepped through: the method's whole "
                          "objective on all training ratings, at its start and after each step.")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.set_theme(LIGHT)

    def sizeHint(self) -> QSize:
        """Return the height of a glance; the width is the bar's."""
        return QSize(200, 110)

    def minimumSizeHint(self) -> QSize:
        """Return the least that shows two ticks."""
        return QSize(120, 64)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self.setBackground(theme.plot_ground)
        for name in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.text))
            axis.setTickPen(pg.mkPen(theme.grid))
        colour = theme.series[0]
        self._line.setPen(pg.mkPen(colour, width=1))
        self._line.setSymbolPen(None)
        self._line.setSymbolBrush(colour)

    def show_losses(self, losses: tuple[float, ...], n_steps: int) -> None:
        """Show the last losses; the newest is that after ``n_steps`` steps."""
        values = np.array(losses, np.float64)
        steps = np.arange(n_steps + 1 - values.size, n_steps + 1)
        is_finite = np.isfinite(values)
        shown = values[is_finite]
        self._line.setData(steps[is_finite], shown)
        low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
        room = (high - low) or abs(high) * 0.1 or 1.0
        box = self.getPlotItem().vb
        first = int(steps[0]) if steps.size else 0
        box.setRange(xRange=(first, max(n_steps, first + 1)), padding=0.06)
        box.setRange(yRange=(low - 0.1 * room, high + 0.1 * room), padding=0)
        self.setAccessibleDescription("; ".join(
            f"step {step}: {value:.6g}" for step, value in
            list(zip(steps.tolist(), values.tolist(), strict=True))[-_MOST_SAID:]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what is around."""
        event.ignore()
