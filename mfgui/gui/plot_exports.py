"""Plots taken away: as a file of a picture, as a table, or on the clipboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.gui.exportable import Exportable, Table

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions
    from mfgui.gui.widgets.picture import Drawing

PICTURE_FILTER = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
CSV_FILTER = "CSV (*.csv)"
MOST_COPIED = 1_000_000  # cells; a clipboard is no place for more
NOTHING = "There is nothing to take away yet."


class PlotExports(QObject):
    """Does what the menus and the plots' own menus ask for."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions)
        self._actions, self._window = actions, actions.window

    def start(self, kind: str, plot: Exportable) -> None:
        """Take a plot away: "picture", "values", "copy picture" or "copy values"."""
        if not plot.is_ready():
            self._window.tell(NOTHING, "warning")
            return
        {"picture": self.ask_picture, "values": self.ask_values,
         "copy picture": self.copy_picture, "copy values": self.copy_values}[kind](plot)

    # -- pictures -----------------------------------------------------------------------------

    def ask_picture(self, plot: Exportable) -> None:
        """Ask where to put a picture, and how large a PNG is to be."""
        from mfgui.gui.widgets.export_options import PictureSize, add_to_dialog

        drawing = plot.picture(f"{plot.name}.png")  # what was seen when it was asked for
        dialog = self._actions.save_dialog(
            f"Export {plot.label} as a picture", f"{plot.name}.png", PICTURE_FILTER)
        size = PictureSize(drawing.size, float(self._window.stored.choice("picture_scale", "2")))
        add_to_dialog(dialog, size)
        dialog.filterSelected.connect(lambda chosen: size.setEnabled("png" in chosen))

        def write(path: str) -> None:
            self._window.stored.set_choice("picture_scale", f"{size.scale:.4g}")
            self.write_picture(path, drawing, size.scale)

        self._actions.show_dialog(dialog, write)

    def write_picture(self, path: str, drawing: Drawing, scale: float | None = None) -> None:
        """Write a picture; the format by the name."""
        from dataclasses import replace

        from mfgui.gui.widgets.picture import SCALE
        from mfgui.gui.widgets.picture_files import fitting_scale, write_picture

        drawing = replace(drawing, path=path)
        chosen = fitting_scale(drawing, SCALE if scale is None else scale)
        self._actions.start_saving(path, lambda control: jobs.export_stream(
            control, path, lambda file, control: write_picture(drawing, chosen, file, control)),
            self._actions.exports.tell_exported)

    def copy_picture(self, plot: Exportable) -> None:
        """Put a picture on the clipboard."""
        from mfgui.gui.widgets.picture_files import copied

        drawing = plot.picture("")

        def job(control: Control) -> Iterator[tuple[QImage, bytes]]:
            yield copied(drawing, control)

        def done(made: tuple[QImage, bytes]) -> None:
            data = QMimeData()
            data.setImageData(made[0])
            data.setData("image/png", made[1])  # else Qt would pack it while somebody pastes
            QApplication.clipboard().setMimeData(data)
            self._window.job_bar.set_hover_text(f"{plot.label}: the picture was copied.")

        self._window.start_job("Drawing the picture", job, done)

    # -- values -------------------------------------------------------------------------------

    def ask_values(self, plot: Exportable) -> None:
        """Ask where to put the numbers."""
        self._actions.exports.ask_table(
            f"Export {plot.label} as values", f"{plot.name}.csv", CSV_FILTER,
            lambda path, guards: self.write_values(path, plot.values(), guards_formulas=guards))

    def write_values(self, path: str, table: Table, *, guards_formulas: bool = False) -> None:
        """Write the numbers as CSV."""
        header, rows = table
        self._actions.start_saving(path, lambda control: jobs.export_table(
            control, path, header, rows, guards_formulas=guards_formulas),
            self._actions.exports.tell_exported)

    def copy_values(self, plot: Exportable) -> None:
        """Put the numbers on the clipboard, a row a line, tabs between."""
        header, rows = plot.values()
        guards = self._actions.exports.guards_formulas

        def job(control: Control) -> Iterator[str]:
            yield jobs.table_text(control, header, rows, MOST_COPIED, guards_formulas=guards)

        def done(text: str) -> None:
            QApplication.clipboard().setText(text)
            self._window.job_bar.set_hover_text(f"{plot.label}: the values were copied.")

        self._window.start_job("Copying the values", job, done)
