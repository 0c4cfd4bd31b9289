"""What is known of one user or item: its ratings, and what the model made of them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mfgui.data.import_report import Bin
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.histogram import Histogram
from mfgui.gui.widgets.inspector_words import Scale, card_figures, minus
from mfgui.inspection.explanation import Card

# What each line says, and what it means.
_LINES = {
    "Ratings": "How many training ratings there are.",
    "Mean": "The mean of these ratings.",
    "Bias": "What the model adds for this one alone, before any factor.",
    "RMSE": "How far the model's predictions are from these ratings: root mean square, unclipped.",
    "Norm": "Length of the row of factors: how much it departs from mean and bias.",
}


class EntityCard(QFrame):
    """A user's or an item's card."""

    def __init__(self, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = word
        self.setProperty("role", "card")
        self.setObjectName(f"{word}Card")
        self.setAccessibleName(f"What is known of the {word}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._id, self._name = ElidedLabel("title"), ElidedLabel("muted")
        self._histogram = _SmallHistogram(f"Ratings of the {word} by value")
        self._values: dict[str, QLabel] = {}
        self._labels: dict[str, QLabel] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(2)
        for widget in (self._id, self._name, self._histogram):
            layout.addWidget(widget)
        layout.addLayout(self._made_grid())
        layout.addStretch(1)

    def _made_grid(self) -> QGridLayout:
        """Return the lines below the histogram."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        for row, (word, tip) in enumerate(_LINES.items()):
            label, value = QLabel(word), QLabel()
            label.setProperty("role", "muted")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            for widget in (label, value):
                widget.setToolTip(tip)
                widget.setWhatsThis(tip)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
            self._labels[word], self._values[word] = label, value
        grid.setColumnStretch(1, 1)
        return grid

    def show_card(
        self, card: Card, scale: Scale, rating_scale: Scale, *, has_model: bool = True,
        knows_ratings: bool = True,
    ) -> None:
        """Show a card; what nobody knows is left out, without a model what is the model's."""
        has_own_name = bool(card.id) and card.name not in ("", card.id)
        word = self._word.capitalize()
        self._id.show_text(f"{word} {card.id}" if card.id else card.name.capitalize())
        self._name.show_text(card.name if has_own_name else "")
        self._histogram.set_bins([Bin(value, value, count) for value, count in card.histogram])
        self._histogram.setVisible(bool(card.n_ratings))
        figures = card_figures(card, scale, rating_scale, has_model=has_model,
                               knows_ratings=knows_ratings)
        for name, value in self._values.items():
            value.setText(minus(figures.get(name, "")))
            value.setVisible(name in figures)
            self._labels[name].setVisible(name in figures)
        self.setAccessibleDescription("; ".join(
            f"{name} {text}" for name, text in figures.items()))


class _SmallHistogram(Histogram):
    """A histogram for half of a narrow column."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setMinimumSize(80, 62)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return room for low bars."""
        return QSize(130, 66)
