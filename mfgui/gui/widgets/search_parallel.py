"""Parallel coordinates: an axis a searched setting and one for the figure, a line a trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from mfgui.gui.search_board import TrialLine
from mfgui.gui.theme import LIGHT, Theme, mixed
from mfgui.gui.widgets.search_axis import ValueAxis
from mfgui.gui.widgets.search_scatter import visible_range

HELP = ("A line a trial: where it crosses each axis is its value there, the last axis is what it "
        "came to. The better a trial, the stronger its line; the best is thick, pruned ones are "
        "dotted. A click on a line shows the run.")
N_SHADES = 4
_NEAR = 10  # pixels
_TEXT_ROOM = 30  # pixels, for a number and what lies a little outside of its range


class SearchParallel(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The plot.

    Signals
    -------
    trial_chosen : number of a trial that a person clicked
    """

    trial_chosen = Signal(int)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._axes: Sequence[ValueAxis] = ()
        self._name = "validation RMSE"
        self._paths: np.ndarray[Any, np.dtype[np.float64]] = np.empty((0, 1))
        self._shown: list[TrialLine] = []
        self._known: dict[int, tuple[TrialLine, list[float] | None]] = {}
        self._lines: Sequence[TrialLine] = ()
        self._best: int | None = None
        self._at: int | None = None
        names = [*(f"shade{k}" for k in range(N_SHADES)), "pruned", "best", "chosen"]
        self._curves = {name: pg.PlotCurveItem(connect="finite") for name in names}
        self._posts: list[pg.InfiniteLine] = []
        self._texts: list[pg.TextItem] = []
        self._set_up()
        self.set_theme(LIGHT)

    def _set_up(self) -> None:
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.hideAxis("left")
        item.vb.setMouseEnabled(x=False, y=False)
        item.vb.disableAutoRange()
        item.vb.setDefaultPadding(0)
        item.vb.sigResized.connect(self._set_range)
        for curve in self._curves.values():
            item.addItem(curve, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the list beside tells the same to the keys
        self.setObjectName("searchParallel")
        self.setAccessibleName("Settings and figure of each trial")
        self.setWhatsThis(HELP)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.plot_ground)
        bottom = self.getPlotItem().getAxis("bottom")
        bottom.setPen(pg.mkPen(theme.plot_ground))
        bottom.setTextPen(pg.mkPen(theme.text))
        for k in range(N_SHADES):
            colour = mixed(theme.series[0], theme.plot_ground, 0.78 * k / (N_SHADES - 1))
            self._curves[f"shade{k}"].setPen(pg.mkPen(colour, width=1))
        self._curves["pruned"].setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DotLine))
        self._curves["best"].setPen(pg.mkPen(theme.series[1], width=2.5))
        self._curves["chosen"].setPen(pg.mkPen(theme.text, width=1.5, style=Qt.PenStyle.DashLine))
        for k in range(N_SHADES):
            self._curves[f"shade{k}"].setZValue(N_SHADES - k)
        self._curves["best"].setZValue(20)
        self._curves["chosen"].setZValue(30)
        self._rebuild()
        self._draw()

    def show_trials(
        self, lines: Sequence[TrialLine], best: int | None, axes: Sequence[ValueAxis], name: str
    ) -> None:
        """Show trials over these settings; ``name`` is what they came to."""
        is_other = list(axes) != list(self._axes) or name != self._name
        self._axes, self._name, self._lines, self._best = list(axes), name, lines, best
        if is_other:
            self._known = {}
            self._rebuild()
        self._draw()

    def _rebuild(self) -> None:
        """Put up an axis for each setting."""
        item, theme = self.getPlotItem(), self._theme
        for each in (*self._posts, *self._texts):
            item.removeItem(each)
        n = len(self._axes) + 1
        self._posts = [pg.InfiniteLine(k, angle=90, pen=pg.mkPen(theme.border)) for k in range(n)]
        self._texts = [pg.TextItem(color=theme.text, anchor=(0.5, anchor))
                       for _ in range(n) for anchor in (1.0, 0.0)]
        for post in self._posts:
            item.addItem(post, ignoreBounds=True)
        for text in self._texts:
            item.addItem(text, ignoreBounds=True)
        labels = [*(axis.info.label for axis in self._axes), self._name]
        item.getAxis("bottom").setTicks([list(enumerate(labels))])
        self._set_range()

    def _set_range(self) -> None:
        """Leave room for the numbers above and below, however low the plot is."""
        box, n = self.getPlotItem().vb, len(self._axes) + 1
        room = min(_TEXT_ROOM / max(box.height(), 4 * _TEXT_ROOM), 0.25)
        room /= 1 - 2 * room
        box.setRange(xRange=(-0.35, n - 0.65), yRange=(-room, 1 + room), padding=0)

    def _draw(self) -> None:
        """Draw a line for each trial, the better ones stronger and above."""
        n_axes = len(self._axes)
        self._shown = [line for line in self._lines if self._heights(line) is not None]
        figures = np.array([line.figure for line in self._shown], np.float64)
        low, high = visible_range(figures) if figures.size else (0.0, 1.0)
        self._paths = np.empty((len(self._shown), n_axes + 1))
        if self._shown:
            self._paths[:, :n_axes] = [self._heights(line) for line in self._shown]
        self._paths[:, n_axes] = np.clip((figures - low) / (high - low), -0.06, 1.06)
        self._write_ends(low, high)
        xs = np.append(np.arange(n_axes + 1.0), np.nan)
        for name, chosen in self._groups().items():
            paths = np.full((int(chosen.sum()), n_axes + 2), np.nan)
            paths[:, :-1] = self._paths[chosen]
            self._curves[name].setData(
                np.tile(xs, paths.shape[0]), paths.ravel(), connect="finite")

    def _groups(self) -> dict[str, np.ndarray[Any, np.dtype[np.bool_]]]:
        """Return which trials are drawn how."""
        trials = np.array([line.trial for line in self._shown], np.int64)
        is_pruned = np.array([line.is_pruned for line in self._shown], bool)
        scores = np.array([line.score for line in self._shown], np.float64)
        is_best = trials == (-1 if self._best is None else self._best)
        plain = np.flatnonzero(~is_pruned)
        shade = np.full(trials.size, -1)
        order = plain[np.argsort(scores[plain], kind="stable")]
        shade[order] = np.arange(plain.size) * N_SHADES // max(plain.size, 1)
        groups = {f"shade{k}": (shade == k) & ~is_best for k in range(N_SHADES)}
        chosen = trials == (-1 if self._at is None else self._at)
        return {**groups, "pruned": is_pruned, "best": is_best, "chosen": chosen}

    def _heights(self, line: TrialLine) -> list[float] | None:
        """Return how high a trial stands at each setting's axis, 0 to 1; None where it does not."""
        known = self._known.get(line.trial)
        if known is not None and known[0] is line:
            return known[1]
        is_drawn = line.figure is not None and all(
            axis.info.name in line.values for axis in self._axes)
        heights = [axis.share(line.values[axis.info.name]) for axis in self._axes] if (
            is_drawn) else None
        self._known[line.trial] = line, heights
        return heights

    def _write_ends(self, low: float, high: float) -> None:
        """Write the lowest and highest value at each axis."""
        ends = [*(axis.end_texts() for axis in self._axes),
                (f"{low:.4f}", f"{high:.4f}") if self._shown else ("", "")]
        for place, (below, above) in enumerate(ends):
            for text, words, y in ((self._texts[2 * place], above, 1.06),
                                   (self._texts[2 * place + 1], below, -0.06)):
                text.setText(words, color=self._theme.text)
                text.setPos(place, y)

    def point_at(self, trial: int | None) -> None:
        """Mark a trial that is chosen elsewhere; None: none."""
        self._at = trial
        self._draw()

    def nearest(self, place: QPointF) -> TrialLine | None:
        """Return the trial whose line passes a place of the scene, None where none is near."""
        box = self.getPlotItem().vb
        at = box.mapSceneToView(place)
        left = min(max(math.floor(at.x()), 0), len(self._axes) - 1)
        share = min(max(at.x() - left, 0.0), 1.0)
        pixel = abs(box.viewPixelSize()[1]) or 1.0
        heights = self._paths[:, left] * (1 - share) + self._paths[:, left + 1] * share
        distances = np.abs(heights - at.y()) / pixel
        if not distances.size or distances.min() > _NEAR:
            return None
        return self._shown[int(distances.argmin())]

    def text_of(self, line: TrialLine) -> str:
        """Return a trial in words."""
        return f"Trial {line.trial}: {self._name} {line.figure_text}, {line.status_text}"

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the trial under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._axes:
            line = self.nearest(self.mapToScene(event.pos()))
            QToolTip.showText(event.globalPos(), self.text_of(line) if line else "", self)
            return True
        return bool(super().viewportEvent(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the trial whose line is clicked."""
        super().mousePressEvent(event)
        line = self.nearest(self.mapToScene(event.position().toPoint())) if self._axes else None
        if line is not None:
            self.trial_chosen.emit(line.trial)
