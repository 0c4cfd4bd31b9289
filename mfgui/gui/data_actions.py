"""The Data menu: how the open file is read, its filters, titles and report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from mfgui import jobs
from mfgui.gui.reading_flow import ReadingFlow
from mfgui.gui.undo_keys import UndoKeys

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions

_SHARE = 0.42  # of the window's height, for the report behind the curve
_WIDTH = 400  # for the report as a column
TITLES_FILTER = "Titles (*.csv *.tsv *.txt *.dat *.item *.gz);;All files (*)"


def ratings_filter() -> str:
    """Return the open dialog's filters: every format's name endings, plain and packed."""
    from mfgui.data.formats import FORMATS

    endings: dict[str, None] = {}
    for kind in FORMATS.values():
        endings.update(dict.fromkeys(kind.extensions))
    every = " ".join(f"*{ending}" for ending in (*endings, ".gz", ".zst", ".zip", ".base", ".test"))
    single = [f"{kind.label} ({' '.join(f'*{ending}' for ending in kind.extensions)})"
              for kind in FORMATS.values() if kind.extensions]
    return ";;".join([f"Ratings ({every})", *single, "Models (*.npz)", "Projects (*.mfgui)",
                      "All files (*)"])


class DataActions:
    """The entries of the Data menu; they follow what is open."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._flow: ReadingFlow = actions.window.reading
        menu, add, flow = actions._menus["Data"], actions._add, self._flow
        self.change = add(menu, "&Change how it was read...", flow.change, "Ctrl+L",
                          "Open the import page on the open file.")
        self.again = add(menu, "&Read again", flow.read_again, "F5",
                         "Read the file once more, as when it was changed on disk.")
        self.undo = add(menu, "&Undo last change of reading", flow.undo, QKeySequence("Ctrl+Z"),
                        "Read the file as it was read before.")
        self.redo = add(menu, "R&edo last change of reading", flow.redo,
                        QKeySequence("Ctrl+Shift+Z"), "Make the change of reading again.")
        menu.addSeparator()
        self.filters = add(menu, "&Filters...", partial(flow.change, "filters"), None,
                           "Leave out users, items or times.")
        self.titles = add(menu, "Attach &titles...", self.choose_titles, None,
                          "Choose a file with the titles of the items.")
        menu.addSeparator()
        self.report = add(menu, "&Import report", self.show_report, "Ctrl+I",
                          "Show what the file held and what every line became.")
        self._undo_keys = UndoKeys(
            lambda widget: flow.page is not None and flow.page.isAncestorOf(widget), actions)
        flow.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Switch on what can be done now."""
        flow, model = self._flow, self._actions.window.run_model
        is_free = not model.status.is_running
        has_file = bool(flow.path) or flow.is_choosing
        for action in (self.again, self.filters, self.titles):
            action.setEnabled(has_file and is_free)
        self.change.setEnabled(bool(flow.path) and is_free and not flow.is_choosing)
        self.undo.setEnabled(flow.can_undo and is_free)
        self.redo.setEnabled(flow.can_redo and is_free)
        self.report.setEnabled(model.report is not None and not flow.is_choosing)

    def choose_titles(self) -> None:
        """Ask for a file of titles and read them with the ratings."""
        self._actions.ask_open("Attach titles", TITLES_FILTER,
                               lambda path: self._flow.set_options({"titles": path}))

    def show_report(self) -> None:
        """Bring the report's panel to the front."""
        window = self._actions.window
        dock = window.docks["report"]
        dock.show()
        dock.raise_()
        if window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea:
            if dock.width() < _WIDTH:
                window.resizeDocks([dock], [_WIDTH], Qt.Orientation.Horizontal)
        elif dock.height() < window.height() * _SHARE:  # as flat as the curve it says too little
            window.resizeDocks([dock], [round(window.height() * _SHARE)],
                               Qt.Orientation.Vertical)
        window.report_panel.take_focus()

    def save_report(self) -> None:
        """Ask where to put the report, as JSON."""
        self._actions.ask_save("Save the import report", "import-report.json", "JSON (*.json)",
                               self.save_report_to)

    def save_report_to(self, path: str) -> None:
        """Write the report as JSON."""
        content = self._actions.window.report_panel.json()
        self._actions.start_saving(
            path, lambda control: jobs.export_bytes(control, path, lambda: content))
