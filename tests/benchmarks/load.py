"""How fast and with how much memory a large file is read, beside DuckDB and polars in one run.

    python tests/benchmarks/load.py FILE.csv [--repeats 5] [--threads 2] [--window] [--json]

FILE is a CSV with a header and user, item, rating first; the one meant is that of 20 million
rows which ``../shared/bench/synth.py out.npz --csv FILE.csv`` writes. Each reader runs in a
process of its own, in turn, after one round that warms the file cache and the compiled kernels:

- mfgui: to sorted arrays with ids, duplicates looked for, with times, checksum and report;
- polars: the same work as far as it goes (read as text, categorical codes, sorted by user and
  item), without any of the rest;
- duckdb: its own scan of the three columns as text, and nothing else.

Must: not slower than polars; at most 3 times DuckDB's scan (aim: 2); peak memory at most 4 times
the arrays at rest plus 300 MB; Cancel within 0.5 s at any moment; with --window (a screen is
needed) the window's heartbeat while it reads: p99 within 16 ms of idle, no gap over 50 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import Any

MOMENTS = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97)


def read_mfgui(path: str, n_threads: int) -> dict[str, Any]:
    """Read by the program's own way; return what it found and the bytes of its arrays."""
    from mfgui.data import policies, rows
    from mfgui.data.reader import open_ratings

    rows.reading_threads = policies.reading_threads = lambda: n_threads
    ratings, report = open_ratings(path)
    arrays = [ratings.user_index, ratings.item_index, ratings.value, ratings.time,
              ratings.user_ids.data, ratings.user_ids.offsets, ratings.item_ids.data,
              ratings.item_ids.offsets]
    assert report.n_lines == report.n_ratings + sum(number for _, number in report.losses)
    return {"n": ratings.n_ratings, "n_users": ratings.n_users,
            "array_bytes": sum(array.nbytes for array in arrays if array is not None)}


def read_polars(path: str, n_threads: int) -> dict[str, Any]:
    """Read as text, give categorical codes, sort by user and item."""
    os.environ["POLARS_MAX_THREADS"] = str(n_threads)
    import polars

    frame = polars.read_csv(path, columns=[0, 1, 2], infer_schema=False)
    user, item, rating = frame.columns
    frame = frame.with_columns(
        polars.col(user, item).cast(polars.Categorical).to_physical(),
        polars.col(rating).cast(polars.Float32)).sort(user, item)
    arrays = [frame[name].to_numpy() for name in frame.columns]
    return {"n": len(arrays[0]), "n_users": frame[user].n_unique()}


def read_duckdb(path: str, n_threads: int) -> dict[str, Any]:
    """Scan the first three columns as text."""
    import duckdb

    with open(path, encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    database = duckdb.connect(":memory:", config={"threads": n_threads})
    row = database.execute(
        f"SELECT count(*), max({names[0]}), max({names[1]}), max({names[2]}) FROM read_csv(?, "
        f"auto_detect = false, header = true, delim = ',', quote = '\"', columns = {{{columns}}})",
        [path]).fetchone()
    return {"n": row[0]}


READERS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "mfgui": read_mfgui, "polars": read_polars, "duckdb": read_duckdb,
}


def run_one(name: str, path: str, n_threads: int) -> None:
    """Time one reader in this process, imports and compiled kernels loaded before."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as small:
        small.write("user,item,rating,time\n" + "1,2,3,4\n3,2,4.5,5\n2,2,1,5\n" * 2)
        small.flush()
        READERS[name](small.name, n_threads)
    start = time.perf_counter()
    found = READERS[name](path, n_threads)
    found["seconds"] = time.perf_counter() - start
    found["peak_bytes"] = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(found))


def cancel_delays(path: str, seconds: float) -> list[float]:
    """Return how long the reader goes on after Cancel, at moments spread over its time."""
    from mfgui.core.control import Control
    from mfgui.data.reader import open_ratings
    from mfgui.errors import CancelledError

    delays = []
    for share in MOMENTS:
        control = Control()
        asked: list[float] = []

        def stop(control: Control = control, asked: list[float] = asked) -> None:
            asked.append(time.perf_counter())
            control.stop()

        timer = threading.Timer(share * seconds, stop)
        timer.start()
        try:
            open_ratings(path, control=control)
            timer.cancel()
        except CancelledError:
            delays.append(time.perf_counter() - asked[0])
        timer.join()
    return delays


def window_beats(path: str) -> dict[str, Any]:
    """Return the window's heartbeat, idle and while it reads, and the time to a first picture."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from view import Heartbeat, wait

    from mfgui.gui.app import application, create_window
    from mfgui.gui.run_model import Status

    with tempfile.TemporaryDirectory() as own:
        os.environ["XDG_CONFIG_HOME"] = own
        application()
        window = create_window()
        window.resize(1366, 768)
        window.show()
        window.open_sample()
        while window.run_model.status is not Status.READY:
            wait(0.05)
        wait(2)
        beat = Heartbeat()
        idle = beat.measure(5)
        beat.gaps_ms, beat._last = [], None
        beat._timer.start()
        start = time.perf_counter()
        before = window.run_model.ratings
        window.open_path(path)
        while window.run_model.ratings is before:
            wait(0.02)
        read_s = time.perf_counter() - start
        pictures = window.matrices_panel._pictures
        while window.matrices_panel._pictures is pictures and time.perf_counter() < start + 120:
            wait(0.02)
        beat._timer.stop()
        gaps = sorted(beat.gaps_ms)
        window.close()
    return {"idle": idle, "read_s": read_s, "first_picture_s": time.perf_counter() - start,
            "p99_ms": gaps[int(0.99 * len(gaps))], "max_ms": gaps[-1],
            "n_over_50_ms": sum(gap > 50 for gap in gaps)}


def compare(path: str, repeats: int, n_threads: int) -> dict[str, Any]:
    """Return medians of every reader, run in turn."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in READERS}
    for round_ in range(repeats + 1):
        for name, results in found.items():
            done = subprocess.run(
                [sys.executable, __file__, path, "--one", name, "--threads", str(n_threads)],
                capture_output=True, text=True, check=True)
            if round_:
                results.append(json.loads(done.stdout.splitlines()[-1]))
    return {name: {"seconds": median(each["seconds"] for each in results),
                   "all_seconds": [round(each["seconds"], 2) for each in results],
                   "peak_mb": max(each["peak_bytes"] for each in results) / 1e6,
                   **{key: results[0][key] for key in ("n", "array_bytes") if key in results[0]}}
            for name, results in found.items()}


def verdict(figures: dict[str, Any]) -> dict[str, bool]:
    """Return which of the musts are met."""
    own = figures["mfgui"]
    musts = {
        "not slower than polars": own["seconds"] <= figures["polars"]["seconds"],
        "3 times duckdb's scan": own["seconds"] <= 3 * figures["duckdb"]["seconds"],
        "memory": own["peak_mb"] <= 4 * own["array_bytes"] / 1e6 + 300,
        "cancel": max(figures["cancel_s"], default=0.0) <= 0.5,
    }
    if "window" in figures:
        beats = figures["window"]
        musts["heartbeat"] = (
            beats["p99_ms"] <= beats["idle"]["p99_ms"] + 16 and beats["max_ms"] <= 50)
    return musts


def main() -> int:
    """Measure and print; the exit code is 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--window", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=READERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    path = os.path.abspath(options.file)
    if options.one:
        run_one(options.one, path, options.threads)
        return 0
    figures = compare(path, options.repeats, options.threads)
    figures["cancel_s"] = cancel_delays(path, figures["mfgui"]["seconds"])
    if options.window:
        figures["window"] = window_beats(path)
    figures["must"] = verdict(figures)
    figures["aim"] = figures["mfgui"]["seconds"] <= 2 * figures["duckdb"]["seconds"]
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(name, value)
    return 0 if all(figures["must"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
