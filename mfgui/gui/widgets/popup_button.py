"""A button that opens a small page of choices below itself; the page stays until one is done."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

ARROW = 8  # width of the arrow, in pixels
GAP = 6


class PopupButton(QToolButton):
    """Opens and closes its page; Esc or a click beside closes it too."""

    def __init__(self, text: str, page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.page = page
        self.popup = QFrame(self, Qt.WindowType.Popup)
        self.popup.setObjectName("popup")
        # Else the press that closes it would reach the button, which opens it again.
        self.popup.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        layout = QVBoxLayout(self.popup)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(page)
        self.clicked.connect(self.open)

    def open(self) -> None:
        """Show the page below the button, within the screen."""
        self.popup.adjustSize()
        corner = self.mapToGlobal(QPoint(0, self.height() + 2))
        room = self.screen().availableGeometry()
        size = self.popup.sizeHint()
        corner.setX(max(room.left(), min(corner.x(), room.right() - size.width())))
        corner.setY(max(room.top(), min(corner.y(), room.bottom() - size.height())))
        self.popup.move(corner)
        self.popup.show()
        self.page.setFocus(Qt.FocusReason.TabFocusReason)
        self.page.focusNextChild()

    def sizeHint(self) -> QSize:
        """Return room for the words and the arrow."""
        hint = super().sizeHint()
        return QSize(hint.width() + ARROW + GAP, hint.height())

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button, and an arrow that says there is more below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().buttonText())
        x, y = self.width() - ARROW - GAP - 2, self.height() // 2 - 1
        painter.drawPolygon(QPolygon([
            QPoint(x, y), QPoint(x + ARROW, y), QPoint(x + ARROW // 2, y + ARROW // 2)]))
