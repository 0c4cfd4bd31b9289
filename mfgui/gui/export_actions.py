"""File > Export and Edit > Copy: plots as pictures and values, and the model's tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.gui.exportable import Exportable
from mfgui.gui.plot_exports import PlotExports
from mfgui.gui.run_model import RunModel

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions
    from mfgui.gui.widgets.export_predictions import PredictionsDialog
    from mfgui.store.model_file import SavedModel

TABLE_FILTER = "CSV (*.csv);;Parquet (*.parquet)"
Job = Callable[[Control], Iterator[Any]]
TableJob = Callable[[Control, "SavedModel", str, bool], Iterator[Any]]


class ExportActions:
    """The entries of the Export menu and those of Edit that copy; they follow what there is."""

    def __init__(self, actions: Actions, menu: QMenu) -> None:
        self._actions, self._window = actions, actions.window
        self.plots = PlotExports(actions)
        self._predictions: PredictionsDialog | None = None
        self._of_plots: list[tuple[QAction, Exportable]] = []
        self._plot_menus = {"picture": menu.addMenu("&Picture"), "values": menu.addMenu("&Values")}
        menu.addSeparator()
        add = partial(actions._add, menu)
        self._of_model = [
            add("P&redictions...", self.show_predictions, None,
                "Write predictions: of a file of pairs, or of all pairs of users and items with "
                "enough ratings."),
            add("&Top lists of all users...", self.ask_top_lists, None,
                "Write the best items of each user, as the Recommendations panel filters them."),
            add("&User factors...", partial(self.ask_factors, "user"), None,
                "Write the factors of all users, with their ids."),
            add("&Item factors...", partial(self.ask_factors, "item"), None,
                "Write the factors of all items, with ids and titles."),
            add("&Biases...", self.ask_biases, None,
                "Write the mean and the biases of users and items.")]
        self.follow(self._window.run_model)

    def complete(self, edit: QMenu) -> None:
        """Add what is there once there are panels: an entry for each plot."""
        edit.addSeparator()
        self._plot_menus["copy picture"] = edit.addMenu("Copy &picture")
        self._plot_menus["copy values"] = edit.addMenu("Copy &values")
        texts = {"picture": ("as picture...", "Write {} as it is seen: PNG, SVG or PDF."),
                 "values": ("as CSV...", "Write the numbers of {} as a table."),
                 "copy picture": ("", "Copy {} as it is seen."),
                 "copy values": ("", "Copy the numbers of {}.")}
        plots = [plot for panel in self._window.panels.values() for plot in panel.exportables()]
        for kind, (words, help_text) in texts.items():
            menu = self._plot_menus[kind]
            menu.aboutToShow.connect(self._follow_plots)
            for plot in plots:
                keys = "Ctrl+E" if (plot.name, kind) == ("curve", "picture") else None
                action = self._actions._add(
                    menu, f"&{plot.label} {words}".strip(), partial(self.start, kind, plot), keys,
                    help_text.format(plot.label.lower()))
                self._of_plots.append((action, plot))
        self._follow_plots()

    def follow(self, model: RunModel) -> None:
        """Switch on what can be done now."""
        for action in self._of_model:
            action.setEnabled(model.shown is not None)
        self._follow_plots()

    def _follow_plots(self) -> None:
        for action, plot in self._of_plots:
            action.setEnabled(plot.is_ready())

    def shut_down(self) -> None:
        """End the thread that counts predictions, and wait for it."""
        if self._predictions is not None:
            self._predictions.shut_down()

    def start(self, kind: str, plot: Exportable) -> None:
        """Take a plot away: "picture", "values", "copy picture" or "copy values"."""
        self.plots.start(kind, plot)

    def plot(self, name: str) -> Exportable:
        """Return the plot of that name."""
        return next(plot for _, plot in self._of_plots if plot.name == name)

    # -- curve and matrices -------------------------------------------------------------------

    def ask_curve(self, kind: str) -> None:
        """Take the curve away, as its own menu asks."""
        self.start(kind, self.plot("curve"))

    def curve_values(self, path: str) -> None:
        """Write every point of the curve as CSV."""
        self.plots.write_values(path, self.plot("curve").values())

    def curve_picture(self, path: str) -> None:
        """Write the curve as it is seen."""
        self.plots.write_picture(path, self.plot("curve").picture(path))

    def view_picture(self, view: str, path: str) -> None:
        """Write a matrix as it is seen."""
        self.plots.write_picture(path, self.plot(view).picture(path))

    def view_table(self, view: str, path: str) -> None:
        """Write the numbers in view as CSV, a row a user, an empty field where one is missing."""
        self.plots.write_values(path, self.plot(view).values())

    # -- tables of the model ------------------------------------------------------------------

    @property
    def guards_formulas(self) -> bool:
        """Whether a person last chose to guard against spreadsheet formulas."""
        return self._window.stored.choice("guards_formulas", "no") == "yes"

    def ask_table(
        self, title: str, name: str, filters: str, then: Callable[[str, bool], None]
    ) -> None:
        """Ask where to put a table; ``then`` gets the path, and whether formulas are guarded."""
        from mfgui.gui.widgets.export_options import add_to_dialog, guard_box

        dialog = self._actions.save_dialog(title, name, filters)
        box = guard_box(is_on=self.guards_formulas)
        add_to_dialog(dialog, box)
        dialog.filterSelected.connect(lambda chosen: box.setEnabled("csv" in chosen))

        def take(path: str) -> None:
            self._window.stored.set_choice("guards_formulas", "yes" if box.isChecked() else "no")
            then(path, box.isChecked())

        self._actions.show_dialog(dialog, take)

    def show_predictions(self) -> None:
        """Ask which predictions are wanted."""
        from mfgui.gui.widgets.export_predictions import PredictionsDialog

        if self._predictions is None:
            self._predictions = PredictionsDialog(self._window.run_model, self._window)
            self._predictions.addAction(self._actions.help_on)
            self._predictions.pairs_wanted.connect(self._actions.ask_open)
            self._predictions.table_wanted.connect(self._ask_predictions)
        self._predictions.begin()

    def _ask_predictions(self, job: TableJob) -> None:
        self._ask_model_table("Export predictions", "predictions.csv", job)

    def ask_top_lists(self) -> None:
        """Ask where to put the top lists, which the Recommendations panel filters."""
        from mfgui.gui.panels.recommendations import RecommendationsPanel

        panel = self._window.panels["recommendations"]
        assert isinstance(panel, RecommendationsPanel)
        panel.save_all()

    def ask_factors(self, side: str) -> None:
        """Ask where to put the factors of "user" or "item"."""
        self._ask_model_table(
            f"Export {side} factors", f"{side}-factors.csv",
            lambda control, saved, path, guards: jobs.export_factors(
                control, saved, path, side, guards_formulas=guards))

    def ask_biases(self) -> None:
        """Ask where to put mean and biases."""
        self._ask_model_table(
            "Export biases", "biases.csv",
            lambda control, saved, path, guards: jobs.export_biases(
                control, saved, path, guards_formulas=guards))

    def _ask_model_table(self, title: str, name: str, job: TableJob) -> None:
        self.ask_table(title, name, TABLE_FILTER,
                       lambda path, guards: self.write_model_table(path, job, guards))

    def write_model_table(self, path: str, job: TableJob, guards_formulas: bool = False) -> None:
        """Write a table of the model that is shown now."""
        from mfgui.gui.top_files import shown_model

        saved = shown_model(self._window.run_model)
        if saved is not None:
            self._actions.start_saving(
                path, lambda control: job(control, saved, path, guards_formulas),
                self.tell_exported)

    def tell_exported(self, written: Any) -> None:
        """Say where a file was written, and what a person should know of it."""
        n_rows = f", {written.n_rows:,} row{'s' * (written.n_rows != 1)}" if written.n_rows else ""
        notes = " ".join(getattr(written, "notes", ()))
        folder = os.path.dirname(os.path.abspath(written.path))
        self._window.tell(
            f"Saved {written.path}{n_rows}. {notes}".strip(), "information", "Show in folder",
            partial(_show, folder))


def _show(folder: str) -> None:
    """Open a folder in the system's own window."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
