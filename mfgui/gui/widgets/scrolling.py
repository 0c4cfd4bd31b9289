"""What scrolls up and down where it does not fit, and no sooner."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Content(QWidget):
    """What is scrolled: a scroll area asks for more height than it must where text is wrapped."""

    def heightForWidth(self, width: int) -> int:
        """Return the least height."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None else 0


class Scrolling(QScrollArea):
    """A frameless scroll area around a column of widgets."""

    def __init__(self, content: Content, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        """Return the width of the content, and room for a few lines: the rest scrolls."""
        content = self.widget()
        width = content.minimumSizeHint().width() if content is not None else 0
        return QSize(width, 120)
