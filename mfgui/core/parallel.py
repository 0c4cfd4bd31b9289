"""The one thread pool: compiled kernels without the GIL, one block of work a call.

Blocks come from the size of the data only, never from the number of threads, and results are
returned in the order of the blocks: so sums that are added in that order have the same bits for
any number of threads.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Result = TypeVar("Result")
Block = tuple[int, int]

RATINGS_PER_BLOCK = 1 << 16


def hold_blas() -> None:
    """Hold BLAS to one thread from now on, for the whole process.

    Small products of several threads at once are slower with two BLAS threads each by ten times,
    where the cores are busy; what is worth two threads takes them from a pool.
    """
    threadpool_limits(1, "blas")


def no_checkpoint() -> None:
    """Look at nothing: for work that nobody can stop."""


class WorkerPool:
    """Runs blocks of work on ``n_threads`` threads, the calling one among them.

    BLAS is held to one thread while the pool is open, lest two pools fight for the cores; with
    ``holds_blas`` off it is left alone: for work without BLAS that opens pools many times a second.
    Use it as a context manager: leaving it ends its threads.
    """

    def __init__(self, n_threads: int = 1, *, holds_blas: bool = True) -> None:
        self.n_threads, self._holds_blas = n_threads, holds_blas
        self._executor: ThreadPoolExecutor | None = None
        self._limits: Any = None

    def __enter__(self) -> WorkerPool:
        self._limits = threadpool_limits(1, "blas") if self._holds_blas else None
        if self.n_threads > 1:
            self._executor = ThreadPoolExecutor(self.n_threads - 1, "mfgui-pool")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True)
            self._executor = None
        if self._limits is not None:
            self._limits.restore_original_limits()

    def run(
        self, work: Callable[[int, int], Result], blocks: Sequence[Block],
        checkpoint: Callable[[], None] = no_checkpoint,
    ) -> list[Result]:
        """Return ``work(begin, end)`` of each block, in the order of the blocks.

        Parameters
        ----------
        work : callable
            Must not touch what another block writes.
        blocks : sequence of (begin, end)
        checkpoint : callable
            Called before each block; what it raises ends the work and is raised here, once
            every thread has put down its block.
        """
        results: list[Any] = [None] * len(blocks)
        counter = itertools.count()  # next() on it is atomic under the GIL
        failed: list[BaseException] = []

        def take_blocks() -> None:
            while not failed and (position := next(counter)) < len(blocks):
                try:
                    checkpoint()
                    results[position] = work(*blocks[position])
                except BaseException as error:  # noqa: BLE001 - raised again by the caller
                    failed.append(error)

        helpers = min(self.n_threads, len(blocks)) - 1
        futures = [self._executor.submit(take_blocks) for _ in range(helpers)
                   ] if self._executor is not None else []
        take_blocks()
        for future in futures:
            future.result()
        if failed:
            raise failed[0]
        return results


def ratings_per_block(n_factors: int) -> int:
    """Return how many ratings make some milliseconds of work: pause and stop answer between two."""
    return max(RATINGS_PER_BLOCK * 32 // max(n_factors, 32), 64)


def even_blocks(n: int, size: int = RATINGS_PER_BLOCK) -> list[Block]:
    """Return consecutive blocks of ``size``, the last one shorter, that cover 0 to ``n``."""
    return [(begin, min(begin + size, n)) for begin in range(0, n, size)]


def row_blocks(pointers: NDArray[np.int64], size: int = RATINGS_PER_BLOCK) -> list[Block]:
    """Return blocks of whole rows with about ``size`` ratings each.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
        Where each row's ratings begin.
    """
    n_rows, n_ratings = int(pointers.size) - 1, int(pointers[-1])
    # A row without ratings costs something too: it counts as one.
    work = pointers + np.arange(n_rows + 1)
    edges = np.searchsorted(work, np.arange(size, n_ratings + n_rows, size))
    inner = sorted({int(edge) for edge in edges if 0 < edge < n_rows})
    return list(itertools.pairwise([0, *inner, n_rows])) if n_rows else []
