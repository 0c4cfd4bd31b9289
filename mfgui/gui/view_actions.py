"""The View menu: which panels are open, the way to each by keyboard, what is in view, the theme."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from mfgui.gui.panel_keys import PanelKeys
from mfgui.gui.widgets.setting_row import with_mnemonic
from mfgui.jobs.help_terms import PANELS

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions

THEMES = {
    "system": ("As the &system", "Follow the system, light or dark."),
    "light": ("&Light", "Draw dark on light, whatever the system does."),
    "dark": ("&Dark", "Draw light on dark, whatever the system does."),
}


class ViewActions:
    """The entries of the View menu."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._window = actions.window
        self._keys = PanelKeys(actions.window)
        menu, add = actions._menus["View"], actions._add
        self._add_docks(menu)
        self._add_ways(menu.addMenu("&Go to"))
        menu.addSeparator()
        state = self._window.view_state
        add(menu, "&Fit", state.fit, "Ctrl+0", "Show the whole matrix.")
        add(menu, "&Back to the view before", state.go_back, "Alt+Left",
            "Show the part of the matrix, or the order, that was shown before.")
        add(menu, "F&orward", state.go_forward, "Alt+Right",
            "Show again what was shown before going back.")
        add(menu, "&Clear marks", state.clear_marks, None,
            "Take the marks of what was found or chosen away from the matrices.")
        menu.addSeparator()
        add(menu, "&Reset layout", self._window.reset_layout, None,
            "Put every panel back where it was at the first start.")
        self._add_themes(menu.addMenu("&Theme"))

    def _add_docks(self, menu: QMenu) -> None:
        """Let docks be opened and closed."""
        for name, dock in self._window.docks.items():
            action, (title, text, _) = dock.toggleViewAction(), PANELS[name]
            action.setStatusTip(f"Open or close {title}.")
            action.setWhatsThis(f"Open or close {title}. {text}")
            menu.addAction(action)

    def _add_ways(self, menu: QMenu) -> None:
        """Let every panel be reached by a key of its own, and the next one by F6."""
        add, letters = self._actions._add, set[str]()
        for name, panel in self._window.panels.items():
            add(menu, with_mnemonic(panel.title, letters), partial(self._keys.go_to, name),
                panel.keys or None, PANELS[name][1])
        menu.addSeparator()
        add(menu, with_mnemonic("Next panel", letters), partial(self._keys.step, 1), "F6",
            "Let keys go to the next panel that is seen.")
        add(menu, with_mnemonic("Panel before", letters), partial(self._keys.step, -1), "Shift+F6",
            "Let keys go to the panel before this one.")

    def _add_themes(self, menu: QMenu) -> None:
        """Let the theme be chosen."""
        window, group = self._window, QActionGroup(self._window)
        for choice, (text, tip) in THEMES.items():
            action = self._actions._add(
                menu, text, partial(window.set_theme, choice), None, tip)
            action.setCheckable(True)
            action.setChecked(window.stored.choice("theme", "system") == choice)
            group.addAction(action)
