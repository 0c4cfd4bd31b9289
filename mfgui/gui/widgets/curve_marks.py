"""The upright lines of the learning curve: seams between segments, and marks of notices.

One line stands at an epoch, however much there is to tell of it: ten notices of the guard at one
epoch, or a notice where a segment begins, would else be written over each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_data import CurveData
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.training.events import Notice

_GRAVITY = ("information", "warning", "error")
_LINE_HEIGHT = 15  # pixels of a word at the top, and of the next below it
_N_LINES = 4  # so many words stand below each other where their marks are close


@dataclass
class Mark:
    """An upright line and what it stands for.

    Parameters
    ----------
    line : pyqtgraph.InfiniteLine
    x : float
        Its epoch, as the curve counts.
    seam : str
        The word of the segment that begins here, or "".
    notices : list of Notice
    """

    line: Any
    x: float
    seam: str = ""
    notices: list[Notice] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The gravest kind of its notices; "seam" where there is none."""
        return max((notice.kind for notice in self.notices), key=_GRAVITY.index, default="seam")

    @property
    def word(self) -> str:
        """What stands at its top: the seam's word, how many notices where several, a sign."""
        sign = {"information": "i", "seam": ""}.get(self.kind, "!")
        if self.seam:
            return f"{self.seam} {sign.replace('i', '')}".strip()
        return f"{sign} ×{len(self.notices)}" if len(self.notices) > 1 else sign


class CurveMarks:
    """Thin upright lines with a word at the top, kept at their epoch on any scale."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._item, self._scale, self._data = item, Scale(), CurveData()
        self._marks: dict[float, Mark] = {}
        self._n_seams, self._is_shown = 0, True

    @property
    def marks(self) -> list[Mark]:
        """All of them, from left to right."""
        return [self._marks[x] for x in sorted(self._marks)]

    def texts_at(self, x: float) -> list[str]:
        """Return the sentences told at an epoch."""
        return [notice.text for notice in self._marks[x].notices] if x in self._marks else []

    def near(self, x: float, reach: float) -> float:
        """Return where the mark within reach of a place on the axis stands, else the place."""
        places = [mark.line.value() for mark in self._marks.values() if mark.line.isVisible()]
        nearest = min(places, key=lambda place: abs(place - x), default=math.inf)
        return nearest if abs(nearest - x) <= reach else x

    def draw_seams(self, data: CurveData, theme: Theme) -> None:
        """Draw a seam where each further segment begins."""
        self._data = data
        for segment in data.segments[1 + self._n_seams:]:
            mark = self._mark_at(segment.begin)
            mark.seam = segment.word
            self._show(mark, theme)
            self._n_seams += 1

    def add_notice(self, notice: Notice, data: CurveData, theme: Theme) -> None:
        """Mark a notice at its epoch."""
        self._data = data
        if notice.epoch is not None:
            mark = self._mark_at(data.x_of_epoch(notice.epoch))
            mark.notices.append(notice)
            self._show(mark, theme)
            self.arrange()

    def set_scale(self, scale: Scale) -> None:
        """Put every line where its epoch is on another scale."""
        self._scale = scale
        for mark in self._marks.values():
            self._put(mark)

    def set_shown(self, *, is_shown: bool) -> None:
        """Show them, or nothing of them: beside other runs it could be any run's."""
        self._is_shown = is_shown
        for mark in self._marks.values():
            self._put(mark)

    def _put(self, mark: Mark) -> None:
        """Put a line where its epoch is, by seconds where x is seconds."""
        x = self._data.second_of(mark.x) if self._scale.is_seconds else mark.x
        put_upright(mark.line, x, self._scale)
        if not self._is_shown:
            mark.line.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        for mark in self._marks.values():
            self._show(mark, theme)

    def arrange(self) -> None:
        """Write each word at the right of its line, below those that it would cover."""
        box = self._item.vb
        (left, right), width, height = box.viewRange()[0], box.width(), box.height()
        if right <= left or height < _LINE_HEIGHT:
            return
        ends = [-math.inf] * _N_LINES
        for mark in self.marks:
            if not (mark.line.isVisible() and left <= mark.line.value() <= right):
                continue
            label = mark.line.label
            room = label.textItem.boundingRect().width()
            begin = (mark.line.value() - left) / (right - left) * width
            if is_at_edge := begin + room > width:
                begin -= room
            row = next((k for k, end in enumerate(ends) if begin >= end), _N_LINES - 1)
            ends[row] = begin + room
            label.anchors = [(1, 0), (1, 0)] if is_at_edge else [(0, 0), (0, 0)]
            label.setPosition(1.0 - row * _LINE_HEIGHT / height)

    def clear(self) -> None:
        """Take all away."""
        for mark in self._marks.values():
            self._item.removeItem(mark.line)
        self._marks.clear()
        self._n_seams = 0

    def _mark_at(self, x: float) -> Mark:
        """Return the mark at an epoch; its line does not count for the range."""
        if x not in self._marks:
            line = pg.InfiniteLine(angle=90, movable=False, label="", labelOpts={"position": 1.0})
            self._item.addItem(line, ignoreBounds=True)
            self._marks[x] = Mark(line, x)
            self._put(self._marks[x])
        return self._marks[x]

    def _show(self, mark: Mark, theme: Theme) -> None:
        """Write and colour a mark as what it stands for now."""
        colour = {"error": theme.error, "warning": theme.warning}.get(mark.kind, theme.muted)
        mark.line.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DotLine))
        mark.line.label.setColor(QColor(colour))
        mark.line.label.setFormat(mark.word)
        mark.line.setToolTip("\n".join(notice.text for notice in mark.notices))


def put_upright(line: Any, x: float, scale: Scale) -> None:
    """Put an upright line at an epoch; a logarithmic axis has no place for epoch 0."""
    line.setVisible(x > 0 or not scale.is_log_x)
    line.setValue(math.log10(max(x, 1e-9)) if scale.is_log_x else x)
