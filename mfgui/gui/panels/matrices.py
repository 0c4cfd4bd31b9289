"""Observed, predicted and residual side by side: one zoom, one cross-hair, one pinned cell.

The panel ties parts together: the tools above (``widgets/matrix_tools``), the views
(``widgets/matrix_row``), the way from what is looked at to pictures on the screen
(``matrix_flow``, ``matrix_pictures``), find (``matrix_find``) and words (``matrix_reading``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mfgui.gui.exportable import Exportable
from mfgui.gui.matrix_exports import matrix_exportables
from mfgui.gui.matrix_find import Finder
from mfgui.gui.matrix_flow import MatrixFlow
from mfgui.gui.matrix_reading import cell_text, sorted_words, titles_of, value_text, view_table
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import Theme
from mfgui.gui.view_state import Range, ViewState
from mfgui.gui.widgets.find_field import FoundList
from mfgui.gui.widgets.matrix_keys import cell_at
from mfgui.gui.widgets.matrix_notes import MatrixNotes
from mfgui.gui.widgets.matrix_row import MatrixRow
from mfgui.gui.widgets.matrix_tools import MatrixTools
from mfgui.gui.widgets.plot_menu import PlotMenu
from mfgui.inspection.colours import LevelChoice
from mfgui.inspection.order import default_choice
from mfgui.inspection.pictures import Pictures

ROOM_FOR_MARGINS = (1300, 520)  # width and height from which on there are margins at first


class MatricesPanel(Panel):
    """The three matrices with their tools; pictures are made off the GUI thread.

    Signals
    -------
    hover_text_changed : the cell under the pointer in words; the pinned one while keys move it
    """

    title = "Matrices"
    area = ""
    is_shown_first = True
    keys = "Ctrl+3"
    hover_text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("matricesPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._reads_pinned = False  # keys moved it, and the pointer has not been moved since
        self._is_free_of_margins = True  # neither a person nor the room has chosen them yet
        self.tools, self._row = MatrixTools(), MatrixRow()
        self.flow = MatrixFlow(self._row)
        self.views, self.bars, self.toggles = (
            self._row.views, self._row.bars, self.tools.toggles)
        self.stretch = self.tools.stretch
        self.fit_button, self.cell_button = self.tools.fit_button, self.tools.cell_button
        self.notes = MatrixNotes()
        self.finder = Finder(self.tools.find_field, FoundList(self), self)
        self._exportables = matrix_exportables(
            self._row.boxes, lambda: self._pictures, self.view_table)
        self._build()
        self._connect()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.tools)
        layout.addWidget(self._row, 1)
        layout.addWidget(self.notes)

    def _connect(self) -> None:
        flow, tools = self.flow, self.tools
        flow.shown.connect(self._on_shown)
        flow.sorting_changed.connect(self.notes.set_sorting)
        flow.snapshot_wanted.connect(self.snapshot_wanted)
        for source in (flow, self.finder):
            source.failed.connect(self._on_failed)
        tools.views_changed.connect(self._on_views_changed)
        tools.display_wanted.connect(lambda changes: self._set_display(**changes))
        tools.order.order_chosen.connect(self._on_order_chosen)
        tools.fit_wanted.connect(self._on_fit)
        tools.cell_wanted.connect(self._on_one_cell_a_pixel)
        self._row.solo_requested.connect(tools.show_solo)
        self._row.inspector_wanted.connect(self.inspector_wanted)
        self._row.pin_moved.connect(self._on_pin_moved)
        self.finder.left.connect(self._row.focus_first)
        for plot in self._exportables:
            PlotMenu(self.views[plot.name], partial(self._take_away, plot))
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.finder.begin)

    def _take_away(self, plot: Exportable, kind: str) -> None:
        self.export_wanted.emit(kind, plot)

    # -- models -------------------------------------------------------------------------------

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the run and what is looked at."""
        self._run_model, self._state = run_model, view_state
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.shown_changed.connect(self._on_shown_changed)
        run_model.run_started.connect(self.request_refresh)
        run_model.new_user_changed.connect(self._on_new_user_changed)
        run_model.other_changed.connect(self._on_shown_changed)
        view_state.display_changed.connect(self._on_display_changed)
        view_state.hover_changed.connect(self._on_hover_changed)
        view_state.pinned_changed.connect(self._on_pinned_changed)
        view_state.order_changed.connect(self._on_order_changed)
        self._row.set_models(view_state)
        self.flow.set_models(run_model, view_state)
        self.finder.set_state(view_state)
        self._on_ratings_changed()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._row.set_theme(theme)
        self._name_axes()
        self.flow.ask_soon()

    def take_focus(self) -> None:
        """Let keys go to the first matrix that is shown."""
        self._row.focus_first()

    def request_refresh(self) -> None:
        """Paint anew, and ask for a first snapshot of a run."""
        self.flow.ask_live()

    def shut_down(self) -> None:
        """End the threads that paint and search."""
        self.flow.shut_down()
        self.finder.shut_down()

    def _on_ratings_changed(self) -> None:
        model, state = self._run_model, self._state
        assert model is not None
        assert state is not None
        ratings = model.ratings
        self.flow.forget()
        self.finder.set_ratings(ratings)
        self._show_hints("Preparing the picture ...")
        if ratings is None:
            return
        levels = state.display.levels
        state.set_display(
            order=default_choice(ratings.n_users, ratings.n_items),
            levels=LevelChoice() if levels.kind == "hand" else levels)  # they were of other numbers
        state.set_size(ratings.n_users, ratings.n_items)
        self._on_shown_changed()
        self._on_display_changed()

    def _on_shown_changed(self) -> None:
        """Follow another model, a copy that is stepped through, or a comparison."""
        model = self._run_model
        assert model is not None
        ratings, shown = model.ratings, model.shown
        self.tools.order.set_model(
            shown.n_factors if shown is not None else 0,
            has_titles=ratings is not None and ratings.item_titles is not None,
            has_names=ratings is not None and ratings.user_names is not None)
        self._row.set_titles(*titles_of(model))
        self.tools.set_compared(model.other is not None and shown is not None)
        self.notes.follow(model)
        if self._pictures is None and shown is not None:  # a run that was opened with its ratings
            self._show_hints("")
        self.flow.ask_soon()

    def take_display(self, changes: Mapping[str, Any]) -> None:
        """Draw as a person chose before the window was closed."""
        self._is_free_of_margins &= "has_margins" not in changes
        self._set_display(**changes)

    def _set_display(self, **changes: Any) -> None:
        if self._state is not None:
            self._state.set_display(**changes)

    def _on_display_changed(self) -> None:
        assert self._state is not None
        order = self._state.order
        self.tools.show_display(self._state.display, order.note if order is not None else "")
        self.flow.ask_soon()

    def _on_order_chosen(self, choice: Any) -> None:
        if self._state is not None:
            self._state.sort(choice)

    def _on_order_changed(self) -> None:
        """Another order is on the screen."""
        state = self._state
        assert state is not None
        note = state.order.note if state.order is not None else ""
        self.tools.order.show_choice(state.display.order, note)
        if note:
            self.told.emit(note, "information")
        self._name_axes()

    def _name_axes(self) -> None:
        order = self._state.order if self._state is not None else None
        if order is None:
            self._row.set_axis_words("user", "item")
            return
        self._row.set_axis_words(f"user{sorted_words(order.choice.rows)}",
                                 f"item{sorted_words(order.choice.columns)}")

    # -- pictures -----------------------------------------------------------------------------

    @property
    def _pictures(self) -> Pictures | None:
        """What is on the screen."""
        return self.flow.pictures

    def _on_shown(self, pictures: Pictures) -> None:
        """Follow what was painted."""
        if pictures.request.model is None:
            self._show_hints("")
        self._show_legend(pictures)
        self._show_levels(pictures)
        if self.hover_text():  # another model or order lies under a pointer at rest
            self.hover_text_changed.emit(self.hover_text())
        self._on_pinned_changed()
        if self._is_free_of_margins:
            self._is_free_of_margins = False
            wide, high = ROOM_FOR_MARGINS
            if self.width() >= wide and self.height() >= high:
                self._set_display(has_margins=True)

    def _show_legend(self, pictures: Pictures) -> None:
        assert self._run_model is not None
        self.notes.show_legend(pictures, has_new_user=self._run_model.new_user is not None)

    def _show_levels(self, pictures: Pictures) -> None:
        """Let levels set by hand begin at those on the screen."""
        observed, residual = (pictures.views.get(name) for name in ("observed", "residual"))
        if observed is not None:
            self.tools.levels.set_seen(
                observed.levels, residual.levels if residual is not None else None)

    def _show_hints(self, observed: str) -> None:
        """Say what is to come where there is no picture; "" leaves the observed."""
        model = self._run_model
        self._row.show_hints(
            observed, is_running=model is not None and model.status.is_running,
            has_model=model is not None and model.shown is not None)

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    def catch_up(self) -> None:
        """Paint what was not painted while hidden."""
        self.flow.ask_soon()

    # -- what is in view ----------------------------------------------------------------------

    def _on_views_changed(self) -> None:
        self._row.show_views(self.tools.is_on)
        self.flow.ask_soon()

    def _on_fit(self) -> None:
        if self._state is not None:
            self._state.fit()

    def _on_one_cell_a_pixel(self) -> None:
        """Zoom so that a pixel shows one cell, around the middle of what is in view."""
        state = self._state
        if state is None:
            return
        height, width = self._row.shown[0].pixels()
        visible = state.visible
        x, y = (visible.x0 + visible.x1) / 2, (visible.y0 + visible.y1) / 2
        state.zoom_to(Range(x - width / 2, x + width / 2, y - height / 2, y + height / 2))

    # -- reading ------------------------------------------------------------------------------

    def _on_hover_changed(self) -> None:
        self._reads_pinned = False
        self.hover_text_changed.emit(self.hover_text())

    def _on_pin_moved(self) -> None:
        """Read the pinned cell that keys move, until the pointer is moved again."""
        assert self._state is not None
        self._state.set_hover(None)
        self._reads_pinned = True
        self.hover_text_changed.emit(self.hover_text())

    def _on_pinned_changed(self) -> None:
        """Tell the pinned cell to those who do not see it."""
        if self._run_model is not None and self._state is not None:
            self._row.set_value_text(value_text(self._run_model, self._state.pinned))

    def _on_new_user_changed(self) -> None:
        self._on_pinned_changed()
        if self._pictures is not None:
            self._show_legend(self._pictures)

    def hover_text(self) -> str:
        """Return the cell under the pointer, or that keys moved to, in words; "" for none."""
        model, state = self._run_model, self._state
        if model is None or state is None:
            return ""
        cell = (state.pinned if self._reads_pinned
                else cell_at(state, *state.hover) if state.hover is not None else None)
        return cell_text(model, cell) if cell is not None else ""

    def exportables(self) -> tuple[Exportable, ...]:
        """Return the three matrices."""
        return self._exportables

    def view_table(self, name: str) -> tuple[list[str], Callable[[], Iterator[list[Any]]]]:
        """Return the numbers in view: the header, and a function that yields a row a user."""
        return view_table(self._pictures, name)
