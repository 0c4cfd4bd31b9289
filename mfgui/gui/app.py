"""Start and end of the window: application, log, hooks for bugs."""

from __future__ import annotations

import gc
import logging
import logging.handlers
import os
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QStandardPaths, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from mfgui.gui.accessible_roles import install_roles

if TYPE_CHECKING:
    from mfgui.data.options import ReadOptions
    from mfgui.gui.main_window import MainWindow

LOG = logging.getLogger("mfgui")
ICON = Path(__file__).with_name("mfgui.svg")


def application() -> QApplication:
    """Return the application, made at the first call."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    app = QApplication(sys.argv[:1])
    app.setApplicationName("mfgui")
    app.setApplicationDisplayName("mfgui")
    app.setDesktopFileName("mfgui")
    app.setWindowIcon(QIcon(str(ICON)))
    install_roles()
    # A pure-Python loop in the worker was measured to hold a frame 65 ms at the default interval.
    sys.setswitchinterval(0.001)
    return app


def create_window() -> MainWindow:
    """Return the main window with all of its panels, not yet shown."""
    from mfgui.gui.main_window import MainWindow

    application()
    window = MainWindow()
    window.complete()
    return window


def run(path: str | None, *, is_sample: bool = False, options: ReadOptions | None = None) -> int:
    """Open the window, on a file or the sample if given, and return the exit code."""
    app = application()
    log_path = start_log()
    from mfgui.gui.main_window import MainWindow

    window = MainWindow()
    install_hooks(window, log_path)
    window.log_path = log_path

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
        else:
            window.session.restore()

    first_paint = FirstPaint(window.welcome)
    first_paint.painted.connect(go_on)
    window.show()
    return app.exec()


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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the first paint event."""
        if event.type() == QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self.painted.emit)
        return False


def start_log() -> Path | None:
    """Log to a file in the user's data folder; None where it cannot be written."""
    folder = Path(QStandardPaths.writableLocation(
        QStandardPaths.StandardLocation.AppLocalDataLocation))
    path = folder / "mfgui.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    except OSError:
        LOG.addHandler(logging.StreamHandler())
        LOG.warning("no log file: %s cannot be written", path)
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.info("start, process %d", os.getpid())
    return path


def install_hooks(window: MainWindow, log_path: Path | None) -> None:
    """Show a bug as a dialog with its traceback in the log, never as a vanished window."""

    def on_exception(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        LOG.error("%s", text)
        window.show_bug(text, log_path)

    def on_thread_exception(details: Any) -> None:
        LOG.error("%s", "".join(traceback.format_exception(
            details.exc_type, details.exc_value, details.exc_traceback)))

    sys.excepthook = on_exception
    threading.excepthook = on_thread_exception
