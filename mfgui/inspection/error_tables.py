"""Where a model is wrong: errors by user, item, observed value, popularity and size.

All of it comes from one pass over the ratings of a part (training, held out): 25 million ratings
with 64 factors take 1.0 s on one thread, 0.4 s of it for the predictions. RMSE is measured as
everywhere, of predictions clipped to the scale where the model clips; residuals, observed minus
predicted, and the densities are of raw ones. Of a model of preferences the observed is 1 for each
rating above 0, else 0, and only rated pairs are looked at.

The errors of held-out ratings belong to factors that never saw them: where the model was trained
again on all ratings, to those from before; where these are not known, there is no such figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.parallel import no_checkpoint
from mfgui.core.preferences import preferences
from mfgui.core.ratings import Ratings
from mfgui.inspection.error_bins import ErrorBins, error_bins
from mfgui.inspection.known import Known
from mfgui.inspection.residual_table import (
    ALL,
    N_LARGEST,
    LargestHeap,
    LargestResiduals,
    largest_residuals,
    predicted_parts,
)
from mfgui.inspection.row_errors import RowErrors, no_errors

DoubleArray = NDArray[np.float64]
CountArray = NDArray[np.int64]
TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True, eq=False)
class PartErrors:
    """The errors of a part of the ratings.

    Parameters
    ----------
    n_ratings, n_unsound : int
        All of them, and those whose prediction is not finite: these are left out.
    users, items, values, deciles : RowErrors
    value_residuals : ndarray of float64, shape (n_values,)
        Mean residual, raw, of each observed value; NaN where there is none.
    density : ndarray of int64, shape (n_values, n_predicted)
        How many ratings have a value and a raw prediction in these bins.
    residual_counts : ndarray of int64, shape (n_residuals,)
    largest : LargestResiduals
    """

    n_ratings: int
    n_unsound: int
    users: RowErrors
    items: RowErrors
    values: RowErrors
    deciles: RowErrors
    value_residuals: DoubleArray
    density: CountArray
    residual_counts: CountArray
    largest: LargestResiduals

    @property
    def rmse(self) -> float:
        """Root of the mean squared error of all; NaN where there is no rating."""
        n_ratings = int(self.values.counts.sum())
        return math.sqrt(float(self.values.squares.sum()) / n_ratings) if n_ratings else math.nan


@dataclass(frozen=True, eq=False)
class ErrorTables:
    """The errors of a model on what it was trained on, and on what was held out.

    Parameters
    ----------
    bins : ErrorBins
        What both are counted by.
    training : PartErrors
    validation : PartErrors or None
        None where nothing was held out, or nobody can know its errors.
    is_before_refit : bool
        Whether ``validation`` belongs to the factors from before the training on all ratings.
    note : str
        What a reader has to know, in sentences.
    """

    bins: ErrorBins
    training: PartErrors
    validation: PartErrors | None
    is_before_refit: bool
    note: str

    def part(self, name: str) -> PartErrors | None:
        """Return "training" or "validation"."""
        return self.training if name == TRAINING else self.validation


class ErrorMeter:
    """Measures one model after another, keeping what depends on the ratings alone.

    It belongs to one thread.
    """

    def __init__(self) -> None:
        self._kept: tuple[Known, str, tuple[float, float]] | None = None
        self._parts: dict[str, Ratings] = {}
        self._bins: ErrorBins | None = None

    def tables(
        self, model: FactorModel, known: Known, before_refit: FactorModel | None = None, *,
        n_largest: int = N_LARGEST, checkpoint: Callable[[], None] = no_checkpoint,
    ) -> ErrorTables:
        """Return the errors of a model; as ``error_tables``."""
        bins = self._prepare(model, known)
        training = _measured(model, self._parts[TRAINING], bins, n_largest, checkpoint)
        judged = _judged(model, known, before_refit)
        validation = None
        if judged is not None:
            validation = _measured(
                judged, self._parts[VALIDATION], bins, n_largest, checkpoint)
        return ErrorTables(bins, training, validation, judged is not None and judged is not model,
                           _note(model, known, training, validation, judged))

    def largest(
        self, part: str, limits: NDArray[np.float64], model: FactorModel, known: Known,
        before_refit: FactorModel | None = None, n_most: int = N_LARGEST,
    ) -> LargestResiduals | None:
        """Return the cells of a part with the largest residuals within limits.

        Parameters
        ----------
        part : str
            "training" or "validation".
        limits : ndarray of float64, shape (3, 2)
            Observed value, raw prediction and residual, from the first to below the second.
        """
        self._prepare(model, known)
        judged = model if part == TRAINING else _judged(model, known, before_refit)
        if judged is None:
            return None
        return largest_residuals(judged, self._parts[part], limits, n_most)

    def _prepare(self, model: FactorModel, known: Known) -> ErrorBins:
        """Take the ratings as the model sees them, and bins that suit them."""
        kept = self._kept
        if self._bins is None or kept is None or kept[0] is not known or kept[1:] != (
                model.target, model.scale):
            parts = {TRAINING: known.training, VALIDATION: known.held_out}
            ratings = known.ratings
            if model.target == "preference":
                parts = {name: preferences(part) for name, part in parts.items()}
                ratings = preferences(ratings)
            self._kept, self._parts = (known, model.target, model.scale), parts
            self._bins = error_bins(ratings, parts[TRAINING], model)
        return self._bins


def error_tables(
    model: FactorModel, known: Known, before_refit: FactorModel | None = None, *,
    n_largest: int = N_LARGEST, checkpoint: Callable[[], None] = no_checkpoint,
) -> ErrorTables:
    """Return where a model is wrong; see the module.

    Parameters
    ----------
    model : FactorModel
    known : Known
        In the model's numbering.
    before_refit : FactorModel or None
        The factors from before the model was trained again on all ratings.
    n_largest : int
        How many of the largest residuals are kept of each part.
    checkpoint : callable
        Called between parts of the pass; what it raises ends the work.
    """
    return ErrorMeter().tables(
        model, known, before_refit, n_largest=n_largest, checkpoint=checkpoint)


def _judged(
    model: FactorModel, known: Known, before_refit: FactorModel | None
) -> FactorModel | None:
    """Return the factors that never saw what was held out; None where there are none."""
    if not known.held_out.n_ratings:
        return None
    return before_refit if known.is_trained_on_all else model


def _measured(
    model: FactorModel, ratings: Ratings, bins: ErrorBins, n_largest: int,
    checkpoint: Callable[[], None],
) -> PartErrors:
    """Return the errors on some ratings, by one pass over them."""
    from mfgui.core.kernels.errors import add_errors

    users, items = no_errors(ratings.n_users), no_errors(ratings.n_items)
    values, value_residuals = no_errors(len(bins.values)), np.zeros(len(bins.values))
    density = np.zeros((len(bins.values), len(bins.predicted)), np.int64)
    residual_counts = np.zeros(len(bins.residuals), np.int64)
    heap, n_unsound = LargestHeap(n_largest, ALL), 0
    low, high = model.scale if model.clip else (-math.inf, math.inf)
    for part in predicted_parts(model, ratings):
        checkpoint()
        n_unsound += int(add_errors(
            part.users, part.items, part.values, part.predicted, low, high, *bins.values.guide,
            *bins.predicted.guide, *bins.residuals.guide, users.counts, users.squares,
            items.counts, items.squares, values.counts, values.squares, value_residuals, density,
            residual_counts))
        heap.add(part)
    with np.errstate(invalid="ignore", divide="ignore"):
        value_residuals /= values.counts
    return PartErrors(
        ratings.n_ratings, n_unsound, users, items, values,
        items.grouped(bins.deciles.group, len(bins.deciles)), value_residuals, density,
        residual_counts, heap.table(model, ratings))


def _note(
    model: FactorModel, known: Known, training: PartErrors, validation: PartErrors | None,
    judged: FactorModel | None,
) -> str:
    """Return in sentences how the figures were measured."""
    parts = []
    if model.target == "preference":
        parts.append("This model predicts preferences: a rating above 0 counts as 1, and only "
                     "rated pairs are looked at, not the 0 of all others.")
    if judged is not None and judged is not model:
        parts.append("Validation: of the factors from before the final training on all ratings.")
    elif judged is None and known.held_out.n_ratings:
        parts.append("No errors of held-out ratings: the model was trained on them too, and its "
                     "factors from before are not known.")
    elif not known.held_out.n_ratings:
        parts.append("No ratings were held out, or nobody knows which.")
    parts.append("RMSE of predictions clipped to the scale; residuals are not clipped."
                 if model.clip else "Nothing is clipped.")
    n_unsound = training.n_unsound + (validation.n_unsound if validation is not None else 0)
    if n_unsound:
        parts.append(f"{n_unsound:,} predictions are not finite and are left out.")
    return " ".join(parts)
