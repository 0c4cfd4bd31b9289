"""Factors, bias and accumulator of a row side by side, as the block kernels want them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.blocks import Dealing, packed_rows
from mfgui.core.parallel import WorkerPool, even_blocks
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.core.scaling import Scaling

ROWS_PER_BLOCK = 4096
Side = tuple[FloatArray, FloatArray, IntArray, NDArray[Any]]
Parts = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


class PackedFactors:
    """The packed rows of users and items in the order of a ``Dealing``.

    Parameters
    ----------
    dealing : Dealing
    n_factors : int
    n_extra : int
        Numbers behind the factors; the first one is the bias.
    scaling : Scaling
        Packed rows are in normalised units, all else in the user's.
    pool : WorkerPool

    Attributes
    ----------
    arrays : dict of ndarray of float32, shape (n, width)
        "users" and "items".
    """

    def __init__(
        self, dealing: Dealing, n_factors: int, n_extra: int, scaling: Scaling,
        pool: WorkerPool,
    ) -> None:
        self._dealing, self._n_factors = dealing, n_factors
        self._scaling, self._pool = scaling, pool
        self.arrays = {
            "users": packed_rows(dealing.user_row.size, n_factors, n_extra),
            "items": packed_rows(dealing.item_row.size, n_factors, n_extra)}

    def set_column(self, position: int, value: float) -> None:
        """Write a number to all rows, ``position`` behind the factors."""
        for rows in self.arrays.values():
            rows[:, self._n_factors + position] = value

    def set_numbers(self, position: int, users: NDArray[Any], items: NDArray[Any]) -> None:
        """Write a number to each row, ``position`` behind the factors."""
        for name, row, numbers in (("users", self._dealing.user_row, users),
                                   ("items", self._dealing.item_row, items)):
            self.arrays[name][row, self._n_factors + position] = numbers

    def pack(self, parts: Parts, factor_scale: float, bias_scale: float) -> None:
        """Take factors of users and items, then their biases, multiplied by these."""
        from mfgui.core.kernels.blocks import pack_rows

        scales = np.float32(factor_scale), np.float32(bias_scale)
        for factors, bias, row, packed in self._sides(parts, self.arrays):
            for begin, end in even_blocks(row.size, ROWS_PER_BLOCK):
                pack_rows(begin, end, row, factors, bias, *scales, packed)

    def unpack(self, arrays: Mapping[str, NDArray[Any]]) -> Parts:
        """Return factors of users and items, then their biases, in the user's units."""
        n_users, n_items = self._dealing.user_row.size, self._dealing.item_row.size
        parts = (np.empty((n_users, self._n_factors), np.float32),
                 np.empty((n_items, self._n_factors), np.float32),
                 np.empty(n_users, np.float32), np.empty(n_items, np.float32))
        scale, bias_scale = np.float32(self._scaling.root), np.float32(self._scaling.sd)
        for side in self._sides(parts, arrays):
            self._unpack_side(side, scale, bias_scale)
        return parts

    def _unpack_side(self, side: Side, scale: np.float32, bias_scale: np.float32) -> None:
        from mfgui.core.kernels.blocks import unpack_rows

        factors, bias, row, packed = side

        def work(begin: int, end: int) -> None:
            unpack_rows(begin, end, row, packed, scale, bias_scale, factors, bias)

        self._pool.run(work, even_blocks(row.size, ROWS_PER_BLOCK))

    def _sides(self, parts: Parts, arrays: Mapping[str, NDArray[Any]]) -> tuple[Side, Side]:
        """Return factors, biases, numbering and packed rows of the users, then of the items."""
        return ((parts[0], parts[2], self._dealing.user_row, arrays["users"]),
                (parts[1], parts[3], self._dealing.item_row, arrays["items"]))

    def for_each(self, work: Callable[[NDArray[Any], int, int], None]) -> None:
        """Call ``work(rows, begin, end)`` for blocks of all packed rows."""
        for rows in self.arrays.values():
            def part(begin: int, end: int, rows: NDArray[Any] = rows) -> None:
                work(rows, begin, end)

            self._pool.run(part, even_blocks(rows.shape[0], ROWS_PER_BLOCK))
