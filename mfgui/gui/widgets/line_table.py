"""A small table of lines to read and to choose from: what each column says is a function of a line.

Texts are made when they are drawn; columns are as wide as their longest text, and one of them, the
title, takes what is left. A line is known by its key, what it is of, so that the current one is
still of the same thing after newer lines have come.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

Index = QModelIndex | QPersistentModelIndex
_N_MEASURED = 200  # lines whose texts decide how wide a column is
_AROUND, _AROUND_HEADING = 17, 14  # pixels beside a text


@dataclass(frozen=True)
class Column:
    """One column of lines.

    Parameters
    ----------
    heading : str
    text : callable
        Of a line: what stands there.
    tip : callable or None
        Of a line: the tooltip; None: the text itself.
    heading_tip : str
        What the column means.
    is_number : bool
        It stands at the right of its column.
    """

    heading: str
    text: Callable[[Any], str]
    tip: Callable[[Any], str] | None = None
    heading_tip: str = ""
    is_number: bool = False


class LinesModel(QAbstractTableModel):
    """Lines and their columns."""

    def __init__(self, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.lines: Sequence[Any] = ()

    def show_lines(self, lines: Sequence[Any]) -> None:
        """Show other lines; where there are as many, the view keeps its place."""
        if len(lines) == len(self.lines):
            self.lines = lines
            if lines:
                self.dataChanged.emit(
                    self.index(0, 0), self.index(len(lines) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a text, its tooltip or its side."""
        column, line = self.columns[index.column()], self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(line)
        if role == Qt.ItemDataRole.ToolTipRole:
            words = column.tip(line) if column.tip is not None else column.text(line)
            # As HTML it is broken into lines, however long.
            return f"<span>{escape(words)}</span>" if words else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.heading
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return column.heading_tip if role == Qt.ItemDataRole.ToolTipRole else None


class LineTable(QTableView):
    """The table; its lines are chosen by click or arrow keys, and opened by Enter or double click.

    ``key`` returns what a line is of: an item, a cell.

    Signals
    -------
    chosen : the line that a person made the current one
    opened : the line that a person opened
    """

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(
        self, columns: Sequence[Column], stretched: int, key: Callable[[Any], Hashable],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._key = key
        self._of: object = None
        self.lines_model = LinesModel(columns, self)
        self._stretched = stretched
        self._is_showing = False
        self.setModel(self.lines_model)
        self._build()
        self.selectionModel().currentRowChanged.connect(lambda now, _: self._on_current(now))
        self.doubleClicked.connect(self._on_opened)
        self.clicked.connect(self._on_clicked)
        self._clicked_anew = True

    def _build(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(self._stretched, QHeaderView.ResizeMode.Stretch)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def lines(self) -> Sequence[Any]:
        """What is shown."""
        return self.lines_model.lines

    def show_lines(self, lines: Sequence[Any], of: object = None) -> None:
        """Show other lines; what the current one is of stays the current one, if it is there.

        Another list, ``of`` something else than the one before, begins at its top without one.
        """
        place, is_other, self._of = self.currentIndex().row(), of != self._of, of
        current = None
        if 0 <= place < len(self.lines) and not is_other:
            current = self._key(self.lines[place])
        self._is_showing = True
        self.lines_model.show_lines(lines)
        self.fit_columns()
        self._is_showing = False
        self.select_line(None if current is None else self.place_of(current))
        if is_other:
            self.scrollToTop()

    def place_of(self, key: Hashable) -> int | None:
        """Return which line is of something, None where none is."""
        return next((k for k, line in enumerate(self.lines) if self._key(line) == key), None)

    def select_line(self, place: int | None, *, is_scrolled: bool = False) -> None:
        """Make a line the current one, None for none, as if nobody had chosen it.

        Where ``is_scrolled`` is set it is brought into view; not in a table that is hidden, whose
        size tells nothing yet: Qt would scroll it once it is shown.
        """
        if place is not None and place == self.currentIndex().row():
            return
        self._is_showing = True
        self.setAutoScroll(is_scrolled and self.isVisible())
        if place is None:
            self.selectionModel().clear()
        else:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(
                self.lines_model.index(place, self._stretched), flags.ClearAndSelect | flags.Rows)
        self.setAutoScroll(True)
        self._is_showing = False

    def fit_columns(self) -> None:
        """Make every column but the title as wide as its texts."""
        metrics, head = self.fontMetrics(), QFontMetrics(self.horizontalHeader().font())
        for place, column in enumerate(self.lines_model.columns):
            if place != self._stretched and not self.isColumnHidden(place):
                texts = sorted((column.text(line) for line in self.lines[:_N_MEASURED]), key=len)
                wide = max((metrics.horizontalAdvance(text) for text in texts[-3:]), default=0)
                self.setColumnWidth(place, max(
                    wide + _AROUND, head.horizontalAdvance(column.heading) + _AROUND_HEADING))

    def _on_current(self, now: QModelIndex) -> None:
        if now.isValid() and not self._is_showing:
            self._clicked_anew = False
            self.chosen.emit(self.lines[now.row()])

    def _on_clicked(self, index: QModelIndex) -> None:
        """Choose the current line again where it is clicked: what it pinned may be let go."""
        if self._clicked_anew:
            self.chosen.emit(self.lines[index.row()])
        self._clicked_anew = True

    def _on_opened(self, index: QModelIndex) -> None:
        self.opened.emit(self.lines[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current line on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._on_opened(self.currentIndex())
        else:
            super().keyPressEvent(event)
