"""Compiled: points into a picture, one pass over all of them whatever is in view.

Points are given in order of importance, the most important first; a pixel that several share is
that of the first. Row i of a picture lies at ``y0 + i / y_scale``: y rises with the rows.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def points_in_view(xs, ys, x0, x1, y0, y1, found):  # type: ignore[no-untyped-def]
    """Write which points are in view, as many as there is room for; return how many there are.

    Parameters
    ----------
    xs, ys : ndarray of float32, shape (n,)
        NaN is nowhere.
    x0, x1, y0, y1 : float64
    found : ndarray of int32, shape (n_most,)
    """
    n_found = 0
    for k in range(xs.size):
        if xs[k] >= x0 and xs[k] <= x1 and ys[k] >= y0 and ys[k] <= y1:
            if n_found < found.size:
                found[n_found] = k
            n_found += 1
    return n_found


@kernel
def bin_points(xs, ys, values, x0, y0, x_scale, y_scale, counts, valued, sums, first):  # type: ignore[no-untyped-def]
    """Count the points of each pixel and add up their values.

    Parameters
    ----------
    xs, ys, values : ndarray of float32, shape (n,)
        A value of NaN is none.
    x0, y0, x_scale, y_scale : float64
        Where the picture begins, and pixels for each unit.
    counts, valued : ndarray of int32, shape (h, w)
        Zero when called; points, and points with a value.
    sums : ndarray of float32, shape (h, w)
        Zero when called.
    first : ndarray of int32, shape (h, w)
        -1 when called; receives the most important point.
    """
    height, width = counts.shape
    for k in range(xs.size):
        x = (xs[k] - x0) * x_scale
        y = (ys[k] - y0) * y_scale
        if not (x >= 0 and x < width and y >= 0 and y < height):
            continue
        i = int(y)
        j = int(x)
        if counts[i, j] == 0:
            first[i, j] = k
        counts[i, j] += 1
        value = values[k]
        if value == value:
            valued[i, j] += 1
            sums[i, j] += value


@kernel
def paint_bins(  # type: ignore[no-untyped-def]
    counts, valued, sums, first, values, size, is_category, table, low, high, missing, opacity, out,
):
    """Paint the points of each pixel as a square of ``size`` x ``size`` pixels.

    Parameters
    ----------
    counts, valued, sums, first : ndarray, shape (h, w)
        As ``bin_points`` left them.
    values : ndarray of float32, shape (n,)
    size : int
    is_category : bool
        A pixel takes the value of its most important point, not the mean of all.
    table : ndarray of uint8, shape (n_colours, 4)
    low, high : float64
        Values of the first and the last colour; low < high.
    missing : ndarray of uint8, shape (4,)
        The colour of points without a value.
    opacity : float64
        Of one point; two, one over the other, let less through.
    out : ndarray of uint8, shape (h, w, 4)
        Opaque; is painted over.
    """
    height, width = counts.shape
    n_colours = table.shape[0]
    scale = n_colours / (high - low)
    before = (size - 1) // 2
    through = np.empty(16, np.float32)  # what is seen through so many points; of more, as of 15
    for n in range(through.size):
        through[n] = (1.0 - opacity) ** n
    for i in range(height):
        for j in range(width):
            if counts[i, j] == 0:
                continue
            value = np.float64(values[first[i, j]])
            if not is_category:
                value = np.float64(sums[i, j]) / max(valued[i, j], 1)
                value = value if valued[i, j] else np.float64(np.nan)
            colour = missing
            if value == value:
                colour = table[int(min(max((value - low) * scale, 0.0), n_colours - 1.0))]
            share = through[min(counts[i, j], through.size - 1)]
            for a in range(max(i - before, 0), min(i - before + size, height)):
                for b in range(max(j - before, 0), min(j - before + size, width)):
                    for c in range(3):
                        ink = np.float32(colour[c])
                        out[a, b, c] = int(
                            ink + (np.float32(out[a, b, c]) - ink) * share + np.float32(0.5))


@kernel
def draw_dots(  # type: ignore[no-untyped-def]
    columns, rows, colours, edge, radius, rim, opacity, out,
):
    """Draw round dots with smooth edges, the last ones first.

    Parameters
    ----------
    columns, rows : ndarray of float64, shape (n,)
        Middles, in pixels.
    colours : ndarray of uint8, shape (n, 4)
    edge : ndarray of uint8, shape (4,)
        The colour of the rim.
    radius, rim : float64
        Of the dot, and the width of the rim around it, in pixels.
    opacity : float64
    out : ndarray of uint8, shape (h, w, 4)
        Opaque; is painted over.
    """
    height, width = out.shape[0], out.shape[1]
    reach = radius + rim + 1
    for k in range(columns.size - 1, -1, -1):
        x = columns[k]
        y = rows[k]
        for i in range(max(int(y - reach), 0), min(int(y + reach) + 1, height)):
            for j in range(max(int(x - reach), 0), min(int(x + reach) + 1, width)):
                distance = np.sqrt((j + 0.5 - x) ** 2 + (i + 0.5 - y) ** 2)
                whole = min(max(radius + rim + 0.5 - distance, 0.0), 1.0) * opacity
                if whole <= 0:
                    continue
                inside = min(max(radius + 0.5 - distance, 0.0), 1.0)
                for c in range(3):
                    colour = edge[c] + (colours[k, c] - np.float64(edge[c])) * inside
                    out[i, j, c] = int(out[i, j, c] + (colour - out[i, j, c]) * whole + 0.5)


@kernel
def points_within(xs, ys, corner_xs, corner_ys, found):  # type: ignore[no-untyped-def]
    """Write which points a polygon encloses (even-odd rule); return how many.

    Parameters
    ----------
    xs, ys : ndarray of float32, shape (n,)
    corner_xs, corner_ys : ndarray of float64, shape (n_corners,)
    found : ndarray of int32, shape (n,)
    """
    x0, x1 = corner_xs.min(), corner_xs.max()
    y0, y1 = corner_ys.min(), corner_ys.max()
    n_corners = corner_xs.size
    n_found = 0
    for k in range(xs.size):
        x = np.float64(xs[k])
        y = np.float64(ys[k])
        if not (x >= x0 and x <= x1 and y >= y0 and y <= y1):
            continue
        is_inside = False
        before = n_corners - 1
        for c in range(n_corners):
            if (corner_ys[c] > y) != (corner_ys[before] > y):
                share = (y - corner_ys[c]) / (corner_ys[before] - corner_ys[c])
                if x < corner_xs[c] + share * (corner_xs[before] - corner_xs[c]):
                    is_inside = not is_inside
            before = c
        if is_inside:
            found[n_found] = k
            n_found += 1
    return n_found


@kernel
def place_labels(columns, rows, widths, height, gap, picture_width, picture_height, sides):  # type: ignore[no-untyped-def]
    """Place labels beside their points, one after another, where they cover no other.

    Parameters
    ----------
    columns, rows : ndarray of float64, shape (n,)
        Points, in pixels.
    widths : ndarray of float64, shape (n,)
        Of the labels.
    height, gap : float64
        Of all of them, and the distance from point to label.
    picture_width, picture_height : float64
    sides : ndarray of int8, shape (n,)
        Receives 1 for right of the point, -1 for left, 0 for no room.
    """
    lefts = np.empty(columns.size)
    tops = np.empty(columns.size)
    placed = np.empty(columns.size, np.int64)
    n_placed = 0
    for k in range(columns.size):
        sides[k] = 0
        top = rows[k] - height / 2
        if top < 0 or top + height > picture_height:
            continue
        for side in (1, -1):
            left = columns[k] + gap if side == 1 else columns[k] - gap - widths[k]
            if left < 0 or left + widths[k] > picture_width:
                continue
            is_free = True
            for p in range(n_placed):
                other = placed[p]
                if (left < lefts[other] + widths[other] + gap and lefts[other] < (
                        left + widths[k] + gap) and abs(top - tops[other]) < height):
                    is_free = False
                    break
            if is_free:
                sides[k] = side
                lefts[k] = left
                tops[k] = top
                placed[n_placed] = k
                n_placed += 1
                break
