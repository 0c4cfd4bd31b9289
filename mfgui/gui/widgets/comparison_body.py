"""Figures, settings and rows of a comparison: below each other, or beside where there is room."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from mfgui.gui.theme import set_role
from mfgui.gui.widgets.scrolling import Content, Scrolling

BROAD, BROADEST = 700, 940  # pixels, from which on two and three boxes stand side by side
_Direction = QBoxLayout.Direction


class _Body(Content):
    """What scrolls: of boxes in boxes Qt takes no less than their whole height by width."""

    def heightForWidth(self, width: int) -> int:
        """Return the height at which no wrapped text is cut off."""
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout is not None else 0


class ComparisonBody(Scrolling):
    """Three boxes; the last one takes what room is left."""

    def __init__(
        self, figures: QWidget, settings: QWidget, rows: QWidget, parent: QWidget | None = None
    ) -> None:
        lists, body = QWidget(), _Body()
        self._inner = QBoxLayout(_Direction.TopToBottom, lists)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._outer = QBoxLayout(_Direction.TopToBottom, body)
        self._outer.setContentsMargins(10, 6, 10, 8)
        for boxes, parts in ((self._inner, (settings, rows)), (self._outer, (figures, lists))):
            boxes.setSpacing(12)
            for part in parts:
                boxes.addWidget(part)
        super().__init__(body, parent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand side by side where there is room."""
        super().resizeEvent(event)
        for boxes, least in ((self._outer, BROAD), (self._inner, BROADEST)):
            is_broad = self.width() >= least
            boxes.setDirection(_Direction.LeftToRight if is_broad else _Direction.TopToBottom)
            boxes.setStretch(0, int(is_broad))
            boxes.setStretch(1, 1 + (boxes is self._outer and self.width() >= BROADEST))


def boxed(heading: str = "") -> tuple[QWidget, QVBoxLayout]:
    """Return a box and what its parts stand in, below a heading."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    if heading:
        label = QLabel(heading)
        set_role(label, "heading")
        column.addWidget(label)
    return box, column
