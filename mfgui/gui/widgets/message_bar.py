"""One sentence across the top, with its remedies, where an error arises."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from mfgui.gui.widgets.described import describe


class MessageBar(QFrame):
    """Shows one sentence with one or two remedies as buttons; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setAccessibleName("Message")
        self._text = QLabel(self)
        self._text.setObjectName("messageText")
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._remedy = QPushButton(self)
        self._remedy.setObjectName("messageRemedyButton")
        describe(self._remedy, "Remedy", "Do what helps with what the message says.")
        self._other = QPushButton(self)
        self._other.setObjectName("messageOtherButton")
        describe(self._other, "Other remedy", "Do the other thing that helps.")
        self._close = QPushButton("Close", self)
        self._close.setObjectName("messageCloseButton")
        describe(self._close, "Close the message",
                 "Take this message away; View > Messages keeps the notices of training.")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        for widget in (self._text, self._remedy, self._other, self._close):
            layout.addWidget(widget)
        self._action: Callable[[], None] | None = None
        self._other_action: Callable[[], None] | None = None
        self._remedy.clicked.connect(lambda: self._do(self._action))
        self._other.clicked.connect(lambda: self._do(self._other_action))
        self._close.clicked.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, "" while hidden."""
        return "" if self.isHidden() else self._text.text()

    def tell(
        self, text: str, kind: str = "error", remedy: str = "",
        action: Callable[[], None] | None = None, other: str = "",
        other_action: Callable[[], None] | None = None,
    ) -> None:
        """Show ``text``; ``action`` is what the button ``remedy`` does, and so for the other."""
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._action, self._other_action = action, other_action
        for button, word, does in ((self._remedy, remedy, action),
                                   (self._other, other, other_action)):
            button.setText(word)
            button.setAccessibleName(word or "Remedy")
            button.setVisible(bool(word and does))
        self.show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let go of the action, and of what it holds, with the sentence."""
        super().hideEvent(event)
        if self.isHidden():  # not so while the whole window is minimised
            self._action = self._other_action = None

    def _do(self, action: Callable[[], None] | None) -> None:
        self.hide()
        if action is not None:
            action()
