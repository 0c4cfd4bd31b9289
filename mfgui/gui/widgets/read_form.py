"""The options of reading as a form, made from their declaration alone.

Each field shows what was found until the person sets it; its reset gives it back to the file.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mfgui.data.look import Look
from mfgui.data.options import OptionInfo, ReadOptions, describe_options
from mfgui.gui.theme import icon
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.read_fields import ChoiceField, Field, make_field
from mfgui.gui.widgets.setting_row import with_mnemonic

HEADINGS = {"layout": "Layout", "values": "Values", "names": "Names", "filters": "Filters"}
# Letters of the menus (File Edit Data Run View Help) and of the page's buttons.
_TAKEN_LETTERS = "fedrvhucnmtw"
_ALWAYS = ("format", "columns")
# What can be said of a file that could not even be looked at.
_UNSEEN = ("format", "delimiter", "header", "encoding", "decimal", "columns")


class OptionRow:
    """Label, field, reset, and a line below for what is wrong."""

    def __init__(self, info: OptionInfo, text: str) -> None:
        self.info = info
        self.field: Field = make_field(info)
        self.label = QLabel(text)
        self.label.setBuddy(self.field)
        self.label.setToolTip(info.help)
        self.reset = QToolButton()
        self.reset.setObjectName(f"{info.name}FieldReset")
        self.reset.setProperty("isQuiet", True)
        back = ("Back to what was found in the file." if info.default is None else
                "Back to what is usual for any file.")
        describe(self.reset, f"{info.label}: {back[0].lower()}{back[1:-1]}", back)
        self.reset.setFixedSize(22, 22)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "error")
        self.note.hide()

    def add_to(self, grid: QGridLayout) -> None:
        """Put the row below what the grid holds; a long label stands above its field."""
        line = grid.rowCount()
        if self.is_long:
            grid.addWidget(self.label, line, 0, 1, 3)
            line += 1
            grid.addWidget(self.field, line, 0, 1, 2)
        else:
            grid.addWidget(self.label, line, 0)
            grid.addWidget(self.field, line, 1)
        grid.addWidget(self.reset, line, 2)
        grid.addWidget(self.note, line + 1, 0, 1, 3)

    @property
    def is_long(self) -> bool:
        """Whether label and field need a line each."""
        return len(self.info.label) > 18 or self.info.kind in ("file", "columns")

    def set_shown(self, is_shown: bool, *, is_set: bool) -> None:
        """Show or hide the row; the reset only where there is something to reset."""
        for widget in (self.label, self.field):
            widget.setVisible(is_shown)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(is_shown)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(is_shown and is_set)
        self.note.setVisible(is_shown and bool(self.note.text()))

    def show_error(self, text: str) -> None:
        """Show a sentence below the field, or take it away."""
        self.note.setText(text)
        self.note.setVisible(bool(text) and not self.field.isHidden())


class ReadForm(QScrollArea):
    """All options that matter for the file at hand.

    Signals
    -------
    changed : name of the option and its new value; None gives it back to the file
    """

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readForm")
        self.setAccessibleName("How the file is read")
        self.rows: dict[str, OptionRow] = {}
        self.headings: dict[str, QLabel] = {}
        self._body = QWidget()
        self._parts: tuple[str, ...] = ()
        self._build()
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        letters = set(_TAKEN_LETTERS)
        for group, heading in HEADINGS.items():
            self._add_heading(grid, group, heading)
            for info in describe_options():
                if info.group == group:
                    self._add_row(grid, info, letters)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(10, 6, 8, 8)
        column.addLayout(grid)
        column.addStretch(1)

    def _add_heading(self, grid: QGridLayout, group: str, text: str) -> None:
        heading = QLabel(text)
        heading.setProperty("role", "heading")
        heading.setContentsMargins(0, 6 if self.rows else 0, 0, 0)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 3)
        self.headings[group] = heading

    def _add_row(self, grid: QGridLayout, info: OptionInfo, letters: set[str]) -> None:
        row = OptionRow(info, with_mnemonic(info.label, letters))
        row.add_to(grid)
        row.reset.setIcon(icon("reset", self))
        row.field.edited.connect(lambda: self.changed.emit(info.name, row.field.value()))
        row.reset.clicked.connect(lambda: self._on_reset(info))
        self.rows[info.name] = row

    def _on_reset(self, info: OptionInfo) -> None:
        self.rows[info.name].field.setFocus()  # the button is about to vanish
        self.changed.emit(info.name, info.default)

    def set_formats(self, labels: dict[str, str]) -> None:
        """Offer these kinds of files."""
        field = self.rows["format"].field
        assert isinstance(field, ChoiceField)
        field.set_choices(dict(labels))

    def show_options(self, given: ReadOptions, look: Look | None, **found: Any) -> None:
        """Show what is set and, from the look and ``found``, what was found."""
        self._show_parts(look)
        for name, row in self.rows.items():
            value = getattr(given, name)
            seen = found.get(name)
            if look is not None and seen is None:
                seen = look.format if name == "format" else getattr(look.options, name)
            row.field.show_value(value, seen)
            row.show_error("")
            row.set_shown(self._matters(row.info, look, value), is_set=value != row.info.default)

    def offer_parts(self, parts: tuple[str, ...]) -> None:
        """Offer these parts of a file of which none could be looked at yet."""
        self._parts = parts

    def _show_parts(self, look: Look | None) -> None:
        field = self.rows["part"].field
        assert isinstance(field, ChoiceField)
        field.set_choices({part: part for part in self._known_parts(look)})

    def _known_parts(self, look: Look | None) -> tuple[str, ...]:
        return look.parts if look is not None else self._parts

    def _matters(self, info: OptionInfo, look: Look | None, value: Any) -> bool:
        """Return whether an option is shown: it means something here, or it is set."""
        if info.group != "layout" or value != info.default:
            return True
        if info.name == "part":
            return bool(self._known_parts(look))
        if look is None:
            return info.name in _UNSEEN
        return info.name == "format" or info.name in look.option_names

    def show_error(self, name: str, text: str) -> None:
        """Show beside an option what is wrong with it."""
        row = self.rows[name]
        row.show_error(text)
        if text:
            self._reveal(row.note, row.field)

    def show_group(self, group: str) -> None:
        """Bring a group into view, its first field in focus."""
        names = [name for name, row in self.rows.items() if row.info.group == group]
        self._reveal(self.rows[names[-1]].field, self.headings[group])
        self.rows[names[0]].field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _reveal(self, *widgets: QWidget) -> None:
        """Scroll to widgets, the last one most of all, where they will be once all is placed."""
        layout = self._body.layout()
        if layout is not None:
            layout.activate()
        self._body.resize(self._body.width(), max(
            self._body.minimumSizeHint().height(), self.viewport().height()))
        for widget in widgets:
            self.ensureWidgetVisible(widget, 0, 12)

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return [widget for row in self.rows.values() for widget in (row.field, row.reset)]

    def changeEvent(self, event: QEvent) -> None:
        """Change the icons with the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for row in getattr(self, "rows", {}).values():
                row.reset.setIcon(icon("reset", self))
