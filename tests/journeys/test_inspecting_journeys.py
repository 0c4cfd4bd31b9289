"""The way into the matrix on a real screen: once by mouse, once by keyboard alone.

Open, train, find a film, pin, see why, take a step and leave it, add a new user, save the list.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.panels import EquationsPanel, InspectorPanel, NewUserPanel, RecommendationsPanel
from mfgui.gui.run_model import Status
from mfgui.gui.view_state import NEW_USER
from mfgui.gui.widgets.rating_steps import STAR
from mfgui.inspection.recommend import Filters, recommend

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM") == "offscreen",
        reason="there is no screen"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
]
FILMS = ("Uncle Corvany and the Wedding", "Little Pellandry and the Lantern")
RATINGS = (5.0, 2.0)
SUM_ERROR = 1e-4  # factors are float32


def _journeys() -> ModuleType:
    """Return the module with the hand; tests are no package."""
    name = "mfgui_journeys"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, Path(__file__).with_name("test_journeys.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.setGeometry(40, 40, 1366, 768)
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(made.isActiveWindow, timeout=20_000)
    yield made
    made.close()
    made.deleteLater()


class Person:
    """What both journeys look at, and how each of them waits."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot, self.hand = window, qtbot, _journeys().Hand(qtbot)
        self.model, self.state = window.run_model, window.view_state
        panels: dict[str, Any] = window.panels
        self.inspector: InspectorPanel = panels["inspector"]
        self.equations: EquationsPanel = panels["equations"]
        self.new_user: NewUserPanel = panels["new_user"]
        self.top: RecommendationsPanel = panels["recommendations"]

    @property
    def ratings(self) -> Ratings:
        assert self.model.ratings is not None
        return self.model.ratings

    def until(self, done: Callable[[], object], seconds: float = 20) -> None:
        """Wait for the window."""
        self.qtbot.waitUntil(lambda: bool(done()), timeout=round(1000 * seconds))

    def type(self, text: str) -> None:
        """Type, wherever the keys go."""
        self.hand.run("type", "--delay", "15", text)

    def key(self, *keys: str) -> None:
        """Press keys."""
        self.hand.run("key", "--delay", "40", *keys)

    def title(self, item: int) -> str:
        """Return the title of a film."""
        assert self.ratings.item_titles is not None
        return self.ratings.item_titles[item]

    def pinned_title(self) -> str:
        """Return the title of the pinned cell's film, "" while none is pinned."""
        return self.title(self.state.pinned[1]) if self.state.pinned is not None else ""

    def widget(self, name: str) -> QWidget:
        """Return a widget by its name."""
        found = self.window.findChild(QWidget, name)
        assert isinstance(found, QWidget), name
        return found

    def see_why(self) -> None:
        """Look at the explanation of the pinned cell: its bars add up to the prediction."""
        assert self.model.shown is not None
        assert self.state.pinned is not None
        user, item = self.state.pinned
        predicted = float(self.model.shown.predict(np.array([user]), np.array([item]))[0])
        view = self.inspector.waterfall
        self.until(lambda: view.isVisible() and view.waterfall is not None and abs(
            sum(bar.value for bar in view.waterfall.bars) - predicted) < SUM_ERROR)

    def see_the_new_user(self) -> None:
        """Look at what was put down."""
        self.until(lambda: self.model.new_user is not None
                   and len(self.model.new_user.items) == len(FILMS))
        made = self.model.new_user
        assert made is not None
        rated = {self.title(item): value for item, value in zip(
            made.items.tolist(), made.values.tolist(), strict=True)}
        assert {title.partition(" (")[0]: value for title, value in rated.items()} == dict(
            zip(FILMS, RATINGS, strict=True))

    def see_the_file(self, path: Path) -> None:
        """Look at the list that was written."""
        self.until(path.exists)
        assert self.model.shown is not None
        assert self.model.new_user is not None
        assert self.model.known is not None
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        wanted = recommend(self.model.shown, self.model.known, self.model.new_user, 10,
                           filters=Filters())
        assert [row["item"] for row in rows] == [
            self.ratings.item_ids[place.item] for place in wanted]
        assert not {row["item"] for row in rows} & {
            self.ratings.item_ids[item] for item in self.model.new_user.items.tolist()}
        assert [float(row["raw"]) for row in rows] == pytest.approx(
            [place.raw for place in wanted], abs=1e-4)  # as it is printed


# -- by keyboard alone ----------------------------------------------------------------------------


class Typist(Person):
    """Has no mouse."""

    def tab_to(self, name: str) -> None:
        """Go on from control to control until one is reached."""
        wanted = self.widget(name)
        for _ in range(40):
            if wanted.hasFocus():
                return
            self.key("Tab")
        pytest.fail(f"Tab does not reach {name}")

    def go(self, keys: str, panel: QWidget) -> None:
        """Go to a panel."""
        self.key(keys)
        self.until(lambda: (focus := QApplication.focusWidget()) is not None
                   and panel.isAncestorOf(focus))

    def rate(self, film: str, rating: float) -> None:
        """Find a film for the new user, and rate it."""
        n_rows = len(self.new_user.ratings.table.rows)
        self.until(self.new_user.ratings.search.hasFocus)
        self.type(film)
        self.key("Return")
        self.until(lambda: len(self.new_user.ratings.table.rows) == n_rows + 1)
        self.type(f"{rating:g}")
        self.key("Return")


def test_into_the_matrix_by_keyboard_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    person = Typist(window, qtbot)
    model, state = person.model, person.state
    person.key("ctrl+shift+o")
    person.until(lambda: model.status is Status.READY, 30)
    person.key("ctrl+r")
    person.until(lambda: model.status is Status.DONE, 60)

    person.key("ctrl+f")
    person.type(FILMS[0])
    person.until(lambda: window.matrices_panel.finder.found is not None
                 and window.matrices_panel.finder.found.text == FILMS[0])
    person.key("Return")
    person.until(lambda: person.pinned_title().startswith(FILMS[0]))
    first = state.pinned
    person.key("Down", "Down")
    person.until(lambda: state.pinned is not None and state.pinned != first)
    assert person.pinned_title().startswith(FILMS[0])

    person.key("Return")
    person.see_why()
    person.go("ctrl+4", person.inspector)
    person.key("Down", "Down")
    person.until(lambda: person.inspector.waterfall.current is not None
                 and person.inspector.waterfall.current
                 is person.inspector.waterfall.waterfall.bars[2])  # type: ignore[union-attr]

    person.go("ctrl+5", person.equations)
    person.tab_to("epochStepButton")
    person.key("space")
    person.until(lambda: model.trial is not None)
    person.tab_to("leaveStepButton")
    person.key("space")
    person.until(lambda: model.trial is None)

    person.go("ctrl+7", person.new_user)
    for film, rating in zip(FILMS, RATINGS, strict=True):
        person.rate(film, rating)
    person.see_the_new_user()

    person.go("ctrl+6", person.top)
    person.tab_to("whomChoice")
    person.key("n")
    person.until(lambda: person.widget("saveTopButton").isEnabled())
    person.tab_to("saveTopButton")
    person.key("space")
    person.until(lambda: window.findChild(QFileDialog) is not None)
    qtbot.wait(500)
    person.type(str(tmp_path / "list.csv"))
    person.key("Return")
    person.see_the_file(tmp_path / "list.csv")
    person.key("ctrl+q")
    person.until(lambda: not window.isVisible())
    assert threading.active_count() == 1


# -- by mouse -------------------------------------------------------------------------------------


class Pointer(Person):
    """Uses the keys to write, and for nothing else."""

    def click_at(self, widget: QWidget, place: QPoint) -> None:
        """Click at a place in a widget."""
        where = widget.mapToGlobal(place)
        self.hand.run("mousemove", str(where.x()), str(where.y()), "sleep", "0.15", "click", "1")

    def click(self, name: str) -> None:
        """Click on a widget."""
        widget = self.widget(name)
        self.until(widget.isVisible)
        self.click_at(widget, widget.rect().center())

    def open_tab(self, title: str) -> None:
        """Click on the tab of a panel."""
        bars = [(bar, k) for bar in self.window.findChildren(QTabBar) if bar.isVisible()
                for k in range(bar.count()) if bar.tabText(k) == title]
        [(bar, place)] = bars
        self.click_at(bar, bar.tabRect(place).center())
        self.qtbot.wait(200)

    def click_row(self, view: QAbstractItemView, index: QModelIndex, x: int | None = None) -> None:
        """Click on a row of a list, or at so many pixels from where its cell begins."""
        rect: QRect = view.visualRect(index)
        place = rect.center() if x is None else QPoint(rect.left() + x, rect.center().y())
        self.click_at(view.viewport(), place)

    def choose(self, name: str, place: int) -> None:
        """Choose an entry of a box."""
        box = self.widget(name)
        assert isinstance(box, QComboBox)
        self.click(name)
        self.until(box.view().isVisible)
        self.qtbot.wait(300)  # a click while it opens would close it
        self.click_row(box.view(), box.model().index(place, 0))
        self.until(lambda: box.currentIndex() == place)

    def rate(self, film: str, rating: float) -> None:
        """Find a film for the new user, and click its rating."""
        ratings = self.new_user.ratings
        n_rows = len(ratings.table.rows)
        self.click("addItemField")
        self.type(film)
        found = ratings.search.list
        assert found is not None
        self.until(found.isVisible)
        self.click_row(found.tree, found.tree.model().index(0, 0))
        self.until(lambda: len(ratings.table.rows) == n_rows + 1)
        self.qtbot.wait(200)
        table = ratings.table
        self.click_row(table, table.currentIndex(), 6 + round(STAR * (rating - 0.25)))
        self.until(lambda: dict(table.rows)[table.current_item()] == rating)  # type: ignore[index]


def test_into_the_matrix_by_mouse(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    person = Pointer(window, qtbot)
    model, state = person.model, person.state
    person.click("useSampleButton")
    person.until(lambda: model.status is Status.READY, 30)
    qtbot.wait(300)
    person.click("startButton")
    person.until(lambda: model.status is Status.DONE, 60)

    person.click("findField")
    person.type(FILMS[0])
    found = window.matrices_panel.finder._list
    person.until(found.isVisible)
    person.click_row(found.tree, found.tree.model().index(0, 0))
    person.until(lambda: person.pinned_title().startswith(FILMS[0]))
    before = state.pinned
    person.click("predictedView")
    person.until(lambda: state.pinned != before)

    person.open_tab("Inspector")
    person.see_why()
    person.open_tab("Equations")
    person.click("epochStepButton")
    person.until(lambda: model.trial is not None)
    person.until(person.widget("leaveStepButton").isEnabled)
    person.click("leaveStepButton")
    person.until(lambda: model.trial is None)

    person.open_tab("New user")
    for film, rating in zip(FILMS, RATINGS, strict=True):
        person.rate(film, rating)
    person.see_the_new_user()

    person.open_tab("Recommendations")
    person.choose("whomChoice", 1)
    person.until(lambda: person.top.top.table.lines)
    person.click_row(person.top.top.table, person.top.top.table.model().index(0, 0))
    person.until(lambda: state.pinned is not None and state.pinned[0] == NEW_USER)
    person.click("saveTopButton")
    person.until(lambda: window.findChild(QFileDialog) is not None)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    qtbot.wait(500)
    person.type(str(tmp_path / "list.csv"))
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    save = buttons.button(QDialogButtonBox.StandardButton.Save)
    person.click_at(save, save.rect().center())
    person.see_the_file(tmp_path / "list.csv")
    menu = window.menuBar()
    person.click_at(menu, menu.actionGeometry(menu.actions()[0]).center())
    file_menu = window.actions_._menus["File"]
    person.until(file_menu.isVisible)
    person.click_at(file_menu, file_menu.actionGeometry(file_menu.actions()[-1]).center())
    person.until(lambda: not window.isVisible())
    assert threading.active_count() == 1
