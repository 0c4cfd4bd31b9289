"""mfgui as a person starts it, which tells where things are; for a journey that ends the process.

    python watched_program.py [WORDS OF THE COMMAND LINE]

A question is one line of JSON on standard input, ``[name, *arguments]``, and so is its answer on
standard output. Questions look, they do nothing: every press goes through the X server.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSocketNotifier, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QTabBar,
    QTableView,
    QWidget,
)

from mfgui.cli import main
from mfgui.gui.app import application
from mfgui.gui.main_window import MainWindow

Place = list[int]


def window() -> MainWindow | None:
    """Return the window, once it has its panels."""
    windows = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)]
    return windows[0] if windows and windows[0].is_complete else None


def seen(widgets: list[Any]) -> list[Any]:
    """Return the widgets of which a part can be seen."""
    return [each for each in widgets if each.isVisible() and not each.visibleRegion().isEmpty()]


def named(name: str) -> Any:
    """Return the widget of an object's name that can be seen, None where there is none."""
    found = seen([each for each in QApplication.allWidgets() if each.objectName() == name])
    return found[0] if found else None


def on_screen(widget: QWidget, rect: QRect) -> Place:
    """Return where a part of a widget lies on the screen: left, top, width, height."""
    corner = widget.mapToGlobal(rect.topLeft())
    return [corner.x(), corner.y(), rect.width(), rect.height()]


def place(name: str) -> Place | None:
    """Return where a widget is that takes a press now."""
    widget = named(name)
    if widget is None or not widget.isEnabled():
        return None
    return on_screen(widget, widget.visibleRegion().boundingRect())


def label(name: str) -> str:
    """Return what a widget says, "" while it cannot be seen."""
    widget = named(name)
    is_known = isinstance(widget, (QLabel, QLineEdit, QAbstractButton))
    return str(widget.text()) if is_known else ""


def rows(name: str) -> list[list[str]]:
    """Return the texts of a list or table, a row each."""
    view = named(name)
    if not isinstance(view, QAbstractItemView):
        return []
    model = view.model()
    n_columns = model.columnCount() if isinstance(view, QTableView) else 1
    return [[str(model.index(row, column).data() or "") for column in range(n_columns)]
            for row in range(model.rowCount())]


def headings(name: str) -> list[str]:
    """Return the headings of a table, those of hidden columns among them."""
    view = named(name)
    if not isinstance(view, QTableView):
        return []
    model = view.model()
    return [str(model.headerData(column, Qt.Orientation.Horizontal) or "")
            for column in range(model.columnCount())]


def current(name: str) -> list[Any]:
    """Return the row of a table that the keys are at, and the heading of the column."""
    view = named(name)
    index = view.currentIndex()
    return [index.row(), headings(name)[index.column()] if index.isValid() else ""]


def cell(name: str, row: int, column: int = 0) -> Place | None:
    """Return where a cell of a list or table is."""
    view = named(name)
    if not isinstance(view, QAbstractItemView):
        return None
    rect = view.visualRect(view.model().index(row, column)).intersected(view.viewport().rect())
    return on_screen(view.viewport(), rect) if rect.isValid() else None


def entry(text: str) -> Place | None:
    """Return where an entry of a menu that is open, or of the menu bar, is that begins so."""
    bars: list[Any] = seen([each for each in QApplication.allWidgets()
                            if isinstance(each, (QMenu, QMenuBar))])
    for menu in sorted(bars, key=lambda each: isinstance(each, QMenuBar)):
        for action in menu.actions():
            if action.text().replace("&", "").startswith(text) and action.isEnabled():
                return on_screen(menu, menu.actionGeometry(action))
    return None


def tab(text: str) -> Place | None:
    """Return where the tab of a panel is."""
    for bar in seen([each for each in QApplication.allWidgets() if isinstance(each, QTabBar)]):
        for k in range(bar.count()):
            if bar.tabText(k) == text:
                return on_screen(bar, bar.tabRect(k).intersected(bar.rect()))
    return None


def view(title: str) -> bool:
    """Say whether a person can see a panel."""
    main_window = window()
    return main_window is not None and any(
        panel.title == title and panel.is_seen for panel in main_window.panels.values())


def state() -> dict[str, Any]:
    """Return how the window stands."""
    main_window, focus = window(), QApplication.focusWidget()
    if main_window is None:
        return {}
    model = main_window.run_model
    dialogs = seen([each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog)])
    return {
        "title": main_window.windowTitle(), "status": model.status.name,
        "is_active": main_window.isActiveWindow(),
        "size": [main_window.width(), main_window.height()],
        "is_busy": main_window.job_runner.is_running,
        "focus": (focus.objectName() or type(focus).__name__) if focus is not None else "",
        "dialogs": [each.windowTitle() for each in dialogs],
        "message": main_window.message_bar.text,
        "shown": model.project.shown_run, "running": model.project.running_run,
        "project": str(model.project.project.path) if model.project.project is not None else "",
        "runs": [{"id": run.id, "number": run.number, "status": run.status, "solver": run.solver,
                  "settings": run.settings, "last_epoch": run.last_epoch,
                  "is_ticked": run.is_ticked, "origin": run.origin}
                 for run in model.project.runs]}


def roles(run_id: int) -> list[str]:
    """Return what the file of the project keeps of a run by now."""
    main_window = window()
    assert main_window is not None
    project = main_window.run_model.project.project
    return list(project.run(run_id).roles) if project is not None else []


def curve() -> list[list[Any]]:
    """Return the epochs that are shown: number, training and validation RMSE."""
    main_window = window()
    assert main_window is not None
    return [[record.epoch, record.train_rmse, record.validation_rmse]
            for record in main_window.run_model.history]


def picture(path: str) -> bool:
    """Take a picture of the screen where the window stands, with what lies over it."""
    main_window = window()
    assert main_window is not None
    frame = main_window.geometry()
    corner: QPoint = frame.topLeft()
    return main_window.screen().grabWindow(
        0, corner.x(), corner.y(), frame.width(), frame.height()).save(path)


QUESTIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (place, label, rows, headings, current, cell, entry, tab, view, state, roles, curve,
                 picture)}


class Answers:
    """Reads questions whenever the window has time, and answers."""

    def __init__(self) -> None:
        self._waiting = b""
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._on_readable)

    def _on_readable(self) -> None:
        read = os.read(sys.stdin.fileno(), 65536)
        if not read:  # nobody asks any more
            self._notifier.setEnabled(False)
        self._waiting += read
        for line in self._lines():
            name, *arguments = json.loads(line)
            sys.stdout.write(json.dumps(QUESTIONS[name](*arguments)) + "\n")
            sys.stdout.flush()

    def _lines(self) -> Iterator[bytes]:
        while b"\n" in self._waiting:
            line, _, self._waiting = self._waiting.partition(b"\n")
            yield line


if __name__ == "__main__":
    application()
    answers = Answers()
    sys.exit(main(sys.argv[1:]))
