"""A new user: rated by hand, solved at once, changed, undone, saved; "what if" on a user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMainWindow, QTableView
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.core.fold_in import fold_in, folded_predictions
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.panels.new_user import NewUserPanel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import DARK, LIGHT, apply_theme
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets.rating_cells import RATING
from mfgui.gui.widgets.rating_scale import RatingScale, scale_of
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import moves, what_if
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
    values[:2] = 1, 5
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
    """Open ratings."""
    run.set_ratings(ratings, parse_matrix("5 3\n4 1")[1])
    state.set_size(ratings.n_users, ratings.n_items)


@pytest.fixture
def run() -> RunModel:
    return RunModel()


@pytest.fixture
def state() -> ViewState:
    return ViewState()


@pytest.fixture
def panel(qtbot: QtBot, run: RunModel, state: ViewState) -> Iterator[NewUserPanel]:
    made = NewUserPanel()
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
def trained(panel: NewUserPanel, run: RunModel, state: ViewState) -> NewUserPanel:
    opened(run, state, rated())
    train(run)
    return panel


def rate(panel: NewUserPanel, qtbot: QtBot, item: int, value: float) -> None:
    """Rate an item and wait until the row is solved."""
    panel.flow.rate(item, value)
    solved(panel, qtbot)


def solved(panel: NewUserPanel, qtbot: QtBot) -> None:
    """Wait until what was put down is solved."""
    qtbot.waitUntil(lambda: panel.flow.folded is not None
                    and panel.flow.folded.draft == panel.flow.draft)


def ratings_of(run: RunModel) -> dict[int, float]:
    """Return the new user's ratings."""
    user = run.new_user
    return {} if user is None else dict(zip(user.items.tolist(), user.values.tolist(),
                                            strict=True))


def editor_in(table: QTableView) -> QLineEdit:
    """Return the field that is open in a table; one that was closed is there for a while yet."""
    return next(field for field in table.findChildren(QLineEdit) if field.isVisible())


def test_before_there_is_a_model_a_sentence_says_what_to_do(
    panel: NewUserPanel, run: RunModel, state: ViewState
) -> None:
    assert "Train first" in panel._sentence.text()
    assert panel._sentence.isVisible()
    opened(run, state, rated())
    assert panel._sentence.isVisible()
    train(run)
    assert not panel._sentence.isVisible()
    assert panel.ratings.search.isEnabled()


def test_a_title_is_typed_entered_and_rated_without_the_mouse(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    search, table = trained.ratings.search, trained.ratings.table
    search.setFocus()
    qtbot.keyClicks(search, "film c2")
    qtbot.waitUntil(lambda: search.list is not None and search.list.isVisible())
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert table.hasFocus()
    assert trained.flow.draft.rows == ((2, None),)
    assert run.new_user is None  # nothing is rated yet
    qtbot.keyClicks(table, "4")
    editor = editor_in(table)
    assert editor.text() == "4"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ratings_of(run) == {2: 4.0})
    qtbot.waitUntil(search.hasFocus)
    assert search.text() == ""


def test_enter_before_the_hits_have_come_takes_the_first(
    trained: NewUserPanel, qtbot: QtBot
) -> None:
    search = trained.ratings.search
    search.setFocus()
    qtbot.keyClicks(search, "i7")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: trained.flow.draft.has(7))


def test_down_and_enter_take_another_hit_and_a_click_does_too(
    trained: NewUserPanel, qtbot: QtBot
) -> None:
    search = trained.ratings.search
    for is_click in (False, True):
        search.setFocus()
        qtbot.keyClicks(search, "film")
        qtbot.waitUntil(lambda: search.list is not None and search.list.isVisible())
        assert search.list is not None
        rows = search.list._rows
        if is_click:
            search.list.tree.itemClicked.emit(search.list.tree.topLevelItem(2), 0)
            assert trained.flow.draft.has(rows[2].number)
        else:
            qtbot.keyClick(search, Qt.Key.Key_Down)
            qtbot.keyClick(search, Qt.Key.Key_Return)
            assert trained.flow.draft.has(rows[1].number)
        assert not search.list.isVisible()


def test_what_is_not_there_is_said_with_the_nearest_id(
    trained: NewUserPanel, qtbot: QtBot
) -> None:
    search, note = trained.ratings.search, trained.ratings.note
    search.setFocus()
    qtbot.keyClicks(search, "ij7")
    qtbot.waitUntil(note.isVisible)
    assert note.text().startswith("There is no item “ij7”. The nearest id is “i")
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""
    assert not note.isVisible()


def test_the_row_is_the_one_that_the_fold_in_rule_gives(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    rate(trained, qtbot, 4, 1.0)
    assert run.new_user is not None
    assert run.shown is not None
    by_hand = fold_in(run.shown, np.array([4, 9], np.int32), np.array([1, 5], np.float32))
    np.testing.assert_array_equal(run.new_user.folded.factors, by_hand.factors)
    predicted = folded_predictions(run.shown, by_hand)
    predicted[[4, 9]] = -np.inf
    best = int(np.argmax(predicted))
    qtbot.waitUntil(lambda: [line.place.item for line in trained.effect.top.lines[:1]] == [best])


def test_clicking_on_the_stars_rates(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    table = trained.ratings.table
    cell = table.visualRect(table.ratings_model.index(0, RATING))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton,
                     pos=QPoint(cell.left() + 6 + 16 + 8, cell.center().y()))  # on the second star
    qtbot.waitUntil(lambda: ratings_of(run) == {9: 2.0})


def test_keys_step_type_and_take_away(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 3.0)
    table = trained.ratings.table
    table.go_to(9)
    qtbot.keyClick(table, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: ratings_of(run) == {9: 4.0})
    qtbot.keyClick(table, Qt.Key.Key_Left)
    qtbot.keyClick(table, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: ratings_of(run) == {9: 2.0})
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: run.new_user is None)
    assert not trained.ratings.remove.isEnabled()


def test_a_rating_off_the_scale_is_refused_in_a_sentence(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 3.0)
    table = trained.ratings.table
    table.go_to(9)
    for typed, part in (("7", "7 cannot be a rating: type a number from 1 to 5."),
                        ("4x", "“4x” is no number")):
        qtbot.keyClick(table, Qt.Key.Key_Return)
        editor = editor_in(table)
        editor.setText(typed)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda part=part: part in trained.ratings.note.text())
        qtbot.waitUntil(lambda: table.state() != QTableView.State.EditingState)
    assert ratings_of(run) == {9: 3.0}


def test_undo_and_redo_by_keys_and_buttons(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 3.0)
    rate(trained, qtbot, 4, 5.0)
    trained.ratings.clear.click()
    qtbot.waitUntil(lambda: run.new_user is None)
    trained.ratings.search.setFocus()
    qtbot.keyClick(trained.ratings.search, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: ratings_of(run) == {4: 5.0, 9: 3.0})
    trained.ratings.table.setFocus()
    qtbot.keyClick(trained.ratings.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: ratings_of(run) == {9: 3.0})
    trained.ratings.redo.click()
    qtbot.waitUntil(lambda: ratings_of(run) == {4: 5.0, 9: 3.0})
    while trained.ratings.undo.isEnabled():
        trained.ratings.undo.click()
    qtbot.waitUntil(lambda: run.new_user is None)


def test_choosing_and_rating_are_one_step_back(trained: NewUserPanel, qtbot: QtBot) -> None:
    trained.flow.add(5)
    rate(trained, qtbot, 5, 2.0)
    rate(trained, qtbot, 5, 3.0)
    trained.flow.undo()
    assert trained.flow.draft.rows == ((5, 2.0),)
    trained.flow.undo()
    assert trained.flow.draft.rows == ()


def test_undo_in_the_panel_is_not_the_windows(
    qtbot: QtBot, run: RunModel, state: ViewState
) -> None:
    window, undone = QMainWindow(), []
    panel = NewUserPanel(window)
    qtbot.addWidget(window)
    action = QAction("Undo", window)
    action.setShortcut(QKeySequence("Ctrl+Z"))
    action.triggered.connect(lambda: undone.append(True))
    window.addAction(action)
    window.setCentralWidget(panel)
    panel.set_models(run, state)
    opened(run, state, rated())
    train(run)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    try:
        rate(panel, qtbot, 9, 3.0)
        for widget in (panel.ratings.search, panel.ratings.table):
            rate(panel, qtbot, 9, 4.0)
            widget.setFocus()
            qtbot.waitUntil(widget.hasFocus)
            qtbot.keyClick(widget, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            qtbot.waitUntil(lambda: ratings_of(run) == {9: 3.0})
        assert undone == []
        search = panel.ratings.search
        search.setFocus()
        qtbot.keyClicks(search, "abc")  # its own undo comes before that of the ratings
        qtbot.keyClick(search, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert search.text() == ""
        assert ratings_of(run) == {9: 3.0}
    finally:
        panel.shut_down()


def test_what_if_takes_the_pinned_users_training_ratings(
    trained: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    assert not trained.what_if.isEnabled()
    state.set_pinned((6, 2))
    trained.what_if.click()
    qtbot.waitUntil(lambda: run.new_user is not None)
    assert run.known is not None
    items, values = run.known.user_row(6)
    assert run.new_user is not None
    np.testing.assert_array_equal(run.new_user.items, items)
    np.testing.assert_array_equal(run.new_user.values, values)
    assert run.new_user.based_on == 6
    assert trained.ratings.heading.text() == "What if: user u6: nothing changed"
    qtbot.waitUntil(lambda: "Change or remove a rating" in trained.effect._empty.text())
    assert not trained.effect.moves.isVisible()


def test_what_moves_is_measured_against_the_refitted_row(
    trained: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    state.set_pinned((6, 2))
    trained.what_if.click()
    qtbot.waitUntil(lambda: run.new_user is not None)
    first, second = (row[0] for row in trained.flow.draft.rows[:2])
    now = trained.flow.draft.ratings[first]
    rate(trained, qtbot, first, 1.0 if now > 2 else 5.0)
    trained.flow.remove(second)
    solved(trained, qtbot)
    qtbot.waitUntil(trained.effect.moves.isVisible)
    assert trained.ratings.heading.text() == "What if: user u6: 1 changed, 1 removed"
    assert run.shown is not None
    assert run.known is not None
    assert run.new_user is not None
    before = what_if(run.shown, run.known, 6)
    expected = moves(run.shown, before, run.new_user, 20)
    qtbot.waitUntil(lambda: [line.move for line in trained.effect.moves.lines] == list(expected))
    sizes = [abs(line.move.change) for line in trained.effect.moves.lines]
    assert sizes == sorted(sizes, reverse=True)


def test_a_user_of_whom_nothing_is_known_cannot_be_changed(
    trained: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    assert run.shown is not None
    assert run.ratings is not None
    bare = run.ratings.take(np.empty(0, np.int64))
    saved = SavedModel(run.shown, bare.user_ids, bare.item_ids, bare.item_titles, {})
    run.set_model(OpenedModel(saved, run.shown, bare, Known(bare)))
    state.set_pinned((6, 2))
    trained.what_if.click()
    qtbot.waitUntil(lambda: "is not known here" in trained.ratings.note.text())
    assert run.new_user is None
    rate(trained, qtbot, 3, 4.0)  # what is typed needs no ratings of others
    qtbot.waitUntil(trained.effect.top.isVisible)


def test_clicking_a_moved_item_or_one_of_the_list_pins_the_new_users_cell(
    trained: NewUserPanel, state: ViewState, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    qtbot.waitUntil(trained.effect.top.isVisible)
    table = trained.effect.top
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton,
                     pos=table.visualRect(table.lines_model.index(1, 1)).center())
    assert state.pinned == (NEW_USER, table.lines[1].place.item)


def test_the_chosen_line_stays_with_its_item_when_ratings_change(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    qtbot.waitUntil(trained.effect.top.isVisible)
    table = trained.effect.top
    table.setCurrentIndex(table.lines_model.index(1, 1))
    item = table.lines[1].place.item
    for rated_item, value in ((9, 1.0), (3, 1.0), (12, 5.0)):
        lines = table.lines
        rate(trained, qtbot, rated_item, value)
        qtbot.waitUntil(lambda lines=lines: table.lines is not lines)
        place = table.place_of(item)
        assert table.currentIndex().row() == (-1 if place is None else place)
        if place is None:
            break
    rate(trained, qtbot, item, 4.0)  # rated, it is in the list no more
    qtbot.waitUntil(lambda: table.place_of(item) is None)
    assert not table.selectionModel().hasSelection()


def test_nothing_rated_yet_fits_a_flat_tab(trained: NewUserPanel, qtbot: QtBot) -> None:
    trained.resize(1050, 240)
    trained.ratings.search.picked.emit(3)  # added, not rated
    qtbot.waitUntil(lambda: len(trained.ratings.table.rows) == 1)
    scroll = trained._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.maximum() == 0)  # it is laid out in its own time
    assert trained.save.visibleRegion().boundingRect().size() == trained.save.size()


def test_the_pinned_item_can_be_rated(
    trained: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    ratings = trained.ratings
    assert not ratings.strip.isVisible()
    state.set_pinned((3, 8))
    assert ratings.strip.isVisible()
    assert "Film i8" in ratings.pinned_title.text()
    qtbot.mouseClick(ratings.strip, Qt.MouseButton.LeftButton,
                     pos=QPoint(2 + 3 * 16 + 8, ratings.strip.height() // 2))
    qtbot.waitUntil(lambda: ratings_of(run) == {8: 4.0})
    assert ratings.strip.accessibleDescription() == "rated 4"
    ratings.strip.setFocus()
    qtbot.keyClick(ratings.strip, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: ratings_of(run) == {8: 5.0})
    qtbot.keyClick(ratings.strip, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: run.new_user is None)


def test_no_new_user_leaves_no_pinned_cell_behind(
    trained: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    state.set_pinned((NEW_USER, 3))
    assert not trained.what_if.isEnabled()
    trained.ratings.clear.click()
    qtbot.waitUntil(lambda: run.new_user is None)
    assert state.pinned is None


def test_newer_factors_fold_the_same_ratings_in_anew(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    before = run.new_user
    assert before is not None
    assert run.shown is not None
    newer = run.shown.copy()
    newer.item_factors[:] *= 0.5
    run.snapshot = Snapshot(9, newer)
    run.snapshot_changed.emit()
    qtbot.waitUntil(lambda: run.new_user is not before)
    assert run.new_user is not None
    assert ratings_of(run) == {9: 5.0}
    assert not np.array_equal(run.new_user.folded.factors, before.folded.factors)


def test_what_is_being_typed_stays_while_newer_factors_come(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    table = trained.ratings.table
    table.go_to(9)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    editor = editor_in(table)
    editor.setText("2")
    assert run.shown is not None
    before = run.new_user
    run.snapshot = Snapshot(9, run.shown.copy())
    run.snapshot_changed.emit()
    qtbot.waitUntil(lambda: run.new_user is not before)
    assert editor_in(table).text() == "2"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ratings_of(run) == {9: 2.0})


def test_a_new_run_keeps_what_was_put_down_and_other_ratings_do_not(
    trained: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    train(run, seed=5)
    qtbot.waitUntil(lambda: ratings_of(run) == {9: 5.0})
    opened(run, state, rated(12, 10))
    assert run.new_user is None
    assert trained.flow.draft.rows == ()
    assert not trained.ratings.undo.isEnabled()


def test_a_run_under_way_folds_in_at_most_every_quarter_of_a_second(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot
) -> None:
    rate(trained, qtbot, 9, 5.0)
    assert run.shown is not None
    changes: list[bool] = []
    run.new_user_changed.connect(lambda: changes.append(True))
    run.set_status(Status.TRAINING)
    model = run.shown
    for epoch in range(20):
        run.snapshot = Snapshot(epoch, model.copy())
        run.snapshot_changed.emit()
        qtbot.wait(10)
    assert len(changes) <= 2
    qtbot.waitUntil(lambda: trained.flow.folded is not None
                    and trained.flow.folded.model is run.shown)
    run.set_status(Status.DONE)


def asked(signal: Any) -> list[tuple[Any, ...]]:
    """Return a list that collects what a signal tells."""
    told: list[tuple[Any, ...]] = []
    signal.connect(lambda *words: told.append(words))
    return told


def do(job: Callable[[Control], Iterator[Any]]) -> Any:
    """Run a job and return its last event."""
    return list(job(Control()))[-1]


def test_ratings_are_saved_as_csv_and_loaded_again(
    trained: NewUserPanel, run: RunModel, qtbot: QtBot, tmp_path: Path
) -> None:
    rate(trained, qtbot, 9, 5.0)
    rate(trained, qtbot, 4, 1.5)
    saves, jobs_, opens = (asked(signal) for signal in (
        trained.save_wanted, trained.job_wanted, trained.open_wanted))
    trained.save.click()
    path = tmp_path / "me.csv"
    saves[0][-1](str(path))
    do(jobs_[0][1])
    assert path.read_text().splitlines() == [
        "item,rating,title", "i4,1.5,Film e4", "i9,5,Film j9"]
    path.write_text(path.read_text() + "i99,3,Nobody knows\ni3,9,Too good\n")
    trained.ratings.clear.click()
    trained.load.click()
    opens[0][-1](str(path))
    jobs_[1][2](do(jobs_[1][1]))
    qtbot.waitUntil(lambda: ratings_of(run) == {3: 9.0, 4: 1.5, 9: 5.0})
    assert run.new_user is not None
    assert run.new_user.name == "me"
    assert "left out" in trained.ratings.note.text()
    assert "1 of the ratings lie outside the scale." in trained.ratings.note.text()
    trained.flow.undo()
    assert trained.flow.draft.rows == ()


def test_of_preferences_what_is_added_is_had(
    panel: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    opened(run, state, rated())
    train(run, "implicit-als")
    panel.ratings.added.emit(7)
    qtbot.waitUntil(lambda: ratings_of(run) == {7: 1.0})
    panel.ratings.table.go_to(7)
    qtbot.keyClick(panel.ratings.table, Qt.Key.Key_Return)
    editor = editor_in(panel.ratings.table)
    editor.setText("250")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ratings_of(run) == {7: 250.0})
    state.set_pinned((0, 8))
    assert not panel.ratings.strip.isVisible()
    panel.ratings.add_pinned.click()
    qtbot.waitUntil(lambda: ratings_of(run) == {7: 250.0, 8: 1.0})


@pytest.mark.parametrize("solver", ["svd++", "nmf", "average", "adagrad"])
def test_every_kind_of_model_takes_a_new_user(
    panel: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot, solver: str
) -> None:
    opened(run, state, rated())
    train(run, solver)
    rate(panel, qtbot, 9, 5.0)
    assert run.new_user is not None
    assert np.isfinite(run.new_user.folded.factors).all()
    qtbot.waitUntil(lambda: bool(panel.effect.top.lines))


def test_one_item_without_a_title_is_enough(
    panel: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    opened(run, state, rated(6, 1, has_titles=False))
    train(run, n_factors=1, validation=0.0)
    rate(panel, qtbot, 0, 4.0)
    table = panel.ratings.table
    assert table.ratings_model.index(0, 0).data() == "i0"
    qtbot.waitUntil(lambda: "no item left" in panel.effect._empty.text())


def test_any_title_leaves_the_panel_as_narrow_as_it_is(
    panel: NewUserPanel, run: RunModel, state: ViewState, qtbot: QtBot
) -> None:
    plain = rated()
    titles = ["x" * 10_000, "\u202e\u05e9\u05dc\u05dd", "line\nbreak\x00", "🎬" * 40,
              *"abcdefghijklmnopqrstu"]
    opened(run, state, replace(plain, item_titles=TextArray.from_strings(titles)))
    train(run)
    for item in range(4):
        rate(panel, qtbot, item, 3.0)
        state.set_pinned((0, item))
    panel.resize(360, 700)
    assert panel.width() == 360
    assert panel.minimumSizeHint().width() <= 360
    assert "\n" not in panel.ratings.table.ratings_model.index(1, 0).data()
    panel.grab()


def test_wide_it_stands_side_by_side_and_narrow_below(
    trained: NewUserPanel, qtbot: QtBot
) -> None:
    trained.resize(1000, 270)
    below = trained.effect.parentWidget()
    qtbot.waitUntil(lambda: trained.ratings.y() == below.y())
    trained.resize(360, 700)
    qtbot.waitUntil(lambda: below.y() > trained.ratings.y())


def test_it_is_drawn_in_both_themes(trained: NewUserPanel, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    rate(trained, qtbot, 9, 4.0)
    pictures = []
    for theme in (LIGHT, DARK):
        apply_theme(app, theme)
        trained.set_theme(theme)
        pictures.append(trained.grab().toImage())
    assert pictures[0] != pictures[1]
    apply_theme(app, LIGHT)


def test_every_control_says_what_it_is(trained: NewUserPanel) -> None:
    controls = [*trained.findChildren(QAbstractButton), *trained.findChildren(QLineEdit)]
    for control in controls:
        if control.objectName() and not control.objectName().startswith("qt_"):
            assert control.accessibleName(), control.objectName()
            assert control.toolTip(), control.objectName()
            assert control.whatsThis(), control.objectName()
    for table in trained.findChildren(QTableView):
        assert table.accessibleName()


def test_a_scale_is_what_the_ratings_are() -> None:
    assert scale_of(None, rated()) == RatingScale(1, 5, 1.0, is_free=False)
    halves = replace(rated(), value=np.where(rated().value > 4, 4.5, rated().value).astype("f4"))
    assert scale_of(None, halves).step == 0.5
    fine = replace(rated(), value=(rated().value * 4.1 - 12).astype(np.float32))
    assert scale_of(None, fine).step == 0
    constant = replace(rated(), value=np.full(rated().n_ratings, 3, np.float32))
    assert scale_of(None, constant).is_free


@pytest.mark.parametrize(("scale", "share", "value"), [
    (RatingScale(1, 5, 1.0, is_free=False), 0.0, 1.0),
    (RatingScale(1, 5, 1.0, is_free=False), 0.41, 3.0),
    (RatingScale(1, 5, 1.0, is_free=False), 1.0, 5.0),
    (RatingScale(0.5, 5, 0.5, is_free=False), 0.31, 2.0),
    (RatingScale(1, 10, 1.0, is_free=False), 0.55, 6.0),
    (RatingScale(-10, 10, 0.0, is_free=False), 0.752, 5.0),
])
def test_a_place_on_the_scale_is_a_rating_and_shows_as_one(
    scale: RatingScale, share: float, value: float
) -> None:
    assert scale.at(share) == pytest.approx(value)
    assert scale.at(scale.share(value) - 1e-3) == pytest.approx(value)


def test_numbers_are_typed_in_any_usual_way() -> None:
    scale = RatingScale(-10, 10, 0.0, is_free=False)
    assert scale.parsed(" −2,5 ") == (-2.5, "")
    assert scale.parsed("nan")[0] is None
    assert scale.parsed("")[0] is None
    assert RatingScale().parsed("1e30")[0] is None
    assert RatingScale().parsed("250") == (250.0, "")
