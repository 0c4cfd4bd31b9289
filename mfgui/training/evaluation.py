"""How good a model is on ratings that it was not trained on, beside what it has to beat.

A model of ratings is judged by the errors of its predictions and by its lists, a model of
preferences by its lists alone; of the simplest models each by what it is made for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mfgui.core.baselines import (
    bias_model,
    item_mean_model,
    mean_model,
    popular_model,
    user_mean_model,
)
from mfgui.core.control import Control
from mfgui.core.error_figures import error_figures
from mfgui.core.figures import NOTHING, Figure
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.top_metrics import RelevantItems, relevant_items, top_figures
from mfgui.training.tested import Tested

ERRORS = ("rmse", "mae")
LABELS = {"rmse": "RMSE", "mae": "MAE", "precision": "Precision", "recall": "Recall",
          "ndcg": "NDCG", "map": "MAP", "hit": "Hit rate", "coverage": "Coverage"}
BASELINES = {"mean": "Global mean", "user_mean": "User mean", "item_mean": "Item mean",
             "bias": "User and item bias", "popular": "Most popular"}
RELEVANT_SHARE = 0.75  # of the way up the scale: 4 and 5 of 1 to 5


@dataclass(frozen=True)
class Row:
    """The figures of one model.

    Parameters
    ----------
    name : str
        "model", or a baseline's.
    label : str
        What people read.
    figures : dict of str to Figure
        By the names of ``LABELS``, as far as the model is made for them.
    """

    name: str
    label: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Counts:
    """What was measured on.

    Parameters
    ----------
    n_ratings, n_users : int
        Ratings, and how many users gave them.
    n_unseen_users, n_unseen_items, n_unseen : int
        Ratings whose user, whose item, or either has no training rating.
    n_duplicates : int
        Left out: the model was trained on the same user and item.
    n_judged, n_without_relevant, n_unknown_users : int
        Users whose lists were judged; those left out for want of a relevant item, or of a
        training rating.
    n_candidates : int
        Items with a training rating.
    """

    n_ratings: int
    n_users: int
    n_unseen_users: int = 0
    n_unseen_items: int = 0
    n_unseen: int = 0
    n_duplicates: int = 0
    n_judged: int = 0
    n_without_relevant: int = 0
    n_unknown_users: int = 0
    n_candidates: int = 0


@dataclass(frozen=True)
class Evaluation:
    """What came out.

    Parameters
    ----------
    rows : tuple of Row
        The model first, then what it has to beat.
    counts : Counts
    n : int
        Places of a list.
    threshold : float or None
        Ratings from here on are relevant; None: those above 0.
    target : str
        "rating" or "preference", as the model's.
    scale : (float, float)
    subject, tested_on : str
        The model's name, and what the ratings are called.
    lines : tuple of str
        What has to be known to believe the figures, in sentences.
    """

    rows: tuple[Row, ...]
    counts: Counts
    n: int
    threshold: float | None
    target: str
    scale: tuple[float, float]
    subject: str = ""
    tested_on: str = ""
    lines: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """The figures that there are, in order."""
        return tuple(name for name in LABELS
                     if any(row.figures.get(name, NOTHING).value is not None for row in self.rows))

    def figure(self, row: str, name: str) -> Figure:
        """Return a figure of a row; an empty one where there is none."""
        found = next((each for each in self.rows if each.name == row), None)
        return NOTHING if found is None else found.figures.get(name, NOTHING)


def label_of(name: str, n: int) -> str:
    """Return what a figure is called: "RMSE", "NDCG@10"."""
    return LABELS[name] if name in ERRORS else f"{LABELS[name]}@{n}"


def best_row(rows: tuple[Row, ...], name: str) -> str:
    """Return the name of the row that is best in a figure; "" where no two have it."""
    values = {row.name: value for row in rows
              if (value := row.figures.get(name, NOTHING).value) is not None}
    if len(values) < 2:
        return ""
    pick = min if name in ERRORS else max
    return pick(values, key=lambda row: values[row])


def default_threshold(scale: tuple[float, float], target: str) -> float | None:
    """Return from where on a rating is relevant: three quarters up the scale; None: above 0."""
    low, high = scale
    return None if target == "preference" else low + RELEVANT_SHARE * (high - low)


def evaluate(
    model: FactorModel, training: Ratings | None, tested: Tested, pool: WorkerPool,
    control: Control, *, n: int = 10, threshold: float | None = None,
) -> Evaluation:
    """Return a model's figures beside those of the simplest models.

    Parameters
    ----------
    model : FactorModel
        In the numbering of ``training``.
    training : Ratings or None
        What it was trained on; None where nobody knows: then there are only its own errors.
    n : int
        Places of a list, 1 to 100.
    threshold : float or None
        Ratings from here on are relevant; None: three quarters up the scale on, or, of
        preferences, above 0.

    Raises
    ------
    CancelledError
        If the control was stopped.
    """
    if threshold is None:
        threshold = default_threshold(model.scale, model.target)
    if training is None:
        relevant = None
    else:
        relevant = relevant_items(tested.pairs, tested.owners, training, threshold)
    task = _Task(tested, training, relevant, n, pool, control.checkpoint)
    rows = []
    models = list(_models(model, training, pool, control))
    for position, (name, label, make) in enumerate(models):
        control.report(f"Measuring: {label[0].lower()}{label[1:]}", position / len(models))
        control.checkpoint()
        rows.append(Row(name, label, task.figures(name, make())))
    return Evaluation(tuple(rows), _counts(tested, training, relevant), n, threshold, model.target,
                      model.scale)


def _models(
    model: FactorModel, training: Ratings | None, pool: WorkerPool, control: Control
) -> Iterator[tuple[str, str, Callable[[], FactorModel]]]:
    """Yield name, label and maker of each model to measure."""
    yield "model", "This model", lambda: model
    if training is None:
        return
    if model.target == "rating":
        clip = model.clip
        yield "mean", BASELINES["mean"], lambda: mean_model(training, clip=clip)
        yield "user_mean", BASELINES["user_mean"], lambda: user_mean_model(training, clip=clip)
        yield "item_mean", BASELINES["item_mean"], lambda: item_mean_model(training, clip=clip)
        yield "bias", BASELINES["bias"], lambda: bias_model(
            training, pool, control.checkpoint, clip=clip)
    yield "popular", BASELINES["popular"], lambda: popular_model(training)


@dataclass(frozen=True, eq=False)
class _Task:
    """What every model is measured on."""

    tested: Tested
    training: Ratings | None
    relevant: RelevantItems | None
    n: int
    pool: WorkerPool
    checkpoint: Callable[[], None]

    def figures(self, name: str, model: FactorModel) -> dict[str, Figure]:
        """Return the figures that a model is made for."""
        figures: dict[str, Figure] = {}
        if model.target == "rating":
            figures |= error_figures(
                model, self.tested.pairs, self.tested.owners, self.pool, self.checkpoint)
        if self.relevant is not None and self.training is not None and name in (
                "model", "popular"):
            figures |= top_figures(
                model, self.relevant, self.training, self.n, self.pool, self.checkpoint)
        return figures


def _counts(
    tested: Tested, training: Ratings | None, relevant: RelevantItems | None
) -> Counts:
    """Return what was measured on."""
    pairs = tested.pairs
    n_users = int(np.count_nonzero(np.diff(tested.owners, prepend=-1)))
    if training is None or relevant is None:
        unseen = pairs.user_index < 0, pairs.item_index < 0
        unseen_counts = _unseen_counts(*unseen)
        return Counts(int(pairs.value.size), n_users, *unseen_counts, tested.n_duplicates)
    no_user, no_item = (
        (index < 0) | (counts[np.maximum(index, 0)] == 0) for index, counts in (
            (pairs.user_index, training.user_counts), (pairs.item_index, training.item_counts)))
    return Counts(
        int(pairs.value.size), n_users, *_unseen_counts(no_user, no_item), tested.n_duplicates,
        int(relevant.users.size), relevant.n_without, relevant.n_unknown,
        int(np.count_nonzero(training.item_counts)))


def _unseen_counts(
    no_user: NDArray[np.bool_], no_item: NDArray[np.bool_]
) -> tuple[int, int, int]:
    """Return how many have an unseen user, an unseen item, either."""
    return (int(np.count_nonzero(no_user)), int(np.count_nonzero(no_item)),
            int(np.count_nonzero(no_user | no_item)))
