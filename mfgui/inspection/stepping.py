"""Training by hand, a step at a time, on a copy: never on the run's own model.

The copy is in double precision, so that going back leads to the same bits and small steps are not
lost to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.parallel import no_checkpoint
from mfgui.errors import StepError
from mfgui.inspection.cells import observed_rating
from mfgui.inspection.known import Known
from mfgui.inspection.methods import Method
from mfgui.inspection.row_steps import descend, descend_user, solve_all, solve_user
from mfgui.inspection.trial_state import TrialState

Checkpoint = Callable[[], None]
MOST_KEPT_BYTES = 1 << 28  # what going back may hold; the oldest steps are given up first
MOST_ROWS = 10_000  # that an epoch of als solves one by one: some 6 s at 64 factors

IN_AVERAGE = ("An average is trained member by member: open a single model to go through it step "
              "by step.")
NO_RATE = "The learning rate is not known: type one first."
SOLVES_ROWS = "This method solves whole rows: take a row or an epoch."
ALL = slice(None)


@dataclass(frozen=True, eq=False)
class _Kept:
    """What a step changed, as it was before: rows, their numbers, the loss then."""

    users: NDArray[Any] | slice
    items: NDArray[Any] | slice
    arrays: tuple[NDArray[Any], ...]
    loss: float

    @property
    def n_bytes(self) -> int:
        return sum(array.nbytes for array in self.arrays)


class Stepper:
    """A copy of a model that is trained by hand.

    Parameters
    ----------
    model : FactorModel
        Not changed.
    known : Known
        Ratings in the model's numbering.
    method : Method
        Of the solver, with the rate of the steps.

    Attributes
    ----------
    losses : list of float
        The objective at the start and after each step that was not taken back.
    rmses : list of float
        The RMSE on the training ratings likewise; empty where the numbers are no ratings.

    Raises
    ------
    StepError
        If the model is an average.
    """

    def __init__(
        self, model: FactorModel, known: Known, method: Method,
        checkpoint: Checkpoint = no_checkpoint,
    ) -> None:
        if len(model.members) > 1:
            raise StepError(IN_AVERAGE)
        self._state = TrialState(model, known, method)
        self._kept: list[_Kept] = []
        self.losses: list[float] = []
        self.rmses: list[float] = []
        with np.errstate(over="ignore", invalid="ignore"):
            self._note(*self._state.fit(checkpoint))

    def _note(self, loss: float, rmse: float | None) -> None:
        """Keep the figures of where the copy is now."""
        self.losses.append(loss)
        if rmse is not None:
            self.rmses.append(rmse)

    @property
    def n_steps(self) -> int:
        """How many steps were taken and not taken back."""
        return len(self.losses) - 1

    @property
    def can_go_back(self) -> bool:
        """Whether the last step can be taken back."""
        return bool(self._kept)

    @property
    def loss(self) -> float:
        """The solver's objective on the training ratings, in the user's units."""
        return self.losses[-1]

    @property
    def model(self) -> FactorModel:
        """The copy as it is shown: float32, arrays of its own."""
        return self._state.model

    @property
    def exact_model(self) -> FactorModel:
        """The copy in float64, sharing its memory: to be read before the next step."""
        return self._state.exact_model

    def set_method(self, method: Method) -> None:
        """Take another rate for the next steps."""
        self._state.method = method

    def step_rating(self, user: int, item: int) -> None:
        """Take the step of one rating.

        Of gradient-descent it is this rating's part of the whole gradient.

        Raises
        ------
        StepError
            If the solver solves rows, the rate is not known, or the cell was not trained on.
        """
        state = self._state
        if state.method.kind == "rows":
            raise StepError(SOLVES_ROWS)
        self._check_rate()
        rating = observed_rating(state.training, user, item)
        if rating is None:
            raise StepError("This cell is not among the training ratings: pin a rated one.")
        self._take(np.array([user]), np.array([item]),
                   lambda: state.step_pair(user, item, rating))

    def step_row(self, user: int, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Take the steps of a user's ratings, or solve the row, or step down its gradient.

        Raises
        ------
        StepError
            If the rate is not known, or the user has no training rating.
        """
        state = self._state
        begin, end = (int(place) for place in state.training.row_pointers[user : user + 2])
        if begin == end:
            raise StepError("This user has no training rating: pin another row.")
        users, no_items = np.array([user]), np.empty(0, np.int32)
        if state.method.kind == "rows":
            self._take(users, no_items, lambda: solve_user(state, user))
            return
        self._check_rate()
        if state.method.kind == "batch":
            self._take(users, no_items, lambda: descend_user(state, user))
            return
        self._take(users, state.training.item_index[begin:end],
                   lambda: state.step_pairs(begin, end, checkpoint))

    def step_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Go over all ratings once, in the order of users and items.

        Raises
        ------
        StepError
            If the rate is not known, or there are too many rows to solve one by one.
        """
        state = self._state
        if state.method.kind == "rows":
            n_rows = state.training.n_users + state.training.n_items
            if n_rows > MOST_ROWS:
                raise StepError(
                    f"Step mode solves at most {MOST_ROWS:,} rows in an epoch, and there are "
                    f"{n_rows:,}: take a row, or train for an epoch.")
            self._take(ALL, ALL, lambda: solve_all(state, checkpoint), checkpoint)
            return
        self._check_rate()
        if state.method.kind == "batch":
            self._take(ALL, ALL, lambda: descend(state, checkpoint), checkpoint)
            return
        n = state.training.n_ratings
        self._take(ALL, ALL, lambda: state.step_pairs(0, n, checkpoint), checkpoint)

    def go_back(self) -> bool:
        """Take the last step back, to the same bits; return whether there was one."""
        if not self._kept:
            return False
        kept = self._kept.pop()
        self._restore(kept)
        self.losses.pop()
        if self.rmses:
            self.rmses.pop()
        return True

    def _check_rate(self) -> None:
        if self._state.method.rate is None:
            raise StepError(NO_RATE)

    # what a step changes, kept

    def _take(
        self, users: NDArray[Any] | slice, items: NDArray[Any] | slice,
        step: Callable[[], None], checkpoint: Checkpoint = no_checkpoint,
    ) -> None:
        """Take a step that changes these rows; one that does not end is undone."""
        at = self._state.at
        kept = _Kept(users, items, tuple(
            array[rows].copy() for array, rows in zip(
                at, (users, items, users, items), strict=True)), self.loss)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # a rate may be far too large
                step()
                fit = self._state.fit(checkpoint)
        except BaseException:
            self._restore(kept)
            raise
        self._kept.append(kept)
        self._note(*fit)
        while len(self._kept) > 1 and sum(each.n_bytes for each in self._kept) > MOST_KEPT_BYTES:
            del self._kept[0]

    def _restore(self, kept: _Kept) -> None:
        at = self._state.at
        for array, rows, before in zip(
                at, (kept.users, kept.items, kept.users, kept.items), kept.arrays, strict=True):
            array[rows] = before
