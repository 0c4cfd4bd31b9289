"""The head of the inspector: which cell, what was given, what is predicted, how far it is off."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.inspector_words import (
    CellWords,
    Told,
    figures_of,
    minus,
    typical_error_text,
)

# What each line says, and what it means.
LINES = {
    "Rated": "The rating that was given. One held out was not trained on.",
    "Predicted": "What the model says, within the scale where the model clips.",
    "Typical error": "How far predictions like this one are off.",
    "Unclipped": "What the model says before it is clipped to the scale.",
    "Residual": "Rated minus predicted, before clipping.",
}


@dataclass(frozen=True)
class _Line:
    """The widgets of one line: its word, the value of the model, and of the other one."""

    word: QLabel
    values: tuple[QLabel, QLabel]


class CellHead(QWidget):
    """Ids and titles, and the figures of one model, or of two side by side."""

    accessible_role = "group"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cellHead")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._user, self._item = ElidedLabel("title"), ElidedLabel("title")
        self._user_name, self._item_title = ElidedLabel(), ElidedLabel()
        self._names = QLabel("A"), QLabel("B")
        self._lines: dict[str, _Line] = {}
        self._note = QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for label in (self._user, self._user_name, self._item, self._item_title):
            layout.addWidget(label)
        layout.addLayout(self._made_grid())
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self._note)

    def _made_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(1)
        for column, name in enumerate(self._names):
            name.setProperty("role", "heading")
            grid.addWidget(name, 0, column + 1)
        for row, (word, tip) in enumerate(LINES.items()):
            line = _Line(QLabel(word), (QLabel(), QLabel()))
            line.word.setProperty("role", "muted")
            for column, label in enumerate((line.word, *line.values)):
                label.setToolTip(tip)
                label.setWhatsThis(tip)
                grid.addWidget(label, row + 1, column)
            for label in line.values:
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                label.setTextFormat(Qt.TextFormat.PlainText)
            self._lines[word] = line
        grid.setColumnStretch(3, 1)
        return grid

    def show_cell(
        self, words: CellWords, own: Told | None, other: Told | None = None,
        other_name: str = "", note: str = "",
    ) -> None:
        """Show a cell.

        Without an explanation what was rated alone is told; with the name of another model there
        is a second column, and a dash where it has nothing to say.
        """
        self._user.show_text(words.user)
        self._user_name.show_text(words.user_name)
        self._item.show_text(words.item)
        self._item_title.show_text(words.item_title)
        has_other = bool(other_name)
        for name, tip in zip(self._names, ("The open model.", other_name), strict=True):
            name.setVisible(has_other)
            name.setToolTip(escape(tip))
        columns = [figures_of(words, told.explanation, told.scale, is_narrow=has_other) if told
                   else figures_of(words, None, (0.0, 1.0)) for told in (own, other)]
        for word, line in self._lines.items():
            texts = [column.get(word, "") for column in columns]
            is_shown = bool(texts[0] or (has_other and texts[1]))
            line.word.setVisible(is_shown)
            for label, text in zip(line.values, texts, strict=True):
                label.setText(minus(text) or "–")
                label.setVisible(is_shown and (has_other or label is line.values[0]))
        self._tell_typical_error((own, other), note)
        self.setAccessibleName("The pinned cell")
        self.setAccessibleDescription(self._spoken(words, has_other))

    def _tell_typical_error(self, both: tuple[Told | None, Told | None], note: str) -> None:
        """Say how the typical error was measured; of two models, of each."""
        texts = [typical_error_text(told.explanation, told.scale) if told else "" for told in both]
        for word in ("Predicted", "Typical error"):
            for label, text in zip(self._lines[word].values, texts, strict=True):
                label.setToolTip(text or LINES[word])
        if all(texts):
            texts = [f"{name} {text}" for name, text in zip("AB", texts, strict=True)]
        self._note.setText("\n".join(filter(None, (note, *texts))))
        self._note.setVisible(bool(self._note.text()))

    def _spoken(self, words: CellWords, has_other: bool) -> str:
        """Return everything in one line."""
        parts = [*words.lines]
        for word, line in self._lines.items():
            if not line.word.isHidden():
                values = [label.text() for label in line.values[: 1 + has_other]]
                parts.append(f"{word} {' and '.join(values)}")
        return "; ".join(parts)
