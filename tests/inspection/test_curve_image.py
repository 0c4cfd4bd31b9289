"""Lines of many points in an image."""

from __future__ import annotations

import itertools

import numpy as np

from mfgui.inspection.curve_image import by_rows, dashes, empty_image, paint_line
from mfgui.inspection.extremes import FloatArray

OPAQUE = 0xFF0072B2


def painted(x: FloatArray, y: FloatArray, **how: object) -> np.ndarray:
    image = empty_image(20, 30)
    paint_line(image, x, y, "#0072b2", **{"alpha": 255, **how})  # type: ignore[arg-type]
    return by_rows(image)


def test_a_column_is_filled_from_its_least_to_its_largest_value() -> None:
    x, y = np.repeat(np.arange(30.0) + 0.5, 2), np.tile([4.5, 9.5], 30)
    image = painted(x, y)
    assert (image[4:10] == OPAQUE).all()
    assert (image[:4] == 0).all()
    assert (image[10:] == 0).all()


def test_a_line_is_joined_from_column_to_column() -> None:
    image = painted(np.array([0.5, 29.5]), np.array([0.5, 19.5]))
    rows = [np.flatnonzero(image[:, column]) for column in range(30)]
    assert all(row.size for row in rows)
    for one, other in itertools.pairwise(rows):
        assert other[0] <= one[-1] + 1
    assert rows[0][0] == 0
    assert rows[-1][-1] == 19


def test_a_gap_stays_empty() -> None:
    x = np.array([2.5, 5.5, 6.5, 12.5, 15.5])
    image = painted(x, np.array([3.5, 3.5, np.nan, 3.5, 3.5]))
    assert np.flatnonzero(image.any(0)).tolist() == [2, 3, 4, 5, 12, 13, 14, 15]


def test_what_lies_outside_is_cut_off_where_it_leaves() -> None:
    image = painted(np.array([-1e12, 10.5, 11.5, 1e12]), np.array([5.5, 5.5, 1e300, 5.5]))
    assert (image[5, :10] == OPAQUE).all()
    assert (image[5:, 10] == OPAQUE).any()
    assert (image[:5] == 0).all()


def test_between_dashes_a_line_is_pale_but_there() -> None:
    x = np.arange(31.0)
    image = painted(x, np.full(31, 2.5), pattern=(4, 2))
    opacities = image[2] >> 24
    assert opacities[:12].tolist() == [255] * 4 + [64] * 2 + [255] * 4 + [64] * 2
    assert (image[2] & 0xFFFFFF)[4] == 0x001D2D  # the colour times its opacity


def test_dashes_stay_with_the_line_where_the_view_moves() -> None:
    whole = dashes(100, (5, 3), 7.0)
    np.testing.assert_array_equal(dashes(80, (5, 3), 27.0), whole[20:])


def test_pale_lines_lie_over_what_was_there() -> None:
    image = empty_image(3, 4)
    line = np.arange(5.0), np.full(5, 1.5)
    paint_line(image, *line, "#ffffff", 255)
    paint_line(image, *line, "#000000", 128)
    assert hex(by_rows(image)[1, 0]) == "0xff7f7f7f"


def test_wide_lines_are_so_many_rows_high() -> None:
    image = painted(np.arange(31.0), np.full(31, 2.5), width=3)
    assert np.flatnonzero(image.any(1)).tolist() == [2, 3, 4]
