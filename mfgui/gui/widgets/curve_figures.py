"""The current figures beside the curve; each line's sample makes them the legend too."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from mfgui.gui.theme import LIGHT, Theme, set_role
from mfgui.gui.widgets.curve_data import LEVELS, VIEWS, CurveData, figure
from mfgui.gui.widgets.curve_pens import curve_pen
from mfgui.gui.widgets.number_field import number_text


class LineSample(QWidget):
    """A short piece of a curve's line."""

    def __init__(self, pen: QPen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen = pen

    def sizeHint(self) -> QSize:
        """Return the room of a short line."""
        return QSize(28, 12)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line, a little wider than the curve so that its style is seen."""
        painter = QPainter(self)
        pen = QPen(self.pen)
        pen.setWidth(2)
        if pen.style() == Qt.PenStyle.CustomDashLine:  # its lengths count in widths
            pen.setDashPattern([length / 2 for length in self.pen.dashPattern()])
        painter.setPen(pen)
        painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)


class CurveFigures(QWidget):
    """What the newest record says, one line a column, with the line's sample before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._rows: dict[str, tuple[LineSample, QLabel, QLabel]] = {}
        self._details = QLabel()
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for columns in (*VIEWS.values(), LEVELS):
            for column, word in columns.items():
                self._add_row(grid, column, word)
        grid.setColumnStretch(1, 1)
        set_role(self._details, "muted")
        self._details.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 4, 8)
        layout.setSpacing(8)
        layout.addLayout(grid)
        layout.addWidget(self._details)
        layout.addStretch(1)
        widest = max(map(self.fontMetrics().horizontalAdvance, LEVELS.values()))
        self.setFixedWidth(widest + self.fontMetrics().horizontalAdvance("00.0000 ↑") + 60)
        self.setAccessibleName("Current figures")

    def _add_row(self, grid: QGridLayout, column: str, word: str) -> None:
        sample, name, value = LineSample(curve_pen(column, self._theme)), QLabel(word), QLabel()
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setObjectName(f"{column}Figure")
        for position, widget in enumerate((sample, name, value)):
            grid.addWidget(widget, len(self._rows), position)
            widget.hide()
        self._rows[column] = (sample, name, value)

    def set_theme(self, theme: Theme) -> None:
        """Draw the samples in the theme's colours."""
        self._theme = theme
        for column, (sample, _, _) in self._rows.items():
            sample.pen = curve_pen(column, theme)
            sample.update()

    def show_data(
        self, data: CurveData, view: str, visible: tuple[float, float] = (-math.inf, math.inf)
    ) -> None:
        """Write the newest record's figures, and what they have to beat.

        An arrow says where a level outside the ``visible`` values lies.
        """
        last = data.records[-1] if data.records else None
        for column in (name for columns in VIEWS.values() for name in columns):
            value = getattr(last, column, None)
            if value is None and column in VIEWS[view] and data.has(column):
                value = data.newest(column)  # a final training measures nothing held out
            self._show_row(column, column in VIEWS[view] and data.has(column),
                           figure(value) if value is not None else "")
        for name in LEVELS:
            level = data.levels.get(name)
            arrow = "" if level is None or visible[0] <= level <= visible[1] else (
                " ↑" if level > visible[1] else " ↓")
            self._show_row(name, view == "rmse" and level is not None, f"{figure(level)}{arrow}")
        self._details.setText("\n".join(_details(data)))

    def _show_row(self, name: str, is_shown: bool, text: str) -> None:
        """Write one row, or take it away."""
        widgets = self._rows[name]
        for widget in widgets:
            widget.setVisible(is_shown)
        widgets[2].setText(text)


def _details(data: CurveData) -> list[str]:
    """Return epoch, best epoch, rate and speed, each as a line."""
    if not data.records:
        return []
    last = data.records[-1]
    epoch = f"{'refit epoch' if last.is_refit else 'epoch'} {last.epoch:,}"
    lines = [f"{data.member_text}, {epoch}" if data.member_text else epoch]
    if data.best_epoch is not None and not (last.is_refit and data.member_text):
        lines.append(f"best epoch {data.best_epoch:,}")
    if last.learning_rate is not None:
        lines.append(f"rate {rate_text(last.learning_rate)}")
    speed = data.ms_per_epoch()
    if speed is not None:
        lines.append(f"{speed:,.0f} ms per epoch" if speed >= 100 else f"{speed:.3g} ms per epoch")
    return lines


def rate_text(rate: float) -> str:
    """Return a learning rate with four digits at most."""
    return number_text(float(f"{rate:.4g}"))
