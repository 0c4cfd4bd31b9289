"""All that a model learns as one vector: what a batch step moves at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.parallel import WorkerPool, even_blocks, no_checkpoint
from mfgui.core.ratings import FloatArray

Checkpoint = Callable[[], None]

NUMBERS_PER_BLOCK = 1 << 19  # a millisecond or so
LINE = 16  # numbers in a cache line


class Parameters:
    """Factors and biases: four views of one float32 vector.

    Each part begins on a cache line of its own: with 32 factors a pass over the ratings took 13 %
    longer with rows that lie across two. What fills the gaps is 0 and stays so.

    Parameters
    ----------
    n_users, n_items, n_factors : int

    Attributes
    ----------
    flat : ndarray of float32, shape (n,)
    bias_begin : int
        Where in ``flat`` the biases begin.
    user_factors, item_factors : ndarray of float32, shapes (n_users, n_factors), (n_items, ...)
    user_bias, item_bias : ndarray of float32, shapes (n_users,), (n_items,)
    """

    def __init__(self, n_users: int, n_items: int, n_factors: int) -> None:
        self.shape = n_users, n_items, n_factors
        sizes = (n_users * n_factors, n_items * n_factors, n_users, n_items)
        ends = np.cumsum([-(-size // LINE) * LINE for size in sizes]).tolist()
        self.flat, self.bias_begin = _on_a_cache_line(ends[-1]), int(ends[1])
        parts = [self.flat[begin : begin + size]
                 for begin, size in zip([0, *ends], sizes, strict=False)]
        self.user_factors = parts[0].reshape(n_users, n_factors)
        self.item_factors = parts[1].reshape(n_items, n_factors)
        self.user_bias, self.item_bias = parts[2], parts[3]

    def alike(self) -> Parameters:
        """Return a vector of 0 of the same shape."""
        return Parameters(*self.shape)

    def views(self) -> dict[str, NDArray[Any]]:
        """Return the parts by name."""
        return {"user_factors": self.user_factors, "item_factors": self.item_factors,
                "user_bias": self.user_bias, "item_bias": self.item_bias}


def _on_a_cache_line(size: int) -> FloatArray:
    """Return ``size`` zeros that begin on a cache line."""
    raw = np.zeros(size + LINE, np.float32)
    first = (-raw.ctypes.data % (4 * LINE)) // 4
    return raw[first : first + size]


def inner_product(
    pool: WorkerPool, x: Parameters, y: Parameters, checkpoint: Checkpoint = no_checkpoint
) -> float:
    """Return ``x . y``, summed in float64 by blocks; not finite where an entry is not."""
    from mfgui.core.kernels.vectors import inner

    sums = pool.run(lambda begin, end: inner(x.flat, y.flat, begin, end), _blocks(x), checkpoint)
    return ordered_sum(sums)


def combine(
    pool: WorkerPool, a: float, x: Parameters, b: float, y: Parameters, out: Parameters,
    checkpoint: Checkpoint = no_checkpoint,
) -> None:
    """Write ``a x + b y`` to ``out``, which may be either."""
    from mfgui.core.kernels.vectors import combine as combine_block

    with np.errstate(over="ignore"):
        first, second = np.float32(a), np.float32(b)
    pool.run(lambda begin, end: combine_block(
        first, x.flat, second, y.flat, out.flat, begin, end), _blocks(x), checkpoint)


def _blocks(x: Parameters) -> list[tuple[int, int]]:
    return even_blocks(x.flat.size, NUMBERS_PER_BLOCK)


def ordered_sum(parts: list[float]) -> float:
    """Return the sum of the blocks' sums, NaN where one is not finite."""
    return math.fsum(parts) if all(map(math.isfinite, parts)) else math.nan
