"""Has cells explained off the GUI thread; the newest question wins."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.gui.background import LatestWorker
from mfgui.gui.pace import Pace
from mfgui.gui.view_state import NEW_USER
from mfgui.inspection.cards import item_card, user_card
from mfgui.inspection.cell_rows import Cell as CellRows
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.explain import explain
from mfgui.inspection.explanation import Card, Explanation
from mfgui.inspection.known import Known
from mfgui.inspection.memo import Memo
from mfgui.inspection.new_user import NewUser, new_user

Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Question:
    """A cell and what explains it; all of it is frozen, so it may cross to another thread.

    Parameters
    ----------
    user, item : int
        The user is -1 where it is ``new_user``.
    model : FactorModel or None
        None before there is one: then cards alone are made.
    """

    user: int
    item: int
    known: Known
    model: FactorModel | None
    before_refit: FactorModel | None = None
    new_user: NewUser | None = None
    other: OtherModel | None = None

    @property
    def cell(self) -> Cell:
        """User and item."""
        return self.user, self.item

    @property
    def scale(self) -> tuple[float, float]:
        """The scale of the ratings; the model's where there are none."""
        if self.known.ratings.n_ratings or self.model is None:
            return self.known.ratings.scale
        return self.model.scale


@dataclass(frozen=True, eq=False)
class Answer:
    """What the model says of a cell, and what the other one says, where it knows both.

    Parameters
    ----------
    own : Explanation or None
        None where there is no model yet.
    cards : tuple of Card
        The user's, the item's.
    seconds : float
        What it cost.
    """

    question: Question
    own: Explanation | None
    other: Explanation | None
    cards: tuple[Card, Card]
    seconds: float


class Explainer(QObject):
    """Answers questions on a thread of its own.

    Signals
    -------
    answered : an Answer
    live_due : while training: newer factors may be explained now
    """

    answered = Signal(object)
    live_due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._memo, self._other_memo = Memo(), Memo()
        self._worker = LatestWorker(self)
        self._worker.done.connect(self._on_done)
        self._worker.failed.connect(self._on_failed)
        self._pace = Pace(self)
        self._pace.due.connect(self.live_due)
        self._silent: tuple[Ratings, FactorModel] | None = None
        self._unknown: tuple[Ratings, Known] | None = None
        self._asked: Question | None = None

    def ask(self, question: Question) -> None:
        """Have a cell explained at once; older questions are forgotten."""
        self._asked = question
        if question.other is None:
            self._other_memo = Memo()  # a comparison that has ended keeps no model
        self._pace.begin()
        self._worker.ask(lambda: self._answer(question))

    def want_live(self) -> None:
        """Tell ``live_due`` as soon as the last answer's cost allows."""
        self._pace.want()

    def forget(self) -> None:
        """Keep nothing of models and ratings that are no longer open."""
        self._memo, self._other_memo = Memo(), Memo()
        self._silent = self._unknown = self._asked = None

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._pace.stop()
        self._worker.shut_down()

    def _answer(self, question: Question) -> Answer:
        """Explain; on the worker's thread, which alone touches the memos."""
        begin = time.perf_counter()
        if question.model is None:
            cards = self._cards(question)
            return Answer(question, None, None, cards, time.perf_counter() - begin)
        own = explain(question.model, question.known, question.user, question.item,
                      new_user=question.new_user, memo=self._memo,
                      before_refit=question.before_refit)
        other = self._other_answer(question)
        return Answer(question, own, other, (own.user_card, own.item_card),
                      time.perf_counter() - begin)

    def _cards(self, question: Question) -> tuple[Card, Card]:
        """Return the cards before there is a model, by one that says nothing."""
        known = question.known
        silent = self._silent
        if silent is None or silent[0] is not known.ratings:
            silent = self._silent = known.ratings, _silent_model(known.ratings)
        model = silent[1]
        memo = self._memo.look_at(model, known)
        cell = CellRows(model, known, question.user, question.item, question.new_user)
        return user_card(cell, memo), item_card(cell, memo)

    def _other_answer(self, question: Question) -> Explanation | None:
        """Explain by the other model; None where it does not know user or item."""
        other, guest = question.other, question.new_user
        if other is None or not other.has_item[question.item]:
            return None
        if guest is not None:
            is_known = other.has_item[guest.items]
            guest = new_user(other.model, guest.items[is_known], guest.values[is_known],
                             guest.name, guest.based_on)
        elif question.user == NEW_USER or not other.has_user[question.user]:
            return None
        known = other.known or self._unknown_like(question.known)
        return explain(other.model, known, question.user, question.item, new_user=guest,
                       memo=self._other_memo, before_refit=other.before_refit)

    def _unknown_like(self, known: Known) -> Known:
        """Return no ratings of the same users and items: the same object while these stay."""
        unknown = self._unknown
        if unknown is None or unknown[0] is not known.ratings:
            nothing = known.ratings.take(np.empty(0, np.int64))
            unknown = self._unknown = known.ratings, Known(nothing)
        return unknown[1]

    def _on_done(self, answer: Answer) -> None:
        """Hand the answer on; let the next live one wait the longer the dearer this one was."""
        if answer.question is self._asked:
            self._pace.end(answer.seconds)
        self.answered.emit(answer)

    def _on_failed(self, error: BaseException) -> None:
        self._pace.end(0.0)
        raise error  # a bug: the hook shows it


def _silent_model(ratings: Ratings) -> FactorModel:
    """Return a model without mean, biases and factors."""
    n_users, n_items = ratings.n_users, ratings.n_items
    return FactorModel(
        np.zeros((n_users, 0), np.float32), np.zeros((n_items, 0), np.float32),
        np.zeros(n_users, np.float32), np.zeros(n_items, np.float32), 0.0, ratings.scale)
