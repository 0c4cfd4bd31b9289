"""A row of controls that goes on in the next line where the panel is narrow."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget


class FlowLayout(QLayout):
    """Places widgets one after another, in as many lines as the width asks for."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = spacing
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take one more."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return one; None beyond the last, as Qt asks."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give one away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Return none: what is left over belongs to others."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return that the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        return self._arranged(QRect(0, 0, width, 0), is_placed=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place all of them."""
        super().setGeometry(rect)
        self._arranged(rect, is_placed=True)

    def sizeHint(self) -> QSize:
        """Return room for one line."""
        hints = [item.sizeHint() for item in self._shown()]
        width = sum(hint.width() + self._gap for hint in hints) - self._gap
        return QSize(max(width, 0), max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        """Return room for the widest."""
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(max((size.width() for size in sizes), default=0),
                     max((size.height() for size in sizes), default=0))

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        """Return which items stand in each line."""
        lines: list[list[QLayoutItem]] = []
        x = width
        for item in self._shown():
            wide = item.sizeHint().width()
            if not lines or x + self._gap + wide > width:
                lines.append([])
                x = -self._gap
            lines[-1].append(item)
            x += self._gap + wide
        return lines

    def _arranged(self, rect: QRect, *, is_placed: bool) -> int:
        """Place the items, all of a line equally high, or only find out how high they stand."""
        y = rect.y()
        for line in self._lines(rect.width()):
            x, height = rect.x(), max(item.sizeHint().height() for item in line)
            for item in line:
                width = min(item.sizeHint().width(), rect.width())
                if is_placed:
                    item.setGeometry(QRect(QPoint(x, y), QSize(width, height)))
                x += width + self._gap
            y += height + self._gap
        return max(y - self._gap, rect.y()) - rect.y()


class FlowRow(QWidget):
    """A widget that arranges its children so."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 6) -> None:
        super().__init__(parent)
        self.flow = FlowLayout(self, spacing)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Place one more widget at the end."""
        self.flow.addWidget(widget)
