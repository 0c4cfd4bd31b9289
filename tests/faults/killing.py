"""Kills a program at random moments of all it does, and looks for what is lost.

    python tests/faults/killing.py --cases 200 --seed 1

Case ``k`` of a seed does the same thing and is killed after the same time; ``--only K`` repeats it.
The program is forked, so that loading it takes no time of the case, and killed by SIGKILL.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))
sys.path.append(str(HERE.parents[1]))

import activities  # noqa: E402 - stands beside this program
from material import Told, lines_of  # noqa: E402


def fork(activity: object, folder: Path, number: int) -> int:
    """Return the number of a process that does something."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        activity.act(folder, Told(folder / "told"), number)  # type: ignore[attr-defined]
        code = 0
    except BaseException:  # noqa: BLE001 - a child ends here, whatever happens
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def whole_time(activity: object, folder: Path, number: int) -> float:
    """Return how long something takes that is not disturbed."""
    activity.prepare(folder, number)  # type: ignore[attr-defined]
    begin = time.monotonic()
    _, status = os.waitpid(fork(activity, folder, number), 0)
    if status:
        raise SystemExit(f"{activity.name} fails by itself")  # type: ignore[attr-defined]
    return time.monotonic() - begin


def run_case(activity: object, folder: Path, number: int, seconds: float) -> tuple[bool, list[str]]:
    """Return whether the child was killed in time, and what was lost."""
    activity.prepare(folder, number)  # type: ignore[attr-defined]
    child = fork(activity, folder, number)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    found = activities.judged(activity, folder, lines_of(folder / "told"), number)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        found.append("the child failed by itself")
    return os.WIFSIGNALED(status), found


def main() -> int:
    """Kill as often as was asked for, and tell what was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    n_failures = n_killed = 0
    numbers = itertools.count() if given.only is None else iter([given.only])
    with tempfile.TemporaryDirectory(prefix="mfgui-kill-") as place:
        base = Path(place)
        activities.made_folder(made := base / "made")
        made.mkdir()
        times: dict[str, float] = {}
        while n_killed < given.cases and (number := next(numbers, None)) is not None:
            activity = activities.ACTIVITIES[number % len(activities.ACTIVITIES)]
            title = f"{activity.name} {activity.kind(number)}"
            if title not in times:
                activity.warm_up(number)  # what is compiled and loaded, before it is forked
                (first := base / title.strip()).mkdir()
                times[title] = whole_time(activity, first, number)
            (folder := base / str(number)).mkdir()
            share = random.Random(given.seed * 1_000_003 + number).uniform(0, 1)
            was_killed, found = run_case(activity, folder, number, share * times[title])
            gc.collect()
            counts[f"{activity.name}{'' if was_killed else ', over before'}"] += 1
            n_killed += was_killed  # one that was over before is judged, but not counted
            n_failures += bool(found)
            for each in found[:5]:
                print(f"case {number} ({activity.name}, at {share:.2f}): {each}", flush=True)
    for name, n in sorted(counts.items()):
        print(f"{n:4} x {name}")
    print(f"{n_killed} killed, {n_failures} failures")
    return bool(n_failures)


if __name__ == "__main__":
    raise SystemExit(main())
