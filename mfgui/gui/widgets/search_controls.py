"""The buttons of a search, how far it is, and why it cannot begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mfgui.gui.theme import set_role
from mfgui.gui.widgets.described import describe


class SearchControls(QWidget):
    """Start, Go on, Pause, Cancel.

    Signals
    -------
    start_clicked, go_on_clicked, pause_clicked, cancel_clicked
    """

    start_clicked = Signal()
    go_on_clicked = Signal()
    pause_clicked = Signal()
    cancel_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message, self.progress = QLabel(), QProgressBar()
        self.message.setWordWrap(True)
        self.message.setObjectName("searchMessage")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Progress of the search")
        self.start = self._button("Start", "searchStart", "Begin a new search with these ranges.")
        self.start.setProperty("isPrimary", True)
        self.go_on = self._button(
            "Go on", "searchGoOn", "Go on with the search that is shown where it stood, to the "
            "same trials; with more trials or minutes it goes further.")
        self.pause = self._button("Pause", "searchPause", "Let all trials wait; again: go on.")
        self.cancel = self._button(
            "Cancel", "searchCancel", "End the search; what is done stays, and it can go on later.")
        for button, signal in ((self.start, self.start_clicked), (self.go_on, self.go_on_clicked),
                               (self.pause, self.pause_clicked),
                               (self.cancel, self.cancel_clicked)):
            button.clicked.connect(signal)
        self._build()

    def _button(self, text: str, name: str, help_text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        describe(button, f"{text} the search" if text != "Go on" else "Go on searching", help_text)
        return button

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.start, self.go_on, self.pause, self.cancel):
            row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.message)
        column.addWidget(self.progress)
        column.addLayout(row)

    def show_state(
        self, *, is_running: bool, is_paused: bool, refusal: str, text: str, can_go_on: bool
    ) -> None:
        """Show what can be done now, and why not or how much it will be."""
        self._enable({self.go_on: not is_running and can_go_on,
                      self.start: not is_running and not refusal,
                      self.pause: is_running, self.cancel: is_running})
        self.pause.setText("Continue" if is_paused else "Pause")
        self.message.setText(refusal or text)
        set_role(self.message, "error" if refusal and not is_running else "muted")

    def _enable(self, are_on: dict[QPushButton, bool]) -> None:
        """Switch buttons; the keys stay among them: Qt would hand them to some other panel."""
        if any(button.hasFocus() and not is_on for button, is_on in are_on.items()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # until there is one to take them
        for button, is_on in are_on.items():
            button.setEnabled(is_on)
        first = next((button for button, is_on in are_on.items() if is_on), None)
        if self.hasFocus() and first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_progress(self, fraction: float) -> None:
        """Show how far it is, 0 to 1."""
        self.progress.setValue(round(1000 * fraction))
