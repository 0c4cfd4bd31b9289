"""The empty window: one invitation, two ways in, and what was open lately."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mfgui.gui.widgets.described import describe

INVITATION = "See what matrix factorization learns from your ratings"


class WelcomePanel(QWidget):
    """What a person meets before anything is open; files are dropped on the window itself.

    Signals
    -------
    open_requested : a ratings file is to be chosen
    sample_requested : the sample data is wanted
    recent_requested : path of the recent file that was clicked
    """

    title = "Welcome"
    open_requested = Signal()
    sample_requested = Signal()
    recent_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcomePanel")
        self._recent = QWidget()
        self._recent_row = _centred(self._recent)
        self._build()

    def _build(self) -> None:
        """Stand in the middle, a little above the centre."""
        invitation = QLabel(INVITATION)
        invitation.setObjectName("invitation")
        font = invitation.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        invitation.setFont(font)
        invitation.setStyleSheet(f"font-size: {font.pointSizeF():.1f}pt;")
        invitation.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        invitation.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.addStretch(2)
        layout.addWidget(invitation)
        layout.addSpacing(22)
        layout.addLayout(_centred(self._ways_in()))
        layout.addSpacing(28)
        layout.addLayout(self._recent_row)
        layout.addStretch(3)

    def _ways_in(self) -> QWidget:
        """Return the two buttons with a line below each."""
        box = QWidget()
        grid = QGridLayout(box)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        ways = (
            ("&Open ratings file...", "openRatingsButton", "or drop a file here",
             "Choose a file of ratings, or a model saved before (Ctrl+O).", self.open_requested),
            ("Use &sample data", "useSampleButton", "3,000 people, 400 films, made up",
             "Open ratings made up for trying things out; nothing is downloaded (Ctrl+Shift+O).",
             self.sample_requested),
        )
        for column, (text, name, below, help_text, signal) in enumerate(ways):
            button = QPushButton(text)
            button.setObjectName(name)
            describe(button, text.replace("&", ""), help_text)
            button.setAccessibleDescription(below)
            button.setMinimumSize(230, 40)
            button.setProperty("isPrimary", column == 0)
            button.clicked.connect(signal)
            note = QLabel(below)
            note.setProperty("role", "muted")
            note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(button, 0, column)
            grid.addWidget(note, 1, column)
        return box

    def set_recent(self, files: Sequence[tuple[str, float]], now: float | None = None) -> None:
        """List recent files: path and the time it was last open, in seconds since 1970."""
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        if files:
            heading = QLabel("Recent")
            heading.setProperty("role", "muted")
            grid.addWidget(heading, 0, 0)
        for line, (path, opened) in enumerate(files):
            seconds = (time.time() if now is None else now) - opened
            grid.addWidget(self._link(path), line, 1)
            when = QLabel(ago_text(seconds))
            when.setProperty("role", "muted")
            grid.addWidget(when, line, 2)
        self._recent_row.replaceWidget(self._recent, fresh)
        self._recent.hide()
        self._recent.deleteLater()
        self._recent = fresh

    def _link(self, path: str) -> QPushButton:
        button = QPushButton(Path(path).name)
        button.setProperty("isLink", True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        describe(button, f"Open {Path(path).name} again", f"Open {path} again.")
        button.clicked.connect(lambda: self.recent_requested.emit(path))
        return button


def ago_text(seconds: float) -> str:
    """Return how long ago, as people say it: "just now", "2 hours ago", "yesterday"."""
    if seconds < 90:
        return "just now"
    minutes, hours, days = round(seconds / 60), round(seconds / 3600), round(seconds / 86400)
    if minutes < 60:
        return f"{minutes} minutes ago"
    if hours < 24:
        return f"{hours} hour{'' if hours == 1 else 's'} ago"
    if days < 14:
        return "yesterday" if days == 1 else f"{days} days ago"
    if days < 60:
        return f"{days // 7} weeks ago"
    return f"{days // 30} months ago" if days < 730 else f"{days // 365} years ago"


def _centred(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget)
    row.addStretch(1)
    return row
