"""One of the three matrices: picture, axes, cross-hair, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import Range, ViewState
from mfgui.gui.widgets.matrix_items import CellAxis, CellNumbers
from mfgui.inspection.painter import Pictures

BAND_FROM_PX = 14.0  # from here on a cell is framed: a line through it would hide its number

Key = Qt.Key
ZOOMS: dict[int, float] = {Key.Key_Plus: 0.8, Key.Key_Equal: 0.8, Key.Key_Minus: 1.25}
PANS: dict[int, tuple[float, float]] = {
    Key.Key_Left: (-0.25, 0.0), Key.Key_Right: (0.25, 0.0), Key.Key_Up: (0.0, -0.25),
    Key.Key_Down: (0.0, 0.25), Key.Key_PageUp: (0.0, -1.0), Key.Key_PageDown: (0.0, 1.0),
}


class MatrixView(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A picture of one matrix that follows and moves the shared ViewState.

    Signals
    -------
    solo_requested : double click: this one alone, or all again
    resized : the view has another size in pixels
    """

    solo_requested = Signal()
    resized = Signal()

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        axes = {side: CellAxis(side) for side in ("left", "bottom")}
        super().__init__(parent, axisItems=axes)
        self.name = name
        self.setObjectName(f"{name}View")
        self.setAccessibleName(f"{title} matrix")
        self._title, self._theme = title, LIGHT
        self._state: ViewState | None = None
        self._is_following = False
        self._gesture_start: Range | None = None
        self.image = pg.ImageItem(axisOrder="row-major")
        self.numbers = CellNumbers(is_signed=name == "residual")
        self._cross = tuple(  # left and top edge of a cell, right and bottom edge
            pg.InfiniteLine(angle=angle, movable=False) for angle in (90, 0, 90, 0))
        self._axis_words: tuple[str, ...] = ()
        self._hint = pg.TextItem(anchor=(0.5, 0.5))
        self._set_up()

    def _set_up(self) -> None:
        """Arrange what never changes."""
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.invertY(True)
        item.vb.disableAutoRange()
        item.vb.setDefaultPadding(0)
        self.setMouseTracking(True)
        for part in (self.image, self.numbers, *self._cross, self._hint):
            item.addItem(part, ignoreBounds=True)
        for line in self._cross:
            line.hide()
            line.setZValue(20)
        item.vb.sigRangeChanged.connect(self._on_range_changed)

    def set_models(self, state: ViewState) -> None:
        """Follow what is looked at."""
        self._state = state
        state.range_changed.connect(self._follow_range)
        state.size_changed.connect(self._follow_size)
        state.hover_changed.connect(self._follow_hover)
        self._follow_size()
        self._follow_range()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.window)
        item = self.getPlotItem()
        item.setTitle(self._title, color=theme.text, size="10pt")
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTickPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.text))
        for line in self._cross:
            line.setPen(pg.mkPen(theme.accent, width=1))
        self._hint.setColor(theme.text)

    def set_axis_words(self, rows: str, columns: str) -> None:
        """Name the axes."""
        words = (rows, columns, self._theme.text)
        if words == self._axis_words:
            return  # a label set anew has the whole plot laid out anew
        self._axis_words = words
        self.getPlotItem().setLabel("left", rows, color=self._theme.text)
        self.getPlotItem().setLabel("bottom", columns, color=self._theme.text)

    # -- pictures -----------------------------------------------------------------------------

    def show_pictures(self, pictures: Pictures) -> None:
        """Show this matrix's picture: colours and rectangle are set together."""
        picture = pictures.views[self.name]
        self._hint.hide()
        self._show_axes(True)
        window = pictures.blocks.window
        self.image.setImage(picture.rgba, autoLevels=False, levels=None, rect=QRectF(
            window.first_column, window.first_row, window.last_column - window.first_column,
            window.last_row - window.first_row))
        self.image.show()
        cells = picture if window.is_cells else None
        self.numbers.set_cells(cells, window.first_row, window.first_column)
        self._follow_hover()

    def show_hint(self, text: str) -> None:
        """Show one line of text instead of a picture."""
        self.image.hide()
        self.numbers.set_cells(None, 0, 0)
        self._show_axes(False)
        self._hint.setText(text)
        self._hint.show()
        self._place_hint()
        self._follow_hover()

    def _show_axes(self, is_shown: bool) -> None:
        """Axes stand beside a picture only: empty ones tell nothing."""
        item = self.getPlotItem()
        if item.getAxis("left").isVisible() != is_shown:
            item.showAxes((is_shown, False, False, is_shown), showValues=True)

    def _place_hint(self) -> None:
        (x0, x1), (y0, y1) = self.getPlotItem().vb.viewRange()
        self._hint.setPos((x0 + x1) / 2, (y0 + y1) / 2)

    # -- what is looked at --------------------------------------------------------------------

    @contextmanager
    def _following(self) -> Iterator[None]:
        """Move the view without telling the state, which knows."""
        self._is_following = True
        try:
            yield
        finally:
            self._is_following = False

    def _follow_size(self) -> None:
        state = self._state
        assert state is not None
        with self._following():
            self.getPlotItem().vb.setLimits(
                xMin=0, xMax=state.n_items, yMin=0, yMax=state.n_users,
                minXRange=1, minYRange=1, maxXRange=state.n_items, maxYRange=state.n_users)
        width = max(44, 25 + 7 * len(f"{state.n_users:,}"))
        self.getPlotItem().getAxis("left").setWidth(width)

    def _follow_range(self) -> None:
        state = self._state
        assert state is not None
        visible = state.visible
        with self._following():
            self.getPlotItem().vb.setRange(
                xRange=(visible.x0, visible.x1), yRange=(visible.y0, visible.y1), padding=0,
                disableAutoRange=True)
        self._place_hint()
        self._follow_hover()  # cells of another size have another cross-hair

    def _on_range_changed(self, _: Any, ranges: list[list[float]]) -> None:
        if self._is_following or self._state is None:
            return
        (x0, x1), (y0, y1) = ranges
        self._state.set_visible(Range(x0, x1, y0, y1))

    def _follow_hover(self) -> None:
        state = self._state
        assert state is not None
        is_shown = state.hover is not None and self.image.isVisible()
        sizes = self.numbers.cell_size()
        for k, line in enumerate(self._cross):
            is_band = sizes[k % 2] >= BAND_FROM_PX
            line.setVisible(is_shown and (is_band or k < 2))
            if state.hover is not None:
                place = state.hover[1 - k % 2]
                line.setPos(place + (k // 2 if is_band else 0.5))

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return the cell (row, column) at a position of the widget, None beside the matrix."""
        state, box = self._state, self.getPlotItem().vb
        if state is None or not self.image.isVisible():
            return None
        if not box.sceneBoundingRect().contains(position):
            return None
        point = box.mapSceneToView(position)
        row, column = int(point.y()), int(point.x())
        if 0 <= row < state.n_users and 0 <= column < state.n_items:
            return row, column
        return None

    def pixels(self) -> tuple[int, int]:
        """Return height and width of the picture's place, in pixels of the screen."""
        rect, ratio = self.getPlotItem().vb.sceneBoundingRect(), self.devicePixelRatioF()
        return max(int(rect.height() * ratio), 1), max(int(rect.width() * ratio), 1)

    # -- mouse --------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the cell under the pointer."""
        super().mouseMoveEvent(event)
        if self._state is not None:
            self._state.set_hover(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the cell."""
        super().leaveEvent(event)
        if self._state is not None:
            self._state.set_hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a drag begins, for the history."""
        if self._state is not None:
            self._gesture_start = self._state.visible
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Make the drag one step of the history."""
        super().mouseReleaseEvent(event)
        if self._state is not None and self._gesture_start is not None:
            self._state.remember(self._gesture_start)
        self._gesture_start = None

    def wheelEvent(self, event: Any) -> None:
        """Zoom at the pointer, as one step of the history."""
        before = self._state.visible if self._state is not None else None
        super().wheelEvent(event)
        if self._state is not None and before is not None:
            self._state.remember(before)
            self._state.set_hover(self.cell_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show this one alone, or all again."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.solo_requested.emit()
            event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, pan with the arrows and the page keys, by a quarter of the view."""
        state, key = self._state, event.key()
        if state is None or key not in (*ZOOMS, *PANS):
            super().keyPressEvent(event)
            return
        seen = state.visible
        width, height = seen.x1 - seen.x0, seen.y1 - seen.y0
        right, down = PANS.get(key, (0.0, 0.0))
        grow = ZOOMS.get(key, 1.0)
        x, y = (seen.x0 + seen.x1) / 2 + right * width, (seen.y0 + seen.y1) / 2 + down * height
        state.zoom_to(Range(x - grow * width / 2, x + grow * width / 2,
                            y - grow * height / 2, y + grow * height / 2))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that the picture needs other pixels."""
        super().resizeEvent(event)
        self.resized.emit()
