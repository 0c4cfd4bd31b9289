"""The training job: a session's events, and the plain summary of its result."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfgui.core.control import Control
from mfgui.core.fingerprint import fingerprint
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, as_dict, describe
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.errors import MfguiError, SettingsError, TrainingError
from mfgui.inspection.known import known_of
from mfgui.store.model_file import SavedModel
from mfgui.training.checks import check_can_continue, check_run
from mfgui.training.events import RunResult
from mfgui.training.segment import Event
from mfgui.training.session import TrainingSession

if TYPE_CHECKING:
    from mfgui.jobs.recording import RunRecord, RunStarted

MEMORY_RAN_OUT = (
    "The memory ran out while training: choose fewer factors, or close other programs.")
_MOST_CHANGES = 3  # of settings at once that one button makes


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


@dataclass(frozen=True)
class Refusal:
    """Why a run cannot go on from another's factors.

    Parameters
    ----------
    reason : str
        One sentence.
    remedy : tuple of (str, object)
        The settings that would have to be put to the values beside them; empty where no setting
        would help.
    """

    reason: str
    remedy: tuple[tuple[str, object], ...] = ()


def refusal(
    start: RunResult, solver: str, settings: RunSettings, ratings: Ratings
) -> Refusal | None:
    """Return why a solver cannot go on from ``start``, or None where it can."""
    reason = _reason(start, solver, settings, ratings)
    if not reason:
        return None
    changes = tuple(_possible_changes(start, settings))
    for size in range(1, min(len(changes), _MOST_CHANGES) + 1):
        for few in itertools.combinations(changes, size):
            if not _reason(start, solver, _changed(settings, dict(few)), ratings):
                return Refusal(reason, few)
    return Refusal(reason)


def _possible_changes(
    start: RunResult, settings: RunSettings
) -> Iterator[tuple[str, object]]:
    """Yield what might be put otherwise: to the value of ``start``, a switch the other way."""
    for info in describe(type(settings)):
        if info.is_fixed_by_model:
            now = getattr(settings, info.name)
            value = not now if info.kind is bool else getattr(start.settings, info.name, now)
            if value != now:
                yield info.name, value


def _changed(settings: RunSettings, changes: dict[str, Any]) -> RunSettings | None:
    """Return the settings with some changed, None where they may not be so."""
    try:
        return dataclasses.replace(settings, **changes)
    except SettingsError:
        return None


def _reason(
    start: RunResult, solver: str, settings: RunSettings | None, ratings: Ratings
) -> str:
    """Return why a run cannot go on from ``start`` so, or ""."""
    if settings is None:
        return "These settings may not be."
    try:
        check_can_continue(start, solver, settings, ratings)
    except MfguiError as error:
        return str(error)
    return ""


def memory_text(solver: str, settings: RunSettings, ratings: Ratings) -> str:
    """Return how much memory a run takes beside the ratings: "1.3 GB"."""
    n_bytes = SOLVERS[solver].bytes_needed(
        ratings.n_users, ratings.n_items, ratings.n_ratings, settings)
    if n_bytes < 1e5:
        return "less than 0.1 MB"
    unit, size = ("GB", n_bytes / 1e9) if n_bytes >= 0.9995e9 else ("MB", n_bytes / 1e6)
    return f"{size:,.2g} {unit}" if size < 99.5 else f"{size:,.0f} {unit}"


def train(
    control: Control, solver: str, settings: RunSettings, ratings: Ratings, *,
    test: Ratings | None = None, start: RunResult | None = None,
    record: RunRecord | None = None,
) -> Iterator[Event | RunStarted]:
    """Yield the events of a run, its RunResult last.

    With ``record`` it is a run of a project: first comes a RunStarted, and each event only after
    it is in the file.

    Raises
    ------
    TrainingError, SettingsError
        As TrainingSession says.
    ProjectError
        If the project cannot be written to.
    """
    try:
        session = TrainingSession(
            solver, settings, ratings, test=test, start=start, control=control)
        if record is None:
            yield from session.epochs()
            return
    except MemoryError as error:  # the check before it cannot know what others take meanwhile
        raise TrainingError(MEMORY_RAN_OUT) from error
    from mfgui.jobs.recording import recorded

    yield from recorded(session, record)


def summary(result: RunResult, ratings: Ratings) -> dict[str, Any]:
    """Return the figures of a run as plain values, None where there is none.

    All of them belong to the kept model, ``validation_rmse`` to the model before a refit.
    ``learning_rate`` (of the first epoch), ``n_epochs_run`` and the seconds are those of this run
    alone, where it trained on from another. ``mean_...`` is the RMSE of always saying the mean,
    ``bias_...`` that of mean, user's bias and item's bias; ndcg, precision and recall are at 10.
    """
    figures: dict[str, Any] = {
        "n_users": ratings.n_users, "n_items": ratings.n_items, "n_ratings": ratings.n_ratings,
        "solver": result.solver, "settings": as_dict(result.settings),
        "n_epochs_run": result.n_epochs_run, "best_epoch": result.best_epoch,
        "kept_epoch": result.kept_epoch, "is_refit": result.is_refit,
        "stopped_because": result.stopped_because.value, "note": result.note,
        "learning_rate": result.learning_rate,
        "train_loss": result.train_loss, "train_rmse": result.train_rmse,
        "validation_rmse": result.validation_rmse, "test_rmse": result.test_rmse,
        "n_validation": result.n_validation, "n_unseen_validation": result.n_unseen_validation,
        "n_test": result.n_test, "n_unseen_test": result.n_unseen_test,
        "seconds_per_epoch": result.seconds_per_epoch, "train_seconds": result.train_seconds,
        **_to_beat(result), **_ranking(result),
    }
    return {key: finite(value) for key, value in figures.items()}


def marked_summary(result: RunResult, ratings: Ratings) -> dict[str, Any]:
    """Return the figures of a run with the fingerprint of its model, which takes 1 ms a MB."""
    return {**summary(result, ratings), "fingerprint": fingerprint(result.model)}


def _to_beat(result: RunResult) -> dict[str, Any]:
    """Return the RMSE of the simplest models, None where there are none."""
    return {f"{kind}_{part}_rmse": getattr(result.baselines, f"{kind}_{part}", None)
            for part in ("validation", "test") for kind in ("mean", "bias")}


def _ranking(result: RunResult) -> dict[str, Any]:
    """Return what the kept model's ranking was measured to be, None where it was not."""
    names = [f"{part}_{name}" for part in ("validation", "test")
             for name in ("ndcg", "precision", "recall")]
    return {name: getattr(result.last_record, name) for name in names}


def finite(value: Any) -> Any:
    """Return None instead of a number that is not finite, for JSON knows none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def saved_model(
    result: RunResult, ratings: Ratings, report: ImportReport | None = None, *,
    has_ratings: bool = True, origin: Mapping[str, Any] | None = None,
) -> SavedModel:
    """Return what a model file holds of a run; ``has_ratings`` off leaves the ratings out.

    Of the run's origin a search is told: an evaluation says that held-out ratings chose the
    settings.

    The import report goes with it, filters and all, but for the folder of the ratings file: a
    model is handed on to others.
    """
    history = [
        {key: finite(value) for key, value in dataclasses.asdict(record).items()}
        for record in result.history]
    figures = summary(result, ratings)
    card: dict[str, Any] = {
        "solver": result.solver, "settings": figures.pop("settings"), "summary": figures,
        "history": history, "ratings_name": ratings.name}
    if report is not None:
        card["import_report"] = {**report.as_dict(), "path": None}
    if origin and "search" in origin:
        card["origin"] = dict(origin)
    known = known_of(ratings, result.held_out, is_trained_on_all=result.is_refit)
    return SavedModel(result.model, ratings.user_ids, ratings.item_ids, ratings.item_titles, card,
                      known if has_ratings else None, result.before_refit)
