"""The items with the highest predictions for a user, and why; what is near an item or a user."""

from __future__ import annotations

import os
from typing import ClassVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.top_files import Job, all_lists_job, list_job
from mfgui.gui.top_flow import TopAnswer, TopFlow, TopRequest, known_or_none, run_rmse
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets.finding import user_finder
from mfgui.gui.widgets.similar_view import SimilarView
from mfgui.gui.widgets.small_parts import sentence
from mfgui.gui.widgets.top_filters import NEW, PINNED, TYPED
from mfgui.gui.widgets.top_page import TopPage
from mfgui.gui.widgets.top_words import TopLine
from mfgui.inspection.new_user import NewUser
from mfgui.inspection.words import user_words
from mfgui.jobs.files import Written

NO_MODEL_TEXT = "Train first, or open a model: then the items that suit a user best stand here."
EMPTY_TEXTS = {
    PINNED: "Click a cell in the matrices: the top list of its user stands here.",
    NEW: "There is no new user yet: rate an item in the panel New user.",
    TYPED: "Find a user by id or name: the top list stands here.",
}
HELP = ("The items with the highest predictions for a user; the items nearest to the pinned one; "
        "the users nearest to the pinned one. Ctrl+Tab goes to the next page; Left and Right where "
        "a tab has the keys.")
CSV_FILTER = "CSV (*.csv)"
TABLE_FILTER = "CSV (*.csv);;Parquet (*.parquet)"


class RecommendationsPanel(Panel):
    """Three tabs: the top list, similar items, similar users."""

    title: ClassVar[str] = "Recommendations"
    area: ClassVar[str] = "right"
    is_shown_first: ClassVar[bool] = True
    keys: ClassVar[str] = "Ctrl+6"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recommendationsPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._searched: object = None
        self._typed: int | None = None
        self._had_new_user = False
        self._answer: TopAnswer | None = None
        self.flow = TopFlow(self)
        self.top = TopPage()
        self.near = {"item": SimilarView("item"), "user": SimilarView("user")}
        self.top.filters.user.set_panel(self)
        self._build()
        self._connect()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        self._sentence = sentence(NO_MODEL_TEXT)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("recommendationTabs")
        self.tabs.setAccessibleName("Recommendations")
        self.tabs.setWhatsThis(HELP)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setExpanding(False)
        self.tabs.addTab(self.top, "Top list")
        self.tabs.addTab(self.near["item"], "Similar items")
        self.tabs.addTab(self.near["user"], "Similar users")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(self.tabs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _connect(self) -> None:
        self.top.filters.changed.connect(self._ask)
        self.top.filters.user_picked.connect(self._on_user_picked)
        self.top.filters.user.told.connect(self.top.tell)
        self.flow.answered.connect(self._on_answered)
        self.flow.live_due.connect(self._ask)
        self.top.table.chosen.connect(self._on_chosen)
        self.top.table.opened.connect(self._on_opened)
        self.top.save.clicked.connect(self._on_save)
        self.top.save_all.clicked.connect(self.save_all)

    # -- models -------------------------------------------------------------------------------

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the shown model, the new user and the pinned cell."""
        self._run_model, self._state = run_model, view_state
        run_model.ratings_changed.connect(self._on_ratings_changed)
        for changed in (run_model.shown_changed, run_model.status_changed):
            changed.connect(self._on_shown_changed)  # the end of a run waits for no pace
        run_model.new_user_changed.connect(self._on_new_user_changed)
        view_state.pinned_changed.connect(self._on_pinned_changed)
        for view in self.near.values():
            view.set_models(run_model, view_state)
        self._on_ratings_changed()

    def shut_down(self) -> None:
        """End the threads and wait for them."""
        self.flow.shut_down()
        self.top.filters.user.shut_down()
        for view in self.near.values():
            view.shut_down()

    def _on_ratings_changed(self) -> None:
        """Look for users among others; whoever was looked for is gone."""
        run = self._run_model
        assert run is not None
        if run.ratings is not self._searched:
            self._searched, self._typed = run.ratings, None
            self.flow.forget()
            self.top.filters.user.set_find(
                user_finder(run.ratings) if run.ratings is not None else None)
        self._on_shown_changed()

    def _on_shown_changed(self) -> None:
        """Rank by the newer factors, while training as often as that is cheap."""
        run = self._run_model
        assert run is not None
        has_model = run.shown is not None and run.ratings is not None
        self._pages.setCurrentWidget(self.tabs if has_model else self._sentence)
        if has_model and run.status.is_running:
            self.flow.want_live()
        else:
            self._ask()

    def _on_new_user_changed(self) -> None:
        """Show a new user's list as soon as there is one and nobody else is asked for."""
        run, state = self._run_model, self._state
        assert run is not None
        assert state is not None
        is_there = run.new_user is not None
        if is_there and not self._had_new_user and state.pinned is None and (
                self.top.filters.whom_key == PINNED):
            self.top.filters.set_whom(NEW)
        elif self.top.filters.whom_key == NEW or (
                state.pinned is not None and state.pinned[0] == NEW_USER):
            self._ask()
        self._had_new_user = is_there

    def _on_pinned_changed(self) -> None:
        if self.top.filters.whom_key == PINNED:
            who = self._who()
            if self._answer is None or who is None or who != self._answer.request.who:
                self._ask()
        self._follow_pinned(is_scrolled=True)

    def catch_up(self) -> None:
        """Work out what changed while nobody looked."""
        self._ask()
        for view in self.near.values():
            view.look()

    # -- the top list -------------------------------------------------------------------------

    def _who(self) -> int | NewUser | None:
        """Return whose list is wanted; None where it is nobody's."""
        run, state, key = self._run_model, self._state, self.top.filters.whom_key
        if run is None or state is None:
            return None
        if key == TYPED:
            return self._typed
        if key == NEW or (state.pinned is not None and state.pinned[0] == NEW_USER):
            return run.new_user
        return state.pinned[0] if state.pinned is not None else None

    def _request(self) -> TopRequest | None:
        run, who = self._run_model, self._who()
        if run is None or run.shown is None or run.ratings is None or who is None:
            return None
        if isinstance(who, int) and who >= run.shown.n_users:
            return None
        return TopRequest(run.shown, known_or_none(run.known), run.ratings, who,
                          self.top.filters.n.value(), self.top.filters.filters, run_rmse(run),
                          run.opened_model)

    def _ask(self) -> None:
        """Have the list worked out as everything is now."""
        request = self._request()
        if request is None:
            self._answer = None
            self.top.show_hint(EMPTY_TEXTS[self.top.filters.whom_key])
        elif self.is_seen:
            self.flow.ask(request)
        run = self._run_model
        self.top.save_all.setEnabled(run is not None and run.shown is not None)

    def _on_answered(self, answer: TopAnswer) -> None:
        """Show a list, unless it came too late: somebody else's is wanted now."""
        request = self._request()
        if request is None or answer.request.ratings is not request.ratings or not _is_same(
                answer.request.who, request.who):
            return
        self._answer = answer
        self.top.show_answer(answer, self._name(answer))
        self._follow_pinned(is_scrolled=False)  # a new list stays at its top

    def _name(self, answer: TopAnswer) -> str:
        who = answer.request.who
        return who.name if isinstance(who, NewUser) else user_words(answer.request.ratings, who)

    def _id(self, answer: TopAnswer) -> str:
        """Return what a file calls a list's user: the id, as the lists of all users do."""
        who = answer.request.who
        return who.name if isinstance(who, NewUser) else answer.request.ratings.user_ids[who]

    def _follow_pinned(self, *, is_scrolled: bool) -> None:
        """Make the pinned cell's line the current one."""
        state, answer = self._state, self._answer
        if state is None or answer is None:
            return
        pinned = state.pinned
        is_there = pinned is not None and pinned[0] == self._row(answer)
        self.top.select_item(pinned[1] if pinned is not None and is_there else None,
                             is_scrolled=is_scrolled)

    def _row(self, answer: TopAnswer) -> int:
        """Return the row that a list's cells stand in."""
        who = answer.request.who
        return NEW_USER if isinstance(who, NewUser) else who

    def _on_user_picked(self, user: int) -> None:
        self._typed = user
        self.top.tell("")
        self._ask()

    def _on_chosen(self, line: TopLine) -> None:
        """Pin the cell, which the inspector then explains."""
        if self._state is not None and self._answer is not None:
            self._state.set_pinned((self._row(self._answer), line.place.item))

    def _on_opened(self, line: TopLine) -> None:
        """Pin the cell and bring it into view."""
        if self._state is not None and self._answer is not None:
            self._state.show_cell(self._row(self._answer), line.place.item)

    # -- files --------------------------------------------------------------------------------

    def _on_save(self) -> None:
        if self._answer is not None:
            answer, name = self._answer, self._id(self._answer)
            self.table_wanted.emit(
                "Save the top list", "top-list.csv", CSV_FILTER,
                lambda path, guards: self._save_to(path, answer, name, guards_formulas=guards))

    def _save_to(
        self, path: str, answer: TopAnswer, name: str, *, guards_formulas: bool = False
    ) -> None:
        """Write the list as CSV."""
        self._write(path, list_job(path, answer, name, guards_formulas=guards_formulas))

    def save_all(self) -> None:
        """Ask where to write the top lists of all users."""
        self.table_wanted.emit(
            "Save the top lists of all users", "top-lists.csv", TABLE_FILTER,
            lambda path, guards: self._save_all_to(path, guards_formulas=guards))

    def _save_all_to(self, path: str, *, guards_formulas: bool = False) -> None:
        """Write the top lists of all users, CSV or Parquet."""
        if self._run_model is not None:
            self._write(path, all_lists_job(
                path, self._run_model, self.top.filters.n.value(), self.top.filters.filters,
                guards_formulas=guards_formulas))

    def _write(self, path: str, job: Job | None) -> None:
        name = os.path.basename(path)
        if job is not None:
            self.job_wanted.emit(
                f"Writing {name}", job, lambda written: self._on_written(name, written))

    def _on_written(self, name: str, written: Written) -> None:
        self.told.emit(f"{written.n_rows:,} lines were written to {name}.", "information")

    # -- shape --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width there is."""
        super().resizeEvent(event)
        self.top.set_room(self.width())


def _is_same(one: int | NewUser, other: int | NewUser) -> bool:
    """Return whether two lists are of one user; a new user's follow each other quickly."""
    if isinstance(one, NewUser) or isinstance(other, NewUser):
        return isinstance(one, NewUser) and isinstance(other, NewUser)
    return one == other
