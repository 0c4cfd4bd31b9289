"""What a run tells, one frozen object at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.settings import RunSettings


class StopReason(StrEnum):
    """Why a run ended."""

    FINISHED = "finished"
    EARLY_STOPPING = "early_stopping"
    STOPPED = "stopped"
    DIVERGED = "diverged"


@dataclass(frozen=True)
class EpochRecord:
    """The state after one epoch; epoch 0 is the starting point.

    Parameters
    ----------
    epoch : int
    segment : int
        0 for the first part of a run; "train on" and a refit each begin the next.
    is_refit : bool
        Whether this epoch belongs to the final training on all ratings.
    loss : float
        The solver's objective on its training ratings.
    data_term : float
        ``1/2 sum e^2`` on the training ratings, never clipped.
    train_rmse : float or None
        None where the solver's numbers are no ratings.
    validation_rmse, test_rmse : float or None
        None where nothing was held out or no test file was given.
    train_seconds : float
        Seconds spent training since the segment began; measuring and waiting do not count.
    learning_rate : float or None
        The rate of this epoch, or the step that an exact method found; None where the solver has
        neither.
    rate_limit : float or None
        The largest learning rate that would have been stable, an upper bound; None where it is
        not measured.
    average_rmse : float or None
        The validation RMSE of the average of this member and those before it.
    validation_ndcg, validation_precision, validation_recall : float or None
        At 10, of the held-out pairs; None where ratings are predicted.
    test_ndcg, test_precision, test_recall : float or None
    """

    epoch: int
    segment: int
    is_refit: bool
    loss: float
    data_term: float
    train_rmse: float | None
    validation_rmse: float | None
    test_rmse: float | None
    train_seconds: float
    learning_rate: float | None
    rate_limit: float | None = None
    average_rmse: float | None = None
    validation_ndcg: float | None = None
    validation_precision: float | None = None
    validation_recall: float | None = None
    test_ndcg: float | None = None
    test_precision: float | None = None
    test_recall: float | None = None


@dataclass(frozen=True)
class Notice:
    """One sentence worth a mark on the curve.

    Parameters
    ----------
    kind : str
        "information", "warning" or "error".
    text : str
    epoch : int or None
    remedy : str
        The label of the button that would help, or "".
    remedy_settings : tuple of (str, object)
        The settings that the button puts into the form.
    """

    kind: str
    text: str
    epoch: int | None = None
    remedy: str = ""
    remedy_settings: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Baselines:
    """What a model of ratings has to beat, fitted to the run's training part: RMSE.

    Parameters
    ----------
    mean_validation, mean_test : float or None
        Always saying the mean; None where there is nothing to measure on.
    bias_validation, bias_test : float or None
        Mean, user's bias and item's bias.
    """

    mean_validation: float | None
    bias_validation: float | None
    mean_test: float | None
    bias_test: float | None


@dataclass(frozen=True, eq=False)
class Split:
    """Which ratings the run holds out: their rising positions, int64; told before anything else."""

    held_out: NDArray[np.int64]


@dataclass(frozen=True)
class Snapshot:
    """A copy of the factors, made between epochs because somebody asked.

    ``is_refit`` says whether they were trained on the held-out ratings too.
    """

    epoch: int
    model: FactorModel
    is_refit: bool = False


@dataclass(frozen=True)
class RunResult:
    """How a run ended; all figures belong to the kept model.

    ``best_epoch`` is the one with the lowest validation RMSE (the last where nothing is held
    out), ``kept_epoch`` the one whose factors ``model`` has: the best with ``patience``, else the
    last. ``learning_rate`` is that of the first epoch; it, ``n_epochs_run`` and ``train_seconds``
    are those of this run alone, where it trained on from another. ``validation_rmse`` belongs to
    the model before a refit. ``state`` is what "train on" goes on from: the solver's own
    dictionary of arrays and numbers. ``last_record`` is the record of the kept model: its ranking
    figures, where it has any, stand there. ``note`` is what a person should know of how the ratings
    were taken, as the offset of nmf, or of what was kept. ``interrupted`` is where the run stood
    when it ended, which "train on" goes on with to the bits of a run that never ended; None where
    it cannot, then "train on" goes on from the kept model. ``held_out`` are the rising positions of
    the ratings that were held out, and ``before_refit``, after a refit, is the model that never saw
    them.
    """

    solver: str
    settings: RunSettings
    model: FactorModel
    state: dict[str, object]
    history: tuple[EpochRecord, ...]
    stopped_because: StopReason
    n_epochs_run: int
    best_epoch: int
    kept_epoch: int
    learning_rate: float | None
    is_refit: bool
    train_loss: float
    train_rmse: float | None
    validation_rmse: float | None
    test_rmse: float | None
    train_seconds: float
    n_validation: int
    n_unseen_validation: int
    n_test: int
    n_unseen_test: int
    last_record: EpochRecord
    baselines: Baselines | None = None
    note: str = ""
    interrupted: Any = None
    held_out: NDArray[np.int64] | None = None
    before_refit: FactorModel | None = None

    @property
    def seconds_per_epoch(self) -> float:
        """Mean seconds an epoch; 0 where none was run."""
        return self.train_seconds / self.n_epochs_run if self.n_epochs_run else 0.0
