"""The textbook example: opened with its settings, and left without them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from mfgui.data.textbook import NAME, textbook_settings
from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def shown(window: MainWindow, name: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.run_model.ratings is not None
                    and window.run_model.ratings.name == name, timeout=20_000)


def test_it_opens_with_its_own_settings_and_the_equations_in_front(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.textbook.open()
    shown(window, NAME, qtbot)
    qtbot.waitUntil(lambda: window.view_state.pinned == (0, 0))
    assert window.setup_panel.form.settings() == textbook_settings()
    assert window.run_model.next_run == ("sgd", textbook_settings())
    qtbot.waitUntil(lambda: window.panels["equations"].isVisible())


def test_ones_own_method_and_settings_come_back_with_the_next_ratings(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.setup_panel.set_solver("als")
    window.setup_panel.form.set_value("n_factors", 17)
    own = window.setup_panel.form.settings()
    window.textbook.open()
    shown(window, NAME, qtbot)
    qtbot.waitUntil(lambda: window.setup_panel.solver_name == "sgd")
    window.open_sample()
    shown(window, "sample", qtbot)
    assert window.setup_panel.solver_name == "als"
    assert window.setup_panel.form.settings() == own
