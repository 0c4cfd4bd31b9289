"""The log: a file in the user's data folder, and its last lines at hand for a report.

Beside it lies a file for what Python cannot tell any more: where the program stood when it crashed
in compiled code.
"""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import os
from collections import deque
from pathlib import Path
from typing import IO

from PySide6.QtCore import QMessageLogContext, QStandardPaths, QtMsgType, qInstallMessageHandler

LOG = logging.getLogger("mfgui")
N_LAST = 50
_LONGEST_LINE = 2000  # letters of a line that is kept at hand
_LINE = "%(asctime)s %(levelname)s %(message)s"
_LEVELS = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO,
           QtMsgType.QtWarningMsg: logging.WARNING}


class LastLines(logging.Handler):
    """Keeps the last lines of the log in memory, also where no file can be written."""

    def __init__(self, n_lines: int = N_LAST) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=n_lines)
        self.setFormatter(logging.Formatter(_LINE))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, line by line."""
        try:
            lines = self.format(record).splitlines()
        except (TypeError, ValueError):  # a message that does not fit its arguments
            self.handleError(record)
            return
        self._lines.extend(line[:_LONGEST_LINE] for line in lines)

    @property
    def lines(self) -> list[str]:
        """The last lines, oldest first."""
        return list(self._lines)


LAST_LINES = LastLines()
_crash_file: IO[str] | None = None
_told: dict[str, int] = {}  # how often Qt said a thing


def data_folder() -> Path:
    """Return the folder of the user's data for this program."""
    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(place))


def start_log() -> Path | None:
    """Log to a file in the user's data folder; None where it cannot be written."""
    if LAST_LINES not in LOG.handlers:
        LOG.addHandler(LAST_LINES)
    LOG.setLevel(logging.INFO)
    path = data_folder() / "mfgui.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=2, encoding="utf-8", errors="backslashreplace")
    except OSError:
        LOG.addHandler(logging.StreamHandler())
        LOG.warning("no log file: %s cannot be written", path)
        return None
    handler.setFormatter(logging.Formatter(_LINE))
    LOG.addHandler(handler)
    LOG.info("start, process %d", os.getpid())
    _catch_crashes(path.with_name("mfgui-crash.log"))
    return path


def _catch_crashes(path: Path) -> None:
    """Have a crash in compiled code leave where every thread stood."""
    global _crash_file
    try:
        _crash_file = path.open("a", encoding="utf-8")
    except OSError as error:
        LOG.warning("%s cannot be written: %s", path, error)
        return
    faulthandler.enable(_crash_file)


def log_qt() -> None:
    """Log what Qt warns of; it would go to a terminal that is mostly not there."""
    qInstallMessageHandler(_on_qt_message)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    """Log what Qt says, the same thing ever more seldom: some of it comes at every repaint."""
    n = _told[text or ""] = _told.get(text or "", 0) + 1
    if str(n).strip("0") == "1":
        LOG.log(_LEVELS.get(kind, logging.ERROR), "Qt: %s%s", text,
                f" (for the {n}th time)" if n > 1 else "")
