"""Figures of lists against three lines in plain Python, LensKit and scikit-learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mfgui.core import top_metrics
from mfgui.core.baselines import popular_model
from mfgui.core.metrics import Pairs, no_pairs
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.top_metrics import NAMES, relevant_items, top_figures
from mfgui.errors import CancelledError

N_USERS, N_ITEMS = 60, 37


def random_model(seed: int = 0) -> FactorModel:
    """Return a model with many equal predictions: its factors are small whole numbers."""
    rng = np.random.default_rng(seed)
    users, items = (rng.integers(-2, 3, (n, 3)).astype(np.float32) for n in (N_USERS, N_ITEMS))
    bias = rng.integers(0, 2, N_ITEMS).astype(np.float32)
    return FactorModel(users, items, np.zeros(N_USERS, np.float32), bias, 3.0, (1.0, 5.0))


def random_split(seed: int = 1, share: float = 0.5) -> tuple[Ratings, Pairs]:
    """Return training ratings and test pairs; user 3 and item 5 have nothing in training."""
    rng = np.random.default_rng(seed)
    is_rated = rng.random((N_USERS, N_ITEMS)) < 0.6
    is_held = is_rated & (rng.random(is_rated.shape) < share)
    is_held[3], is_held[:, 5] = is_rated[3], is_rated[:, 5]
    users, items = np.nonzero(is_rated & ~is_held)
    training = Ratings(
        users.astype(np.int32), items.astype(np.int32),
        rng.integers(1, 6, users.size).astype(np.float32),
        TextArray.from_strings(map(str, range(N_USERS))),
        TextArray.from_strings(map(str, range(N_ITEMS))))
    held_users, held_items = (part.astype(np.int32) for part in np.nonzero(is_held))
    return training, Pairs(held_users, held_items,
                           rng.integers(1, 6, held_users.size).astype(np.float32))


def judged_lists(
    model: FactorModel, training: Ratings, pairs: Pairs, n: int, threshold: float | None
) -> list[tuple[int, list[int], set[int]]]:
    """Return user, list and relevant items of everyone who is judged, the plain way."""
    found = []
    for user in range(N_USERS):
        seen = set(training.item_index[training.user_index == user])
        is_good = pairs.value >= threshold if threshold is not None else pairs.value > 0
        wanted = set(pairs.item_index[(pairs.user_index == user) & is_good])
        if not seen or not wanted:
            continue
        scores = (model.item_factors @ model.user_factors[user] + model.item_bias).tolist()
        left = set(training.item_index) - seen
        order = sorted(left, key=lambda item: (-scores[item], item))
        found.append((user, [int(item) for item in order[:n]], {int(item) for item in wanted}))
    return found


def plain_figures(lists: list[tuple[int, list[int], set[int]]], n: int, n_candidates: int) -> Any:
    """Return what the module's docstring says, user by user."""
    rows = []
    for _, items, wanted in lists:
        rel = [item in wanted for item in items]
        most = min(n, len(wanted))
        rows.append((
            sum(rel) / n, sum(rel) / len(wanted),
            sum(r / math.log2(k + 2) for k, r in enumerate(rel))
            / sum(1 / math.log2(k + 2) for k in range(most)),
            sum(r * sum(rel[: k + 1]) / (k + 1) for k, r in enumerate(rel)) / most,
            float(any(rel))))
    means = dict(zip(NAMES, np.mean(rows, axis=0).tolist(), strict=False))
    errors = dict(zip(NAMES, (np.std(rows, axis=0, ddof=1) / len(rows) ** 0.5).tolist(),
                      strict=False))
    shown = [set(items) for _, items, _ in lists]
    means["coverage"] = len(set.union(*shown)) / n_candidates
    without = [len(set.union(*shown[:k], *shown[k + 1 :])) / n_candidates
               for k in range(len(shown))]
    errors["coverage"] = (len(shown) - 1) ** 0.5 * float(np.std(without))
    return means, errors


def measured(
    model: FactorModel, training: Ratings, pairs: Pairs, n: int, threshold: float | None,
    n_threads: int = 1,
) -> Any:
    relevant = relevant_items(pairs, pairs.user_index, training, threshold)
    with WorkerPool(n_threads) as pool:
        return top_figures(model, relevant, training, n, pool)


@pytest.mark.parametrize("n", [1, 5, 10, N_ITEMS, 100])
@pytest.mark.parametrize("threshold", [None, 4.0])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_figures_and_standard_errors_are_those_of_a_plain_loop(
    monkeypatch: pytest.MonkeyPatch, n: int, threshold: float | None, n_threads: int
) -> None:
    monkeypatch.setattr(top_metrics, "USERS_PER_BLOCK", 7)
    monkeypatch.setattr(top_metrics, "ITEMS_PER_TILE", 11)
    model, (training, pairs) = random_model(), random_split()
    found = measured(model, training, pairs, n, threshold, n_threads)
    lists = judged_lists(model, training, pairs, n, threshold)
    n_candidates = np.unique(training.item_index).size
    assert n_candidates == N_ITEMS - 1
    means, errors = plain_figures(lists, n, n_candidates)
    assert {name: figure.value for name, figure in found.items()} == pytest.approx(
        means, rel=1e-12)
    # The loop's standard deviations are sums of differences that cancel to some 1e-16.
    assert {name: figure.error for name, figure in found.items()} == pytest.approx(
        errors, rel=1e-9, abs=1e-15)


def test_the_bits_are_the_same_for_any_number_of_threads() -> None:
    model, (training, pairs) = random_model(), random_split()
    one, three = (measured(model, training, pairs, 10, 4.0, n) for n in (1, 3))
    assert one == three


def test_users_without_a_relevant_item_or_a_training_rating_are_counted_and_left_out() -> None:
    training, pairs = random_split()
    value = np.where(np.isin(pairs.user_index, [7, 8]), np.float32(1), pairs.value)
    value[pairs.user_index == 9] = 5
    pairs = Pairs(pairs.user_index, pairs.item_index, value)
    relevant = relevant_items(pairs, pairs.user_index, training, 4.0)
    has_good = {int(user) for user in pairs.user_index[pairs.value >= 4]}
    tested = {int(user) for user in pairs.user_index}
    assert set(relevant.users.tolist()) == has_good - {3}
    assert relevant.n_without == len(tested - has_good - {3}) >= 2
    assert relevant.n_unknown == 1


def test_a_relevant_item_that_the_model_does_not_know_counts_as_not_found() -> None:
    model, (training, pairs) = random_model(), random_split()
    at = np.flatnonzero(pairs.user_index == 10)
    item_index = pairs.item_index.copy()
    item_index[at[0]] = -1
    value = np.ones(item_index.size, np.float32)
    value[at[[0, -1]]] = 5  # the last can be found: it is not item 5
    few = Pairs(pairs.user_index, item_index, value)
    found = measured(model, training, few, N_ITEMS, 5.0)
    assert found["recall"].value == 0.5


def test_users_of_a_test_file_may_stand_in_any_order() -> None:
    model, (training, pairs) = random_model(), random_split()
    owners = N_USERS - 1 - pairs.user_index  # the file's own numbering, the other way round
    order = np.argsort(owners, kind="stable")
    turned = Pairs(pairs.user_index[order], pairs.item_index[order], pairs.value[order])
    relevant = relevant_items(turned, owners[order], training, 4.0)
    with WorkerPool() as pool:
        found = top_figures(model, relevant, training, 10, pool)
    for name, figure in measured(model, training, pairs, 10, 4.0).items():
        assert found[name].value == pytest.approx(figure.value, rel=1e-12)


def test_with_nobody_to_judge_there_are_no_figures() -> None:
    model, (training, _) = random_model(), random_split()
    found = measured(model, training, no_pairs(), 10, None)
    assert set(found) == set(NAMES)
    assert all(figure.value is None for figure in found.values())


def test_of_a_single_user_the_standard_error_is_not_known() -> None:
    model, (training, pairs) = random_model(), random_split()
    own = np.flatnonzero(pairs.user_index == 10)
    one = Pairs(pairs.user_index[own], pairs.item_index[own], pairs.value[own])
    found = measured(model, training, one, 10, None)
    assert all(figure.value is not None and figure.error is None for figure in found.values())


def test_it_can_be_stopped() -> None:
    model, (training, pairs) = random_model(), random_split()

    def checkpoint() -> None:
        raise CancelledError("Stopped.")

    relevant = relevant_items(pairs, pairs.user_index, training, None)
    with WorkerPool() as pool, pytest.raises(CancelledError):
        top_figures(model, relevant, training, 10, pool, checkpoint)


def test_the_most_popular_come_first_in_the_popular_list() -> None:
    training, pairs = random_split()
    lists = judged_lists(popular_model(training), training, pairs, 10, None)
    counts = training.item_counts
    assert all(counts[items].tolist() == sorted(counts[items], reverse=True)
               for _, items, _ in lists)


@pytest.mark.filterwarnings("ignore")  # theirs, at import
@pytest.mark.parametrize("n", [1, 5, 10])
def test_figures_are_those_of_lenskit(n: int) -> None:
    pytest.importorskip("lenskit", reason="LensKit is of the extra bench")
    from lenskit.data import ItemList
    from lenskit.metrics import NDCG, Hit, Precision, Recall
    from lenskit.metrics.ranking import AveragePrecision, LogRankWeight

    model, (training, pairs) = random_model(), random_split()
    found = measured(model, training, pairs, n, 4.0)
    theirs = {"precision": Precision(n), "ndcg": NDCG(n, weight=LogRankWeight(offset=1)),
              "map": AveragePrecision(n), "hit": Hit(n)}
    lists = judged_lists(model, training, pairs, n, 4.0)
    for name, metric in theirs.items():
        values = [metric.measure_list(ItemList(items, ordered=True), ItemList(sorted(wanted)))
                  for _, items, wanted in lists]
        assert found[name].value == pytest.approx(np.mean(values), rel=1e-12), name
    # Theirs divides by at most n: the same where nobody has more relevant items.
    recalls = [Recall(n).measure_list(ItemList(items, ordered=True), ItemList(sorted(wanted)))
               * min(n, len(wanted)) / len(wanted) for _, items, wanted in lists]
    assert found["recall"].value == pytest.approx(np.mean(recalls), rel=1e-12)


@pytest.mark.parametrize("n", [1, 5, 10])
def test_figures_are_those_of_scikit_learn(n: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is of the extra bench")
    model, (training, pairs) = random_model(), random_split()
    pairs = Pairs(pairs.user_index, pairs.item_index,
                  np.where(pairs.item_index == 5, np.float32(1), pairs.value))  # all can be found
    cut, whole = (measured(model, training, pairs, places, 4.0) for places in (n, N_ITEMS))
    gains, precisions = [], []
    for _, items, wanted in judged_lists(model, training, pairs, N_ITEMS, 4.0):
        truth = np.array([item in wanted for item in items], float)[np.newaxis]
        scores = -np.arange(len(items), dtype=float)[np.newaxis]
        gains.append(metrics.ndcg_score(truth, scores, k=n))
        precisions.append(metrics.average_precision_score(truth[0], scores[0]))
    assert cut["ndcg"].value == pytest.approx(np.mean(gains), rel=1e-12)
    assert whole["map"].value == pytest.approx(np.mean(precisions), rel=1e-12)
