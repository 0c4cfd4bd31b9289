"""What is in view of curves: where all of them lie, without letting one flatten the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mfgui.gui.widgets.curve_lines import Scale
from mfgui.inspection.envelopes import Bounds, PreparedLine

PADDING = 0.04  # of the range, on either side
# A level that would leave less than this share of the height to the curve is not in the view.
LEAST_SHARE = 0.4
# A curve that goes up this many times as high as half of them do leaves the view at the top.
MOST_TIMES = 10
AHEAD = 0.1  # of its width a view goes ahead of a run that trains
LOOSE = 1.25  # times as wide, or high, as it must be a view is narrowed again


@dataclass(frozen=True)
class Box:
    """A part of the plot, in the axes' units: logarithms (base 10) on logarithmic ones."""

    left: float
    right: float
    low: float
    high: float


def widened(box: Box, share: float) -> Box:
    """Return a box with a share of its width and height more on every side."""
    across, up = share * (box.right - box.left), share * (box.high - box.low)
    return Box(box.left - across, box.right + across, box.low - up, box.high + up)


def steady(before: Box | None, now: Box) -> Box:
    """Return a view of everything that need not change with each record of a run that trains.

    Else every curve beside it would have to be drawn anew each time.
    """
    if before is None:
        return now
    width, height = now.right - now.left, now.high - now.low
    is_inside = (before.left <= now.left and now.right <= before.right
                 and before.low <= now.low and now.high <= before.high)
    is_tight = (before.right - before.left <= LOOSE * width
                and before.high - before.low <= LOOSE * height)
    if is_inside and is_tight:
        return before
    return Box(now.left, now.right + (AHEAD * width if now.right > before.right else 0),
               now.low, now.high)


def with_levels(
    low: float, high: float, levels: Sequence[float], scale: Scale
) -> tuple[float, float]:
    """Return a range of y with the levels in it, the nearest first, unless one lies too far off.

    Beating them is what the curve is looked at for; but it must not look flat for it.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return low, high
    of = math.log10 if scale.is_log_y else float
    height = of(high) - of(low)
    for level in sorted(levels, key=lambda level: max(level - high, low - level)):
        if scale.is_log_y and level <= 0:
            continue
        wider = min(low, level), max(high, level)
        if height >= LEAST_SHARE * (of(wider[1]) - of(wider[0])):
            low, high = wider
    return low, high


def padded(left: float, right: float, low: float, high: float, scale: Scale) -> Box:
    """Return a box around a range, never empty, with a little room."""
    if right <= left:
        right = left + (0.5 if scale.is_log_x else 1)
    if high <= low:
        room = abs(high) * 0.1 or 1.0
        low, high = low - room, high + room
    return widened(Box(left, right, low, high), PADDING)


def whole_box(
    lines: Sequence[PreparedLine], levels: Sequence[float], scale: Scale
) -> Box | None:
    """Return where all lines lie; None where there is nothing to see of them."""
    found = [(line, bounds) for line in lines
             if (bounds := line.bounds(is_seconds=scale.is_seconds)) is not None
             and math.isfinite(_lowest(bounds, scale))]
    if not found:
        return None
    low = min(_lowest(bounds, scale) for _, bounds in found)
    high = _common_top([_top(line, bounds, scale) for line, bounds in found], low, scale)
    low, high = with_levels(low, high, levels, scale)
    left = min(_left(line, bounds, scale) for line, bounds in found)
    right = max(bounds.right for _, bounds in found)
    if scale.is_log_x:
        left, right = math.log10(left), math.log10(max(right, left))
    if scale.is_log_y:
        low, high = math.log10(low), math.log10(max(high, low))
    return padded(left, right, low, high, scale)


def _lowest(bounds: Bounds, scale: Scale) -> float:
    return bounds.lowest_positive if scale.is_log_y else bounds.lowest


def _top(line: PreparedLine, bounds: Bounds, scale: Scale) -> float:
    """Return where a line's view ends above.

    Its starting point is left out of a linear scale once there are epochs to see: it may lie so
    far above that they would look flat.
    """
    is_short = line.line.size < 4 or not math.isfinite(bounds.highest_later)
    return bounds.highest if scale.is_log_y or is_short else bounds.highest_later


def _common_top(tops: Sequence[float], low: float, scale: Scale) -> float:
    """Return the highest top, leaving out those of runs that went astray."""
    reach = MOST_TIMES * (sorted(tops)[(len(tops) - 1) // 2] - low)
    if scale.is_log_y or reach <= 0:
        return max(tops)
    return max(top for top in tops if top - low <= reach)


def _left(line: PreparedLine, bounds: Bounds, scale: Scale) -> float:
    """Return where a line begins; on a logarithmic axis the first place above 0."""
    if not scale.is_log_x:
        return bounds.left
    if not scale.is_seconds:
        return max(bounds.left, 1.0)
    x = line.line.seconds
    first = int(np.searchsorted(x, 0, "right"))
    return float(x[first]) if first < x.size else 1.0
