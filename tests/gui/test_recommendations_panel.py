"""Top lists and neighbours: for whom, filtered, explained, pinned, saved."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTableView,
)
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.panels.recommendations import RecommendationsPanel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import DARK, LIGHT, apply_theme
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets.top_table import BOUND, N_RATINGS, WHY
from mfgui.gui.widgets.top_words import TopLine, top_lines, why_text
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import new_user
from mfgui.inspection.order import Order
from mfgui.inspection.recommend import Filters, Reason, Recommendation, recommend
from mfgui.inspection.similar import similar_items, similar_users
from mfgui.jobs.files import OpenedModel
from mfgui.store.model_file import SavedModel
from mfgui.training.events import Snapshot
from mfgui.training.session import TrainingSession

N_USERS, N_ITEMS = 40, 25


def rated(n_users: int = N_USERS, n_items: int = N_ITEMS, *, has_titles: bool = True) -> Ratings:
    """Return made-up ratings from 1 to 5, every item rated."""
    rng = np.random.default_rng(3)
    is_rated = rng.random((n_users, n_items)) < 0.5
    is_rated[0] = True
    users, items = np.nonzero(is_rated)
    taste = rng.normal(size=(n_users, 2)) @ rng.normal(size=(2, n_items))
    values = np.clip(np.rint(3 + taste[users, items]), 1, 5)
    titles = TextArray.from_strings(f"Film {'abcdefghijklmnopqrstuvwxyz'[m % 26]}{m}"
                                    for m in range(n_items)) if has_titles else None
    return Ratings(users.astype(np.int32), items.astype(np.int32), values.astype(np.float32),
                   TextArray.from_strings(f"u{n}" for n in range(n_users)),
                   TextArray.from_strings(f"i{m}" for m in range(n_items)), titles)


def train(run: RunModel, solver: str = "als", **settings: Any) -> None:
    """Train on the open ratings and hand everything to the run model."""
    assert run.ratings is not None
    chosen = SOLVERS[solver].settings_type(**{"n_factors": 3, "n_epochs": 3, **settings})
    run.start_run(solver, chosen)
    run.add_events(list(TrainingSession(solver, chosen, run.ratings).epochs()))
    run.set_status(Status.DONE)


def opened(run: RunModel, state: ViewState, ratings: Ratings) -> None:
    """Open ratings and put their matrix on the screen."""
    run.set_ratings(ratings, parse_matrix("5 3\n4 1")[1])
    state.set_size(ratings.n_users, ratings.n_items)


@pytest.fixture
def run() -> RunModel:
    return RunModel()


@pytest.fixture
def state() -> ViewState:
    return ViewState()


@pytest.fixture
def panel(qtbot: QtBot, run: RunModel, state: ViewState) -> Iterator[RecommendationsPanel]:
    made = RecommendationsPanel()
    qtbot.addWidget(made)
    made.set_models(run, state)
    made.set_theme(LIGHT)
    made.resize(360, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    made.shut_down()


@pytest.fixture
def trained(panel: RecommendationsPanel, run: RunModel, state: ViewState) -> RecommendationsPanel:
    opened(run, state, rated())
    train(run)
    return panel


def places(panel: RecommendationsPanel) -> list[Recommendation]:
    """Return what the list shows."""
    return [line.place for line in panel.top.table.lines]


def expected(run: RunModel, who: Any, n: int = 10, **filters: Any) -> list[Recommendation]:
    """Return the list as it is worked out without a window."""
    assert run.shown is not None
    rmse = run.result.validation_rmse if run.result is not None else None
    return list(recommend(run.shown, run.known, who, n, Filters(**filters), rmse))


def lists(
    panel: RecommendationsPanel, qtbot: QtBot, run: RunModel, who: Any, n: int = 10, **filters: Any
) -> None:
    """Wait until the panel shows the list that is worked out without a window."""
    wanted = expected(run, who, n, **filters)
    qtbot.waitUntil(lambda: places(panel) == wanted)


def test_before_there_is_a_model_a_sentence_says_what_to_do(
    panel: RecommendationsPanel, run: RunModel, state: ViewState
) -> None:
    opened(run, state, rated())
    assert panel._sentence.isVisible()
    assert "Train first" in panel._sentence.text()
    train(run)
    assert panel.tabs.isVisible()
    assert "Click a cell" in panel.top.hint.text()
    assert not panel.top.save.isEnabled()


def test_the_pinned_users_list_is_the_one_worked_out_without_a_window(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    state.set_pinned((6, 2))
    lists(trained, qtbot, run, 6)
    assert trained.top.heading.text() == "Top 10 for user u6"
    state.set_pinned((7, 2))
    lists(trained, qtbot, run, 7)
    line: TopLine = trained.top.table.lines[0]
    assert line.why == why_text(line.place.why, line.reasons)
    assert "Film" in line.why
    assert "gives" in line.why_tip
    assert trained.top.table.lines_model.index(0, 1).data().startswith("Film ")


def test_filters_narrow_the_list_and_say_what_orders_it(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    filters = trained.top.filters
    state.set_pinned((6, 2))
    filters.n.setValue(20)
    lists(trained, qtbot, run, 6, 20)
    filters.unrated.click()
    lists(trained, qtbot, run, 6, 20, is_unrated_only=False)
    filters.count.setValue(18)
    lists(trained, qtbot, run, 6, 20, is_unrated_only=False, min_count=18)
    filters.count.setValue(0)
    filters.title.setText("film 1")
    qtbot.waitUntil(lambda: trained.top.hint.isVisible())
    assert trained.top.hint.text() == "No item passes the filters."
    filters.title.setText("FILM c")
    lists(trained, qtbot, run, 6, 20, is_unrated_only=False, title_contains="FILM c")
    filters.title.clear()
    filters.by.setCurrentIndex(1)
    lists(trained, qtbot, run, 6, 20, is_unrated_only=False, by_lower_bound=True)
    assert not trained.top.table.isColumnHidden(BOUND)
    assert not trained.top.note.isVisible()


def test_without_held_out_ratings_there_is_no_lower_bound(
    panel: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    opened(run, state, rated())
    train(run, validation=0.0)
    state.set_pinned((6, 2))
    panel.top.filters.by.setCurrentIndex(1)
    qtbot.waitUntil(panel.top.note.isVisible)
    assert "the error on held-out ratings is not known here" in panel.top.note.text()
    lists(panel, qtbot, run, 6)
    assert panel.top.table.isColumnHidden(BOUND)


def test_a_click_pins_and_enter_goes_there(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    state.set_pinned((6, 2))
    lists(trained, qtbot, run, 6)
    table = trained.top.table
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton,
                     pos=table.visualRect(table.lines_model.index(2, 1)).center())
    item = places(trained)[2].item
    assert state.pinned == (6, item)
    assert table.currentIndex().row() == 2
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert state.pinned == (6, places(trained)[3].item)
    state.set_order(Order(state.display.order, np.arange(N_USERS, dtype=np.int32),
                          np.arange(N_ITEMS, dtype=np.int32)))
    seen = state.visible
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert state.visible != seen
    state.set_pinned((6, item))
    assert table.currentIndex().row() == 2
    assert run.known is not None
    state.set_pinned((6, int(run.known.user_row(6)[0][0])))  # rated: it is not in the list
    assert table.currentIndex().row() == -1
    state.set_pinned(None)
    assert trained.top.hint.isVisible()


def test_a_new_users_list_follows_every_change(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    assert run.shown is not None
    user = new_user(run.shown, np.array([3], np.int32), np.array([5], np.float32))
    run.set_new_user(user)
    assert trained.top.filters.whom_key == "new"  # nobody is pinned: it is for the new one
    lists(trained, qtbot, run, user)
    assert trained.top.heading.text() == "Top 10 for new user"
    other = new_user(run.shown, np.array([3, 4], np.int32), np.array([1, 5], np.float32))
    run.set_new_user(other)
    lists(trained, qtbot, run, other)
    table = trained.top.table
    table.chosen.emit(table.lines[1])
    assert state.pinned == (NEW_USER, places(trained)[1].item)
    run.set_new_user(None)
    assert "There is no new user yet" in trained.top.hint.text()


def test_the_pinned_cell_of_the_new_user_is_the_new_users(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    state.set_pinned((6, 2))
    assert run.shown is not None
    user = new_user(run.shown, np.array([3], np.int32), np.array([5], np.float32))
    run.set_new_user(user)
    assert trained.top.filters.whom_key == "pinned"
    lists(trained, qtbot, run, 6)
    state.set_pinned((NEW_USER, 2))
    lists(trained, qtbot, run, user)


def test_a_user_is_found_by_id_and_one_that_is_not_there_is_said(
    trained: RecommendationsPanel, run: RunModel, qtbot: QtBot
) -> None:
    filters = trained.top.filters
    filters.set_whom("typed")
    assert "Find a user" in trained.top.hint.text()
    filters.user.setFocus()
    qtbot.keyClicks(filters.user, "u12")
    qtbot.keyClick(filters.user, Qt.Key.Key_Return)
    lists(trained, qtbot, run, 12)
    qtbot.keyClicks(filters.user, "ux2")
    qtbot.waitUntil(trained.top.note.isVisible)
    assert "There is no user “ux2”. The nearest id is “u" in trained.top.note.text()


def test_newer_factors_bring_another_list(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    state.set_pinned((6, 2))
    lists(trained, qtbot, run, 6)
    assert run.shown is not None
    newer = run.shown.copy()
    newer.item_factors[:] *= -1
    run.snapshot = Snapshot(9, newer)
    run.snapshot_changed.emit()
    lists(trained, qtbot, run, 6)


def test_hidden_it_works_nothing_out_and_shown_it_does(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    trained.hide()
    state.set_pinned((6, 2))
    qtbot.wait(30)
    assert places(trained) == []
    trained.show()
    lists(trained, qtbot, run, 6)


def test_a_model_without_ratings_still_ranks_and_says_what_is_missing(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    assert run.shown is not None
    assert run.ratings is not None
    model, bare = run.shown, run.ratings.take(np.empty(0, np.int64))
    saved = SavedModel(model, bare.user_ids, bare.item_ids, bare.item_titles, {})
    run.set_model(OpenedModel(saved, model, bare, Known(bare)))
    state.set_pinned((6, 2))
    trained.top.filters.count.setValue(3)
    wanted = list(recommend(model, None, 6))
    without = "The list does not go by the number of ratings"
    qtbot.waitUntil(lambda: places(trained) == wanted and without in trained.top.note.text())
    assert "What was rated is not known here" in trained.top.note.text()
    assert trained.top.table.isColumnHidden(N_RATINGS)
    trained.tabs.setCurrentIndex(1)
    qtbot.waitUntil(trained.near["item"].table.isVisible)
    assert trained.near["item"].table.isColumnHidden(2)


def test_neighbours_are_those_worked_out_without_a_window(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    assert run.shown is not None
    items, users = trained.near["item"], trained.near["user"]
    trained.tabs.setCurrentIndex(1)
    assert "what is near its item" in items.sentence.text()
    state.set_pinned((6, 2))
    wanted = similar_items(run.shown, run.known, 2, 50)
    qtbot.waitUntil(lambda: [line.near for line in items.table.lines] == list(wanted))
    assert items.heading.text() == "Near Film c2"
    items.table.select_line(None)
    qtbot.mouseClick(items.table.viewport(), Qt.MouseButton.LeftButton,
                     pos=items.table.visualRect(items.table.lines_model.index(1, 0)).center())
    assert state.selection.items.tolist() == [wanted[1].index]
    assert state.pinned == (6, 2)  # it is marked, no more
    qtbot.keyClick(items.table, Qt.Key.Key_Return)
    assert state.pinned == (6, wanted[1].index)
    trained.tabs.setCurrentIndex(2)
    near = similar_users(run.shown, run.known, 6, 50)
    qtbot.waitUntil(lambda: [line.near for line in users.table.lines] == list(near))
    assert users.table.lines_model.index(0, 0).data() == f"u{near[0].index}"
    user = new_user(run.shown, np.array([3], np.int32), np.array([5], np.float32))
    run.set_new_user(user)
    state.set_pinned((NEW_USER, 2))
    assert "no row of the model" in users.sentence.text()
    assert users.sentence.isVisible()


def asked(signal: Any) -> list[tuple[Any, ...]]:
    """Return a list that collects what a signal tells."""
    told: list[tuple[Any, ...]] = []
    signal.connect(lambda *words: told.append(words))
    return told


def do(job: Callable[[Control], Iterator[Any]]) -> Any:
    """Run a job and return its last event."""
    return list(job(Control()))[-1]


def test_the_list_is_saved_as_csv(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot, tmp_path: Path
) -> None:
    state.set_pinned((6, 2))
    lists(trained, qtbot, run, 6)
    saves, jobs_, told = (asked(signal) for signal in (
        trained.table_wanted, trained.job_wanted, trained.told))
    trained.top.save.click()
    saves[0][-1](str(tmp_path / "top.csv"), False)
    jobs_[0][2](do(jobs_[0][1]))
    assert told == [("10 lines were written to top.csv.", "information")]
    with (tmp_path / "top.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first = places(trained)[0]
    assert len(rows) == 10
    assert rows[0]["user"] == "u6"
    assert rows[0]["item"] == f"i{first.item}"
    assert float(rows[0]["prediction"]) == pytest.approx(first.shown, rel=1e-5)
    assert rows[0]["ratings"] == str(first.n_ratings)
    assert rows[0]["because"] == trained.top.table.lines[0].why


def test_the_lists_of_all_users_are_a_job(
    trained: RecommendationsPanel, run: RunModel, tmp_path: Path
) -> None:
    saves, jobs_ = asked(trained.table_wanted), asked(trained.job_wanted)
    trained.top.filters.n.setValue(3)
    trained.top.save_all.click()
    saves[0][-1](str(tmp_path / "all.csv"), False)
    do(jobs_[0][1])
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    own = [row["item"] for row in rows if row["user"] == "u6"]
    assert own == [f"i{each.item}" for each in expected(run, 6, 3)]


def test_one_item_and_one_factor_are_enough(
    panel: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    opened(run, state, rated(6, 1, has_titles=False))
    train(run, n_factors=1, validation=0.0)
    panel.top.filters.unrated.setChecked(False)
    state.set_pinned((1, 0))
    qtbot.waitUntil(lambda: len(places(panel)) == 1)
    assert panel.top.table.lines_model.index(0, 1).data() == "i0"
    panel.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "Nothing is near this item" in panel.near["item"].sentence.text())


def test_preferences_are_ranked_too(
    panel: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    opened(run, state, rated())
    train(run, "implicit-als")
    state.set_pinned((6, 2))
    lists(panel, qtbot, run, 6)
    panel.top.filters.by.setCurrentIndex(1)
    qtbot.waitUntil(panel.top.note.isVisible)
    assert "lower bound" in panel.top.note.text()


def test_reasons_stand_below_the_titles_where_it_is_narrow_and_beside_them_where_not(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    state.set_pinned((6, 2))
    lists(trained, qtbot, run, 6)
    table = trained.top.table
    assert table.isColumnHidden(WHY)
    assert trained.minimumSizeHint().width() <= 360
    narrow = table.rowHeight(0)
    trained.resize(1000, 270)
    qtbot.waitUntil(lambda: not table.isColumnHidden(WHY))
    assert table.rowHeight(0) < narrow
    widths = [table.columnWidth(k) for k in range(6) if not table.isColumnHidden(k)]
    assert sum(widths) <= table.viewport().width() + 1
    trained.grab()


def test_three_long_titles_are_shortened_so_that_each_is_seen(
    trained: RecommendationsPanel,
) -> None:
    why = tuple(Reason(item, 5.0 - item, 0.3 - 0.2 * item) for item in range(3))
    place = Recommendation(9, 1, 5.2, 5.0, 12, None, why)
    [line] = top_lines([place], lambda item: f"{'A very long title indeed ' * 4}{item}", 2)
    metrics = trained.fontMetrics()
    for width in (320, 700):
        text = line.fitted_why(width, metrics)
        assert metrics.horizontalAdvance(text) <= width
        assert all(f"({value})" in text for value in (5, 4, 3))
    assert line.why.startswith("because of A very long")
    assert "despite" in line.why
    assert line.predicted_tip == "Predicted 5.00; 5.20 before it is clipped to the scale."


def test_it_is_drawn_in_both_themes(
    trained: RecommendationsPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    state.set_pinned((6, 2))
    lists(trained, qtbot, run, 6)
    pictures = []
    for theme in (LIGHT, DARK):
        apply_theme(app, theme)
        trained.set_theme(theme)
        pictures.append(trained.grab().toImage())
    assert pictures[0] != pictures[1]
    apply_theme(app, LIGHT)


def test_the_wheel_changes_no_filter_that_has_not_the_focus(
    trained: RecommendationsPanel, qtbot: QtBot
) -> None:
    box = trained.top.filters.n
    trained.top.filters.title.setFocus()
    place = QPointF(box.rect().center())
    QApplication.sendEvent(box, QWheelEvent(
        place, QPointF(box.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False))
    assert box.value() == 10


def test_every_control_says_what_it_is(trained: RecommendationsPanel) -> None:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox)
    for control in (each for kind in kinds for each in trained.findChildren(kind)):
        if control.objectName() and not control.objectName().startswith(("qt_", "Scroll")):
            assert control.accessibleName(), control.objectName()
            assert control.toolTip(), control.objectName()
            assert control.whatsThis(), control.objectName()
    for table in trained.findChildren(QTableView):
        if table.objectName():
            assert table.accessibleName()
            assert table.whatsThis()


def test_a_title_from_right_to_left_does_not_draw_its_rating_to_the_other_side() -> None:
    why = (Reason(0, 4.0, 0.3), Reason(1, 1.0, -0.2))
    title = "فيلم"
    assert why_text(why, (title, "Film")) == (
        f"because of \u2068{title}\u2069 (4), despite Film (1)")


def test_a_list_seen_for_the_first_time_and_another_one_begin_at_their_top(
    qtbot: QtBot, run: RunModel, state: ViewState
) -> None:
    panel = RecommendationsPanel()
    qtbot.addWidget(panel)
    panel.set_models(run, state)
    panel.set_theme(LIGHT)
    panel.resize(360, 380)
    opened(run, state, rated())
    train(run)
    state.set_pinned((6, expected(run, 6)[4].item))
    panel.show()
    lists(panel, qtbot, run, 6)
    table = panel.top.table
    assert table.currentIndex().row() == 4
    qtbot.waitUntil(lambda: table.verticalScrollBar().maximum() > 0)
    assert table.verticalScrollBar().value() == 0
    state.set_pinned((6, places(panel)[8].item))
    assert table.verticalScrollBar().value() > 0  # in a list that is seen it is gone to
    state.set_pinned((7, expected(run, 7)[8].item))
    lists(panel, qtbot, run, 7)
    assert table.currentIndex().row() == 8
    assert table.verticalScrollBar().value() == 0
    panel.shut_down()
