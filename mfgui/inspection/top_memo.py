"""Which items a top list may hold, and what is kept between two lists of one model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import DoubleArray, grams_of
from mfgui.core.model import FactorModel
from mfgui.core.ratings import TextArray
from mfgui.inspection.folding import fold_all, fold_wanted
from mfgui.inspection.known import Known


@dataclass(frozen=True)
class Filters:
    """Which items a top list may hold, and what orders it.

    Parameters
    ----------
    is_unrated_only : bool
        Leave out what the user is known to have rated, held-out ratings included.
    min_count : int
        Leave out items with fewer training ratings.
    title_contains : str
        Leave out items whose title (or id, where there are no titles) does not contain this; case
        and accents do not count.
    by_lower_bound : bool
        Order by the lower bound rather than by the prediction; items without a rating are then left
        out, as nothing bounds them.
    """

    is_unrated_only: bool = True
    min_count: int = 0
    title_contains: str = ""
    by_lower_bound: bool = False


class TopMemo:
    """What top lists of one model need again and again.

    Parameters
    ----------
    model : FactorModel
    known : Known or None
        Without any rating it is as good as None, but for its titles.
    names : TextArray or None
        What ``title_contains`` looks at; None: the titles of the known ratings, or their ids.

    Attributes
    ----------
    known : Known or None
        None where no rating is known.
    """

    def __init__(
        self, model: FactorModel, known: Known | None, names: TextArray | None = None
    ) -> None:
        self._model, self._given = model, known
        self.known = known if known is not None and known.ratings.n_ratings else None
        if names is None and known is not None:
            names = known.ratings.item_titles or known.ratings.item_ids
        self._names = names
        self._last: tuple[tuple[Filters, float | None], DoubleArray] | None = None

    def is_of(self, model: FactorModel, known: Known | None) -> bool:
        """Return whether this was made for these."""
        return self._model is model and self._given is known

    @cached_property
    def grams(self) -> tuple[DoubleArray | None, ...]:
        """What solving a row needs where the model is of preferences."""
        return grams_of(self._model)

    @cached_property
    def counts(self) -> NDArray[np.int64] | None:
        """Training ratings of each item; None where they are not known."""
        return None if self.known is None else self.known.training_counts[1]

    def count(self, item: int) -> int | None:
        """Return how many training ratings an item has; None where that is not known."""
        return None if self.counts is None else int(self.counts[item])

    def lower_bound(self, item: int, raw: float, held_out_rmse: float | None) -> float | None:
        """Return ``raw - held-out RMSE / sqrt(n_ratings)``; None where it cannot be known."""
        n_ratings = self.count(item)
        return raw - held_out_rmse / n_ratings**0.5 if n_ratings and held_out_rmse is not None \
            else None

    def missing(self, filters: Filters, held_out_rmse: float | None) -> str:
        """Return in words what the filters need and nobody knows; "" where nothing is missing."""
        if self.counts is None and (filters.min_count > 0 or filters.by_lower_bound):
            return "how many ratings each item has"
        if filters.by_lower_bound and held_out_rmse is None:
            return "the error on held-out ratings"
        if fold_wanted(filters.title_contains) and self._names is None:
            return "titles"
        return ""

    def penalties(self, filters: Filters, held_out_rmse: float | None) -> DoubleArray:
        """Return what each item's prediction is lowered by: infinity leaves the item out.

        Parameters
        ----------
        filters : Filters
            Not yet looked at is whether the user has rated an item.

        Returns
        -------
        ndarray of float64, shape (n_items,)
            Not to be written to: the last one is kept.

        Raises
        ------
        ValueError
            If something is ``missing``.
        """
        key = filters, held_out_rmse
        if self._last is None or self._last[0] != key:
            if missing := self.missing(filters, held_out_rmse):
                raise ValueError(f"these filters need {missing}")
            self._last = key, self._made(filters, held_out_rmse)
        return self._last[1]

    def _made(self, filters: Filters, held_out_rmse: float | None) -> DoubleArray:
        penalties = np.zeros(self._model.n_items)
        counts = self.counts
        if counts is not None and filters.by_lower_bound and held_out_rmse is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                penalties[:] = held_out_rmse / np.sqrt(counts)
            penalties[counts == 0] = np.inf
        if counts is not None and filters.min_count > 0:
            penalties[counts < filters.min_count] = np.inf
        if wanted := fold_wanted(filters.title_contains):
            penalties[~self._contain(wanted)] = np.inf
        penalties.flags.writeable = False
        return penalties

    def _contain(self, wanted: str) -> NDArray[np.bool_]:
        """Return which titles contain a folded text."""
        from mfgui.core.kernels.find import NOT_FOUND, match_texts

        titles, letters = self._folded, wanted.encode("utf-8", "replace")
        found = np.empty(len(titles), np.uint8)
        match_texts(titles.data, titles.offsets, np.frombuffer(letters, np.uint8), found)
        return np.asarray(found != NOT_FOUND)

    @cached_property
    def _folded(self) -> TextArray:
        """The titles, without case and accents."""
        assert self._names is not None
        return fold_all(self._names)
