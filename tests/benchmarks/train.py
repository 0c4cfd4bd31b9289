"""How fast the solvers train, beside their rivals in one run.

    python tests/benchmarks/train.py --ml1m ML1M.npz --synth SYNTH20M.npz --lastfm COUNTS.dat
        --bench FOLDER --libmf FOLDER --rivals PYTHON [--case NAME ...] [--repeats 5] [--json]

The .npz files hold arrays u, i and r. FOLDER of ``--bench`` has the rivals' scripts (peer.py,
limits.py, datasets.py), that of ``--libmf`` the compiled ``libmf_time``; PYTHON is an interpreter
with numpy, scipy, pandas, threadpoolctl, cmfrec, implicit and scikit-surprise. What is not given
is left out, and the row says so.

A row a case: the medians of ours and the rival's figure, smallest and largest, their ratio, what
it must and should be. In each repeat the rival runs first and then ours. Ours stands in this
process, compiled before; a rival's epoch is the difference of two runs, so that what it does
around its epochs does not count. The exit code is 1 where a must is missed.

Cases: adagrad (ms an epoch), reach (seconds to a held-out RMSE), sgd and gradient (against row
gathers), als, implicit-als and svd++ (against cmfrec, implicit and Surprise), threads (2 against
1), ranking (NDCG@10 beside implicit), steps (epochs of line search and conjugate gradients),
memory (beyond ratings and factors, one process a solver).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import numba  # noqa: E402
import numpy as np  # noqa: E402
from train_context import Context  # noqa: E402 - stands beside this program
from train_memory import memory  # noqa: E402
from train_ranking import ranking  # noqa: E402
from train_reach import reach, steps  # noqa: E402
from train_rivals import Rivals  # noqa: E402
from train_rows import MissingError, Row  # noqa: E402
from train_speed import adagrad, als, gradient, implicit_als, sgd, svdpp, threads  # noqa: E402

CASES: dict[str, Callable[[Context], Iterator[Row]]] = {
    "adagrad": adagrad, "reach": reach, "sgd": sgd, "als": als, "gradient": gradient,
    "threads": threads, "svd++": svdpp, "implicit-als": implicit_als, "ranking": ranking,
    "steps": steps, "memory": memory,
}


def rows_of(name: str, context: Context) -> Iterator[Row]:
    """Yield a case's rows; where something is missing, a last one that says what."""
    try:
        yield from CASES[name](context)
    except MissingError as error:
        yield Row(name, "", "left out", "", note=str(error))


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="ascii", errors="replace").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
    return {"cpu": model, "n_cpus": os.cpu_count(), "load": os.getloadavg()[0],
            "python": platform.python_version(), "numpy": np.__version__,
            "numba": numba.__version__}


def main() -> int:
    """Measure and print; the exit code is 1 where a must is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--ml1m", "--synth", "--lastfm", "--bench", "--libmf"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--rivals", metavar="PYTHON")
    parser.add_argument("--case", choices=CASES, nargs="+", default=list(CASES))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--slow-repeats", type=int, default=2,
                        help="of rivals whose epoch takes ten seconds")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    files = {"ML-1M": options.ml1m, "20M": options.synth, "Last.fm": options.lastfm}
    found = []
    with Rivals(options.bench, options.libmf, options.rivals) as rivals:
        context = Context(files, rivals, options.repeats, options.slow_repeats)
        for name in options.case:
            for row in rows_of(name, context):
                found.append(row)
                print(row.text(), file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        print(json.dumps({"machine": machine(), "repeats": options.repeats,
                          "rows": [row.as_dict() for row in found]}))
    return 1 if any(row.verdict == "missed" for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
