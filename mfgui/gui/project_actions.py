"""File > projects: new, open, save as, recent ones, and what a project keeps."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from mfgui.gui.project_keeper import SUFFIX
from mfgui.gui.project_places import PROJECT_FILTER

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions
    from mfgui.gui.project_compact import CompactDialog

KEEPS = "keep_ratings"
ON, OFF = "on", "off"


class ProjectActions:
    """The entries of the File menu that have to do with projects."""

    def __init__(self, actions: Actions, menu: QMenu) -> None:
        self._actions, self._window = actions, actions.window
        self._compact: CompactDialog | None = None
        add, flow = actions._add, self._window.projects
        self.new = add(menu, "&New project", flow.places.new, QKeySequence.StandardKey.New,
                       "Begin with nothing open; what was done is kept in its own project.")
        self.open = add(menu, "Open pro&ject...", self.choose_project, "Ctrl+Shift+P",
                        "Open a project: its ratings, its runs, and what was looked at.")
        self._recent = menu.addMenu("Recent pro&jects")
        self.save = add(menu, "Save project &as...", self.choose_place, "Ctrl+Shift+S",
                        "Give the project a name and a place. Nothing else has to be saved: every "
                        "run is kept as it trains.")
        self._more = menu.addMenu("Pro&ject")
        self.keeps = self._switch("&Keep the ratings in the project", flow_keeps(self._window),
                                  self._set_keeps, "Keep the ratings themselves, up to 50 MB, so "
                                  "that the project works without their file; 12 bytes a rating.")
        self.restores = self._switch(
            "&Restore the session at start", self._window.session.is_on,
            self._window.session.set_on,
            "Open the project of last time, as it was looked at, when the program starts.")
        self._compact_action = add(
            self._more, "&Compact project...", self.compact, None,
            "Give back the room of deleted runs and of the factors of old trials.")
        self._window.run_model.project.project_changed.connect(self.follow)
        self._window.run_model.status_changed.connect(self.follow)
        self.set_recent()
        self.follow()

    def _switch(self, text: str, is_on: bool, slot: Any, tip: str) -> Any:
        """Add a switch to the submenu."""
        action = self._actions._add(self._more, text, lambda: None, None, tip)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.toggled.connect(slot)
        return action

    def follow(self) -> None:
        """Switch on what can be done now."""
        model = self._window.run_model
        is_free = not model.status.is_running
        for action in (self.new, self.open, self.save):
            action.setEnabled(is_free)
        self._recent.setEnabled(is_free and not self._recent.isEmpty())
        self._compact_action.setEnabled(is_free and not model.project.is_read_only)

    def set_recent(self) -> None:
        """List the projects opened lately."""
        self._recent.clear()
        for path, _, title in self._window.stored.recent_projects():
            text = title or os.path.basename(path)
            self._actions._add(self._recent, text.replace("&", "&&"),
                               partial(self._window.projects.open, path), None,
                               f"Open {path} again.")
        self._recent.setEnabled(not self._recent.isEmpty())

    def _set_keeps(self, is_on: bool) -> None:
        self._window.stored.set_choice(KEEPS, ON if is_on else OFF)
        self._window.projects.set_keeps_ratings(is_on)

    # -- places -------------------------------------------------------------------------------

    def choose_project(self) -> None:
        """Ask for a project and open it."""
        self._actions.ask_open("Open project", PROJECT_FILTER, self._window.projects.open)

    def choose_place(self) -> None:
        """Ask where the project is to be, and save it there."""
        model = self._window.run_model.project
        name = model.name or self._usual_name()
        self._actions.ask_save("Save project as", f"{name}{SUFFIX}", PROJECT_FILTER,
                               self._window.projects.places.save_as)

    def _usual_name(self) -> str:
        ratings = self._window.run_model.ratings
        name = os.path.basename(ratings.name) if ratings is not None else "project"
        return name.partition(".")[0] or "project"

    def choose_copy(self, path: str) -> None:
        """Ask where the copy of a project is to be that somebody else has open."""
        name = os.path.basename(path).removesuffix(SUFFIX)
        self._actions.ask_save("Open a copy", f"{name} copy{SUFFIX}", PROJECT_FILTER,
                               lambda to: self._window.projects.places.open_copy(path, to))

    def choose_source(self, source: Any) -> None:
        """Ask where ratings are now that have moved."""
        from mfgui.gui.data_actions import ratings_filter

        self._actions.ask_open(f"Locate {os.path.basename(source.path)}", ratings_filter(),
                               lambda path: self._window.projects.locate(source.id, path))

    def compact(self) -> None:
        """Show what can be given back."""
        from mfgui.gui.project_compact import CompactDialog

        if self._compact is None:
            self._compact = CompactDialog(self._window)
            self._compact.addAction(self._actions.help_on)
        self._compact.open_on_project()


def flow_keeps(window: Any) -> bool:
    """Return whether ratings are kept in projects, as a person chose it last."""
    is_on = bool(window.stored.choice(KEEPS, OFF) == ON)
    window.projects.keeper.set_keeps_ratings(is_on)
    return is_on
