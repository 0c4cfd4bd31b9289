"""Widgets side by side, each of exactly the same width."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class EqualRow(QWidget):
    """A row whose visible children share its width to the pixel.

    QHBoxLayout deals out what is left over a pixel at a time: 351, 350, 351. Plots that are
    linked then show a different number of cells a pixel.
    """

    def __init__(self, spacing: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spacing = spacing
        self._widgets: list[QWidget] = []

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        widget.setParent(self)
        self._widgets.append(widget)
        self.place()

    def set_shown(self, widget: QWidget, is_shown: bool) -> None:
        """Show or hide one; the others share the room."""
        widget.setVisible(is_shown)
        self.place()

    def place(self) -> None:
        """Give every visible widget its place; what is left over stays empty at the right."""
        shown = [widget for widget in self._widgets if not widget.isHidden()]
        if not shown:
            return
        width = (self.width() + self._spacing) // len(shown) - self._spacing
        for k, widget in enumerate(shown):
            widget.setGeometry(k * (width + self._spacing), 0, max(width, 1), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place anew."""
        super().resizeEvent(event)
        self.place()

    def minimumSizeHint(self) -> QSize:
        """Return room for all of them."""
        hints = [(widget.minimumWidth(), widget.minimumSizeHint().height())
                 for widget in self._widgets]
        return QSize(sum(width + self._spacing for width, _ in hints),
                     max((height for _, height in hints), default=0))
