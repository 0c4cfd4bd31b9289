"""The line below the matrices: what a pixel means, and what must not be overlooked just now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mfgui.gui.run_model import RunModel
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.inspection.pictures import Pictures

NO_RATINGS = "The ratings are not known here, so nothing is observed."


class MatrixNotes(QWidget):
    """A legend at the left; at the right sorting, a copy, a comparison, or what is missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sorting = self._state = ""
        self.legend, self.note = ElidedLabel("muted"), ElidedLabel("mark")
        for label, name, words in ((self.legend, "matrixLegend", "What a pixel means"),
                                   (self.note, "matrixNote", "What the matrices show just now")):
            label.setObjectName(name)
            label.setAccessibleName(words)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(self.legend, 1)
        line.addWidget(self.note, 1)

    def show_legend(self, pictures: Pictures, *, has_new_user: bool) -> None:
        """Say what a pixel means."""
        words = f"{pictures.legend[0].upper()}{pictures.legend[1:]}."
        if has_new_user and not pictures.blocks.window.is_cells:
            words += " New user: predicted over all cells."
        self.legend.show_text(words)

    def set_sorting(self, words: str) -> None:
        """Say how far the sorting is; "" when it is done."""
        self._sorting = words
        self.note.show_text(self._sorting or self._state)

    def follow(self, model: RunModel) -> None:
        """Say that a copy is shown, or two models, or one without ratings."""
        self._state = ""
        if model.trial is not None:
            text = model.trial.text
            self._state = f"{text[:1].upper()}{text[1:]}; the run's own model is untouched."
        elif model.other is not None and model.shown is not None:
            self._state = model.other.text
        elif model.ratings is not None and not model.ratings.n_ratings:
            self._state = NO_RATINGS
        self.note.show_text(self._sorting or self._state)
