"""Giving back the room that a project does not need any more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
)

from mfgui import jobs
from mfgui.gui.project_model import KEPT_TRIALS, N_KEPT_TRIALS
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.described import describe

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

HELP = ("Deleted runs and the factors of old trials leave room in the file, which is used again "
        "for what comes. Compacting gives it back to the disk. Deleted runs cannot be brought "
        "back afterwards; curves, settings and figures of trials stay.")
_MOST = 100_000


class CompactDialog(QDialog):
    """Says how large the project is, and compacts it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("compactDialog")
        self.setWindowTitle("Compact project")
        self._size, words = QLabel(), QLabel(HELP)
        words.setWordWrap(True)
        words.setMinimumWidth(420)
        set_role(words, "muted")
        self.kept = QSpinBox()
        self.kept.setObjectName("keptTrialsField")
        self.kept.setRange(0, _MOST)
        describe(self.kept, "Trials whose factors are kept", "Of each search the factors of so "
                 "many of the best trials are kept, and of those that are starred or ticked; the "
                 "others keep their curves, settings and figures.")
        form = QFormLayout()
        form.addRow("Size now", self._size)
        form.addRow("Factors kept of the best trials", self.kept)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.compact = buttons.addButton("Compact", QDialogButtonBox.ButtonRole.AcceptRole)
        self.compact.setObjectName("compactButton")
        describe(self.compact, "Compact", "Write the file anew without what it does not need.")
        buttons.accepted.connect(self._start)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def open_on_project(self) -> None:
        """Show the project as it is now."""
        project = self._window.run_model.project.project
        if project is None:
            return
        kept = project.value(KEPT_TRIALS, N_KEPT_TRIALS)
        self.kept.setValue(kept if type(kept) is int else N_KEPT_TRIALS)
        try:
            self._size.setText(size_text(os.path.getsize(project.path)))
        except OSError:  # moved or deleted while it is open; compacting says so
            self._size.setText("not known")
        self.show()
        self.raise_()

    def _start(self) -> None:
        self.accept()
        model = self._window.run_model.project
        project = model.project
        if project is None or model.is_read_only:
            return
        project.set_value(KEPT_TRIALS, self.kept.value())
        model.forget_deleted()
        self._window.start_job("Compacting the project",
                               lambda control: jobs.compact_project(control, project), self._told)

    def _told(self, n_bytes: int) -> None:
        self._window.projects.refresh_runs()
        words = (f"{size_text(n_bytes)} were given back" if n_bytes > 0
                 else "there was nothing to give back")
        self._window.tell(f"The project was compacted: {words}.", "information")


def size_text(n_bytes: float) -> str:
    """Return a size as people say it: "12 MB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= size:
            return f"{n_bytes / size:,.3g} {unit}"
    return f"{n_bytes:,.0f} bytes"
