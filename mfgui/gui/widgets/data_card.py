"""What is open: file, size, scale, how it was read, and what may be the better way to read it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mfgui.core.ratings import Ratings
from mfgui.data.import_report import ImportReport, counted
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.number_field import number_text
from mfgui.gui.widgets.offer_row import OfferRows


class DataCard(QFrame):
    """File, users, items, ratings, how they were read, and the test file.

    Signals
    -------
    open_requested : another ratings file is wanted
    test_file_requested : a test file is wanted
    change_requested : the file is to be read otherwise
    report_requested : the import report is wanted
    offer_chosen : options to read the file with again, by name
    """

    open_requested = Signal()
    test_file_requested = Signal()
    change_requested = Signal()
    report_requested = Signal()
    offer_chosen = Signal(dict)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._name, self._size, self._ratings = QLabel(), QLabel(), QLabel()
        self._reading, self._test = QLabel(), QLabel()
        self._name.setProperty("role", "title")
        self._reading.setProperty("role", "muted")
        self._change = self._button(
            "Change...", "changeReadingButton", "Change how the file was read",
            self.change_requested)
        self._report = self._button(
            "Report", "showReportButton", "Show the import report: what every line became",
            self.report_requested)
        self.offers = OfferRows(is_narrow=True)
        self.offers.offer_chosen.connect(self.offer_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(3)
        layout.addLayout(_beside(self._name, self._button(
            "Open...", "openButton", "Open another ratings file", self.open_requested)))
        for label in (self._size, self._ratings, self._reading):
            layout.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._change)
        row.addWidget(self._report)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addWidget(self.offers)
        layout.addLayout(_beside(self._test, self._button(
            "Choose...", "testFileButton", "Choose a test file: ratings that are only measured, "
            "never trained on", self.test_file_requested)))
        for label in (self._name, self._size, self._ratings, self._reading, self._test):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_data(None, None, None)

    def _button(self, text: str, name: str, help_text: str, signal: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        describe(button, help_text, f"{help_text}.")
        button.setProperty("isSmall", True)
        button.clicked.connect(lambda: signal.emit())  # type: ignore[attr-defined]
        return button

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        named = {button.objectName(): button for button in self.findChildren(QPushButton)}
        return [named["openButton"], self._change, self._report, *self.offers.buttons,
                named["testFileButton"]]

    def show_data(
        self, ratings: Ratings | None, report: ImportReport | None, test: Ratings | None
    ) -> None:
        """Write what is open."""
        self._name.setText(breakable(ratings.name) if ratings else "No ratings are open")
        self._size.setText(size_text(ratings) if ratings else "")
        self._ratings.setText(ratings_text(ratings) if ratings else "")
        self._reading.setText(report.summary() if ratings and report else "")
        self._test.setText(f"Test file: {breakable(test.name) if test else 'none'}")
        has_file = bool(ratings and report and report.path)
        self._change.setVisible(has_file)
        self._report.setVisible(bool(ratings and report))
        self.offers.show_report(report if has_file else None)
        for label in (self._size, self._ratings, self._reading):
            label.setVisible(bool(label.text()))


def size_text(ratings: Ratings) -> str:
    """Return "6,040 users x 3,706 items"."""
    users, items = counted(ratings.n_users, "user"), counted(ratings.n_items, "item")
    return f"{users} \N{MULTIPLICATION SIGN} {items}"


def ratings_text(ratings: Ratings) -> str:
    """Return "1,000,209 ratings (4.5 % rated), scale 1 to 5"."""
    if not ratings.n_ratings:
        return "a model alone, without ratings"
    low, high = (number_text(float(f"{end:.6g}")) for end in ratings.scale)
    scale = f"scale {low} to {high}".replace("-", "\N{MINUS SIGN}")
    n_ratings = counted(ratings.n_ratings, "rating")
    return f"{n_ratings} ({share_text(ratings.density)} rated), {scale}"


def share_text(share: float) -> str:
    """Return a share as per cent with two digits: "4.5 %", "0.012 %", "100 %"."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 else f"{number_text(float(f'{percent:.2g}'))} %"


def breakable(name: str) -> str:
    """Return a long file name so that it may be broken after its marks and is never cut off."""
    if len(name) <= 20:
        return name
    for sign in "._-/":
        name = name.replace(sign, f"{sign}\N{ZERO WIDTH SPACE}")
    return name


def _beside(label: QLabel, button: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(label, 1)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
    return row
