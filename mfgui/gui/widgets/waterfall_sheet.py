"""A waterfall on a sheet of its own, for pictures: the cell above it, all bars in view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mfgui.gui.theme import Theme, palette
from mfgui.gui.widgets.waterfall import WaterfallView
from mfgui.inspection.explanation import Waterfall

LEAST_WIDTH, MOST_WIDTH = 420, 900


class WaterfallSheet(QWidget):
    """Lines of text, and the waterfall at its full height; it is never shown."""

    def __init__(
        self, lines: Sequence[str], waterfall: Waterfall, total_word: str, theme: Theme,
        width: int,
    ) -> None:
        super().__init__()
        self.setPalette(palette(theme))
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        for row, line in enumerate(filter(None, lines)):
            label = QLabel(line)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setProperty("role", "heading" if row == 0 else "muted")
            column.addWidget(label)
        self.waterfall = WaterfallView()
        self.waterfall.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.waterfall.set_theme(theme)
        self.waterfall.show_waterfall(waterfall, total_word)
        self.waterfall.setMinimumHeight(self.waterfall.sizeHint().height())
        column.addWidget(self.waterfall)
        width = min(max(width, LEAST_WIDTH), MOST_WIDTH)
        self.setAccessibleName("Waterfall")
        self.ensurePolished()
        self.resize(width, max(column.heightForWidth(width), column.minimumSize().height()))
        column.activate()
