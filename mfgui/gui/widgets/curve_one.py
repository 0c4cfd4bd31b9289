"""Reads the curve of one run out, in words above it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from mfgui.gui.widgets.curve_data import CurveData
from mfgui.gui.widgets.curve_head import CurveHead
from mfgui.gui.widgets.curve_plot import CurvePlot
from mfgui.gui.widgets.curve_words import read_out


class OneCurve(QObject):
    """Writes the record under the pointer, and the notice of that epoch."""

    def __init__(self, head: CurveHead, plot: CurvePlot, parent: QObject) -> None:
        super().__init__(parent)
        self._head, self._plot = head, plot
        self._data = CurveData()
        self._pointed: int | None = None
        plot.record_pointed.connect(self._on_record_pointed)

    def set_data(self, data: CurveData) -> None:
        """Read another run; nothing of it until it is pointed at."""
        self._data, self._pointed = data, None

    def _on_record_pointed(self, position: int | None) -> None:
        self._pointed = position
        if not self._plot.is_several:
            self.show()

    def show(self) -> None:
        """Write what is read."""
        if self._pointed is None or self._pointed >= len(self._data.records):
            self._head.read_out.setText("")
            self._plot.tell_record("")
            return
        told = self._plot.marks.texts_at(self._data.x_at(self._pointed))
        more = [f"({len(told) - 1} more there, in Messages)"] if len(told) > 1 else []
        text = "   ".join(
            [read_out(self._data.records[self._pointed], self._head.view), *told[-1:], *more])
        self._head.read_out.setText(text)
        self._plot.tell_record(text)
