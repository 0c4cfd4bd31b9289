"""Equations as a book sets them, drawn by ourselves: letters, numbers, fractions, matrices."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.equation_layout import Arranger, Layout, Words, note_size
from mfgui.gui.widgets.math_boxes import pen_of
from mfgui.inspection.equations import Equations, equations_text

_WRAP = Qt.TextFlag.TextWordWrap


class _Page(QWidget):
    """What is scrolled: the equations themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.equations: Equations | None = None
        self.decimals, self.is_whole = 4, False
        self._layout: Layout | None = None
        self._size = 12.0

    def arrange(self) -> None:
        """Lay everything out in the present width."""
        if self.equations is None:
            self._layout = None
            self.setMinimumHeight(0)
        else:
            arranger = Arranger(self.font(), self.decimals, is_whole=self.is_whole)
            self._size = arranger.size
            self._layout = arranger.arrange(self.equations, self.width())
            self.setMinimumHeight(round(self._layout.height))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew in another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Lay out anew in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is in view."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(self.theme.base))
        if self._layout is None:
            return
        top, bottom = event.rect().top(), event.rect().bottom()
        painter.setPen(pen_of(self.theme.text, self._size))
        for placed in self._layout.rows:
            if placed.y + placed.row.descent >= top and placed.y - placed.row.ascent <= bottom:
                placed.row.paint(painter, placed.x, placed.y)
        for words in self._layout.words:
            if words.place.bottom() >= top and words.place.top() <= bottom:
                self._paint_words(painter, words)

    def _paint_words(self, painter: QPainter, words: Words) -> None:
        theme, font = self.theme, QFont(self.font())
        colours = {"heading": theme.accent, "title": theme.text, "sentence": theme.warning}
        if words.kind in ("name", "note"):
            font.setPixelSize(note_size(self.font()))
        font.setBold(words.kind in ("heading", "title"))
        painter.setFont(font)
        painter.setPen(QColor(colours.get(words.kind, theme.muted)))
        painter.drawText(words.place, int(_WRAP), words.text)


class EquationView(QScrollArea):
    """The equations of one cell, scrolled where they are longer than the view.

    Signals
    -------
    copy_requested : "text" or "latex", from the menu
    """

    copy_requested = Signal(str)
    accessible_role = "picture"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = _Page()
        self.setObjectName("equationView")
        self.setWidget(self.page)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: were it to come and go, the layout would chase its own width.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Equations of the pinned cell")
        self.setToolTip("")
        self.setWhatsThis(
            "The equations of the method with the numbers of the pinned cell put in. Up and Down "
            "scroll; copy them as text or as LaTeX with the buttons above.")

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self.page.theme = theme
        self.page.update()

    def show_equations(self, equations: Equations | None) -> None:
        """Draw other equations; the place that was scrolled to stays."""
        self.page.equations = equations
        self.page.arrange()
        self._describe()

    def set_decimals(self, decimals: int) -> None:
        """Write numbers with so many decimals."""
        self.page.decimals = decimals
        self.page.arrange()
        self._describe()

    def set_whole(self, is_whole: bool) -> None:
        """Show long vectors whole, or their beginning and end."""
        self.page.is_whole = is_whole
        self.page.arrange()

    def _describe(self) -> None:
        """Say the equations in words, for those who do not see them."""
        equations = self.page.equations
        self.setAccessibleDescription("" if equations is None else equations_text(
            equations, self.page.decimals, is_whole=False))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy."""
        if self.page.equations is None:
            return
        menu = QMenu(self)
        for label, kind in (("Copy as text", "text"), ("Copy as LaTeX", "latex")):
            menu.addAction(label).triggered.connect(
                lambda _checked=False, kind=kind: self.copy_requested.emit(kind))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def minimumSizeHint(self) -> QSize:
        """Return the least that shows a formula."""
        return QSize(220, 90)
