"""What nobody sees works nothing out: panels behind another one's tab, until they come to front."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mfgui.core.solvers import SOLVERS
from mfgui.gui.app import create_window
from mfgui.gui.background import LatestWorker
from mfgui.gui.main_window import MainWindow
from mfgui.gui.pace import Pace
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import Status
from mfgui.gui.widgets.seen import is_seen

TABS = ("inspector", "equations", "recommendations", "factor_map", "errors")
WAIT_MS = 60_000


def panel_of(worker: QObject) -> str:
    """Return the name of the panel that a worker belongs to."""
    owner: QObject | None = worker
    while owner is not None and not isinstance(owner, Panel):
        owner = owner.parent()
    return owner.objectName() if owner is not None else ""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each panel had something worked out."""
    found: Counter[str] = Counter()
    ask = LatestWorker.ask

    def counted(worker: LatestWorker, request: Callable[[], Any]) -> None:
        found[panel_of(worker)] += 1
        ask(worker, request)

    monkeypatch.setattr(LatestWorker, "ask", counted)
    return found


@pytest.fixture
def window(qtbot: QtBot, asked: Counter[str]) -> Iterator[MainWindow]:
    """Return a window in training, every dock of the top open as a tab, a cell pinned."""
    made = create_window()
    made.resize(1366, 768)
    made.show()
    made.open_sample()
    qtbot.waitUntil(lambda: made.run_model.status is Status.READY, timeout=WAIT_MS)
    for name in TABS:
        made.layout_.show(name)
    made.layout_.raise_curve()
    made.training.train("sgd", SOLVERS["sgd"].settings_type(
        n_factors=2, n_epochs=1_000_000, learning_rate=1e-5, patience=0, refit=False, n_threads=1,
    ))  # type: ignore[call-arg]
    made.view_state.set_pinned((3, 4))
    qtbot.waitUntil(lambda: made.run_model.shown is not None, timeout=WAIT_MS)
    yield made
    made.close()
    made.deleteLater()


def newer(window: MainWindow, qtbot: QtBot, n: int = 3) -> None:
    """Wait until some newer factors were shown."""
    for _ in range(n):
        with qtbot.waitSignal(window.run_model.snapshot_changed, timeout=WAIT_MS):
            pass


def test_a_dock_behind_another_is_visible_to_qt_but_not_seen(window: MainWindow) -> None:
    behind: QWidget = window.panels["errors"]
    assert behind.isVisible()
    assert not is_seen(behind)
    assert is_seen(window.panels["curve"])


def test_only_what_is_seen_follows_a_run(
    window: MainWindow, qtbot: QtBot, asked: Counter[str]
) -> None:
    newer(window, qtbot, 1)
    asked.clear()
    newer(window, qtbot)
    assert set(asked) == {"matricesPanel"}


@pytest.mark.parametrize("name", TABS)
def test_what_comes_to_the_front_catches_up(
    window: MainWindow, qtbot: QtBot, asked: Counter[str], name: str
) -> None:
    window.stop()  # else the next factors would do it
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=WAIT_MS)
    asked.clear()
    window.docks[name].raise_()
    qtbot.waitUntil(lambda: asked[window.panels[name].objectName()] > 0, timeout=WAIT_MS)
    assert is_seen(window.panels[name])
    assert set(asked) <= {"matricesPanel", window.panels[name].objectName()}


SHOWN: dict[str, Callable[[Any], Any]] = {
    "inspector": lambda panel: panel._answer and panel._answer.question.model,
    "equations": lambda panel: panel.answer and panel.answer.question.model,
    "recommendations": lambda panel: panel._answer and panel._answer.request.model,
    "factor_map": lambda panel: panel.view.picture and panel.view.picture.request.model,
    "errors": lambda panel: panel._answer and panel._answer.question.model,
}


@pytest.mark.parametrize("name", TABS)
def test_the_end_of_a_run_waits_for_no_pace(window: MainWindow, qtbot: QtBot, name: str) -> None:
    panel = window.panels[name]
    window.docks[name].raise_()
    qtbot.waitUntil(lambda: SHOWN[name](panel) is not None, timeout=WAIT_MS)
    for pace in window.findChildren(Pace):
        pace.end(3600.0)  # it cost an hour
    window.stop()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: SHOWN[name](panel) is window.run_model.shown, timeout=WAIT_MS)
