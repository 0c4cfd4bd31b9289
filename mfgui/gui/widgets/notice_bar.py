"""A sentence across the top that stays until it has been seen, beside what errors there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from mfgui.gui.widgets.described import describe

Choice = tuple[str, str, Callable[[], None]]


class NoticeBar(QFrame):
    """One sentence with any number of buttons; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None, name: str = "noticeBar") -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")  # as the style knows it
        self.setAccessibleName("Notice")
        self._text = QLabel(self)
        self._text.setObjectName(f"{name}Text")
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._name = name
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 6, 8, 6)
        self._layout.addWidget(self._text)
        self.buttons: list[QPushButton] = []
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, "" while hidden."""
        return "" if self.isHidden() else self._text.text()

    def tell(self, text: str, choices: Sequence[Choice] = (), kind: str = "information") -> None:
        """Show a sentence; each choice is a word, what it does in words, and what it does."""
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self.set_text(text)
        for button in self.buttons:
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for word, help_text, action in choices or (
                ("Close", "Take this notice away; View > Messages keeps it.", _nothing),):
            self._add(word, help_text, action)
        self.show()

    def set_text(self, text: str) -> None:
        """Say it otherwise; the buttons stay."""
        if text != self._text.text():
            self._text.setText(text)
            self._text.setAccessibleName(text)

    def _add(self, word: str, help_text: str, action: Callable[[], None]) -> None:
        button = QPushButton(word, self)
        button.setObjectName(f"{self._name}Button{len(self.buttons)}")
        describe(button, word, help_text)

        def choose() -> None:
            self.hide()
            action()

        button.clicked.connect(choose)
        self._layout.addWidget(button)
        self.buttons.append(button)


def _nothing() -> None:
    """Do nothing beside taking the notice away."""
