"""Reads damaged files of every kind: each must end in ratings that add up or in one sentence.

    python tests/fuzz/read.py --cases 10000 --seed 1 --jobs 2

Case ``k`` of a seed is the same file at any time: ``--only K`` makes it again and shows the
traceback. Files that fail are kept in ``--keep``. Cases run in child processes, so that a crash,
a hang or too much memory costs that case and is counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import makers  # noqa: E402 - stands beside this program
import mutations  # noqa: E402
from children import Worker, run_all  # noqa: E402

DATA = Path(os.environ.get("MFGUI_TEST_DATA", HERE.parents[2] / "shared" / "data"))
MOST_SECONDS = 10.0
MOST_BYTES = 2 << 30
MONSTER_EVERY = 70
BASE_BYTES = 40_000

NAMES = [
    "ratings.csv", "u.data", "a[1].csv", "what?.csv", "star*.csv", "it's.csv", 'a "quote".csv',
    " blank .csv", "new\nline.csv", "tab\t.csv", "-rf", "x.parquet", "x.xlsx", "x.json", "x.npz",
    "ünïcode.csv", "$HOME;ls.csv", "%s%n.csv", "l" * 251 + ".csv", os.fsdecode(b"\xff\xfe.csv"),
]
COLUMNS = [
    "user=1,item=2,rating=3", "user=2,item=1,rating=3", "user=1,items=2-5", "items=1-3",
    "user=1,item=2", "user=9,item=8,rating=7", "user,item,rating,time", "user=userId,item=movieId",
    "user=\"x\",item='); DROP TABLE x; --,rating=3",
]


def bases() -> list[tuple[str, bytes]]:
    """Return the files that are damaged: generated ones of each format, and cuts of real ones."""
    found = [(name, make(makers.CELLS)) for name, make in makers.MAKERS.items()]
    found += [("json-array", makers.json_array(makers.CELLS)),
              ("excel-wide", makers.workbook(
                  {"Sheet1": [["notes"]], "W": list(map(list, makers.wide_table(makers.CELLS)))})),
              ("npy-triples", makers.saved(np.array(makers.CELLS))),
              ("npy-records", makers.saved(np.array(
                  [(user, f"i{item}", value) for user, item, value in makers.CELLS],
                  dtype=[("user", "i4"), ("item", "U8"), ("rating", "f4")]))),
              ("npz-coo", makers.sparse_file(
                  "coo", (99, 99), row=np.arange(50), col=np.arange(50), data=np.ones(50)))]
    for path in sorted(DATA.glob("*/*")) if DATA.is_dir() else []:
        if path.is_file():
            found.append((path.name, beginning(path)))
    return found


def beginning(path: Path) -> bytes:
    """Return how a file begins, unpacked and in whole lines."""
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        content = file.read(BASE_BYTES)
    return content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1] or content


def make_case(
    number: int, seed: int, files: list[tuple[str, bytes]]
) -> tuple[bytes, str, dict[str, Any], str]:
    """Return content, file name, options and description of a case."""
    chance = random.Random(f"{seed}/{number}")
    if number % MONSTER_EVERY == MONSTER_EVERY - 1:
        monster = mutations.MONSTERS[number // MONSTER_EVERY % len(mutations.MONSTERS)]
        return monster(chance), "monster.csv", {}, monster.__name__
    label, content = chance.choice(files)
    if len(content) > 2000 and chance.random() < 0.5:
        content = content[: chance.randrange(200, 20_000)] if content[:2] != b"PK" else content
    content, damage = mutations.damaged(content, chance)
    if chance.random() < 0.03:
        content += b"\n" + chance.choice(files)[1]
        damage += "+joined"
    name = chance.choice(NAMES) if chance.random() < 0.3 else "ratings.csv"
    return content, name, random_options(chance), f"{label}: {damage}"


def random_options(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.6:
        return {}
    choices: dict[str, list[Any]] = {
        "format": [*makers.MAKERS], "part": ["ratings", "Sheet1", "../x", "a'b"],
        "delimiter": ["comma", "tab", "::", ";", "blank", "~", "é"], "header": [True, False],
        "encoding": ["utf-8", "utf-16", "latin-1", "cp1252", "mac-roman"],
        "decimal": ["comma", "point"], "columns": COLUMNS, "missing": ["99", "N/A,0", ""],
        "zeros": ["missing", "rating"],
        "duplicates": ["last", "first", "mean", "max", "sum", "reject"],
        "minimum": [0, 2.5], "maximum": [3, 1e30], "since": ["2004-01-01", "nonsense"],
        "sample_users": [1, 5], "binarize": [3], "min_ratings_per_user": [1, 3],
        "min_ratings_per_item": [2],
    }
    chosen = chance.sample(sorted(choices), chance.choice([1, 1, 2, 3]))
    return {name: chance.choice(choices[name]) for name in chosen}


def run_case(path: Path, options: dict[str, Any]) -> str:
    """Read a file; return ``ratings`` or ``refused``, or what went wrong."""
    from mfgui.data.options import ReadOptions
    from mfgui.data.reader import look_at_file, open_ratings
    from mfgui.errors import DataError

    try:
        chosen = ReadOptions(**options)
    except DataError as error:
        return sentence_fault(error) or "refused"
    try:
        look = look_at_file(path, chosen)
    except DataError as error:
        fault = sentence_fault(error)
    else:
        fault = look_fault(look)
    if fault:
        return fault
    try:
        ratings, report = open_ratings(path, chosen)
    except DataError as error:
        return sentence_fault(error) or "refused"
    n_lost = sum(number for _, number in report.losses)
    if report.n_lines != ratings.n_ratings + n_lost or report.n_ratings != ratings.n_ratings:
        return f"does not add up: {report.n_lines} {ratings.n_ratings} {report.losses}"
    if not ratings.n_ratings or not report.summary().isprintable():
        return "empty ratings" if not ratings.n_ratings else "summary is not printable"
    json.dumps(report.as_dict())
    return "ratings"


def sentence_fault(error: Exception) -> str:
    text = str(error)
    if not text.isprintable() or not text.endswith(".") or len(text) > 1500 or not text:
        return f"bad sentence: {text[:300]!r}"
    return ""


def look_fault(look: Any) -> str:
    if len(look.names) != len(look.roles) or {len(row) for row in look.rows} - {len(look.roles)}:
        return "look: rows, names and roles differ in width"
    if not all(doubt.isprintable() for doubt in look.doubts):
        return f"look: doubts are not printable: {look.doubts}"
    return ""


def work(seed: int, keep: Path) -> None:
    """Run the cases whose numbers come on the standard input, one line each."""
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    warnings.simplefilter("error")
    files = bases()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a1.csv").write_bytes(b"not,the,right\nfile,to,read\n")
        for line in sys.stdin:
            number = int(line)
            outcome, seconds = timed_case(number, seed, files, folder, keep)
            rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            print(json.dumps([number, *outcome, seconds, rss]), flush=True)


def timed_case(
    number: int, seed: int, files: list[tuple[str, bytes]], folder: Path, keep: Path
) -> tuple[tuple[str, str], float]:
    content, name, options, label = make_case(number, seed, files)
    path = folder / name
    path.write_bytes(content)
    began = time.process_time()
    try:
        result = run_case(path, options)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        result = f"{type(error).__name__}: {error}"[:300] + "\n" + traceback.format_exc()[-1500:]
    seconds = time.process_time() - began
    if seconds > MOST_SECONDS:
        result = f"slow: {seconds:.1f} s"
    if result not in ("ratings", "refused") and len(content) < 5_000_000:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"seed{seed}-case{number}.bin").write_bytes(content)
    path.unlink()
    return (result, f"{label} {json.dumps(options)} {name!r}"), seconds


def main(arguments: list[str] | None = None) -> int:
    """Run cases, print the counts, and return 1 if any failed."""
    parser = argparse.ArgumentParser(description="Read damaged files of ratings.")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first case's number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", type=int, help="one case, in this process")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "mfgui-fuzz")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        work(chosen.seed, chosen.keep)
        return 0
    if chosen.only is not None:
        with tempfile.TemporaryDirectory() as folder:
            print(timed_case(chosen.only, chosen.seed, bases(), Path(folder), chosen.keep))
        return 0
    began = time.monotonic()
    numbers = iter(range(chosen.first, chosen.first + chosen.cases))
    arguments = [str(HERE / "read.py"), "--work", "--seed", str(chosen.seed),
                 "--keep", str(chosen.keep)]
    counts, failures = run_all(
        numbers, lambda: Worker(arguments, MOST_BYTES), chosen.jobs, ("ratings", "refused"),
        f"seed {chosen.seed}")
    cpu_seconds = counts.pop("seconds", 0) / 1000
    shown = ", ".join(f"{number:,} {kind}" for kind, number in counts.most_common())
    print(f"{chosen.cases:,} cases of seed {chosen.seed}: {shown}; {len(failures)} failures; "
          f"{time.monotonic() - began:.0f} s, {cpu_seconds:.0f} s of work")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
