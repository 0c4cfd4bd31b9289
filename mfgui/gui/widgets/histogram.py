"""A small histogram in the theme's colours: bars, the value below and the count above each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mfgui.data.import_report import Bin
from mfgui.gui.report_lines import bin_label, edge_text, short

_MARGIN = 4
_WIDEST_BAR = 64


class Histogram(QWidget):
    """Bars with their values below; what a bar holds is told under the pointer."""

    accessible_role = "chart"

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins: tuple[Bin, ...] = ()
        self.setAccessibleName(name)
        self.setMinimumSize(140, 84)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_bins(self, bins: Sequence[Bin]) -> None:
        """Show other bars."""
        self._bins = tuple(bins)
        self.setAccessibleDescription("; ".join(
            f"{bin_label(each)}: {each.count:,}" for each in self._bins))
        self.update()

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The bars shown."""
        return self._bins

    def sizeHint(self) -> QSize:
        """Return room for a glance."""
        return QSize(240, 110)

    def event(self, event: QEvent) -> bool:
        """Tell what the bar under the pointer holds."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for each, bar in zip(self._bins, self._bars(), strict=True):
                if bar.left() <= event.pos().x() <= bar.right():
                    QToolTip.showText(event.globalPos(), f"{bin_label(each)}: {each.count:,}", self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def _bars(self) -> list[QRectF]:
        """Return each bar's place."""
        line = self.fontMetrics().height()
        top, bottom = _MARGIN + line, self.height() - _MARGIN - line - 2
        most = max((each.count for each in self._bins), default=1) or 1
        step = min((self.width() - 2 * _MARGIN) / max(len(self._bins), 1), _WIDEST_BAR)
        gap = 1.0 if step < 8 else 3.0
        bars = []
        for k, each in enumerate(self._bins):
            height = max((bottom - top) * each.count / most, 1.0 if each.count else 0.0)
            bars.append(QRectF(_MARGIN + k * step, bottom - height, max(step - gap, 1), height))
        return bars

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground line, bars, values and counts."""
        if not self._bins:
            return
        painter, palette, bars = QPainter(self), self.palette(), self._bars()
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        bottom = bars[0].bottom()
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(QPointF(_MARGIN, bottom + 0.5), QPointF(bars[-1].right(), bottom + 0.5))
        for bar in bars:
            painter.fillRect(bar, palette.color(QPalette.ColorRole.Highlight))
        painter.setPen(muted)
        self._label(painter, [short(each.low) if each.low == each.high else edge_text(each.low)
                              for each in self._bins],
                    [QRectF(bar.left(), bottom + 2, bar.width(), self.fontMetrics().height())
                     for bar in bars])
        line = self.fontMetrics().height()
        self._label(painter, [f"{each.count:,}" if each.count else "" for each in self._bins],
                    [QRectF(bar.left(), bar.top() - line, bar.width(), line) for bar in bars],
                    is_all_or_none=True)
        painter.end()

    def _label(
        self, painter: QPainter, texts: list[str], places: list[QRectF], *,
        is_all_or_none: bool = False,
    ) -> None:
        """Write the texts that do not touch: all, every second, third ..., or none but all."""
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(text) for text in texts) + 8
        step = places[1].left() - places[0].left() if len(places) > 1 else float(self.width())
        every = max(int(-(-widest // step)), 1)
        if is_all_or_none and every > 1:
            return
        for text, place in list(zip(texts, places, strict=True))[::every]:
            width = max(place.width(), float(metrics.horizontalAdvance(text) + 4))
            left = min(max(place.center().x() - width / 2, 0), self.width() - width)
            painter.drawText(QRectF(left, place.top(), width, place.height()),
                             Qt.AlignmentFlag.AlignHCenter, text)
