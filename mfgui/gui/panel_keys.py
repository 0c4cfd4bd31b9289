"""Every panel by keyboard: a key for each, and F6 from one to the next that is seen.

The View menu's other entries open and close docks; these lead there, be the dock closed or behind
another one, and give its first control the keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from mfgui.gui.panels.base import takes_keys

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.panels.base import Panel

LOOK_EVERY_MS = 50
LOOK_TIMES = 40  # a panel that was hidden works out first what it shows


class PanelKeys(QObject):
    """Moves the keyboard between panels."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._wanted: Panel | None = None
        self._control: QWidget | None = None
        self._focus: QWidget | None = None
        self._n_looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def go_to(self, name: str, control: QWidget | None = None) -> None:
        """Open a panel, bring it to the front and let keys go to it, as soon as it takes any.

        ``control`` of it gets them where it takes any by then, its first one elsewhere.
        """
        window = self._window
        if name in window.docks:
            window.layout_.show(name)
        elif window.pages.currentWidget() is not window.panels[name]:
            return  # the centre shows something else just now
        self._wanted, self._control, self._n_looks = window.panels[name], control, 0
        self._focus = QApplication.focusWidget()
        self._timer.start()
        self._look()

    def _look(self) -> None:
        """Move the keys if the panel takes them now, and nobody has moved them meanwhile."""
        self._n_looks += 1
        panel = self._wanted
        is_there = panel is not None and panel.first_control() is not None
        is_wanted = QApplication.focusWidget() is self._focus and self._n_looks < LOOK_TIMES
        if panel is not None and is_there and is_wanted:
            if self._control is not None and takes_keys(self._control, panel):
                self._control.setFocus(Qt.FocusReason.ShortcutFocusReason)
            else:
                panel.take_focus()
        if is_there or not is_wanted:
            self._timer.stop()
            self._wanted = self._control = self._focus = None

    def step(self, by: int) -> None:
        """Let keys go to the next panel that is seen, or with -1 to the one before."""
        seen = [panel for panel in self._window.panels.values()
                if panel.is_seen and panel.first_control() is not None]
        if seen:
            here = self._position(seen)
            if here is None:
                here = -1 if by > 0 else 0
            seen[(here + by) % len(seen)].take_focus()

    def _position(self, panels: list[Panel]) -> int | None:
        """Return which of some panels has the keys; None: none of them."""
        focus = QApplication.focusWidget()
        return next((k for k, panel in enumerate(panels)
                     if focus is not None and panel.isAncestorOf(focus)), None)
