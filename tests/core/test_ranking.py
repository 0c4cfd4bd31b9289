"""Ranking figures against a plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core import ranking
from mfgui.core.metrics import Pairs, no_pairs
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ranking import HeldOutItems
from mfgui.core.ratings import Ratings, TextArray
from mfgui.errors import CancelledError

N_USERS, N_ITEMS = 40, 25


def random_model(seed: int = 0, n_items: int = N_ITEMS) -> FactorModel:
    """Return a model with many equal scores: its factors are small whole numbers."""
    rng = np.random.default_rng(seed)
    users, items = (rng.integers(-2, 3, (n, 3)).astype(np.float32) for n in (N_USERS, n_items))
    bias = rng.integers(0, 2, n_items).astype(np.float32)
    return FactorModel(users, items, np.zeros(N_USERS, np.float32), bias, 3.0, (1.0, 5.0))


def random_split(seed: int = 1, n_items: int = N_ITEMS) -> tuple[Ratings, Pairs]:
    rng = np.random.default_rng(seed)
    is_rated = rng.random((N_USERS, n_items)) < 0.6
    is_held = is_rated & (rng.random(is_rated.shape) < 0.5)
    is_held[3] = is_rated[3]  # nothing of this user is left to train on
    users, items = np.nonzero(is_rated & ~is_held)
    training = Ratings(
        users.astype(np.int32), items.astype(np.int32), np.ones(users.size, np.float32),
        TextArray.from_strings(map(str, range(N_USERS))),
        TextArray.from_strings(map(str, range(n_items))))
    held_users, held_items = (part.astype(np.int32) for part in np.nonzero(is_held))
    value = rng.integers(-1, 3, held_users.size).astype(np.float32)
    return training, Pairs(held_users, held_items, value)


def plain_figures(model: FactorModel, training: Ratings, pairs: Pairs) -> dict[str, float]:
    """Return what the module's docstring says, user by user."""
    found: dict[str, list[float]] = {"ndcg": [], "precision": [], "recall": []}
    for user in range(model.n_users):
        seen = set(training.item_index[training.user_index == user])
        wanted = set(pairs.item_index[(pairs.user_index == user) & (pairs.value > 0)])
        if not seen or not wanted:
            continue
        scores = model.item_factors @ model.user_factors[user] + model.item_bias
        order = sorted(set(range(model.n_items)) - seen, key=lambda item: (-scores[item], item))
        hits = [place for place, item in enumerate(order[:10], 1) if item in wanted]
        ideal = sum(1 / np.log2(place + 1) for place in range(1, min(10, len(wanted)) + 1))
        found["ndcg"].append(sum(1 / np.log2(place + 1) for place in hits) / ideal)
        found["precision"].append(len(hits) / 10)
        found["recall"].append(len(hits) / len(wanted))
    return {name: float(np.mean(values)) for name, values in found.items()}


@pytest.mark.parametrize("n_items", [4, 10, N_ITEMS])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_the_figures_are_those_of_a_plain_loop(
    monkeypatch: pytest.MonkeyPatch, n_items: int, n_threads: int
) -> None:
    monkeypatch.setattr(ranking, "SCORES_PER_BLOCK", 7 * n_items)  # several blocks
    model, (training, pairs) = random_model(n_items=n_items), random_split(n_items=n_items)
    with WorkerPool(n_threads) as pool:
        found = HeldOutItems(pairs, training, 0).figures(model, pool)
    assert found == pytest.approx(plain_figures(model, training, pairs), rel=1e-12)


def test_of_equal_scores_the_smaller_item_number_comes_first() -> None:
    model = random_model()
    model.user_factors[:] = 0
    model.item_bias[:] = 0
    training, _ = random_split()
    user = 7
    seen = training.item_index[training.user_index == user]
    others = np.setdiff1d(np.arange(N_ITEMS), seen).astype(np.int32)
    with WorkerPool(1) as pool:
        for item, gain in ((others[0], 1.0), (others[1], 1 / np.log2(3))):
            pairs = one_user(user, np.array([item], np.int32))
            assert HeldOutItems(pairs, training, 0).figures(model, pool)["ndcg"] == (
                pytest.approx(gain))


def one_user(user: int, items: NDArray[Any]) -> Pairs:
    return Pairs(np.full(items.size, user, np.int32), items, np.ones(items.size, np.float32))


def test_what_the_model_does_not_know_counts_as_not_found() -> None:
    model, (training, _) = random_model(), random_split()
    held = np.setdiff1d(np.arange(N_ITEMS), training.item_index[training.user_index == 5])[:2]
    known = one_user(5, held.astype(np.int32))
    more = Pairs(np.array([5, 5, 5, -1], np.int32), np.array([*held, -1, 3], np.int32),
                 np.ones(4, np.float32))
    with WorkerPool(1) as pool:
        one = HeldOutItems(known, training, 0).figures(model, pool)
        two = HeldOutItems(more, training, 0).figures(model, pool)
    assert two["precision"] == one["precision"]
    assert two["recall"] == pytest.approx(one["recall"] * 2 / 3)


def test_without_a_user_to_judge_there_are_no_figures() -> None:
    model, (training, pairs) = random_model(), random_split()
    with WorkerPool(1) as pool:
        for some in (no_pairs(), one_user(3, np.arange(5, dtype=np.int32)),
                     Pairs(pairs.user_index, pairs.item_index, -np.abs(pairs.value))):
            assert HeldOutItems(some, training, 0).figures(model, pool) == {}


def test_the_users_are_drawn_by_the_seed() -> None:
    training, pairs = random_split()
    drawn = [HeldOutItems(pairs, training, seed, max_users=9).users for seed in (0, 0, 1)]
    assert drawn[0].size == 9
    assert (np.diff(drawn[0]) > 0).all()
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any()
    model = random_model()
    some = np.isin(pairs.user_index, drawn[0])
    part = Pairs(pairs.user_index[some], pairs.item_index[some], pairs.value[some])
    with WorkerPool(1) as pool:
        found = HeldOutItems(pairs, training, 0, max_users=9).figures(model, pool)
    assert found == pytest.approx(plain_figures(model, training, part))


def test_scores_that_are_not_numbers_rank_last_and_raise_no_warning() -> None:
    model, (training, pairs) = random_model(), random_split()
    model.item_factors[::2] = np.inf
    model.item_factors[1] = np.nan
    with WorkerPool(1) as pool:
        found = HeldOutItems(pairs, training, 0).figures(model, pool)
    assert all(0 <= value <= 1 for value in found.values())


def test_it_can_be_stopped_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "SCORES_PER_BLOCK", N_ITEMS)
    training, pairs = random_split()

    def checkpoint() -> None:
        raise CancelledError("Stopped.")

    with WorkerPool(1) as pool, pytest.raises(CancelledError):
        HeldOutItems(pairs, training, 0).figures(random_model(), pool, checkpoint)
