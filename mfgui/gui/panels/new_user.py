"""A user who is not in the data: rated by hand, and everything that follows while one looks on."""

from __future__ import annotations

import os
from typing import ClassVar

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mfgui.core.ratings import Ratings
from mfgui.gui.new_user_files import load_job, notes_on, rows_of, save_job
from mfgui.gui.new_user_flow import NewUserFlow
from mfgui.gui.new_user_history import Draft
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets.finding import item_finder
from mfgui.gui.widgets.naming import item_name
from mfgui.gui.widgets.new_user_effect import NewUserEffect
from mfgui.gui.widgets.new_user_ratings import NewUserRatings
from mfgui.gui.widgets.rating_scale import scale_of
from mfgui.gui.widgets.scrolling import Content, Scrolling
from mfgui.gui.widgets.small_parts import sentence, small_button
from mfgui.inspection.words import user_words
from mfgui.jobs.new_user_file import NewUserFile

NO_MODEL_TEXT = ("Train first, or open a model: then a user who is not in the data can be added "
                 "here.")
WHAT_IF_TIP = ("Take the ratings of {}, to change or remove some: what moves is shown against the "
               "row that the ratings give as they are.")
WIDE_PX = 640  # from here on ratings and what follows from them stand side by side
SAVE_FILTER = "CSV (*.csv)"
OPEN_FILTER = "CSV (*.csv *.tsv *.txt);;All files (*)"


class NewUserPanel(Panel):
    """What is put down at the left or on top, what follows from it beside or below."""

    title: ClassVar[str] = "New user"
    area: ClassVar[str] = "right"
    is_shown_first: ClassVar[bool] = True
    keys: ClassVar[str] = "Ctrl+7"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("newUserPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._searched: object = None
        self.flow = NewUserFlow(self)
        self.ratings, self.effect = NewUserRatings(), NewUserEffect()
        self.what_if = small_button(
            "What if...", "whatIfButton", WHAT_IF_TIP.format("the pinned user"))
        self.load = small_button(
            "Load...", "loadNewUserButton",
            "Read the ratings from a CSV file: item and rating in each line.")
        self.save = small_button(
            "Save...", "saveNewUserButton", "Save the ratings as a CSV file.")
        self._sentence = sentence(NO_MODEL_TEXT)
        self.ratings.search.set_panel(self)
        self._build()
        self._connect()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        self._scroll = Scrolling(self._made_body())
        self._pages = QStackedWidget()
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(self._scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _made_body(self) -> Content:
        body, right = Content(), QWidget()
        self._boxes = QBoxLayout(QBoxLayout.Direction.TopToBottom, body)
        self._boxes.setContentsMargins(10, 6, 10, 8)
        self._boxes.setSpacing(10)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.effect, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.what_if, self.load, self.save):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self._boxes.addWidget(self.ratings, 1)
        self._boxes.addWidget(right, 1)
        self.ratings.setMinimumHeight(210)
        right.setMinimumHeight(150)
        return body

    def _connect(self) -> None:
        flow, ratings = self.flow, self.ratings
        flow.changed.connect(self._show_draft)
        flow.solved.connect(self._show_effect)
        flow.told.connect(lambda text: ratings.tell(text, "warning"))
        ratings.added.connect(self._on_added)
        ratings.rated.connect(flow.rate)
        ratings.removed.connect(flow.remove)
        ratings.undo.clicked.connect(flow.undo)
        ratings.redo.clicked.connect(flow.redo)
        ratings.clear.clicked.connect(flow.clear)
        self.effect.chosen.connect(self._on_chosen)
        self.effect.opened.connect(self._on_opened)
        self.what_if.clicked.connect(self._on_what_if)
        self.save.clicked.connect(self._on_save)
        self.load.clicked.connect(self._on_load)

    # -- models -------------------------------------------------------------------------------

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the shown model and the pinned cell."""
        self._run_model, self._state = run_model, view_state
        self.flow.set_models(run_model, view_state)
        run_model.ratings_changed.connect(self._on_shown_changed)
        run_model.shown_changed.connect(self._on_shown_changed)
        view_state.pinned_changed.connect(self._on_pinned_changed)
        self._on_shown_changed()

    def shut_down(self) -> None:
        """End the threads and wait for them."""
        self.flow.shut_down()
        self.effect.shut_down()
        self.ratings.search.shut_down()

    def _on_shown_changed(self) -> None:
        """Show the form once there is a model to fold into."""
        run = self._run_model
        assert run is not None
        has_model = run.shown is not None and run.ratings is not None
        self._pages.setCurrentWidget(self._scroll if has_model else self._sentence)
        if run.ratings is not self._searched:
            self._searched, ratings = run.ratings, run.ratings
            self.ratings.search.set_find(item_finder(ratings) if ratings is not None else None)
        if run.ratings is not None:
            ratings = run.ratings
            self.ratings.set_scale(
                scale_of(run.shown, ratings), lambda item: item_name(ratings, item))
        self._show_draft()
        self._on_pinned_changed()

    # -- showing ------------------------------------------------------------------------------

    def _show_draft(self) -> None:
        """Show what was put down, and what can be done with it."""
        flow, draft = self.flow, self.flow.draft
        self.ratings.show_rows(draft.rows, self._heading())
        self.ratings.show_steps(can_undo=flow.history.can_undo, can_redo=flow.history.can_redo,
                                is_empty=draft.is_empty and not draft.rows)
        self.save.setEnabled(bool(draft.ratings))

    def _heading(self) -> str:
        """Return whose ratings these are, and what was changed of them."""
        draft, folded = self.flow.draft, self.flow.folded
        if draft.based_on is None:
            return draft.name if draft.name != Draft().name and draft.rows else ""
        text = f"What if: {draft.name}"
        before = folded.unchanged if folded is not None else None
        if before is None or before.based_on != draft.based_on:
            return text
        given = dict(zip(before.items.tolist(), before.values.tolist(), strict=True))
        return f"{text}: {draft.changes(given)}"

    def catch_up(self) -> None:
        """Show what follows now from what was put down."""
        self._show_effect()

    def _show_effect(self) -> None:
        run, folded = self._run_model, self.flow.folded
        if run is not None and run.ratings is not None and (self.is_seen or folded is None):
            self.effect.show_folded(folded, run.known, run.ratings)
        if self.flow.draft.based_on is not None:
            self.ratings.heading.show_text(self._heading())

    def _on_pinned_changed(self) -> None:
        run, state = self._run_model, self._state
        if run is None or state is None or run.ratings is None or state.pinned is None:
            self.ratings.show_pinned(None)
            self.what_if.setEnabled(False)
            return
        user, item = state.pinned
        self.ratings.show_pinned(item, item_name(run.ratings, item))
        is_users = user != NEW_USER
        self.what_if.setEnabled(is_users)
        self.what_if.setToolTip(WHAT_IF_TIP.format(
            user_words(run.ratings, user) if is_users else "the pinned user"))

    # -- what a person does -------------------------------------------------------------------

    def _on_added(self, item: int) -> None:
        """Put an item into the table, ready to be rated; "has it" needs no rating."""
        run = self._run_model
        is_preference = run is not None and run.shown is not None and (
            run.shown.target == "preference")
        self.flow.add(item, 1.0 if is_preference else None)
        if not is_preference:
            self.ratings.table.go_to(item)

    def _on_chosen(self, item: int) -> None:
        """Pin the new user's cell."""
        if self._state is not None and self.flow.folded is not None:
            self._state.set_pinned((NEW_USER, item))

    def _on_opened(self, item: int) -> None:
        """Pin the new user's cell and bring its column into view."""
        if self._state is not None and self.flow.folded is not None:
            self._state.show_cell(NEW_USER, item)

    def _on_what_if(self) -> None:
        state = self._state
        if state is not None and state.pinned is not None and state.pinned[0] != NEW_USER:
            self.flow.what_if(state.pinned[0])

    # -- files --------------------------------------------------------------------------------

    def _on_save(self) -> None:
        draft = self.flow.draft
        if draft.ratings:
            name = "".join(sign if sign.isalnum() else "-" for sign in draft.name)[:60]
            self.save_wanted.emit("Save the new user", f"{name}.csv", SAVE_FILTER,
                                  lambda path: self._save_to(path, draft))

    def _save_to(self, path: str, draft: Draft) -> None:
        """Write the ratings as CSV."""
        if self._run_model is not None and self._run_model.ratings is not None:
            name = os.path.basename(path)
            self.job_wanted.emit(
                f"Writing {name}", save_job(path, draft, self._run_model.ratings),
                lambda written: self.told.emit(
                    f"{written.n_rows:,} ratings were written to {name}.", "information"))

    def _on_load(self) -> None:
        self.open_wanted.emit("Load a new user", OPEN_FILTER, self._load_from)

    def _load_from(self, path: str) -> None:
        """Read ratings from a CSV file."""
        run = self._run_model
        if run is not None and run.ratings is not None:
            ratings = run.ratings
            self.job_wanted.emit(
                f"Reading {os.path.basename(path)}", load_job(path, ratings),
                lambda found: self._on_loaded(found, ratings))

    def _on_loaded(self, found: NewUserFile, ratings: Ratings) -> None:
        """Take what was read in the place of what is there."""
        if self._run_model is None or self._run_model.ratings is not ratings:
            return  # other ratings were opened meanwhile
        rows = rows_of(found)
        self.flow.take(rows, found.name)
        self.ratings.tell(notes_on(found, rows, self.ratings.table.delegate.scale), "warning")

    # -- undo ---------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Claim undo and redo: within this panel they mean its ratings, not the reading."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and (
                _steps(event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo."""
        n_steps = _steps(event)
        if n_steps < 0:
            self.flow.undo()
        elif n_steps > 0:
            self.flow.redo()
        else:
            super().keyPressEvent(event)

    # -- shape --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand side by side where there is room, below each other where there is not."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._boxes.setDirection(
            direction.LeftToRight if self.width() >= WIDE_PX else direction.TopToBottom)


def _steps(event: QKeyEvent) -> int:
    """Return -1 for the keys of undo, 1 for those of redo, else 0."""
    keys = QKeySequence.StandardKey
    return -1 if event.matches(keys.Undo) else 1 if event.matches(keys.Redo) else 0
