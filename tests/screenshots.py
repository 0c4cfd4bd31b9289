"""Takes pictures of the real window, for the README and for whoever changes it to look at.

    python tests/screenshots.py FOLDER [--ratings FILE] [--readme]

Needs a screen; a virtual one will do: ``xvfb-run -s "-screen 0 1920x1080x24" python ...``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from mfgui.gui.app import application, create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.panels import EvaluationPanel, SearchPanel
from mfgui.gui.run_model import Status
from mfgui.gui.view_state import Range

SIZES = ((1366, 768), (1920, 1080))


def wait(ms: int) -> None:
    """Let the window live on for a while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def until(done: Callable[[], bool], seconds: float = 120) -> None:
    """Let the window live on until something has come."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError
        wait(20)


class Photographer:
    """Drives one window through its states and takes a picture of each."""

    def __init__(self, folder: Path, theme: str, size: tuple[int, int]) -> None:
        self.folder, self.theme, self.size = folder, theme, size
        self.window: MainWindow = create_window()
        self.window.set_theme(theme)
        self.window.resize(*size)
        self.window.move(0, 0)
        self.window.show()
        wait(400)

    def take(self, name: str) -> None:
        """Write a picture of the window as it is."""
        wait(400)
        width, height = self.size
        self.window.grab().save(str(self.folder / f"{name}-{self.theme}-{width}x{height}.png"))

    def open(self, ratings: str | None) -> None:
        """Open a file or the sample."""
        if ratings:
            self.window.open_path(ratings)
        else:
            self.window.open_sample()
        until(lambda: self.window.run_model.status is Status.READY)
        until(lambda: self.window.matrices_panel._pictures is not None)
        self.window.setup_panel.form.reset()  # the window before this one left its settings

    def train(self, n_records: int | None) -> None:
        """Press Train; wait for some records, or for the end."""
        model = self.window.run_model
        self.window.setup_panel.controls.start.click()
        if n_records is None:
            until(lambda: model.status is Status.DONE)
        else:
            until(lambda: len(model.history) > n_records)

    def find_a_rate(self) -> None:
        """Find a learning rate; a picture half-way, and one of what was found."""
        window = self.window
        finder = window.setup_panel.form.finder
        assert finder is not None
        finder.button.click()
        until(lambda: len(finder.trials) > 2)
        window.rates.runner.control.pause()
        self.take("finding")
        window.rates.runner.control.resume()
        until(lambda: not window.rates.is_running)
        self.take("found")
        finder.cancel.click()

    def prepare(self) -> None:
        """Press Train while kernels are compiled."""
        preparation = self.window.preparation
        preparation.is_ready = lambda part: False  # type: ignore[method-assign]
        self.window.setup_panel.controls.start.click()
        self.take("preparing")
        self.window.setup_panel.controls.stop.click()
        until(lambda: self.window.run_model.status is Status.READY)
        del preparation.is_ready

    def finish(self) -> None:
        """Stop, zoom in, and provoke an error."""
        window = self.window
        window.stop()
        until(lambda: window.run_model.status is Status.DONE)
        self.take("done")
        window.view_state.zoom_to(Range(4, 13, 2, 11))
        window.view_state.set_hover((5, 9))
        self.take("zoomed")
        window.view_state.fit()
        window.setup_panel.form.set_value("learning_rate", 1e6)
        self.train(None)
        self.take("error")

    def train_some(self, *n_factors: int) -> None:
        """Train a short run with each of some numbers of factors."""
        form = self.window.setup_panel.form
        form.reset()
        for n in n_factors:
            form.set_value("n_factors", n)
            self.train(None)
            wait(200)

    def look_at_runs(self) -> None:
        """Compare two runs, list all of them, measure one, and search for better settings."""
        window, project = self.window, self.window.run_model.project
        self.train_some(8, 32)
        for run in project.runs[-2:]:
            project.tick(run.id, True)
        self.take("overlaid")
        project.compare_wanted.emit(*project.ticked)
        until(lambda: window.run_model.other is not None)
        self.take("compared")
        window.run_model.set_other(None)
        window.layout_.show("runs")
        self.take("runs")
        evaluation, search = window.panels["evaluation"], window.panels["search"]
        assert isinstance(evaluation, EvaluationPanel)
        assert isinstance(search, SearchPanel)
        window.layout_.show("evaluation")
        wait(200)
        evaluation.evaluate()
        until(lambda: bool(evaluation.view.text.strip()) and not window.job_runner.is_running)
        self.take("evaluated")
        window.layout_.show("search")
        self.take("search")
        search.options.fields["n_trials"].set_value(12)
        search.begin()
        until(lambda: len(search.board.lines) > 4)
        self.take("searching")
        until(lambda: not search.is_running)
        for view in ("scatter", "parallel", "trials", "result"):
            search.views.choose_view(view)
            self.take(f"searched-{view}")

    def close(self) -> None:
        """Close the window."""
        self.window.close()
        wait(100)


def all_states(folder: Path, ratings: str | None) -> None:
    """Take pictures of every state in both themes and sizes."""
    for theme in ("light", "dark"):
        for size in SIZES:
            photographer = Photographer(folder, theme, size)
            photographer.take("empty")
            photographer.open(ratings)
            photographer.take("ready")
            photographer.find_a_rate()
            photographer.prepare()
            photographer.window.setup_panel.form.set_value("patience", 0)
            photographer.window.setup_panel.form.set_value("n_epochs", 60)
            photographer.train(12)
            photographer.take("training")
            photographer.finish()
            photographer.look_at_runs()
            photographer.close()


def readme(folder: Path) -> None:
    """Take the README's pictures from the sample data."""
    for theme in ("light", "dark"):
        photographer = Photographer(folder, theme, (1366, 768))
        photographer.open(None)
        photographer.train_some(8, 64)
        for run in photographer.window.run_model.project.runs:
            photographer.window.run_model.project.tick(run.id, True)
        wait(800)
        state = photographer.window.view_state
        assert state.order is not None
        state.set_pinned((int(state.order.rows[4]), int(state.order.columns[5])))
        state.zoom_to(Range(0, 10, 0, 9))
        photographer.window.layout_.show("inspector")
        wait(2000)
        photographer.window.grab().save(str(folder / f"window-{theme}.png"))
        photographer.close()


def main() -> None:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ratings", help="a ratings file; default: the sample")
    parser.add_argument("--readme", action="store_true", help="only the README's pictures")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = own
        application()
        if options.readme:
            readme(options.folder)
        else:
            all_states(options.folder, options.ratings)


if __name__ == "__main__":
    main()
