"""The training job: a session's events, and the plain summary of its result."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.errors import TrainingError
from mfgui.store.model_file import SavedModel
from mfgui.training.events import RunResult
from mfgui.training.segment import Event
from mfgui.training.session import TrainingSession, check_run


def check(
    solver: str, settings: RunSettings, ratings: Ratings, start: RunResult | None = None
) -> None:
    """Refuse, at once, a run that cannot begin.

    Raises
    ------
    TrainingError, SettingsError
        As TrainingSession says.
    """
    check_run(SOLVERS[solver], settings, ratings, start)


def train(
    control: Control, solver: str, settings: RunSettings, ratings: Ratings, *,
    test: Ratings | None = None, start: RunResult | None = None,
) -> Iterator[Event]:
    """Yield the events of a run, its RunResult last.

    Raises
    ------
    TrainingError, SettingsError
        As TrainingSession says.
    """
    try:
        yield from TrainingSession(
            solver, settings, ratings, test=test, start=start, control=control).epochs()
    except MemoryError as error:  # the check before it cannot know what others take meanwhile
        raise TrainingError(
            "The memory ran out while training: choose fewer factors, or close other programs."
        ) from error


def summary(result: RunResult, ratings: Ratings) -> dict[str, Any]:
    """Return the figures of a run as plain values, None where there is none.

    All of them belong to the kept model, ``validation_rmse`` to the model before a refit.
    ``learning_rate`` (of the first epoch), ``n_epochs_run`` and the seconds are those of this run
    alone, where it trained on from another.
    """
    figures: dict[str, Any] = {
        "n_users": ratings.n_users, "n_items": ratings.n_items, "n_ratings": ratings.n_ratings,
        "solver": result.solver, "settings": as_dict(result.settings),
        "n_epochs_run": result.n_epochs_run, "best_epoch": result.best_epoch,
        "kept_epoch": result.kept_epoch, "is_refit": result.is_refit,
        "stopped_because": result.stopped_because.value,
        "learning_rate": result.learning_rate,
        "train_loss": result.train_loss, "train_rmse": result.train_rmse,
        "validation_rmse": result.validation_rmse, "test_rmse": result.test_rmse,
        "n_validation": result.n_validation, "n_unseen_validation": result.n_unseen_validation,
        "n_test": result.n_test, "n_unseen_test": result.n_unseen_test,
        "seconds_per_epoch": result.seconds_per_epoch, "train_seconds": result.train_seconds,
    }
    return {key: finite(value) for key, value in figures.items()}


def finite(value: Any) -> Any:
    """Return None instead of a number that is not finite, for JSON knows none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def saved_model(
    result: RunResult, ratings: Ratings, report: ImportReport | None = None
) -> SavedModel:
    """Return what a model file holds of a run.

    The import report goes with it, filters and all, but for the folder of the ratings file: a
    model is handed on to others.
    """
    history = [
        {key: finite(value) for key, value in dataclasses.asdict(record).items()}
        for record in result.history]
    figures = summary(result, ratings)
    card = {"solver": result.solver, "settings": figures.pop("settings"), "summary": figures,
            "history": history, "ratings_name": ratings.name}
    if report is not None:
        card["import_report"] = {**report.as_dict(), "path": None}
    return SavedModel(result.model, ratings.user_ids, ratings.item_ids, ratings.item_titles, card)
