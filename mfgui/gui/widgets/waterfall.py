"""A waterfall: bars that add up to a prediction, their labels at the left, numbers at the right.

The total stands below the bars and stays there while they scroll, so that what adds up and what
it adds up to are seen together.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.waterfall_rows import Rows
from mfgui.inspection.explanation import Bar, Waterfall

HELP = ("Bars that add up to the prediction: each begins where the one above it ended. Bars of "
        "something below 0 are hatched, bars of many small things together are dotted. Up and "
        "Down walk along the bars; a click on a rating, or Enter, goes to that cell.")
FEWEST_ROWS = 5  # that are in view without scrolling, the total not counted
_BELOW = 6  # pixels that the rule above the total and its margin take
_Key = Qt.Key


class WaterfallView(QAbstractScrollArea):
    """Paints one waterfall and walks along its bars.

    Signals
    -------
    followed : the Bar that was clicked, or entered by key
    """

    followed = Signal(object)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waterfall: Waterfall | None = None
        self._theme = LIGHT
        self._rows = Rows(None, "")
        self._current, self._hovered, self._pressed = -1, -1, -1
        self.setObjectName("waterfall")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setWhatsThis(HELP)
        self.viewport().setMouseTracking(True)
        self._describe()

    # -- what is shown ------------------------------------------------------------------------

    @property
    def waterfall(self) -> Waterfall | None:
        """What is shown."""
        return self._waterfall

    @property
    def total_word(self) -> str:
        """What the total is called."""
        return self._rows.total_word

    @property
    def current(self) -> Bar | None:
        """The bar that the keys are at."""
        bars = self._rows.bars
        return bars[self._current] if 0 <= self._current < len(bars) else None

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._rows.set_theme(theme)
        self.viewport().update()

    def show_waterfall(self, waterfall: Waterfall | None, total_word: str = "Predicted") -> None:
        """Show other bars; the same bar stays the current one where it is still there."""
        before = self.current
        was_same = waterfall is not None and self._waterfall is not None and (
            waterfall.name == self._waterfall.name)
        self._waterfall, self._rows = waterfall, Rows(waterfall, total_word)
        self._rows.set_theme(self._theme)
        self._current = _place_of(before, self._rows.bars) if was_same else -1
        self._hovered = -1
        if not was_same:
            self.verticalScrollBar().setValue(0)
        if self.hasFocus() and self._current < 0 and self._rows.bars:
            self._current = 0
        self._follow_size()
        self.updateGeometry()
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        """Say to those who do not see it what is shown, and which bar the keys are at."""
        if self._waterfall is None:
            self.setAccessibleName("Waterfall")
            self.setAccessibleDescription("")
            return
        name, bar = f"Waterfall {self._waterfall.name}", self.current
        if bar is not None:
            name += f", bar {self._current + 1} of {len(self._rows.bars)}: {bar_text(bar)}"
        self.setAccessibleName(name)
        self.setAccessibleDescription("; ".join(
            waterfall_lines(self._waterfall, self._rows.total_word)))

    # -- geometry -----------------------------------------------------------------------------

    @property
    def _row_height(self) -> int:
        return self.fontMetrics().height() + 6

    @property
    def _head_height(self) -> int:
        """The height of the line that names the columns, where there is one."""
        return self._row_height if self._rows.has_ratings else 0

    def sizeHint(self) -> QSize:
        """Return room for all bars and the total."""
        return QSize(320, self._height_of(max(len(self._rows.bars), 1)))

    def minimumSizeHint(self) -> QSize:
        """Return room for the first bars and the total."""
        return QSize(200, self._height_of(min(max(len(self._rows.bars), 1), FEWEST_ROWS)))

    def _height_of(self, n_bars: int) -> int:
        return self._head_height + (n_bars + 1) * self._row_height + _BELOW

    def _follow_size(self) -> None:
        """Let the bars scroll as far as they do not fit between head and total."""
        room = self.viewport().height() - self._height_of(0)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(len(self._rows.bars) * self._row_height - room, 0))
        bar.setPageStep(max(room, 1))
        bar.setSingleStep(self._row_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll as far as the new size needs."""
        super().resizeEvent(event)
        self._follow_size()

    def _total_top(self) -> int:
        """Return where the total begins: below the last bar, or at the bottom."""
        bars_end = self._head_height + len(self._rows.bars) * self._row_height
        return min(bars_end, self.viewport().height() - self._row_height - _BELOW)

    def _row_at(self, y: float) -> int:
        """Return the bar at a height of the viewport; -1 for none, head and total among them."""
        if not self._head_height <= y < self._total_top():
            return -1
        row = int(y - self._head_height + self.verticalScrollBar().value()) // self._row_height
        return row if row < len(self._rows.bars) else -1

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars in view between head and total."""
        painter, width = QPainter(self.viewport()), float(self.viewport().width())
        painter.fillRect(event.rect(), QColor(self._theme.plot_ground))
        if self._waterfall is None:
            return
        height, head, end = self._row_height, self._head_height, self._total_top()
        columns = self._rows.columns(width, self.font())
        if head:
            self._rows.paint_head(painter, height, columns)
        painter.setClipRect(QRectF(0, head, width, end - head))
        scrolled = self.verticalScrollBar().value()
        for row in range(scrolled // height, len(self._rows.bars)):
            top = head + row * height - scrolled
            if top >= end:
                break
            is_framed = row == self._current and self.hasFocus()
            if is_framed or row == self._hovered:
                self._rows.paint_mark(painter, top, height, width, is_framed=is_framed)
            self._rows.paint_row(painter, row, top, height, columns)
        painter.setClipping(False)
        self._rows.paint_total(painter, end, height, columns)

    # -- mouse and keys -----------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell in full what the row under the pointer is; forget it when the pointer leaves."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self._row_at(event.pos().y())
            if row < 0:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), tip_of(self._rows.bars[row]),
                                  self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        """Light up the row under the pointer."""
        if row != self._hovered:
            self._hovered = row
            is_way = row >= 0 and is_followable(self._rows.bars[row])
            shape = Qt.CursorShape.PointingHandCursor if is_way else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self._hover(self._row_at(event.position().y()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a click began."""
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self._row_at(event.position().y()) if is_left else -1
        if self._pressed >= 0:
            self._go_to(self._pressed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the bar that was clicked."""
        row, self._pressed = self._pressed, -1
        if row >= 0 and row == self._row_at(event.position().y()):
            self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along the bars, follow the current one."""
        n_bars = len(self._rows.bars)
        page = max((self._total_top() - self._head_height) // self._row_height, 1)
        moves = {_Key.Key_Up: -1, _Key.Key_Down: 1, _Key.Key_PageUp: -page,
                 _Key.Key_PageDown: page, _Key.Key_Home: -n_bars, _Key.Key_End: n_bars}
        move = moves.get(_Key(event.key()))
        if move is not None and n_bars:
            self._go_to(min(max(self._current + move, 0), n_bars - 1))
        elif event.key() in (_Key.Key_Return, _Key.Key_Enter) and self.current is not None:
            self._follow()
        else:
            event.ignore()  # Esc and the window's shortcuts

    def _go_to(self, row: int) -> None:
        """Make a bar the current one and bring it into view."""
        self._current = row
        bar, height = self.verticalScrollBar(), self._row_height
        room = self._total_top() - self._head_height
        if row * height < bar.value():
            bar.setValue(row * height)
        elif (row + 1) * height > bar.value() + room:
            bar.setValue((row + 1) * height - room)
        self._describe()
        self.viewport().update()

    def _follow(self) -> None:
        bar = self.current
        if bar is not None and is_followable(bar):
            self.followed.emit(bar)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first bar."""
        super().focusInEvent(event)
        if self._current < 0 and self._rows.bars:
            self._go_to(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go elsewhere."""
        super().focusOutEvent(event)
        self.viewport().update()


def is_followable(bar: Bar) -> bool:
    """Return whether a bar stands for a cell that one can go to."""
    return bar.kind in ("rating", "implicit_share") and bar.index is not None


def bar_text(bar: Bar) -> str:
    """Return a bar in words."""
    return f"{bar.label} {bar.printed}"


def waterfall_lines(waterfall: Waterfall, total_word: str = "Predicted") -> list[str]:
    """Return a waterfall in words, a bar a line, the total last."""
    return [*(bar_text(bar) for bar in waterfall.bars), f"{total_word} {waterfall.printed_total}"]


def tip_of(bar: Bar) -> str:
    """Return the label in full, as rich text that no title can break."""
    lines = [f"{bar.label}: {bar.printed}"]
    if is_followable(bar):
        lines.append("Click to go to this cell.")
    return "<br>".join(escape(line) for line in lines)


def _place_of(bar: Bar | None, bars: tuple[Bar, ...]) -> int:
    """Return where the same bar stands among others, -1 where it is not."""
    if bar is None:
        return -1
    return next((row for row, other in enumerate(bars)
                 if (other.kind, other.index) == (bar.kind, bar.index)), -1)
