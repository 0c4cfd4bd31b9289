"""What a save dialog asks besides the place: a guard against formulas, or a picture's size."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from mfgui.gui.widgets.described import describe

GUARD_TEXT = "&Guard against spreadsheet formulas"
GUARD_HELP = ("In a CSV file, write ids and titles that begin with =, +, −, @ or a tab with a "
              "leading ', so that a spreadsheet shows them as text and runs none as a formula. "
              "Leave it off where the ids are to be read back as they are.")
WIDTH_HELP = "How wide the PNG is to be, in pixels; the height follows."
SCALE_HELP = ("How much larger than on the screen the PNG is to be: letters, lines and all. The "
              "longer side has at most 10,000 pixels. SVG and PDF fit any size.")
LONGEST, LEAST_SCALE, MOST_SCALE = 10_000, 0.5, 100.0


def add_to_dialog(dialog: QFileDialog, widget: QWidget) -> None:
    """Put a widget into a save dialog; a native one has no room for it."""
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    layout = dialog.layout()
    if isinstance(layout, QGridLayout):
        layout.addWidget(widget, layout.rowCount(), 0, 1, layout.columnCount())


def guard_box(*, is_on: bool) -> QCheckBox:
    """Return the box that switches the guard on."""
    box = QCheckBox(GUARD_TEXT)
    box.setObjectName("guardFormulasBox")
    describe(box, GUARD_TEXT.replace("&", ""), GUARD_HELP)
    box.setChecked(is_on)
    return box


class PictureSize(QWidget):
    """Width and scale of a PNG, which follow each other."""

    def __init__(self, size: QSize, scale: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self.width_box, self.scale_box, self._text = QSpinBox(), QDoubleSpinBox(), QLabel()
        most = LONGEST / max(size.width(), size.height(), 1)
        self.width_box.setObjectName("pictureWidthBox")
        self.width_box.setRange(
            max(round(size.width() * LEAST_SCALE), 1), max(int(size.width() * most), 1))
        self.width_box.setSingleStep(100)
        self.width_box.setSuffix(" px")
        describe(self.width_box, "Width of the PNG in pixels", WIDTH_HELP)
        self.scale_box.setObjectName("pictureScaleBox")
        self.scale_box.setRange(LEAST_SCALE, min(most, MOST_SCALE))
        self.scale_box.setSingleStep(0.5)
        self.scale_box.setPrefix("× ")
        describe(self.scale_box, "Scale of the PNG", SCALE_HELP)
        self._text.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        label = QLabel("PNG &width")
        label.setBuddy(self.width_box)
        for widget in (label, self.width_box, self.scale_box, self._text):
            row.addWidget(widget)
        row.addStretch(1)
        self._scale = 1.0
        self.width_box.valueChanged.connect(self._on_width)
        self.scale_box.valueChanged.connect(self._on_scale)
        self.scale_box.setValue(scale)
        self._on_scale(self.scale_box.value())

    @property
    def scale(self) -> float:
        """How much larger than on the screen."""
        return self._scale

    def _on_width(self, width: int) -> None:
        self._scale = width / max(self._size.width(), 1)
        with QSignalBlocker(self.scale_box):
            self.scale_box.setValue(self._scale)
        self._show()

    def _on_scale(self, scale: float) -> None:
        self._scale = scale
        with QSignalBlocker(self.width_box):
            self.width_box.setValue(round(self._size.width() * scale))
        self._show()

    def _show(self) -> None:
        width, height = (max(round(side * self._scale), 1)
                         for side in (self._size.width(), self._size.height()))
        self._text.setText(f"{width:,} × {height:,} pixels")
