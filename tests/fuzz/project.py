"""Opens damaged projects and model files: each is read rightly, or refused in one sentence.

    python tests/fuzz/project.py --cases 2000 --seed 1 --jobs 2

Cases run in child processes, so that a crash, a hang or too much memory costs that case and is
counted. A child's folders are looked at after each case: nothing may have been written elsewhere,
nothing executed. Files that fail are kept in ``--keep``; ``--only K`` makes case ``K`` again, the
same but for the times that stand in a project.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import tracemalloc
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))
sys.path.append(str(HERE.parents[1]))

from children import Worker, run_all  # noqa: E402 - stands beside this program
from project_bases import make_models, make_project  # noqa: E402
from project_mutations import damage_model, damage_project  # noqa: E402
from project_reading import Unsound, read_model, read_project  # noqa: E402

MOST_SECONDS = 30.0
MOST_BYTES = 3 << 30
MOST_TRACED = 256 << 20
"""Of memory in one case; the files have 0.3 MB, the largest value put in 30 MB."""

MODEL_EVERY = 4
OURS = ("", "-wal", "-shm", "-journal", ".lock")


class Place:
    """Folders in which nothing may be found but what was put there.

    Parameters
    ----------
    top : Path
    """

    def __init__(self, top: Path) -> None:
        self.top, self.bases = top, top / "bases"
        self.case, self.cwd, self.temporary = (top / name for name in ("case", "cwd", "tmp"))
        for folder in (self.bases, self.cwd, self.temporary):
            folder.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(self.temporary)
        os.chdir(self.cwd)
        make_project(self.bases / "P.mfgui")
        self.models = list(make_models(self.bases))
        self._names = set(os.listdir(top)) | {"case"}
        self._bases = self._contents()

    def _contents(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.bases.iterdir()}

    def make(self, number: int, seed: int) -> tuple[Path, str]:
        """Return the file of a case and what is wrong with it."""
        shutil.rmtree(self.case, ignore_errors=True)
        self.case.mkdir()
        rng = random.Random(seed * 1_000_003 + number)
        if number % MODEL_EVERY == 0:
            base = rng.choice(self.models)
            path = self.case / "model.npz"
            shutil.copyfile(base, path)
            return path, damage_model(path, rng)
        path = self.case / "P.mfgui"
        shutil.copyfile(self.bases / "P.mfgui", path)
        shutil.copyfile(self.bases / "ratings.csv", self.case / "ratings.csv")
        return path, damage_project(path, rng)

    def check(self, path: Path) -> None:
        """Raise where anything was written that should not be."""
        known = {path.name + ending for ending in OURS} | {"ratings.csv"}
        found = [name for name in os.listdir(self.case)
                 if name not in known and not name.startswith("P (version ")]
        found += os.listdir(self.cwd) + os.listdir(self.temporary)
        found += set(os.listdir(self.top)) - self._names
        if found:
            raise Unsound(f"written elsewhere: {found}")
        if self._contents() != self._bases:
            raise Unsound("another file was changed")


def run_case(place: Place, path: Path, number: int) -> str:
    """Return how a case ended: "refused", "partly" or "read"."""
    if path.suffix == ".npz":
        result = read_model(path, number)
        place.check(path)
        return result
    before = path.read_bytes()
    result = read_project(path, "read", number)
    if path.read_bytes() != before:
        raise Unsound("reading changed the file")
    place.check(path)
    other = read_project(path, "write", number)
    place.check(path)
    return result if other != "refused" else other


def timed_case(place: Place, number: int, seed: int, keep: Path) -> tuple[str, str, float]:
    """Return result, description and seconds of a case."""
    path, label = place.make(number, seed)
    shutil.copytree(place.case, copy := place.bases.parent / "copy", dirs_exist_ok=True)
    place._names.add("copy")
    began = time.process_time()
    tracemalloc.start()
    try:
        result = run_case(place, path, number)
        most = tracemalloc.get_traced_memory()[1]
        if most > MOST_TRACED:
            result = f"memory: {most / 2**20:.0f} MB"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        result = f"{type(error).__name__}: {error}"[:300] + "\n" + traceback.format_exc()[-2500:]
        for folder in (place.cwd, place.temporary):
            for each in folder.iterdir():
                (shutil.rmtree if each.is_dir() else os.unlink)(each)
    finally:
        tracemalloc.stop()
    gc.collect()
    seconds = time.process_time() - began
    if seconds > MOST_SECONDS:
        result = f"slow: {seconds:.1f} s"
    if result not in ("read", "partly", "refused"):
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copytree(copy, keep / f"seed{seed}-case{number}", dirs_exist_ok=True)
    shutil.rmtree(copy)
    return result, label, seconds


def work(seed: int, keep: Path) -> None:
    """Run the cases whose numbers come on the standard input, one line each."""
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", RuntimeWarning)  # of numbers that are too large, as they are
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(os.path.realpath(name)))
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES,) * 2)
        for line in sys.stdin:
            number = int(line)
            result, label, seconds = timed_case(place, number, seed, keep)
            rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            texts = [text.encode("ascii", "backslashreplace").decode() for text in (result, label)]
            print(json.dumps([number, *texts, seconds, rss]), flush=True)
        os.chdir("/")


def main(arguments: list[str] | None = None) -> int:
    """Run cases, print the counts, and return 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first case's number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "mfgui-fuzz")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.work:
        work(given.seed, given.keep)
        return 0
    numbers = (range(given.first, given.first + given.cases) if given.only is None
               else [given.only])
    command = [str(HERE / "project.py"), "--work", "--seed", str(given.seed),
               "--keep", str(given.keep)]
    counts, failures = run_all(
        iter(numbers), lambda: Worker(command, MOST_BYTES), given.jobs,
        ("read", "partly", "refused", "seconds"), f"seed {given.seed}")
    seconds = counts.pop("seconds", 0) / 1000
    print(", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())),
          f"in {seconds:.0f} s of work, {len(failures)} failures")
    return bool(failures)


if __name__ == "__main__":
    raise SystemExit(main())
