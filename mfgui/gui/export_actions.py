"""File > Export: the curve and the matrices, as pictures and as tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QMenu

from mfgui import jobs
from mfgui.gui.run_model import RunModel
from mfgui.inspection.painter import VIEWS

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions


class ExportActions:
    """The entries of the Export menu; they follow what there is to export."""

    def __init__(self, actions: Actions, menu: QMenu) -> None:
        self._actions, self._window = actions, actions.window
        add = actions._add
        self._of_curve = [
            add(menu, "&Curve as picture...", partial(self.ask_curve, "picture"), "Ctrl+E",
                "Write the learning curve as it is seen, PNG or SVG."),
            add(menu, "Curve as CS&V...", partial(self.ask_curve, "values"), None,
                "Write every record of the run as a table.")]
        self._of_matrices = []
        for view in VIEWS:
            self._of_matrices += [
                add(menu, f"{view.capitalize()} as &picture...", partial(self.ask_view, view), None,
                    f"Write the {view} matrix as it is seen, with axes and colours, as PNG."),
                add(menu, f"{view.capitalize()} in view as &CSV...",
                    partial(self.ask_view_values, view), None,
                    f"Write the numbers of the {view} matrix that are in view, a row a user.")]

    def follow(self, model: RunModel) -> None:
        """Switch on what can be done now."""
        for action in self._of_curve:
            action.setEnabled(bool(model.history))
        for action in self._of_matrices:
            action.setEnabled(model.ratings is not None)

    def ask_curve(self, kind: str) -> None:
        """Ask where to put the curve, as a picture or as a table."""
        if kind == "values":
            self._actions.ask_save("Export the curve", "curve.csv", "CSV (*.csv)",
                                   self.curve_values)
        else:
            self._actions.ask_save("Export the curve", "curve.png", "PNG (*.png);;SVG (*.svg)",
                                   self.curve_picture)

    def curve_values(self, path: str) -> None:
        """Write every point of the curve as CSV."""
        header, rows = self._window.curve_panel.values()
        self._write_table(path, header, rows)

    def curve_picture(self, path: str) -> None:
        """Write the curve as it is seen, PNG or SVG."""
        self._write_picture(path, self._window.curve_panel.picture(path))

    def ask_view(self, view: str) -> None:
        """Ask where to put a picture of a matrix."""
        self._actions.ask_save(f"Export {view}", f"{view}.png", "PNG (*.png)",
                               partial(self.view_picture, view))

    def view_picture(self, view: str, path: str) -> None:
        """Write a matrix as it is seen."""
        self._write_picture(path, self._window.matrices_panel.picture(view, path))

    def ask_view_values(self, view: str) -> None:
        """Ask where to put the numbers in view."""
        self._actions.ask_save(f"Export {view}", f"{view}.csv", "CSV (*.csv)",
                               partial(self.view_table, view))

    def view_table(self, view: str, path: str) -> None:
        """Write the numbers in view as CSV, a row a user, an empty field where one is missing."""
        header, rows = self._window.matrices_panel.view_table(view)
        self._write_table(path, header, rows)

    def _write_picture(self, path: str, make: Callable[[], bytes]) -> None:
        self._actions.start_saving(
            path, lambda control: jobs.export_bytes(control, path, make))

    def _write_table(self, path: str, header: Any, rows: Callable[[], Any]) -> None:
        self._actions.start_saving(
            path, lambda control: jobs.export_table(control, path, header, rows))
