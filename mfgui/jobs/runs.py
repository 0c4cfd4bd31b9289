"""The runs of a project: opened to be shown or trained on, with the bits they had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, describe
from mfgui.core.solvers import SOLVERS
from mfgui.errors import DataError, ProjectError, SettingsError, TrainingError
from mfgui.inspection.known import Known
from mfgui.jobs.files import Path, Written, check_place
from mfgui.jobs.folds import fold_known, fold_training
from mfgui.jobs.projects import open_source
from mfgui.jobs.train import saved_model
from mfgui.store.model_file import SavedModel, save_model
from mfgui.store.project import Project, RunInfo
from mfgui.store.project.connection import one_line
from mfgui.training.events import Baselines, EpochRecord, Notice, RunResult
from mfgui.training.result_tree import result_from_tree
from mfgui.training.run_state import RunState
from mfgui.training.session import TrainingSession

RESULT, STATE = "result", "state"


@dataclass(frozen=True, eq=False)
class OpenedRun:
    """A run of a project with everything to show it and to train on from it.

    Parameters
    ----------
    info : RunInfo
    ratings : Ratings
        What it was trained on; its users and items without any rating where the file cannot be
        read, as ``note`` then says.
    model : FactorModel or None
        None where no factors are kept.
    known : Known
    before_refit : FactorModel or None
    history : tuple of EpochRecord
    notices : tuple of Notice
    baselines : Baselines or None
    result : RunResult or None
        As it was when the run ended; of an interrupted run as if it had been stopped at the last
        state that was kept.
    note : str
        What a person should know, in a sentence or two, or "".
    """

    info: RunInfo
    ratings: Ratings
    model: FactorModel | None
    known: Known
    before_refit: FactorModel | None
    history: tuple[EpochRecord, ...]
    notices: tuple[Notice, ...]
    baselines: Baselines | None
    result: RunResult | None
    note: str = ""


def open_run(
    control: Control, project: Project, run_id: int, ratings: Ratings | None = None
) -> Iterator[OpenedRun]:
    """Open a run of a project.

    Parameters
    ----------
    control : Control
    project : Project
    run_id : int
    ratings : Ratings or None
        Those of the run, where they are open already; else they are opened.

    Raises
    ------
    ProjectError
        If there is no such run, or what is kept of it is damaged.
    """
    info = project.run(run_id)
    control.report(f"Opening run {info.number}")
    ratings, note = _ratings(control, project, info, ratings)
    control.checkpoint()
    history, held_out = project.history(run_id), project.held_out(run_id)
    result = result_of(project, info, history, held_out)
    given = fold_training(ratings, info.origin)
    if held_out is not None and held_out.size and 0 < given.n_ratings <= held_out[-1]:
        raise ProjectError("This run holds out ratings that there are not: the project is damaged.")
    if result is None and STATE in info.roles and ratings.n_ratings:
        result = _as_if_stopped(project, info, given)
        note = " ".join(filter(None, (note, _kept_text(info, result))))
    if result is not None:
        _check_sizes(result.model, ratings)
    yield OpenedRun(
        info, ratings, None if result is None else result.model,
        fold_known(ratings, info.origin, held_out if ratings.n_ratings else None,
                   is_trained_on_all=result is not None and result.is_refit),
        None if result is None else result.before_refit, history, project.notices(run_id),
        _baselines(info) if result is None else result.baselines, result, note)


def settings_of(info: RunInfo) -> RunSettings:
    """Return the settings of a run.

    Raises
    ------
    ProjectError
        If this version has no such solver, or the settings are none of its.
    """
    if info.solver not in SOLVERS:
        raise ProjectError(f"Run {info.number} was made by a method that this version of mfgui "
                           f"does not have ({one_line(info.solver, 40)}): update to open it.")
    kind = SOLVERS[info.solver].settings_type
    names = {each.name for each in describe(kind)}
    try:
        return kind(**{name: value for name, value in info.settings.items() if name in names})
    except (SettingsError, TypeError, ValueError) as error:
        reason = one_line(error, 200).rstrip(".")
        raise ProjectError(f"The settings of run {info.number} are damaged: {reason}.") from error


def result_of(
    project: Project, info: RunInfo, history: tuple[EpochRecord, ...],
    held_out: NDArray[np.int64] | None,
) -> RunResult | None:
    """Return how a run ended, with the bits it had; None where that is not kept."""
    if RESULT not in info.roles:
        return None
    return result_from_tree(project.tree(info.id, RESULT), settings_of(info), history, held_out)


@dataclass(frozen=True, eq=False)
class KeptState:
    """Where a run stood when that was last kept, and how many notices it had told by then."""

    state: RunState
    n_notices: int


def state_of(project: Project, info: RunInfo) -> KeptState | None:
    """Return where a run stood when that was last kept; None where nothing was.

    Raises
    ------
    ProjectError
        If it is damaged.
    """
    if STATE not in info.roles:
        return None
    tree: Any = project.tree(info.id, STATE)
    kept = tree if isinstance(tree, dict) else {}
    n_notices = kept.get("n_notices")
    state = RunState.from_tree(
        kept.get("run"), settings_of(info), project.history(info.id), project.held_out(info.id))
    return KeptState(state, n_notices if type(n_notices) is int and n_notices >= 0 else 0)


def _ratings(
    control: Control, project: Project, info: RunInfo, ratings: Ratings | None
) -> tuple[Ratings, str]:
    """Return a run's ratings, or its users and items alone and why."""
    source = project.source(info.source_id)
    sizes = source.n_users, source.n_items, source.n_ratings
    if ratings is not None and (ratings.n_users, ratings.n_items, ratings.n_ratings) == sizes:
        return ratings, ""
    try:
        *_, opened = open_source(control, project, info.source_id)
        return opened.ratings, ""
    except (ProjectError, DataError) as error:
        users, items, titles = project.source_ids(info.source_id)
        nothing = np.empty(0, np.int32)
        alone = Ratings(nothing, nothing.copy(), np.empty(0, np.float32), users, items, titles,
                        source.name)
        return alone, f"Shown without its ratings: {error}"


def _as_if_stopped(project: Project, info: RunInfo, ratings: Ratings) -> RunResult | None:
    """Return what an interrupted run would have come to, had it been stopped at its last state."""
    kept = state_of(project, info)
    if kept is None:
        return None
    session = TrainingSession(
        info.solver, settings_of(info), ratings, test=_test(project, info), resume=kept.state)
    session.stop()
    *_, result = session.epochs()
    assert isinstance(result, RunResult)
    return result


def _test(project: Project, info: RunInfo) -> Ratings | None:
    """Return the test ratings of a run, where they can be read."""
    if info.test_source_id is None:
        return None
    try:
        *_, opened = open_source(Control(), project, info.test_source_id)
    except (ProjectError, DataError):
        return None  # its records have been measured
    return opened.ratings


def _kept_text(info: RunInfo, result: RunResult | None) -> str:
    """Return of which epoch the factors of an interrupted run are."""
    if result is None:
        return ""
    return (f"Run {info.number} was interrupted: its factors are those of epoch "
            f"{result.kept_epoch}, the last that were kept.")


def _check_sizes(model: FactorModel, ratings: Ratings) -> None:
    """Refuse factors of other ratings, which only a damaged file has."""
    if (model.n_users, model.n_items) != (ratings.n_users, ratings.n_items):
        raise ProjectError("The factors of this run belong to other ratings: the project is "
                           "damaged; train again.")


def _baselines(info: RunInfo) -> Baselines | None:
    """Return what an unfinished run has to beat, as its card says; it is untrusted."""
    values = info.card.get("baselines")
    if not isinstance(values, dict):
        return None
    names = [field.name for field in fields(Baselines)]
    sound = {name: value if isinstance(value := values.get(name), float) else None
             for name in names}
    return Baselines(**sound)


def checked_start(opened: OpenedRun) -> RunResult:
    """Return what a new run can train on from.

    Raises
    ------
    TrainingError
        If no factors are kept of the run.
    """
    if opened.result is None:
        raise TrainingError(f"No factors of run {opened.info.number} are kept to go on from: train "
                            "again from the start.")
    return opened.result


@dataclass(frozen=True)
class WrittenRun(Written):
    """The model of a run that was written; ``note`` is what a person should know of it, or ""."""

    note: str = ""


def export_run(
    control: Control, project: Project, run_id: int, path: Path, *, has_ratings: bool = True
) -> Iterator[WrittenRun]:
    """Write the model of a run as a model file.

    ``has_ratings`` off leaves the ratings out, as it must be where they cannot be read.

    Raises
    ------
    ProjectError
        If no factors are kept of the run.
    StorageError
        If the file cannot be written.
    """
    check_place(path)
    *_, opened = open_run(control, project, run_id)
    if opened.result is None:
        raise ProjectError(f"No factors of run {opened.info.number} are kept: train again.")
    control.report(f"Saving {path}")
    save_model(path, _saved(project, opened, has_ratings=has_ratings))
    yield WrittenRun(os.fspath(path), note=opened.note)


def _saved(project: Project, opened: OpenedRun, *, has_ratings: bool) -> SavedModel:
    """Return what a model file holds of a run."""
    assert opened.result is not None
    info, ratings = opened.info, fold_training(opened.ratings, opened.info.origin)
    is_rated = ratings.n_ratings > 0
    saved = saved_model(
        opened.result if is_rated else replace(opened.result, held_out=None), ratings,
        has_ratings=has_ratings and is_rated, origin=info.origin)
    card = {**saved.card,
            "import_report": {**project.source(info.source_id).report, "path": None}}
    if info.summary:
        card["summary"] = {name: value for name, value in info.summary.items()
                           if name not in ("settings", "fingerprint")}
    return replace(saved, card=card)
