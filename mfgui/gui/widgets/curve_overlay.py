"""Many curves in one plot, painted by a worker and shown as they come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QObject, QTimer, Signal

from mfgui.gui.background import LatestWorker
from mfgui.gui.widgets.curve_bounds import Box
from mfgui.gui.widgets.curve_item import CurvesItem
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.gui.widgets.curve_painter import (
    CurvePainter,
    CurvePicture,
    CurveRequest,
    DrawnCurve,
)

_REST = 1.0  # while runs grow, the worker rests as long as it has worked


@dataclass(frozen=True, eq=False)
class _Answer:
    asked: int
    request: CurveRequest
    picture: CurvePicture | None
    seconds: float


class CurveOverlay(QObject):
    """Curves over a plot, for what is in view; a drag is followed without waiting for a picture.

    Signals
    -------
    drawn : another picture is shown
    range_wanted : a Box that shows everything
    """

    drawn = Signal()
    range_wanted = Signal(object)

    def __init__(self, item: pg.PlotItem, parent: QObject) -> None:
        super().__init__(parent)
        self._item, self.shown = item, CurvesItem()
        item.addItem(self.shown, ignoreBounds=True)
        self._painter = CurvePainter()
        self._worker = LatestWorker(self, takes_turns=False)
        self._worker.done.connect(self._on_done)
        self._worker.failed.connect(self._on_failed)
        self._curves: tuple[DrawnCurve, ...] = ()
        self._levels: tuple[float, ...] = ()
        self._scale, self._half_life, self._is_whole = Scale(), 0.0, False
        self._n_asked, self._seconds, self._is_stale = 0, 0.0, False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._ask)

    @property
    def is_active(self) -> bool:
        """Whether there are curves to draw."""
        return bool(self._curves)

    @property
    def is_waiting(self) -> bool:
        """Whether a picture was asked for that has not come."""
        return self._n_asked > 0 or self._rest.isActive()

    def set_curves(
        self, curves: Sequence[DrawnCurve], scale: Scale, half_life: float = 0.0,
        levels: Sequence[float] = (), *, is_whole: bool = False, is_growth: bool = False
    ) -> None:
        """Draw these curves; where a run has only grown since, it may take its time.

        With ``is_whole`` the view is to show all of them, and ``range_wanted`` says where they are.
        """
        self._curves, self._levels = tuple(curves), tuple(levels)
        self._half_life, self._is_whole = half_life, is_whole
        if scale != self._scale or not curves:
            self._scale = scale
            self.shown.set_picture(None)  # it belongs to other axes
        if not curves:
            self._is_stale = False
            self._rest.stop()
        elif is_growth:
            self._is_stale = True
            self._look()
        else:
            self._ask()

    def _look(self) -> None:
        """Have what has grown painted once the worker has rested."""
        if self._is_stale and not self.is_waiting:
            self._rest.start(round(1000 * _REST * self._seconds))

    def redraw(self, *, is_whole: bool = False) -> None:
        """Draw the curves for what is in view now."""
        self._is_whole = is_whole
        if self._curves:
            self._ask()

    def _ask(self) -> None:
        """Have the newest state painted."""
        self._rest.stop()
        self._is_stale = False
        box, painter = self._item.vb, self._painter
        (left, right), (low, high) = box.viewRange()
        request = CurveRequest(
            self._curves, None if self._is_whole else Box(left, right, low, high), self._levels,
            max(round(box.width()), 50), max(round(box.height()), 20),
            self._item.getViewWidget().devicePixelRatioF(), self._scale, self._half_life)
        self._n_asked += 1
        asked = self._n_asked
        self._worker.ask(lambda: _Answer(asked, request, *_timed(painter, request)))

    def _on_done(self, answer: _Answer) -> None:
        """Show a picture, unless it belongs to other axes or to curves that are gone."""
        self._seconds = answer.seconds
        if answer.asked == self._n_asked:
            self._n_asked = 0
        if answer.request.scale == self._scale and self._curves:
            self.shown.set_picture(answer.picture)
            if answer.picture is not None and answer.request.box is None and self._is_whole:
                self.range_wanted.emit(answer.picture.box)
            self.drawn.emit()
        self._look()

    def _on_failed(self, error: Exception) -> None:
        """Let a bug be seen."""
        raise error

    def shut_down(self) -> None:
        """End the thread."""
        self._rest.stop()
        self._worker.shut_down()


def _timed(
    painter: CurvePainter, request: CurveRequest
) -> tuple[CurvePicture | None, float]:
    """Paint, and note what it cost; on the worker's thread."""
    started = time.perf_counter()
    picture = painter.paint(request)
    return picture, time.perf_counter() - started
