"""Takes the power away at random moments, by what was written and synced until then.

    python tests/faults/power.py --cases 200 --seed 1

A child trains, saves, compacts and converts behind the shim of `shim.c`, which records its writes
and syncs. From the record the disk is made as it may be at a moment: what was synced is there, of
the rest any part, torn. ``--synchronous OFF`` has the child sync nothing: that must be found.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))
sys.path.append(str(HERE.parents[1]))

from activities import make_old  # noqa: E402 - stands beside this program
from material import (  # noqa: E402
    Told,
    differences,
    fill,
    integrity,
    keep_often,
    lost_records,
    missing,
    ratings,
    show,
    split_lines,
    train_into,
    undisturbed,
)
from shim import Call, built_shim, calls_of, environment, moments, told_until  # noqa: E402

from mfgui.core.control import Control  # noqa: E402
from mfgui.errors import MfguiError  # noqa: E402
from mfgui.jobs.recording import continue_run  # noqa: E402
from mfgui.jobs.train import saved_model  # noqa: E402
from mfgui.store.files import sync_folder  # noqa: E402
from mfgui.store.model_file import open_model, save_model  # noqa: E402
from mfgui.store.project import connection, create_project, open_project  # noqa: E402

GO_ON_EVERY = 10
SOLVERS = ("sgd", "als")
DELETED = 3  # the run that is deleted, behind those that are looked for
OLD = (2, 300, 20_000)


def act(folder: Path, synchronous: str) -> None:
    """Train runs, save copies and models, delete, compact, convert; write down what is shown."""
    connection._WRITING_PRAGMAS = (
        f"synchronous = {synchronous}", *connection._WRITING_PRAGMAS[1:])
    keep_often()
    told = Told(folder / "told")
    with create_project(folder / "P.mfgui") as project:
        told.say("open")
        for number, solver in enumerate(SOLVERS, 1):
            result = show(told, train_into(project, solver))
            assert result is not None
            project.copy_to(folder / "copy.mfgui")
            told.say("copy", number)
            save_model(folder / f"model {number}.npz", saved_model(result, ratings()))
            told.say("model", number)
        for _ in train_into(project, "als"):
            pass
        project.delete_run(DELETED)
        project.compact()
        told.say("compacted")
    told.say("closed")
    _migrate(folder, told)


def _migrate(folder: Path, told: Told) -> None:
    """Have a project of version 1 converted."""
    fill(folder / "new.mfgui", *OLD)
    make_old(folder / "old.mfgui", folder / "new.mfgui")
    sync_folder(folder)
    told.say("old")
    with open_project(folder / "old.mfgui"):
        told.say("migrated")


def recorded(place: Path, synchronous: str = "FULL") -> tuple[list[Call], Path]:
    """Return what a child did to its files, and the folder they were in."""
    folder, log = place / "files", place / "log"
    folder.mkdir()
    subprocess.run(
        [sys.executable, str(HERE / "power.py"), "--act", str(folder), "--synchronous",
         synchronous],
        check=True, env=environment(built_shim(place), folder, log=log))
    return calls_of(log), folder


def judged(folder: Path, lines: list[list[str]], number: int) -> list[str]:
    """Return what is lost of what was shown."""
    path, found = folder / "P.mfgui", []
    if not path.exists() and not lines:
        return []
    words = [line[0] for line in lines]
    with open_project(path) as project:
        found += lost_records(project, lines)
        for run in project.runs():
            is_over = ["result", str(run.id)] in lines
            if run.status != "finished" and (is_over or run.status == "running"):
                found.append(f"run {run.id} is {run.status}")
        if words.count("run") > len(project.runs()):
            found.append("a run is lost")
        if ["compacted"] in lines and DELETED in {run.id for run in project.runs()}:
            found.append("a deleted run is there again")
        if number % GO_ON_EVERY == 0 and project.runs():
            run = project.runs()[-1]
            if run.status == "interrupted":
                *_, result = continue_run(Control(), project, run.id, ratings())
                found += differences(result, undisturbed(run.solver))
    found += integrity(path)
    return found + _judged_saved(folder, lines) + _judged_old(folder, lines)


def _judged_old(folder: Path, lines: list[list[str]]) -> list[str]:
    """Return what is lost of a project of an older version."""
    old = folder / "old.mfgui"
    if ["old"] not in lines:
        return []
    found = []
    with open_project(old) as project:
        found += missing(project, range(1, OLD[0] + 1), *OLD[1:])
    found += integrity(old)
    copy = folder / "old (version 1).mfgui"
    if copy.exists():
        found += integrity(copy)
    elif ["migrated"] in lines:
        found.append("the copy of the older version is lost")
    return found


def _judged_saved(folder: Path, lines: list[list[str]]) -> list[str]:
    """Return what is wrong with models and a copy that were saved."""
    found = []
    for number in range(1, len(SOLVERS) + 1):
        model = folder / f"model {number}.npz"
        if model.exists():
            open_model(model)
        elif ["model", str(number)] in lines:
            found.append(f"model {number} is lost")
    copy, n_runs = folder / "copy.mfgui", sum(line[0] == "copy" for line in lines)
    if copy.exists():
        with open_project(copy) as project:
            if len(project.runs()) < n_runs:
                found.append("the copy lacks a run")
        found += integrity(copy)
    elif n_runs:
        found.append("the copy is lost")
    return found


def lose_power(
    calls: list[Call], folder: Path, place: Path, n: int, seed: int
) -> tuple[Counter[str], list[str]]:
    """Return how many moments there were of which kind, and what was lost."""
    rng = np.random.default_rng(seed)
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for number, (end, disk) in enumerate(moments(calls, n, rng, folder / "told")):
        target = place / "after"
        disk.write(target, folder, rng)
        lines = split_lines(told_until(calls, end, folder / "told"))
        try:
            found = judged(target, lines, number)
        except MfguiError as error:
            found = [f"refused: {error}"]
        counts["moments"] += 1
        counts["with something shown"] += bool(lines)
        counts["failed"] += bool(found)
        failures += [f"after {end} of {len(calls)} calls: {each}" for each in found[:3]]
        shutil.rmtree(target, ignore_errors=True)
    return counts, failures


def main() -> int:
    """Take the power away as often as was asked for, and tell what was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", default="FULL")
    parser.add_argument("--act", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.act is not None:
        act(given.act, given.synchronous)
        return 0
    with tempfile.TemporaryDirectory(prefix="mfgui-power-") as name:
        place = Path(name)
        calls, folder = recorded(place, given.synchronous)
        counts, failures = lose_power(calls, folder, place, given.cases, given.seed)
    for each in failures:
        print(each)
    n_syncs = sum(call.op == "S" for call in calls)
    print(f"{len(calls):,} calls, {n_syncs:,} of them syncs; {counts['moments']} moments "
          f"({counts['with something shown']} with something shown), {counts['failed']} failures")
    return bool(failures)


if __name__ == "__main__":
    raise SystemExit(main())
