"""The whole window, as the tests of edges drive it: every panel shown, every thread waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.app import create_window
from mfgui.gui.background import LatestWorker
from mfgui.gui.main_window import MainWindow
from mfgui.gui.pace import Pace
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.view_state import ViewState
from mfgui.inspection.order import ORDER_KEYS, OrderChoice, OrderKey
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.train import saved_model
from mfgui.store.model_file import SavedModel
from mfgui.training.session import TrainingSession

WAIT_MS = 30_000
Cells = dict[tuple[int, int], float]


class EdgeWindow:
    """A window of its own; an exception or a warning of Qt fails the test that drives it."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot = qtbot
        self._n_busy, self._lock = 0, threading.Lock()
        self._workers: set[LatestWorker] = set()
        monkeypatch.setattr(LatestWorker, "ask", self._counted(LatestWorker.ask))
        self.window: MainWindow = create_window()
        self.window.resize(1366, 768)
        self.window.show()

    def _counted(self, ask: Callable[..., None]) -> Callable[..., None]:
        """Return ``LatestWorker.ask`` that also counts what is being worked out."""
        def noted(worker: LatestWorker, request: Callable[[], Any]) -> None:
            def work() -> Any:
                self._note(1)
                try:
                    return request()
                finally:
                    self._note(-1)
            self._workers.add(worker)
            ask(worker, work)
        return noted

    def _note(self, by: int) -> None:
        with self._lock:
            self._n_busy += by

    @property
    def run(self) -> RunModel:
        return self.window.run_model

    @property
    def state(self) -> ViewState:
        return self.window.view_state

    @property
    def told(self) -> str:
        """The sentence across the top of the window."""
        return self.window.message_bar.text

    @property
    def value_text(self) -> str:
        """The pinned cell as it is read aloud."""
        return str(self.window.matrices_panel.views["observed"].accessibleDescription())

    def picture(self, name: str) -> Any:
        """Return the numbers that a matrix shows."""
        return self.window.matrices_panel.flow.pictures.views[name].values

    def panel(self, name: str) -> Any:
        return self.window.panels[name]

    # -- waiting ------------------------------------------------------------------------------

    def is_busy(self) -> bool:
        """Return whether anything is being worked out, or will be as soon as a timer rings."""
        window = self.window
        return (window.job_runner.is_running or window.training.runner.is_running
                or any(worker._request for worker in self._workers)
                or self._n_busy > 0
                or any(_is_due(timer) for timer in window.findChildren(QTimer)))

    def settle(self) -> None:
        """Wait until nothing is worked out any more and every answer is on the screen."""
        n_quiet = 0

        def is_quiet() -> bool:
            nonlocal n_quiet
            n_quiet = 0 if self.is_busy() else n_quiet + 1
            return n_quiet > 1

        self.qtbot.waitUntil(is_quiet, timeout=WAIT_MS)

    def until(self, status: Status) -> None:
        self.qtbot.waitUntil(lambda: self.run.status is status, timeout=WAIT_MS)
        self.settle()

    # -- what is open -------------------------------------------------------------------------

    def show_ratings(self, ratings: Ratings) -> None:
        """Open ratings, and do not wait."""
        self.window.show_ratings(OpenedRatings(ratings, parse_matrix("1 2\n3 4")[1]))

    def open_ratings(self, ratings: Ratings) -> None:
        self.show_ratings(ratings)
        self.settle()

    def open_path(self, path: Path) -> None:
        self.window.open_path(path)
        self.settle()

    def start(self, solver: str, **settings: Any) -> None:
        """Begin a run, and do not wait."""
        self.window.training.train(solver, _settings(
            solver, {"patience": 0, "refit": False, "n_factors": 3, **settings}))

    def train(self, solver: str, **settings: Any) -> None:
        """Train as the button does, and wait for the end."""
        self.start(solver, **{"n_epochs": 3, "validation": 0.0, **settings})
        self.until(Status.DONE)

    # -- what is done with it -----------------------------------------------------------------

    def show(self, name: str) -> None:
        self.window.layout_.show(name)
        self.settle()

    def show_all(self, *names: str) -> None:
        """Bring every dock, or those named, to the front, one after another."""
        for name in names or self.window.docks:
            self.show(name)

    def pin(self, cell: tuple[int, int] | None) -> None:
        self.state.set_pinned(cell)
        self.settle()

    def rate_all(self) -> None:
        """Make a new user who rates every item, by turns as low and as high as can be."""
        ratings, model = self.run.ratings, self.run.shown
        assert ratings is not None
        assert model is not None
        for item in range(ratings.n_items):
            self.panel("new_user").flow.rate(item, model.scale[item % 2])
        self.settle()

    def sort_by_every_key(self) -> None:
        for name in ORDER_KEYS:
            key = OrderKey(name, n_clusters=30)
            self.window.matrices_panel.tools.order.order_chosen.emit(OrderChoice(key, key))
            self.settle()

    def step(self, kind: str) -> None:
        """Press a button of step mode, where it is on."""
        self.panel("equations").bar.buttons[kind].click()
        self.settle()

    def compare_with(self, path: Path) -> None:
        self.window.actions_.models.compare_with([str(path)])
        self.settle()

    def words(self, name: str) -> str:
        """Return all that is written in a panel, its dock in front."""
        self.show(name)
        return words_of(self.panel(name))


def words_of(widget: QWidget) -> str:
    """Return what the labels in a widget say that are seen."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel)
                     if label.isVisible() and label.text())


def _is_due(timer: QTimer) -> bool:
    """Return whether something happens when a timer rings: a pace may rest with nothing wanted."""
    parent = timer.parent()
    return (timer.isSingleShot() and timer.isActive()
            and not (isinstance(parent, Pace) and not parent._is_wanted))


def _settings(solver: str, values: dict[str, Any]) -> Any:
    """Return a solver's settings from those values that it has."""
    kind = SOLVERS[solver].settings_type
    names = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in names})


def ratings_of(cells: Cells, n_users: int, n_items: int, prefix: str = "") -> Ratings:
    """Return ratings of the given cells; ids are u0, u1 ... and i0, i1 ..."""
    pairs = sorted(cells)
    return Ratings(
        np.array([user for user, _ in pairs], np.int32),
        np.array([item for _, item in pairs], np.int32),
        np.array([cells[pair] for pair in pairs], np.float32),
        TextArray.from_strings(f"{prefix}u{n}" for n in range(n_users)),
        TextArray.from_strings(f"{prefix}i{m}" for m in range(n_items)))


def small_ratings(n_users: int = 5, n_items: int = 6, prefix: str = "") -> Ratings:
    """Return the beginning of one matrix, two of three cells rated from 1 to 5."""
    return ratings_of({(n, m): float((2 * n + 3 * m) % 5 + 1) for n in range(n_users)
                       for m in range(n_items) if (n + m) % 3}, n_users, n_items, prefix)


def random_ratings(n_users: int, n_items: int, share: float = 0.1) -> Ratings:
    """Return ratings by chance, with titles."""
    rng = np.random.default_rng(n_users + n_items)
    users, items = np.nonzero(rng.random((n_users, n_items)) < share)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32),
        rng.integers(1, 6, users.size).astype(np.float32),
        *(TextArray.from_strings(f"{side}{k}" for k in range(n)) for side, n in (
            ("u", n_users), ("i", n_items), ("Title ", n_items))))


def trained(ratings: Ratings, solver: str = "als", **settings: Any) -> SavedModel:
    """Return a model of ratings, as it stands in a file."""
    chosen = _settings(solver, {"n_factors": 2, "n_epochs": 2, "validation": 0.0, **settings})
    session = TrainingSession(solver, chosen, ratings)
    list(session.epochs())
    assert session.result is not None
    return saved_model(session.result, ratings)
