"""Arrangements of ratings that many solvers use are made once, while somebody says so."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from mfgui.core.blocks import blocks_of, deal
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.scaling import scaling_of
from mfgui.core.sharing import shared, sharing


class Owner:
    """Something that can be shared."""


def ratings_of(n: int = 40) -> Ratings:
    index = np.arange(n, dtype=np.int32)
    ids = TextArray.from_strings(map(str, range(n)))
    return Ratings(index, index[::-1].copy(), np.linspace(1, 5, n, dtype=np.float32), ids, ids)


def test_nothing_is_kept_where_nobody_shares() -> None:
    owner, made = Owner(), []
    for _ in range(2):
        shared(owner, "key", lambda: made.append(1))
    assert len(made) == 2


def test_what_is_shared_is_made_once_a_key_and_forgotten_at_the_end() -> None:
    owner = Owner()
    with sharing(owner):
        first = shared(owner, "key", list)
        with sharing(owner):  # two searches on the same ratings
            assert shared(owner, "key", list) is first
        assert shared(owner, "key", list) is first
        assert shared(owner, "other", list) is not first
    assert shared(owner, "key", list) is not first


def test_only_the_last_few_are_kept() -> None:
    owner = Owner()
    with sharing(owner):
        first = shared(owner, 0, list)
        for key in range(1, 4):
            shared(owner, key, list)
        assert shared(owner, 0, list) is not first


def test_the_owner_is_not_kept_alive() -> None:
    owner = Owner()
    with sharing(owner):
        alive = weakref.ref(owner)
        shared(owner, "key", list)
    del owner
    gc.collect()
    assert alive() is None


def test_who_asks_while_another_makes_it_waits_for_it() -> None:
    owner, made, is_making = Owner(), [], threading.Event()

    def make() -> object:
        made.append(1)
        is_making.set()
        return object()

    with sharing(owner), ThreadPoolExecutor(4) as threads:
        found = {id(each.result()) for each in
                 [threads.submit(shared, owner, "key", make) for _ in range(8)]}
    assert len(made) == len(found) == 1


def test_blocks_are_shared_where_scaling_and_dealing_are_the_same() -> None:
    ratings = ratings_of()
    with WorkerPool() as pool:
        def blocks(seed: int, mean: float = 0.0) -> object:
            scaling = replace(scaling_of(ratings), mean=mean)
            dealing = deal(ratings, np.random.default_rng(seed), 4)
            return blocks_of(ratings, scaling, dealing, pool)

        with sharing(ratings):
            assert blocks(0) is blocks(0)
            assert blocks(0) is not blocks(1)
            assert blocks(0) is not blocks(0, mean=1.0)
        assert blocks(0) is not blocks(0)


def test_the_order_by_item_is_shared_too() -> None:
    ratings = ratings_of()
    assert ratings.by_item is not ratings.by_item
    with sharing(ratings):
        assert ratings.by_item is ratings.by_item
