"""Trains on hostile ratings with hostile settings: finite numbers or one sentence, nothing else.

    python tests/fuzz/train.py --cases 5000 --seed 1 --jobs 2

Every solver in ``SOLVERS``, with settings inside and outside their bounds. A run ends in records
and a model of finite numbers, or in one sentence (an ``MfguiError``, a notice of kind "error"). A
failure is a traceback, a warning, a number that is not finite, a setting out of bounds that was
taken, memory beyond what ``bytes_needed`` said, and a run that has not ended after 60 s although
it was asked to stop after ``--patience`` seconds.

Case ``k`` of a seed is the same draw while solvers and settings stay as they are: ``--only K``
makes it again. Draws that fail are kept in ``--keep``; ``--replay FILE`` runs one of them.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from children import Worker, run_all  # noqa: E402 - stands beside this program
from train_checks import (  # noqa: E402
    SOUND,
    events_fault,
    outcome,
    peak_bytes,
    reset_peak,
    sentence_fault,
)
from train_draws import Draw, load_draw, make_draw, save_draw  # noqa: E402

from mfgui.core import memory  # noqa: E402
from mfgui.core.control import Control  # noqa: E402
from mfgui.core.ratings import Ratings, TextArray  # noqa: E402
from mfgui.core.settings import RunSettings, describe  # noqa: E402
from mfgui.core.solvers import SOLVERS  # noqa: E402
from mfgui.errors import MfguiError, SettingsError  # noqa: E402
from mfgui.jobs.train import train  # noqa: E402
from mfgui.training.checks import refusal  # noqa: E402
from mfgui.training.events import RunResult  # noqa: E402

FREE_BYTES = 1 << 30  # what the program is told that it may take
MOST_BYTES = 6 << 30
DEAF_SECONDS = 20.0
# Beside what bytes_needed speaks of: stacks of threads, what the allocator keeps; and the training
# and the held-out part, which are ratings.
FIXED_BYTES = 150 << 20
BYTES_PER_RATING = 80
# The first run of its kind in a process compiles, which takes 150 MB: its memory is not judged.
SEEN: set[Any] = set()


def run_draw(draw: Draw, patience: float) -> str:
    """Train; return how it ended, or what was wrong."""
    try:
        settings = SOLVERS[draw.solver].settings_type(**draw.values)
    except SettingsError as error:
        fault = sentence_fault(str(error))
        return fault or ("refused" if draw.hostile else f"refused a value in bounds: {error}")
    if draw.hostile:
        return f"taken out of bounds: {draw.hostile} = {draw.values[draw.hostile]!r}"
    ended, result = run_once(draw, draw.solver, settings, None, patience)
    if result is None or not draw.follower or ended not in SOUND:
        return ended
    shared = {info.name for info in describe(SOLVERS[draw.follower].settings_type)}
    values = {each.name: getattr(settings, each.name) for each in fields(settings)
              if each.name in shared}
    try:
        going_on = SOLVERS[draw.follower].settings_type(**{**values, "n_epochs": 2})
        if reason := refusal(result, draw.follower, going_on):
            return sentence_fault(reason) or ended
    except SettingsError as error:
        return sentence_fault(str(error)) or ended
    second, _ = run_once(draw, draw.follower, going_on, result, patience)
    return ended if second in SOUND else f"{second} (going on with {draw.follower})"


def run_once(
    draw: Draw, name: str, settings: RunSettings, start: RunResult | None, patience: float
) -> tuple[str, RunResult | None]:
    """Return how a run ended, and its result if there is one."""
    control = Control()
    stop = threading.Timer(patience, control.stop)
    ratings = draw.ratings
    said = SOLVERS[name].bytes_needed(
        ratings.n_users, ratings.n_items, ratings.n_ratings, settings)
    before, began = reset_peak(), time.monotonic()
    stop.start()
    try:
        events = list(train(control, name, settings, ratings, start=start,
                            test=other_ratings(ratings) if draw.has_test else None))
    except MfguiError as error:
        return sentence_fault(str(error)) or "refused", None
    finally:
        stop.cancel()
        stop.join()
    late = time.monotonic() - began - patience
    taken = peak_bytes() - before
    if late > DEAF_SECONDS:
        return f"deaf: it ended {late:.0f} s after it was asked to stop", None
    has_compiled = is_first(name, settings)
    most = said + BYTES_PER_RATING * ratings.n_ratings + FIXED_BYTES
    if taken > most and not has_compiled:
        return f"memory: {taken / 2**20:,.0f} MiB, said {said / 2**20:,.0f} MiB", None
    return events_fault(events) or outcome(events), events[-1]


def is_first(name: str, settings: RunSettings) -> bool:
    """Return whether this process ran no such solver before: then it had to be compiled."""
    key = (name, *(getattr(settings, info.name) for info in describe(type(settings))
                   if info.choices))
    was_seen = key in SEEN
    SEEN.add(key)
    return not was_seen


def other_ratings(ratings: Ratings) -> Ratings:
    """Return a test part: at most 50 of the ratings, and as many of an unknown user."""
    n = min(ratings.n_ratings, 50)
    user_ids = TextArray.from_strings([*list(ratings.user_ids), "a stranger"])
    some = np.unique(ratings.item_index[:n])
    return Ratings(
        np.concatenate([ratings.user_index[:n], np.full(some.size, ratings.n_users, np.int32)]),
        np.concatenate([ratings.item_index[:n], some]),
        np.concatenate([ratings.value[:n], np.full(some.size, ratings.value[0])]),
        user_ids, ratings.item_ids)


def prepare() -> None:
    """Make this process strict: warnings are errors, and memory is short."""
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
    warnings.simplefilter("error")
    memory.available_bytes = lambda: FREE_BYTES


def work(seed: int, keep: Path, patience: float) -> None:
    """Run the cases whose numbers come on the standard input, one line each."""
    prepare()
    for line in sys.stdin:
        number = int(line)
        result, label, seconds = timed_case(number, seed, keep, patience)
        rss = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps([number, result, label, seconds, rss]), flush=True)


def timed_case(number: int, seed: int, keep: Path, patience: float) -> tuple[str, str, float]:
    """Return how a case ended, what it was, and the seconds of work in it.

    It is kept before it is run, lest a crash leave nothing.
    """
    draw = make_draw(number, seed)
    path = keep / f"seed{seed}-case{number}.npz"
    save_draw(draw, path)
    began = time.process_time()
    result = caught(draw, patience)
    if result in SOUND:
        path.unlink()
    return result, draw.label, time.process_time() - began


def caught(draw: Draw, patience: float) -> str:
    """Return how a draw ended, a traceback being a way to end."""
    try:
        return run_draw(draw, patience)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return f"{type(error).__name__}: {error}"[:300] + "\n" + traceback.format_exc()[-1800:]


def cases(first: int, number: int) -> Iterator[int]:
    return iter(range(first, first + number))


def main(arguments: list[str] | None = None) -> int:
    """Run cases, print the counts, and return 1 if any failed."""
    parser = argparse.ArgumentParser(description="Train on hostile ratings and settings.")
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="the first case's number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--patience", type=float, default=5.0, help="seconds until a run is "
                        "asked to stop")
    parser.add_argument("--only", type=int, help="one case, in this process")
    parser.add_argument("--replay", type=Path, help="a draw that was kept, in this process")
    parser.add_argument("--keep", type=Path,
                        default=Path(tempfile.gettempdir()) / "mfgui-fuzz-train")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        work(chosen.seed, chosen.keep, chosen.patience)
        return 0
    if chosen.replay is not None or chosen.only is not None:
        prepare()
        draw = load_draw(chosen.replay) if chosen.replay else make_draw(chosen.only, chosen.seed)
        result = caught(draw, chosen.patience)
        print(draw.label, result, sep="\n")
        return 0 if result in SOUND else 1
    began = time.monotonic()
    command = [str(HERE / "train.py"), "--work", "--seed", str(chosen.seed), "--keep",
               str(chosen.keep), "--patience", str(chosen.patience)]
    counts, failures = run_all(
        cases(chosen.first, chosen.cases), lambda: Worker(command, MOST_BYTES), chosen.jobs,
        SOUND, f"seed {chosen.seed}")
    cpu_seconds = counts.pop("seconds", 0) / 1000
    shown = ", ".join(f"{number:,} {kind}" for kind, number in counts.most_common())
    print(f"{chosen.cases:,} cases of seed {chosen.seed}, {len(SOLVERS)} solvers: {shown}; "
          f"{len(failures)} failures; {time.monotonic() - began:.0f} s, "
          f"{cpu_seconds:.0f} s of work")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
