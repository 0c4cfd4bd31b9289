"""How well trials share the processors: 40 of adagrad on ML-100K, warm, by every method.

    python tests/benchmarks/search.py [--threads 2] [--trials 40] [--repeats 3] [--project] [--cpu]

A trial's *epoch seconds* are the seconds from the record before to the record after each of its
epochs: training on the ratings, then measuring loss, training RMSE and validation RMSE, as the
session does after every epoch. Left out are what comes before the first epoch (factors drawn,
ratings put into blocks, the starting point measured) and after the last one (the result made).
``train`` counts the training alone. The must: wall time at most 1.1 times (the sum of all epoch
seconds) / threads. It is told twice: against the epochs as they ran in the search itself, two at a
time, and against those of the same trials run alone, one after another on one thread; what lies
between is what two threads cost each other in caches and memory. Where others use the machine,
``--cpu`` counts processor seconds in place of wall seconds: those of the process / threads, and
those of each trial's thread in its epochs; only idle threads do not show in it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.projects import keep_source
from mfgui.jobs.search import SearchFound, SearchPlan, SearchRecord, find_settings
from mfgui.store.project import create_project
from mfgui.training import search_trials
from mfgui.training.search_space import default_space
from mfgui.training.search_tpe import has_optuna

DATA = Path(os.environ.get("MFGUI_TEST_DATA", "../shared/data")) / "ml-100k" / "u.data"
SETTINGS = SOLVERS["adagrad"].settings_type
MUST = 1.1


def searched(plan: SearchPlan, ratings: object, record: SearchRecord | None) -> tuple[
        float, SearchFound]:
    """Return the wall seconds of a search and what it found."""
    begin, cpu = time.perf_counter(), time.process_time()
    *_, found = find_settings(Control(), plan, ratings, record=record)  # type: ignore[arg-type]
    wall = time.perf_counter() - begin
    is_cpu = search_trials.time is not time
    seconds = (time.process_time() - cpu) / plan.n_threads if is_cpu else wall
    return seconds, found  # type: ignore[return-value]


def main() -> None:
    """Print a line a method."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--project", action="store_true", help="keep the trials in a project")
    parser.add_argument("--cpu", action="store_true", help="count processor seconds")
    options = parser.parse_args()
    if options.cpu:  # what a trial measures its epochs by
        search_trials.time = SimpleNamespace(  # type: ignore[assignment]
            perf_counter=time.thread_time)
    *_, opened = jobs.open_file(Control(), str(DATA))
    with tempfile.TemporaryDirectory() as folder:
        record = project = None
        if options.project:
            project = create_project(Path(folder) / "P.mfgui")
            record = SearchRecord(project, keep_source(project, opened))
        print(f"{opened.ratings.n_ratings:,} ratings, adagrad, {options.trials} trials, "
              f"{options.threads} threads, {'in a project' if record else 'in memory'}; medians of "
              f"{options.repeats}, load before: {os.getloadavg()[0]:.1f}")
        print(f"{'method':16}{'wall s':>8}{'epochs s':>10}{'train s':>9}{'ratio':>8}"
              f"{'alone s':>9}{'ratio':>8}{'best':>9}{'trial 0':>9}  pruned")
        methods = [("random", False), ("random", True), ("grid", False)]
        for method, is_pruned in [*methods, *([("tpe", True)] if has_optuna() else [])]:
            plan = SearchPlan(
                "adagrad", SETTINGS(), default_space(SETTINGS), method, options.trials,
                is_pruned=is_pruned, n_threads=options.threads)
            show(plan, opened.ratings, record, options.repeats)
        if project is not None:
            project.close()


def show(plan: SearchPlan, ratings: object, record: SearchRecord | None, repeats: int) -> None:
    """Run one method and print its line."""
    searched(replace(plan, n_trials=4), ratings, None)  # warm
    _, alone = searched(replace(plan, n_threads=1), ratings, None)
    alone_s = sum(each.epoch_seconds for each in alone.search.outcomes)
    rows = []
    for _ in range(repeats):
        wall, found = searched(plan, ratings, record)
        outcomes = found.search.outcomes
        rows.append((wall, sum(each.epoch_seconds for each in outcomes),
                     sum(each.train_seconds for each in outcomes)))
    wall, epochs, train = (statistics.median(column) for column in zip(*rows, strict=True))
    best = found.best
    assert best is not None
    assert best.score is not None
    assert outcomes[0].score is not None
    assert best.score <= outcomes[0].score
    assert [each.score for each in outcomes] == [each.score for each in alone.search.outcomes]
    ratios = [row[0] * plan.n_threads / row[1] for row in rows]
    name = plan.method + (", pruned" if plan.is_pruned else "")
    ratio, strict = statistics.median(ratios), wall * plan.n_threads / alone_s
    print(f"{name:16}{wall:8.2f}{epochs:10.2f}{train:9.2f}{ratio:7.3f}{_mark(ratio)}"
          f"{alone_s:9.2f}{strict:7.3f}{_mark(strict)}{best.score:9.4f}{outcomes[0].score:9.4f}"
          f"  {sum(each.is_pruned for each in outcomes)}")


def _mark(ratio: float) -> str:
    return " " if ratio <= MUST else "!"


if __name__ == "__main__":
    main()
