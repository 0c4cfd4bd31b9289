"""Implicit ALS beside implicit on counts: NDCG@10 of held-out pairs.

Both sides' factors are judged here by the same lines: all items but the user's training items are
ranked by the score; of the first ten, a held-out one in place k counts ``1 / log2(k + 1)``, and
the sum is divided by the largest that the user's held-out items could give.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from train_context import Context
from train_data import Split, dense, ratings_of
from train_ours import settings_of, shown_settings
from train_rows import MissingError, Row

from mfgui.core.metrics import Pairs
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.data.reader import open_ratings
from mfgui.training.events import RunResult
from mfgui.training.session import TrainingSession

TOP = 10
N_FACTORS = 64
# Weights, regularization and alpha of implicit; its own defaults, on logarithms, are the first: on
# the counts themselves they reach half.
RIVAL = [("log", 0.01, 1.0), ("log", 10.0, 1.0), ("log", 20.0, 1.0), ("log", 40.0, 2.0),
         ("log", 60.0, 2.0), ("log", 80.0, 4.0)]

# Runs in the rivals' interpreter.
PEER = """
import json, sys
import numpy as np
import scipy.linalg.cython_blas
import scipy.sparse as sparse
from threadpoolctl import threadpool_limits
from implicit.cpu.als import AlternatingLeastSquares
threadpool_limits(1, "blas")
z = np.load(sys.argv[1]); task = json.loads(sys.argv[3])
value = np.log1p(z["value"]) if task["weights"] == "log" else z["value"]
X = sparse.csr_matrix((value, (z["user"], z["item"])), tuple(z["shape"]))
m = AlternatingLeastSquares(factors=task["factors"], iterations=15, alpha=task["alpha"],
                            regularization=task["regularization"], num_threads=2, random_state=0)
m.fit(X, show_progress=False)
np.savez(sys.argv[2], user=m.user_factors, item=m.item_factors)
"""


def ranking(context: Context) -> Iterator[Row]:
    """Compare NDCG@10 on Last.fm by our defaults, each repeat another split.

    First with implicit's defaults, then, without a bar, with the best of six of its settings. That
    is chosen on a tenth of the training part: on the test part the choice would flatter it.
    """
    python, path = context.rivals.python, context.path("Last.fm")
    settings = settings_of("implicit-als", n_factors=N_FACTORS, n_threads=2)
    if python is None:
        raise MissingError("no implicit: give --rivals PYTHON")
    shown = shown_settings("implicit-als", settings) + ", by a session"
    rows = [Row("ranking", "Last.fm", f"F={N_FACTORS}, implicit's {what}", "NDCG@10", "at least",
                must, aim, ours_settings=shown)
            for what, must, aim in (("defaults", 0, 0.005), ("best", None, None))]
    chosen = []
    for seed in range(context.repeats):
        split = counts_split(path, seed)
        inner = divided(split.training, 1000)
        chosen.append(max(RIVAL, key=lambda task: _rival(python, inner, *task)))
        ours = _ours(split, settings)
        for row, task in zip(rows, (RIVAL[0], chosen[-1]), strict=True):
            row.ours.append(ours)
            row.rival.append(_rival(python, split, *task))
    for row, tasks in zip(rows, (RIVAL[:1], chosen), strict=True):
        row.rival_settings = "implicit, 15 epochs, weights/regularization/alpha " + ", ".join(
            "/".join(map(str, task)) for task in tasks)
        yield row


def _ours(split: Split, settings: RunSettings) -> float:
    """Return what a session by these settings reaches."""
    result = list(TrainingSession("implicit-als", settings, split.training).epochs())[-1]
    assert isinstance(result, RunResult)
    model = result.model
    return ndcg(model.user_factors, model.item_factors, split.training, split.test)


def _rival(python: str, split: Split, weights: str, regularization: float, alpha: float) -> float:
    """Return what the rival's factors reach."""
    task = {"weights": weights, "regularization": regularization, "alpha": alpha,
            "factors": N_FACTORS}
    training = split.training
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.npz", Path(folder) / "made.npz"
        np.savez(given, user=training.user_index, item=training.item_index,
                 value=training.value, shape=[training.n_users, training.n_items])
        subprocess.run([python, "-c", PEER, given, made, json.dumps(task)], check=True,
                       capture_output=True)
        with np.load(made) as file:
            return ndcg(file["user"], file["item"], training, split.test)


def counts_split(path: Path, seed: int) -> Split:
    """Return a text file of counts in two parts."""
    ratings = open_ratings(path)[0]
    users, items = dense(ratings.user_index), dense(ratings.item_index)
    return divided(ratings_of(users, items, ratings.value, ratings.n_users, ratings.n_items), seed)


def divided(ratings: Ratings, seed: int) -> Split:
    """Return ratings 90/10 by pair."""
    order = np.random.default_rng(seed).permutation(ratings.n_ratings)
    n_test = ratings.n_ratings // 10
    held_out, trained = np.sort(order[:n_test]), np.sort(order[n_test:])
    return Split("Last.fm", Path(), ratings.take(trained), Pairs(
        ratings.user_index[held_out], ratings.item_index[held_out], ratings.value[held_out]))


def ndcg(user_factors: Any, item_factors: Any, training: Ratings, test: Pairs) -> float:
    """Return the mean NDCG@10 over all users with a held-out pair."""
    pointers, discount = training.row_pointers, 1 / np.log2(np.arange(2, TOP + 2))
    found = []
    for user in np.unique(test.user_index):
        wanted = test.item_index[test.user_index == user]
        scores = item_factors @ user_factors[user]
        scores[training.item_index[pointers[user]:pointers[user + 1]]] = -np.inf
        top = np.argpartition(-scores, TOP)[:TOP]
        top = top[np.argsort(-scores[top], kind="stable")]
        gain = float(discount[np.isin(top, wanted)].sum())
        found.append(gain / float(discount[: wanted.size].sum()))
    return float(np.mean(found))
