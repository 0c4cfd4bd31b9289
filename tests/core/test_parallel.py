"""Blocks and the pool."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from mfgui.core.parallel import WorkerPool, even_blocks, ratings_per_block, row_blocks
from mfgui.errors import CancelledError


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_results_come_in_the_order_of_the_blocks(n_threads: int) -> None:
    blocks = even_blocks(1000, 7)
    with WorkerPool(n_threads) as pool:
        assert pool.run(lambda begin, end: (begin, end), blocks) == blocks


@pytest.mark.parametrize("n_threads", [1, 3])
def test_what_a_checkpoint_raises_ends_the_work(n_threads: int) -> None:
    done: list[int] = []
    stop = threading.Event()

    def work(begin: int, _: int) -> None:
        done.append(begin)
        stop.set()

    def checkpoint() -> None:
        if stop.is_set():
            raise CancelledError("Stopped.")

    with WorkerPool(n_threads) as pool, pytest.raises(CancelledError):
        pool.run(work, even_blocks(10_000, 1), checkpoint)
    assert len(done) <= n_threads


def test_a_pool_leaves_no_thread_and_no_limit_behind() -> None:
    before = threading.active_count()
    with WorkerPool(3) as pool:
        pool.run(lambda *_: None, even_blocks(10, 1))
    assert threading.active_count() == before


def test_row_blocks_cover_every_row_once_and_hold_whole_rows() -> None:
    counts = np.random.default_rng(0).integers(0, 50, 400)
    counts[100:200] = 0
    pointers = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    blocks = row_blocks(pointers, 100)
    assert blocks[0][0] == 0
    assert blocks[-1][1] == 400
    assert all(one[1] == next_[0] for one, next_ in itertools.pairwise(blocks))
    assert all(begin < end for begin, end in blocks)
    assert max(pointers[end] - pointers[begin] for begin, end in blocks) <= 100 + 50


def test_no_rows_are_no_blocks() -> None:
    assert row_blocks(np.zeros(1, np.int64)) == []


def test_kernels_work_where_no_folder_can_keep_them(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    from mfgui.core.kernels.compiled import kernel

    real = numba.njit

    def refuse(*words: object, cache: bool = False, **options: object) -> object:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(*words, **options)

    monkeypatch.setattr(numba, "njit", refuse)

    @kernel
    def add(a, b):  # type: ignore[no-untyped-def]
        """Return the sum."""
        return a + b

    assert add(1, 2) == 3


def test_blocks_shrink_as_factors_grow() -> None:
    assert ratings_per_block(32) == 1 << 16
    assert ratings_per_block(3200) < (1 << 16) / 90
    assert ratings_per_block(10**6) >= 64
