"""One of the three matrices: it follows and moves what is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from mfgui.gui.view_state import NEW_USER, Cell, Range, ViewState
from mfgui.gui.widgets import matrix_keys
from mfgui.gui.widgets.matrix_plot import MatrixPlot
from mfgui.inspection.pictures import Pictures

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MatrixView(MatrixPlot):
    """A matrix with mouse and keys.

    Signals
    -------
    solo_requested : double click: this one alone, or all again
    inspector_wanted : Enter: the pinned cell is to be explained
    pin_moved : a key pinned another cell, or none
    """

    solo_requested = Signal()
    inspector_wanted = Signal()
    pin_moved = Signal()

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(name, title, parent)
        self._state: ViewState | None = None
        self._is_following = False
        self._gesture_start: Range | None = None
        self._pressed_at: QPointF | None = None
        self.getPlotItem().vb.sigRangeChanged.connect(self._on_range_changed)

    def set_models(self, state: ViewState) -> None:
        """Follow what is looked at."""
        self._state = state
        for part in (self.marks, self.top, self.right):
            part.set_models(state)
        state.range_changed.connect(self._follow_range)
        state.size_changed.connect(self._follow_size)
        state.hover_changed.connect(self._follow_hover)
        for signal in (state.pinned_changed, state.order_changed):
            signal.connect(self._follow_pinned)
        self._follow_size()
        self._follow_range()

    def show_pictures(self, pictures: Pictures) -> None:
        """Show this matrix's picture."""
        super().show_pictures(pictures)
        self._follow_hover()

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
            self.set_size(state.n_users, state.n_items)

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
        assert self._state is not None
        self.place_cross(self._state.hover)

    def _follow_pinned(self) -> None:
        assert self._state is not None
        row, column = matrix_keys.pinned_place(self._state) or (None, None)
        self.rows.set_marked(row)
        self.columns.set_marked(column)
        self.top.update()
        self.right.update()

    def cell_at(self, position: QPointF) -> Cell | None:
        """Return the cell (row, column) at a position of the widget, None beside the matrix.

        The row is ``NEW_USER`` on the imaginary row above.
        """
        state, box = self._state, self.getPlotItem().vb
        if state is None or not self.image.isVisible():
            return None
        strip = self.top.mapRectToScene(self.top.strip_rect())
        is_strip = strip.contains(position) and self.top.strip.is_shown
        if not (is_strip or box.sceneBoundingRect().contains(position)):
            return None
        point = box.mapSceneToView(position)
        row, column = NEW_USER if is_strip else int(point.y()), int(point.x())
        if (is_strip or 0 <= row < state.n_users) and 0 <= column < state.n_items:
            return row, column
        return None

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
        """Note where a drag begins, for the history, or perhaps a click."""
        if self._state is not None:
            self._gesture_start = self._state.visible
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed_at = event.position() if is_left else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Make the drag one step of the history; without a drag it is a click, which pins."""
        super().mouseReleaseEvent(event)
        if self._state is not None and self._gesture_start is not None:
            self._state.remember(self._gesture_start)
        pressed_at, self._gesture_start, self._pressed_at = self._pressed_at, None, None
        if pressed_at is None or event.button() != Qt.MouseButton.LeftButton:
            return
        moved = (event.position() - pressed_at).manhattanLength()
        if moved < QApplication.startDragDistance():
            self._pin_at(event.position())

    def _pin_at(self, position: QPointF) -> None:
        place = self.cell_at(position)
        cell = matrix_keys.cell_at(self._state, *place) if place and self._state else None
        if cell is not None and self._state is not None:
            self._state.set_pinned(cell)

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

    def viewportEvent(self, event: QEvent) -> bool:
        """Show a whole id or title where the pointer rests on its head."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            position = QPointF(event.pos())
            for axis in (self.rows, self.columns):
                inside = axis.mapFromScene(position)
                if axis.isVisible() and axis.shape().contains(inside):
                    QToolTip.showText(event.globalPos(), axis.label_at(inside), self)
                    return True
        return bool(super().viewportEvent(event))

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pinned cell, zoom and pan; Enter asks why."""
        state = self._state
        if state is None:
            super().keyPressEvent(event)
            return
        pinned = state.pinned
        is_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        has_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() in ENTER and state.order is not None:
            if state.pinned is None:
                matrix_keys.pin(state, *matrix_keys.first_in_view(state))
            self.inspector_wanted.emit()
        elif has_alt or not matrix_keys.press(
                state, event.key(), is_control=is_control,
                has_new_user=self.top.strip.is_shown):
            super().keyPressEvent(event)
            return
        if state.pinned != pinned:
            self.pin_moved.emit()
        event.accept()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Let Tab leave: nothing inside the plot takes the focus."""
        return bool(QWidget.focusNextPrevChild(self, is_next))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that keys go here."""
        super().focusInEvent(event)
        self.marks.set_focused(event.reason() != Qt.FocusReason.MouseFocusReason)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they go elsewhere."""
        super().focusOutEvent(event)
        self.marks.set_focused(False)
