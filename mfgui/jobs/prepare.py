"""Compile kernels ahead, in a process of its own: ``python -m mfgui.jobs.prepare [PART ...]``.

It fills the cache on disk and writes a line for each part that is ready: "reading", "views", and
the name of each solver. ``preparation`` starts it and waits for what it tells.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mfgui.core.settings import RunSettings, describe
from mfgui.jobs.prepared import note_parts, noted_parts


def part_names() -> list[str]:
    """Return all parts, in the order in which they are likely to be needed."""
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS

    others = [name for name in SOLVERS if name != DEFAULT_SOLVER]
    return ["reading", DEFAULT_SOLVER, "views", *others]


def prepared_parts(names: Sequence[str] = ()) -> Iterator[str]:
    """Compile part by part, or only those named; yield the name of each once it is ready."""
    for name in names or part_names():
        if name == "reading":
            prepare_reading()
        elif name == "views":
            prepare_views()
        else:
            prepare_solver(name)
        yield name


def prepare_reading() -> None:
    """Read a small file of each kind that has kernels of its own."""
    from mfgui.data.reader import open_ratings

    with tempfile.TemporaryDirectory() as folder:
        for name, text in (
                ("long.csv", "user,item,rating,time\n" + "".join(
                    f"u{k % 7},i{k % 5},{k % 5 + 1},{978300000 + k}\n" for k in range(35))),
                ("wide.csv", "user,a,b,c\n" + "".join(
                    f"p{k},{k % 5 + 1},,{k % 4 + 1}\n" for k in range(9)))):
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            open_ratings(path)


def prepare_views() -> None:
    """Paint a small model, and search its ids."""
    from mfgui.core.solvers import DEFAULT_SOLVER
    from mfgui.inspection.warm_up import warm_up

    solver = _tiny_solver(DEFAULT_SOLVER)
    warm_up(solver.ratings, solver.model)


def prepare_solver(name: str) -> None:
    """Run an epoch of a solver with each of its choices."""
    from mfgui.core.parallel import WorkerPool
    from mfgui.core.solvers import SOLVERS
    from mfgui.training.warm_up import warm_up

    with WorkerPool(1) as pool:
        for settings in choices_of(SOLVERS[name].settings_type):
            warm_up(SOLVERS[name], settings, pool)


def choices_of(settings_type: type[RunSettings]) -> Iterator[RunSettings]:
    """Return the default settings, then them with each other value of each choice."""
    default = settings_type()
    yield default
    for info in describe(settings_type):
        for value in info.choices:
            if value != info.default:
                values: dict[str, Any] = {info.name: value}
                yield replace(default, **values)


def _tiny_solver(name: str) -> Any:
    """Return a solver on two ratings."""
    import numpy as np

    from mfgui.core.parallel import WorkerPool
    from mfgui.core.solvers import SOLVERS
    from mfgui.training.warm_up import two_ratings

    settings = SOLVERS[name].settings_type()
    return SOLVERS[name](two_ratings(), settings, WorkerPool(1), np.random.default_rng(0))


def main() -> None:
    """Prepare the parts named, or all; told line by line, so that who needs one can begin."""
    for part in prepared_parts(sys.argv[1:]):
        note_parts({part, *noted_parts()})
        sys.stdout.write(part + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
