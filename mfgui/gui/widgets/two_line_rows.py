"""Rows of a list in two lines, each with something at the left and at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

LINES = Qt.ItemDataRole.UserRole + 1  # name, numbers, size, state
PADDING = 9


class TwoLineDelegate(QStyledItemDelegate):
    """Draws a row in two lines: name and size, numbers and state; the item's `LINES` are these."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the room that both lines need, so that none is cut."""
        name, numbers, size, state = index.data(LINES)
        metrics, gap = option.fontMetrics, 24
        bold = _bold(option.font)
        wide = max(_width(bold, name) + metrics.horizontalAdvance(size),
                   metrics.horizontalAdvance(numbers) + metrics.horizontalAdvance(state))
        return QSize(wide + gap + 2 * PADDING, 2 * metrics.lineSpacing() + 2 * PADDING + 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row; the style draws the ground, so that selection and hover look as always."""
        name, numbers, size, state = index.data(LINES)
        view = option.widget
        plain = QStyleOptionViewItem(option)
        plain.text = ""
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, view)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        # The application's: a style sheet leaves a widget's own palette without our muted colour.
        palette, roles = QApplication.palette(), QPalette.ColorRole
        text, muted, mark = (
            (roles.HighlightedText,) * 3 if is_selected
            else (roles.Text, roles.PlaceholderText, roles.Link))
        area = option.rect.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        first = QRect(area.left(), area.top(), area.width(), area.height() // 2)
        second = first.translated(0, area.height() - area.height() // 2)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        font = option.font
        painter.save()
        for box, side, words, role, used in (
            (first, left, name, text, _bold(font)), (first, right, size, text, font),
            (second, left, numbers, muted, font), (second, right, state, mark, font),
        ):
            painter.setFont(used)
            painter.setPen(palette.color(role))
            painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def _width(font: QFont, text: str) -> int:
    return QFontMetrics(font).horizontalAdvance(text)
