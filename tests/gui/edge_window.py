"""The whole window, as the tests of edges drive it: every panel shown, every thread waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.app import create_window
from mfgui.gui.background import LatestWorker
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import ViewState
from mfgui.inspection.order import ORDER_KEYS, OrderChoice, OrderKey
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.train import saved_model
from mfgui.store.model_file import SavedModel
from mfgui.training.session import TrainingSession

WAIT_MS = 20_000


class EdgeWindow:
    """A window of its own, closed in the end."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot = qtbot
        self._busy: dict[int, int] = {}
        self._lock = threading.Lock()
        monkeypatch.setattr(LatestWorker, "ask", self._counted(LatestWorker.ask))
        self.window: MainWindow = create_window()
        self.window.resize(1366, 768)
        self.window.show()

    def _counted(self, ask: Callable[..., None]) -> Callable[..., None]:
        """Return ``LatestWorker.ask`` that also notes which worker is at work."""
        def noted(worker: LatestWorker, request: Callable[[], Any]) -> None:
            def work() -> Any:
                self._note(worker, 1)
                try:
                    return request()
                finally:
                    self._note(worker, -1)
            ask(worker, work)
        return noted

    def _note(self, worker: LatestWorker, by: int) -> None:
        with self._lock:
            self._busy[id(worker)] = self._busy.get(id(worker), 0) + by

    @property
    def run(self) -> RunModel:
        return self.window.run_model

    @property
    def state(self) -> ViewState:
        return self.window.view_state

    # -- waiting ------------------------------------------------------------------------------

    def is_busy(self) -> bool:
        """Return whether anything is being worked out, or will be as soon as a timer rings."""
        window = self.window
        workers = window.findChildren(LatestWorker)
        return (window.job_runner.is_running or window.training.runner.is_running
                or any(worker._request is not None for worker in workers)
                or any(self._busy.values())
                or any(timer.isActive() for timer in window.findChildren(QTimer)
                       if timer.isSingleShot()))

    def settle(self) -> None:
        """Wait until nothing is worked out any more and every answer is on the screen."""
        n_quiet = 0

        def is_quiet() -> bool:
            nonlocal n_quiet
            QApplication.sendPostedEvents()
            n_quiet = 0 if self.is_busy() else n_quiet + 1
            return n_quiet >= 3

        self.qtbot.waitUntil(is_quiet, timeout=WAIT_MS)

    # -- what is open -------------------------------------------------------------------------

    def open_ratings(self, ratings: Ratings) -> None:
        """Show ratings that no file holds."""
        self.window.show_ratings(OpenedRatings(ratings, parse_matrix("1 2\n3 4")[1]))
        self.settle()

    def open_path(self, path: Path) -> str:
        """Open a file and return the sentence across the top of the window."""
        self.window.open_path(path)
        self.settle()
        return self.window.message_bar.text

    def train(self, solver: str, **settings: object) -> None:
        """Train as the button does, and wait for the end."""
        values = {"n_epochs": 3, "patience": 0, "refit": False, **settings}
        kind = SOLVERS[solver].settings_type
        names = kind.__dataclass_fields__
        self.window.training.train(
            solver, kind(**{k: v for k, v in values.items() if k in names}))
        self.qtbot.waitUntil(lambda: not self.run.status.is_running, timeout=60_000)
        self.settle()

    # -- what is done with it -----------------------------------------------------------------

    def show_all(self) -> None:
        """Bring every dock to the front, one after another."""
        for name in self.window.docks:
            self.window.layout_.show(name)
            self.settle()

    def pin(self, cell: tuple[int, int] | None) -> None:
        self.state.set_pinned(cell)
        self.settle()

    def rate_all(self) -> None:
        """Make a new user who rates every item."""
        panel = self.window.panels["new_user"]
        ratings, model = self.run.ratings, self.run.shown
        assert ratings is not None
        assert model is not None
        for item in range(ratings.n_items):
            panel.flow.rate(item, float(model.scale[item % 2]))
        self.settle()

    def sort_by_every_key(self) -> None:
        for name in ORDER_KEYS:
            key = OrderKey(name, n_clusters=30)
            self.window.matrices_panel.tools.order.order_chosen.emit(OrderChoice(key, key))
            self.settle()


def make_ratings(cells: dict[tuple[int, int], float], n_users: int, n_items: int) -> Ratings:
    """Return ratings of the given cells; ids are numbers from 1, u and i before them."""
    pairs = sorted(cells)
    return Ratings(
        np.array([user for user, _ in pairs], np.int32),
        np.array([item for _, item in pairs], np.int32),
        np.array([cells[pair] for pair in pairs], np.float32),
        TextArray.from_strings(f"u{n}" for n in range(n_users)),
        TextArray.from_strings(f"i{m}" for m in range(n_items)))


def trained(ratings: Ratings, solver: str = "als", **settings: object) -> SavedModel:
    """Return a model of the ratings, as it stands in a file."""
    kind = SOLVERS[solver].settings_type
    values = {"n_factors": 2, "n_epochs": 2, "validation": 0.0, **settings}
    names = kind.__dataclass_fields__
    session = TrainingSession(
        solver, kind(**{k: v for k, v in values.items() if k in names}), ratings)
    list(session.epochs())
    assert session.result is not None
    return saved_model(session.result, ratings)
