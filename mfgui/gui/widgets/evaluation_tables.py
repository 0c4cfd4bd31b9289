"""A table of figures: as high as its lines, as wide as its texts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget

from mfgui.gui.sound_filter import sound_filter
from mfgui.jobs.evaluation_grids import Grid, words_of
from mfgui.jobs.evaluation_words import Cell

_AROUND = 18  # pixels beside a text


class FigureTable(QTableWidget):
    """A table as high as its lines and as wide as its texts; the best figures are bold."""

    def __init__(self, name: str, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid_ = Grid((), ())
        self.setObjectName(name)
        self.setWhatsThis(help_text)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.horizontalScrollBar().rangeChanged.connect(lambda *_: self.updateGeometry())
        header.installEventFilter(self)

    def show_grid(self, grid: Grid) -> None:
        """Show other figures; without any line the table is not seen."""
        self.setVisible(bool(grid.lines))
        if grid == self.grid_:
            return
        self.grid_ = grid
        self.setRowCount(len(grid.lines))
        self.setColumnCount(len(grid.heading))
        self.setHorizontalHeaderLabels(list(grid.heading))
        for row, line in enumerate(grid.lines):
            for column, cell in enumerate(line):
                self.setItem(row, column, self._item(cell))
        self._fit()

    def _item(self, cell: Cell) -> QTableWidgetItem:
        item = QTableWidgetItem(words_of(cell))
        if cell.is_best:
            font = self.font()
            font.setBold(True)
            item.setFont(font)
        return item

    def _fit(self) -> None:
        """Give each column the room of its widest text, and the table that of all."""
        bold = self.font()
        bold.setBold(True)
        metrics, head = QFontMetrics(bold), QFontMetrics(self.horizontalHeader().font())
        for column, heading in enumerate(self.grid_.heading):
            texts = [words_of(line[column]) for line in self.grid_.lines]
            wide = max(map(metrics.horizontalAdvance, texts), default=0)
            self.setColumnWidth(column, max(wide, head.horizontalAdvance(heading)) + _AROUND)
        for row in range(self.rowCount()):
            self.setRowHeight(row, metrics.height() + 8)
        self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Measure anew where the font is another, as with another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    @sound_filter
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for another height where the heading gets its style after the table."""
        if event.type() in (QEvent.Type.Polish, QEvent.Type.StyleChange, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """Return room for all of it, and for the bar below where it is too wide."""
        frame = 2 * self.frameWidth()
        width = sum(self.columnWidth(column) for column in range(self.columnCount())) + frame
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        bar = self.horizontalScrollBar()
        more = bar.sizeHint().height() if bar.maximum() > 0 else 0
        return QSize(width, rows + self.horizontalHeader().sizeHint().height() + frame + more)

    def minimumSizeHint(self) -> QSize:
        """Return its height: what is too wide is scrolled."""
        return QSize(200, self.sizeHint().height())
