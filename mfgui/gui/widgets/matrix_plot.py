"""What is seen of one matrix: picture, axes, cross-hair, numbers, a hint or a mark."""

from __future__ import annotations

from html import escape

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFont,
    QFontMetricsF,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import NEW_USER, Cell
from mfgui.gui.widgets.matrix_bands import RightBand, TopBand
from mfgui.gui.widgets.matrix_heads import HeadAxis, Heads
from mfgui.gui.widgets.matrix_items import CellNumbers
from mfgui.gui.widgets.matrix_marks import MatrixMarks
from mfgui.inspection.pictures import Pictures

BAND_FROM_PX = 14.0  # from here on a cell is framed: a line through it would hide its number
TITLE_POINTS = 10
HELP = (
    "The wheel zooms at the pointer, a drag pans, a click pins a cell, which the inspector "
    "explains. The arrows move the pinned cell, with Ctrl by a page; Home and End go to the ends "
    "of its row, with Ctrl of the matrix; + and − zoom, Page up and down pan, Enter opens the "
    "inspector, Esc lets go of the cell and then of all marks, Tab leaves. A double click shows "
    "this matrix alone, or all again.")
SIDES = ("left", "top", "right", "bottom")


class MatrixPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A picture of a matrix with axes and bands around it; it knows no state.

    Signals
    -------
    resized : the picture has another size in pixels
    """

    resized = Signal()
    accessible_role = "picture"

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        self.rows, self.columns = HeadAxis("left"), HeadAxis("bottom")
        self.top, self.right = TopBand(), RightBand()
        axes = dict(zip(SIDES, (self.rows, self.top, self.right, self.columns), strict=True))
        super().__init__(parent, axisItems=axes)
        self.name = name
        self.setObjectName(f"{name}View")
        self._theme, self._title, self._mark = LIGHT, title, ""
        self.image = pg.ImageItem(axisOrder="row-major")
        self.numbers = CellNumbers(is_signed=name == "residual")
        self.marks = MatrixMarks()
        self.top.strip.is_signed = name == "residual"
        self._cross = tuple(  # left and top edge of a cell, right and bottom edge
            pg.InfiniteLine(angle=angle, movable=False) for angle in (90, 0, 90, 0))
        self._hint = pg.TextItem(anchor=(0.5, 0.5))
        self._titled: tuple[str, str, Theme] | None = None
        self._plain_left, self._has_axes = 44, True
        self.chip = QLabel(self)
        self._set_up()

    def _set_up(self) -> None:
        """Arrange what never changes."""
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.invertY(True)
        item.vb.disableAutoRange()
        item.vb.setDefaultPadding(0)
        self.setMouseTracking(True)
        self.setWhatsThis(HELP)
        self.chip.setObjectName("matrixChip")
        self.chip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.chip.hide()
        for part in (self.image, self.numbers, self.marks, *self._cross, self._hint):
            item.addItem(part, ignoreBounds=True)
        for line in self._cross:
            line.hide()
            line.setZValue(20)
        self.set_title(self._title)
        item.vb.sigResized.connect(self._on_box_resized)

    def _on_box_resized(self, _box: object) -> None:
        self._show_title()
        self.resized.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.window)
        for part in (self.rows, self.columns, self.top, self.right, self.marks):
            part.set_theme(theme)
        for line in self._cross:
            line.setPen(pg.mkPen(theme.accent, width=1))
        self._hint.setColor(theme.text)
        self._show_title()

    def set_title(self, title: str, mark: str = "") -> None:
        """Say what is shown, and in the accent's colour what must not be overlooked."""
        self._title, self._mark = title, mark
        self.setAccessibleName(f"{title} matrix{', ' if mark else ''}{mark}")
        self._show_title()

    def _show_title(self) -> None:
        """Write as much of the title as fits: a longer one would widen the plot."""
        room = self.getPlotItem().vb.width() - 8
        title, mark = _fitting(self._title, self._mark, room)
        if (title, mark, self._theme) == self._titled:
            return  # a title set anew has the whole plot laid out anew
        self._titled = title, mark, self._theme
        marked = (f' <b><span style="color:{self._theme.accent}">{escape(mark)}</span></b>'
                  if mark else "")
        self.getPlotItem().setTitle(
            f"{escape(title)}{marked}", color=self._theme.text, size=f"{TITLE_POINTS}pt")

    def set_axis_words(self, rows: str, columns: str) -> None:
        """Name the axes."""
        self.rows.set_words(rows)
        self.columns.set_words(columns)

    def set_value_text(self, text: str) -> None:
        """Tell those who do not see it the pinned cell, aloud where this view has the focus."""
        if text == self.accessibleDescription():
            return
        # PySide cannot hand out a value or text interface of its own: its interface_cast crashes
        # (6.10.3). A description is read through every platform's accessibility.
        self.setAccessibleDescription(text)
        if text and self.hasFocus() and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    # -- picture, hint and mark ---------------------------------------------------------------

    def show_pictures(self, pictures: Pictures) -> None:
        """Show this matrix's picture: colours and rectangle are set together."""
        picture = pictures.views[self.name]
        self._hint.hide()
        self._show_axes(True)
        window = pictures.blocks.window
        self.image.setImage(picture.rgba, autoLevels=False, levels=None, rect=QRectF(
            window.first_column, window.first_row, window.last_column - window.first_column,
            window.last_row - window.first_row))
        self.image.show()
        self.marks.show()
        cells = picture if window.is_cells else None
        self.numbers.set_cells(cells, window.first_row, window.first_column)

    def show_hint(self, text: str) -> None:
        """Show one line of text instead of a picture."""
        self.image.hide()
        self.marks.hide()
        self.chip.hide()
        self.numbers.set_cells(None, 0, 0)
        self._show_axes(False)
        self.place_cross(None)
        self._hint.setText(text)
        self._hint.show()
        self._place_hint()

    def set_chip(self, words: str) -> None:
        """Show a few words in the corner of the picture; "" takes them away."""
        is_shown = bool(words) and self.image.isVisible()
        if is_shown:
            self.chip.setText(words)
            self.chip.adjustSize()
            corner = self.getPlotItem().vb.sceneBoundingRect().topLeft()
            self.chip.move(corner.toPoint() + QPoint(4, 4))
        self.chip.setVisible(is_shown)

    def _show_axes(self, is_shown: bool) -> None:
        """Axes stand beside a picture only: empty ones tell nothing."""
        if self._has_axes != is_shown:
            self._has_axes = is_shown
            self.getPlotItem().showAxes(is_shown, showValues=(True, False, False, True))
            self._lay_out()

    def _lay_out(self) -> None:
        """Give every part its place at once: the next request needs the picture's new size."""
        self.getPlotItem().layout.activate()

    def _place_hint(self) -> None:
        (x0, x1), (y0, y1) = self.getPlotItem().vb.viewRange()
        self._hint.setPos((x0 + x1) / 2, (y0 + y1) / 2)

    def place_cross(self, cell: Cell | None) -> None:
        """Put the cross-hair on a cell (row, column): a line, or a frame round a large one."""
        is_shown = cell is not None and self.image.isVisible()
        sizes = self.numbers.cell_size()
        for k, line in enumerate(self._cross):
            is_band = sizes[k % 2] >= BAND_FROM_PX
            place = cell[1 - k % 2] if cell is not None else 0
            line.setVisible(is_shown and (is_band or k < 2) and place != NEW_USER)
            line.setPos(place + (k // 2 if is_band else 0.5))

    # -- sides --------------------------------------------------------------------------------

    def set_size(self, n_users: int, n_items: int) -> None:
        """Hold zoom and pan inside a matrix of this size."""
        self.getPlotItem().vb.setLimits(
            xMin=0, xMax=n_items, yMin=0, yMax=n_users,
            minXRange=1, minYRange=1, maxXRange=n_items, maxYRange=n_users)
        self._plain_left = max(44, 25 + 7 * len(f"{n_users:,}"))
        self.set_heads(None, None)

    @property
    def plain_left(self) -> int:
        """The width of the row axis with numbers."""
        return self._plain_left

    def set_heads(self, rows: Heads | None, columns: Heads | None) -> None:
        """Show ids and titles along the sides, numbers where there are none."""
        has_changed = self.rows.set_heads(rows, self._plain_left)
        if self.columns.set_heads(columns, None) or has_changed:
            self._lay_out()

    def pixels(self) -> tuple[int, int]:
        """Return height and width of the picture's place, in pixels of the screen."""
        rect, ratio = self.getPlotItem().vb.sceneBoundingRect(), self.devicePixelRatioF()
        return max(int(rect.height() * ratio), 1), max(int(rect.width() * ratio), 1)

    def room(self) -> tuple[float, float]:
        """Return height and width of picture and heads together, in pixels."""
        item = self.getPlotItem()
        above = item.titleLabel.maximumHeight() + self.top.maximumHeight()
        return (item.size().height() - above - 2,
                item.size().width() - self.right.maximumWidth() - 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that the picture needs other pixels."""
        super().resizeEvent(event)
        self.resized.emit()


def _fitting(title: str, mark: str, room: float) -> tuple[str, str]:
    """Return title and mark without what follows a bracket or colon, then elided, where needed."""
    font = QFont()
    font.setPointSize(TITLE_POINTS)
    plain = QFontMetricsF(font)
    font.setBold(True)
    bold = QFontMetricsF(font)
    short, short_mark = title.partition(" (")[0], mark.partition(":")[0]
    for one, other in ((title, mark), (short, mark), (short, short_mark)):
        if plain.horizontalAdvance(f"{one} ") + bold.horizontalAdvance(other) <= room:
            return one, other
    left = room - bold.horizontalAdvance(f" {short_mark}")
    return plain.elidedText(short, Qt.TextElideMode.ElideRight, max(left, 0)), short_mark
