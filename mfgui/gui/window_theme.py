"""The part of the window that has colours: light, dark, or as the system is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QMainWindow

from mfgui.gui import theme as themes

if TYPE_CHECKING:
    from mfgui.gui.panels.base import Panel
    from mfgui.gui.run_model import RunModel
    from mfgui.gui.stored_state import StoredState


class ThemePart(QMainWindow):
    """A window whose panels draw in the theme's colours.

    Attributes
    ----------
    theme_choice : str
        "light", "dark" or "system".
    """

    theme_choice: str
    is_complete: bool
    stored: StoredState
    run_model: RunModel
    panels: dict[str, Panel]

    def set_theme(self, choice: str) -> None:
        """Show the theme "light", "dark" or "system"."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.stored.set_choice("theme", choice)
        self.theme_choice = choice if choice in ("light", "dark") else "system"
        themes.apply_theme(app, themes.chosen_theme(self.theme_choice))
        self.run_model.project.set_theme(themes.chosen_theme(self.theme_choice))
        if self.is_complete:
            self._theme_plots()

    def _theme_plots(self) -> None:
        """Hand the theme to what draws itself."""
        for panel in self.panels.values():
            panel.set_theme(themes.chosen_theme(self.theme_choice))

    def _on_system_theme(self) -> None:
        if self.theme_choice == "system":
            self.set_theme("system")
