"""What a report of a bug needs: versions, platform, screen, and the last lines of the log.

No rating and no id of a user or item goes into it, for it is pasted into public places: words that
messages quote from files are left out. Paths are in it, and whoever copies it is told so.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from mfgui import __version__
from mfgui.gui.log_file import LAST_LINES, N_LAST

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

PACKAGES = ("numpy", "numba", "llvmlite", "duckdb", "PySide6-Essentials", "pyqtgraph",
            "threadpoolctl", "optuna")
# A notice as it is logged: "... INFO warning: ratings.csv, line 17: 'abc' is not a number".
_NOTICE = re.compile(r"^\S+ \S+ [A-Z]+ (information|warning|error): ")
_QUOTED = re.compile(r"'[^']*'|“[^”]*”|\"[^\"]*\"")


def details_text(window: MainWindow | None, bug: str = "") -> str:
    """Return the details as text; ``bug`` is a traceback that comes first."""
    parts = [bug.rstrip()] if bug else []
    parts += ["\n".join(_versions()), "\n".join(_screens())]
    if window is not None:
        parts.append("\n".join(_window(window)))
    lines = [without_data(line) for line in LAST_LINES.lines]
    if lines:
        parts.append("\n".join([f"Last {len(lines)} lines of the log (at most {N_LAST}):", *lines]))
    return "\n\n".join(parts) + "\n"


def without_data(line: str) -> str:
    """Return a line of the log without what a notice quotes from a file."""
    return _QUOTED.sub("(left out)", line) if _NOTICE.match(line) else line


def _versions() -> list[str]:
    found = [f"{name} {version}" for name in PACKAGES if (version := _version(name))]
    return [f"mfgui {__version__}", f"Python {sys.version.split()[0]}", f"Qt {qVersion()}", *found,
            f"{platform.platform()}, {platform.machine()}, {os.cpu_count()} processors"]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # an extra that is not there
        return ""


def _screens() -> list[str]:
    """Return what bears on how the window looks."""
    app = QApplication.instance()
    style = app.style().objectName() if isinstance(app, QApplication) else ""
    lines = [f"Window system {QGuiApplication.platformName()}, style {style or 'none'}"]
    for screen in QGuiApplication.screens():
        size = screen.size()
        lines.append(f"Screen {size.width()} x {size.height()}, scale "
                     f"{screen.devicePixelRatio():g}, {screen.logicalDotsPerInch():.0f} dpi, "
                     f"{screen.refreshRate():.0f} Hz")
    return lines


def _window(window: MainWindow) -> list[str]:
    """Return how the window stands."""
    model, size = window.run_model, window.size()
    theme = window.stored.choice("theme", "system")
    project, ratings = model.project.project, model.ratings
    lines = [f"Window {size.width()} x {size.height()}, theme {theme}, language "
             f"{window.locale().name()}",
             f"Status {model.status.name.lower()}"
             + (f", method {model.solver}" if model.solver else "")]
    if ratings is not None:
        lines.append(f"Ratings {ratings.n_users:,} x {ratings.n_items:,}, {ratings.n_ratings:,} "
                     "of them")
    if project is not None:
        n_runs, how = len(model.project.runs), ", read-only" if project.is_read_only else ""
        lines.append(f"Project {project.path} ({n_runs} runs{how})")
    lines.append(f"Log {window.log_path or 'none'}")
    return lines
