"""The factor map: users or items as points, who is alike near each other."""

from __future__ import annotations

import time
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.gui.background import LatestWorker
from mfgui.gui.exportable import Exportable
from mfgui.gui.map_exports import map_exportable
from mfgui.gui.pace import Pace
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import NEW_USER, Places, ViewState
from mfgui.gui.widgets.map_body import LINE_NOTE, NOTE, MapBody
from mfgui.gui.widgets.plot_menu import PlotMenu
from mfgui.gui.widgets.scrolling import Scrolling
from mfgui.inspection.known import Known
from mfgui.inspection.map_painter import MapPainter
from mfgui.inspection.map_picture import MapColours, MapPicture, MapRequest
from mfgui.inspection.map_words import point_words

COALESCE_MS = 16
UNTRAINED = "Press Train to see users and items as points, who is alike near each other."
Answer = tuple[MapPicture, float]


class FactorMapPanel(Panel):
    """The map with its tools, key and read-out; pictures are made off the GUI thread."""

    title: ClassVar[str] = "Factor map"
    area: ClassVar[str] = "right"
    is_shown_first: ClassVar[bool] = True
    keys: ClassVar[str] = "Ctrl+8"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("factorMapPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._theme = LIGHT
        self._model: FactorModel | None = None
        self._known: Known | None = None
        self._lasso: NDArray[np.float64] | None = None
        self._painter, self._worker, self._pace = MapPainter(), LatestWorker(self), Pace(self)
        self.body, self._sentence = MapBody(), QLabel(UNTRAINED)
        self.tools, self.view = self.body.tools, self.body.view
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COALESCE_MS)
        self._timer.timeout.connect(self._ask)
        self._build()
        self._connect()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        self._sentence.setProperty("role", "muted")
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setContentsMargins(16, 12, 16, 12)
        self._scroll = Scrolling(self.body)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(self._scroll)

    def _connect(self) -> None:
        self._worker.done.connect(self._on_answer)
        self._worker.failed.connect(self._on_failed)
        self._pace.due.connect(self._take_model)
        self.tools.changed.connect(self._on_choice_changed)
        self.tools.mode_changed.connect(self.view.set_mode)
        self.tools.fit_requested.connect(self.view.fit)
        self.view.moved.connect(self._paint_soon)
        self.view.enclosed.connect(self._on_enclosed)
        self.view.pointed.connect(self._on_pointed)
        self.view.clicked.connect(self._on_clicked)
        self._exportable = map_exportable(self.body)
        PlotMenu(self.view, lambda kind: self.export_wanted.emit(kind, self._exportable))

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the run and what is looked at."""
        self._run_model, self._state = run_model, view_state
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.shown_changed.connect(self._on_shown_changed)
        run_model.status_changed.connect(self._on_shown_changed)
        run_model.new_user_changed.connect(self._show_guest)
        view_state.pinned_changed.connect(self._on_pinned_changed)
        view_state.display_changed.connect(self._paint_soon)
        for signal in (view_state.selection_changed, view_state.hits_changed):
            signal.connect(self._paint_soon)
        self._take_model()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.view.set_theme(theme)
        self.body.key.set_theme(theme)
        self._paint_soon()

    def exportables(self) -> tuple[Exportable, ...]:
        """Return the map."""
        return (self._exportable,)

    def shut_down(self) -> None:
        """End the thread that paints."""
        self._timer.stop()
        self._pace.stop()
        self._worker.shut_down()

    # -- asking -------------------------------------------------------------------------------

    def _on_ratings_changed(self) -> None:
        """Keep nothing of other ratings: their points lie elsewhere."""
        self._painter, self._lasso = MapPainter(), None
        self.view.forget()

    def _on_shown_changed(self) -> None:
        """Draw the newer factors, while training as often as that is cheap."""
        model = self._run_model
        assert model is not None
        if model.shown is self._model and model.known is self._known:
            return
        is_other = model.shown is None or self._model is None or (
            model.known is not self._known) or model.trial is not None
        if model.status.is_running and not is_other:
            self._pace.want()
        else:
            self._take_model()

    def _take_model(self) -> None:
        """Draw what is shown now."""
        model = self._run_model
        assert model is not None
        self._model, self._known = model.shown, model.known
        self._pages.setCurrentWidget(self._sentence if self._model is None else self._scroll)
        if self._model is not None:
            has_ratings = self._known is not None and self._known.ratings.n_ratings > 0
            self.tools.offer(self._model.n_factors, has_ratings=has_ratings)
            self._paint_soon()

    def _on_choice_changed(self) -> None:
        before = self.view.picture
        choice = self.tools.choice
        if before is not None and (before.request.side, before.request.axes) != (
                choice.side, choice.axes):
            self.view.fit()  # other points lie elsewhere
        self._paint_soon()

    def _paint_soon(self) -> None:
        """Have it painted within a frame; started anew, a drag would put it off for ever."""
        if not self._timer.isActive():
            self._timer.start()

    def _ask(self) -> None:
        """Have the map painted; the newest request wins."""
        request = self._request()
        if request is not None:
            drawn = self.view.picture
            if drawn is None or drawn.request.model is not request.model:
                self._pace.begin()
            self._worker.ask(lambda: self._timed(request))

    def _request(self) -> MapRequest | None:
        state, model = self._state, self._model
        if state is None or model is None or not self.is_seen or not self.view.isVisible():
            return None
        choice, theme = self.tools.choice, self._theme
        width, height = self.view.pixels()
        is_users = choice.side == "users"
        return MapRequest(
            model=model, known=self._known, side=choice.side, axes=choice.axes,
            colouring=choice.colouring, n_clusters=choice.n_clusters, view=self.view.wanted_view,
            width=width, height=height, pixel_ratio=self.view.devicePixelRatioF(),
            colour_map=state.display.colour_map,
            colours=MapColours(theme.plot_ground, theme.muted, theme.accent, theme.warning),
            font=self.view.measured_font(),
            selected=state.selection.users if is_users else state.selection.items,
            found=state.hits.users if is_users else state.hits.items,
            lasso=self._lasso, has_titles=choice.has_titles)

    def _timed(self, request: MapRequest) -> Answer:
        """Paint; on the worker's thread."""
        begin = time.perf_counter()
        picture = self._painter.paint(request)
        return picture, time.perf_counter() - begin

    def _on_answer(self, answer: Answer) -> None:
        picture, seconds = answer
        drawn = self.view.picture
        if drawn is None or drawn.request.model is not picture.request.model:
            self._pace.end(seconds)
        if self._model is None or _ratings_of(picture.request.known) is not (
                _ratings_of(self._known)):
            return  # other ratings were opened meanwhile
        if picture.request.side != self.tools.choice.side:
            return  # the other side was chosen meanwhile
        self.view.show_picture(picture)
        self.body.key.show_values(picture.values, picture.table)
        self.body.note.setText(LINE_NOTE if picture.points.points.is_line else NOTE)
        self._show_guest()
        self._show_pinned()
        if picture.enclosed is not None and picture.request.lasso is self._lasso:
            self._lasso = None
            self._select(picture)

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    # -- marks --------------------------------------------------------------------------------

    def _show_guest(self) -> None:
        """Move the new user's point, which no picture has to wait for."""
        model, picture = self._run_model, self.view.picture
        assert model is not None
        guest = model.new_user
        is_there = guest is not None and picture is not None and picture.request.side == "users"
        if not is_there or guest is None or picture is None or (
                guest.folded.factors.size != picture.request.model.n_factors):
            self.view.marks.show_guest(None)
            return
        place = picture.points.points.place_of(guest.folded.factors)
        self.view.marks.show_guest(place if np.isfinite(place).all() else None, guest.name)

    def _show_pinned(self) -> None:
        self.view.show_pinned(self._pinned)

    @property
    def _pinned(self) -> int | None:
        """The pinned user or item, of the side that is shown."""
        if self._state is None or self._state.pinned is None:
            return None
        index = self._state.pinned[0 if self.tools.choice.side == "users" else 1]
        return None if index == NEW_USER else index

    def _on_pinned_changed(self) -> None:
        """Ring what was pinned, and bring it into view where it is not: it may have been found."""
        self._show_pinned()
        self.view.bring(self._pinned)

    def _on_enclosed(self, corners: NDArray[np.float64]) -> None:
        """Have found what the lasso encloses; a click beside all lets go."""
        if not corners.size:
            self._lasso = None
            if self._state is not None:
                self._state.set_selection(Places())
            return
        self._lasso = corners
        self._paint_soon()

    def _select(self, picture: MapPicture) -> None:
        """Mark what was enclosed; what is selected of the other side stays, but for nothing."""
        state, enclosed = self._state, picture.enclosed
        assert state is not None
        assert enclosed is not None
        if not enclosed.size:
            state.set_selection(Places())
        elif picture.request.side == "users":
            state.set_selection(Places(enclosed, state.selection.items))
        else:
            state.set_selection(Places(state.selection.users, enclosed))

    def _on_clicked(self, index: int) -> None:
        """Bring a user or item into view: pinned with the other one, or marked alone."""
        state, is_users = self._state, self.tools.choice.side == "users"
        assert state is not None
        if state.pinned is None:
            state.show_places(Places.of(users=[index]) if is_users else Places.of(items=[index]))
        elif is_users:
            state.show_cell(index, state.pinned[1])
        else:
            state.show_cell(state.pinned[0], index)

    def _on_pointed(self, index: int | None) -> None:
        self._show_read_out(index)

    def _show_read_out(self, index: int | None) -> None:
        """Say which point is under the pointer, else how many are selected."""
        picture = self.view.picture
        text = point_words(picture, index) if picture is not None else ""
        self.body.read_out.show_text(text)
        self.view.setAccessibleDescription(text)

    def catch_up(self) -> None:
        """Paint what was not painted while hidden."""
        self._paint_soon()


def _ratings_of(known: Known | None) -> Ratings | None:
    return known.ratings if known is not None else None
