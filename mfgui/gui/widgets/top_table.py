"""A top list as a table, each line with why: below the title, or beside it where there is room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mfgui.gui.widgets.line_table import Column, LineTable
from mfgui.gui.widgets.top_words import TopLine

RANK, TITLE, PREDICTED, BOUND, N_RATINGS, WHY = range(6)
HELP = ("The items with the highest predictions. A click pins the cell; a double click, or Enter, "
        "also brings it into view in the matrices.")
_PADDING = 5
_ONE_LINE_PX = 440  # from here on reasons fit on one line

COLUMNS = (
    Column("#", lambda line: str(line.place.rank), is_number=True, heading_tip="Rank."),
    Column("Item", lambda line: line.title, lambda line: line.title_tip),
    Column("Predicted", lambda line: line.predicted, lambda line: line.predicted_tip,
           "The prediction, clipped to the scale where the model clips; the list is ordered by "
           "the unclipped one.", is_number=True),
    Column("At least", lambda line: line.bound, None,
           "The lower bound: the prediction less the held-out RMSE over the root of the item's "
           "number of ratings.", is_number=True),
    Column("Ratings", lambda line: line.n_ratings, None,
           "How many training ratings the item has.", is_number=True),
    Column("Why", lambda line: line.why, lambda line: line.why_tip,
           "The ratings of this user that weigh most in the prediction."),
)


class TopTable(LineTable):
    """The table; ``set_broad`` puts the reasons into a column of their own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(COLUMNS, TITLE, lambda line: line.place.item, parent)
        self.setObjectName("topTable")
        self.setAccessibleName("Top list")
        self.setWhatsThis(HELP)
        self.setAccessibleDescription(HELP)
        self.setItemDelegate(_UpperDelegate(self))
        self.setItemDelegateForColumn(WHY, _WhyDelegate(self))
        self._is_broad = True
        self.set_broad(False)
        self.setColumnHidden(BOUND, True)

    @property
    def is_broad(self) -> bool:
        """Whether reasons stand beside the title."""
        return self._is_broad

    def set_broad(self, is_broad: bool) -> None:
        """Put reasons beside the title, or below it."""
        if is_broad == self._is_broad:
            return
        self._is_broad = is_broad
        self.setColumnHidden(WHY, not is_broad)
        mode = QHeaderView.ResizeMode
        self.horizontalHeader().setSectionResizeMode(
            WHY, mode.Stretch if is_broad else mode.Fixed)
        self._fit_rows()
        self.fit_columns()

    @property
    def n_why_lines(self) -> int:
        """How many lines why has below a title."""
        return 0 if self._is_broad else 1 if self.width() >= _ONE_LINE_PX else 2

    def _fit_rows(self) -> None:
        line = self.fontMetrics().lineSpacing()
        self.verticalHeader().setDefaultSectionSize(
            line + 9 if self._is_broad else (1 + self.n_why_lines) * line + 2 * _PADDING)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give why as many lines as it needs."""
        super().resizeEvent(event)
        self._fit_rows()

    def show_top(
        self, lines: Sequence[TopLine], *, has_bound: bool, of: object = None
    ) -> None:
        """Show a top list, with its lower bounds where it is ordered by them."""
        self.setColumnHidden(BOUND, not has_bound)
        self.setColumnHidden(N_RATINGS, bool(lines) and not any(line.n_ratings for line in lines))
        self.show_lines(lines, of)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write, while the table is narrow, why below each line, as wide as the table."""
        super().paintEvent(event)
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        if self._is_broad or first < 0:
            return
        left = self.columnViewportPosition(TITLE) + _PADDING
        width = self.viewport().width() - left - _PADDING
        palette, roles = QApplication.palette(), QPalette.ColorRole
        painter, metrics = QPainter(self.viewport()), self.fontMetrics()
        for row in range(first, (last if last >= 0 else len(self.lines) - 1) + 1):
            is_selected = self.selectionModel().isRowSelected(row)
            # The application's: a style sheet leaves a widget's own without our muted colour.
            painter.setPen(palette.color(
                roles.HighlightedText if is_selected else roles.PlaceholderText))
            top = self.rowViewportPosition(row) + _PADDING + metrics.lineSpacing()
            painter.drawText(
                QRect(left, top, width, self.n_why_lines * metrics.lineSpacing()),
                int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
                    | Qt.TextFlag.TextWordWrap),
                self.lines[row].fitted_why(width, metrics, self.n_why_lines))
        painter.end()


class _UpperDelegate(QStyledItemDelegate):
    """Draws a text on top of its cell while the table is narrow."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the text; the style draws the ground."""
        view = option.widget
        assert isinstance(view, TopTable)
        if view.is_broad:
            super().paint(painter, option, index)
            return
        plain = QStyleOptionViewItem(option)
        plain.text = ""
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, view)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        roles = QPalette.ColorRole
        painter.save()
        painter.setPen(QApplication.palette().color(
            roles.HighlightedText if is_selected else roles.Text))
        area = option.rect.adjusted(_PADDING, _PADDING, -_PADDING, 0)
        area.setHeight(option.fontMetrics.lineSpacing())
        shown = option.fontMetrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), shown)
        painter.restore()


class _WhyDelegate(QStyledItemDelegate):
    """Draws reasons so that each of them can be seen, however long their titles."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Shorten titles to the room there is."""
        super().initStyleOption(option, index)
        view = option.widget
        if isinstance(view, TopTable):
            option.text = view.lines[index.row()].fitted_why(
                option.rect.width() - 2 * _PADDING - 4, option.fontMetrics)
