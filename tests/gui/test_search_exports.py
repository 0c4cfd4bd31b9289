"""The plots of a search and the trials in them, taken away."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from mfgui.core.solvers import SOLVERS
from mfgui.gui.exportable import Exportable
from mfgui.gui.search_board import SearchBoard, TrialLine
from mfgui.gui.search_exports import search_exportables, trial_values
from mfgui.gui.widgets.search_views import SearchViews
from mfgui.training.search_space import Range, Space


@pytest.fixture
def board() -> SearchBoard:
    """Return what is known of three trials."""
    made = SearchBoard()
    made._lines = {
        trial: TrialLine(trial, {"learning_rate": 0.1 * (trial + 1)}, status="finished",
                         score=0.9 - 0.1 * trial, n_epochs=trial) for trial in range(3)}
    return made


def test_values_are_a_row_a_trial(board: SearchBoard) -> None:
    header, rows = trial_values(board)
    assert header == ["trial", "learning_rate", "status", "n_epochs", "validation_rmse"]
    assert list(rows())[2] == [2, pytest.approx(0.3), "finished", 2, pytest.approx(0.7)]


def test_the_plot_that_is_shown_can_be_taken_away(board: SearchBoard, qtbot: QtBot) -> None:
    views = SearchViews()
    qtbot.addWidget(views)
    views.resize(500, 300)
    views.show()
    wanted: list[tuple[str, Exportable]] = []
    scatter, parallel = search_exportables(
        views, lambda: board, lambda kind, plot: wanted.append((kind, plot)))
    assert not scatter.is_ready()
    kind = SOLVERS["adagrad"].settings_type
    views.show_space(Space((Range("learning_rate", 1e-3, 1.0),)), kind, "adagrad")
    views.show_board(board)
    assert scatter.is_ready()
    assert not parallel.is_ready()
    assert b"<svg" in scatter.picture("search.svg")()
    point = views.scatter.rect().center()
    QApplication.sendEvent(views.scatter, QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, point, views.scatter.mapToGlobal(point)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert wanted == [("copy picture", scatter)]
    views.choose_view("parallel")
    assert parallel.is_ready()
    assert parallel.picture("search.png")().startswith(b"\x89PNG")
