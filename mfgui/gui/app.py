"""Start and end of the window: application, log, hooks for bugs."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

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
    return app


def create_window() -> MainWindow:
    """Return the main window, not yet shown."""
    from mfgui.gui.main_window import MainWindow

    application()
    # A pure-Python loop in the worker was measured to hold a frame 65 ms at the default interval.
    sys.setswitchinterval(0.001)
    return MainWindow()


def run(path: str | None, *, is_sample: bool = False, options: ReadOptions | None = None) -> int:
    """Open the window, on a file or the sample if given, and return the exit code."""
    app = application()
    log_path = start_log()
    window = create_window()
    install_hooks(window, log_path)
    window.log_path = log_path
    window.show()
    if is_sample:
        QTimer.singleShot(0, window.open_sample)
    elif path is not None:
        QTimer.singleShot(0, lambda: window.open_path(path, options))
    return app.exec()


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
