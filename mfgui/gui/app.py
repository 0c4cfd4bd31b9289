"""Start and end of the program: application, log, hooks for bugs and signals, and the way out."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from mfgui.gui.accessible_roles import install_roles
from mfgui.gui.sound_filter import sound_filter

if TYPE_CHECKING:
    from mfgui.data.options import ReadOptions
    from mfgui.gui.main_window import MainWindow

LOG = logging.getLogger("mfgui")
M_ARENA_MAX = -8  # of glibc's malloc.h
ICON = Path(__file__).with_name("mfgui.svg")


def application() -> QApplication:
    """Return the application, made at the first call."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    bound_heaps()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("mfgui")
    app.setApplicationDisplayName("mfgui")
    app.setDesktopFileName("mfgui")
    app.setWindowIcon(QIcon(str(ICON)))
    install_roles()
    # A pure-Python loop in the worker was measured to hold a frame 65 ms at the default interval.
    sys.setswitchinterval(0.001)
    return app


def bound_heaps() -> None:
    """Keep glibc from giving threads heaps of their own: what each of them leaves free adds up.

    After some minutes of opening, training and comparing, 16 heaps held 130 to 180 MB of free
    memory beside 110 MB in use; two of them hold 70 to 90 MB.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def create_window() -> MainWindow:
    """Return the main window with all of its panels, not yet shown."""
    from mfgui.gui.main_window import MainWindow

    application()
    window = MainWindow()
    window.complete()
    return window


def run(
    path: str | None, *, is_sample: bool = False, options: ReadOptions | None = None
) -> NoReturn:
    """Open the window, on a file or the sample if given; the process ends with it."""
    app = application()
    from mfgui.gui.log_file import log_qt, start_log
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.manners import Manners

    log_path = start_log()
    log_qt()
    manners = Manners()
    window = MainWindow(is_fresh=manners.start_guard.is_fresh)
    window.log_path = log_path
    manners.follow(window)

    def go_on() -> None:
        from mfgui.core.parallel import hold_blas

        hold_blas()
        window.complete()
        spare_collector(window)
        window.preparation.start()  # begun earlier, the panels came 0.26 s later
        if is_sample:
            window.open_sample()
        elif path is not None:
            window.open_path(path, options)
        elif not manners.start_guard.is_fresh:
            window.session.restore()
        manners.begin()

    first_paint = FirstPaint(window.welcome)
    first_paint.painted.connect(go_on)
    window.show()
    code = app.exec()
    left = window.closing.finish()
    manners.end()
    end_process(app, code, left)


def end_process(app: QApplication, code: int, threads: list[threading.Thread]) -> NoReturn:
    """End the process at once; ``threads`` are in the middle of something.

    Every file is whole: a project is a database, all else is written beside and renamed. Python's
    own way out would wait for the threads as long as they take, and take everything apart piece by
    piece, for half a second with ratings open.
    """
    if left := [thread.name for thread in threads if thread.is_alive()]:
        LOG.info("left behind: %s", ", ".join(left))
    else:
        app.shutdown()  # hands what was copied to the desktop's clipboard
    LOG.info("end, process %d", os.getpid())
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # there is none in a program without a terminal, on Windows
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    os._exit(code)


def spare_collector(window: MainWindow) -> None:
    """Take what lives as long as the program out of Python's garbage collection.

    Widgets, modules and, from the first record on, compiled kernels are 180,000 objects: going
    through them took 55 to 75 ms at a time, on whichever thread it befell, and the window waited.
    """
    gc.freeze()

    def freeze_kernels() -> None:
        window.run_model.records_added.disconnect(freeze_kernels)
        gc.freeze()

    window.run_model.records_added.connect(freeze_kernels)


class FirstPaint(QObject):
    """Tells when a widget has been painted for the first time, once.

    Signals
    -------
    painted : the painting is over, whatever comes next may take its time
    """

    painted = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    @sound_filter
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the first paint event."""
        if event.type() == QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self.painted.emit)
        return False
