"""Top lists of all users beside the bare product, and what a change of a new user costs.

    python tests/benchmarks/top.py RATINGS.npz [--case NAME ...] [--repeats 5] [--json]

RATINGS.npz holds arrays u, i and r: 138,000 users, 27,000 items and 20 million ratings. Factors are
random, F=64. The exit code is 1 where a must is missed.

Cases: memory (beyond the model, while all lists are found), lists (the best ten of all users, what
they rated left out, against the same float32 product in equal tiles, two threads each with one
buffer, in turn), cancel (from stop to the end), csv (the lists written to a file), live (a new
user's rating changed: the row solved, all items predicted, the best ten and why; the slowest of
many changes, for each kind of model and users of 20 to 2000 ratings). BLAS is held to one thread.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from train_data import load_whole  # noqa: E402 - stands beside this program
from train_memory import peak_bytes, reset_peak  # noqa: E402
from train_rows import Row, measured  # noqa: E402

from mfgui.core.control import Control  # noqa: E402
from mfgui.core.fold_in_rule import FoldInRule  # noqa: E402
from mfgui.core.model import FactorModel  # noqa: E402
from mfgui.core.parallel import WorkerPool, even_blocks, hold_blas  # noqa: E402
from mfgui.errors import CancelledError  # noqa: E402
from mfgui.inspection.known import Known  # noqa: E402
from mfgui.inspection.new_user import new_user, with_rating  # noqa: E402
from mfgui.inspection.recommend import TopMemo, recommend  # noqa: E402
from mfgui.inspection.top_lists import ITEMS_PER_TILE, USERS_PER_TILE, top_lists  # noqa: E402
from mfgui.jobs.recommend import recommend_all  # noqa: E402
from mfgui.store.model_file import SavedModel  # noqa: E402

N_FACTORS, N_THREADS = 64, 2
N_CHANGES = 30


class Context:
    """The ratings and models of all cases."""

    def __init__(self, path: Path, repeats: int) -> None:
        self.known, self.repeats = Known(load_whole(path)), repeats
        rng = np.random.default_rng(0)
        ratings = self.known.ratings
        self.model = FactorModel(
            rng.normal(0, 0.1, (ratings.n_users, N_FACTORS)).astype(np.float32),
            rng.normal(0, 0.3, (ratings.n_items, N_FACTORS)).astype(np.float32),
            rng.normal(0, 0.3, ratings.n_users).astype(np.float32),
            rng.normal(0, 0.3, ratings.n_items).astype(np.float32),
            ratings.mean, ratings.scale, rules=(FoldInRule(0.05, 0.05, has_bias=True),))
        _ = ratings.row_pointers, ratings.item_counts  # kept with the ratings
        self.data = f"{ratings.n_users:,} x {ratings.n_items:,}"

    def lists(self, control: Control | None = None) -> None:
        """Find the lists of all users and keep none of them."""
        with WorkerPool(N_THREADS) as pool:
            for _ in top_lists(self.model, self.known, pool=pool, control=control or Control()):
                pass

    def product(self) -> None:
        """Multiply in the same tiles, each thread with one buffer."""
        users, items = self.model.user_factors, self.model.item_factors

        def work(first: int) -> None:
            buffer = np.empty(USERS_PER_TILE * ITEMS_PER_TILE, np.float32)
            for begin, end in blocks[first::N_THREADS]:
                for top, bottom in even_blocks(items.shape[0], ITEMS_PER_TILE):
                    tile = buffer[: (end - begin) * (bottom - top)].reshape(end - begin, -1)
                    np.matmul(users[begin:end], items[top:bottom].T, out=tile)

        blocks = even_blocks(users.shape[0], USERS_PER_TILE)
        threads = [threading.Thread(target=work, args=(k,)) for k in range(N_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def seconds_of(work: Callable[[], None], cpu: list[float] | None = None) -> float:
    """Return how long something takes; add to ``cpu`` what it takes of all processors."""
    began, cpu_began = time.perf_counter(), time.process_time()
    work()
    if cpu is not None:
        cpu.append(time.process_time() - cpu_began)
    return time.perf_counter() - began


def memory(context: Context) -> Iterator[Row]:
    """Measure what finding all lists needs beyond model and ratings."""
    row = Row("memory", context.data, "while finding all lists", "MB", "at most", 500, 500)
    base = reset_peak()
    context.lists()
    row.ours = [(peak_bytes() - base) / 1e6]
    row.note = "compiled code and its compiler's memory, if it runs for the first time, included"
    yield row


def lists(context: Context) -> Iterator[Row]:
    """Compare with the bare product."""
    row = Row("lists", context.data, f"F={N_FACTORS}, {N_THREADS} threads", "s", "within", 1.9, 1.5)
    context.lists(), context.product()
    row.rival_settings = (f"float32 product, tiles of {USERS_PER_TILE} x {ITEMS_PER_TILE}, "
                          "one buffer a thread")
    cpu = Row("lists", context.data, "the same, of all processors", "CPU s", "within")
    yield measured(row, lambda: seconds_of(context.lists, cpu.ours),
                   lambda: seconds_of(context.product, cpu.rival), context.repeats)
    cpu.others_cpus = row.others_cpus
    cpu.note = "beside the row above: what others do on the machine weighs less here"
    yield cpu


def cancel(context: Context) -> Iterator[Row]:
    """Measure from stop to the end."""
    row = Row("cancel", context.data, "from stop to the end", "ms", "at most", 100, 100)
    for repeat in range(context.repeats):
        control, asked = Control(), [0.0]

        def stop(control: Control = control, asked: list[float] = asked) -> None:
            asked[0] = time.perf_counter()
            control.stop()

        timer = threading.Timer(0.3 + 0.17 * repeat, stop)
        timer.start()
        try:
            context.lists(control)
        except CancelledError:
            row.ours.append(1000 * (time.perf_counter() - asked[0]))
        timer.join()
    yield row


def csv_file(context: Context) -> Iterator[Row]:
    """Measure the whole job: finding the lists and writing 1.38 million lines."""
    row = Row("csv", context.data, "found and written", "s", "at most")
    ratings = context.known.ratings
    saved = SavedModel(context.model, ratings.user_ids, ratings.item_ids, None,
                       {"settings": {}, "history": []}, context.known)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(min(context.repeats, 3)):
            def work() -> None:
                *_, written = recommend_all(
                    Control(), saved, Path(folder) / "lists.csv", n_threads=N_THREADS)
                row.note = f"{written.n_rows:,} lines"
            row.ours.append(seconds_of(work))
    yield row


def live(context: Context) -> Iterator[Row]:
    """Measure a change of a new user, for each kind of model."""
    rng = np.random.default_rng(1)
    for name, model in kinds(context.model):
        memo = TopMemo(model, context.known)
        _ = memo.grams, memo.counts
        for n in (20, 200, 2000):
            row = Row("live", f"{model.n_items:,} items", f"{name}, {n} ratings", "ms", "at most",
                      16, 16)
            taken = [changes(model, context.known, memo, n, rng) for _ in range(context.repeats)]
            row.ours = [max(each) for each in taken]
            row.note = (f"the slowest of {N_CHANGES} changes, the median of the repeats; the "
                        f"median change {np.median(taken):.1f} ms")
            yield row


def changes(
    model: FactorModel, known: Known, memo: TopMemo, n: int, rng: np.random.Generator
) -> list[float]:
    """Return the milliseconds of each of many changes of a user with ``n`` ratings."""
    items = rng.choice(model.n_items, n, replace=False)
    user = new_user(model, items, rng.integers(1, 6, n), grams=memo.grams)
    taken = []
    for item in rng.choice(model.n_items, N_CHANGES, replace=False):
        began = time.perf_counter()
        user = with_rating(model, user, int(item), 4.5, memo.grams)
        recommend(model, known, user, memo=memo, held_out_rmse=0.9)
        taken.append(1000 * (time.perf_counter() - began))
    return taken


def kinds(model: FactorModel) -> Iterator[tuple[str, FactorModel]]:
    """Yield models of the same factors by other rules."""
    parts = (model.user_factors, model.item_factors)
    zeros = np.zeros_like(model.user_bias), np.zeros_like(model.item_bias)
    scale = model.scale
    yield "als", model
    yield "implicit-als", FactorModel(
        *parts, *zeros, 0.0, (0.0, 1.0), target="preference",
        rules=(FoldInRule(20.0, is_per_rating=False, confidence="log", alpha=4.0),))
    yield "svd++", FactorModel(
        *parts, model.user_bias, model.item_bias, model.global_mean, scale,
        implicit_factors=some(model.item_factors.shape), rules=model.rules)
    yield "nmf", FactorModel(
        abs(parts[0]), abs(parts[1]), *zeros, 0.5, scale,
        rules=(FoldInRule(0.05, is_per_rating=False, is_nonnegative=True),))
    yield "average of 4", FactorModel(
        *parts, model.user_bias, model.item_bias, model.global_mean, scale,
        member_ends=tuple(range(N_FACTORS // 4, N_FACTORS + 1, N_FACTORS // 4)),
        rules=model.rules * 4)


def some(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return small random factors."""
    return np.random.default_rng(2).normal(0, 0.02, shape).astype(np.float32)


CASES: dict[str, Callable[[Context], Iterator[Row]]] = {
    "memory": memory, "lists": lists, "cancel": cancel, "csv": csv_file, "live": live}


def main() -> int:
    """Measure and print; the exit code is 1 where a must is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("--case", choices=CASES, nargs="+", default=list(CASES))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    hold_blas()
    context, found = Context(options.ratings, options.repeats), []
    for name in options.case:
        for row in CASES[name](context):
            found.append(row)
            print(row.text(), file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        print(json.dumps([row.as_dict() for row in found]))
    return 1 if any(row.verdict == "missed" for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
