"""What is looked at, kept in the project and shown again: range, order, pinned cell, panels.

Kept a little after it changed, the newest for all before it; a project is untrusted, so that
whatever does not fit is passed over.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QObject, QTimer

from mfgui.gui.stored_state import LAYOUT_VERSION
from mfgui.gui.view_state import Range
from mfgui.inspection.order import ORDER_KEYS, OrderChoice, OrderKey

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

AFTER_MS = 400
LAYOUT = "layout"
_LONGEST = 100_000  # letters of an arrangement of panels: one takes 2,000
_MOST_CLUSTERS = 1000
_LARGEST = 1e12  # beyond any place in a matrix


class ProjectView(QObject):
    """Writes what is looked at into the project, and takes it from there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._written: Any = None
        self._is_closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self.write)
        state, model = window.view_state, window.run_model
        for signal in (state.range_changed, state.pinned_changed, state.display_changed,
                       model.project.shown_run_changed, model.ratings_changed,
                       model.project.project_changed):
            signal.connect(self._on_changed)
        model.project.project_changed.connect(self._forget_written)
        window.projects.opened.connect(self.restore)

    def complete(self) -> None:
        """Follow the panels, once they are there."""
        table = self._window.runs_panel.table
        assert table is not None
        table.columns_changed.connect(self._on_changed)

    def _forget_written(self) -> None:
        self._written = None  # the other project has not seen it

    def _on_changed(self) -> None:
        if not self._timer.isActive() and not self._is_closed:
            self._timer.start()

    def shut_down(self) -> None:
        """Keep what is looked at for the last time."""
        self.write()
        self._is_closed = True

    # -- keeping ------------------------------------------------------------------------------

    def write(self) -> None:
        """Have the project keep what is looked at now."""
        self._timer.stop()
        model = self._window.run_model.project
        if self._is_closed or model.project is None or model.project.is_read_only:
            return
        if self._window.job_flow.is_opening:  # what it keeps is not shown yet, and must not go
            self._on_changed()
            return
        view = self._view()
        if view != self._written:
            self._written = view
            from mfgui.jobs.open_project import VIEW

            model.project.set_value(VIEW, view)

    def _view(self) -> dict[str, Any]:
        """Return what is looked at, as plain values."""
        window, state = self._window, self._window.view_state
        seen = state.visible
        return {
            "source": window.projects.keeper.source_id,
            "run": window.run_model.project.shown_run,
            "range": [seen.x0, seen.x1, seen.y0, seen.y1],
            "pinned": list(state.pinned) if state.pinned is not None else None,
            "rows": asdict(state.display.order.rows),
            "columns": asdict(state.display.order.columns),
            "shown_columns": self._column_choice(),
        }

    def _column_choice(self) -> dict[str, bool]:
        """Return which columns of the runs table a person showed or hid."""
        table = self._window.runs_panel.table if self._window.is_complete else None
        return table.column_choice if table is not None else {}

    def keep_layout(self) -> None:
        """Have the project keep where the panels stand."""
        window, model = self._window, self._window.run_model.project
        if self._is_closed or model.project is None or model.project.is_read_only or (
                not window.layout_.has_left_empty):
            return
        state = window.saveState(LAYOUT_VERSION).toBase64().toStdString()
        if model.project.value(LAYOUT) != state:
            model.project.set_value(LAYOUT, state)

    # -- showing again ------------------------------------------------------------------------

    def restore(self, view: dict[str, Any]) -> None:
        """Look at what was looked at when the project was closed."""
        window, model = self._window, self._window.run_model
        project = model.project.project
        if project is not None and window.layout_.has_left_empty:
            self._restore_layout(project.value(LAYOUT))
        self._restore_columns(view.get("shown_columns"))
        if model.ratings is None or view.get("source") not in (
                None, window.projects.keeper.source_id):
            return
        state = window.view_state
        order = _order(view)
        if order is not None:
            state.set_display(order=order)
        pinned = _whole(view.get("pinned"), 2)
        if pinned is not None and 0 <= pinned[0] < state.n_users and (
                0 <= pinned[1] < state.n_items):
            state.set_pinned((pinned[0], pinned[1]))
        seen = _numbers(view.get("range"), 4)
        if seen is not None and seen[0] < seen[1] and seen[2] < seen[3]:
            state.set_visible(Range(*seen))

    def _restore_columns(self, choice: Any) -> None:
        table = self._window.runs_panel.table
        if table is not None and isinstance(choice, dict) and all(
                isinstance(value, bool) for value in choice.values()):
            table.take_columns(choice)

    def _restore_layout(self, text: Any) -> None:
        if isinstance(text, str) and text.isascii() and len(text) <= _LONGEST:
            self._window.layout_.take(QByteArray.fromBase64(text.encode("ascii")))


def _order(view: dict[str, Any]) -> OrderChoice | None:
    """Return the order of rows and columns that was looked at."""
    keys = []
    for side in ("rows", "columns"):
        values = view.get(side)
        if not isinstance(values, dict) or values.get("name") not in ORDER_KEYS:
            return None
        more = _whole([values.get("factor"), values.get("n_clusters")], 2)
        if more is None or more[0] < 0 or not 2 <= more[1] <= _MOST_CLUSTERS:
            return None
        keys.append(OrderKey(values["name"], *more))
    return OrderChoice(keys[0], keys[1])


def _whole(values: Any, n: int) -> list[int] | None:
    """Return so many whole numbers, where that is what there is."""
    if isinstance(values, list) and len(values) == n and all(
            type(value) is int for value in values):
        return values
    return None


def _numbers(values: Any, n: int) -> list[float] | None:
    """Return so many finite numbers, where that is what there is."""
    if isinstance(values, list) and len(values) == n and all(
            type(value) in (int, float) and abs(value) < _LARGEST for value in values):
        return [float(value) for value in values]
    return None
