"""The equations of the pinned cell, and step mode: what a person sees and does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QApplication, QBoxLayout
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.textbook import SOLVER, textbook_ratings, textbook_settings
from mfgui.gui.panels.equations import (
    IMAGINARY,
    NO_CELL,
    NO_MODEL,
    NO_RATINGS,
    RUNNING,
    EquationsPanel,
)
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets.equation_layout import Arranger
from mfgui.gui.widgets.math_boxes import BoxMaker, broken
from mfgui.inspection.formula import EQUALS, Vector
from mfgui.inspection.stepping import IN_AVERAGE, SOLVES_ROWS
from mfgui.training.events import EpochRecord, Snapshot
from mfgui.training.session import TrainingSession

PARTS = ("user_factors", "item_factors", "user_bias", "item_bias")


class Fixture:
    """A panel with the two models that it follows."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.run, self.state = qtbot, RunModel(), ViewState()
        self.panel = EquationsPanel()
        qtbot.addWidget(self.panel)
        self.panel.set_models(self.run, self.state)
        self.panel.set_theme(LIGHT)
        self.panel.resize(1000, 270)
        self.panel.show()

    def open(self, ratings: Ratings | None = None) -> None:
        found, report = textbook_ratings()
        self.run.set_ratings(ratings or found, report)
        self.state.set_size(self.run.ratings.n_users, self.run.ratings.n_items)  # type: ignore[union-attr]
        self.settle()

    def train(self, solver: str = SOLVER, **settings: Any) -> None:
        """Train as the window would have, and show the result."""
        made = (replace(textbook_settings(), n_epochs=10, **settings) if solver == SOLVER
                else SOLVERS[solver].settings_type(**{
                    "n_factors": 2, "n_epochs": 5, "validation": 0.0, **settings}))
        assert self.run.ratings is not None
        session = TrainingSession(solver, made, self.run.ratings)
        self.run.start_run(solver, made)
        self.run.add_events([each for each in session.epochs() if isinstance(each, EpochRecord)])
        assert session.result is not None
        self.run.snapshot = Snapshot(made.n_epochs, session.result.model)
        self.run.snapshot_changed.emit()
        self.run.set_status(Status.DONE)
        self.settle()

    def settle(self) -> None:
        """Wait until every question is answered."""
        panel = self.panel
        self.qtbot.waitUntil(
            lambda: not (panel._is_busy or panel._steps or panel._is_stale), timeout=20_000)

    def pin(self, user: int, item: int) -> None:
        self.state.set_pinned((user, item))
        self.settle()

    def click(self, *kinds: str) -> None:
        for kind in kinds:
            self.panel.bar.buttons[kind].click()
        self.settle()

    @property
    def text(self) -> str:
        """What is shown, in words."""
        return str(self.panel.view.accessibleDescription())

    @property
    def words(self) -> str:
        """The sentence in the place of equations; "" where there are some."""
        is_shown = self.panel._pages.currentIndex() == 0
        return self.panel._words.text() if is_shown else ""

    def bits(self) -> list[bytes]:
        assert self.run.snapshot is not None
        return [getattr(self.run.snapshot.model, name).tobytes() for name in PARTS]


@pytest.fixture
def there(qtbot: QtBot) -> Iterator[Fixture]:
    made = Fixture(qtbot)
    yield made
    made.panel.shut_down()


@pytest.fixture
def ready(there: Fixture) -> Fixture:
    there.open()
    there.train()
    there.pin(0, 1)
    return there


def test_one_sentence_says_what_is_missing(there: Fixture) -> None:
    there.settle()
    assert there.words == NO_RATINGS
    there.open()
    assert there.words == NO_MODEL
    there.train()
    assert there.words == NO_CELL
    assert not there.panel.head.copies["text"].isEnabled()
    there.pin(NEW_USER, 1)
    assert there.words == IMAGINARY
    there.pin(0, 1)
    assert there.words == ""
    assert there.panel.head.copies["text"].isEnabled()


def test_the_numbers_are_those_of_the_pinned_cell(ready: Fixture) -> None:
    assert "n: user 1,  m: item 2,  rated 3" in ready.text
    model = ready.run.shown
    assert model is not None
    raw = float(model.predict(np.array([0]), np.array([1]), is_clipped=False)[0])
    assert f"= {raw:.4f}".replace("-", "−") in ready.text
    ready.pin(3, 2)
    assert "n: user 4,  m: item 3,  rated 5" in ready.text
    ready.pin(0, 2)
    assert "not rated" in ready.text
    assert "Gradients" not in ready.text


def test_newer_factors_bring_newer_numbers(ready: Fixture) -> None:
    before = ready.text
    assert ready.run.snapshot is not None
    model = ready.run.snapshot.model
    ready.run.snapshot = Snapshot(11, replace(model, user_factors=2 * model.user_factors))
    ready.run.snapshot_changed.emit()
    ready.settle()
    assert ready.text != before


def test_a_hidden_panel_waits_and_catches_up(ready: Fixture) -> None:
    before = ready.text
    ready.panel.hide()
    ready.state.set_pinned((3, 3))
    ready.qtbot.wait(30)
    assert ready.text == before
    ready.panel.show()
    ready.settle()
    assert "user 4" in ready.text


def test_decimals_and_whole_vectors_are_chosen(there: Fixture) -> None:
    there.open()
    there.train(n_factors=12)
    there.pin(0, 1)
    assert "…" in there.text
    height = there.panel.view.page.minimumHeight()
    there.panel.head.whole.click()
    assert there.panel.view.page.minimumHeight() > height
    there.panel.head.decimals.set_value(7)
    assert there.panel.view.page.decimals == 7
    there.panel.head.decimals.lineEdit().setText("99")
    assert there.panel.view.page.decimals == 7
    assert there.panel.head.decimals.error_text


def test_equations_are_copied_as_text_and_as_latex(there: Fixture) -> None:
    there.open()
    there.train(n_factors=12)
    there.pin(0, 1)
    there.panel.head.decimals.set_value(2)
    there.panel.head.copies["text"].click()
    text = QApplication.clipboard().text()
    assert "r_hat_nm = u_n·v_m" in text
    assert "…" not in text
    there.panel.head.copies["latex"].click()
    latex = QApplication.clipboard().text()
    assert r"\hat{r}_{nm} = u_{n} \cdot v_{m}" in latex
    there.panel.view.copy_requested.emit("text")
    assert QApplication.clipboard().text() == text


def test_steps_go_on_a_copy_that_is_shown_in_the_runs_place(ready: Fixture) -> None:
    before, own = ready.bits(), ready.run.shown
    told: list[bool] = []
    ready.run.shown_changed.connect(lambda: told.append(True))
    ready.click("rating")
    assert ready.run.trial is not None
    assert ready.run.trial.text == "step by step: a copy, 1 step"
    assert ready.run.shown is ready.run.trial.model
    assert told == [True]
    ready.click("row", "epoch")
    assert ready.run.trial.text == "step by step: a copy, 3 steps"
    assert ready.bits() == before
    assert "3 steps on: loss" in ready.panel.bar.state.text()
    assert ready.panel.bar.curve.isVisible()
    assert "step 3" in ready.panel.bar.curve.accessibleDescription()
    ready.click("leave")
    assert ready.run.trial is None
    assert ready.run.shown is own
    assert not ready.panel.bar.curve.isVisible()
    assert ready.bits() == before


def test_back_leads_to_where_it_was(ready: Fixture) -> None:
    start = ready.text
    ready.click("rating", "epoch")
    assert ready.text != start
    ready.click("back", "back")
    assert ready.text == start
    assert ready.run.trial is not None
    assert ready.run.trial.text == "step by step: a copy, as it began"
    assert not ready.panel.bar.buttons["back"].isEnabled()
    assert ready.panel.bar.buttons["leave"].isEnabled()


def test_the_step_taken_is_the_one_that_was_shown(ready: Fixture) -> None:
    assert ready.panel.answer is not None
    shown = ready.panel.answer.equations
    assert shown is not None
    assert shown.moved is not None
    ready.click("rating")
    now = ready.panel.answer.equations
    assert now is not None
    np.testing.assert_array_equal(now.pair.user_row, shown.moved.user_row)
    np.testing.assert_array_equal(now.pair.item_row, shown.moved.item_row)


def test_steps_asked_for_quickly_are_all_taken_in_their_order(ready: Fixture) -> None:
    for kind in ("rating", "row", "epoch", "back", "rating", "rating"):
        ready.panel._on_asked(kind)
    ready.settle()
    assert ready.panel.answer is not None
    assert ready.panel.answer.n_steps == 4


def test_a_typed_rate_holds_for_the_equations_and_the_steps(ready: Fixture) -> None:
    field = ready.panel.bar.field
    assert field.lineEdit().placeholderText() == "0.05"
    field.lineEdit().setText("0,001")
    ready.settle()
    assert "η = 0.001" in ready.text
    assert "typed here" in ready.text
    ready.click("rating")
    small = ready.panel.answer
    assert small is not None
    ready.click("back")
    field.lineEdit().setText("")
    ready.settle()
    assert "η = 0.05" in ready.text
    ready.click("rating")
    large = ready.panel.answer
    assert large is not None
    assert abs(large.losses[1] - large.losses[0]) > 10 * abs(small.losses[1] - small.losses[0])


def test_before_any_training_steps_begin_from_random_factors(there: Fixture) -> None:
    there.open()
    there.pin(0, 1)
    assert there.words == NO_MODEL
    there.click(*["epoch"] * 20)
    assert there.words == ""
    assert there.run.snapshot is None
    assert there.run.shown is not None
    assert there.panel.answer is not None
    assert there.panel.answer.losses[-1] < 0.5 * there.panel.answer.losses[0]
    there.click("leave")
    assert there.run.shown is None
    assert there.words == NO_MODEL


def test_a_run_that_begins_ends_step_mode(ready: Fixture) -> None:
    ready.click("epoch")
    ready.train()
    assert ready.run.trial is None
    assert ready.panel.answer is not None
    assert not ready.panel.answer.is_stepping
    ready.click("epoch")
    assert ready.panel.answer.n_steps == 1


def test_while_training_no_step_is_offered(ready: Fixture) -> None:
    ready.run.set_status(Status.TRAINING)
    ready.settle()
    assert not any(button.isEnabled() for button in ready.panel.bar.buttons.values())
    assert ready.panel.bar.buttons["epoch"].toolTip() == RUNNING
    ready.run.set_status(Status.DONE)
    ready.settle()
    assert ready.panel.bar.buttons["epoch"].isEnabled()


def test_a_step_under_way_when_a_run_begins_is_not_shown(ready: Fixture) -> None:
    ready.panel._on_asked("epoch")
    ready.run.set_status(Status.TRAINING)
    ready.settle()
    assert ready.run.trial is None
    assert ready.panel.answer is not None
    assert not ready.panel.answer.is_stepping


def test_other_ratings_end_step_mode(ready: Fixture) -> None:
    ready.click("epoch")
    ready.open()
    assert ready.run.trial is None
    assert ready.words == NO_MODEL


def test_what_cannot_be_stepped_is_off_and_says_why(there: Fixture) -> None:
    there.open()
    there.train("als")
    there.pin(0, 1)
    buttons = there.panel.bar.buttons
    assert not buttons["rating"].isEnabled()
    assert buttons["rating"].toolTip() == SOLVES_ROWS
    assert not there.panel.bar.field.isVisible()
    there.click("row", "epoch")
    assert there.panel.answer is not None
    assert there.panel.answer.losses == tuple(sorted(there.panel.answer.losses, reverse=True))
    there.pin(0, 2)
    there.train()
    there.pin(0, 2)
    assert not buttons["rating"].isEnabled()
    assert "not among" in buttons["rating"].toolTip()
    assert buttons["row"].isEnabled()


def test_an_average_is_read_member_by_member(there: Fixture) -> None:
    there.open()
    there.train("average", n_members=2, n_factors=2, kind="adagrad", initial_sd=0.3)
    there.pin(0, 1)
    box = there.panel.head.member
    assert box.isVisible()
    assert box.count() == 2
    first = there.text
    box.setCurrentIndex(1)
    there.settle()
    assert there.text != first
    assert "member 2 of 2" in there.text
    assert there.panel.bar.buttons["epoch"].toolTip() == IN_AVERAGE
    there.train()
    assert not box.isVisible()


@pytest.mark.parametrize("solver", [name for name in SOLVERS if name != "average"])
def test_every_solvers_equations_are_drawn_in_both_themes(there: Fixture, solver: str) -> None:
    there.open()
    there.train(solver, n_factors=3)
    there.pin(3, 2)
    view, pictures = there.panel.view, []
    for theme in (LIGHT, DARK):
        there.panel.set_theme(theme)
        pictures.append(view.page.grab().toImage())
    assert pictures[0] != pictures[1]
    there.panel.head.decimals.set_value(8)
    assert view.page.grab().toImage() != pictures[1]


def test_the_steps_stand_below_where_there_is_no_room_beside(ready: Fixture) -> None:
    direction = QBoxLayout.Direction
    assert ready.panel._parts.direction() == direction.LeftToRight
    ready.panel.resize(340, 700)
    ready.qtbot.waitUntil(lambda: ready.panel.bar.width() > 300)
    assert ready.panel._parts.direction() == direction.TopToBottom
    assert ready.panel.head._rows.direction() == direction.TopToBottom
    for widget in (*ready.panel.bar.buttons.values(), *ready.panel.head.copies.values()):
        place = widget.mapTo(ready.panel, widget.rect().topRight())
        assert place.x() < 340
        assert widget.width() >= widget.minimumSizeHint().width()


@pytest.mark.parametrize("width", [300.0, 400.0, 720.0, 1300.0])
def test_no_line_is_wider_than_its_column(ready: Fixture, width: float) -> None:
    equations = ready.panel.answer.equations  # type: ignore[union-attr]
    assert equations is not None
    layout = Arranger(QFont(), 8, is_whole=True).arrange(equations, width)
    assert max(placed.x + placed.row.width for placed in layout.rows) <= width + 1
    assert max(words.place.right() for words in layout.words) <= width + 1
    assert layout.height >= max(words.place.bottom() for words in layout.words)


def test_a_title_is_given_the_lines_that_its_bold_letters_take(ready: Fixture) -> None:
    equations = ready.panel.answer.equations  # type: ignore[union-attr]
    assert equations is not None
    bold = QFont()
    bold.setBold(True)
    metrics = QFontMetricsF(bold)
    wide = replace(equations, title=f"n: {'long name ' * 4},  m: {'long title ' * 4},  not rated")
    for width in range(300, 800, 20):
        layout = Arranger(QFont(), 4, is_whole=True).arrange(wide, width)
        [title] = [words for words in layout.words if words.kind == "title"]
        needed = metrics.boundingRect(
            QRectF(0, 0, title.place.width(), 1e5), Qt.TextFlag.TextWordWrap, wide.title)
        assert title.place.height() >= needed.height()


def test_a_vector_is_broken_between_its_numbers(qtbot: QtBot) -> None:
    boxes = BoxMaker(14, 3, is_whole=True).boxes((EQUALS, Vector(np.arange(60.0))))
    lines = broken(boxes, 200, 15)
    assert len(lines) > 5
    assert max(line.width for line in lines) <= 200
    assert len(broken(boxes, 1e9, 15)) == 1


def controls(panel: EquationsPanel) -> list[Any]:
    return [panel.head.decimals, panel.head.whole, panel.head.member, panel.bar.field,
            *panel.head.copies.values(), *panel.bar.buttons.values()]


@pytest.mark.parametrize("said", [
    lambda widget: widget.accessibleName(), lambda widget: widget.toolTip(),
    lambda widget: widget.whatsThis()])
def test_every_control_says_what_it_does(ready: Fixture, said: Callable[[Any], str]) -> None:
    assert all(said(widget) for widget in controls(ready.panel))


def test_the_keyboard_alone_steps_and_goes_back(ready: Fixture) -> None:
    ready.panel.activateWindow()
    button = ready.panel.bar.buttons["rating"]
    button.setFocus()
    ready.qtbot.keyClick(button, Qt.Key.Key_Space)
    ready.settle()
    assert ready.run.trial is not None
    back = ready.panel.bar.buttons["back"]
    back.setFocus()
    ready.qtbot.keyClick(back, Qt.Key.Key_Space)
    ready.settle()
    assert ready.panel.answer is not None
    assert ready.panel.answer.n_steps == 0
    bar = ready.panel.view.verticalScrollBar()
    ready.panel.view.setFocus()
    ready.qtbot.keyClick(ready.panel.view, Qt.Key.Key_Down)
    assert bar.value() > 0
