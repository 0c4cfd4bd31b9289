"""Cross-validation: the run's method and settings on every fold, measured on what was left out.

Of each fold the test part is neither trained nor stopped on: what early stopping or a refit needs
is held out of the other folds, as the settings say. Folds run one after another, each on all
threads; so the bits are those of the runs themselves, for any number of threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.figures import spread_figure
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.core.splits import PER_USER, check_split, folds, others
from mfgui.errors import CancelledError
from mfgui.inspection.known import known_of
from mfgui.jobs.evaluate import check_lists
from mfgui.jobs.evaluation_words import lists_line, row_as_dict, rows_from, table, verdict
from mfgui.jobs.fold_control import FoldControl
from mfgui.jobs.train import train
from mfgui.training.checks import check_run
from mfgui.training.evaluation import LABELS, Evaluation, Row, evaluate
from mfgui.training.events import EpochRecord, RunResult, StopReason
from mfgui.training.tested import tested_positions

if TYPE_CHECKING:
    from mfgui.store.project import Project

SPREAD_LINE = ("± is the standard deviation over the folds. Their training parts overlap, so it is "
               "no standard error of the mean.")


@dataclass(frozen=True)
class FoldDone:
    """One fold that was trained and measured.

    Parameters
    ----------
    fold : int
        From 1.
    n_folds : int
    evaluation : Evaluation
        Of the model of this fold, on the fold.
    n_training : int
        Ratings of the other folds.
    kept_epoch : int
    seconds : float
        Training and measuring.
    stopped_because : str
    run_id : int or None
        The project's run, where one was recorded.
    """

    fold: int
    n_folds: int
    evaluation: Evaluation
    n_training: int
    kept_epoch: int
    seconds: float
    stopped_because: str
    run_id: int | None = None


@dataclass(frozen=True)
class CrossValidation:
    """What the folds came to.

    Parameters
    ----------
    solver : str
    settings : dict
    rows : tuple of Row
        The model first, then what it has to beat: means over the folds that are done, and their
        standard deviation.
    folds : tuple of FoldDone
    n_folds, n : int
        Folds that were asked for, and places of a list.
    lines : tuple of str
        What has to be known to believe the figures.
    entry_id : int or None
        The project's entry, where it is kept.
    """

    solver: str
    settings: Mapping[str, Any]
    rows: tuple[Row, ...]
    folds: tuple[FoldDone, ...]
    n_folds: int
    n: int
    lines: tuple[str, ...] = field(default=())
    entry_id: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every fold is done."""
        return len(self.folds) == self.n_folds


def cross_validate(
    control: Control, solver: str, settings: RunSettings, ratings: Ratings, *, n_folds: int = 5,
    per_user: bool | None = None, n: int = 10, threshold: float | None = None,
    project: Project | None = None, source_id: int | None = None,
) -> Iterator[FoldDone | CrossValidation]:
    """Yield each fold as it comes, then what they came to; a stop keeps the folds that are done.

    Parameters
    ----------
    n_folds : int
        2 to 100; drawn by the settings' seed.
    per_user : bool or None
        Whether each user's ratings are dealt out evenly; None: as the settings' split holds out.
    project, source_id : Project, int, or None
        Where each fold is kept as a run, and the whole as an entry.

    Raises
    ------
    TrainingError, SettingsError
        If it cannot begin; before anything is trained.
    CancelledError
        If it was stopped before the first fold was done.
    """
    check_lists(n, threshold)
    per_user = settings.split in PER_USER if per_user is None else per_user
    check_run(SOLVERS[solver], settings, ratings)
    control.report("Dealing the ratings out to the folds")
    plan = _Plan(solver, settings, ratings, folds(ratings, n_folds, settings.seed,
                                                  per_user=per_user), per_user, n, threshold)
    check_split(ratings.take(others(ratings.n_ratings, plan.parts[0])), settings,
                settings.validation)
    log = _Log(project, source_id, plan)
    done: list[FoldDone] = []
    for position in range(n_folds):
        try:
            control.checkpoint()
            found = _one_fold(control, plan, position, log)
        except CancelledError:
            found = None
        if found is None:
            if not done:
                raise CancelledError("Stopped before the first fold was done.")
            break
        done.append(found)
        log.note(_whole(plan, done, log.entry_id))
        yield found
    yield _whole(plan, done, log.entry_id)


def as_plain(found: CrossValidation) -> dict[str, Any]:
    """Return a cross-validation as plain values, for JSON and the project."""
    return {
        "solver": found.solver, "settings": dict(found.settings), "n_folds": found.n_folds,
        "is_whole": found.is_whole, "n": found.n, "lines": list(found.lines),
        "rows": [row_as_dict(row) for row in found.rows],
        "folds": [{
            "fold": each.fold, "n_training": each.n_training,
            "kept_epoch": each.kept_epoch, "seconds": each.seconds,
            "stopped_because": each.stopped_because, "run_id": each.run_id,
            "rows": [row_as_dict(row) for row in each.evaluation.rows],
            "counts": asdict(each.evaluation.counts)} for each in found.folds]}


def cross_validation_table(body: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return heading and lines of a cross-validation that a project keeps; empty if it is none."""
    try:
        return table(rows_from(body["rows"]), int(body["n"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return [], []


@dataclass(frozen=True, eq=False)
class _Plan:
    """What every fold does."""

    solver: str
    settings: RunSettings
    ratings: Ratings
    parts: list[NDArray[np.int64]]
    per_user: bool
    n: int
    threshold: float | None

    @property
    def n_phases(self) -> int:
        """How many segments a fold's run has: one a member, and again for a refit."""
        settings = self.settings
        has_refit = settings.refit and settings.validation > 0
        return int(getattr(settings, "n_members", 1)) * (2 if has_refit else 1)


def _one_fold(control: Control, plan: _Plan, position: int, log: _Log) -> FoldDone | None:
    """Train and measure one fold; None where it was stopped."""
    begin = time.perf_counter()
    part, ratings = plan.parts[position], plan.ratings
    training = ratings.take(others(ratings.n_ratings, part))
    own = FoldControl(control, position, len(plan.parts), plan.n_phases)
    result: RunResult | None = None
    run_id: int | None = None
    for event in train(own, plan.solver, plan.settings, training, **log.how(position)):
        if isinstance(event, EpochRecord):
            own.follow(event)
        elif isinstance(event, RunResult):
            result = event
        elif (run := getattr(event, "run", None)) is not None:  # it is recorded
            run_id = run.id
    if result is None or result.stopped_because is StopReason.STOPPED:
        return None
    own.measure()
    known = known_of(training, result.held_out, is_trained_on_all=result.is_refit)
    with WorkerPool(plan.settings.n_threads) as pool:
        found = evaluate(result.model, known.training, tested_positions(ratings, part), pool, own,
                         n=plan.n, threshold=plan.threshold)
    return FoldDone(
        position + 1, len(plan.parts), replace(found, tested_on=f"fold {position + 1}"),
        training.n_ratings, result.kept_epoch, time.perf_counter() - begin,
        result.stopped_because.value, run_id)


class _Log:
    """Keeps folds as runs and the whole as an entry, where there is a project."""

    def __init__(self, project: Project | None, source_id: int | None, plan: _Plan) -> None:
        self._project, self._source_id, self._plan = project, source_id, plan
        self.entry_id: int | None = None
        if project is not None:
            self.entry_id = project.add_entry(
                "cross_validation", as_plain(_whole(plan, [], None)))

    def how(self, position: int) -> dict[str, Any]:
        """Return how a fold's run is recorded; nothing without a project."""
        if self._project is None or self._source_id is None:
            return {}
        from mfgui.jobs.recording import RunRecord

        plan = self._plan
        origin = {"fold": position + 1, "cross_validation": self.entry_id,
                  "n_folds": len(plan.parts), "fold_seed": plan.settings.seed,
                  "per_user": plan.per_user}
        return {"record": RunRecord(self._project, self._source_id, origin=origin,
                                    name=f"Fold {position + 1} of {len(plan.parts)}")}

    def note(self, found: CrossValidation) -> None:
        """Keep what is done."""
        if self._project is not None and self.entry_id is not None:
            self._project.change_entry(self.entry_id, as_plain(found))


def _whole(plan: _Plan, done: list[FoldDone], entry_id: int | None) -> CrossValidation:
    """Return what the folds that are done came to."""
    rows = _mean_rows([each.evaluation for each in done])
    lines = filter(None, (verdict(rows, plan.n), *_lines(plan, done), SPREAD_LINE if done else ""))
    return CrossValidation(plan.solver, as_dict(plan.settings), rows, tuple(done), len(plan.parts),
                           plan.n, tuple(lines), entry_id)


def _mean_rows(evaluations: list[Evaluation]) -> tuple[Row, ...]:
    """Return each row's means over the folds."""
    if not evaluations:
        return ()
    return tuple(Row(row.name, row.label, {
        name: spread_figure([each.figure(row.name, name).value for each in evaluations])
        for name in LABELS if name in row.figures}) for row in evaluations[0].rows)


def _lines(plan: _Plan, done: list[FoldDone]) -> Iterator[str]:
    """Yield what has to be known of the folds."""
    n_folds, settings = len(plan.parts), plan.settings
    if len(done) < n_folds:
        yield f"{len(done)} of {n_folds} folds are done; the figures are those of these alone."
    else:
        yield (f"Every one of the {plan.ratings.n_ratings:,} ratings was measured once, by a model "
               "that was neither trained nor stopped on it.")
    dealt = "each user's ratings dealt out evenly" if plan.per_user else "dealt out at random"
    yield f"{n_folds} folds, {dealt} by seed {settings.seed}."
    if settings.validation and (settings.patience or settings.refit):
        yield ("The number of epochs was chosen on ratings held out of the other folds"
               + (", then all of the other folds were trained on." if settings.refit else "."))
    yield ("If these settings were chosen by figures of the same ratings, as a search does, the "
           "figures look better than they are.")
    counts = [each.evaluation.counts for each in done]
    n_unseen = sum(each.n_unseen for each in counts)
    if n_unseen:
        yield (f"{n_unseen:,} rating{'s' * (n_unseen != 1)} had a user or item without a training "
               "rating in the other folds: predicted by the mean and the bias that is known, "
               "and never in a list.")
    for each in done:
        if each.stopped_because == StopReason.DIVERGED.value:
            yield f"Fold {each.fold} diverged: its last sound factors were measured."
    if done:
        line = lists_line(done[0].evaluation)
        yield f"Of fold 1: {line[:1].lower()}{line[1:]}"
