"""The status bar: what lies under the pointer, and the job under way with progress and Cancel."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QStatusBar, QWidget

from mfgui.core.control import Control
from mfgui.gui.widgets.described import describe

SHOW_AFTER_MS = 150  # shorter jobs only flicker


class JobBar(QStatusBar):
    """Hover text on the left, the job's progress, time left and Cancel on the right.

    Signals
    -------
    cancel_requested : the person does not want the job's result any more
    """

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(10, 0, 8, 0)
        self._hover = QLabel(self)
        self._hover.setObjectName("hoverText")
        self._hover.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._text, self._progress = QLabel(self), QProgressBar(self)
        self._progress.setObjectName("jobProgress")
        self._progress.setAccessibleName("Progress of the job")
        self._progress.setFixedWidth(160)
        self._cancel = QPushButton("Cancel", self)
        self._cancel.setObjectName("cancelJobButton")
        describe(self._cancel, "Cancel the job",
                 "Give up what is being done; what was open or saved before stays as it was.")
        self._cancel.clicked.connect(self.cancel_requested)
        self.addWidget(self._hover, 1)
        for widget in (self._text, self._progress, self._cancel):
            self.addPermanentWidget(widget)
        self._control: Control | None = None
        self._name = ""
        self._began_at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._on_tick)
        self._show_job(False)

    def set_hover_text(self, text: str) -> None:
        """Show what lies under the pointer."""
        self._hover.setText(text)
        self._hover.setToolTip(text)

    def begin(self, name: str, control: Control) -> None:
        """Show a job once it has run for a moment."""
        self._name, self._control, self._began_at = name, control, time.monotonic()
        self._progress.setValue(0)
        self.set_hover_text("")
        self._timer.start()

    def end(self) -> None:
        """Show no job."""
        self._timer.stop()
        self._control = None
        self._show_job(False)

    def _show_job(self, is_shown: bool) -> None:
        for widget in (self._text, self._progress, self._cancel):
            widget.setVisible(is_shown)

    def _on_tick(self) -> None:
        seconds = time.monotonic() - self._began_at
        if self._control is None or seconds * 1000 < SHOW_AFTER_MS:
            return
        progress = self._control.progress
        fraction = progress.fraction
        self._progress.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self._progress.setValue(max(self._progress.value(), round(1000 * fraction)))
        left = ""
        if fraction and seconds > 2:
            left = f", {seconds * (1 - fraction) / fraction:.0f} s left"
        self._text.setText(f"{progress.text or self._name}{left}")
        self._show_job(True)
