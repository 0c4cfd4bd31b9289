"""A table's header with each column's name and, below it, a box that says what the column holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView, QWidget

from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe

ROLE_WORDS = {
    "user": "user", "item": "item", "rating": "rating", "time": "time", "title": "title",
    "items": "item (ratings)", "": "ignore",
}
LONG_ROLES = ("user", "item", "rating", "time", "title", "")
WIDE_ROLES = ("user", "items", "")
BOX_HEIGHT = 26
_NAME_WIDTH = 150
_NAME_LINES = 5
# Border, padding and arrow beside a box's word, and the gap to the next box, in pixels.
_AROUND = 58


class RoleBox(QuietComboBox):
    """What one column holds.

    Signals
    -------
    focused : it got the keyboard, perhaps while out of sight
    """

    focused = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell it."""
        super().focusInEvent(event)
        self.focused.emit()


class RoleHeader(QHeaderView):
    """Boxes are made for the columns in sight, and one beyond, so that Tab goes on.

    Signals
    -------
    role_chosen : column from 0 and the role that the person gave it
    """

    role_chosen = Signal(int, str)

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self._names: tuple[str, ...] = ()
        self._roles: tuple[str, ...] = ()
        self._choices: tuple[str, ...] = LONG_ROLES
        self._is_fixed = False
        self.is_held = False
        self._boxes: dict[int, RoleBox] = {}
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(60)
        self.sectionResized.connect(lambda *_: self.place())
        table.horizontalScrollBar().valueChanged.connect(lambda _value: self.place())

    def show_columns(
        self, names: Sequence[str], roles: Sequence[str], *, is_wide: bool, is_fixed: bool
    ) -> None:
        """Show other columns; ``is_fixed`` where the format leaves no choice."""
        choices = WIDE_ROLES if is_wide else LONG_ROLES
        if len(names) != len(self._names) or choices != self._choices:
            for box in self._boxes.values():
                box.hide()
                box.deleteLater()
            self._boxes = {}
        self._names, self._roles = tuple(names), tuple(roles)
        self._choices, self._is_fixed = choices, is_fixed
        for column, box in self._boxes.items():
            self._fill(box, column)
        self.updateGeometries()
        self.place()
        self.viewport().update()

    def box(self, column: int) -> RoleBox:
        """Return the box of a column, made where it is not there yet."""
        if column not in self._boxes:
            box = RoleBox(self.viewport())
            box.setObjectName(f"role{column + 1}")
            box.activated.connect(lambda _position: self._on_activated(column))
            box.focused.connect(lambda: self._on_focused(column))
            self._boxes[column] = box
            self._fill(box, column)
            before = max((each for each in self._boxes if each < column), default=None)
            QWidget.setTabOrder(self._table if before is None else self._boxes[before], box)
            box.show()
        return self._boxes[column]

    def _fill(self, box: RoleBox, column: int) -> None:
        """Let a box show its column's role."""
        choices = self._choices
        if self._roles[column] not in choices:
            choices = (*choices, self._roles[column])
        if [box.itemData(k) for k in range(box.count())] != list(choices):
            box.clear()
            for role in choices:
                box.addItem(ROLE_WORDS.get(role, role), role)
        box.setCurrentIndex(box.findData(self._roles[column]))
        box.setEnabled(not self._is_fixed)
        describe(box, f"Column {column + 1}, {self._names[column]}, holds",
                 f"What column {column + 1}, {self._names[column]}, holds.")

    def _on_activated(self, column: int) -> None:
        self.role_chosen.emit(column, str(self._boxes[column].currentData()))

    def place(self) -> None:
        """Put the boxes below the names of their columns."""
        if self.is_held or not self._names or not self.count():
            return
        first = max(self.visualIndexAt(0), 0)
        last = self.visualIndexAt(self.viewport().width() - 1)
        last = self.count() - 1 if last < 0 else last
        for column in range(first, min(last + 2, self.count(), len(self._names))):
            self.box(column)
        top = self.height() - BOX_HEIGHT - 4
        for column, box in self._boxes.items():
            box.setGeometry(self.sectionViewportPosition(column) + 3, top,
                            self.sectionSize(column) - 6, BOX_HEIGHT)

    def _on_focused(self, column: int) -> None:
        """Bring the column of a box that gets the focus into view."""
        row = max(self._table.rowAt(0), 0)
        self._table.scrollTo(self._table.model().index(row, column))

    def name_size(self, column: int) -> QSize:
        """Return the room that a column's name takes, in at most five lines."""
        metrics = self.fontMetrics()
        area = QRect(0, 0, _NAME_WIDTH, metrics.lineSpacing() * _NAME_LINES)
        return metrics.boundingRect(area, _FLAGS, self._names[column]).size()

    def width_for(self, column: int, content: int) -> int:
        """Return the width a column needs for its name, its box and ``content`` pixels."""
        return max(self.name_size(column).width() + 14, content, self.box_width())

    def box_width(self) -> int:
        """Return the width of a box with its longest word."""
        words = [ROLE_WORDS[role] for role in self._choices]
        return max(self.fontMetrics().horizontalAdvance(word) for word in words) + _AROUND

    def sizeHint(self) -> QSize:
        """Return room for the longest name and a box."""
        names = range(min(len(self._names), 200))
        tallest = max((self.name_size(column).height() for column in names), default=0)
        tallest = min(tallest, self.fontMetrics().lineSpacing() * _NAME_LINES)
        return QSize(super().sizeHint().width(), tallest + BOX_HEIGHT + 14)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the boxes anew."""
        super().resizeEvent(event)
        self.place()

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Write the name; the box below it is a widget."""
        palette = QApplication.palette()
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Window))
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if logicalIndex >= len(self._names):
            return
        is_used = bool(self._roles[logicalIndex])
        painter.setPen(palette.color(
            QPalette.ColorRole.WindowText if is_used else QPalette.ColorRole.PlaceholderText))
        area = QRect(rect.topLeft() + QPoint(7, 5),
                     QSize(rect.width() - 12, rect.height() - BOX_HEIGHT - 10))
        painter.drawText(area, _FLAGS, self._names[logicalIndex])


_FLAGS = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
