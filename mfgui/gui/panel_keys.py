"""Every panel by keyboard: a key for each, and F6 from one to the next that is seen.

The View menu's other entries open and close docks; these lead there, be the dock closed or behind
another one, and give its first control the keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.panels.base import Panel


class PanelKeys(QObject):
    """Moves the keyboard between panels."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def go_to(self, name: str) -> None:
        """Open a panel, bring it to the front and let keys go to it."""
        window = self._window
        if name in window.docks:
            window.layout_.show(name)
        elif window.pages.currentWidget() is not window.panels[name]:
            return  # the centre shows something else just now
        window.panels[name].take_focus()

    def step(self, by: int) -> None:
        """Let keys go to the next panel that is seen, or with -1 to the one before."""
        seen = [panel for panel in self._window.panels.values()
                if panel.isVisible() and panel.first_control() is not None]
        if seen:
            here = self._position(seen)
            if here is None:
                here = -1 if by > 0 else 0
            seen[(here + by) % len(seen)].take_focus()

    def _position(self, panels: list[Panel]) -> int | None:
        """Return which of some panels has the keys; None: none of them."""
        focus = QApplication.focusWidget()
        return next((k for k, panel in enumerate(panels)
                     if focus is not None and (panel is focus or panel.isAncestorOf(focus))), None)
