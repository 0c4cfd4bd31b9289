"""Users or items as points: two factors, or two principal components, against each other.

Signs, order and rotation of factors mean nothing: any rotation of both sides leaves all predictions
as they are. Who lies near whom does mean something. So that a picture that follows training does
not flip, a component's sign is chosen so that the points stay as near to where they were as they
can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray
from mfgui.inspection.components import Components, principal_components

SIDES = ("users", "items")
FACTORS, COMPONENTS = "factors", "components"
GOLDEN = 0.6180339887498949  # its multiples, less their whole part, are spread evenly
LINE_PLACE = 0.5  # of a point that has no number, where there is one factor only


@dataclass(frozen=True)
class MapAxes:
    """What is drawn against what.

    Parameters
    ----------
    kind : str
        "components" or "factors".
    x, y : int
        Numbers of factors or components, from 0.
    """

    kind: str = COMPONENTS
    x: int = 0
    y: int = 1

    def within(self, n_factors: int) -> MapAxes:
        """Return axes that a model with so many factors has."""
        last = max(n_factors - 1, 0)
        return MapAxes(self.kind, min(self.x, last), min(self.y, last))


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Where each user or item lies.

    Parameters
    ----------
    side : str
        "users" or "items".
    axes : MapAxes
    x, y : ndarray of float32, shape (n,)
        Not finite where a factor is not.
    names : tuple of str
        Of both axes; the second is "" where there is one factor only, and y is a fixed spread
        from 0 to 1.
    components : Components or None
        None where factors are drawn.
    signs : tuple of float
        1 or -1 for each axis.
    """

    side: str
    axes: MapAxes
    x: FloatArray
    y: FloatArray
    names: tuple[str, str]
    components: Components | None = None
    signs: tuple[float, float] = (1.0, 1.0)

    @property
    def is_line(self) -> bool:
        """Whether the model has one factor: the height of a point means nothing."""
        return not self.names[1]

    def place_of(self, factors: NDArray[np.floating]) -> tuple[float, float]:
        """Return where a row of factors lies that is not in the model, as a new user's.

        Parameters
        ----------
        factors : ndarray, shape (n_factors,)
        """
        row = np.asarray(factors, np.float64)[None]
        x = float(_along(row, self.axes.x, self.components)[0]) * self.signs[0]
        if self.is_line:
            return x, LINE_PLACE
        return x, float(_along(row, self.axes.y, self.components)[0]) * self.signs[1]


def factor_map(
    model: FactorModel, side: str, axes: MapAxes | None = None, before: MapPoints | None = None
) -> MapPoints:
    """Return the points of a side.

    Parameters
    ----------
    model : FactorModel
        Of an average the factors of all members stand side by side.
    side : str
        "users" or "items".
    axes : MapAxes or None
        None: the first two components.
    before : MapPoints or None
        The picture before this one: of the same side and axes, signs follow it.
    """
    factors = model.user_factors if side == "users" else model.item_factors
    axes = (axes or MapAxes()).within(model.n_factors)
    components = principal_components(factors) if axes.kind == COMPONENTS else None
    names = (_name(axes.x, components), _name(axes.y, components))
    x = _along(factors, axes.x, components)
    if model.n_factors == 1:
        spread = np.arange(x.size) * GOLDEN % 1.0
        y, names = spread.astype(np.float32), (names[0], "")
    else:
        y = _along(factors, axes.y, components)
    signs = (1.0, 1.0)
    if components is not None and before is not None and (before.side, before.axes) == (side, axes):
        signs = (_sign(before.x, x), _sign(before.y, y) if names[1] else 1.0)
    return MapPoints(side, axes, x * np.float32(signs[0]), y * np.float32(signs[1]), names,
                     components, signs)


def _along(
    factors: NDArray[np.floating], number: int, components: Components | None
) -> FloatArray:
    """Return where rows lie along a factor or component, shape (n_rows,)."""
    if components is not None:
        return components.project(factors, number)
    with np.errstate(over="ignore"):
        return factors[:, number].astype(np.float32)


def _name(number: int, components: Components | None) -> str:
    if components is None:
        return f"factor {number + 1}"
    return f"component {number + 1} ({100 * components.shares[number]:.0f} % of variance)"


def _sign(before: FloatArray, now: FloatArray) -> float:
    """Return the sign that leaves points nearest to where they were; 1 where none was."""
    if before.size != now.size:
        return 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        agreement = np.where(np.isfinite(before) & np.isfinite(now), before * now, np.float32(0))
    return -1.0 if float(agreement.sum(dtype=np.float64)) < 0 else 1.0
