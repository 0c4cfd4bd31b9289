"""A small plot of loss against learning rate: how far a few epochs came at each rate."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.number_field import number_text
from mfgui.gui.widgets.plain_axis import PlainAxis
from mfgui.jobs.find_rate import RateTrial

_ROOM = 0.12  # of the height above the curve, for the marks of what diverged
_LEAST_DECADES = 1.2  # of rates, so that a first trial has neighbours to come


class RateCurve(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The trials of the rate finder, rates logarithmic; what diverged stands at the top edge."""

    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={
            "bottom": PlainAxis("bottom", room=44), "left": PlainAxis("left")})
        self._trials: tuple[RateTrial, ...] = ()
        self._suggestion: float | None = None
        self._line = pg.PlotDataItem(symbolSize=6)
        self._diverged = pg.PlotDataItem(pen=None, symbol="t1", symbolSize=10)
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self._set_up()
        self.set_theme(LIGHT)

    def _set_up(self) -> None:
        """Arrange what never changes; nothing is dragged, and the wheel scrolls the form."""
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.vb.setMouseEnabled(x=False, y=False)
        item.vb.disableAutoRange()
        item.showGrid(x=True, y=True, alpha=1.0)
        item.getAxis("bottom").setLogMode(x=True, y=False)
        for name in ("bottom", "left"):
            item.getAxis(name).setZValue(-1000)
        for each in (self._mark, self._line, self._diverged):
            item.addItem(each, ignoreBounds=True)
        self._mark.hide()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("rateCurve")
        self.setAccessibleName("Loss by learning rate")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the height of a glance; the width is the dock's."""
        return QSize(230, 132)

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
        self._line.setSymbol("o")
        self._line.setSymbolPen(None)
        self._line.setSymbolBrush(colour)
        self._diverged.setSymbolPen(None)
        self._diverged.setSymbolBrush(theme.error)
        self._mark.setPen(pg.mkPen(theme.accent, width=1, style=Qt.PenStyle.DashLine))

    def show_trials(
        self, trials: Iterable[RateTrial], suggestion: float | None = None
    ) -> None:
        """Show the trials so far, and what is suggested once it is known."""
        self._trials = tuple(sorted(trials, key=lambda trial: trial.learning_rate))
        self._suggestion = suggestion
        finite = [trial for trial in self._trials if math.isfinite(trial.loss)]
        self._line.setData(_rates(finite), np.array([trial.loss for trial in finite]))
        low, high = self._set_range()
        wild = [trial for trial in self._trials if not math.isfinite(trial.loss)]
        self._diverged.setData(_rates(wild), np.full(len(wild), high - 0.5 * _ROOM * (high - low)))
        self._mark.setVisible(suggestion is not None)
        if suggestion is not None:
            self._mark.setValue(math.log10(suggestion))
        self.setAccessibleDescription("; ".join(map(trial_text, self._trials)))

    def _set_range(self) -> tuple[float, float]:
        """Show all trials; return the ends of the loss axis."""
        rates = [math.log10(trial.learning_rate) for trial in self._trials] or [-2.0]
        losses = [trial.loss for trial in self._trials if math.isfinite(trial.loss)] or [0.0, 1.0]
        left, right = min(rates), max(rates)
        lack = max(_LEAST_DECADES - (right - left), 0.0) / 2
        low, high = min(losses), max(losses)
        room = (high - low) or abs(high) * 0.1 or 1.0
        low, high = low - 0.08 * room, high + 2 * _ROOM * room
        box = self.getPlotItem().vb
        box.setRange(xRange=(left - lack, right + lack), padding=0.06)
        box.setRange(yRange=(low, high), padding=0)
        return low, high

    def nearest(self, x: float) -> RateTrial | None:
        """Return the trial nearest to a place across the widget, in pixels."""
        box = self.getPlotItem().vb
        at = box.mapSceneToView(self.mapToScene(round(x), 0)).x()
        return min(self._trials, default=None,
                   key=lambda trial: abs(math.log10(trial.learning_rate) - at))

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the trial under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            trial = self.nearest(event.pos().x())
            if trial is not None:
                QToolTip.showText(event.globalPos(), trial_text(trial), self)
            return True
        return bool(super().viewportEvent(event))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the form around."""
        event.ignore()


def _rates(trials: list[RateTrial]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the logarithms of the rates."""
    return np.log10(np.array([trial.learning_rate for trial in trials], np.float64))


def trial_text(trial: RateTrial) -> str:
    """Return a trial in words."""
    rate = number_text(float(f"{trial.learning_rate:.2g}"))
    if not math.isfinite(trial.loss):
        return f"rate {rate}: diverged"
    return f"rate {rate}: loss {trial.loss:.3g} of that at the start"
