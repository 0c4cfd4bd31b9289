"""What the program does beside its window: bugs, signals, the watch over its start.

A window that a test makes does without: it has no process of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mfgui.gui.crash_guard import CrashGuard
from mfgui.gui.session_end import SessionEnd
from mfgui.gui.start_guard import StartGuard

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow


class Manners:
    """Holds them together for one window, from before it is made until the process ends."""

    def __init__(self) -> None:
        self.start_guard = StartGuard()
        self._window: MainWindow | None = None
        self._crash_guard: CrashGuard | None = None
        self._session_end: SessionEnd | None = None

    def follow(self, window: MainWindow) -> None:
        """Take bugs and signals from now on, in the name of this window."""
        self._window = window
        window.closing.is_deferred = True
        self._crash_guard, self._session_end = CrashGuard(window), SessionEnd(window)
        self._crash_guard.install()
        self._session_end.install()
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(window.closing.close_in_order)

    def begin(self) -> None:
        """Take note that all of the window is there, and ask what a fresh start is to do."""
        self.start_guard.begin()
        if self.start_guard.is_fresh:
            self._offer()

    def _offer(self) -> None:
        """Say that two starts crashed; the arrangement and the session wait for an answer."""
        window = self._window
        assert window is not None
        n = self.start_guard.n_crashed
        window.end_notice.bar.tell(
            f"mfgui ended unexpectedly while starting, {n} times in a row. So it has begun without "
            "the arrangement of panels and the project of last time; no run is lost.",
            [("Fresh layout", "Begin with the arrangement of the very first start; projects are "
              "in File > Recent projects.", self._forget),
             ("Restore all the same", "Bring back arrangement and project of last time.",
              self._restore)], "warning")

    def _forget(self) -> None:
        assert self._window is not None
        self._window.stored.is_fresh = False
        if self._window.layout_.has_left_empty:
            self._window.reset_layout()
        else:
            self._window.stored.forget_docks()

    def _restore(self) -> None:
        window = self._window
        assert window is not None
        window.stored.is_fresh = False
        window.stored.restore_geometry(window)
        if window.layout_.has_left_empty:
            window.stored.restore_docks(window)
        elif window.is_free():
            window.session.restore()

    def end(self) -> None:
        """Leave bugs and signals to Python again; the start went well, as the end did."""
        self.start_guard.end()
        if self._session_end is not None:
            self._session_end.uninstall()
        if self._crash_guard is not None:
            self._crash_guard.uninstall()
