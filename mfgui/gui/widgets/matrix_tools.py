"""The row of tools above the matrices: which ones, their order, their colours, find, zoom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QToolButton, QWidget

from mfgui.gui.view_state import Display
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.find_field import FindField
from mfgui.gui.widgets.levels_box import LevelsBox
from mfgui.gui.widgets.order_box import OrderBox
from mfgui.gui.widgets.popup_button import PopupButton
from mfgui.inspection.colours import LevelChoice
from mfgui.inspection.pictures import VIEWS

COMPARED = {"observed": "A", "predicted": "B", "residual": "A − B"}


class MatrixTools(QWidget):
    """Buttons that fit above three matrices at 1366 pixels; choices stand on pages below two.

    Signals
    -------
    views_changed : other views are to be shown; ``is_on`` tells which
    display_wanted : changes of Display, as a dictionary
    fit_wanted : show the whole matrix
    cell_wanted : show one cell a pixel
    """

    views_changed = Signal()
    display_wanted = Signal(dict)
    fit_wanted = Signal()
    cell_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._solo: str | None = None
        self.toggles = {name: self._toggle(name, key + 1) for key, name in enumerate(VIEWS)}
        self.order, self.levels = OrderBox(), LevelsBox()
        self.order_button = PopupButton("Order", self.order)
        self.order_button.setObjectName("orderButton")
        describe(self.order_button, "Order of rows and columns",
                  "Choose what rows and columns are sorted by.")
        self.levels_button = PopupButton("Colours", self.levels)
        self.levels_button.setObjectName("levelsButton")
        describe(self.levels_button, "Colours, means and margins",
                  "Colours and what they span, what a pixel's mean goes over, counts and means "
                  "along the sides.")
        self.stretch = QToolButton()
        self.stretch.setText("Stretch")
        self.stretch.setObjectName("stretchButton")
        self.stretch.setCheckable(True)
        describe(self.stretch, "Stretch the colours to what is in view",
                  "Let the colours span what is in view instead of the whole scale.")
        self.find_field = FindField()
        self.fit_button = _button("Fit", "fitButton", "Show the whole matrix (Ctrl+0)")
        self.cell_button = _button(
            "100 %", "cellButton", "Show one cell a pixel, around the middle of what is in view")
        self._build()
        self._connect()

    def _build(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for toggle in self.toggles.values():
            first.addWidget(toggle)
        first.addSpacing(5)
        for widget in (self.order_button, self.levels_button, self.stretch):
            first.addWidget(widget)
        first.addStretch(1)
        second.addWidget(self.find_field, 1000)  # as wide as it may be; the rest stays empty
        second.addStretch(1)
        second.addSpacing(5)
        second.addWidget(self.fit_button)
        second.addWidget(self.cell_button)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSizeConstraint(QBoxLayout.SizeConstraint.SetNoConstraint)
        self._lines.addLayout(first)
        self._lines.addLayout(second, 1)
        for layout in (first, second, self._lines):
            layout.setSpacing(5)
        self._halves = first, second

    def _widths(self) -> tuple[int, int]:
        """Return the least widths of both halves."""
        first, second = (half.minimumSize().width() for half in self._halves)
        return first, second

    def minimumSizeHint(self) -> QSize:
        """Return room for the wider half: they stand one below the other where they must."""
        return QSize(max(self._widths()), self._lines.sizeHint().height())

    def sizeHint(self) -> QSize:
        """Return room for both in a line, at the height they have now."""
        return QSize(sum(self._widths()) + 5, self._lines.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put both halves into a line where there is room."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        fits = sum(self._widths()) + 5 <= self.width()
        way = ways.LeftToRight if fits else ways.TopToBottom
        if way != self._lines.direction():
            self._lines.setDirection(way)
            self.updateGeometry()

    def _toggle(self, name: str, key: int) -> QToolButton:
        button = QToolButton()
        button.setText(name.capitalize())
        button.setObjectName(f"{name}Toggle")
        button.setCheckable(True)
        button.setChecked(True)
        describe(button, f"Show the {name} matrix",
                  f"Show or hide the {name} matrix ({key}); a double click on it shows it alone.")
        button.clicked.connect(lambda: self._on_toggled(name))
        shortcut = QShortcut(QKeySequence(str(key)), self)
        shortcut.activated.connect(button.click)
        return button

    def _connect(self) -> None:
        self.levels.changed.connect(self.display_wanted)
        self.stretch.clicked.connect(lambda is_on: self.display_wanted.emit(
            {"levels": LevelChoice("view" if is_on else "scale")}))
        self.fit_button.clicked.connect(self.fit_wanted)
        self.cell_button.clicked.connect(self.cell_wanted)

    def is_on(self, name: str) -> bool:
        """Return whether a view is to be shown."""
        return self.toggles[name].isChecked()

    def _on_toggled(self, name: str) -> None:
        """Switch one on or off; the last one stays on."""
        if not any(map(self.is_on, self.toggles)):
            self.toggles[name].setChecked(True)
        self._solo = None
        self.views_changed.emit()

    def show_solo(self, name: str) -> None:
        """Show one alone, or all again."""
        self._solo = None if self._solo == name else name
        for other, toggle in self.toggles.items():
            toggle.setChecked(self._solo is None or other == name)
        self.views_changed.emit()

    def show_display(self, display: Display, note: str = "") -> None:
        """Show how the matrices are drawn now, and what there is to say of their order."""
        self.order.show_choice(display.order, note)
        self.levels.show_display(display)
        self.stretch.setChecked(display.levels.kind == "view")

    def set_compared(self, is_compared: bool) -> None:
        """Name the toggles after what the views show."""
        for name, button in self.toggles.items():
            words = COMPARED[name] if is_compared else name.capitalize()
            button.setText(words)
            button.setAccessibleName(f"Show the matrix {words}" if is_compared
                                     else f"Show the {name} matrix")


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    describe(button, tip.partition(" (")[0], f"{tip}.")
    return button
