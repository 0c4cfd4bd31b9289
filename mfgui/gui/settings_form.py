"""A form made from a settings dataclass alone: what a setting is stands in its declaration.

A row is label, field and reset button; below it, only where needed, one line: what is wrong, or
that the value is for the next run. Two columns fit 280 px. A setting that does nothing beside the
others is not shown; what its field holds is kept for when it does.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from mfgui.core.settings import RunSettings, SettingInfo, checked, describe, does_apply
from mfgui.errors import SettingsError
from mfgui.gui.theme import LIGHT, Theme, icon
from mfgui.gui.widgets.rate_finder import RateFinder
from mfgui.gui.widgets.setting_row import SettingRow, label_text, with_mnemonic

SHARED = ("validation", "clip", "seed", "n_threads", "guard")
HEADINGS = {"solver": "Solver settings", "run": "Run settings"}
# Letters of the menus (File Edit Data Run View Help) and of the buttons below the form.
_TAKEN_LETTERS = "fedrvhtpso"


class SettingsForm(QWidget):
    """The settings of a run, editable.

    Signals
    -------
    changed : a value, or what is wrong with one, changed
    find_requested, find_cancelled : a learning rate is to be found, or no longer
    finder_shown : the RateFinder that has something to show
    """

    changed = Signal()
    find_requested = Signal()
    find_cancelled = Signal()
    finder_shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._type: type[RunSettings] | None = None
        self._rows: dict[str, SettingRow] = {}
        self._shared: dict[str, Any] = {}
        self._kept: dict[type[RunSettings], dict[str, Any]] = {}
        self._running: RunSettings | None = None
        self._error = ""
        self._theme, self._find_refusal = LIGHT, ("", "")
        self._body: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    # what the form says

    @property
    def settings_type(self) -> type[RunSettings] | None:
        """The dataclass that the form shows."""
        return self._type

    @property
    def error_text(self) -> str:
        """The first problem, as one sentence, or ""."""
        return self._error

    def settings(self) -> RunSettings:
        """Return the settings as they stand; what is not shown and wrong is at its default.

        Raises
        ------
        SettingsError
            If a field holds what its setting may not be; ``field`` names it.
        """
        if self._type is None:
            raise SettingsError("Choose a solver first.")
        values: dict[str, Any] = {
            name: row.info.default if row.field.error_text and not row.is_shown
            else row.field.value() for name, row in self._rows.items()}
        return self._type(**values)

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order: each field, then its reset button."""
        return [widget for row in self._rows.values() for widget in row.tab_widgets()]

    @property
    def finder(self) -> RateFinder | None:
        """What finds a learning rate, where there is one that does something."""
        return next((row.finder for row in self._rows.values()
                     if row.finder is not None and row.is_shown), None)

    # what the form is told

    def set_settings_type(self, settings_type: type[RunSettings]) -> None:
        """Show another solver's settings, with what the person changed in them before.

        What means the same everywhere (``SHARED``) goes along; a rate or a number of epochs that is
        right for one method may be ruinous in another.
        """
        self._remember()
        self._type = settings_type
        self._build()
        for name, value in {**self._kept.get(settings_type, {}), **self._shared}.items():
            if name in self._rows and self._may_be(name, value):
                self._rows[name].field.set_value(value)
        self._refresh()

    def set_settings(self, settings: RunSettings) -> None:
        """Show these settings, of whatever type they are."""
        if type(settings) is not self._type:
            self.set_settings_type(type(settings))
        for name, row in self._rows.items():
            row.field.set_value(getattr(settings, name))

    def set_value(self, name: str, value: Any) -> None:
        """Show one value; a name that this solver does not have is passed over."""
        if name in self._rows:
            self._rows[name].field.set_value(value)

    def reset(self) -> None:
        """Show the default of every setting."""
        for row in self._rows.values():
            row.field.set_value(row.info.default)

    def set_theme(self, theme: Theme) -> None:
        """Hand the theme to what draws itself."""
        self._theme = theme
        for finder in self._finders():
            finder.set_theme(theme)

    def refuse_finding(self, short: str, reason: str = "") -> None:
        """Say in a word and in a sentence why no rate can be found now; "" where one can."""
        self._find_refusal = short, reason
        for finder in self._finders():
            finder.set_refusal(short, reason)

    def _finders(self) -> list[RateFinder]:
        return [row.finder for row in self._rows.values() if row.finder is not None]

    def mark_differences(self, settings: RunSettings | None) -> None:
        """Mark what differs from the running run's settings; None takes the marks away."""
        self._running = settings
        self._refresh_notes()

    def changeEvent(self, event: QEvent) -> None:
        """Change the icons with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for row in getattr(self, "_rows", {}).values():
                row.reset.setIcon(icon("reset", self))

    # building

    def _build(self) -> None:
        """Replace all rows."""
        if self._body is not None:
            self._layout.removeWidget(self._body)
            self._body.hide()
            self._body.setParent(None)
            self._body.deleteLater()
        self._rows, self._body = {}, QWidget(self)
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        letters = set(_TAKEN_LETTERS)
        for group, heading in HEADINGS.items():
            infos = [info for info in describe(self._type or RunSettings) if info.group == group]
            if infos:
                self._add_heading(grid, heading)
            for info in sorted(infos, key=lambda info: info.name != "n_epochs"):
                self._add_row(grid, info, letters)
        self._layout.addWidget(self._body)

    def _add_heading(self, grid: QGridLayout, text: str) -> None:
        heading = QLabel(text)
        heading.setProperty("role", "heading")
        heading.setContentsMargins(0, 6 if self._rows else 0, 0, 0)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 3)

    def _add_row(self, grid: QGridLayout, info: SettingInfo, letters: set[str]) -> None:
        row = SettingRow(info, with_mnemonic(label_text(info), letters))
        row.add_to(grid)
        row.reset.setIcon(icon("reset", self))
        row.field.value_changed.connect(self._on_value_changed)
        if row.finder is not None:
            self._connect_finder(row.finder)
        self._rows[info.name] = row

    def _connect_finder(self, finder: RateFinder) -> None:
        finder.set_theme(self._theme)
        finder.set_refusal(*self._find_refusal)
        finder.find_clicked.connect(self.find_requested)
        finder.cancel_clicked.connect(self.find_cancelled)
        finder.shown.connect(lambda: self.finder_shown.emit(finder))

    # keeping up

    def _remember(self) -> None:
        """Keep what the person changed; a value put back to its default is forgotten."""
        if self._type is None:
            return
        own = self._kept.setdefault(self._type, {})
        for name, row in self._rows.items():
            kept = self._shared if name in SHARED else own
            if row.field.error_text:
                continue
            if row.field.value() != row.info.default:
                kept[name] = row.field.value()
            else:
                kept.pop(name, None)

    def _may_be(self, name: str, value: Any) -> bool:
        """Return whether a kept value suits the setting of that name here."""
        try:
            checked(self._rows[name].info, value)
        except SettingsError:
            return False
        return True

    def _on_value_changed(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        """Look for problems, show what applies, and what of it can be reset."""
        values = {name: row.field.value() for name, row in self._rows.items()
                  if not row.field.error_text}
        wrong = set(self._rows) - set(values)
        for row in self._rows.values():
            if not wrong.intersection(name for name, _ in row.info.applies):
                row.show_row(does_apply(row.info, values))
        self._refresh_notes()

    def _problems(self) -> dict[str, str]:
        """Return what is wrong, by the setting's name."""
        found = {name: row.field.error_text for name, row in self._rows.items()
                 if row.field.error_text and row.is_shown}
        if found or self._type is None:
            return found
        try:
            self.settings()
        except SettingsError as error:
            return {error.field or "": str(error)}
        return {}

    def _refresh_notes(self) -> None:
        """Write the line below each field."""
        problems = self._problems()
        self._error = next(iter(problems.values()), "")
        for name, row in self._rows.items():
            if name in problems:
                row.show_note(problems[name], "error")
            else:
                row.show_note(row.mark(self._running), "mark")
