"""The inspector: the pinned cell explained in numbers that add up, off the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.data.sample import sample_ratings
from mfgui.gui.panels.inspector import EMPTY_TEXT, UNKNOWN_TEXT, UNTRAINED_TEXT, InspectorPanel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import LIGHT
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets import explainer
from mfgui.gui.widgets.inspector_body import Shape
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.new_user import new_user
from mfgui.inspection.trial import Trial
from mfgui.training.events import Snapshot
from mfgui.training.session import TrainingSession

Events = list[object]
# As printed: half a unit of the second decimal, and the rest of float32 beside it.
PRINTED = 0.0051


@pytest.fixture(scope="module")
def sample() -> tuple[Ratings, ImportReport]:
    """Return the sample, drawn once."""
    return sample_ratings()


@pytest.fixture(scope="module")
def runs(sample: tuple[Ratings, ImportReport]) -> dict[str, Events]:
    """Return what short runs tell, by solver."""
    return {"adagrad": events_of("adagrad", sample[0], n_factors=8),
            "svd++": events_of("svd++", sample[0], n_factors=8),
            "average": events_of("average", sample[0], n_factors=4, n_members=3)}


def events_of(solver: str, ratings: Ratings, **settings: Any) -> Events:
    """Return what a short run tells."""
    made = SOLVERS[solver].settings_type(n_epochs=3, **settings)
    return list(TrainingSession(solver, made, ratings).epochs())


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[InspectorPanel]:
    made = InspectorPanel()
    qtbot.addWidget(made)
    made.set_models(RunModel(made), ViewState(made))
    made.set_theme(LIGHT)
    made.resize(360, 760)
    made.show()
    yield made
    made.shut_down()


def model_of(panel: InspectorPanel) -> RunModel:
    """Return the run model that the panel follows."""
    assert panel._run_model is not None
    return panel._run_model


def state_of(panel: InspectorPanel) -> ViewState:
    """Return what is looked at."""
    assert panel._state is not None
    return panel._state


def opened(panel: InspectorPanel, sample: tuple[Ratings, ImportReport]) -> None:
    """Open the sample."""
    model_of(panel).set_ratings(*sample)
    state_of(panel).set_size(sample[0].n_users, sample[0].n_items)


def explained(
    panel: InspectorPanel, qtbot: QtBot, cell: tuple[int, int], *, has_model: bool = True
) -> Any:
    """Pin a cell and wait for its explanation."""
    state_of(panel).set_pinned(cell)
    qtbot.waitUntil(lambda: panel._answer is not None and panel._answer.question.cell == cell
                    and (panel._answer.own is not None) == has_model)
    assert panel._answer is not None
    return panel._answer.own


def choose(panel: InspectorPanel, key: str) -> None:
    """Choose a split as a person does."""
    split = panel.row.split
    split.setCurrentIndex(split.findData(key))
    split.activated.emit(split.currentIndex())


def shown_texts(widget: QWidget) -> list[str]:
    """Return the texts of the labels that a person sees."""
    return [label.text() for label in widget.findChildren(QLabel)
            if label.text() and label.isVisible()]


def test_nothing_pinned_says_what_to_do(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport]
) -> None:
    assert shown_texts(panel) == [EMPTY_TEXT]
    opened(panel, sample)
    assert shown_texts(panel) == [EMPTY_TEXT]


def test_before_a_model_what_was_rated_and_the_cards_are_shown(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], qtbot: QtBot
) -> None:
    opened(panel, sample)
    ratings = sample[0]
    explained(panel, qtbot, (0, int(ratings.item_index[0])), has_model=False)
    texts = shown_texts(panel)
    assert UNTRAINED_TEXT in texts
    assert f"{ratings.value[0]:g}" in texts
    assert "Mean" in texts
    assert "Norm" not in texts
    assert not panel.waterfall.isVisible()


@pytest.mark.parametrize("solver", ["adagrad", "svd++", "average"])
def test_a_pinned_cell_is_explained_in_numbers_that_add_up(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot, solver: str,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs[solver])
    own = explained(panel, qtbot, (5, 9))
    shown = model_of(panel).shown
    assert shown is not None
    predicted = float(shown.predict(np.array([5]), np.array([9]))[0])
    for key in ("parts", "own", "raters"):
        choose(panel, key)
        waterfall = panel.waterfall.waterfall
        assert waterfall is not None
        assert float(waterfall.printed_total) == pytest.approx(predicted, abs=PRINTED)
        printed = sum(float(bar.printed) for bar in waterfall.bars)
        assert printed == pytest.approx(float(waterfall.printed_total), abs=1e-9)
    assert any(text.startswith(own.parts.printed_total) for text in shown_texts(panel.head))


def test_an_average_is_explained_member_by_member(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["average"])
    own = explained(panel, qtbot, (5, 9))
    choose(panel, "member 2")
    assert panel.waterfall.waterfall is own.members[1]
    assert any(f"average of all {len(own.members)}" in text for text in shown_texts(panel))


def test_a_click_on_a_rating_pins_that_item_and_on_a_rater_that_user(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    own = explained(panel, qtbot, (5, 9))
    choose(panel, "own")
    row, bar = next((row, bar) for row, bar in enumerate(own.own_ratings.bars)
                    if bar.kind == "rating")
    y = int((row + 1.5) * panel.waterfall._row_height)
    qtbot.waitUntil(lambda: panel.waterfall._row_at(y) == row)  # laid out, and in view
    qtbot.mouseClick(panel.waterfall.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, y))
    assert state_of(panel).pinned == (5, bar.index)
    own = explained(panel, qtbot, (5, 9))
    choose(panel, "raters")
    bar = next(bar for bar in own.raters.bars if bar.kind == "rating")
    panel.waterfall.followed.emit(bar)
    assert state_of(panel).pinned == (bar.index, 9)


def test_the_keys_stay_in_the_waterfall_when_a_bar_is_followed(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    explained(panel, qtbot, (5, 9))
    choose(panel, "own")
    panel.setFocus()
    qtbot.waitUntil(panel.waterfall.hasFocus)
    while panel.waterfall.current is None or panel.waterfall.current.kind != "rating":
        qtbot.keyClick(panel.waterfall, Qt.Key.Key_Down)
    item = panel.waterfall.current.index
    qtbot.keyClick(panel.waterfall, Qt.Key.Key_Return)
    panel._show_waiting()  # as where the answer takes long
    qtbot.waitUntil(lambda: panel._answer is not None
                    and panel._answer.question.cell == (5, item))
    assert panel.waterfall.hasFocus()
    assert panel.row.key == "own"


def test_newer_factors_are_explained_while_training(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model = model_of(panel)
    model.add_events(runs["adagrad"])
    explained(panel, qtbot, (5, 9))
    model.set_status(Status.TRAINING)
    first = model.snapshot
    assert first is not None
    newer = replace(first.model, global_mean=first.model.global_mean - 0.5)
    model.add_events([Snapshot(4, newer)])
    qtbot.waitUntil(lambda: panel._answer is not None and panel._answer.question.model is newer)
    assert panel._answer is not None
    assert panel._answer.own is not None
    assert panel._answer.own.raw == pytest.approx(float(
        newer.predict(np.array([5]), np.array([9]), is_clipped=False)[0]), abs=1e-5)


def test_many_snapshots_are_not_all_explained(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model = model_of(panel)
    model.add_events(runs["adagrad"])
    explained(panel, qtbot, (5, 9))
    model.set_status(Status.TRAINING)
    assert model.snapshot is not None
    answers: list[object] = []
    panel.explainer.answered.connect(answers.append)
    for epoch in range(50):
        newest = replace(model.snapshot.model)
        model.add_events([Snapshot(epoch, newest)])
        QApplication.processEvents()
    qtbot.waitUntil(lambda: panel._answer is not None and panel._answer.question.model is newest)
    assert len(answers) < 10


def test_an_answer_for_another_cell_is_dropped(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    explained(panel, qtbot, (5, 9))
    late = panel._answer
    assert late is not None
    explained(panel, qtbot, (6, 9))
    panel._on_answered(late)
    assert panel._answer is not late
    assert f"User {sample[0].user_ids[6]}" in shown_texts(panel)


def test_a_cell_that_takes_long_is_named_at_once(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    explained(panel, qtbot, (5, 9))
    go_on, real = threading.Event(), explainer.explain

    def slow(*what: Any, **how: Any) -> Any:
        go_on.wait(20)
        return real(*what, **how)

    monkeypatch.setattr(explainer, "explain", slow)
    state_of(panel).set_pinned((7, 9))
    qtbot.waitUntil(lambda: f"User {sample[0].user_ids[7]}" in shown_texts(panel.head))
    assert panel.waterfall.waterfall is None
    assert panel._answer is None
    go_on.set()
    qtbot.waitUntil(lambda: panel.waterfall.waterfall is not None)


def test_a_clipped_prediction_says_so(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    shown = model_of(panel).shown
    assert shown is not None
    raw = (shown.user_bias[:, None] + shown.item_bias[None]
           + shown.user_factors @ shown.item_factors.T)
    user, item = (int(place) for place in np.unravel_index(raw.argmax(), raw.shape))
    own = explained(panel, qtbot, (user, item))
    assert own.raw > own.predicted
    assert "Unclipped" in shown_texts(panel.head)
    assert panel.waterfall.waterfall is not None
    assert panel.waterfall.waterfall.bars[-1].kind == "clipped"


def test_a_new_user_is_explained_as_the_ratings_change(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model = model_of(panel)
    model.add_events(runs["svd++"])
    assert model.shown is not None
    state_of(panel).set_pinned((NEW_USER, 9))  # nobody is there yet
    assert EMPTY_TEXT in shown_texts(panel)
    model.set_new_user(new_user(model.shown, np.array([1, 9]), np.array([5, 4])))
    first = explained(panel, qtbot, (NEW_USER, 9))
    assert first.observed == 4
    assert "New user" in shown_texts(panel.head)
    model.set_new_user(new_user(model.shown, np.array([1, 9]), np.array([1, 2])))
    qtbot.waitUntil(lambda: panel._answer is not None and panel._answer.own is not None
                    and panel._answer.own.observed == 2)
    model.set_new_user(None)
    assert shown_texts(panel) == [EMPTY_TEXT]


def compared(panel: InspectorPanel, events: Events, unknown_user: int) -> OtherModel:
    """Compare with the model that a run ended with, which does not know one user."""
    model = model_of(panel)
    other = events[-1].model  # type: ignore[attr-defined]
    has_user = np.ones(other.n_users, bool)
    has_user[unknown_user] = False
    made = OtherModel("other.npz", other, has_user, np.ones(other.n_items, bool))
    model.set_other(made)
    return made


def test_two_models_are_explained_side_by_side(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    compared(panel, runs["svd++"], unknown_user=6)
    explained(panel, qtbot, (5, 9))
    answer = panel._answer
    assert answer is not None
    assert answer.own is not None
    assert answer.other is not None
    texts = shown_texts(panel.head)
    assert {"A", "B", answer.other.parts.printed_total} <= set(texts)
    assert panel.waterfall.waterfall is answer.own.parts
    panel.row.model_buttons[1].click()
    assert panel.waterfall.waterfall is answer.other.parts
    assert answer.other.own_ratings is None  # its ratings are not known
    explained(panel, qtbot, (6, 9))
    assert UNKNOWN_TEXT in shown_texts(panel)
    model_of(panel).set_other(None)
    qtbot.waitUntil(panel.waterfall.isVisible)
    assert "B" not in shown_texts(panel.head)


def test_the_other_model_solves_a_new_user_by_its_own_items(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model = model_of(panel)
    model.add_events(runs["adagrad"])
    assert model.shown is not None
    compared(panel, runs["svd++"], unknown_user=6)
    guest = new_user(model.shown, np.array([1, 9]), np.array([5, 4]))
    model.set_new_user(guest)
    own = explained(panel, qtbot, (NEW_USER, 20))
    assert panel._answer is not None
    assert panel._answer.other is not None
    other = new_user(runs["svd++"][-1].model, guest.items, guest.values)  # type: ignore[attr-defined]
    assert panel._answer.other.user_card.bias == pytest.approx(other.folded.bias)
    assert own.user_card.bias == pytest.approx(guest.folded.bias)


def test_step_mode_is_marked(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model = model_of(panel)
    model.add_events(runs["adagrad"])
    explained(panel, qtbot, (5, 9))
    assert model.shown is not None
    copy = replace(model.shown, global_mean=0.5)
    model.set_trial(Trial(copy, "a copy, 3 steps on"))
    qtbot.waitUntil(lambda: panel._answer is not None and panel._answer.question.model is copy)
    assert any("A copy, 3 steps on" in text for text in shown_texts(panel.head))


def test_copy_takes_everything_as_text(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    own = explained(panel, qtbot, (5, 9))
    panel.row.copy.click()
    text = QApplication.clipboard().text()
    for words in ("By parts:", "By own ratings:", "By the item's raters:", "Norm",
                  own.parts.printed_total, own.item_title):
        assert words in text


def test_other_ratings_let_go_of_the_cell(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    tiny: Ratings, qtbot: QtBot,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    explained(panel, qtbot, (500, 300))
    model_of(panel).set_ratings(tiny, sample[1])  # the cell is not in it
    assert shown_texts(panel) == [EMPTY_TEXT]
    state_of(panel).set_size(tiny.n_users, tiny.n_items)
    explained(panel, qtbot, (3, 0), has_model=False)
    assert "not rated" in shown_texts(panel)


def test_a_hidden_panel_asks_as_soon_as_it_is_seen(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot,
) -> None:
    panel.hide()
    opened(panel, sample)
    model_of(panel).add_events(runs["adagrad"])
    with qtbot.assertNotEmitted(panel.explainer.answered, wait=50):
        state_of(panel).set_pinned((5, 9))
    panel.show()
    qtbot.waitUntil(lambda: panel._answer is not None and panel._answer.own is not None)


@pytest.mark.parametrize("solver", [name for name in SOLVERS if name != "average"])
def test_every_solver_is_explained_on_a_tiny_matrix(
    panel: InspectorPanel, tiny: Ratings, sample: tuple[Ratings, ImportReport], qtbot: QtBot,
    solver: str,
) -> None:
    model_of(panel).set_ratings(tiny, sample[1])
    state_of(panel).set_size(tiny.n_users, tiny.n_items)
    model_of(panel).add_events(events_of(solver, tiny, n_factors=1))
    for cell in ((0, 0), (3, 0), (2, 4)):
        explained(panel, qtbot, cell)
        for key in ("parts", "own", "raters"):
            choose(panel, key)
            panel.grab()


@pytest.mark.parametrize(("width", "height", "shape"), [
    (360, 560, Shape.COLUMN), (630, 210, Shape.PAIR), (1000, 240, Shape.ROW)])
def test_the_total_is_seen_whole_and_nothing_is_cut_off_at_the_side(
    panel: InspectorPanel, sample: tuple[Ratings, ImportReport], runs: dict[str, Events],
    qtbot: QtBot, width: int, height: int, shape: Shape,
) -> None:
    opened(panel, sample)
    model_of(panel).add_events(runs["average"])
    panel.resize(width, height)
    explained(panel, qtbot, (5, 9))
    choose(panel, "own")
    body, view = panel._body, panel.waterfall
    qtbot.waitUntil(lambda: body.shape is shape and view.isVisible())
    QApplication.processEvents()
    assert body.horizontalScrollBar().maximum() == 0
    bottom = view.mapTo(body.viewport(), QPoint(0, view.height())).y()
    assert bottom <= body.viewport().height()
    assert view.height() >= view.minimumSizeHint().height()


def test_every_input_says_what_it_is(panel: InspectorPanel) -> None:
    inputs = [*panel.findChildren(QAbstractButton), *panel.findChildren(QComboBox)]
    assert len(inputs) == 4
    for widget in inputs:
        assert widget.toolTip()
        assert widget.whatsThis()
        assert widget.accessibleName()
