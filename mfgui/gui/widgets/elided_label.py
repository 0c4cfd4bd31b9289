"""A label of one line that loses its middle where there is no room, never its place."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStyleOption, QWidget

from mfgui.inspection.words import one_line

LONGEST_LINE = 200  # signs that are measured for painting: beyond, nothing would be seen
LONGEST_TIP = 600


class ElidedLabel(QLabel):
    """One line of text; in full, as far as a person would read it, in the tooltip."""

    def __init__(self, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)

    def show_text(self, text: str) -> None:
        """Show a text, of any length and with any signs."""
        self.setText(one_line(text, LONGEST_LINE))
        self.setToolTip(f"<span>{escape(one_line(text, LONGEST_TIP))}</span>" if text else "")
        if self.accessibleName():  # it says what this is; else the text itself is the name
            self.setAccessibleDescription(self.text())
        self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        """Return room for a few letters: what is wider is elided."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 40), hint.height())

    def sizeHint(self) -> QSize:
        """Return room for a line, but ask no more than a panel's width."""
        hint = super().sizeHint()
        return QSize(min(hint.width(), 320), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as much as fits."""
        painter, option = QPainter(self), QStyleOption()
        option.initFrom(self)
        elided = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, self.contentsRect().width())
        self.style().drawItemText(
            painter, self.contentsRect(), int(Qt.AlignmentFlag.AlignVCenter | self.alignment()
                                              & Qt.AlignmentFlag.AlignHorizontal_Mask),
            option.palette, self.isEnabled(), elided, self.foregroundRole())
        event.accept()
