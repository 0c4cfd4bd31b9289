"""Bugs of every thread and every slot: logged, shown once, and never the end of the window.

Qt calls back into Python from painting, timers, event filters and closing; what is raised there
comes to ``sys.excepthook``, what a thread raises to ``threading.excepthook``, and what is raised
where nobody can take it to ``sys.unraisablehook``. All three come here. A bug that happens again
is counted: the second dialog of the same bug would come at every repaint.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from mfgui.gui.bug_dialog import BugDialog
    from mfgui.gui.main_window import MainWindow

LOG = logging.getLogger("mfgui")
TELL_EVERY_MS = 1000
MOST_KINDS = 100  # of different bugs that are told apart
_LOGGED_WHOLE = 1  # of each bug; afterwards a line when its count has grown tenfold
_Key = tuple[str, str, int]


class CrashGuard(QObject):
    """Takes what nobody caught.

    Signals
    -------
    reported : key and text of a bug, from any thread
    """

    reported = Signal(object, str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.counts: dict[_Key, int] = {}
        self._lock = threading.Lock()
        self._here = threading.local()
        self._before: tuple[Any, Any, Any] | None = None
        self.dialog: BugDialog | None = None
        self._shown: set[_Key] = set()
        self._timer = QTimer(self)  # counts are told at a pace that can be read
        self._timer.setSingleShot(True)
        self._timer.setInterval(TELL_EVERY_MS)
        self._timer.timeout.connect(self._tell_again)
        # Queued: a bug in the middle of painting is shown when the painting is over.
        self.reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take what nobody catches from now on."""
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable

    def uninstall(self) -> None:
        """Leave it to who took it before."""
        if self.dialog is not None:
            self.dialog.close()
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    # -- taking, on any thread ----------------------------------------------------------------

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QTimer.singleShot(0, self._window, self._window.closing.close_in_order)
            return
        self.take(kind, error, trace)

    def _on_thread_exception(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_type is not SystemExit:
            name = told.thread.name if told.thread is not None else "?"
            self.take(told.exc_type, told.exc_value, told.exc_traceback, f"In thread {name}:\n")

    def _on_unraisable(self, told: Any) -> None:
        where = f"{told.err_msg or 'Exception ignored in'}: {_named(told.object)}\n"
        self.take(told.exc_type, told.exc_value, told.exc_traceback, where)

    def take(
        self, kind: type[BaseException], error: BaseException | None,
        trace: TracebackType | None, where: str = "",
    ) -> None:
        """Log a bug and have it shown; whatever goes wrong in here ends in here."""
        if getattr(self._here, "is_busy", False):
            return  # a bug of the log itself: it would come back for ever
        self._here.is_busy = True
        try:
            key = _key(kind, trace)
            n = self._count(key)
            text = where + "".join(traceback.format_exception(kind, error, trace))
            if n <= _LOGGED_WHOLE:
                LOG.error("%s", text)
            elif str(n).strip("0") == "1":
                LOG.error("%s in %s, line %d: for the %dth time", *key, n)
            self.reported.emit(key, text)
        except BaseException:  # noqa: BLE001  a hook that raises would hide the first bug
            _last_resort(kind, error, trace)
        finally:
            self._here.is_busy = False

    def _count(self, key: _Key) -> int:
        with self._lock:
            if key in self.counts or len(self.counts) < MOST_KINDS:
                self.counts[key] = self.counts.get(key, 0) + 1
            return self.counts.get(key, 1)

    # -- showing, on the GUI thread -----------------------------------------------------------

    def _on_reported(self, key: _Key, text: str) -> None:
        if self._window.closing.is_closed:
            return
        if key in self._shown:
            if not self._timer.isActive():
                self._timer.start()
            return
        self._shown.add(key)
        ways: tuple[Callable[[], None], ...] = (
            lambda: self._show(text, self._window), lambda: self._show(text, None),
            lambda: self._window.tell(f"A bug in mfgui: {text.splitlines()[-1]}"))
        for way in ways:  # each of them may be what is broken, and must not call for a dialog
            try:
                way()
            except Exception as error:  # noqa: BLE001  the next way is simpler
                LOG.error("the bug could not be shown: %r", error)
            else:
                return

    def _show(self, text: str, parent: QWidget | None) -> None:
        """Show a bug in the dialog that is open, or in a new one.

        With a window that is broken itself it stands alone, and says only what happened.
        """
        from mfgui.gui.bug_dialog import BugDialog
        from mfgui.gui.details import details_text

        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.add(text, self.n_more)
            return
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
        path, about = self._window.log_path, details_text(self._window if parent else None)
        self.dialog = BugDialog(text, path, parent, details=about)
        self.dialog.show()

    @property
    def n_more(self) -> int:
        """How many bugs came after the first."""
        return sum(self.counts.values()) - 1

    def _tell_again(self) -> None:
        """Say how often it has happened by now, where the dialog is open or was closed."""
        if self._window.closing.is_closed:
            return
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.set_n_more(self.n_more)
            return
        text = f"A bug in mfgui came again; bugs so far: {self.n_more + 1:,}."
        bar = self._window.message_bar
        # What another part has to say comes first, and a bar that is up is only counted on.
        if not bar.text or bar.text.startswith("A bug in mfgui came again"):
            bar.tell(text, "warning", "Copy details", self._window.help.copy_details)


def guarded(step: Callable[[], None]) -> None:
    """Do one step of several that must all be done; a bug of it is taken as such."""
    try:
        step()
    except Exception as error:  # noqa: BLE001  the others have to be done all the same
        sys.excepthook(type(error), error, error.__traceback__)


def _key(kind: type[BaseException], trace: TracebackType | None) -> _Key:
    """Return what tells one bug from another: its kind and where it was raised."""
    last = None
    while trace is not None:
        last, trace = trace, trace.tb_next
    if last is None:
        return kind.__name__, "", 0
    return kind.__name__, last.tb_frame.f_code.co_filename, last.tb_lineno


def _named(thing: object) -> str:
    """Return what a thing is called; its repr may be what raised."""
    return getattr(thing, "__qualname__", type(thing).__qualname__)


def _last_resort(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    """Print a bug where there is a terminal, as Python itself would."""
    if sys.__stderr__ is not None:
        traceback.print_exception(kind, error, trace, file=sys.__stderr__)
