"""Observed, predicted and residual side by side: one zoom, one cross-hair."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mfgui.core.ratings import IntArray, TextArray
from mfgui.gui.background import LatestWorker
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import Range, ViewState
from mfgui.gui.widgets.colour_bar import ColourBar
from mfgui.gui.widgets.equal_row import EqualRow
from mfgui.gui.widgets.matrix_view import MatrixView
from mfgui.gui.widgets.picture import picture_of
from mfgui.inspection.cells import describe_cell
from mfgui.inspection.colours import COLOUR_MAPS, DARK_PALETTE, LIGHT_PALETTE
from mfgui.inspection.order import ORDERS, Order, default_order
from mfgui.inspection.painter import VIEWS, Painter, Pictures, Request

TITLES = {"observed": "Observed", "predicted": "Predicted",
          "residual": "Residual (observed − predicted)"}
COALESCE_MS = 16
LIVE_AT_MOST_EVERY_S = 0.25
LIVE_COST_FACTOR = 20  # painting may take a twentieth of the time while training


class MatricesPanel(QWidget):
    """The three matrices with their tools; pictures are made off the GUI thread.

    Signals
    -------
    snapshot_wanted : a newer copy of the factors would be drawn
    hover_text_changed : what lies under the pointer, in words
    """

    title = "Matrices"
    snapshot_wanted = Signal()
    hover_text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("matricesPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._theme = LIGHT
        self._pictures: Pictures | None = None
        self._drawn_model: object = None
        self._solo: str | None = None
        self._painter, self._worker = Painter(), LatestWorker(self)
        self.views = {name: MatrixView(name, TITLES[name]) for name in VIEWS}
        self.bars = {name: ColourBar("residual" if name == "residual" else "rating")
                     for name in VIEWS}
        self._boxes: dict[str, QWidget] = {}
        self._timer = self._single_timer(COALESCE_MS, self._ask)
        self._live_timer = self._single_timer(0, self.snapshot_wanted.emit)
        self._build()
        self._connect()

    def _single_timer(self, interval_ms: int, slot: Callable[[], Any]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(self._tools())
        self._row = EqualRow()
        for name in VIEWS:
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(self.views[name], 1)
            column.addWidget(self.bars[name])
            self._boxes[name] = box
            box.setMinimumWidth(60)
            self._row.add_widget(box)
        layout.addWidget(self._row, 1)
        self.legend = QLabel()
        self.legend.setObjectName("matrixLegend")
        self.legend.setProperty("role", "muted")
        self.legend.setAccessibleName("What a pixel means")
        layout.addWidget(self.legend)

    def _tools(self) -> QHBoxLayout:
        """Return the row of tools above the matrices."""
        self.toggles = {name: self._toggle(name, key + 1) for key, name in enumerate(VIEWS)}
        self.order = self._choice("orderChoice", "Order of rows and columns", ORDERS)
        self.colours = self._choice("colourChoice", "Colours, safe for colour-blind eyes",
                                    COLOUR_MAPS)
        self.mean = self._choice("meanChoice", "Where a pixel holds many cells: the cells that "
                                 "the mean of the predicted goes over",
                                 {"rated": "mean of rated cells", "all": "mean of all cells"})
        self.stretch = QCheckBox("Stretch to view")
        self.stretch.setObjectName("stretchBox")
        self.stretch.setToolTip("Let the colours span what is in view instead of the whole scale.")
        self.stretch.setAccessibleName("Stretch the colours to what is in view")
        self.fit_button = self._button("Fit", "fitButton", "Show the whole matrix (Ctrl+0)")
        self.cell_button = self._button("100 %", "cellButton", "One cell a pixel")
        tools = QHBoxLayout()
        tools.setSpacing(6)
        for toggle in self.toggles.values():
            tools.addWidget(toggle)
        tools.addSpacing(6)
        for widget in (self.order, self.colours, self.mean, self.stretch):
            tools.addWidget(widget)
        tools.addStretch(1)
        tools.addWidget(self.fit_button)
        tools.addWidget(self.cell_button)
        return tools

    def _toggle(self, name: str, key: int) -> QToolButton:
        button = QToolButton()
        button.setText(name.capitalize())
        button.setObjectName(f"{name}Toggle")
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolTip(f"Show or hide the {name} matrix ({key}); a double click on it shows it "
                          "alone.")
        button.setAccessibleName(f"Show the {name} matrix")
        button.clicked.connect(lambda: self._on_toggled(name))
        shortcut = QShortcut(QKeySequence(str(key)), self)
        shortcut.activated.connect(button.click)
        return button

    def _choice(self, name: str, tip: str, choices: dict[str, str]) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        for key, text in choices.items():
            box.addItem(text, key)
        return box

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _connect(self) -> None:
        self._worker.done.connect(self._on_pictures)
        self._worker.failed.connect(self._on_failed)
        self.order.activated.connect(
            lambda: self._set_display(order=self.order.currentData()))
        self.colours.activated.connect(
            lambda: self._set_display(colour_map=self.colours.currentData()))
        self.mean.activated.connect(
            lambda: self._set_display(is_over_all=self.mean.currentData() == "all"))
        self.stretch.toggled.connect(lambda is_on: self._set_display(is_stretched=is_on))
        self.fit_button.clicked.connect(self._on_fit)
        self.cell_button.clicked.connect(self._on_one_cell_a_pixel)
        for name, view in self.views.items():
            view.resized.connect(self._timer.start)
            view.solo_requested.connect(lambda name=name: self._on_solo(name))

    # -- models -------------------------------------------------------------------------------

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the run and what is looked at."""
        self._run_model, self._state = run_model, view_state
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.snapshot_changed.connect(self._timer.start)
        run_model.run_started.connect(self.request_refresh)
        view_state.range_changed.connect(self._on_view_changed)
        view_state.display_changed.connect(self._on_display_changed)
        view_state.hover_changed.connect(self._on_hover_changed)
        for view in self.views.values():
            view.set_models(view_state)
        self._on_ratings_changed()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        for name, view in self.views.items():
            view.set_theme(theme)
            self.bars[name].set_theme(theme, self._palette.missing)
        self._name_axes()
        self._timer.start()

    @property
    def _palette(self) -> Any:
        return DARK_PALETTE if self._theme.is_dark else LIGHT_PALETTE

    def request_refresh(self) -> None:
        """Paint anew, and ask for a first snapshot of a run."""
        self._timer.start()
        self._live_timer.start(0)

    def shut_down(self) -> None:
        """End the thread that paints."""
        self._timer.stop()
        self._live_timer.stop()
        self._worker.shut_down()

    def _on_ratings_changed(self) -> None:
        model, state = self._run_model, self._state
        assert model is not None
        assert state is not None
        ratings = model.ratings
        self._pictures = None
        self._show_hints("Preparing the picture ...")
        if ratings is None:
            return
        state.set_display(order=default_order(ratings.n_users, ratings.n_items))
        state.set_size(ratings.n_users, ratings.n_items)
        self._on_display_changed()

    def _set_display(self, **changes: Any) -> None:
        if self._state is not None:
            self._state.set_display(**changes)

    def _on_display_changed(self) -> None:
        state = self._state
        assert state is not None
        display = state.display
        self.order.setCurrentIndex(self.order.findData(display.order))
        self.colours.setCurrentIndex(self.colours.findData(display.colour_map))
        self.mean.setCurrentIndex(self.mean.findData("all" if display.is_over_all else "rated"))
        self.stretch.setChecked(display.is_stretched)
        self._name_axes()
        self._timer.start()

    def _name_axes(self) -> None:
        is_ranked = self._state is not None and self._state.display.order == "count"
        suffix = " (rank)" if is_ranked else ""
        for view in self.views.values():
            view.set_axis_words(f"user{suffix}", f"item{suffix}")

    def _on_view_changed(self) -> None:
        self._timer.start()

    # -- pictures -----------------------------------------------------------------------------

    def _ask(self) -> None:
        """Have what is in view painted; the newest request wins."""
        request = self._request()
        if request is not None:
            self._worker.ask(lambda: self._timed(request))

    def _request(self) -> Request | None:
        model, state = self._run_model, self._state
        if model is None or state is None or model.ratings is None or not self.isVisible():
            return None
        if not (model.ratings.n_users and model.ratings.n_items):
            return None
        shown = [view for view in self.views.values() if view.isVisible()]
        if not shown:
            return None
        height, width = shown[0].pixels()
        visible, display = state.visible, state.display
        return Request(
            ratings=model.ratings, model=model.snapshot.model if model.snapshot else None,
            order_name=display.order, rows=(visible.y0, visible.y1),
            columns=(visible.x0, visible.x1), height=height, width=width,
            is_over_all=display.is_over_all, is_stretched=display.is_stretched,
            colour_map=display.colour_map, palette=self._palette)

    def _timed(self, request: Request) -> tuple[Pictures, float]:
        """Paint; on the worker's thread."""
        begin = time.perf_counter()
        pictures = self._painter.paint(request)
        return pictures, time.perf_counter() - begin

    def _on_pictures(self, answer: tuple[Pictures, float]) -> None:
        pictures, seconds = answer
        model = self._run_model
        if model is None or pictures.request.ratings is not model.ratings:
            return  # other ratings were opened meanwhile
        self._pictures = pictures
        for name, picture in pictures.views.items():
            self.views[name].show_pictures(pictures)
            self.bars[name].set_unit("residual" if name == "residual" else pictures.unit)
            self.bars[name].set_colours(picture.table, picture.levels)
            self.bars[name].show()
        if pictures.request.model is None:
            self._show_hints("")
        self.legend.setText(pictures.legend[0].upper() + pictures.legend[1:] + ".")
        if self._state is not None and self._state.hover is not None:
            self._on_hover_changed()  # another model or order lies under a pointer at rest
        self._pace(pictures.request.model, seconds)

    def _pace(self, factors: object, seconds: float) -> None:
        """Ask for the next snapshot when the last one was drawn, the later the dearer it was.

        Only a picture of newer factors counts: panning between two snapshots costs far less, and
        would have the costly preparation come every quarter of a second.
        """
        is_newer = factors is not None and factors is not self._drawn_model
        self._drawn_model = factors
        model = self._run_model
        if model is not None and model.status.is_running and is_newer:
            wait_s = max(LIVE_AT_MOST_EVERY_S, LIVE_COST_FACTOR * seconds)
            self._live_timer.start(round(1000 * wait_s))

    def _show_hints(self, observed: str) -> None:
        """Say in a line what is to come where there is no picture; "" leaves the observed."""
        is_running = self._run_model is not None and self._run_model.status.is_running
        hints = {"observed": observed, "predicted": "Press Train to see predictions",
                 "residual": "Press Train to see what is left over"}
        if is_running:
            hints |= dict.fromkeys(("predicted", "residual"), "Waiting for the first epoch")
        for name, hint in hints.items():
            if hint:
                self.views[name].show_hint(hint)
                self.bars[name].hide()

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    def showEvent(self, event: Any) -> None:
        """Paint what was not painted while hidden."""
        super().showEvent(event)
        self._timer.start()

    # -- which views --------------------------------------------------------------------------

    def _on_toggled(self, name: str) -> None:
        """Hide or show one; the last one shown stays."""
        if not any(toggle.isChecked() for toggle in self.toggles.values()):
            self.toggles[name].setChecked(True)
        self._solo = None
        self._show_toggled()

    def _show_toggled(self) -> None:
        for name, box in self._boxes.items():
            self._row.set_shown(box, self.toggles[name].isChecked())
        self._timer.start()

    def _on_solo(self, name: str) -> None:
        """Show one alone, or all again."""
        self._solo = None if self._solo == name else name
        for other, toggle in self.toggles.items():
            toggle.setChecked(self._solo is None or other == name)
        self._show_toggled()

    def _on_fit(self) -> None:
        if self._state is not None:
            self._state.fit()

    def _on_one_cell_a_pixel(self) -> None:
        """Zoom so that a pixel shows one cell, around the middle of what is in view."""
        state = self._state
        if state is None:
            return
        height, width = next(view for view in self.views.values() if view.isVisible()).pixels()
        visible = state.visible
        x, y = (visible.x0 + visible.x1) / 2, (visible.y0 + visible.y1) / 2
        state.zoom_to(Range(x - width / 2, x + width / 2, y - height / 2, y + height / 2))

    # -- reading ------------------------------------------------------------------------------

    def _on_hover_changed(self) -> None:
        self.hover_text_changed.emit(self.hover_text())

    def hover_text(self) -> str:
        """Return the cell under the pointer in words, "" where there is none."""
        model, state = self._run_model, self._state
        order = self._order()
        if model is None or model.ratings is None or state is None or state.hover is None:
            return ""
        if order is None:
            return ""
        row, column = state.hover
        factors = model.snapshot.model if model.snapshot else None
        return describe_cell(
            model.ratings, factors, int(order.rows[row]), int(order.columns[column]))

    def _order(self) -> Order | None:
        """Return the order that is on the screen."""
        return self._pictures.order if self._pictures is not None else None

    def picture(self, name: str, path: str | Path) -> Callable[[], bytes]:
        """Return what makes a PNG of one matrix with axes and colour bar, as it is seen."""
        return picture_of(self._boxes[name], path)

    def view_table(self, name: str) -> tuple[list[str], Callable[[], Iterator[list[Any]]]]:
        """Return the numbers in view: the header, and a function that yields a row a user.

        Where a pixel holds many cells, rows and columns are named "first..last (mean of n)".
        """
        pictures = self._pictures
        if pictures is None or name not in pictures.views:
            return ["user"], lambda: iter(())
        ratings, order = pictures.request.ratings, pictures.order
        window, values = pictures.blocks.window, pictures.views[name].values
        users = _labels(ratings.user_ids, order.rows, window.row_edges())
        items = _labels(ratings.item_ids, order.columns, window.column_edges())

        def rows() -> Iterator[list[Any]]:
            for user, line in zip(users, values, strict=True):
                numbers = [None if value != value else float(f"{value:.6g}") for value in line]
                yield [user, *numbers]

        return ["user", *items], rows


def _labels(ids: TextArray, order: IntArray, edges: Any) -> list[str]:
    """Return the id of each block of one cell, and "first..last (mean of n)" of larger ones."""
    labels = []
    for first, end in itertools.pairwise(edges.tolist()):
        name = ids[int(order[first])]
        n = end - first
        labels.append(name if n == 1 else f"{name}..{ids[int(order[end - 1])]} (mean of {n})")
    return labels
