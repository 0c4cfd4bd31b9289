"""A frame round a plot that has the keys.

A style sheet's border will not do: pyqtgraph lays a plot out over the whole widget, so that a
border hides what lies below it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QWidget

from mfgui.gui.sound_filter import sound_filter


class FocusFrame(QFrame):
    """Lies over a widget and is seen while that has the keys; the mouse does not meet it."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.setObjectName("focusFrame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        widget.installEventFilter(self)

    @sound_filter
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the keys and the size of the widget."""
        kind = event.type()
        if kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._fit()
            self.setVisible(kind == QEvent.Type.FocusIn)
            self.raise_()
        elif kind == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        widget = self.parentWidget()
        if widget is not None:
            self.setGeometry(widget.rect())
