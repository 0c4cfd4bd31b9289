"""How much slower training is while it is recorded into a project file: adagrad, over a minute.

    python tests/benchmarks/record.py [--data ml-1m synth20m] [--seconds 60] [--pairs 3]
        [--bench /tmp/bench] [--folder /tmp] [--factors 64] [--threads 2]

Runs with and without recording alternate, each as long as ``--seconds`` asks for, without
validation patience or refit. An epoch's seconds are the seconds from record 0 to the last record,
divided by the number of epochs: training, measuring, and whatever recording takes from both. The
project lies in ``--folder``, whose disk decides what a commit costs. The must: the ratio of the
medians is at most 1.03.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from train_data import load_whole

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.recording import RunRecord
from mfgui.store.project import Project, SourceInfo, create_project, ratings_checksum
from mfgui.training.events import EpochRecord

DATA = Path(os.environ.get("MFGUI_TEST_DATA", "../shared/data"))
SOLVER = "adagrad"
MUST = 1.03


def load(name: str, bench: Path) -> Ratings:
    """Return ML-1M from the folder of real data, or a set of ``synth.py``."""
    if name == "ml-1m":
        *_, opened = jobs.open_file(Control(), str(DATA / "ml-1m" / "ratings-3col.dat.gz"))
        ratings: Ratings = opened.ratings
        return ratings
    return load_whole(bench / f"{name}.npz")


def epoch_seconds(ratings: Ratings, settings: RunSettings, record: RunRecord | None) -> float:
    """Return the seconds an epoch of one run took."""
    moments: list[float] = []
    for event in jobs.train(Control(), SOLVER, settings, ratings, record=record):
        if isinstance(event, EpochRecord):
            moments.append(time.perf_counter())
    return (moments[-1] - moments[0]) / (len(moments) - 1)


def keep(project: Project, name: str, ratings: Ratings) -> int:
    """Keep where the ratings come from."""
    return project.add_source(SourceInfo(
        0, "text", "", name, ratings_checksum(ratings), n_users=ratings.n_users,
        n_items=ratings.n_items, n_ratings=ratings.n_ratings), ratings)


def compare(name: str, ratings: Ratings, options: Any) -> float:
    """Print a line a pair and return the ratio of the medians."""
    values = {"n_factors": options.factors, "n_threads": options.threads, "patience": 0,
              "refit": False}
    settings = SOLVERS[SOLVER].settings_type(n_epochs=5, **values)
    per_epoch = epoch_seconds(ratings, settings, None)
    settings = replace(settings, n_epochs=max(int(options.seconds / per_epoch) + 1, 5))
    plain: list[float] = []
    recorded: list[float] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        project = create_project(Path(folder) / "bench.mfgui")
        try:
            source_id = keep(project, name, ratings)
            for pair in range(options.pairs):
                for is_recorded in ((False, True) if pair % 2 == 0 else (True, False)):
                    record = RunRecord(project, source_id) if is_recorded else None
                    (recorded if is_recorded else plain).append(
                        epoch_seconds(ratings, settings, record))
                print(f"{name:10}{settings.n_epochs:8,} epochs {1e3 * plain[-1]:10.2f} ms plain "
                      f"{1e3 * recorded[-1]:10.2f} ms recorded {recorded[-1] / plain[-1]:8.3f}",
                      flush=True)
        finally:
            project.close()
        size = (Path(folder) / "bench.mfgui").stat().st_size
    ratio = statistics.median(recorded) / statistics.median(plain)
    print(f"{name:10}ratio of the medians {ratio:.3f}, must be at most {MUST}; the project takes "
          f"{size / 2**20:,.0f} MB", flush=True)
    return ratio


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", nargs="+", default=["ml-1m", "synth20m"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--bench", type=Path, default=Path("/tmp/bench"))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f}, {options.factors} factors, {options.threads} "
          f"threads, project in {options.folder}")
    ratios = [compare(name, load(name, options.bench), options) for name in options.data]
    raise SystemExit(any(ratio > MUST for ratio in ratios))


if __name__ == "__main__":
    main()
