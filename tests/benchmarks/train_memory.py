"""The memory of a run, beyond ratings, factors and kept copies of factors.

A run stands in a process of its own: the ratings are loaded, everything is compiled, then a
session runs a few epochs by the solver's defaults, its final training on all ratings too. The
figure is what the system says the process holds at the most (VmHWM, which counts what compiled
code and the allocator take as well), less what it held before, less what is allowed at that
moment: the live arrays of the solvers, states and models that somebody keeps, the training part
of the ratings. These are watched by weak references, and the peak is read anew whenever one comes
or goes.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from train_context import Context  # noqa: E402 - stands beside this program
from train_data import load_whole  # noqa: E402
from train_ours import settings_of, shown_settings  # noqa: E402
from train_rivals import run_json  # noqa: E402
from train_rows import MissingError, Row  # noqa: E402

from mfgui.core.parallel import WorkerPool  # noqa: E402
from mfgui.core.ratings import Ratings  # noqa: E402
from mfgui.core.solvers import SOLVERS  # noqa: E402
from mfgui.training import session  # noqa: E402

N_FACTORS = 64
N_EPOCHS = 2


def memory(context: Context) -> Iterator[Row]:
    """Compare each solver with the bytes of its ratings, and with what it says it needs."""
    path = context.path("20M")
    for name in SOLVERS:
        row = Row("memory", "20M", f"{name}, F={N_FACTORS}", "times the ratings", "at most", 1.5, 1)
        try:
            found = run_json([sys.executable, str(Path(__file__).resolve()), str(path), name], {},
                             f"a run of {name}")
        except MissingError as error:
            row.note = str(error)
            yield row
            continue
        mib = {key: f"{value / 2**20:,.0f} MiB" for key, value in found.items()
               if isinstance(value, (int, float))}
        row.ours, row.ours_settings = [found["beyond"] / found["ratings"]], found["settings"]
        row.note = (f"{mib['beyond']} beyond, in {found['where']}; the ratings {mib['ratings']}; "
                    f"factors and kept copies up to {mib['kept']}")
        yield row
        yield Row("memory", "20M", f"{name}, as said", "times bytes_needed", "at most", 1, 1,
                  [found["taken"] / found["said"]], ours_settings=found["settings"],
                  note=f"peak {mib['taken']} beside the ratings and their training part; "
                       f"bytes_needed says {mib['said']}")


class Watch:
    """Reads the peak of the process between the moments at which arrays come and go."""

    def __init__(self) -> None:
        self.base = reset_peak()
        self.allowed, self.rating_part = 0, 0
        self.most_kept, self.taken, self.beyond, self.where = 0, 0, 0, ""

    def read(self, where: str) -> None:
        """Take in the peak since the last reading, beyond what is allowed now."""
        taken = peak_bytes() - self.base
        reset_peak()
        self.taken = max(self.taken, taken - self.rating_part)
        if taken - self.allowed > self.beyond:
            self.beyond, self.where = taken - self.allowed, where

    def allow(self, arrays: Iterable[NDArray[Any]]) -> None:
        """Count arrays as allowed for as long as they live."""
        for array in arrays:
            while isinstance(array.base, np.ndarray):
                array = array.base
            self.allowed += array.nbytes
            weakref.finalize(array, self._drop, array.nbytes).atexit = False
        self.most_kept = max(self.most_kept, self.allowed - self.rating_part)

    def _drop(self, n_bytes: int) -> None:
        self.read("an epoch")
        self.allowed -= n_bytes


def watch_run(solver_type: Any, watch: Watch) -> None:
    """Tell the watch of solvers, states and models that are made, and of the ratings' parts.

    A state, a model and a part only add up while they are made, so they are allowed at once. What
    happens while a solver is made is counted whole, its arrays too: they come at some point of it.
    """
    first_init, first_state = solver_type.__init__, solver_type.state
    first_model_of = solver_type.model_of
    first_hold_out, first_take = session.hold_out, Ratings.take

    def __init__(self: Any, *arguments: Any) -> None:
        watch.read("preparing")
        first_init(self, *arguments)
        watch.read("making the solver")
        watch.allow(self.arrays().values())

    def state(self: Any) -> Any:
        watch.read("an epoch")
        made = first_state(self)
        watch.allow(made["arrays"].values())
        return made

    def model_of(self: Any, arrays: Any) -> Any:
        watch.read("an epoch")
        made = first_model_of(self, arrays)
        watch.allow(array for array in (made.user_factors, made.item_factors) if not any(
            np.may_share_memory(array, other) for other in arrays.values()))
        return made

    def hold_out(*arguments: Any) -> Any:
        made = first_hold_out(*arguments)
        watch.read("holding out")
        return made

    def take(self: Any, index: Any) -> Any:
        made = first_take(self, index)
        watch.rating_part = rating_bytes(made)
        watch.allow((made.user_index, made.item_index, made.value))
        return made

    solver_type.__init__, solver_type.state = __init__, state
    solver_type.model_of = model_of
    session.hold_out, Ratings.take = hold_out, take  # type: ignore[assignment, method-assign]


def measure(path: Path, name: str) -> dict[str, Any]:
    """Run a session and return its figures in bytes."""
    ratings = load_whole(path)
    values: dict[str, Any] = {"n_factors": N_FACTORS, "n_threads": 2, "n_epochs": N_EPOCHS}
    try:
        settings = settings_of(name, **values, n_members=2)
    except MissingError:
        settings = settings_of(name, **values)
    with WorkerPool(2) as pool:
        session.warm_up(SOLVERS[name], settings, pool)
    gc.collect()
    watch = Watch()
    watch_run(SOLVERS[name], watch)
    for _ in session.TrainingSession(name, settings, ratings).epochs():
        pass
    watch.read("the end")
    said = SOLVERS[name].bytes_needed(
        ratings.n_users, ratings.n_items, ratings.n_ratings, settings)
    return {"beyond": watch.beyond, "where": watch.where, "taken": watch.taken,
            "kept": watch.most_kept, "ratings": rating_bytes(ratings), "said": said,
            "settings": shown_settings(name, settings)}


def rating_bytes(ratings: Ratings) -> int:
    """Return the bytes of the ratings' three arrays."""
    return ratings.user_index.nbytes + ratings.item_index.nbytes + ratings.value.nbytes


def reset_peak() -> int:
    """Begin to watch the peak anew; return what the process holds now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak_bytes()


def peak_bytes() -> int:
    """Return the most bytes the process held since ``reset_peak`` (Linux only)."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main() -> int:
    """Measure one solver and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("solver")
    options = parser.parse_args()
    print(json.dumps(measure(options.file, options.solver)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
