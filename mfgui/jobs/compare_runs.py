"""Two runs of a project on the same cells, and what other seeds of their settings say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mfgui.core.control import Control
from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.splits import match_ids
from mfgui.errors import DataError, ProjectError
from mfgui.inspection.comparison import (
    HeldOutFigures,
    OtherModel,
    compare_held_out,
    compare_test,
)
from mfgui.inspection.differences import SettingDifference, setting_differences, short_label
from mfgui.inspection.known import Known
from mfgui.inspection.seeds import SeedSpread, is_same_but_seed, seed_spread
from mfgui.jobs.compare import MEASURING, Shown, brought_beside, comparison_dict
from mfgui.jobs.projects import open_source
from mfgui.jobs.runs import OpenedRun, open_run
from mfgui.store.model_file import SavedModel
from mfgui.store.project import Project, RunInfo

ENTRY = "comparison"
_ENDED_WELL = ("finished", "early_stopping")


@dataclass(frozen=True, eq=False)
class RunComparison:
    """Two runs side by side.

    Parameters
    ----------
    opened : OpenedRun
        The first, all that it takes to show it.
    other : OtherModel
        The second in the numbering of the first, measured.
    """

    opened: OpenedRun
    other: OtherModel


def run_name(run: RunInfo) -> str:
    """Return what a run is called in a sentence: "Run 3 AdaGrad"."""
    return f"Run {run.number} {' '.join(run.name.split()) or short_label(run.solver)}"


def compare_runs(
    control: Control, project: Project, a: int, b: int, ratings: Ratings | None = None
) -> Iterator[RunComparison]:
    """Bring run ``b`` of a project beside run ``a`` and measure both on what neither saw.

    Parameters
    ----------
    control : Control
    project : Project
        Takes the result as an entry, unless it is read-only.
    a, b : int
        Ids of two runs.
    ratings : Ratings or None
        Those of run ``a``, where they are open already.

    Raises
    ------
    ProjectError
        If a run keeps no factors, its ratings cannot be had, or the two have no user or no item
        in common.
    """
    if a == b:
        raise ProjectError("A run is not compared with itself: choose two runs.")
    run, other_run = project.run(a), project.run(b)
    opened, model = _opened(control, project, run, ratings)
    is_same_data = run.source_id == other_run.source_id
    others, other_model = _opened(
        control, project, other_run, opened.ratings if is_same_data else None)
    control.checkpoint()
    shown = Shown(model, opened.ratings, _known(opened), opened.before_refit, run_name(run))
    other = replace(
        _beside(shown, others, other_model), settings=_settings(project, run, other_run),
        seeds=_seeds(project, run, other_run), run_ids=(a, b),
        caveats=(*_caveats(run, other_run), *(each.note for each in (opened, others) if each.note)))
    control.report(MEASURING)
    other = replace(other, figures=_figures(control, project, shown, other))
    _keep(project, other, opened.ratings)
    yield RunComparison(opened, other)


def _opened(
    control: Control, project: Project, run: RunInfo, ratings: Ratings | None
) -> tuple[OpenedRun, FactorModel]:
    """Return an opened run and its model."""
    if run.status == "running":
        raise ProjectError(f"{run_name(run)} is being trained: compare it when it is over.")
    *_, opened = open_run(control, project, run.id, ratings)
    if opened.model is None:
        raise ProjectError(f"No factors of {run_name(run)} are kept, so it cannot be compared: "
                           "train it again.")
    return opened, opened.model


def _known(opened: OpenedRun) -> Known | None:
    """Return what is known of a run's ratings; None where they cannot be read."""
    return opened.known if opened.ratings.n_ratings else None


def _figures(
    control: Control, project: Project, shown: Shown, other: OtherModel
) -> HeldOutFigures:
    """Return the figures of both on what they held out, else on test ratings that both have."""
    figures = compare_held_out(
        shown.model, shown.known, shown.before_refit, other, control.checkpoint)
    sources = {project.run(run_id).test_source_id for run_id in other.run_ids or ()}
    source = next(iter(sources))
    if figures.paired is not None or len(sources) > 1 or source is None or (
            {shown.model.target, other.model.target} != {"rating"}):
        return figures
    try:
        *_, test = open_source(control, project, source)
    except (ProjectError, DataError):  # then the sentence on what they held out stands
        return figures
    pairs = Pairs(*match_ids(test.ratings, shown.ratings))
    return compare_test(
        shown.model, shown.known, other, pairs, test.ratings.name, control.checkpoint)


def _beside(shown: Shown, opened: OpenedRun, model: FactorModel) -> OtherModel:
    """Return a run in the numbering of the shown one."""
    name, ratings = run_name(opened.info), opened.ratings
    if ratings is shown.ratings:
        return OtherModel(
            name, model, np.ones(model.n_users, bool), np.ones(model.n_items, bool),
            known=_known(opened), before_refit=opened.before_refit, shown_name=shown.name,
            shown_model=shown.model)
    return brought_beside(name, SavedModel(
        model, ratings.user_ids, ratings.item_ids, ratings.item_titles,
        {"settings": {}, "history": []}, _known(opened), opened.before_refit), shown)


def _settings(project: Project, run: RunInfo, other: RunInfo) -> tuple[SettingDifference, ...]:
    """Return in what two runs differ, their ratings first."""
    found = setting_differences(run.solver, run.settings, other.solver, other.settings)
    if run.source_id == other.source_id:
        return found
    names = [f"{source.name} ({source.n_ratings:,} ratings)" for source in (
        project.source(run.source_id), project.source(other.source_id))]
    if names[0] == names[1]:
        names = [f"{name}, source {each.source_id}" for name, each in zip(
            names, (run, other), strict=True)]
    return (SettingDifference("data", "Ratings", *names), *found)


def _seeds(project: Project, run: RunInfo, other: RunInfo) -> SeedSpread | None:
    """Return how the settings of two runs vary over the seeds that the project has of each."""
    is_same = _is_same_data(run, other) and is_same_but_seed(
        run.solver, run.settings, other.solver, other.settings)
    split = ("validation", "split", "n_left_out")
    return seed_spread(
        _figures_of(project, run), _figures_of(project, other), is_same=is_same,
        is_same_split=_is_same_data(run, other) and all(
            run.settings.get(name) == other.settings.get(name) for name in split))


def _is_same_data(run: RunInfo, other: RunInfo) -> bool:
    """Return whether two runs were given the same ratings: a search may set some of them aside."""
    return run.source_id == other.source_id and (
        run.origin.get("holdout") == other.origin.get("holdout"))


def _figures_of(project: Project, like: RunInfo) -> dict[int, float]:
    """Return the validation RMSE, by seed, of all whole runs with the settings of one."""
    found: dict[int, float] = {}
    for run in project.runs():
        value, seed = run.summary.get("validation_rmse"), run.settings.get("seed")
        is_whole = run.status in _ENDED_WELL and run.continued_from is None and (
            "fold" not in run.origin)
        if (is_whole and isinstance(seed, int) and isinstance(value, float)
                and _is_same_data(run, like) and is_same_but_seed(
                    run.solver, run.settings, like.solver, like.settings)):
            found[seed] = value
    return found


def _caveats(run: RunInfo, other: RunInfo) -> tuple[str, ...]:
    """Return what flatters or harms one of the two, a sentence each."""
    told = []
    for each in (run, other):
        name = run_name(each)
        if "search" in each.origin:
            told.append(f"{name} is of a search, which chooses by held-out ratings: the one it "
                        "chose looks better on them than it is.")
        if each.status in ("stopped", "interrupted", "running"):
            told.append(f"{name} was not trained to its end: it has {each.last_epoch:,} of "
                        f"{each.settings.get('n_epochs', 0):,} epochs.")
        if each.status == "diverged":
            told.append(f"{name} diverged: what is compared are its last sound factors.")
    patient = [each for each in (run, other) if each.settings.get("patience")]
    if len(patient) == 1:
        told.append(f"{run_name(patient[0])} kept the epoch that was best on its held-out ratings, "
                    "which flatters it a little; the other did not choose.")
    return tuple(told)


def _keep(project: Project, other: OtherModel, ratings: Ratings) -> None:
    """Keep the result in the project, in the place of an older one of the same two runs."""
    if project.is_read_only or other.run_ids is None:
        return
    body = {"run": other.run_ids[0], "other_run": other.run_ids[1],
            **comparison_dict(other, ratings)}
    for entry in project.entries(ENTRY):
        if [entry.body.get("run"), entry.body.get("other_run")] == list(other.run_ids):
            project.change_entry(entry.id, body)
            return
    project.add_entry(ENTRY, body, run_id=other.run_ids[0])
