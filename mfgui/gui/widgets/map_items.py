"""What is drawn over the points of the factor map: titles, and the few marks that move at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from mfgui.gui.theme import LIGHT, Theme
from mfgui.inspection.map_labels import TITLE_GAP, Font, MapLabel

LETTERS_PX = 11
HALO = 190  # how much of the points a title covers, of 255


def title_font(font: QFont) -> QFont:
    """Return the letters of titles on the map."""
    small = QFont(font)
    small.setPixelSize(LETTERS_PX)
    return small


def measured(font: QFont) -> Font:
    """Return how wide letters are, for the worker: fonts belong to the GUI thread."""
    metrics = QFontMetricsF(title_font(font))
    widths = tuple(metrics.horizontalAdvance(chr(code)) for code in range(32, 127))
    return Font(widths, metrics.horizontalAdvance("m"), metrics.height())


class MapTitles(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """The titles in view, painted by one item."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: Sequence[MapLabel] = ()
        self._theme, self._view = LIGHT, QRectF()
        self.setZValue(10)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def set_labels(self, labels: Sequence[MapLabel], view: QRectF) -> None:
        """Show other titles within the view."""
        self.prepareGeometryChange()
        self._labels, self._view = labels, view
        self.update()

    @property
    def labels(self) -> Sequence[MapLabel]:
        """The titles shown."""
        return self._labels

    def boundingRect(self) -> QRectF:
        """Return the view that they were placed in."""
        return self._view

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Paint each title on a little of the ground, so that points do not disturb it."""
        if not self._labels:
            return
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        font = title_font(painter.font())
        painter.setFont(font)
        height = QFontMetricsF(font).height()
        ground, text = QColor(self._theme.plot_ground), QColor(self._theme.text)
        ground.setAlpha(HALO)
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for label in self._labels:
            at = transform.map(QPointF(label.x, label.y))
            left = at.x() + TITLE_GAP if label.is_right else at.x() - TITLE_GAP - label.width
            place = QRectF(left - 1, at.y() - height / 2, label.width + 2, height)
            painter.fillRect(place.adjusted(0, 1, 0, -1), ground)
            painter.setPen(text)
            painter.drawText(place.adjusted(1, 0, 20, 0), side, label.text)
        painter.restore()


class MapMarks:
    """Rings around the point under the pointer and the pinned one, and the new user's point.

    They are items of their own, so that they move without a new picture.
    """

    def __init__(self, item: pg.PlotItem) -> None:
        self.hover, self.pinned, self.guest = (
            pg.ScatterPlotItem(pxMode=True) for _ in range(3))
        self.guest_name = pg.TextItem(anchor=(0.5, 1.4))
        for depth, part in enumerate((self.pinned, self.hover, self.guest, self.guest_name)):
            part.setZValue(20 + depth)
            item.addItem(part, ignoreBounds=True)
        self.guest_name.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for ring, colour, width, size in ((self.hover, theme.text, 1.5, 13),
                                          (self.pinned, theme.accent, 2.5, 16)):
            ring.setPen(pg.mkPen(colour, width=width))
            ring.setBrush(None)
            ring.setSize(size)
        self.guest.setPen(pg.mkPen(theme.plot_ground, width=1))
        self.guest.setBrush(pg.mkBrush(theme.error))
        self.guest.setSymbol("star")
        self.guest.setSize(18)
        self.guest_name.setColor(theme.text)
        fill = QColor(theme.plot_ground)
        fill.setAlpha(HALO)
        self.guest_name.fill = pg.mkBrush(fill)

    def show_guest(self, place: tuple[float, float] | None, name: str = "") -> None:
        """Move the new user's point; None for none."""
        move(self.guest, place)
        self.guest_name.setVisible(place is not None)
        if place is not None:
            self.guest_name.setText(name)
            self.guest_name.setPos(*place)


def move(ring: pg.ScatterPlotItem, place: tuple[float, float] | None) -> None:
    """Show a mark at a place, or take it away."""
    ring.setData([] if place is None else [place[0]], [] if place is None else [place[1]])
