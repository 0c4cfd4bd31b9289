"""The three matrices side by side, each with its colour bar; one, two or all of them shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.colour_bar import ColourBar
from mfgui.gui.widgets.equal_row import EqualRow
from mfgui.gui.widgets.matrix_heads import Heads
from mfgui.gui.widgets.matrix_view import MatrixView
from mfgui.inspection.colours import DARK_PALETTE, LIGHT_PALETTE, Palette, to_rgba
from mfgui.inspection.pictures import VIEWS, Picture, Pictures
from mfgui.jobs.help_terms import TERMS

TITLES = {"observed": "Observed", "predicted": "Predicted",
          "residual": "Residual (observed − predicted)"}
MARKED_TITLES = {**TITLES, "residual": "Residual"}  # a mark takes the room
NAMES = {*TITLES.values(), *MARKED_TITLES.values()}


class MatrixRow(EqualRow):
    """Views of one width that show one part of the matrix.

    Signals
    -------
    resized : the pictures have another size in pixels
    inspector_wanted : the pinned cell is to be explained
    pin_moved : a key pinned another cell, or none
    solo_requested : the name of the view to be shown alone, or all again
    """

    resized = Signal()
    inspector_wanted = Signal()
    pin_moved = Signal()
    solo_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = LIGHT
        self.views = {name: MatrixView(name, TITLES[name]) for name in VIEWS}
        self.bars = {name: ColourBar("residual" if name == "residual" else "rating")
                     for name in VIEWS}
        self.boxes = {name: self._box(name) for name in VIEWS}
        for name, view in self.views.items():
            view.resized.connect(self.resized)
            view.inspector_wanted.connect(self.inspector_wanted)
            view.pin_moved.connect(self.pin_moved)
            view.solo_requested.connect(lambda name=name: self.solo_requested.emit(name))
        self.set_titles(TITLES)

    def _box(self, name: str) -> QWidget:
        """Return a view and its colour bar in a column."""
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.views[name], 1)
        column.addWidget(self.bars[name])
        box.setMinimumWidth(60)
        self.add_widget(box)
        return box

    @property
    def palette_(self) -> Palette:
        """The colours of values in this theme."""
        return DARK_PALETTE if self._theme.is_dark else LIGHT_PALETTE

    @property
    def shown(self) -> list[MatrixView]:
        """The views that are not hidden."""
        return [view for view in self.views.values() if view.isVisible()]

    def set_models(self, state: ViewState) -> None:
        """Follow what is looked at."""
        for view in self.views.values():
            view.set_models(state)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for name, view in self.views.items():
            view.set_theme(theme)
            self.bars[name].set_theme(theme, self.palette_.missing)

    def set_titles(self, titles: dict[str, str], mark: str = "") -> None:
        """Say what each view shows; a mark stands on those that hold a model's numbers."""
        for name, view in self.views.items():
            view.set_title(titles[name], mark if name != "observed" else "")
            view.setWhatsThis(TERMS[name if titles[name] in NAMES else "comparison"][0])

    def set_axis_words(self, rows: str, columns: str) -> None:
        """Name the axes of all three."""
        for view in self.views.values():
            view.set_axis_words(rows, columns)

    def set_heads(self, rows: Heads | None, columns: Heads | None) -> None:
        """Show the same heads beside all three."""
        for view in self.views.values():
            view.set_heads(rows, columns)

    def set_chip(self, words: str) -> None:
        """Show a few words in the corner of each picture."""
        for view in self.views.values():
            view.set_chip(words)

    def set_value_text(self, text: str) -> None:
        """Tell the pinned cell to those who do not see it."""
        for view in self.views.values():
            view.set_value_text(text)

    # -- pictures -----------------------------------------------------------------------------

    def show_pictures(self, pictures: Pictures) -> None:
        """Show what was painted, with its colours and margins."""
        is_compared = pictures.request.other is not None
        for name, picture in pictures.views.items():
            view, bar = self.views[name], self.bars[name]
            view.show_pictures(pictures)
            unit = "residual" if name == "residual" else pictures.unit
            if is_compared:
                unit = "difference of predictions" if name == "residual" else "prediction"
            bar.set_unit(unit, has_missing=not is_compared)
            bar.set_colours(picture.table, picture.levels)
            bar.show()
            self._show_margins(view, pictures)

    def _show_margins(self, view: MatrixView, pictures: Pictures) -> None:
        """Show counts and means beside a view, in the colours of the observed."""
        margins, window = pictures.margins, pictures.blocks.window
        picture = pictures.views.get("observed")
        if margins is None or picture is None:
            view.top.set_margins(None, None, 0, 1)
            view.right.set_margins(None, None, 0, 1)
            return
        for band, counts, means, first, last in (
                (view.top, margins.column_counts, margins.column_means,
                 window.first_column, window.last_column),
                (view.right, margins.row_counts, margins.row_means,
                 window.first_row, window.last_row)):
            colours = to_rgba(np.ascontiguousarray(means[None, :]), picture.table,
                              picture.levels, pictures.request.palette.missing)[0]
            band.set_margins(counts, colours, first, last)

    def show_hints(self, observed: str, *, is_running: bool, has_model: bool) -> None:
        """Say in a line what is to come where there is no picture; "" leaves the observed."""
        hints = {"observed": observed, "predicted": "Press Train to see predictions",
                 "residual": "Press Train to see what is left over"}
        if is_running:
            hints |= dict.fromkeys(("predicted", "residual"), "Waiting for the first epoch")
        if has_model:
            hints |= dict.fromkeys(("predicted", "residual"), "Preparing the picture ...")
        for name, hint in hints.items():
            if hint:
                self.views[name].show_hint(hint)
                self.bars[name].hide()

    def show_views(self, is_on: Callable[[str], bool]) -> None:
        """Show some of the views; they share the room."""
        for name, box in self.boxes.items():
            self.set_shown(box, is_on(name))

    def focus_first(self) -> None:
        """Let keys go to the first view that is shown."""
        if self.shown:
            self.shown[0].setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the new user's row -------------------------------------------------------------------

    def show_strip(self, name: str, rows: dict[str, Picture] | None, first: int, last: int) -> None:
        """Show the imaginary row above the pictures; without pictures its room is taken."""
        for key, view in self.views.items():
            view.top.strip.show(name)
            if rows is not None:
                view.top.strip.set_picture(rows.get(key), first, last)
            view.top.show_strip()

    def hide_strip(self) -> None:
        """Give the room of the imaginary row back."""
        for view in self.views.values():
            view.top.strip.hide()
            view.top.show_strip()
