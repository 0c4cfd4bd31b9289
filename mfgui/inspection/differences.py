"""Where two models differ most: users, items, and the settings they were trained with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import SettingInfo, describe
from mfgui.core.solvers import SOLVERS
from mfgui.inspection.paired import COUNT, OTHER_SQUARES, SQUARES

DAMPING = 10.0  # ratings at the RMSE of all that each row is given beside its own
N_LINES = 100
NO_RESULT = ("n_threads",)  # settings that change no bit of the result
ABSENT = "–"
_RATINGS_PER_PART = 1 << 20
_SHORT, _LETTERS = 14, 4  # signs of a label that needs no shorter one, and of an abbreviation


@dataclass(frozen=True)
class RowDifference:
    """One user or item on which two models differ.

    Parameters
    ----------
    index : int
    n_ratings : int
        Those that both were measured on.
    rmse, other_rmse : float
    squares : float
        Sum of squared errors of one less that of the other: above 0 the other is better.
    change : float
        RMSE of one less that of the other, damped: ``DAMPING`` ratings at the RMSE that each model
        has over all are put beside the row's own, so that one rating does not lead.
    """

    index: int
    n_ratings: int
    rmse: float
    other_rmse: float
    squares: float
    change: float


@dataclass(frozen=True, eq=False)
class RowDifferences:
    """All users, or all items, on which two models were measured.

    Parameters
    ----------
    sums : ndarray of float64, shape (n_rows, 5)
        As ``PairSums`` has them.
    """

    sums: NDArray[np.float64]

    @cached_property
    def _measured(self) -> NDArray[np.int64]:
        """The rows with a rating."""
        return np.flatnonzero(self.sums[:, COUNT])

    @property
    def n_rows(self) -> int:
        """How many rows have a rating."""
        return int(self._measured.size)

    @cached_property
    def _squares(self) -> NDArray[np.float64]:
        """The difference of the sums of squared errors of each measured row."""
        sums = self.sums[self._measured]
        result: NDArray[np.float64] = sums[:, SQUARES] - sums[:, OTHER_SQUARES]
        return result

    @cached_property
    def _changes(self) -> NDArray[np.float64]:
        """The damped difference of the RMSE of each measured row."""
        sums = self.sums[self._measured]
        total = sums.sum(axis=0)
        counts = sums[:, COUNT] + DAMPING
        one, other = (np.sqrt((sums[:, k] + DAMPING * total[k] / total[COUNT]) / counts)
                      for k in (SQUARES, OTHER_SQUARES))
        result: NDArray[np.float64] = one - other
        return result

    def lines(self, by: str = "squares", *, better: int = 0, n_most: int = N_LINES
              ) -> tuple[RowDifference, ...]:
        """Return the rows where one model is better by most, the first the most.

        Parameters
        ----------
        by : str
            "squares": difference of the sums of squared errors, which rows of many ratings lead;
            "change": damped difference of the RMSE; rows of a single rating are left out.
        better : int
            Which model is better there: 0 or 1.
        n_most : int
        """
        if not self.n_rows:
            return ()
        keys = self._squares if by == "squares" else np.where(
            self.sums[self._measured, COUNT] > 1, self._changes, 0.0)
        keys = keys if better == 0 else -keys
        order = np.argsort(keys, kind="stable")[:n_most]
        return tuple(self._line(int(k)) for k in order[keys[order] < 0])

    def _line(self, place: int) -> RowDifference:
        """Return one measured row."""
        index = int(self._measured[place])
        sums = self.sums[index]
        rmse, other = np.sqrt(sums[[SQUARES, OTHER_SQUARES]] / sums[COUNT]).tolist()
        return RowDifference(index, int(sums[COUNT]), rmse, other, float(self._squares[place]),
                             float(self._changes[place]))


@dataclass(frozen=True)
class SettingDifference:
    """A setting in which two runs differ.

    Parameters
    ----------
    name : str
        "solver", "data" or the setting's own.
    label : str
    value, other_value : str
        In words; a dash where there is no such setting.
    """

    name: str
    label: str
    value: str
    other_value: str


def setting_differences(
    solver: str, settings: Mapping[str, Any], other_solver: str, other_settings: Mapping[str, Any],
) -> tuple[SettingDifference, ...]:
    """Return what two runs differ in, the solver first, then as the form has them.

    Parameters
    ----------
    solver, other_solver : str
        Names; what is none, as that of another program, stands as it is.
    settings, other_settings : mapping
        Plain values; those of an older version may lack some.
    """
    infos, other_infos = _infos(solver), _infos(other_solver)
    known = {**infos, **other_infos}
    names = [name for name in known if name in settings or name in other_settings]
    names += [name for name in {**settings, **other_settings} if name not in known]
    found = [] if solver == other_solver else [SettingDifference(
        "solver", "Solver", short_label(solver), short_label(other_solver))]
    for name in names:
        if name in NO_RESULT or _same(settings, other_settings, name):
            continue
        info = known.get(name)
        found.append(SettingDifference(
            name, info.label if info is not None else str(name)[:40],
            *(setting_text(each.get(name), values[name]) if name in values else ABSENT
              for each, values in ((infos, settings), (other_infos, other_settings)))))
    return tuple(found)


def _same(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    """Return whether a setting is the same in both."""
    return name in one and name in other and bool(one[name] == other[name])


def _infos(solver: str) -> dict[str, SettingInfo]:
    """Return the settings of a solver by name; none of one that is not ours."""
    return {info.name: info for info in describe(SOLVERS[solver].settings_type)
            } if solver in SOLVERS else {}


def short_label(solver: str) -> str:
    """Return what a solver is called where there is little room: "ALS", "AdaGrad"."""
    if solver not in SOLVERS:
        return solver[:40] or ABSENT
    label = SOLVERS[solver].label
    if len(label) <= _SHORT:
        return label
    return solver.upper() if len(solver) <= _LETTERS else solver.replace("-", " ").capitalize()


def setting_text(info: SettingInfo | None, value: Any) -> str:
    """Return a setting's value in words: "on", "0.05", "automatic", or a choice's own."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return info.empty_text if info is not None else ABSENT
    if isinstance(value, str):
        return str(info.choices.get(value, value) if info is not None else value)[:40]
    return f"{value:,}" if isinstance(value, int) else (
        f"{value:g}" if isinstance(value, float) else str(value)[:40])


def furthest_cell(
    one: FactorModel, other: FactorModel, ratings: Ratings, index: int, *, is_user: bool
) -> tuple[int, int] | None:
    """Return the rated cell (user, item) of a row on which the errors of two models differ most.

    Parameters
    ----------
    one, other : FactorModel
        In the numbering of ``ratings``.
    index : int
        Of a user or an item.

    Returns
    -------
    (int, int) or None
        None where the row has no rating. Errors as shown, by their squares.
    """
    if is_user:
        begin, end = ratings.row_pointers[index : index + 2].tolist()
        at = np.arange(begin, end)
    else:  # by parts, for a mask of all holds the GIL
        at = np.concatenate([np.empty(0, np.int64), *(
            begin + np.flatnonzero(ratings.item_index[begin : begin + _RATINGS_PER_PART] == index)
            for begin in range(0, ratings.n_ratings, _RATINGS_PER_PART))])
    if not at.size:
        return None
    pair = ratings.user_index[at], ratings.item_index[at]
    squares = [np.square(model.predict(*pair).astype(np.float64) - ratings.value[at])
               for model in (one, other)]
    furthest = int(np.argmax(np.abs(squares[0] - squares[1])))
    return int(pair[0][furthest]), int(pair[1][furthest])
