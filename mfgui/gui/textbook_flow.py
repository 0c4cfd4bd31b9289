"""The textbook example in the window: its matrix, its settings, and one's own settings back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from mfgui import jobs
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.errors import SettingsError

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.jobs.files import OpenedRatings


class TextbookFlow(QObject):
    """Opens the example; the method and settings of before come back with the next ratings."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._shown: Ratings | None = None
        self._before: tuple[str, RunSettings] | None = None
        window.run_model.ratings_changed.connect(self._on_ratings_changed)

    def open(self) -> None:
        """Open the textbook's matrix, its settings in the form, its equations in front."""
        window = self._window
        if window.is_free():
            window.start_job("Opening the textbook example", jobs.open_textbook, self._show,
                             is_opening=True)

    def _show(self, opened: OpenedRatings) -> None:
        from mfgui.data.textbook import SOLVER, textbook_settings

        window, setup = self._window, self._window.setup_panel
        if self._shown is None:
            self._before = self._chosen()
        window.show_ratings(opened)
        setup.set_solver(SOLVER)
        setup.form.set_settings(textbook_settings())
        self._shown = opened.ratings
        window.view_state.set_pinned((0, 0))
        window.layout_.show("equations")

    def _chosen(self) -> tuple[str, RunSettings] | None:
        """Return the method and settings of the form; None where a field is wrong."""
        setup = self._window.setup_panel
        try:
            return setup.solver_name, setup.form.settings()
        except SettingsError:
            return None

    def _on_ratings_changed(self) -> None:
        """Give one's own settings back once the example is left: a toy's fit nothing else."""
        if self._shown is None or self._window.run_model.ratings is self._shown:
            return
        self._shown, before = None, self._before
        if before is not None:
            self._window.setup_panel.set_solver(before[0])
            self._window.setup_panel.form.set_settings(before[1])
