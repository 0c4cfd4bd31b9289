"""From the start of the process to the painted window, and to all its panels; warm, medians.

    python tests/benchmarks/start.py [--times 7]

Each with kernels compiled ahead in a process beside, as the program does it, and without,
alternating. Must: painted within 1 s; aim: 0.5 s.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

# The program's own start, with a watch on its first paint; it prints and ends there.
CHILD = """
import sys, time
from PySide6.QtCore import QTimer
from mfgui.gui import app
from mfgui.jobs.preparation import Preparation

class Watch(app.FirstPaint):
    def __init__(self, widget):
        super().__init__(widget)
        self.painted.connect(self.tell)

    def tell(self):
        print(time.time() - float(sys.argv[1]))
        QTimer.singleShot(0, self.end)  # behind all that follows the first paint

    def end(self):
        window = self.parent().window()
        assert window.is_complete
        print(time.time() - float(sys.argv[1]))
        assert bool(window.preparation.processes) == (sys.argv[2] == "with")
        window.close()

app.FirstPaint = Watch
if sys.argv[2] == "without":
    Preparation.start = lambda self: None
app.run(None)
"""


def measured(how: str) -> tuple[float, float]:
    """Return the seconds to the first paint and to all panels."""
    done = subprocess.run([sys.executable, "-c", CHILD, str(time.time()), how],
                          capture_output=True, text=True, check=True)
    painted, complete = map(float, done.stdout.split())
    return painted, complete


def main() -> int:
    """Measure and print; the exit code is 1 where the must is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    options = parser.parse_args()
    measured("with")  # warms the disk's cache
    found: dict[str, list[tuple[float, float]]] = {"with": [], "without": []}
    for _ in range(options.times):
        for how, rows in found.items():
            rows.append(measured(how))
    for how, rows in found.items():
        for word, seconds in zip(("painted", "complete"), zip(*rows, strict=True), strict=True):
            print(f"{how:>7} preparation, {word:<8}: median {statistics.median(seconds):.3f} s of "
                  f"{[round(each, 3) for each in seconds]}")
    median = statistics.median(painted for painted, _ in found["with"])
    print(f"must {median < 1}, aim {median < 0.5}")
    return 0 if median < 1 else 1


if __name__ == "__main__":
    sys.exit(main())
