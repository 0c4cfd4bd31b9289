"""From values to colours, safe for colour-blind eyes.

viridis and magma are by Smith and van der Walt (matplotlib, CC0), cividis by Nunez, Anderton and
Renslow (2018): all rise in lightness, so that they read in grey too. Each is given by eleven of
its colours; between them it is linear, within 2/255 of the full table. Residuals run from red
through the ground of the theme to blue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.parallel import WorkerPool, even_blocks

Bytes = NDArray[np.uint8]
DoubleArray = NDArray[np.float64]

_ANCHORS = {
    "viridis": "440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725",
    "cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
    "magma": "000004 140e36 3b0f70 641a80 8c2981 b73779 de4968 f7705c fe9f6d fecf92 fcfdbf",
}
COLOUR_MAPS = {name: name for name in _ANCHORS}
ROWS_PER_BLOCK = 64
SAMPLED = 1 << 16


@dataclass(frozen=True)
class Palette:
    """The colours of one theme.

    Parameters
    ----------
    missing : str
        What is not there, as ``#rrggbb``: unlike any value.
    negative, centre, positive : str
        Of residuals; ``centre`` is the ground of the theme.
    """

    missing: str
    negative: str
    centre: str
    positive: str


LIGHT_PALETTE = Palette("#d0cdc5", "#b2182b", "#ffffff", "#2166ac")
DARK_PALETTE = Palette("#57493f", "#ff7b72", "#12161b", "#58a6ff")


@dataclass(frozen=True)
class Levels:
    """The values of the first and the last colour; a width of 0 counts as 1."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low) and np.isfinite(self.high)) or self.high <= self.low:
            low = self.low if np.isfinite(self.low) else 0.0
            object.__setattr__(self, "low", low - 0.5)
            object.__setattr__(self, "high", low + 0.5)


@dataclass(frozen=True)
class LevelChoice:
    """How the colours are spread over the values.

    Parameters
    ----------
    kind : str
        "scale": the scale of the ratings; "view": what is in view; "hand": the numbers below.
    low, high : float
        By hand: the values of the first and the last colour of observed and predicted.
    reach : float
        By hand: residuals from -reach to reach.
    """

    kind: str = "scale"
    low: float = 0.0
    high: float = 1.0
    reach: float = 1.0


def sequential_table(name: str) -> Bytes:
    """Return 256 colours, uint8, shape (256, 4)."""
    return _table(_ANCHORS[name].split())


def residual_table(palette: Palette) -> Bytes:
    """Return 256 colours from negative through the ground to positive, uint8, shape (256, 4)."""
    return _table([palette.negative, palette.centre, palette.positive])


def _table(anchors: list[str]) -> Bytes:
    points = np.array([rgb(anchor) for anchor in anchors], np.float64)
    places = np.linspace(0, len(anchors) - 1, 256)
    table = np.full((256, 4), 255, np.uint8)
    for channel in range(3):
        values = np.interp(places, np.arange(len(anchors)), points[:, channel])
        table[:, channel] = np.round(values)
    return table


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#rrggbb``, 0 to 255."""
    digits = colour.removeprefix("#")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def to_rgba(
    values: DoubleArray, table: Bytes, levels: Levels, missing: str, pool: WorkerPool | None = None
) -> Bytes:
    """Return the picture of the values, uint8, shape (h, w, 4), without holding the GIL."""
    from mfgui.core.kernels.views import paint

    out = np.empty(values.shape, np.uint32)
    colours = np.vstack([table, np.array([*rgb(missing), 255], np.uint8)]).view(np.uint32)[:, 0]

    def work(begin: int, end: int) -> None:
        paint(begin, end, values, colours, levels.low, levels.high, out)

    (pool or WorkerPool()).run(work, even_blocks(values.shape[0], ROWS_PER_BLOCK))
    return out.view(np.uint8).reshape(*values.shape, 4)


def levels_of(
    choice: LevelChoice, values: DoubleArray, scale: tuple[float, float], *, is_residual: bool
) -> Levels:
    """Return the levels of a picture.

    Parameters
    ----------
    values : ndarray of float64
        What is in view.
    scale : (float, float)
        Ends of the scale of the ratings.
    is_residual : bool
        Of residuals the levels lie symmetric round 0, half the scale's width each way at "scale".
    """
    if choice.kind == "view":
        return stretched_symmetric(values) if is_residual else stretched(values)
    if is_residual:
        reach = choice.reach if choice.kind == "hand" else (scale[1] - scale[0]) / 2
        return _round_zero(reach)
    return Levels(choice.low, choice.high) if choice.kind == "hand" else Levels(*scale)


def stretched(values: DoubleArray) -> Levels:
    """Return levels that leave one value in a hundred at either end beyond them."""
    known = _sample(values)
    if not known.size:
        return Levels(0.0, 1.0)
    low, high = np.percentile(known, [1, 99])
    return Levels(float(low), float(high))


def stretched_symmetric(values: DoubleArray) -> Levels:
    """Return levels round 0 that hold 98 of a hundred values."""
    known = np.abs(_sample(values))
    return _round_zero(float(np.percentile(known, 98)) if known.size else 1.0)


def _round_zero(reach: float) -> Levels:
    return Levels(-reach, reach) if 0 < reach < np.inf else Levels(-0.5, 0.5)


def _sample(values: DoubleArray) -> DoubleArray:
    """Return the finite ones of at most some 65,536 values, drawn evenly from all.

    All of 800 x 800 would take 10 ms to sort, and their levels would be told apart by nobody.
    """
    step = values.size // SAMPLED or 1
    width = values.shape[-1] if values.ndim else 1
    while step > 1 and np.gcd(step, width) > 1:
        step += 1  # else only some of the columns would be looked at
    some = values.reshape(-1)[::step]
    return some[np.isfinite(some)]


def text_colour(ground: tuple[int, int, int]) -> str:
    """Return black or white, whichever is read better on the ground: at least 4.5 : 1."""
    return "#000000" if luminance(ground) > 0.179 else "#ffffff"


def text_colours(rgba: Bytes) -> NDArray[np.str_]:
    """Return ``text_colour`` of each pixel, for shape (h, w, 4) an array of shape (h, w)."""
    parts = rgba[..., :3] / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.where(linear @ np.array([0.2126, 0.7152, 0.0722]) > 0.179, "#000000", "#ffffff")


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance of WCAG 2.2, 0 to 1."""
    parts = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
