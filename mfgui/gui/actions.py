"""Menus and shortcuts, the file dialogs behind them, and the exports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QPushButton, QWhatsThis

from mfgui import __version__, jobs
from mfgui.core.control import Control
from mfgui.gui.data_actions import DataActions, ratings_filter
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.unsaved_model import TrainedModel, UnsavedModel
from mfgui.inspection.painter import VIEWS

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.panels.matrix_table import MatrixTableDialog

Key = QKeySequence.StandardKey
MODEL_FILTER = "Models (*.npz);;All files (*)"


class Actions(QObject):
    """Everything the menus can do; each action is one call of the window or of a panel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self._table: MatrixTableDialog | None = None
        self.run_buttons: list[tuple[QPushButton, QAction]] = []
        self.data: DataActions | None = None
        self.unsaved: UnsavedModel | None = None
        bar = window.menuBar()
        self._menus = {name: bar.addMenu(f"&{name}") for name in ("File", "Edit", "Data", "Run",
                                                                  "View", "Help")}
        self._make_file_menu()
        self._make_edit_menu()
        self._make_help_menu()
        self.follow(window.run_model)

    def complete(self) -> None:
        """Fill the menus of what the empty window does not have."""
        self.data, self.unsaved = DataActions(self), UnsavedModel(self)
        self._make_run_menu()
        self._make_view_menu()

    def _add(
        self, menu: QMenu, text: str, slot: Callable[[], Any], keys: Any = None, tip: str = ""
    ) -> QAction:
        """Add one action; ``slot`` is called without arguments."""
        action = QAction(text, self.window)
        if keys is not None:
            action.setShortcuts(QKeySequence.keyBindings(keys) if isinstance(keys, Key)
                                else [QKeySequence(keys)])
        if tip:
            action.setStatusTip(tip)
            action.setWhatsThis(tip)
        action.triggered.connect(lambda *_: slot())
        menu.addAction(action)
        return action

    def _make_file_menu(self) -> None:
        window, menu = self.window, self._menus["File"]
        self._add(menu, "&Open ratings...", self.choose_ratings, Key.Open)
        self._add(menu, "Use s&ample data", window.open_sample, "Ctrl+Shift+O")
        self._add(menu, "&Get public data...", window.show_public_data, "Ctrl+Shift+D",
                  "Get a data set that others have published, such as MovieLens.")
        self._recent = menu.addMenu("&Recent files")
        self.test_file = self._add(menu, "Open &test file...", self.choose_test_file)
        menu.addSeparator()
        self.save_model = self._add(menu, "&Save model...", self.choose_model_place, Key.Save)
        self._add(menu, "Open &model...", self.choose_model, "Ctrl+M")
        menu.addSeparator()
        export = menu.addMenu("&Export")
        self.exports = [
            self._add(export, "&Curve as picture...", partial(self.export_curve, "picture"),
                      "Ctrl+E"),
            self._add(export, "Curve as CS&V...", partial(self.export_curve, "values"))]
        self.matrix_exports = []
        for view in VIEWS:
            self.matrix_exports.append(self._add(
                export, f"{view.capitalize()} as &picture...", partial(self.export_view, view)))
            self.matrix_exports.append(self._add(
                export, f"{view.capitalize()} in view as &CSV...",
                partial(self.export_view_values, view)))
        menu.addSeparator()
        self._add(menu, "&Quit", window.close, "Ctrl+Q")

    def _make_edit_menu(self) -> None:
        menu = self._menus["Edit"]
        self._add(menu, "&Paste matrix", self.paste_matrix, "Ctrl+Shift+V",
                  "Open the numbers on the clipboard as a matrix; blank or ? is missing.")
        self._add(menu, "&Type a matrix...", self.type_matrix, "Ctrl+T",
                  "Open a small table to type ratings into.")

    def _make_run_menu(self) -> None:
        window, menu = self.window, self._menus["Run"]
        controls = window.setup_panel.controls
        self.run_buttons = [
            (controls.start, self._add(menu, "&Train", controls.start.click, "Ctrl+R")),
            (controls.pause, self._add(
                menu, "&Pause or continue", controls.pause.click, "Ctrl+P")),
            (controls.stop, self._add(menu, "&Stop", controls.stop.click, "Ctrl+.")),
        ]
        self.train_on = self._add(menu, "Train &on", controls.train_on.click, "Ctrl+Shift+R")
        self.run_buttons.append((controls.train_on, self.train_on))

    def _make_view_menu(self) -> None:
        window, menu = self.window, self._menus["View"]
        for dock in window.docks.values():
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        state = window.view_state
        self._add(menu, "&Fit", state.fit, "Ctrl+0")
        self._add(menu, "&Back to the view before", state.go_back, "Alt+Left")
        self._add(menu, "F&orward", state.go_forward, "Alt+Right")
        menu.addSeparator()
        self._add(menu, "&Reset layout", window.reset_layout)
        theme, group = menu.addMenu("&Theme"), QActionGroup(self)
        for choice, text in (("system", "As the &system"), ("light", "&Light"), ("dark", "&Dark")):
            action = self._add(theme, text, partial(window.set_theme, choice))
            action.setCheckable(True)
            action.setChecked(window.stored.choice("theme", "system") == choice)
            group.addAction(action)

    def _make_help_menu(self) -> None:
        menu = self._menus["Help"]
        self._add(menu, "What's &this?", QWhatsThis.enterWhatsThisMode, Key.WhatsThis)
        self._add(menu, "&Method and keys", self.show_help, "F1")
        self._add(menu, "&Log file", self.show_log)
        self._add(menu, "&About mfgui", self.show_about)

    def set_recent(self, entries: list[tuple[str, float]]) -> None:
        """Show the files opened lately."""
        self._recent.clear()
        self._recent.setEnabled(bool(entries))
        for path, _ in entries:
            self._add(self._recent, path.replace("&", "&&"), partial(self.window.open_path, path))

    def follow(self, model: RunModel) -> None:
        """Switch on what can be done now."""
        has_ratings = model.ratings is not None
        self.test_file.setEnabled(has_ratings and not model.status.is_running)
        self.save_model.setEnabled(model.status is Status.DONE)
        for action in self.exports:
            action.setEnabled(bool(model.history))
        for action in self.matrix_exports:
            action.setEnabled(has_ratings)
        for button, action in self.run_buttons:
            action.setEnabled(button.isEnabled())
        if self.run_buttons:  # it names the chosen method where the last run had another
            text = self.window.setup_panel.controls.train_on_text.replace("&", "&&")
            self.train_on.setText(text.replace("Train on", "Train &on"))
        if self.data is not None:
            self.data.follow()

    # -- files --------------------------------------------------------------------------------

    def _folder(self) -> str:
        """Return the folder of the file opened last."""
        return self.window.stored.choice("folder", str(Path.home()))

    def _ask_open(self, title: str, filters: str, then: Callable[[str], None]) -> None:
        dialog = QFileDialog(self.window, title, self._folder(), filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._show_dialog(dialog, then)

    def _ask_save(self, title: str, name: str, filters: str, then: Callable[[str], None]) -> None:
        dialog = QFileDialog(self.window, title, self._folder(), filters)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)

        def follow(chosen: str) -> None:
            # The dialog adds the ending itself, so that it asks before it overwrites.
            dialog.setDefaultSuffix(chosen.partition("*.")[2].partition(")")[0])

        follow(filters.partition(";;")[0])
        dialog.filterSelected.connect(follow)
        self._show_dialog(dialog, then)

    def _show_dialog(self, dialog: QFileDialog, then: Callable[[str], None]) -> None:
        """Show a file dialog without a loop of its own, so that the window lives on behind it."""

        def take(path: str) -> None:
            self.window.stored.set_choice("folder", os.path.dirname(path))
            then(path)

        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(take)
        dialog.open()

    def choose_ratings(self) -> None:
        """Ask for a ratings file and open it."""
        self._ask_open("Open ratings", ratings_filter(), self.window.open_path)

    def choose_test_file(self) -> None:
        """Ask for a file of ratings to measure the model on."""
        self._ask_open("Open test file", ratings_filter(), self.window.open_test_file)

    def choose_model(self) -> None:
        """Ask for a model file and open it."""
        self._ask_open("Open model", MODEL_FILTER, self.window.open_path)

    def choose_model_place(self, trained: TrainedModel | None = None) -> None:
        """Ask where to save the model, or one trained before, and save it."""
        save = self.save_model_to if trained is None else partial(self.save_trained, trained)
        self._ask_save("Save model", "model.npz", MODEL_FILTER, save)

    def save_model_to(self, path: str) -> None:
        """Save the model of the last run, or the one that was opened."""
        model = self.window.run_model
        result, ratings, opened = model.result, model.ratings, model.opened_model
        if result is not None and ratings is not None:
            self.save_trained(TrainedModel(result, ratings, model.report), path)
        elif opened is not None:
            self._start_saving(path, lambda control: jobs.save_model_file(control, path, opened))

    def save_trained(self, trained: TrainedModel, path: str) -> None:
        """Save the model of a run."""
        result, ratings, report = trained.result, trained.ratings, trained.report

        def on_saved(written: Any) -> None:
            if self.unsaved is not None:
                self.unsaved.note_saved(result)
            self._on_written(written)

        self._start_saving(
            path, lambda control: jobs.save_run(control, path, result, ratings, report), on_saved)

    def _start_saving(
        self, path: str, job: Callable[[Control], Iterator[Any]],
        done: Callable[[Any], None] | None = None,
    ) -> None:
        self.window.start_job(
            f"Saving {os.path.basename(path)}", job, done or self._on_written)

    def _on_written(self, written: Any) -> None:
        self.window.job_bar.set_hover_text(f"Saved {written.path}")

    # -- edit ---------------------------------------------------------------------------------

    def paste_matrix(self) -> None:
        """Open what is on the clipboard as a matrix."""
        text = QApplication.clipboard().text()
        if text.strip():
            self.window.open_text(text)
        else:
            self.window.tell("The clipboard holds no text: copy rows of numbers first.", "warning")

    def type_matrix(self) -> None:
        """Open the small table."""
        from mfgui.gui.panels.matrix_table import MatrixTableDialog

        if self._table is None:
            self._table = MatrixTableDialog(self.window)
            self._table.accepted.connect(self._on_table)
        self._table.show()
        self._table.raise_()

    def _on_table(self) -> None:
        if self._table is not None:
            rows = self._table.cells()
            self.window.open_text("\n".join(
                ";".join("?" if cell is None else repr(cell) for cell in row) for row in rows))

    # -- exports ------------------------------------------------------------------------------

    def export_curve(self, kind: str) -> None:
        """Ask where to put the curve, as a picture or as a table."""
        if kind == "values":
            self._ask_save("Export the curve", "curve.csv", "CSV (*.csv)", self.export_curve_values)
        else:
            self._ask_save("Export the curve", "curve.png", "PNG (*.png);;SVG (*.svg)",
                           self.export_curve_picture)

    def export_curve_values(self, path: str) -> None:
        """Write every point of the curve as CSV."""
        header, rows = self.window.curve_panel.values()
        self._export_table(path, header, rows)

    def export_curve_picture(self, path: str) -> None:
        """Write the curve as it is seen, PNG or SVG."""
        self._export_picture(path, self.window.curve_panel.picture(path))

    def _export_picture(self, path: str, make: Callable[[], bytes]) -> None:
        self.window.start_job(
            f"Writing {os.path.basename(path)}",
            lambda control: jobs.export_bytes(control, path, make), self._on_written)

    def export_view(self, view: str) -> None:
        """Ask where to put a picture of a matrix."""
        self._ask_save(f"Export {view}", f"{view}.png", "PNG (*.png)",
                       partial(self.export_view_picture, view))

    def export_view_picture(self, view: str, path: str) -> None:
        """Write a matrix as it is seen."""
        self._export_picture(path, self.window.matrices_panel.picture(view, path))

    def export_view_values(self, view: str) -> None:
        """Ask where to put the numbers in view."""
        self._ask_save(f"Export {view}", f"{view}.csv", "CSV (*.csv)",
                       partial(self.export_view_table, view))

    def export_view_table(self, view: str, path: str) -> None:
        """Write the numbers in view as CSV, a row a user, an empty field where one is missing."""
        header, rows = self.window.matrices_panel.view_table(view)
        self._export_table(path, header, rows)

    def _export_table(self, path: str, header: Any, rows: Callable[[], Any]) -> None:
        self.window.start_job(
            f"Writing {os.path.basename(path)}",
            lambda control: jobs.export_table(control, path, header, rows), self._on_written)

    # -- help ---------------------------------------------------------------------------------

    def show_help(self) -> None:
        """Say what the chosen method minimizes, and list the keys."""
        method = self.window.setup_panel.method.help_text
        lines = [f"<tr><td><b>{action.shortcut().toString()}</b>&nbsp;&nbsp;</td>"
                 f"<td>{action.text().replace('&', '').rstrip('.')}</td></tr>"
                 for action in self.window.findChildren(QAction)
                 if not action.shortcut().isEmpty() and action.text()]
        extra = ("<tr><td><b>1, 2, 3</b></td><td>Show or hide observed, predicted, residual</td>"
                 "</tr><tr><td><b>Shift+F1</b></td><td>Explain what you click next</td></tr>")
        self._show_text("Method and keys", f"{method}<table>{''.join(lines)}{extra}</table>")

    def show_log(self) -> None:
        """Say where the log lies."""
        path = self.window.log_path
        self._show_text("Log file", f"The log is kept in<br><b>{path}</b>" if path else
                        "No log is kept, for its file could not be written.")

    def show_about(self) -> None:
        """Say what this is."""
        self._show_text("About mfgui", f"<b>mfgui {__version__}</b><br>See what matrix "
                        "factorization learns from your ratings.<br>BSD 3-Clause licence.")

    def _show_text(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text,
                          QMessageBox.StandardButton.Close, self.window)
        box.setModal(False)
        box.show()
