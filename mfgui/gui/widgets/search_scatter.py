"""Setting against validation figure: a point a trial, told apart by shape as well as by colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from mfgui.gui.search_board import RUNNING, TrialLine
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.focus_frame import FocusFrame
from mfgui.gui.widgets.plain_axis import PlainAxis
from mfgui.gui.widgets.search_axis import ValueAxis
from mfgui.training.search_space import value_text

HELP = ("A point a trial: where it lies along the chosen setting, and what it came to. A cross is "
        "a pruned trial, a ring one that runs, a square the settings as they stand, a star the "
        "best. Left and Right go from trial to trial, Enter or a click shows the run.")
# Shape and size of each kind of point; told by the shape alone, where colours cannot be.
KINDS = {"over": ("o", 8), "pruned": ("x", 9), "running": ("o", 8), "first": ("s", 10),
         "best": ("star", 15)}
KEY = {"best": "★ best", "first": "■ as they stand", "pruned": "✕ pruned", "running": "○ running"}
_NEAR = 14  # pixels
_SPACE = "\N{NO-BREAK SPACE}"  # labels are HTML, where others are one


class SearchScatter(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The plot.

    Signals
    -------
    trial_chosen : number of a trial that a person clicked
    """

    trial_chosen = Signal(int)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={
            "bottom": PlainAxis("bottom", room=64), "left": PlainAxis("left")})
        self._theme, self._name = LIGHT, "validation RMSE"
        self._axis: ValueAxis | None = None
        self._lines: Sequence[TrialLine] = ()
        self._best: int | None = None
        self._at: int | None = None
        self._points: list[tuple[float, float, TrialLine]] = []
        self._known: dict[int, tuple[float, float, TrialLine]] = {}
        self._kinds: set[str] = set()
        self._items = {kind: pg.ScatterPlotItem(pxMode=True) for kind in KINDS}
        self._cursor = pg.ScatterPlotItem(pxMode=True)
        self._words: tuple[str, ...] = ()
        self._set_up()
        self.set_theme(LIGHT)

    def _set_up(self) -> None:
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.vb.setMouseEnabled(x=False, y=False)
        item.vb.disableAutoRange()
        item.showGrid(x=True, y=True, alpha=1.0)
        for name in ("bottom", "left"):
            item.getAxis(name).setZValue(-1000)
        for each in (*self._items.values(), self._cursor):
            item.addItem(each, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setObjectName("searchScatter")
        FocusFrame(self)
        self.setAccessibleName("Setting against validation figure")
        self.setWhatsThis(HELP)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.plot_ground)
        for name in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.text))
            axis.setTickPen(pg.mkPen(theme.grid))
        fills = {"over": theme.series[0], "pruned": theme.muted, "running": None,
                 "first": theme.series[2], "best": theme.series[1]}
        for kind, item in self._items.items():
            colour = fills[kind] or theme.series[0]
            item.setPen(pg.mkPen(colour if kind in ("pruned", "running") else theme.plot_ground,
                                 width=1.5 if kind in ("pruned", "running") else 0.8))
            item.setBrush(pg.mkBrush(fills[kind]) if fills[kind] else pg.mkBrush(None))
        self._cursor.setPen(pg.mkPen(theme.text, width=1.5))
        self._cursor.setBrush(pg.mkBrush(None))
        self._words = ()
        self._draw()

    def show_trials(
        self, lines: Sequence[TrialLine], best: int | None, axis: ValueAxis | None, name: str
    ) -> None:
        """Show trials along a setting; ``name`` is what they came to."""
        if axis != self._axis:
            self._axis = axis
            self._known = {}
            self._set_axis()
        self._lines, self._best, self._name = lines, best, name
        self._draw()

    def _set_axis(self) -> None:
        bottom = self.getPlotItem().getAxis("bottom")
        bottom.setLogMode(x=self._axis is not None and self._axis.is_log, y=False)
        bottom.setTicks([self._axis.ticks()] if self._axis is not None and self._axis.places
                        else None)
        bottom.set_whole(self._axis is not None and self._axis.info.kind is int)

    def _draw(self) -> None:
        """Put every point where it belongs."""
        axis = self._axis
        self._points = [] if axis is None else [
            point for line in self._lines if (point := self._point(line, axis)) is not None]
        kinds: dict[str, list[tuple[float, float, TrialLine]]] = {kind: [] for kind in KINDS}
        for point in self._points:
            kinds[self._kind(point[2])].append(point)
        self._kinds = {kind for kind, chosen in kinds.items() if chosen}
        for kind, (symbol, size) in KINDS.items():
            self._items[kind].setData(
                np.array([point[0] for point in kinds[kind]]),
                np.array([point[1] for point in kinds[kind]]), symbol=symbol, size=size)
        self._draw_cursor()
        self._set_range()
        self._write_labels()

    def _point(
        self, line: TrialLine, axis: ValueAxis
    ) -> tuple[float, float, TrialLine] | None:
        """Return where a trial lies, as it was worked out before where it has not changed."""
        known = self._known.get(line.trial)
        if known is not None and known[2] is line:
            return known
        if line.figure is None or axis.info.name not in line.values:
            return None
        x = axis.position(line.values[axis.info.name])
        if not math.isfinite(x):
            return None
        point = self._known[line.trial] = x, line.figure, line
        return point

    def _kind(self, line: TrialLine) -> str:
        if line.trial == self._best:
            return "best"
        if line.is_pruned:
            return "pruned"
        if line.status == RUNNING:
            return "running"
        return "first" if line.trial == 0 else "over"

    def _set_range(self) -> None:
        """Show the range that was searched, and all but the wildest figures."""
        if self._axis is None:
            return
        xs = [point[0] for point in self._points]
        low, high = self._axis.ends
        box = self.getPlotItem().vb
        box.setRange(xRange=(min([low, *xs]), max([high, *xs])), padding=0.04)
        figures = np.array([point[1] for point in self._points])
        if figures.size:
            bottom, top = visible_range(figures)
            box.setRange(yRange=(bottom, top), padding=0.06)

    def _write_labels(self) -> None:
        label = self._axis.info.label if self._axis is not None else ""
        key = f"{_SPACE * 3}".join(text for kind, text in KEY.items() if kind in self._kinds)
        label += f"{_SPACE * 6}({key})" if label and key else ""
        words = (self._name, label, self._theme.text)
        if words != self._words:
            self._words = words
            self.getPlotItem().setLabel("left", words[0], color=words[2])
            self.getPlotItem().setLabel("bottom", words[1], color=words[2])

    # reading

    def text_of(self, line: TrialLine) -> str:
        """Return a trial in words."""
        value = ""
        if self._axis is not None and self._axis.info.name in line.values:
            value = f", {self._axis.info.label} {value_text(line.values[self._axis.info.name])}"
        kind = ", the best so far" if line.trial == self._best else ""
        return (f"Trial {line.trial}{value}: {self._name} {line.figure_text}, "
                f"{line.status_text}{kind}")

    def nearest(self, place: QPointF) -> TrialLine | None:
        """Return the trial at a place of the scene, None where none is near."""
        box, best, found = self.getPlotItem().vb, float(_NEAR), None
        for x, y, line in self._points:
            at = box.mapViewToScene(QPointF(x, y))
            distance = math.hypot(at.x() - place.x(), at.y() - place.y())
            if distance < best:
                best, found = distance, line
        return found

    def point_at(self, trial: int | None) -> None:
        """Mark a trial, as one that is chosen elsewhere; None: none."""
        self._at = trial
        self._draw_cursor()

    def _draw_cursor(self) -> None:
        chosen = [point for point in self._points if point[2].trial == self._at]
        self._cursor.setData(np.array([point[0] for point in chosen]),
                             np.array([point[1] for point in chosen]), symbol="o", size=18)
        if chosen:
            self.setAccessibleDescription(self.text_of(chosen[0][2]))

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the trial under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            line = self.nearest(self.mapToScene(event.pos()))
            QToolTip.showText(event.globalPos(), self.text_of(line) if line else "", self)
            return True
        return bool(super().viewportEvent(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the trial that is clicked."""
        super().mousePressEvent(event)
        line = self.nearest(self.mapToScene(event.position().toPoint()))
        if line is not None:
            self.trial_chosen.emit(line.trial)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from trial to trial along the axis, or show one."""
        key: Any = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._points:
            self._step(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at is not None:
            self.trial_chosen.emit(self._at)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        trials = [point[2].trial for point in
                  sorted(self._points, key=lambda point: (point[0], point[2].trial))]
        place = trials.index(self._at) + by if self._at in trials else (0 if by > 0 else -1)
        self.point_at(trials[min(max(place, 0), len(trials) - 1) if place >= 0 else 0])


def visible_range(figures: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """Return the ends of the axis: trials that went wild would press all others flat.

    Beyond four times the middle half's spread over the middle a figure is drawn at the edge, or not
    at all.
    """
    low, quarter, middle, most = np.quantile(figures, (0.0, 0.25, 0.5, 0.75))
    top = min(float(figures.max()), float(middle + 4 * max(most - quarter, 1e-4)))
    bottom = max(float(low), float(middle - 4 * max(most - quarter, 1e-4)))
    if top <= bottom:
        room = abs(top) * 0.02 or 0.01
        return bottom - room, top + room
    return bottom, top
