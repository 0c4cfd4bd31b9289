"""The entries of a plot's own menu by which it is taken away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor
from PySide6.QtWidgets import QMenu, QWidget

from mfgui.gui.sound_filter import sound_filter

ENTRIES = (("Copy &picture", "copy picture"), ("Copy &values", "copy values"),
           ("Export pict&ure...", "picture"), ("Export va&lues...", "values"))


def add_entries(menu: QMenu, start: Callable[[str], None]) -> None:
    """Add the entries to a menu; ``start`` gets what is wanted."""
    for text, kind in ENTRIES:
        menu.addAction(text, partial(start, kind))


class PlotMenu(QObject):
    """Gives a plot that has no menu one of these entries, by the right button and by key."""

    def __init__(self, plot: QWidget, start: Callable[[str], None]) -> None:
        super().__init__(plot)
        self._plot, self._start = plot, start
        plot.installEventFilter(self)
        if isinstance(plot, pg.GraphicsView):  # where a right drag zooms, a click is told apart
            plot.scene().sigMouseClicked.connect(self._on_clicked)

    def menu(self) -> QMenu:
        """Return the menu."""
        menu = QMenu(self._plot)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_entries(menu, self._start)
        return menu

    @sound_filter
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the menu by key, and by the mouse where no drag can begin so."""
        if not isinstance(event, QContextMenuEvent):
            return super().eventFilter(watched, event)
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        if by_key:
            self.menu().popup(self._plot.mapToGlobal(self._plot.rect().center()))
        elif not isinstance(self._plot, pg.GraphicsView):
            self.menu().popup(event.globalPos())
        event.accept()
        return True

    def _on_clicked(self, event: object) -> None:
        if getattr(event, "button", lambda: None)() == Qt.MouseButton.RightButton:
            self.menu().popup(QPoint(QCursor.pos()))
