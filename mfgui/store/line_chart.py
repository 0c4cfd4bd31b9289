"""Lines over a common axis as SVG, for pages that need no window and no script."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 740, 312
LEFT, RIGHT, TOP, BOTTOM = 84, 12, 24, 40
DASHES = ("", "7 3", "2 3", "9 3 2 3")
COLOURS = ("#1f5fa8", "#b3541e", "#2e7d4f", "#7a3e9d")
LEGEND_ROW, NAME_ROOM = 18, 60
MINUS = "\N{MINUS SIGN}"
FONT = 'font-family="sans-serif" font-size="12"'


@dataclass(frozen=True, eq=False)
class Line:
    """One line.

    Parameters
    ----------
    name : str
    x, y : ndarray of float64, shape (n,)
        ``x`` rises; a value of ``y`` that is not finite leaves a gap.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """A place on the x axis worth a mark, its sentence under the pointer, or beside it too."""

    x: float
    text: str
    is_named: bool = False


@dataclass(frozen=True)
class Axis:
    """From numbers to pixels."""

    low: float
    high: float
    begin: float
    end: float

    def place(self, value: float) -> float:
        """Return where a value stands."""
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    def step(self, n_most: int) -> float:
        """Return the distance of round numbers of which at most ``n_most`` are in the range."""
        rough = (self.high - self.low) / max(n_most - 1, 1)
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * each for each in (1, 2, 5, 10) if power * each >= rough * (1 - 1e-9))

    def ticks(self, n_most: int) -> list[float]:
        """Return round numbers within the range, at most ``n_most``."""
        step = self.step(n_most)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]


def line_chart(
    lines: Sequence[Line], *, x_label: str, y_label: str, marks: Sequence[Mark] = (),
) -> str:
    """Return an SVG picture of the lines, told apart by colour and by dashes.

    Each column of pixels shows the lowest and the highest of its points, so that no peak is lost.
    """
    drawn = [line for line in lines if np.isfinite(line.y).any()]
    if not drawn:
        return ""
    legend_height = LEGEND_ROW * len(drawn)
    x = _axis([line.x for line in drawn], LEFT, WIDTH - RIGHT, 0.0)
    y = _axis([line.y for line in drawn], HEIGHT - BOTTOM, TOP, 0.05)
    height = HEIGHT + legend_height
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'role="img" aria-label="{escape(y_label)} by {escape(x_label)}">',
             *_grid(x, y, x_label, y_label)]
    for position, line in enumerate(drawn):
        parts += _drawn(line, position, x, y)
    for mark in marks:
        parts += _marked(mark, x)
    return "".join([*parts, "</svg>"])


def _marked(mark: Mark, x: Axis) -> Iterator[str]:
    """Yield a mark, and its words above it where it has some."""
    place = x.place(min(max(mark.x, x.low), x.high))
    yield (f'<path d="M{place:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#8a6d00" '
           f'stroke-dasharray="1 3"><title>{escape(mark.text)}</title></path>')
    if mark.is_named:
        anchor = ("start" if place < LEFT + NAME_ROOM else
                  "end" if place > WIDTH - NAME_ROOM else "middle")
        yield (f'<text x="{place:.1f}" y="{TOP - 8}" fill="#6b5500" '
               f'text-anchor="{anchor}" {FONT}>{escape(mark.text)}</text>')


def _tick_text(value: float, step: float) -> str:
    """Return a number of an axis with as many decimals as its neighbours."""
    if max(abs(value), step) >= 1e7 or step < 1e-6:
        return f"{value:.3g}".replace("-", MINUS)
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def _axis(values: Sequence[NDArray[np.float64]], begin: float, end: float, room: float) -> Axis:
    """Return an axis that holds all finite values, with some room beyond them."""
    known = np.concatenate([each[np.isfinite(each)] for each in values])
    low, high = float(known.min()), float(known.max())
    if high <= low:
        reach = abs(low) * 0.05 or 1.0
        return Axis(low - reach, high + reach, begin, end)
    extra = room * (high - low)
    return Axis(low - extra, high + extra, begin, end)


def _grid(x: Axis, y: Axis, x_label: str, y_label: str) -> Iterator[str]:
    """Yield ticks, their lines, numbers and labels."""
    floor = HEIGHT - BOTTOM
    x_step, y_step = x.step(9), y.step(8)
    for value in y.ticks(8):
        place = y.place(value)
        yield (f'<path d="M{LEFT} {place:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
               f'<text x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end" {FONT}>'
               f"{_tick_text(value, y_step)}</text>")
    for value in x.ticks(9):
        place = x.place(value)
        yield (f'<path d="M{place:.1f} {floor}v5" stroke="#555555"/><text x="{place:.1f}" '
               f'y="{floor + 18}" text-anchor="middle" {FONT}>{_tick_text(value, x_step)}</text>')
    yield f'<path d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="#555555"/>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield (f'<text x="{middle:.1f}" y="{floor + 34}" text-anchor="middle" {FONT}>'
           f"{escape(x_label)}</text>")
    half = (TOP + floor) / 2
    yield (f'<text transform="translate(14 {half:.1f}) rotate(-90)" text-anchor="middle" {FONT}>'
           f"{escape(y_label)}</text>")


def _drawn(line: Line, position: int, x: Axis, y: Axis) -> Iterator[str]:
    """Yield a line and its entry in the legend below."""
    colour, dash = COLOURS[position % len(COLOURS)], DASHES[position % len(DASHES)]
    stroke = f'stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dash}"'
    yield f'<path d="{_path(line, x, y)}" fill="none" {stroke} stroke-linejoin="round"/>'
    row = HEIGHT + LEGEND_ROW * position + 8
    yield (f'<path d="M{LEFT} {row}h36" {stroke}/><text x="{LEFT + 44}" y="{row + 4}" {FONT}>'
           f"{escape(line.name)}</text>")


def _path(line: Line, x: Axis, y: Axis) -> str:
    """Return the line as path commands, two points a column of pixels at most."""
    words, is_open = [], False
    for across, value in zip(*_thinned(line, x), strict=True):
        if not math.isfinite(value):
            is_open = False
            continue
        words.append(f"{'L' if is_open else 'M'}{x.place(across):.1f} {y.place(value):.1f}")
        is_open = True
    if len(words) == 1:
        words.append("h0.1")  # a single point is seen too
    return "".join(words)


def _thinned(line: Line, x: Axis) -> tuple[list[float], list[float]]:
    """Return the points, or the lowest and highest of each column where there are too many."""
    n_columns = WIDTH - LEFT - RIGHT
    if line.x.size <= 2 * n_columns:
        return line.x.tolist(), line.y.tolist()
    column = np.minimum(((line.x - x.low) / (x.high - x.low) * n_columns).astype(np.int64),
                        n_columns - 1)
    begins = np.flatnonzero(np.diff(column, prepend=-1))
    kept: list[int] = []
    for begin, end in zip(begins, [*begins[1:], line.x.size], strict=True):
        part = line.y[begin:end]
        if np.isfinite(part).any():
            kept += sorted({int(begin + np.nanargmin(part)), int(begin + np.nanargmax(part))})
    return line.x[kept].tolist(), line.y[kept].tolist()
