"""Menus and shortcuts, and the file dialogs behind them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QPushButton, QWhatsThis

from mfgui import __version__
from mfgui.core.control import Control
from mfgui.gui.data_actions import DataActions, ratings_filter
from mfgui.gui.export_actions import ExportActions
from mfgui.gui.model_actions import ModelActions
from mfgui.gui.project_actions import ProjectActions
from mfgui.gui.run_model import RunModel, Status

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.panels.matrix_table import MatrixTableDialog

Key = QKeySequence.StandardKey


class Actions(QObject):
    """Everything the menus can do; each action is one call of the window or of a panel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self._table: MatrixTableDialog | None = None
        self.run_buttons: list[tuple[QPushButton, QAction]] = []
        self.data: DataActions | None = None
        self.models = ModelActions(self)
        bar = window.menuBar()
        self._menus = {name: bar.addMenu(f"&{name}") for name in ("File", "Edit", "Data", "Run",
                                                                  "View", "Help")}
        self._make_file_menu()
        self._make_edit_menu()
        self._make_help_menu()
        self.follow(window.run_model)

    def complete(self) -> None:
        """Fill the menus of what the empty window does not have."""
        from mfgui.gui.run_actions import RunActions  # which loads the plots, as the next does
        from mfgui.gui.view_actions import ViewActions

        self.data = DataActions(self)
        self.models.comparison.complete()
        self.exports.complete(self._menus["Edit"])
        self._make_run_menu()
        self.runs = RunActions(self, self._menus["Run"])
        ViewActions(self)

    def _add(
        self, menu: QMenu, text: str, slot: Callable[[], Any], keys: Any = None, tip: str = ""
    ) -> QAction:
        """Add one action; ``slot`` is called without arguments."""
        action = QAction(text, self.window)
        if keys is not None:
            action.setShortcuts(QKeySequence.keyBindings(keys) if isinstance(keys, Key)
                                else [QKeySequence(keys)])
        if tip:
            action.setStatusTip(f"{tip.partition('. ')[0].rstrip('.')}.")  # what a line holds
            action.setWhatsThis(tip)
        action.triggered.connect(lambda *_: slot())
        menu.addAction(action)
        return action

    def _make_file_menu(self) -> None:
        window, menu = self.window, self._menus["File"]
        self._add(menu, "&Open ratings...", self.choose_ratings, Key.Open,
                  "Open a file of ratings, a model or a project.")
        self._add(menu, "Use s&ample data", window.open_sample, "Ctrl+Shift+O",
                  "Open ratings made up for trying things out.")
        self._add(menu, "&Get public data...", window.show_public_data, "Ctrl+Shift+D",
                  "Get a data set that others have published, such as MovieLens.")
        self._recent = menu.addMenu("&Recent files")
        self.test_file = self._add(
            menu, "Open &test file...", self.choose_test_file, None,
            "Open ratings that are only measured: nothing is trained or stopped on them.")
        menu.addSeparator()
        self.project = ProjectActions(self, menu)
        menu.addSeparator()
        models = self.models
        self.save_model = self._add(
            menu, "&Save model...", models.choose_model_place, Key.Save,
            "Write the model to a file that mfgui, and NumPy alone, can open.")
        self._add(menu, "Open &model...", models.choose_model, "Ctrl+M",
                  "Open a model that was saved before, with the ratings it carries.")
        self.compare = self._add(
            menu, "Compare &with model...", models.choose_other, "Ctrl+Shift+M",
            "Show another model beside this one: A, B and A − B, and both on held-out ratings.")
        self.end_comparison = self._add(menu, "End comparis&on", models.end, None,
                                        "Show the open model alone again.")
        menu.addSeparator()
        self.exports = ExportActions(self, menu.addMenu("&Export"))
        window.runs.reproduction.add_to(self, menu)
        menu.addSeparator()
        self._add(menu, "&Quit", window.close, "Ctrl+Q",
                  "Close the window; a run under way is stopped first.")

    def _make_edit_menu(self) -> None:
        menu = self._menus["Edit"]
        self._add(menu, "&Paste matrix", self.paste_matrix, "Ctrl+Shift+V",
                  "Open the numbers on the clipboard as a matrix; blank or ? is missing.")
        self._add(menu, "&Type a matrix...", self.type_matrix, "Ctrl+T",
                  "Open a small table to type ratings into.")
        menu.addSeparator()
        project = self.window.run_model.project
        self.undo_delete = self._add(
            menu, "&Undo deletion of runs", project.undo_delete, None,
            "Bring back the runs that were deleted last. In the list of runs Ctrl+Z does it too.")
        project.runs_changed.connect(lambda: self.undo_delete.setEnabled(project.can_undo))
        self.undo_delete.setEnabled(False)

    def _make_run_menu(self) -> None:
        window, menu = self.window, self._menus["Run"]
        controls = window.setup_panel.controls
        self.run_buttons = [
            (controls.start, self._add(menu, "&Train", controls.start.click, "Ctrl+R",
                                       controls.start.whatsThis())),
            (controls.pause, self._add(menu, "&Pause or continue", controls.pause.click, "Ctrl+P",
                                       controls.pause.whatsThis())),
            (controls.stop, self._add(menu, "&Stop", controls.stop.click, "Ctrl+.",
                                      controls.stop.whatsThis())),
        ]
        self.train_on = self._add(menu, "Train &on", controls.train_on.click, "Ctrl+Shift+R",
                                  controls.train_on.whatsThis())
        self.run_buttons.append((controls.train_on, self.train_on))

    def _make_help_menu(self) -> None:
        menu = self._menus["Help"]
        self._add(menu, "What's &this?", QWhatsThis.enterWhatsThisMode, Key.WhatsThis,
                  "Explain the control that is clicked next.")
        self.help_on = self._add(
            menu, "&Help on this", self.window.help.show, "F1",
            "Open the page of help on the control with the focus.")
        self._add(menu, "&Keys and all pages", self.window.help.show_contents, None,
                  "List all pages of help, and all keys.")
        self._add(menu, "Try the &textbook example", self.window.textbook.open, None,
                  "Open a 4 x 5 matrix with gaps, and follow the equations step by step.")
        menu.addSeparator()
        self.window.help.add_log_actions(self, menu)
        self._add(menu, "&About mfgui", self.show_about, None,
                  "Say which version this is, and its licence.")

    def set_recent(self, entries: list[tuple[str, float]]) -> None:
        """Show the files opened lately."""
        self._recent.clear()
        self._recent.setEnabled(bool(entries))
        for path, _ in entries:
            self._add(self._recent, path.replace("&", "&&"), partial(self.window.open_path, path),
                      None, f"Open {path} again.")

    def follow(self, model: RunModel) -> None:
        """Switch on what can be done now."""
        has_ratings = model.ratings is not None
        self.test_file.setEnabled(has_ratings and not model.status.is_running)
        self.save_model.setEnabled(model.status is Status.DONE)
        self.compare.setEnabled(model.shown is not None)
        self.end_comparison.setEnabled(model.other is not None)
        self.exports.follow(model)
        for button, action in self.run_buttons:
            action.setEnabled(button.isEnabled())
        if self.run_buttons:  # it names the chosen method where the last run had another
            text = self.window.setup_panel.controls.train_on_text.replace("&", "&&")
            self.train_on.setText(text.replace("Train on", "Train &on"))
        if self.data is not None:
            self.data.follow()

    # -- files --------------------------------------------------------------------------------

    def folder(self) -> str:
        """Return the folder of the file opened last."""
        return self.window.stored.choice("folder", str(Path.home()))

    def ask_open(self, title: str, filters: str, then: Callable[[str], None]) -> None:
        """Ask for a file and hand its path to ``then``."""
        dialog = QFileDialog(self.window, title, self.folder(), filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.show_dialog(dialog, then)

    def ask_save(self, title: str, name: str, filters: str, then: Callable[[str], None]) -> None:
        """Ask for a place to write and hand its path to ``then``."""
        self.show_dialog(self.save_dialog(title, name, filters), then)

    def save_dialog(self, title: str, name: str, filters: str) -> QFileDialog:
        """Return a dialog that asks for a place to write."""
        dialog = QFileDialog(self.window, title, self.folder(), filters)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)

        def follow(chosen: str) -> None:
            # The dialog adds the ending itself, so that it asks before it overwrites.
            dialog.setDefaultSuffix(chosen.partition("*.")[2].partition(")")[0])

        follow(filters.partition(";;")[0])
        dialog.filterSelected.connect(follow)
        return dialog

    def show_dialog(
        self, dialog: QFileDialog, then: Callable[[str], None] | None = None,
        then_all: Callable[[list[str]], None] | None = None,
    ) -> None:
        """Show a file dialog without a loop of its own, so that the window lives on behind it."""

        def take(paths: list[str]) -> None:
            self.window.stored.set_choice("folder", os.path.dirname(paths[0]))
            if then is not None:
                then(paths[0])
            if then_all is not None:
                then_all(paths)

        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(take)
        dialog.open()

    def choose_ratings(self) -> None:
        """Ask for a ratings file and open it."""
        self.ask_open("Open ratings", ratings_filter(), self.window.open_path)

    def choose_test_file(self) -> None:
        """Ask for a file of ratings to measure the model on."""
        self.ask_open("Open test file", ratings_filter(), self.window.open_test_file)

    def start_saving(
        self, path: str, job: Callable[[Control], Iterator[Any]],
        done: Callable[[Any], None] | None = None,
    ) -> None:
        """Run a job that writes a file, and say so when it is there."""
        self.window.start_job(
            f"Saving {os.path.basename(path)}", job, done or self.tell_written)

    def tell_written(self, written: Any) -> None:
        """Say in the status bar where a file was written."""
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
            self._table.addAction(self.help_on)
            self._table.accepted.connect(self._on_table)
        self._table.show()
        self._table.raise_()

    def _on_table(self) -> None:
        if self._table is not None:
            rows = self._table.cells()
            self.window.open_text("\n".join(
                ";".join("?" if cell is None else repr(cell) for cell in row) for row in rows))

    # -- help ---------------------------------------------------------------------------------

    def show_about(self) -> None:
        """Say what this is."""
        self._show_text("About mfgui", f"<b>mfgui {__version__}</b><br>See what matrix "
                        "factorization learns from your ratings.<br>BSD 3-Clause licence.")

    def _show_text(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text,
                          QMessageBox.StandardButton.Close, self.window)
        box.setModal(False)
        box.show()
