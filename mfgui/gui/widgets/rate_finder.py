"""Below a learning rate: a button that finds one, and a card that shows how.

The card stands in the form itself, since it is about the field above it: its curve grows trial by
trial, and one button puts the suggestion into the field. The plot is made when it is first needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.theme import LIGHT, Theme, set_role
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.number_field import number_text
from mfgui.gui.widgets.rate_curve import RateCurve
from mfgui.jobs.find_rate import N_EPOCHS, RateFound, RateTrial, found_text

HELP = (f"Try several learning rates for {N_EPOCHS} epochs each, from the same start, and show "
        "which lowers the training loss most. Nothing is changed until you use what was found.")
STALE = "The settings have changed since: find it again."


class RateFinder(QWidget):
    """A button, and below it the card of a search.

    Signals
    -------
    find_clicked, cancel_clicked : the search is to begin, or to end
    rate_chosen : the suggestion is to go into the field
    shown : the card came, or grew
    """

    find_clicked = Signal()
    cancel_clicked = Signal()
    rate_chosen = Signal(float)
    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._trials: list[RateTrial] = []
        self._found: RateFound | None = None
        self._refusal, self._is_running = "", False
        self.curve: RateCurve | None = None
        self.button, self._why = QPushButton("Find a rate"), QLabel()
        self.card, self._head, self._text = QFrame(), QLabel(), QLabel()
        self.use, self.cancel = QPushButton(), QPushButton("Cancel")
        self._build()
        self.button.clicked.connect(self.find_clicked)
        self.cancel.clicked.connect(self._on_cancel)
        self.use.clicked.connect(self._on_use)

    def _build(self) -> None:
        """Place the button with its reason, and the card below."""
        for button, name in ((self.button, "findRateButton"), (self.use, "useRateButton"),
                             (self.cancel, "cancelRateButton")):
            button.setObjectName(name)
            button.setProperty("isSmall", True)
        describe(self.button, "Find a learning rate", HELP)
        describe(self.use, "Use the rate that was found",
                 "Put this learning rate into the field above; press Train to use it.")
        self._why.setProperty("role", "muted")
        self._text.setObjectName("rateFinderText")
        for label in (self._head, self._text):
            label.setWordWrap(True)
        set_role(self._head, "muted")
        self.card.setProperty("role", "card")
        self.card.setObjectName("rateFinderCard")
        self.card.hide()
        row, ends = QHBoxLayout(), QHBoxLayout()
        for widget in (self.button, self._why):
            row.addWidget(widget)
        row.addStretch(1)
        ends.addWidget(self.use)
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        self._column = QVBoxLayout(self.card)
        self._column.setContentsMargins(6, 6, 6, 6)
        self._column.setSpacing(4)
        self._column.addWidget(self._head)
        self._column.addWidget(self._text)
        self._column.addLayout(ends)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.card)
        self._refresh()

    # what it is told

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self._theme = theme
        if self.curve is not None:
            self.curve.set_theme(theme)

    def set_refusal(self, short: str, reason: str = "") -> None:
        """Turn the button off, with a word beside it and a sentence on it; "" turns it on."""
        self._refusal = reason or short
        self._why.setText(short)
        self._refresh()

    @property
    def trials(self) -> tuple[RateTrial, ...]:
        """What was tried so far, in its order."""
        return tuple(self._trials)

    @property
    def is_open(self) -> bool:
        """Whether the card is shown."""
        return not self.card.isHidden()

    def begin(self) -> None:
        """Show an empty card."""
        if self.curve is None:
            self.curve = RateCurve()
            self.curve.set_theme(self._theme)
            self._column.insertWidget(1, self.curve)
        self._trials, self._found, self._is_running = [], None, True
        self.curve.show_trials(())
        self._show_head()
        self.show_text("preparing")
        self.card.show()
        self._refresh()
        self.shown.emit()

    def show_text(self, text: str, role: str = "") -> None:
        """Write what is being done, or what came of it."""
        set_role(self._text, role)
        self._text.setText(f"{text[:1].upper()}{text[1:]}")

    def add(self, trials: Iterable[RateTrial]) -> None:
        """Let the curve grow."""
        self._trials.extend(trials)
        if self.curve is not None:
            self.curve.show_trials(self._trials)
        self._show_head()

    def finish(self, found: RateFound) -> None:
        """Show the suggestion."""
        self._found, self._is_running = found, False
        if self.curve is not None:
            self.curve.show_trials(found.trials, found.learning_rate)
        self.show_text(found_text(found))
        self._refresh()
        self.shown.emit()

    def fail(self, sentence: str) -> None:
        """Say why nothing was found."""
        self._is_running = False
        self.show_text(sentence, "error")
        self._refresh()
        self.shown.emit()

    def set_stale(self, is_stale: bool) -> None:
        """Say that what was found belongs to other settings."""
        if self._found is not None:
            self.show_text(STALE if is_stale else found_text(self._found),
                           "warning" if is_stale else "")

    def close_card(self) -> None:
        """Take the card away with all it showed."""
        had_focus = self.cancel.hasFocus() or self.use.hasFocus()
        self._trials, self._found, self._is_running = [], None, False
        self._refresh()
        if had_focus:
            self.button.setFocus()
        self.card.hide()

    # what it shows

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return [self.button, self.use, self.cancel]

    def _show_head(self) -> None:
        """Say what the plot shows; its signs as soon as there are any."""
        self._head.setText(f"Loss after {N_EPOCHS} epochs, as a share of the start's, by rate"
                           + ("; ▲ diverged" if self._has_diverged() else ""))

    def _has_diverged(self) -> bool:
        return not all(math.isfinite(trial.loss) for trial in self._trials)

    def _refresh(self) -> None:
        """Let the buttons follow what is."""
        self.button.setEnabled(not self._refusal and not self._is_running)
        told = f"{self._refusal} " if self._refusal else ""
        self.button.setToolTip(told + HELP)
        self.button.setAccessibleDescription(told + HELP)
        self.use.setVisible(self._found is not None)
        if self._found is not None:
            self.use.setText(f"Use {number_text(self._found.learning_rate)}")
            self.use.setAccessibleName(f"{self.use.text()} as learning rate")
        text = "Cancel" if self._is_running else "Close"
        self.cancel.setText(text)
        describe(self.cancel, f"{text} the search for a rate",
                 "End the search; the learning rate stays as it is." if self._is_running else
                 "Take this card away; the learning rate stays as it is.")

    def _on_cancel(self) -> None:
        self.close_card()
        self.cancel_clicked.emit()

    def _on_use(self) -> None:
        found = self._found
        if found is not None:
            self.close_card()  # it has done its work: what was found stands in the field
            self.rate_chosen.emit(found.learning_rate)
