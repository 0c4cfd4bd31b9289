"""The legend of several curves, and what each of them has at the place that is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from mfgui.gui.run_looks import SWATCH, swatch
from mfgui.gui.theme import LIGHT, Theme

NAME, PLACE, VALUE = range(3)
USUAL_NAME = "adagrad, F=128, epochs=15"  # there is room for such a one, the shown run's bold
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class LegendRow:
    """A row of the legend.

    Parameters
    ----------
    key : object
        What the row stands for.
    name : str
    colour : str
    style : Qt.PenStyle
    place, value : str
        Where the curve is read, and what it has there.
    note : str
        In the place of both, where there is nothing to read.
    told : str
        The whole story, for who points at it.
    is_bold : bool
        Whether it is the run that the window shows.
    """

    key: object
    name: str
    colour: str
    style: Qt.PenStyle
    place: str = ""
    value: str = ""
    note: str = ""
    told: str = ""
    is_bold: bool = False


class LegendModel(QAbstractTableModel):
    """The rows as Qt wants them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[LegendRow] = []
        self.theme: Theme = LIGHT
        self.words = ("Run", "Epoch", "")
        self._ratio = parent.devicePixelRatioF()

    def set_rows(self, rows: Sequence[LegendRow]) -> None:
        """Show other rows; those that only have other figures stay selected."""
        if [row.key for row in rows] == [row.key for row in self.rows]:
            changed = [k for k, row in enumerate(rows) if row != self.rows[k]]
            self.rows = list(rows)
            if changed:
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], VALUE))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def set_words(self, place: str, value: str) -> None:
        """Name the columns."""
        if self.words != ("Run", place, value):
            self.words = ("Run", place, value)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, VALUE)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return three."""
        return 0 if parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's word."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, row.note or row.place, "" if row.note else row.value)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return "<br>".join(escape(text) for text in (row.name, row.told) if text)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return swatch(row.colour, row.style, self._ratio)
        if role == Qt.ItemDataRole.ForegroundRole and row.note:
            return QColor(self.theme.muted)
        if role == Qt.ItemDataRole.FontRole and row.is_bold:
            font = QFont()
            font.setBold(True)
            return font
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == NAME else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class CurveTable(QTableView):
    """One row a curve: its line's sample and name, and the record that is read, or the newest.

    Signals
    -------
    row_chosen : key of the row that a person chose, or None
    """

    row_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curveTable")
        self.setAccessibleName("Curves")
        self.setToolTip("The runs that are drawn, called by what differs between them; with the "
                        "record under the pointer, or the newest one. Choose one to see it apart.")
        self.setWhatsThis(self.toolTip())
        self.model_ = LegendModel(self)
        self.setModel(self.model_)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)  # what differs stands first
        self.setIconSize(QSize(*SWATCH))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self._set_widths()
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.model_.modelReset.connect(self._set_spans)
        self.model_.modelReset.connect(self._fit_names)
        self.model_.dataChanged.connect(self._set_spans)
        self._spans: list[int] = []

    def _set_widths(self) -> None:
        """Give the figures the room they need, and the names the rest."""
        header = self.horizontalHeader()
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(20)
        header.setHighlightSections(False)
        for column in (PLACE, VALUE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, 0)
        self._fit_figures("Second", "0.00000")
        self._fit_names()

    def _fit_names(self) -> None:
        """Take the width of the longest name, though not more than two fifths of the row."""
        header, metrics = self.horizontalHeader(), QFontMetrics(self._bold())

        def width(name: str) -> int:
            return (metrics.horizontalAdvance(name) + SWATCH[0] + 36
                    + header.sectionSize(PLACE) + header.sectionSize(VALUE))

        row = self.parentWidget()
        most = 0 if row is None else row.width() * 2 // 5
        longest = max((width(each.name) for each in self.model_.rows), default=0)
        self.setMinimumWidth(max(width(USUAL_NAME), min(longest, most)))

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def _fit_figures(self, *texts: str) -> None:
        """Widen a column where its text needs it; it never shrinks, for figures change often."""
        header, bold = self.horizontalHeader(), self._bold()
        for column, text in zip((PLACE, VALUE), texts, strict=True):
            wide = QFontMetrics(bold).horizontalAdvance(text) + 14
            if wide > header.sectionSize(column):
                header.resizeSection(column, wide)

    def set_theme(self, theme: Theme) -> None:
        """Write in the theme's colours."""
        self.model_.theme = theme

    def set_rows(self, rows: Sequence[LegendRow], place: str, value: str) -> None:
        """Show these rows under these words."""
        self.model_.set_words(place, value)
        self.model_.set_rows(rows)
        read = [row for row in rows if not row.note]
        self._fit_figures(*(max((getattr(row, name) for row in read), key=len, default="")
                            for name in ("place", "value")))

    def _set_spans(self, *_range: object) -> None:
        """Let a note have the room of both figures."""
        spans = [k for k, row in enumerate(self.model_.rows) if row.note]
        if spans != self._spans:
            self.clearSpans()
            for k in spans:
                self.setSpan(k, PLACE, 1, 2)
            self._spans = spans

    @property
    def chosen(self) -> object:
        """Key of the row that a person chose; None where none is."""
        rows = self.selectionModel().selectedRows()
        return self.model_.rows[rows[0].row()].key if rows else None

    def show_row(self, key: object) -> None:
        """Bring a row into view."""
        for k, row in enumerate(self.model_.rows):
            if row.key == key:
                self.scrollTo(self.model_.index(k, NAME))
                return

    def _on_selection_changed(self, *_selection: object) -> None:
        self.row_chosen.emit(self.chosen)
