"""Three boxes below each other in a column, side by side in a flat tab, or two and one between."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QWidget

_NO_LIMIT = (1 << 24) - 1  # QWIDGETSIZE_MAX, which PySide does not export
_Align, _Policy = Qt.AlignmentFlag, QSizePolicy.Policy


@dataclass(frozen=True)
class _Form:
    """Where head, middle and cards stand: row, column and rows taken; widths of the columns."""

    places: tuple[tuple[int, int, int], ...]
    widths: tuple[int, int, int]  # 0: whatever is left


class Shape(Enum):
    """How the boxes stand."""

    COLUMN = _Form(((0, 0, 1), (1, 0, 1), (2, 0, 1)), (0, 0, 0))
    PAIR = _Form(((0, 0, 1), (0, 1, 3), (1, 0, 1)), (270, 0, 0))
    ROW = _Form(((0, 0, 1), (0, 1, 3), (0, 2, 1)), (220, 0, 330))


def shape_for(width: int) -> Shape:
    """Return the shape that suits a width, in pixels."""
    if width >= 860:
        return Shape.ROW
    return Shape.PAIR if width >= 540 else Shape.COLUMN


class _Content(QWidget):
    """What scrolls, no sooner than it must: a scroll area asks for more where text is wrapped."""

    def heightForWidth(self, width: int) -> int:
        """Return the least height."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None else 0


class InspectorBody(QScrollArea):
    """Places head, middle and cards by its width, and scrolls where they do not fit.

    The middle is what one looks at: beside the others it is never higher than what is in view, so
    that its end is seen whatever else scrolls.
    """

    def __init__(
        self, head: QWidget, middle: QWidget, cards: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._boxes, self._shape = (head, middle, cards), Shape.COLUMN
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = _Content()
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(10, 6, 10, 8)
        self._grid.setSpacing(10)
        cards.setSizePolicy(_Policy.Preferred, _Policy.Maximum)
        self._place()
        self.setWidget(content)

    @property
    def shape(self) -> Shape:
        """How the boxes stand now."""
        return self._shape

    def _place(self) -> None:
        """Put the boxes where the shape has them; what is left over stays below."""
        form, is_column = self._shape.value, self._shape is Shape.COLUMN
        for box, (row, column, n_rows) in zip(self._boxes, form.places, strict=True):
            self._grid.removeWidget(box)
            self._grid.addWidget(box, row, column, n_rows, 1,
                                 _Align(0) if is_column else _Align.AlignTop)
        for column, width in enumerate(form.widths):
            self._grid.setColumnMinimumWidth(column, width)
            self._grid.setColumnStretch(column, int(not width and column <= (not is_column)))
        for box, (_, column, _) in zip(self._boxes, form.places, strict=True):
            box.setMaximumWidth(form.widths[column] or _NO_LIMIT)
        self._boxes[1].setSizePolicy(
            _Policy.Expanding, _Policy.Maximum if is_column else _Policy.Preferred)
        self._grid.setRowStretch(3, 1 if is_column else 0)
        self._grid.setRowStretch(2, 0 if is_column else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the shape that suits the new width."""
        super().resizeEvent(event)
        shape = shape_for(self.width())
        if shape is not self._shape:
            self._shape = shape
            self._place()
        margins = self._grid.contentsMargins()
        room = self.viewport().height() - margins.top() - margins.bottom()
        least = self._boxes[1].minimumSizeHint().height()
        self._boxes[1].setMaximumHeight(
            _NO_LIMIT if shape is Shape.COLUMN else max(room, least))
