"""Where the model is wrong: by user, item, value and popularity, and the cells it misses most."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from mfgui.core.model import FactorModel
from mfgui.gui.background import LatestWorker
from mfgui.gui.pace import Pace
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import Places, ViewState
from mfgui.gui.widgets.error_tools import ErrorTools
from mfgui.gui.widgets.error_view import ErrorView
from mfgui.gui.widgets.scrolling import Content, Scrolling
from mfgui.inspection.error_pages import CellQuery, ErrorPages, ErrorReader
from mfgui.inspection.error_tables import ErrorTables
from mfgui.inspection.known import Known
from mfgui.inspection.residual_table import LargestResiduals

UNTRAINED = "Press Train to see where the model is wrong."
NO_RATINGS = "The ratings that the model was trained on are not known here: open them with it."
WORKING = "Measuring the errors ..."


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be measured; all of it is frozen, so it may cross to another thread."""

    model: FactorModel
    known: Known
    before_refit: FactorModel | None
    query: CellQuery | None


@dataclass(frozen=True, eq=False)
class Answer:
    """The errors, and the cells where some were asked for."""

    question: Question
    pages: ErrorPages
    cells: LargestResiduals | None
    seconds: float


class ErrorsPanel(Panel):
    """The pages of the errors; measured off the GUI thread, while training as often as is cheap."""

    title: ClassVar[str] = "Errors"
    area: ClassVar[str] = "top"
    is_shown_first: ClassVar[bool] = True
    keys: ClassVar[str] = "Ctrl+9"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("errorsPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._theme = LIGHT
        self._answer: Answer | None = None
        self._query: CellQuery | None = None
        self._jump: CellQuery | None = None  # its cells are to be gone to, once they are known
        self._reader, self._worker, self._pace = ErrorReader(), LatestWorker(self), Pace(self)
        self.tools, self.view = ErrorTools(), ErrorView()
        self._note, self._sentence = QLabel(), QLabel(UNTRAINED)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setContentsMargins(16, 12, 16, 12)
        for label in (self._note, self._sentence):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        body = Content()
        self._scroll = Scrolling(body)
        column = QVBoxLayout(body)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(5)
        column.addWidget(self.tools)
        column.addWidget(self.view, 1)
        column.addWidget(self._note)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(self._scroll)

    def _connect(self) -> None:
        self._worker.done.connect(self._on_answer)
        self._worker.failed.connect(self._on_failed)
        self._pace.due.connect(self._ask)
        self.tools.changed.connect(self._on_page_changed)
        self.view.rows_wanted.connect(self._on_rows_wanted)
        self.view.cells_wanted.connect(self._on_cells_wanted)
        self.view.cell_wanted.connect(self._on_cell_wanted)
        self.view.back_requested.connect(self._on_page_changed)

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the run and what is looked at."""
        self._run_model, self._state = run_model, view_state
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.shown_changed.connect(self._on_shown_changed)
        run_model.status_changed.connect(self._on_shown_changed)
        view_state.display_changed.connect(self._on_display_changed)
        self._ask()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.view.set_theme(theme)
        self._show_page()

    def shut_down(self) -> None:
        """End the thread that measures."""
        self._pace.stop()
        self._worker.shut_down()

    # -- asking -------------------------------------------------------------------------------

    def _on_ratings_changed(self) -> None:
        """Show nothing of other ratings any more, whose lines would lead to rows that are not."""
        self._reader, self._answer = ErrorReader(), None
        self._query = self._jump = None
        self.view.forget()

    def _on_shown_changed(self) -> None:
        """Measure the newer factors, while training as often as that is cheap."""
        model, answer = self._run_model, self._answer
        assert model is not None
        question = answer.question if answer is not None else None
        if question is not None and model.shown is question.model and (
                model.known is question.known) and model.before_refit is question.before_refit:
            return
        is_same_data = question is not None and model.known is question.known
        if model.status.is_running and is_same_data and model.shown is not None:
            self._pace.want()
        else:
            self._ask()

    def _ask(self) -> None:
        """Have the errors measured; the newest question wins."""
        model = self._run_model
        assert model is not None
        shown, known = model.shown, model.known
        if shown is None or known is None or not known.ratings.n_ratings:
            self._answer, self._query = None, None
            self._sentence.setText(UNTRAINED if shown is None else NO_RATINGS)
            self._pages.setCurrentWidget(self._sentence)
            return
        if not self.is_seen:
            return
        if self._answer is None:
            self._sentence.setText(WORKING)
            self._pages.setCurrentWidget(self._sentence)
        question = Question(shown, known, model.before_refit, self._query)
        self._pace.begin()
        self._worker.ask(lambda: self._answered(question))

    def _answered(self, question: Question) -> Answer:
        """Measure; on the worker's thread."""
        begin = time.perf_counter()
        of = question.model, question.known, question.before_refit
        pages = self._reader.pages(*of)
        cells = self._reader.cells(question.query, *of) if question.query is not None else None
        return Answer(question, pages, cells, time.perf_counter() - begin)

    def _on_answer(self, answer: Answer) -> None:
        self._pace.end(answer.seconds)
        model, question = self._run_model, answer.question
        if model is None or model.known is None or (
                model.known.ratings is not question.known.ratings) or model.shown is None:
            return  # other ratings were opened meanwhile
        self._answer = answer
        self.tools.offer(answer.pages.parts)
        self._note.setText(answer.pages.tables.note)
        self._show_legend(answer.pages.tables)
        self._pages.setCurrentWidget(self._scroll)
        self._show_page()
        if self._jump is not None and question.query is self._jump:
            self._jump = None
            self._go_to(answer.cells)

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    # -- showing ------------------------------------------------------------------------------

    def _show_legend(self, tables: ErrorTables) -> None:
        """Write the RMSE of all, each part with the colour of its bars."""
        words = []
        for place, (name, errors) in enumerate(
                (("training", tables.training), ("validation", tables.validation))):
            if errors is not None:
                value = f"{errors.rmse:.4f}" if errors.n_ratings else "–"
                words.append(f'<span style="color:{self._theme.series[place]}">■</span> {name} '
                             f"RMSE {value}")
        self.tools.legend.setText("&nbsp;&nbsp; ".join(words))

    def _show_page(self) -> None:
        """Show what is chosen of the errors that were measured last."""
        answer, state = self._answer, self._state
        if answer is None or state is None:
            return
        question, ratings = answer.question, answer.question.known.ratings
        self._show_legend(answer.pages.tables)
        self.view.show_page(answer.pages, self.tools.page, self.tools.part, question.model.target,
                            state.display.colour_map, ratings)
        if self._query is not None and question.query is self._query:
            self.view.show_cells(self._query, answer.cells, ratings)

    def _on_display_changed(self) -> None:
        """Draw in other colours; nothing else of how the matrices are drawn is seen here."""
        state = self._state
        if self.is_seen and state is not None and state.display.colour_map != self.view.colour_map:
            self._show_page()

    def _on_page_changed(self) -> None:
        """Show another page, with its own list."""
        self._query = self._jump = None
        self._show_page()

    # -- leading to rows ----------------------------------------------------------------------

    def _on_rows_wanted(self, side: str, index: NDArray[np.int32]) -> None:
        state = self._state
        assert state is not None
        if index.size:
            state.show_places(Places(users=index) if side == "users" else Places(items=index))
        else:
            state.set_selection(Places())

    def _on_cells_wanted(self, query: CellQuery) -> None:
        self._query = self._jump = query
        self._ask()

    def _go_to(self, cells: LargestResiduals | None) -> None:
        """Mark the rows and columns of cells, and bring them into view."""
        assert self._state is not None
        if cells is None or not len(cells):
            self._state.set_selection(Places())
            return
        self._state.show_places(Places(np.unique(cells.users), np.unique(cells.items)))

    def _on_cell_wanted(self, user: int, item: int) -> None:
        assert self._state is not None
        self._state.show_cell(user, item)

    def catch_up(self) -> None:
        """Draw and measure what was not while hidden."""
        if self._run_model is not None:
            self._on_display_changed()
            self._on_shown_changed()
