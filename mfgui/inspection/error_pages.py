"""The errors of a model as a person pages through them: lines of tables, bars of histograms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import IntArray
from mfgui.inspection.error_tables import (
    TRAINING,
    VALIDATION,
    ErrorMeter,
    ErrorTables,
    PartErrors,
)
from mfgui.inspection.known import Known
from mfgui.inspection.residual_table import ALL, LargestResiduals
from mfgui.inspection.row_errors import RowErrors

PARTS = (TRAINING, VALIDATION)
SIDES = ("users", "items")
N_WORST = 200
LEAST_RATINGS = 5  # of a row among the worst: one odd rating makes no bad row
CountArray = NDArray[np.int64]


@dataclass(frozen=True)
class GroupLine:
    """The errors of an observed value, or of a group of items.

    Parameters
    ----------
    label : str
    n_ratings, rmse, mean_residual : dict of str to number
        By "training" and "validation", where there is any; the mean residual is raw, and left
        out of groups of items.
    """

    label: str
    n_ratings: dict[str, int]
    rmse: dict[str, float]
    mean_residual: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RowLine:
    """The errors of a user or item; by part as ``GroupLine``."""

    index: int
    n_ratings: dict[str, int]
    rmse: dict[str, float]


@dataclass(frozen=True, eq=False)
class ErrorPages:
    """All that is shown of the errors of one model.

    Parameters
    ----------
    tables : ErrorTables
    values, deciles : tuple of GroupLine
    worst : dict of (str, str) to tuple of RowLine
        Of a side ("users", "items") and a part, the largest RMSE first.
    least : dict of (str, str) to int
        How many ratings of the part a row has to have to be among them.
    row_counts : dict of (str, str) to ndarray of int64, shape (n_bins,)
        How many users or items have an RMSE in each bin of ``tables.bins.row_rmse``.
    """

    tables: ErrorTables
    values: tuple[GroupLine, ...]
    deciles: tuple[GroupLine, ...]
    worst: dict[tuple[str, str], tuple[RowLine, ...]]
    least: dict[tuple[str, str], int]
    row_counts: dict[tuple[str, str], CountArray]

    @property
    def parts(self) -> tuple[str, ...]:
        """"training", and "validation" where there is one."""
        return tuple(name for name in PARTS if self.tables.part(name) is not None)

    def rows_in_bin(self, side: str, part: str, position: int) -> IntArray:
        """Return the users or items whose RMSE lies in a bin."""
        low, high = self.tables.bins.row_rmse.limits(position)
        rmse = _rows(self._errors(part), side).rmse
        with np.errstate(invalid="ignore"):
            return np.flatnonzero((rmse >= low) & (rmse < high)).astype(np.int32)

    def items_of_decile(self, position: int) -> IntArray:
        """Return the items of a group."""
        return np.flatnonzero(self.tables.bins.deciles.group == position).astype(np.int32)

    def _errors(self, part: str) -> PartErrors:
        errors = self.tables.part(part)
        assert errors is not None
        return errors


def error_pages(tables: ErrorTables) -> ErrorPages:
    """Return what is shown of errors."""
    parts = {name: errors for name in PARTS if (errors := tables.part(name)) is not None}
    bins = tables.bins
    values = tuple(
        _group(bins.values.labels[k], k, {name: part.values for name, part in parts.items()},
               {name: part.value_residuals for name, part in parts.items()})
        for k in range(len(bins.values)))
    deciles = tuple(
        _group(_decile_words(k, bins.deciles.fewest[k], bins.deciles.most[k]), k,
               {name: part.deciles for name, part in parts.items()}, {})
        for k in range(len(bins.deciles)))
    worst, least, counts = {}, {}, {}
    for side in SIDES:
        rows = {name: _rows(part, side) for name, part in parts.items()}
        for name, row_errors in rows.items():
            counts[side, name] = bins.row_rmse.counts(row_errors.rmse)
            enough = bool((row_errors.counts >= LEAST_RATINGS).any())
            least[side, name] = LEAST_RATINGS if enough else 1
            worst[side, name] = _worst(rows, name, least[side, name])
    return ErrorPages(tables, values, deciles, worst, least, counts)


def _rows(errors: PartErrors, side: str) -> RowErrors:
    return errors.users if side == "users" else errors.items


def _decile_words(position: int, fewest: int, most: int) -> str:
    numbers = f"{fewest:,}" if fewest == most else f"{fewest:,}–{most:,}"
    return f"{position + 1}: {numbers}"


def _group(
    label: str, position: int, errors: dict[str, RowErrors],
    residuals: dict[str, NDArray[np.float64]],
) -> GroupLine:
    return GroupLine(
        label, {name: int(part.counts[position]) for name, part in errors.items()},
        {name: float(part.rmse[position]) for name, part in errors.items()},
        {name: float(part[position]) for name, part in residuals.items()})


def _worst(rows: dict[str, RowErrors], part: str, least: int) -> tuple[RowLine, ...]:
    """Return the rows with the largest RMSE in a part, those with few ratings left out."""
    errors = rows[part]
    rmse = np.where(errors.counts >= least, errors.rmse, -np.inf)
    order = np.argpartition(-rmse, min(N_WORST, rmse.size - 1))[:N_WORST] if rmse.size else (
        np.empty(0, np.int64))
    order = order[np.lexsort((order, -rmse[order]))]
    all_rmse = {name: each.rmse for name, each in rows.items()}
    return tuple(
        RowLine(k, {name: int(each.counts[k]) for name, each in rows.items()},
                {name: float(each[k]) for name, each in all_rmse.items()})
        for k in order.tolist() if np.isfinite(rmse[k]))


@dataclass(frozen=True, eq=False)
class CellQuery:
    """Which cells are to be listed.

    Parameters
    ----------
    part : str
        "training" or "validation".
    words : str
        What they have in common, for people; "" for all.
    limits : ndarray of float64, shape (3, 2)
        Observed value, raw prediction and residual, from the first to below the second.
    """

    part: str
    words: str = ""
    limits: NDArray[np.float64] = field(default_factory=lambda: ALL)


class ErrorReader:
    """Answers what is asked of errors, keeping those of the model it measured last.

    It belongs to one thread.
    """

    def __init__(self) -> None:
        self._meter = ErrorMeter()
        self._kept: tuple[tuple[object, ...], ErrorPages] | None = None

    def pages(
        self, model: FactorModel, known: Known, before_refit: FactorModel | None = None
    ) -> ErrorPages:
        """Return the errors of a model, measured anew only where it is another."""
        key = (model, known, before_refit)
        if self._kept is None or any(
                one is not other for one, other in zip(self._kept[0], key, strict=True)):
            self._kept = key, error_pages(self._meter.tables(model, known, before_refit))
        return self._kept[1]

    def cells(
        self, query: CellQuery, model: FactorModel, known: Known,
        before_refit: FactorModel | None = None,
    ) -> LargestResiduals | None:
        """Return the cells with the largest residuals that a query asks for; None: of no part."""
        if query.limits is ALL:
            errors = self.pages(model, known, before_refit).tables.part(query.part)
            return errors.largest if errors is not None else None
        return self._meter.largest(query.part, query.limits, model, known, before_refit)
