"""What is kept between starts: geometry, docks, recent files, settings, theme.

The file may hold anything: whatever does not fit is passed over, so that a fault in it never
prevents a start.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

LOG = logging.getLogger("mfgui")
N_RECENT = 8
LAYOUT_VERSION = 3  # raised where docks are added: an older arrangement would leave them out


class StoredState:
    """Reads and writes the small INI file of the window."""

    def __init__(self, path: Path | None = None) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
        self._settings = QSettings(
            str(path or Path(folder) / "mfgui.ini"), QSettings.Format.IniFormat)
        self.is_fresh = False  # as if no arrangement were kept

    def _json(self, key: str, kind: type) -> Any:
        """Return a stored value of the kind, or an empty one."""
        try:
            value = json.loads(str(self._settings.value(key, "null")))
        except (ValueError, TypeError, RecursionError):
            LOG.warning("the stored %s was not readable", key)
            value = None
        return value if isinstance(value, kind) else kind()

    def recent_files(self) -> list[tuple[str, float]]:
        """Return the paths opened lately and when (seconds since 1970), newest first."""
        result = []
        for entry in self._json("recent", list)[:N_RECENT]:
            if (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str)
                    and isinstance(entry[1], (int, float)) and abs(entry[1]) < 1e12):
                result.append((entry[0], float(entry[1])))
        return result

    def add_recent(self, path: str) -> None:
        """Put a file on top of the recent ones."""
        others = [entry for entry in self.recent_files() if entry[0] != path]
        entries = [(path, time.time()), *others][:N_RECENT]
        self._settings.setValue("recent", json.dumps(entries))

    def recent_projects(self) -> list[tuple[str, float, str]]:
        """Return the projects opened lately: path, when, and what they are called."""
        result = []
        for entry in self._json("projects", list)[:N_RECENT]:
            if (isinstance(entry, list) and len(entry) == 3 and isinstance(entry[0], str)
                    and isinstance(entry[1], (int, float)) and abs(entry[1]) < 1e12
                    and isinstance(entry[2], str)):
                result.append((entry[0], float(entry[1]), entry[2]))
        return result

    def add_project(self, path: str, title: str) -> None:
        """Put a project on top of the recent ones."""
        others = [entry for entry in self.recent_projects() if entry[0] != path]
        entries = [(path, time.time(), title), *others][:N_RECENT]
        self._settings.setValue("projects", json.dumps(entries))

    def choice(self, key: str, default: str) -> str:
        """Return a stored word."""
        return self._json(key, str) or default

    def set_choice(self, key: str, value: str) -> None:
        """Store a word."""
        self._settings.setValue(key, json.dumps(value))

    def solver_settings(self) -> dict[str, dict[str, Any]]:
        """Return what each solver's form was left with."""
        stored = self._json("solver_settings", dict)
        return {name: values for name, values in stored.items() if isinstance(values, dict)}

    def set_solver_settings(self, values: dict[str, dict[str, Any]]) -> None:
        """Store the forms."""
        self._settings.setValue("solver_settings", json.dumps(values))

    def save_layout(self, window: QMainWindow, *, has_docks: bool) -> None:
        """Keep geometry, and the docks unless they are hidden for want of a file."""
        self._settings.setValue("geometry", window.saveGeometry())
        if has_docks:
            self._settings.setValue("docks", window.saveState(LAYOUT_VERSION))

    def restore_geometry(self, window: QMainWindow) -> None:
        """Put the window where it was, if that is on a screen."""
        value = self._settings.value("geometry")
        if self.is_fresh or not isinstance(value, QByteArray) or (
                not window.restoreGeometry(value)):
            return
        frame = window.frameGeometry()
        screens = QGuiApplication.screens()
        if not any(screen.availableGeometry().intersects(frame) for screen in screens):
            window.move(screens[0].availableGeometry().topLeft())

    def restore_docks(self, window: QMainWindow) -> bool:
        """Put the docks where they were; return whether there was something to go by."""
        value = self._settings.value("docks")
        return not self.is_fresh and isinstance(value, QByteArray) and (
            window.restoreState(value, LAYOUT_VERSION))

    def forget_docks(self) -> None:
        """Forget the arrangement, for View > Reset layout."""
        self._settings.remove("docks")

    def flush(self) -> None:
        """Write the file; a full disk costs the layout, not the program."""
        self._settings.sync()
        if self._settings.status() is not QSettings.Status.NoError:
            LOG.warning("the window's state could not be stored")
