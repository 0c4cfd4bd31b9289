"""How a run begins that goes on from another's factors, and what every run has to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mfgui.core.baselines import bias_model, mean_model, rmse_of
from mfgui.core.metrics import Pairs
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.training.checks import is_same_solver, restore, with_rate_of
from mfgui.training.events import Baselines, Notice, RunResult
from mfgui.training.kept import Interrupted, Kept


def take_over(
    solver: Solver, start: RunResult, settings: RunSettings, interrupted: Interrupted | None
) -> Iterator[Notice]:
    """Take the kept factors of ``start`` over; where it was interrupted, the segment does."""
    if interrupted is not None:
        epoch = interrupted.last.record.epoch
        yield Notice("information", f"Training on from epoch {epoch}.", epoch)
        return
    if start.solver == solver.name:
        restore(solver, with_rate_of(start.state, start, settings))
        text = f"Training on from epoch {start.kept_epoch}."
    else:
        solver.begin_from(start.model)
        label = SOLVERS[start.solver].label if start.solver in SOLVERS else start.solver
        text = f"Going on from the factors of {label}, epoch {start.kept_epoch}."
    yield Notice("information", text, start.kept_epoch)


def interrupted_of(
    start: RunResult | None, solver: str, settings: RunSettings, *, has_validation: bool
) -> Interrupted | None:
    """Return where the run stood that this one goes on with, if it can be gone on with.

    Under other settings the losses from before are another sum: the guard begins anew, and so
    does what was best where nothing is held out.
    """
    if start is None or start.solver != solver or start.is_refit:
        return None
    before = start.interrupted
    if not isinstance(before, Interrupted) or is_same_solver(start.settings, settings):
        return before if isinstance(before, Interrupted) else None
    last = Kept(before.last.record, with_rate_of(before.last.state, start, settings))
    return Interrupted(
        last, before.best if has_validation else last, None, is_from_scratch=False)


def measured_baselines(
    training: Ratings, parts: tuple[Pairs, Pairs], pool: WorkerPool, start: RunResult | None, *,
    clip: bool,
) -> Baselines:
    """Return the RMSE of mean and biases, fitted to the training part, on validation and test.

    Where the run goes on from a refit, that of validation is the one from before it, as all its
    figures of validation are.
    """
    models = mean_model(training, clip=clip), bias_model(training, pool, clip=clip)
    mean, bias = ([rmse_of(model, pairs, pool) for pairs in parts] for model in models)
    measured = Baselines(mean[0], bias[0], mean[1], bias[1])
    before = start.baselines if start is not None and start.is_refit else None
    return measured if before is None else replace(
        measured, mean_validation=before.mean_validation, bias_validation=before.bias_validation)
