"""The factor map, its tools above and its key below; both beside it where there is no height."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.map_key import MapKey
from mfgui.gui.widgets.map_tools import MapTools
from mfgui.gui.widgets.map_view import MapView
from mfgui.gui.widgets.scrolling import Content

NOTE = "Signs, order and rotation of factors mean nothing; who lies near whom does."
LINE_NOTE = ("The model has one factor: it lies along the axis, and the height of a point means "
             "nothing. Nor does its sign.")
WIDE, LOW = 640, 420  # from this width on, and below this height, tools stand beside the map
SIDE_PX = 272
NO_LIMIT = (1 << 24) - 1  # QWIDGETSIZE_MAX, which PySide does not export


class MapBody(Content):
    """Tools, map, key, what is under the pointer, and what the axes mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools, self.view, self.key = MapTools(), MapView(), MapKey()
        self.read_out, self.note = ElidedLabel(), QLabel(NOTE)
        self._is_aside: bool | None = None
        self._build()

    def _build(self) -> None:
        self.read_out.setObjectName("mapReadOut")
        self.read_out.setAccessibleName("The point under the pointer")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)  # the map keeps its height
        self.read_out.setSizePolicy(policy)
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self._foot = QWidget()
        column = QVBoxLayout(self._foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.key, self.read_out, self.note):
            column.addWidget(widget)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 4, 8, 6)
        self._grid.setSpacing(6)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(1, 1)
        self._arrange(is_aside=False)

    def _arrange(self, *, is_aside: bool) -> None:
        """Place everything."""
        if is_aside == self._is_aside:
            return
        self._is_aside, grid = is_aside, self._grid
        for widget in (self.tools, self.view, self._foot):
            grid.removeWidget(widget)
        if is_aside:
            grid.addWidget(self.view, 0, 0, 2, 1)
            grid.addWidget(self.tools, 0, 1)
            grid.addWidget(self._foot, 1, 1, Qt.AlignmentFlag.AlignTop)
        else:
            grid.addWidget(self.tools, 0, 0)
            grid.addWidget(self.view, 1, 0)
            grid.addWidget(self._foot, 2, 0)
        for widget in (self.tools, self._foot):
            widget.setMinimumWidth(SIDE_PX if is_aside else 0)
            widget.setMaximumWidth(SIDE_PX if is_aside else NO_LIMIT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the tools beside the map where there is width, and no height."""
        super().resizeEvent(event)
        room = self.parentWidget()  # the scroll area's: the body itself may be higher
        height = room.height() if room is not None else self.height()
        self._arrange(is_aside=self.width() >= WIDE and height < LOW)
