"""The factor map: a picture made by a worker, titles and marks over it, mouse and keys.

Until a person pans or zooms, the view follows the points as they move; a double click has it follow
them again. While a new picture is made the last one stays, stretched.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.focus_frame import FocusFrame
from mfgui.gui.widgets.lasso import Lasso
from mfgui.gui.widgets.map_items import MapMarks, MapTitles, measured, move
from mfgui.gui.widgets.map_tools import BOX, LASSO, PAN
from mfgui.gui.widgets.plain_axis import PlainAxis
from mfgui.gui.widgets.plot_axes import AxisWords, colour_axes
from mfgui.inspection.map_labels import Font
from mfgui.inspection.map_picture import MapPicture, View

REACH = 7.0  # pixels from the pointer, within which a point is read
CLICK = 4.0  # a press that moves less is a click
HELP = ("A point for each user or item; points that lie close together have similar factors. "
        "+ and − zoom, the arrows pan, 0 shows all; a click pins, Shift and drag selects; Enter "
        "selects what is in view, Esc lets go.")
Key = Qt.Key
ZOOMS: dict[int, float] = {Key.Key_Plus: 0.8, Key.Key_Equal: 0.8, Key.Key_Minus: 1.25}
PANS: dict[int, tuple[float, float]] = {
    Key.Key_Left: (-0.2, 0.0), Key.Key_Right: (0.2, 0.0), Key.Key_Up: (0.0, 0.2),
    Key.Key_Down: (0.0, -0.2)}


class MapView(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The map.

    Signals
    -------
    moved : something else is in view, or the view has another size
    enclosed : the corners of a lasso, float64, shape (n, 2); none of a click beside all points
    pointed : the user or item under the pointer, or None
    clicked : the user or item that was clicked
    """

    moved = Signal()
    enclosed = Signal(object)
    pointed = Signal(object)
    clicked = Signal(int)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {side: PlainAxis(side) for side in ("left", "bottom")}
        super().__init__(parent, axisItems=axes)
        self._theme, self._mode = LIGHT, PAN
        self._picture: MapPicture | None = None
        self._is_following = self._is_setting = False
        self._pressed_at: QPointF | None = None
        self._pointer: QPointF | None = None
        self._words = AxisWords(self.getPlotItem())
        self.image = pg.ImageItem(axisOrder="row-major")
        self.titles, self.marks = MapTitles(), MapMarks(self.getPlotItem())
        self.lasso = Lasso(self.scene())
        self._set_up()

    def _set_up(self) -> None:
        """Arrange what never changes."""
        self.setObjectName("factorMap")
        FocusFrame(self)
        self.setAccessibleName("Factor map")
        self.setWhatsThis(HELP)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 100)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.vb.disableAutoRange()
        item.vb.setDefaultPadding(0)
        item.vb.setLimits(minXRange=1e-9, minYRange=1e-9)
        for part in (self.image, self.titles):
            item.addItem(part, ignoreBounds=True)
        item.vb.sigRangeChanged.connect(self._on_range_changed)
        item.vb.sigResized.connect(self.moved)  # by a wider axis too
        self._is_following = True

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.plot_ground)
        colour_axes(self.getPlotItem(), theme)
        for part in (self.titles, self.marks, self.lasso):
            part.set_theme(theme)
        if self._picture is not None:
            self._name_axes(self._picture)

    def set_mode(self, mode: str) -> None:
        """Say what a drag does: "pan", "lasso" or "box"."""
        self._mode = mode
        self.setCursor(Qt.CursorShape.ArrowCursor if mode == PAN else Qt.CursorShape.CrossCursor)

    # -- pictures -----------------------------------------------------------------------------

    @property
    def picture(self) -> MapPicture | None:
        """What is shown."""
        return self._picture

    @property
    def wanted_view(self) -> View | None:
        """What a picture is wanted of; None for all points."""
        if self._is_following:
            return None
        (x0, x1), (y0, y1) = self.getPlotItem().vb.viewRange()
        return x0, x1, y0, y1

    def pixels(self) -> tuple[int, int]:
        """Return width and height of the picture's place, in pixels of the screen."""
        rect, ratio = self.getPlotItem().vb.sceneBoundingRect(), self.devicePixelRatioF()
        return max(int(rect.width() * ratio), 1), max(int(rect.height() * ratio), 1)

    def measured_font(self) -> Font:
        """Return how wide titles are."""
        return measured(self.font())

    def show_picture(self, picture: MapPicture) -> None:
        """Show a picture: colours, place, titles and axes together."""
        self._picture = picture
        x0, x1, y0, y1 = picture.view
        rect = QRectF(x0, y0, x1 - x0, y1 - y0)
        self.image.setImage(picture.rgba, autoLevels=False, levels=None, rect=rect)
        self.titles.set_labels(picture.labels, rect)
        if self._is_following:
            self._set_range(picture.view)
        self._name_axes(picture)
        self._read()  # another point may have come under a pointer at rest

    def forget(self) -> None:
        """Show nothing, and follow the points that come, wherever they lie."""
        self._picture, self._is_following = None, True
        self.image.clear()
        self.titles.set_labels((), QRectF())
        self.show_pinned(None)
        self._read()

    def _set_range(self, view: View) -> None:
        self._is_setting = True
        self.getPlotItem().vb.setRange(xRange=view[:2], yRange=view[2:], padding=0)
        self._is_setting = False

    def _name_axes(self, picture: MapPicture) -> None:
        bottom, left = picture.points.points.names
        self._words.write(bottom, left, self._theme)
        self.getPlotItem().getAxis("left").setStyle(showValues=bool(left))

    def show_pinned(self, index: int | None) -> None:
        """Ring the pinned user or item."""
        move(self.marks.pinned, self._place_of(index))

    def bring(self, index: int | None) -> None:
        """Move a user or item that is out of view to the middle, at the same zoom."""
        place, view = self._place_of(index), self.wanted_view
        if place is None or view is None:
            return
        x0, x1, y0, y1 = view
        if not (x0 <= place[0] <= x1 and y0 <= place[1] <= y1):
            right, up = place[0] - (x0 + x1) / 2, place[1] - (y0 + y1) / 2
            self.getPlotItem().vb.translateBy(x=right, y=up)

    def _place_of(self, index: int | None) -> tuple[float, float] | None:
        if index is None or self._picture is None:
            return None
        points = self._picture.points.points
        if not 0 <= index < points.x.size:
            return None
        place = float(points.x[index]), float(points.y[index])
        return place if np.isfinite(place).all() else None

    # -- looking around -----------------------------------------------------------------------

    def fit(self) -> None:
        """Show all points, and follow them."""
        self._is_following = True
        self.moved.emit()

    def _on_range_changed(self, *_: Any) -> None:
        if not self._is_setting:
            self._is_following = False
            self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, pan by arrows; 0 shows everything, Enter selects what is in view.

        Esc gives up a lasso, and lets go of what is selected.
        """
        key, box = event.key(), self.getPlotItem().vb
        if key in ZOOMS:
            box.scaleBy((ZOOMS[key], ZOOMS[key]))
        elif key in PANS:
            (x0, x1), (y0, y1) = box.viewRange()
            right, up = PANS[key]
            box.translateBy(x=right * (x1 - x0), y=up * (y1 - y0))
        elif key == Key.Key_0:
            self.fit()
        elif key == Key.Key_Escape and self.lasso.is_active:
            self.lasso.cancel()
        elif key == Key.Key_Escape:
            self.enclosed.emit(np.empty((0, 2)))
        elif key in (Key.Key_Return, Key.Key_Enter) and self._picture is not None:
            (x0, x1), (y0, y1) = box.viewRange()
            self.enclosed.emit(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    # -- mouse --------------------------------------------------------------------------------

    def _at(self, position: QPointF) -> int | None:
        """Return the user or item at a position of the widget."""
        box = self.getPlotItem().vb
        if self._picture is None or not box.sceneBoundingRect().contains(position):
            return None
        place = box.mapSceneToView(position)
        return self._picture.at(place.x(), place.y(), REACH * self.devicePixelRatioF())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a lasso, a box, or what may become a pan."""
        is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed_at = event.position() if is_left else None
        if is_left and (self._mode != PAN or is_shifted):
            self.lasso.begin(event.position(), is_box=self._mode == BOX)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the lasso, or read the point under the pointer."""
        if self.lasso.is_active:
            self.lasso.move(event.position())
            event.accept()
            return
        super().mouseMoveEvent(event)
        self._pointer = event.position() if not event.buttons() else None
        self._read()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the lasso, or take a click."""
        pressed, self._pressed_at = self._pressed_at, None
        if self.lasso.is_active:
            self._end_lasso(event.position())
            event.accept()
            return
        super().mouseReleaseEvent(event)
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        gap = event.position() - pressed
        index = self._at(event.position())
        if gap.manhattanLength() < CLICK and index is not None:
            self.clicked.emit(index)

    def _end_lasso(self, position: QPointF) -> None:
        """Tell what was enclosed; a click takes the point under it."""
        corners = self.lasso.end()
        index = self._at(position)
        if not corners and index is not None:
            self.clicked.emit(index)
            return
        box = self.getPlotItem().vb
        places = [box.mapSceneToView(corner) for corner in corners]
        self.enclosed.emit(np.array([(place.x(), place.y()) for place in places],
                                    np.float64).reshape(-1, 2))

    def _read(self) -> None:
        """Ring and tell the point under the pointer."""
        index = self._at(self._pointer) if self._pointer is not None else None
        move(self.marks.hover, self._place_of(index))
        self.pointed.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        """Read nothing any more."""
        super().leaveEvent(event)
        self._pointer = None
        self._read()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything again, while a drag pans."""
        if self._mode != LASSO:
            self.fit()
        event.accept()
