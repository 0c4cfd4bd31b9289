"""Has top lists worked out off the GUI thread; the newest request wins."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.gui.asker import Asker
from mfgui.gui.pace import Pace
from mfgui.gui.run_model import RunModel
from mfgui.gui.widgets.naming import item_name
from mfgui.gui.widgets.top_words import TopLine, top_lines
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import NewUser
from mfgui.inspection.recommend import recommend
from mfgui.inspection.rounding import decimals_of
from mfgui.inspection.top_memo import Filters, TopMemo
from mfgui.jobs.known_ratings import held_out_rmse
from mfgui.store.model_file import SavedModel

NO_RATINGS = ("What was rated is not known here, so nothing is left out and there are no reasons: "
              "open the ratings, then the model.")
NO_ROW = "This user has no training ratings: the list is the same for everybody like that."
NOTHING = "No item passes the filters."


@dataclass(frozen=True, eq=False)
class TopRequest:
    """A top list that is wanted.

    Parameters
    ----------
    known : Known or None
        None where no rating is known.
    who : int or NewUser
    rmse : float or None
        The held-out RMSE that a run told.
    saved : SavedModel or None
        The model's file, to ask where no run told it.
    """

    model: FactorModel
    known: Known | None
    ratings: Ratings
    who: int | NewUser
    n: int
    filters: Filters
    rmse: float | None = None
    saved: SavedModel | None = None


@dataclass(frozen=True, eq=False)
class TopAnswer:
    """A top list in words.

    Parameters
    ----------
    filters : Filters
        Those that could be followed.
    rmse : float or None
    notes : tuple of str
        Sentences on what is missing.
    seconds : float
        What it cost.
    """

    request: TopRequest
    lines: Sequence[TopLine]
    filters: Filters
    rmse: float | None
    notes: tuple[str, ...]
    seconds: float


class TopFlow(QObject):
    """Answers requests on a thread of its own.

    Signals
    -------
    answered : a TopAnswer
    live_due : while training: newer factors may be ranked now
    """

    answered = Signal(object)
    live_due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._memo: TopMemo | None = None
        self._asker, self._pace = Asker(self._on_done, self), Pace(self)
        self._pace.due.connect(self.live_due)

    def ask(self, request: TopRequest) -> None:
        """Have a list worked out at once; older requests are forgotten."""
        self._pace.begin()
        self._asker.ask(lambda: self._answer(request))

    def want_live(self) -> None:
        """Tell ``live_due`` as soon as the last answer's cost allows."""
        self._pace.want()

    def forget(self) -> None:
        """Keep nothing of a model and ratings that are no longer open."""
        self._memo = None

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._pace.stop()
        self._asker.shut_down()

    def _answer(self, request: TopRequest) -> TopAnswer:
        """Rank; on the worker's thread, which alone works with the memo."""
        begin = time.perf_counter()
        model, known, ratings = request.model, request.known, request.ratings
        memo = self._memo
        if memo is None or not memo.is_of(model, known):
            memo = self._memo = TopMemo(model, known, ratings.item_titles or ratings.item_ids)
        rmse = request.rmse
        if rmse is None and request.saved is not None and request.filters.by_lower_bound:
            rmse = held_out_rmse(request.saved, request.saved.known)
        filters, notes = possible_filters(memo, request.filters, rmse)
        places = recommend(model, known, request.who, request.n, filters, rmse, memo)
        lines = top_lines(
            places, lambda item: item_name(ratings, item), decimals_of(model.scale))
        notes = [*_row_notes(request), *notes, *([] if places else [NOTHING])]
        return TopAnswer(
            request, lines, filters, rmse, tuple(notes), time.perf_counter() - begin)

    def _on_done(self, answer: TopAnswer) -> None:
        self._pace.end(answer.seconds)
        self.answered.emit(answer)


def known_or_none(known: Known | None) -> Known | None:
    """Return what is known of the ratings; None where that is not one of them."""
    return known if known is not None and known.ratings.n_ratings else None


def run_rmse(run: RunModel) -> float | None:
    """Return the held-out RMSE that the run told; None where it told none."""
    if run.shown is None or run.shown.target != "rating":
        return None
    rmse = None
    if run.result is not None:
        rmse = run.result.validation_rmse
    elif run.history and run.opened_model is None:
        rmse = run.history[-1].validation_rmse
    return rmse if rmse is not None and math.isfinite(rmse) else None


def possible_filters(
    memo: TopMemo, filters: Filters, rmse: float | None
) -> tuple[Filters, list[str]]:
    """Return the filters that can be followed, and why the others cannot."""
    notes = []
    for changes in ({"by_lower_bound": False}, {"min_count": 0}, {"title_contains": ""}):
        missing = memo.missing(filters, rmse)
        if missing and any(getattr(filters, name) != value for name, value in changes.items()):
            filters = replace(filters, **changes)
            word = {"by_lower_bound": "the lower bound", "min_count": "the number of ratings",
                    "title_contains": "titles"}[next(iter(changes))]
            notes.append(f"The list does not go by {word}: {missing} is not known here.")
    return filters, notes


def _row_notes(request: TopRequest) -> list[str]:
    if request.known is None:
        return [NO_RATINGS]
    who = request.who
    is_new = isinstance(who, NewUser)
    n_ratings = who.n_ratings if isinstance(who, NewUser) else request.known.user_row(who)[0].size
    return [NO_ROW] if not n_ratings and not is_new else []
