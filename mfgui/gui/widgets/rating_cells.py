"""The cells of the table of a new user's ratings: what they hold, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mfgui.gui.widgets.inspector_words import minus, rating
from mfgui.gui.widgets.rating_scale import RatingScale
from mfgui.gui.widgets.rating_steps import draw_steps, steps_width

Index = QModelIndex | QPersistentModelIndex
Row = tuple[int, float | None]  # item, rating or None where it is still to come
TITLE, RATING = 0, 1
_LEFT, _BESIDE = 6, 8  # pixels before the scale, and between it and the number
TYPE_FIRST = "type a number"


class RatingsModel(QAbstractTableModel):
    """Items and their ratings."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()
        self.name: Callable[[int], str] = str

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other ratings; where the items are the same, the view keeps its place.

        Where nothing changed nothing is told: a field that is open would lose what was typed.
        """
        if rows == self.rows:
            return
        if [item for item, _ in rows] == [item for item, _ in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, TITLE), self.index(len(rows) - 1, RATING))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of items."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return 2: title and rating."""
        return 0 if parent is not None and parent.isValid() else 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let ratings be edited."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == RATING else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a title, or a rating in words."""
        item, value = self.rows[index.row()]
        roles = Qt.ItemDataRole
        if index.column() == TITLE:
            if role == roles.DisplayRole:
                return self.name(item)
            return f"<span>{escape(self.name(item))}</span>" if role == roles.ToolTipRole else None
        if role in (roles.DisplayRole, roles.EditRole):
            return "" if value is None else rating(value)
        if role == roles.AccessibleTextRole:
            return "not rated yet" if value is None else f"rated {rating(value)}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Item", "Rating")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class RatingDelegate(QStyledItemDelegate):
    """Draws a rating on its scale and takes clicks there, or what is typed.

    Signals
    -------
    clicked : row, and the rating at the place that was clicked
    typed : row, and the text that was typed
    """

    clicked = Signal(int, float)
    typed = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.scale = RatingScale()

    def width(self, option_width: int) -> int:
        """Return how wide the column is; ``option_width`` is that of the longest number."""
        steps = steps_width(self.scale)
        return _LEFT + (steps + _BESIDE if steps else 0) + option_width + 12

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the scale and the number; the style draws the ground."""
        text = str(index.data())
        view, plain = option.widget, QStyleOptionViewItem(option)
        plain.text = ""
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, view)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        area = QRectF(option.rect).adjusted(_LEFT, 0, -4, 0)
        steps = steps_width(self.scale)
        model: Any = index.model()
        draw_steps(painter, area, self.scale, model.rows[index.row()][1], is_selected=is_selected)
        roles = QPalette.ColorRole
        is_missing = not text
        role = (roles.HighlightedText if is_selected
                else roles.PlaceholderText if is_missing else roles.Text)
        painter.setPen(QApplication.palette().color(role))
        words = TYPE_FIRST if is_missing and not steps else "–" if is_missing else minus(text)
        painter.drawText(area.adjusted(steps + _BESIDE if steps else 0, 0, 0, 0),
                         int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Rate where the scale is clicked."""
        steps = steps_width(self.scale)
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            x = event.position().x() - option.rect.left() - _LEFT
            if event.button() == Qt.MouseButton.LeftButton and -2 <= x <= steps and steps:
                self.clicked.emit(index.row(), self.scale.at(x / steps))
                return True
        return False

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        """Return a field to type the rating into."""
        editor = QLineEdit(parent)
        editor.setAccessibleName("Rating")
        editor.setToolTip(self.scale.words.capitalize() + ".")
        editor.setWhatsThis(self.scale.words.capitalize() + ".")
        editor.setFrame(False)
        return editor

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Tell what was typed; the table shows it once it is taken."""
        assert isinstance(editor, QLineEdit)
        if editor.text().strip() != str(index.data(Qt.ItemDataRole.EditRole)):
            self.typed.emit(index.row(), editor.text())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return room for the scale and a number."""
        return QSize(self.width(option.fontMetrics.horizontalAdvance("0000")),
                     option.fontMetrics.height() + 9)
