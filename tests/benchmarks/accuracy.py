"""What the defaults reach, and nothing else: the RMSE on test parts that no run ever sees.

    python tests/benchmarks/accuracy.py --ml100k SPLITS --ml1m ML1M.npz [--solver NAME ...] [--json]
    python tests/benchmarks/accuracy.py --other FOLDER [--solver NAME ...] [--json]

SPLITS is the folder of MovieLens 100K's own five folds (u1.base, u1.test, ...); ML1M.npz holds
arrays u, i and r and is split 90/10 by rating, seed 0, as the training benchmark does. Each run is
a session with the solver's defaults, seed 0, its final training on all ratings included; the test
part is only measured. A row a data set and solver: each fold, the mean, must and aim.

``--other`` takes the remaining files of the folder of real ratings, 90/10 by three seeds: there
the solver (the default one, unless others are named) must beat user and item bias fitted to the
same 90 %. The exit code is 1 where a must is missed.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from train_data import load_split  # noqa: E402 - stands beside this program
from train_ours import settings_of, shown_settings  # noqa: E402
from train_rows import MissingError  # noqa: E402

from mfgui.core.baselines import bias_model, mean_model, rmse_of  # noqa: E402
from mfgui.core.metrics import Pairs  # noqa: E402
from mfgui.core.parallel import WorkerPool  # noqa: E402
from mfgui.core.ratings import Ratings  # noqa: E402
from mfgui.core.solvers import DEFAULT_SOLVER  # noqa: E402
from mfgui.core.splits import match_ids  # noqa: E402
from mfgui.data.options import ReadOptions  # noqa: E402
from mfgui.data.reader import open_ratings  # noqa: E402
from mfgui.training.events import RunResult  # noqa: E402
from mfgui.training.session import TrainingSession  # noqa: E402

Part = tuple[Ratings, Ratings]

# Data, solver, settings beside the defaults, must, aim.
TABLE: list[tuple[str, str, dict[str, Any], float, float]] = [
    ("ML-100K", DEFAULT_SOLVER, {}, 0.906, 0.903),
    ("ML-100K", "svd++", {}, 0.899, 0.897),
    ("ML-100K", "average", {}, 0.895, 0.893),
    ("ML-1M", DEFAULT_SOLVER, {}, 0.842, 0.839),
    ("ML-1M", "svd++", {"n_factors": 64}, 0.838, 0.836),
    ("ML-1M", "average", {}, 0.8325, 0.831),
    ("ML-1M", "als", {}, 0.85, 0.847),
    ("ML-1M", "nmf", {}, 0.89, 0.86),
]
OTHERS: dict[str, tuple[str, ReadOptions]] = {
    "latest-small": ("ml-latest-small/ratings.csv", ReadOptions()),
    "first 533 users": ("ml-1m/ratings-first533users.dat", ReadOptions()),
    "Jester5k": ("awkward/jester5k-wide-99missing.csv.gz", ReadOptions()),
    "Amazon": ("awkward/amazon-electronics-noheader-50k.csv", ReadOptions()),
    "Book-Crossing": ("awkward/BX-Book-Ratings-sample.csv", ReadOptions(zeros="missing")),
    "Book-Crossing 2": ("awkward/BX-semicolon-unquoted-99998.csv.gz", ReadOptions(zeros="missing")),
    "LIBMF's": ("awkward/libmf-real_matrix.tr.txt", ReadOptions()),
    "InstEval": ("shippable/insteval-gpl.csv.gz", ReadOptions()),
    "food frequency": ("shippable/food-frequency.csv", ReadOptions()),
    "food world cup": ("awkward/food-world-cup-data.csv", ReadOptions(encoding="mac-roman")),
}
TEST_FILES = {"LIBMF's": "awkward/libmf-real_matrix.te.txt"}


@dataclass
class Result:
    """One solver on one data set.

    Parameters
    ----------
    data, solver, settings : str
    must : float or None
        At most this RMSE; of other data the RMSE of user and item bias.
    aim : float or None
    rmse, validation_rmse, seconds : list
        One a fold.
    mean_rmse : float or None
        Of always saying the mean, of other data.
    note : str
    """

    data: str
    solver: str
    settings: str = ""
    must: float | None = None
    aim: float | None = None
    rmse: list[float] = field(default_factory=list)
    validation_rmse: list[float | None] = field(default_factory=list)
    epochs: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    mean_rmse: float | None = None
    note: str = ""

    @property
    def figure(self) -> float | None:
        """The mean over the folds."""
        return math.fsum(self.rmse) / len(self.rmse) if self.rmse else None

    @property
    def verdict(self) -> str:
        """Return "aim", "must" or "missed"; "" where there is no figure."""
        figure = self.figure
        if figure is None or self.must is None:
            return ""
        if self.aim is not None and figure <= self.aim:
            return "aim"
        return "must" if figure <= self.must else "missed"

    def text(self) -> str:
        """Return the row for people."""
        if self.figure is None:
            return f"{self.data:16} {self.solver:12} left out: {self.note}"
        folds = ", ".join(f"{value:.4f}" for value in self.rmse) if len(self.rmse) > 1 else ""
        bars = [f"must {self.must:.4g}" if self.aim else f"biases {self.must:.4f}"]
        bars += [f"aim {self.aim:.4g}"] if self.aim else [f"mean {self.mean_rmse:.4f}"]
        return (f"{self.data:16} {self.solver:12} RMSE {self.figure:.4f} ({', '.join(bars)}) "
                f"{self.verdict.upper():6} {folds}\n    {self.settings}; epochs "
                f"{self.epochs}; {sum(self.seconds):.1f} s of training; {self.note}")

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**vars(self), "figure": self.figure, "verdict": self.verdict}


def folds_of(path: Path) -> list[Part]:
    """Return MovieLens 100K's five folds; a file may be packed."""
    parts = []
    for fold in range(1, 6):
        names = [next(path.glob(f"u{fold}.{kind}*")) for kind in ("base", "test")]
        training, test = (open_ratings(name)[0] for name in names)
        parts.append((training, test))
    return parts


def nine_tenths(ratings: Ratings, seed: int) -> Part:
    """Return nine tenths and a tenth, drawn by a seed that no run uses."""
    order = np.random.default_rng([2024, seed]).permutation(ratings.n_ratings)
    n_test = ratings.n_ratings // 10
    return ratings.take(np.sort(order[n_test:])), ratings.take(np.sort(order[:n_test]))


def train_on(result: Result, parts: list[Part], settings: Any) -> Result:
    """Run the solver on each part and fill the result in."""
    result.settings = shown_settings(result.solver, settings)
    for training, test in parts:
        begin = time.perf_counter()
        ended = list(TrainingSession(result.solver, settings, training, test=test).epochs())[-1]
        assert isinstance(ended, RunResult)
        assert ended.test_rmse is not None
        result.rmse.append(ended.test_rmse)
        result.validation_rmse.append(ended.validation_rmse)
        result.epochs.append(ended.best_epoch)
        result.seconds.append(ended.train_seconds)
        result.note = (f"{time.perf_counter() - begin:.1f} s in all for the last, refit "
                       f"{ended.is_refit}, {ended.n_unseen_test} test pairs unseen")
    return result


def table(options: argparse.Namespace) -> Iterator[Result]:
    """Yield the rows of the table."""
    parts: dict[str, list[Part]] = {}
    if options.ml100k is not None:
        parts["ML-100K"] = folds_of(options.ml100k)
    if options.ml1m is not None:
        split = load_split(options.ml1m, "ML-1M")
        parts["ML-1M"] = [(split.training, split.test_ratings())]
    for data, solver, values, must, aim in TABLE:
        if data not in parts or (options.solver and solver not in options.solver):
            continue
        result = Result(data, solver, must=must, aim=aim)
        try:
            settings = settings_of(solver, n_threads=options.threads, **values)
        except MissingError as error:
            result.note = str(error)
            yield result
        else:
            yield train_on(result, parts[data], settings)


def others(options: argparse.Namespace) -> Iterator[Result]:
    """Yield what the solvers reach on all other files, beside mean and biases."""
    for data, (name, reading) in OTHERS.items():
        path = options.other / name
        if not path.exists():
            yield Result(data, "", note="there is no such file")
            continue
        ratings = open_ratings(path, reading)[0]
        parts = [nine_tenths(ratings, seed) for seed in range(options.splits)]
        if data in TEST_FILES:
            parts = [(ratings, open_ratings(options.other / TEST_FILES[data])[0])]
        bars = [baselines(part) for part in parts]
        for solver in options.solver or [DEFAULT_SOLVER]:
            bias, mean = (math.fsum(column) / len(parts) for column in zip(*bars, strict=True))
            result = Result(data, solver, must=bias, mean_rmse=mean)
            train_on(result, parts, settings_of(solver, n_threads=options.threads))
            result.note += "; less than the biases by " + ", ".join(
                f"{bar[0] - rmse:.4f}" for bar, rmse in zip(bars, result.rmse, strict=True))
            yield result


def baselines(part: Part) -> tuple[float, float]:
    """Return the test RMSE of user and item bias, and of the mean."""
    training, test = part
    pairs = Pairs(*match_ids(test, training))
    with WorkerPool(1) as pool:
        found = [rmse_of(model, pairs, pool)
                 for model in (bias_model(training, pool), mean_model(training))]
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


def main() -> int:
    """Measure and print; the exit code is 1 where a must is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--ml100k", "--ml1m", "--other"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--solver", nargs="+", metavar="NAME")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--splits", type=int, default=3, help="of each file of --other")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = []
    for rows in [table(options), *([others(options)] if options.other else [])]:
        for result in rows:
            found.append(result)
            print(result.text(), file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        print(json.dumps([result.as_dict() for result in found]))
    return 1 if any(result.verdict == "missed" for result in found) else 0


if __name__ == "__main__":
    sys.exit(main())
