"""From what is looked at to pictures on the screen: requests, answers, the new user's row.

It stands between the models, the views and the thread that paints; the panel around it holds the
tools.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from mfgui.gui.matrix_pictures import Painted, PictureMaker, Strip
from mfgui.gui.pace import AT_MOST_EVERY_S, COST_FACTOR
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.matrix_heads import HeadPlan
from mfgui.gui.widgets.matrix_row import MatrixRow
from mfgui.inspection.pictures import Pictures, Request
from mfgui.inspection.words import one_line

COALESCE_MS = 16
HELD_AT_MOST_MS = 400
MOST_THREADS = 4
LONGEST_NAME = 40


class MatrixFlow(QObject):
    """Keeps the views up to date.

    Signals
    -------
    shown : the Pictures that are on the screen now
    sorting_changed : words while rows and columns are sorted, else ""
    snapshot_wanted : a newer copy of the factors would be drawn
    failed : an exception: a bug
    """

    shown = Signal(object)
    sorting_changed = Signal(str)
    snapshot_wanted = Signal()
    failed = Signal(object)

    def __init__(self, row: MatrixRow) -> None:
        super().__init__(row)
        self._row = row
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self.pictures: Pictures | None = None
        self._drawn_model: object = None
        self._heads = HeadPlan()
        self._maker = PictureMaker(self)
        self._timer = self._single_timer(COALESCE_MS, self._ask)
        self._asked_at = 0.0
        self.live_timer = self._single_timer(0, self.snapshot_wanted.emit)
        self._held_timer = self._single_timer(HELD_AT_MOST_MS, self._release)
        self._maker.made.connect(self._on_painted)
        self._maker.strip_made.connect(self._on_strip)
        self._maker.waiting_changed.connect(row.set_chip)
        self._maker.sorting_changed.connect(self.sorting_changed)
        self._maker.failed.connect(self._on_failed)
        row.resized.connect(self.ask_soon)

    def _single_timer(self, interval_ms: int, slot: Callable[[], Any]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the run and what is looked at."""
        self._run_model, self._state = run_model, view_state
        for signal in (run_model.shown_changed, run_model.other_changed,
                       view_state.display_changed):
            signal.connect(self.ask_soon)
        run_model.new_user_changed.connect(self._on_new_user_changed)
        view_state.range_changed.connect(self._on_range_changed)
        view_state.order_changed.connect(self._plan_heads)

    def forget(self) -> None:
        """Begin with other ratings: what was painted shows others."""
        assert self._run_model is not None
        self.pictures = self._drawn_model = None
        self._heads.set_ratings(self._run_model.ratings)
        self.ask_soon()

    def ask_soon(self) -> None:
        """Have the views painted anew, once for all changes of these milliseconds.

        A timer that runs is not begun anew: a drag would put the picture off till its end. After
        a rest the first change is painted at once, which is what 60 pictures a second need.
        """
        if not self._timer.isActive():
            rested_ms = 1000 * (time.perf_counter() - self._asked_at)
            self._timer.start(max(0, round(COALESCE_MS - rested_ms)))

    def ask_live(self) -> None:
        """Paint anew, and ask for a first snapshot of a run."""
        self._timer.start()
        self.live_timer.start(0)

    def shut_down(self) -> None:
        """End the threads that paint."""
        for timer in (self._timer, self.live_timer, self._held_timer):
            timer.stop()
        self._maker.shut_down()

    def _on_range_changed(self) -> None:
        self._plan_heads()
        self.ask_soon()

    def _plan_heads(self) -> None:
        """Show ids and titles where they fit, and note how many cells could be read."""
        state, shown = self._state, self._row.shown
        if state is None or not shown:
            return
        room = (*shown[0].room(), shown[0].plain_left, self._row.font())
        state.readable = self._heads.readable(state, *room)
        self._row.set_heads(*self._heads.plan(state, *room))

    # -- asking -------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Have what is in view painted; the newest request wins."""
        self._asked_at = time.perf_counter()
        self._plan_heads()
        request = self._request()
        if request is not None and self._run_model is not None:
            self._maker.ask(request, self._run_model.new_user)

    def _request(self) -> Request | None:
        model, state, shown = self._run_model, self._state, self._row.shown
        if model is None or state is None or model.ratings is None or not shown:
            return None
        if not (model.ratings.n_users and model.ratings.n_items and self._row.isVisible()):
            return None
        height, width = shown[0].pixels()
        visible, display = state.visible, state.display
        other = model.other if model.shown is not None else None
        n_threads = 1 if model.status.is_running else min(os.cpu_count() or 1, MOST_THREADS)
        return Request(
            ratings=model.ratings, model=model.shown, order=display.order,
            rows=(visible.y0, visible.y1), columns=(visible.x0, visible.x1), height=height,
            width=width, is_over_all=display.is_over_all, levels=display.levels,
            colour_map=display.colour_map, palette=self._row.palette_,
            has_margins=display.has_margins, n_threads=n_threads,
            other=other.model if other is not None else None,
            other_has_item=other.has_item if other is not None else None)

    # -- answers ------------------------------------------------------------------------------

    def _on_painted(self, painted: Painted) -> None:
        pictures, model, state = painted.pictures, self._run_model, self._state
        if model is None or state is None or pictures.request.ratings is not model.ratings:
            return  # other ratings were opened meanwhile
        if pictures.order is not state.order and self._is_moved_by(pictures):
            return
        self.pictures = pictures
        self._row.show_pictures(pictures)
        self._show_strip(painted.strip)
        self._release()
        self._pace(pictures.request.model, painted.seconds)
        self.shown.emit(pictures)

    def _is_moved_by(self, pictures: Pictures) -> bool:
        """Take another order; return whether what is in view moved with the pinned cell.

        Then what was painted lies elsewhere: the old picture stays on the screen until the one of
        this place is there, which takes no second sorting.
        """
        state = self._state
        assert state is not None
        before = state.visible
        self._row.setUpdatesEnabled(False)
        state.set_order(pictures.order)
        if state.visible == before or state.display.order != pictures.order.choice:
            return False
        self._held_timer.start()
        return True

    def _release(self) -> None:
        """Let what was held back be seen."""
        self._held_timer.stop()
        self._row.setUpdatesEnabled(True)

    def _pace(self, factors: object, seconds: float) -> None:
        """Ask for the next snapshot when the last one was drawn, the later the dearer it was.

        Only a picture of newer factors counts: panning between two snapshots costs far less, and
        would have the costly preparation come every quarter of a second.
        """
        is_newer = factors is not None and factors is not self._drawn_model
        self._drawn_model = factors
        model = self._run_model
        if model is not None and model.status.is_running and is_newer:
            wait_s = max(AT_MOST_EVERY_S, COST_FACTOR * seconds)
            self.live_timer.start(round(1000 * wait_s))

    def _on_failed(self, error: BaseException) -> None:
        self._release()
        self.failed.emit(error)

    # -- the new user's row -------------------------------------------------------------------

    def _on_new_user_changed(self) -> None:
        """Follow the imaginary row: only it is painted anew."""
        model = self._run_model
        assert model is not None
        if model.new_user is None:
            self._row.hide_strip()
        elif self.pictures is not None:
            self._row.show_strip(one_line(model.new_user.name, LONGEST_NAME), None, 0, 1)
            self._maker.ask_strip(self.pictures, model.new_user)

    def _on_strip(self, strip: Strip) -> None:
        if strip.pictures is self.pictures:
            self._show_strip(strip)
        else:
            self._show_strip(None)

    def _show_strip(self, strip: Strip | None) -> None:
        """Show the row as it was painted; have it painted where that is not what it is now."""
        new_user = self._run_model.new_user if self._run_model is not None else None
        if new_user is None or self.pictures is None:
            self._row.hide_strip()
            return
        if strip is None or strip.new_user is not new_user:
            self._on_new_user_changed()
            return
        window = strip.pictures.blocks.window
        self._row.show_strip(one_line(new_user.name, LONGEST_NAME), dict(strip.rows),
                             window.first_column, window.last_column)
