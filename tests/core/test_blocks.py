"""Ratings in blocks: every rating once, no row shared where threads work at once."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.core import blocks as module
from mfgui.core.blocks import Dealing, RatingBlocks, blocks_of, deal, n_groups_for, packed_rows
from mfgui.core.packed import PackedFactors
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.scaling import Scaling, scaling_of


def dealing_of(ratings: Ratings, n_groups: int) -> Dealing:
    return deal(ratings, np.random.default_rng(0), n_groups)


def make(ratings: Ratings, scaling: Scaling, n_groups: int, n_threads: int = 1) -> RatingBlocks:
    with WorkerPool(n_threads) as pool:
        return blocks_of(ratings, scaling, dealing_of(ratings, n_groups), pool)


@pytest.mark.parametrize("n_threads", [1, 3])
def test_many_parts_and_threads_make_the_same_blocks_as_one(
    planted: Ratings, n_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make(planted, Scaling(1.0, 2.0), 4)
    monkeypatch.setattr(module, "RATINGS_PER_PART", 100)
    parts = make(planted, Scaling(1.0, 2.0), 4, n_threads)
    for name in ("users", "items", "values", "pointers"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


@pytest.mark.parametrize("n_groups", [1, 3, 4])
def test_every_rating_stands_in_one_block_normalised(planted: Ratings, n_groups: int) -> None:
    scaling = scaling_of(planted)
    blocks = make(planted, scaling, n_groups)
    dealing = dealing_of(planted, n_groups)
    users, items = np.argsort(dealing.user_row), np.argsort(dealing.item_row)
    found = {(users[n], items[m]): value * scaling.sd + scaling.mean
             for n, m, value in zip(blocks.users, blocks.items, blocks.values, strict=True)}
    assert len(found) == planted.n_ratings
    for n, m, value in zip(planted.user_index, planted.item_index, planted.value, strict=True):
        assert found[n, m] == pytest.approx(value, rel=1e-5, abs=1e-5)


def test_blocks_of_a_diagonal_share_no_row_and_no_column(planted: Ratings) -> None:
    blocks = make(planted, Scaling(), 4)
    seen: list[tuple[int, int]] = []
    for diagonal in range(4):
        taken: set[tuple[str, int]] = set()
        for begin, end in blocks._diagonal(diagonal):
            seen.append((begin, end))
            rows = {("user", int(n)) for n in blocks.users[begin:end]}
            rows |= {("item", int(m)) for m in blocks.items[begin:end]}
            assert not rows & taken
            taken |= rows
    assert sorted(seen)[0][0] == 0
    assert sum(end - begin for begin, end in seen) == planted.n_ratings


def test_users_stand_together_within_a_block(planted: Ratings) -> None:
    blocks = make(planted, Scaling(), 4)
    for block in range(16):
        part = blocks.users[blocks.pointers[block] : blocks.pointers[block + 1]]
        assert (np.diff(part) >= 0).all()


def test_groups_hold_about_equally_many_ratings(planted: Ratings) -> None:
    blocks = make(planted, Scaling(), 4)
    counts = np.diff(blocks.pointers).reshape(4, 4)
    for side in (0, 1):
        # A group is off by at most the ratings of one row, here some 30 of 300.
        assert np.abs(counts.sum(side) - planted.n_ratings / 4).max() < 60


def test_the_number_of_groups_comes_from_the_number_of_ratings_alone() -> None:
    assert [n_groups_for(n) for n in (1, 999, 1_000, 1_999_999, 2_000_000, 10**9)] == [
        1, 1, 4, 4, 8, 16]


def test_packed_rows_begin_on_cache_lines() -> None:
    rows = packed_rows(5, 30, 3)
    assert rows.shape == (5, 48)
    assert rows.ctypes.data % 64 == 0
    assert rows.strides[0] % 64 == 0


def test_factors_come_back_from_their_packed_rows(planted: Ratings) -> None:
    rng = np.random.default_rng(3)
    parts = (rng.normal(size=(60, 5)).astype(np.float32),
             rng.normal(size=(40, 5)).astype(np.float32),
             rng.normal(size=60).astype(np.float32), rng.normal(size=40).astype(np.float32))
    with WorkerPool(1) as pool:
        packed = PackedFactors(dealing_of(planted, 4), 5, 3, Scaling(1.0, 4.0), pool)
        packed.pack(parts, 0.5, 0.25)  # the user's units to normalised ones: 1/sqrt(sd), 1/sd
        for one, two in zip(parts, packed.unpack(packed.arrays), strict=True):
            np.testing.assert_array_equal(one, two)


def test_rows_that_keep_their_numbers_stand_in_runs(planted: Ratings) -> None:
    dealing = deal(planted, np.random.default_rng(0), 4, is_renumbered=False)
    for group, row in ((dealing.user_group, dealing.user_row),
                       (dealing.item_group, dealing.item_row)):
        assert (np.diff(group) >= 0).all()
        np.testing.assert_array_equal(row, np.arange(row.size))
    assert set(dealing.user_group) == set(range(4))
