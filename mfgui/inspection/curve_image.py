"""Lines of many points as an image: two points a column are a span of rows, at once.

Qt's painter took 1 to 2 ms for a dashed line of 3,000 points that rises and falls in every column,
and held the interpreter's lock for it; this takes a tenth and holds none. A dash is a stretch of
columns here, so that it can be seen on a noisy line too; between two the line is pale, not absent:
no extreme is hidden.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.inspection.extremes import FloatArray

PixelArray = NDArray[np.uint32]
PALE = 0.25  # of its opacity a line has between two dashes
_FAR = 1e9  # pixels; what lies farther off is as good as there


def empty_image(n_rows: int, n_columns: int) -> PixelArray:
    """Return an image that can be seen through, for ``paint_line``; column by column."""
    return np.zeros((n_columns, n_rows), np.uint32)


def by_rows(image: PixelArray) -> PixelArray:
    """Return a painted image as screens have it: row by row."""
    return np.ascontiguousarray(image.T)


def paint_line(
    image: PixelArray, x: FloatArray, y: FloatArray, colour: str, alpha: int,
    pattern: tuple[float, ...] = (), phase: float = 0.0, width: int = 1,
) -> None:
    """Paint a line into an image.

    Parameters
    ----------
    image : ndarray of uint32, shape (n_columns, n_rows)
        Of ``empty_image``: opacity, red, green and blue, premultiplied, from the highest byte on.
    x, y : ndarray of float64, shape (n,)
        In pixels from the left and from the top, x never falling; NaN in y is a gap.
    colour : str
        As ``#rrggbb``.
    alpha : int
        Opacity of 255.
    pattern : tuple of float
        Lengths of dashes and gaps in columns; empty for a line without.
    phase : float
        How many columns the pattern began before the image.
    width : int
        Of a level line, in pixels.
    """
    from mfgui.core.kernels.curve_image import fill, spans

    n_columns = image.shape[0]
    low, high = np.full(n_columns, np.inf), np.full(n_columns, -np.inf)
    spans(np.clip(x, -_FAR, _FAR), np.clip(y, -_FAR, _FAR), low, high)
    fill(image, low, high, int(colour[1:], 16), alpha, dashes(n_columns, pattern, phase),
         round(alpha * PALE), width)


def dashes(n_columns: int, pattern: tuple[float, ...], phase: float) -> NDArray[np.bool_]:
    """Return for each column whether a dash is there."""
    if not pattern:
        return np.ones(n_columns, np.bool_)
    ends = np.cumsum(pattern)
    places = (np.arange(n_columns) + phase) % ends[-1]
    return np.asarray(np.searchsorted(ends, places, "right") % 2 == 0)
