"""How long the window makes a person wait: a heartbeat on the GUI thread, idle and training.

    python tests/benchmarks/view.py [RATINGS] [--seconds 60] [--json]
    python tests/benchmarks/view.py --pictures [RATINGS.npz] [--repeats 9] [--json]

The window is open on the ratings (ML-1M by default, the sample where it is absent) with all panels
live; a 5 ms timer on its thread notes the gaps between its ticks, first idle, then while training
on all cores but one. Must: p99 at most 16 ms above idle's median, and no gap over 50 ms.
With ``--pictures`` no window is opened: see ``view_pictures.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import view_pictures
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from mfgui.gui.app import application, create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status

ML_1M = Path(__file__).resolve().parents[3] / "shared/data/ml-1m/ratings-3col.dat.gz"
BEAT_MS = 5


class Heartbeat(QObject):
    """Notes the milliseconds between the ticks of a timer on the GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self._last: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._on_tick)

    def _on_tick(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self.gaps_ms.append(1000 * (now - self._last))
        self._last = now

    def measure(self, seconds: float) -> dict[str, float]:
        """Return median, p99 and largest gap over some seconds of the window's life."""
        self.gaps_ms, self._last = [], None
        self._timer.start()
        wait(seconds)
        self._timer.stop()
        gaps = np.array(self.gaps_ms)
        return {"median_ms": float(np.median(gaps)), "p99_ms": float(np.percentile(gaps, 99)),
                "p999_ms": float(np.percentile(gaps, 99.9)), "max_ms": float(gaps.max()),
                "n_over_50_ms": int((gaps > 50).sum()), "n_beats": gaps.size}


def wait(seconds: float) -> None:
    """Let the window live on."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def measure(window: MainWindow, ratings: str | None, seconds: float) -> dict[str, object]:
    """Return the heartbeats of an idle and of a training window."""
    window.open_path(ratings) if ratings else window.open_sample()
    while window.run_model.status is not Status.READY or window.matrices_panel._pictures is None:
        wait(0.05)
    wait(2)
    beat, form = Heartbeat(), window.setup_panel.form
    idle = beat.measure(min(seconds, 20))
    form.set_value("n_epochs", 1_000_000)
    form.set_value("n_threads", max((os.cpu_count() or 2) - 1, 1))
    window.setup_panel.controls.start.click()
    while len(window.run_model.history) < 3:
        wait(0.05)
    training = beat.measure(seconds)
    n_epochs = len(window.run_model.history) - 1
    return {"idle": idle, "training": training, "n_epochs": n_epochs,
            "n_ratings": window.run_model.ratings.n_ratings,
            "must": training["p99_ms"] <= idle["median_ms"] + 16 and training["max_ms"] <= 50,
            "aim": training["p99_ms"] < 16}


def main() -> int:
    """Measure and print; the exit code is 1 where the must is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ratings", nargs="?")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pictures", action="store_true")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.pictures:
        return view_pictures.run(options.ratings, options.repeats, is_json=options.json)
    ratings = options.ratings or (str(ML_1M) if ML_1M.exists() else None)
    with tempfile.TemporaryDirectory() as own:
        os.environ["XDG_CONFIG_HOME"] = own
        application()
        window = create_window()
        window.resize(1366, 768)
        window.show()
        figures = measure(window, ratings, options.seconds)
        window.close()
    if options.json:
        print(json.dumps(figures))
    else:
        for name in ("idle", "training"):
            print(name, {key: round(value, 2) for key, value in figures[name].items()})
        print(f"epochs {figures['n_epochs']}, must {figures['must']}, aim {figures['aim']}")
    return 0 if figures["must"] else 1


if __name__ == "__main__":
    sys.exit(main())
