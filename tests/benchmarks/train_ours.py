"""Our side of the training benchmark: solvers, timed without anything around them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from train_data import Split
from train_rows import MissingError

from mfgui.core.metrics import squared_error_sums
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, as_dict, describe, does_apply
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.training.warm_up import warm_up


def settings_of(name: str, **values: Any) -> RunSettings:
    """Return a solver's settings, of a choice the one whose name begins so."""
    if name not in SOLVERS:
        raise MissingError(f"there is no solver {name} yet")
    settings_type = SOLVERS[name].settings_type
    infos = {info.name: info for info in describe(settings_type)}
    for key, value in values.items():
        if key not in infos:
            raise MissingError(f"{name} has no setting {key} yet")
        if infos[key].choices:
            found = [choice for choice in infos[key].choices if choice.startswith(value)]
            if not found:
                raise MissingError(f"{key} of {name} has no choice {value} yet")
            values[key] = found[0]
    return settings_type(**values)


def shown_settings(name: str, settings: RunSettings) -> str:
    """Return the solver's own settings as far as they do something, and the threads."""
    values = as_dict(settings)
    parts = [f"{info.name}={values[info.name]}" for info in describe(type(settings))
             if (info.group == "solver" and does_apply(info, values)) or info.name == "n_threads"]
    return " ".join([name, *parts])


@contextmanager
def epochs_of(name: str, ratings: Ratings, settings: RunSettings) -> Iterator[Callable[..., float]]:
    """Give a function that runs so many epochs and returns seconds an epoch.

    One epoch is run before: it finds its memory and its code.
    """
    with WorkerPool(settings.n_threads) as pool:
        solver = make_solver(name, ratings, settings, pool)
        solver.run_epoch()

        def run(n_epochs: int) -> float:
            begin = time.perf_counter()
            for _ in range(n_epochs):
                solver.run_epoch()
            return (time.perf_counter() - begin) / n_epochs

        yield run


def make_solver(
    name: str, ratings: Ratings, settings: RunSettings, pool: WorkerPool
) -> Solver:
    """Return a new solver."""
    return SOLVERS[name](ratings, settings, pool, np.random.default_rng(settings.seed))


def held_out_rmse(solver: Solver, split: Split) -> float:
    """Return the RMSE on the test part, clipped to the scale of the training ratings."""
    return squared_error_sums(solver.model, split.test, solver.pool).rmse


def curve(
    name: str, split: Split, settings: RunSettings, target: float, most_epochs: int
) -> list[tuple[float, float]]:
    """Train until the held-out RMSE is at most ``target``.

    Returns
    -------
    list of (float, float)
        After each epoch, from 0 on: seconds inside constructing the solver and ``run_epoch``,
        and the RMSE. Measuring does not count, nor does compiling.
    """
    with WorkerPool(settings.n_threads) as pool:
        warm_up(SOLVERS[name], settings, pool)
        begin = time.perf_counter()
        solver = make_solver(name, split.training, settings, pool)
        seconds = time.perf_counter() - begin
        points = [(seconds, held_out_rmse(solver, split))]
        while points[-1][1] > target and len(points) <= most_epochs and not solver.end_reason:
            begin = time.perf_counter()
            solver.run_epoch()
            seconds += time.perf_counter() - begin
            points.append((seconds, held_out_rmse(solver, split)))
    return points


def crossing(points: list[tuple[float, float]], target: float) -> float:
    """Return where a falling curve first reaches ``target``, straight between its points.

    Raises
    ------
    MissingError
        If it never does.
    """
    for (x0, y0), (x1, y1) in pairwise(points):
        if y1 <= target < y0:
            return x0 + (x1 - x0) * (y0 - target) / (y0 - y1)
    best = min(y for _, y in points)
    raise MissingError(f"held-out RMSE {target} is not reached: {best:.4f} is the best of "
                       f"{len(points) - 1} epochs")
