"""Twenty million predictions as CSV and Parquet beside a plain DuckDB COPY of the same columns.

    python tests/benchmarks/export.py [--case NAME ...] [--repeats 5] [--folder FOLDER] [--json]

138,000 users, 27,000 items and factors are random, F=64; the exit code is 1 where a must is missed.

Cases: rated (20 million pairs spread over all users and items, by user, as ratings are) and all
(all items of 741 users): writing with predictions that are there already, against COPY of a table
in memory with two VARCHAR columns and a FLOAT, on the same disk, in turn, both until the disk has
it (fsync); prediction (what that takes apart), job (the whole job), memory (beyond model and ids,
of the whole job), cancel (from stop to the end, and what is left), estimate (the size that is said
beforehand beside the file's), factors (8.8 million numbers). Two threads.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import duckdb  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from train_memory import peak_bytes, reset_peak  # noqa: E402 - stands beside this program
from train_rows import Row, measured  # noqa: E402

from mfgui.core.control import Control  # noqa: E402
from mfgui.core.model import FactorModel  # noqa: E402
from mfgui.core.parallel import WorkerPool, hold_blas  # noqa: E402
from mfgui.core.predictions import predict_many  # noqa: E402
from mfgui.core.ratings import TextArray  # noqa: E402
from mfgui.errors import CancelledError  # noqa: E402
from mfgui.jobs.export import (  # noqa: E402
    ROWS_PER_BLOCK,
    export_all_pairs,
    export_factors,
    write,
)
from mfgui.jobs.export_plan import PREDICTION_COLUMNS, PairsPlan  # noqa: E402
from mfgui.store.columns import Block, Coded  # noqa: E402
from mfgui.store.model_file import SavedModel  # noqa: E402

N_USERS, N_ITEMS, N_FACTORS, N_ROWS, N_THREADS = 138_000, 27_000, 64, 20_000_000, 2
FORMATS = ("csv", "parquet")
DATA = f"{N_ROWS // 1_000_000}M rows"


class Context:
    """Model, pairs and predictions of all cases."""

    def __init__(self, folder: Path, repeats: int) -> None:
        self.folder, self.repeats = folder, repeats
        rng = np.random.default_rng(0)
        model = FactorModel(
            rng.normal(0, 0.1, (N_USERS, N_FACTORS)).astype(np.float32),
            rng.normal(0, 0.3, (N_ITEMS, N_FACTORS)).astype(np.float32),
            rng.normal(0, 0.3, N_USERS).astype(np.float32),
            rng.normal(0, 0.3, N_ITEMS).astype(np.float32), 3.53, (0.5, 5.0), clip=False)
        users, items = (TextArray.from_strings(str(k + 1) for k in range(n))
                        for n in (N_USERS, N_ITEMS))
        self.saved = SavedModel(model, users, items, None, {"settings": {}, "history": []})
        n_few = N_ROWS // N_ITEMS + 1
        few = FactorModel(model.user_factors[:n_few], model.item_factors, model.user_bias[:n_few],
                          model.item_bias, model.global_mean, model.scale, model.clip)
        self.few = SavedModel(
            few, TextArray.from_strings(str(k + 1) for k in range(n_few)), items, None,
            self.saved.card)

    def pairs(self, case: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the users and items of a case."""
        if case == "all":
            rows = np.arange(N_ROWS)
            users, items = np.divmod(rows, N_ITEMS)
            return users.astype(np.int32), items.astype(np.int32)
        rng = np.random.default_rng(1)
        return (np.sort(rng.integers(0, N_USERS, N_ROWS)).astype(np.int32),
                rng.integers(0, N_ITEMS, N_ROWS).astype(np.int32))


def synced(path: Path) -> None:
    """Wait until the disk has a file."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def writing(context: Context, case: str) -> Iterator[Row]:
    """Compare writing with COPY, and tell what prediction takes apart."""
    saved = context.saved
    users, items = context.pairs(case)
    with WorkerPool(N_THREADS) as pool:
        predict_many(saved.model, users[:1000], items[:1000], pool)  # compiled
        prediction = Row(case, DATA, f"prediction, F={N_FACTORS}", "s", "at most")
        values = np.empty(0, np.float32)
        for _ in range(context.repeats):
            began = time.perf_counter()
            values = predict_many(saved.model, users, items, pool)
            prediction.ours.append(time.perf_counter() - began)
    yield prediction

    def blocks() -> Iterator[Block]:
        for begin in range(0, N_ROWS, ROWS_PER_BLOCK):
            part = slice(begin, begin + ROWS_PER_BLOCK)
            yield (Coded(users[part], saved.user_ids), Coded(items[part], saved.item_ids),
                   values[part])

    connection = duckdb.connect(":memory:", config={"threads": N_THREADS})
    connection.register("pairs", {"u": users, "i": items, "p": values})
    connection.execute("CREATE TABLE t AS SELECT (u + 1)::VARCHAR AS user, (i + 1)::VARCHAR AS "
                       "item, p AS prediction FROM pairs")
    for form in FORMATS:
        ours, theirs = (context.folder / f"{name}.{form}" for name in ("ours", "copy"))

        def copy(path: Path = theirs) -> None:
            path.unlink(missing_ok=True)
            connection.execute(f"COPY t TO '{path}'")
            synced(path)

        def own(path: Path = ours) -> None:
            path.unlink(missing_ok=True)
            with WorkerPool(N_THREADS) as pool:
                write(Control(), path, PREDICTION_COLUMNS, blocks(), pool, n_rows=N_ROWS)

        own(), copy()
        row = Row(case, DATA, f"{form}, written", "s", "within", 2.0, 1.0,
                  rival_settings=f"DuckDB {duckdb.__version__}, COPY of a table in memory, "
                  f"{N_THREADS} threads",
                  note=f"{ours.stat().st_size / 1e6:,.0f} MB, COPY's "
                  f"{theirs.stat().st_size / 1e6:,.0f} MB")
        yield measured(row, lambda own=own: seconds_of(own), lambda copy=copy: seconds_of(copy),
                       context.repeats)
        assert same_rows(ours, theirs, form), f"{ours} and {theirs} differ"


def same_rows(ours: Path, theirs: Path, form: str) -> bool:
    """Return whether both files hold the same rows in the same order, numbers to the bit."""
    kinds = "{'user': 'VARCHAR', 'item': 'VARCHAR', 'prediction': 'FLOAT'}"
    tables = [f"read_csv('{path}', columns={kinds}, header=true)" if form == "csv" else
              f"read_parquet('{path}')" for path in (ours, theirs)]
    sums = [duckdb.execute(
        "SELECT count(*), sum(hash(row_number, user, item, prediction)::HUGEINT) FROM "
        f"(SELECT *, row_number() OVER () AS row_number FROM {table})").fetchall()
        for table in tables]
    return sums[0] == sums[1] and sums[0][0][0] == N_ROWS


def job(context: Context) -> Iterator[Row]:
    """Measure the whole job, from the model to the file."""
    for form in FORMATS:
        row = Row("job", DATA, f"{form}, predicted and written", "s", "at most")
        row.ours = [seconds_of(lambda form=form: list(export_all_pairs(
            Control(), context.few, context.folder / f"job.{form}", n_threads=N_THREADS)))
            for _ in range(context.repeats)]
        yield row


def memory(context: Context) -> Iterator[Row]:
    """Measure what the whole job takes beyond what is there."""
    for form in FORMATS:
        path = context.folder / f"memory.{form}"
        list(export_factors(Control(), context.few, path, "user", n_threads=N_THREADS))  # compiled
        base = reset_peak()
        list(export_all_pairs(Control(), context.few, path, n_threads=N_THREADS))
        yield Row("memory", DATA, f"{form}, beyond model and ids", "MB", "at most", 500, 250,
                  [(peak_bytes() - base) / 1e6])


def cancel(context: Context) -> Iterator[Row]:
    """Measure from stop to the end."""
    for form in FORMATS:
        row = Row("cancel", DATA, f"{form}, from stop to the end", "ms", "at most", 500, 100)
        for repeat in range(context.repeats):
            control, asked = Control(), [0.0]

            def stop(control: Control = control, asked: list[float] = asked) -> None:
                asked[0] = time.perf_counter()
                control.stop()

            path = context.folder / f"cancelled-{repeat}.{form}"
            timer = threading.Timer(0.3 + 0.17 * repeat, stop)
            timer.start()
            try:
                list(export_all_pairs(control, context.few, path, n_threads=N_THREADS))
            except CancelledError:
                row.ours.append(1000 * (time.perf_counter() - asked[0]))
            timer.join()
        left = [each.name for each in context.folder.iterdir() if "cancelled" in each.name]
        row.note = f"left behind: {', '.join(left) or 'nothing'}"
        yield row


def estimate(context: Context) -> Iterator[Row]:
    """Compare the size that is said beforehand with the file's."""
    for form in FORMATS:
        path = context.folder / f"estimate.{form}"
        plan, _ = export_all_pairs(Control(), context.few, path, n_threads=N_THREADS)
        assert isinstance(plan, PairsPlan)
        yield Row("estimate", DATA, f"{form}, said beforehand", "MB", "within", None, None,
                  [plan.n_bytes / 1e6], [path.stat().st_size / 1e6], note=plan.text)


def factors(context: Context) -> Iterator[Row]:
    """Measure the table of all users' factors."""
    for form in FORMATS:
        path = context.folder / f"factors.{form}"
        row = Row("factors", f"{N_USERS:,} x {N_FACTORS}", form, "s", "at most")
        row.ours = [seconds_of(lambda path=path: list(export_factors(
            Control(), context.saved, path, "user", n_threads=N_THREADS)))
            for _ in range(context.repeats)]
        row.note = f"{path.stat().st_size / 1e6:,.0f} MB"
        yield row


CASES: dict[str, Callable[[Context], Iterator[Row]]] = {
    "memory": memory,  # first, before others have taken memory that is used again
    "rated": lambda context: writing(context, "rated"),
    "all": lambda context: writing(context, "all"),
    "job": job, "cancel": cancel, "estimate": estimate, "factors": factors}


def main() -> int:
    """Measure and print; the exit code is 1 where a must is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, nargs="+", default=list(CASES))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    hold_blas()
    found = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        context = Context(Path(folder), options.repeats)
        for name in options.case:
            for row in CASES[name](context):
                found.append(row)
                print(row.text(), file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        print(json.dumps([row.as_dict() for row in found]))
    return 1 if any(row.verdict == "missed" for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
