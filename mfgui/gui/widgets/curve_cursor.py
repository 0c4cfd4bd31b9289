"""The cross-line of the learning curve: which record is read, by pointer or by keys."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_data import CurveData
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.gui.widgets.curve_marks import CurveMarks, put_upright

_NEAR = 4  # pixels from a mark, within which the pointer reads its epoch


class CurveCursor(QObject):
    """An upright line at the record that is read.

    Signals
    -------
    moved : position of the record, or None
    """

    moved = Signal(object)

    def __init__(self, item: pg.PlotItem, parent: QObject) -> None:
        super().__init__(parent)
        self._item = item
        self._data, self._scale = CurveData(), Scale()
        self._position: int | None = None
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        item.addItem(self._line, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self._line.setPen(pg.mkPen(theme.muted, width=1))

    def set_data(self, data: CurveData, scale: Scale) -> None:
        """Read other records, or on another scale; none is read until it is asked for."""
        self._data, self._scale = data, scale
        self.move_to(None)

    def move_to(self, position: int | None) -> None:
        """Show and tell which record is read."""
        self._line.setVisible(position is not None)
        if position is not None:
            put_upright(self._line, self._data.x_at(position, self._scale), self._scale)
        if position != self._position:
            self._position = position
            self.moved.emit(position)

    def move_near(self, place: QPointF, marks: CurveMarks) -> None:
        """Read the record nearest to a place in the scene, that of a mark where one is close."""
        box = self._item.vb
        if not self._data.records or not box.sceneBoundingRect().contains(place):
            self.move_to(None)
            return
        x, pixel = box.mapSceneToView(place).x(), box.viewPixelSize()[0]
        x = marks.near(x, _NEAR * pixel)
        x = 10.0 ** min(x, 300) if self._scale.is_log_x else x
        self.move_to(self._data.nearest(x, self._scale))

    def take_key(self, key: int) -> bool:
        """Go one record on or back, to either end, or away; return whether the key was one."""
        n_records, now, keys = len(self._data.records), self._position, Qt.Key
        targets = {keys.Key_Home: 0, keys.Key_End: n_records - 1, keys.Key_Escape: None,
                   keys.Key_Left: n_records - 1 if now is None else now - 1,
                   keys.Key_Right: 0 if now is None else now + 1}
        if key not in targets or not n_records:
            return False
        target = targets[Qt.Key(key)]
        self.move_to(None if target is None else min(max(target, 0), n_records - 1))
        return True
