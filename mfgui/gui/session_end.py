"""The end that comes from outside: a signal, a terminal that is closed, the end of the session.

Python runs its signal handlers between two of its own instructions; while Qt waits for events there
are none. So the signal's number is also written into a socket, which wakes Qt.
"""

from __future__ import annotations

import logging
import signal
import socket
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtGui import QGuiApplication, QSessionManager

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

LOG = logging.getLogger("mfgui")
# SIGHUP comes when the terminal of the program is closed; Windows does not have it.
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP")
                if hasattr(signal, name))


class SessionEnd(QObject):
    """Closes the window in order when the system wants the program to end."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        self._notifier = QSocketNotifier(
            self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.commitDataRequest.connect(self._on_commit)

    def install(self) -> None:
        """Take the signals from now on; on the main thread."""
        signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
                signal.signal(number, _noted)

    def uninstall(self) -> None:
        """Leave the signals to Python's own handling."""
        signal.set_wakeup_fd(-1)
        for number in SIGNALS:
            if signal.getsignal(number) is _noted:
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT
                              else signal.SIG_DFL)
        self._notifier.setEnabled(False)
        self._ours.close()
        self._theirs.close()

    def _on_signal(self) -> None:
        numbers = self._ours.recv(64)
        names = [signal.Signals(number).name for number in numbers if number in SIGNALS]
        if names:
            LOG.info("%s: the window closes", names[0])
            self._window.closing.close_in_order()

    def _on_commit(self, _manager: QSessionManager) -> None:
        """Have everything in the files: the system may end the program right after this."""
        LOG.info("the session ends: the window closes")
        self._window.closing.close_in_order()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing here: the number has gone into the socket."""
