"""The imaginary user: what was put down for it, undo, and the row that the shown model gives it.

The draft is kept here, not in the RunModel, which holds what follows from it: a new run forgets
the solved row, and the same ratings are solved anew as soon as there is a model again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from mfgui.core.fold_in import grams_of
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.gui.asker import Asker
from mfgui.gui.new_user_history import Draft, DraftHistory
from mfgui.gui.pace import Pace
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import Grams, NewUser, new_user, what_if
from mfgui.inspection.words import one_line


@dataclass(frozen=True, eq=False)
class Folded:
    """A solved draft.

    Parameters
    ----------
    user : NewUser or None
        None where the draft is nobody.
    unchanged : NewUser or None
        Of a draft based on a user: that user's row solved from the user's own ratings.
    seconds : float
        What it cost.
    """

    draft: Draft
    model: FactorModel
    user: NewUser | None
    unchanged: NewUser | None
    seconds: float


class NewUserFlow(QObject):
    """Keeps the draft, has it solved off the GUI thread, and hands the row to the RunModel.

    Signals
    -------
    changed : the draft changed, or what can be undone
    solved : ``folded`` is that of the draft now
    told : a sentence on what could not be done
    """

    changed = Signal()
    solved = Signal()
    told = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = DraftHistory()
        self.folded: Folded | None = None
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._ratings: Ratings | None = None
        self._memo = _FoldMemo()
        self._folder, self._starter = Asker(self._on_folded, self), Asker(self._on_started, self)
        self._pace = Pace(self)
        self._pace.due.connect(self._fold)

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the shown model."""
        self._run_model, self._state = run_model, view_state
        self._ratings = run_model.ratings
        run_model.ratings_changed.connect(self._on_ratings_changed)
        for changed in (run_model.shown_changed, run_model.status_changed):
            changed.connect(self._on_shown_changed)  # the end of a run waits for no pace

    def shut_down(self) -> None:
        """End the threads and wait for them."""
        self._pace.stop()
        self._folder.shut_down()
        self._starter.shut_down()

    @property
    def draft(self) -> Draft:
        """What was put down."""
        return self.history.draft

    # -- what a person does -------------------------------------------------------------------

    def add(self, item: int, value: float | None = None) -> None:
        """Choose an item, to be rated; what is rated stays so."""
        if not self.draft.has(item):
            self._step(self.draft.with_item(item, value))

    def rate(self, item: int, value: float) -> None:
        """Rate an item; one with its being chosen, where that was the last step."""
        self._step(self.draft.with_item(item, float(value)),
                   is_same_step=self.history.is_last(item))

    def remove(self, item: int) -> None:
        """Take an item away."""
        self._step(self.draft.without(item))

    def clear(self) -> None:
        """Take everything away."""
        self._step(Draft())

    def undo(self) -> None:
        """Take the last step back."""
        if self.history.move(-1):
            self._on_step()

    def redo(self) -> None:
        """Take the step again that was taken back."""
        if self.history.move(1):
            self._on_step()

    def take(self, rows: Iterable[tuple[int, float | None]], name: str) -> None:
        """Take the ratings of a file in the place of those that are there."""
        self._step(Draft(tuple(rows), name))

    def what_if(self, user: int) -> None:
        """Take an existing user's ratings in the place of those that are there."""
        model = self._run_model
        if model is None or model.known is None or not 0 <= user < model.known.ratings.n_users:
            return
        known = model.known
        self._starter.ask(lambda: (known, user, *known.user_row(user)))

    def _on_started(self, answer: tuple[Known, int, np.ndarray, np.ndarray]) -> None:
        """Begin with the ratings of an existing user."""
        known, user, items, values = answer
        now = self._run_model.known if self._run_model is not None else None
        if now is None or now.ratings is not known.ratings:
            return  # other ratings were opened meanwhile
        if not items.size:
            self.told.emit("What this user rated is not known here: there is nothing to change.")
            return
        name = f"user {one_line(known.ratings.user_ids[user])}"
        rows = zip(items.tolist(), map(as_typed, values.tolist()), strict=True)
        self._step(Draft(tuple(rows), name, user))

    def _step(self, draft: Draft, *, is_same_step: bool = False) -> None:
        if self.history.add(draft, is_same_step=is_same_step):
            self._on_step()

    def _on_step(self) -> None:
        self.changed.emit()
        self._fold()

    # -- solving ------------------------------------------------------------------------------

    def _on_ratings_changed(self) -> None:
        """Forget everything: other ratings number their items otherwise."""
        model = self._run_model
        assert model is not None
        if model.ratings is not self._ratings:
            self._ratings, self._memo = model.ratings, _FoldMemo()
            self.history.begin()
            self._take(None)
            self.changed.emit()

    def _on_shown_changed(self) -> None:
        """Solve by the newer factors, while training as often as that is cheap."""
        model = self._run_model
        assert model is not None
        if model.shown is None:
            self._take(None)
            self.changed.emit()  # there is nothing to rate for any more
        elif model.status.is_running:
            self._pace.want()
        else:
            self._fold()

    def _fold(self) -> None:
        """Have the draft solved; the newest one wins."""
        run, draft = self._run_model, self.draft
        if run is None or run.shown is None or run.ratings is not self._ratings:
            return
        if draft.is_empty:
            self._take(None)
            return
        model, known = run.shown, run.known
        self._pace.begin()
        self._folder.ask(lambda: self._memo.solved(model, known, draft))

    def _on_folded(self, folded: Folded) -> None:
        """Hand the row on, unless it came too late."""
        self._pace.end(folded.seconds)
        run = self._run_model
        if run is None or run.shown is None or folded.draft != self.draft:
            return
        if folded.model is run.shown or run.status.is_running:
            self._take(folded)

    def _take(self, folded: Folded | None) -> None:
        run, state = self._run_model, self._state
        assert run is not None
        assert state is not None
        self.folded = folded
        run.set_new_user(folded.user if folded is not None else None)
        if folded is None and state.pinned is not None and state.pinned[0] == NEW_USER:
            state.set_pinned(None)
        self.solved.emit()


class _FoldMemo:
    """What solving needs again and again while one model is shown; of the worker's thread."""

    def __init__(self) -> None:
        self._model: FactorModel | None = None
        self._grams: Grams | None = None
        self._unchanged: tuple[object, ...] = (None, None, None)
        self._unchanged_user: NewUser | None = None

    def solved(self, model: FactorModel, known: Known | None, draft: Draft) -> Folded:
        """Return the draft solved."""
        begin = time.perf_counter()
        if self._model is not model:
            self._model, self._grams = model, grams_of(model)
        unchanged = self._refitted(model, known, draft.based_on)
        items = np.array(list(draft.ratings), np.int32)
        values = np.array(list(draft.ratings.values()), np.float32)
        user = new_user(
            model, items, values, draft.shown_name, draft.based_on, self._grams)
        return Folded(draft, model, user, unchanged, time.perf_counter() - begin)

    def _refitted(
        self, model: FactorModel, known: Known | None, based_on: int | None
    ) -> NewUser | None:
        """Return the row of the user it is based on, nothing changed; kept while that holds."""
        if known is None or based_on is None:
            return None
        key = (model, known, based_on)
        if any(one is not other for one, other in zip(key, self._unchanged, strict=True)):
            self._unchanged = key
            self._unchanged_user = what_if(model, known, based_on, self._grams)
        return self._unchanged_user


def as_typed(value: float) -> float:
    """Return a float32 as a person would write it: 5.1, not 5.0999999."""
    return float(f"{value:.7g}")
