"""Another reading of the file that may be the right one: a sentence with a button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mfgui.data.import_report import ImportReport, Offer
from mfgui.gui.widgets.described import describe


class OfferRows(QWidget):
    """The offers of a report, one below the other; hidden where there are none.

    Signals
    -------
    offer_chosen : the options to change, by name
    """

    offer_chosen = Signal(dict)

    def __init__(self, parent: QWidget | None = None, *, is_narrow: bool = False) -> None:
        super().__init__(parent)
        self._is_narrow = is_narrow
        self._rows: list[QWidget] = []
        self.buttons: list[QPushButton] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.hide()

    def show_report(self, report: ImportReport | None) -> None:
        """List the offers of a report."""
        for row in self._rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        offers = report.offers if report is not None else ()
        self.buttons = []
        self._rows = [self._row(offer) for offer in offers]
        for row in self._rows:
            self._layout.addWidget(row)
        self.setVisible(bool(offers))

    def _row(self, offer: Offer) -> QWidget:
        """Return sentence and button, beside each other where there is room."""
        row, text, button = QWidget(self), QLabel(offer.text), QPushButton(offer.label)
        text.setWordWrap(True)
        text.setProperty("role", "warning")
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        button.setObjectName("offerButton")
        button.setProperty("isSmall", True)
        describe(button, offer.label, offer.text)
        button.clicked.connect(lambda: self.offer_chosen.emit(dict(offer.options)))
        self.buttons.append(button)
        direction = QBoxLayout.Direction
        layout = QBoxLayout(
            direction.TopToBottom if self._is_narrow else direction.LeftToRight, row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4 if self._is_narrow else 10)
        layout.addWidget(text, 1)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return row
