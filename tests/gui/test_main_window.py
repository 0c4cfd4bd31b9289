"""The window as a whole: open, train, pause, stop, train on, save, open again, close."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mfgui.core.solvers import SOLVERS
from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
from mfgui.gui.view_state import Places
from mfgui.gui.widgets.number_field import NumberField
from mfgui.store.model_file import open_model
from mfgui.training.events import StopReason


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{rng.integers(1, 6)}\n" for n in range(60) for m in range(50)
        if rng.random() < 0.4))
    return path


def button(window: MainWindow, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def opened(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=20_000):
        window.open_path(path)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)


def fill(window: MainWindow, **values: object) -> None:
    """Fill the form for one plain run: as many epochs as asked for, on the training part."""
    for name, value in {"patience": 0, "refit": False, **values}.items():
        window.setup_panel.form.set_value(name, value)


def trained(window: MainWindow, qtbot: QtBot, **values: object) -> None:
    fill(window, **values)
    qtbot.mouseClick(button(window, "startButton"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)


def test_it_starts_empty_with_two_ways_in(window: MainWindow) -> None:
    assert window.run_model.status is Status.EMPTY
    assert window.welcome.isVisible()
    assert not window.setup_panel.isVisible()
    assert not any(action.isEnabled() for _, action in window.actions_.run_buttons)


def test_a_first_window_leaves_room_for_its_frame(tmp_path: Path, qtbot: QtBot) -> None:
    made = MainWindow(tmp_path / "mfgui.ini")
    screen = QApplication.primaryScreen().availableSize()
    assert made.width() + 16 <= screen.width()
    assert made.height() + 48 <= screen.height()
    made.close()
    made.deleteLater()


def test_the_names_that_tools_rely_on_are_there(window: MainWindow) -> None:
    for name in ("startButton", "pauseButton", "stopButton", "curvePanel", "observedView",
                 "predictedView", "residualView", "n_factors", "learning_rate", "n_epochs",
                 "validation", "seed", "biases"):
        assert window.findChild(QWidget, name) is not None, name
    assert button(window, "startButton").text() == "Train"


def test_a_file_opens_trains_and_shows_all(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    assert window.run_model.status is Status.READY
    trained(window, qtbot, n_epochs=7)
    assert [record.epoch for record in window.run_model.history] == list(range(8))
    qtbot.waitUntil(lambda: window.matrices_panel._pictures is not None
                    and len(window.matrices_panel._pictures.views) == 3)
    assert window.windowTitle().startswith("ratings")


def test_pause_continue_and_stop_follow_the_status(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    fill(window, n_epochs=1_000_000)
    button(window, "startButton").click()
    qtbot.waitUntil(lambda: len(window.run_model.history) > 3, timeout=60_000)
    button(window, "pauseButton").click()
    assert window.run_model.status is Status.PAUSED
    qtbot.wait(100)
    n_records = len(window.run_model.history)
    qtbot.wait(150)
    assert len(window.run_model.history) == n_records
    button(window, "pauseButton").click()
    qtbot.waitUntil(lambda: len(window.run_model.history) > n_records)
    button(window, "stopButton").click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE)
    assert window.run_model.result is not None
    assert window.run_model.result.stopped_because is StopReason.STOPPED


def test_train_on_adds_a_segment(window: MainWindow, ratings_file: Path, qtbot: QtBot) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=5)
    assert button(window, "trainOnButton").isEnabled()
    button(window, "trainOnButton").click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)
    assert {record.segment for record in window.run_model.history} == {0, 1}
    assert window.run_model.history[-1].epoch == 10


def test_divergence_is_told_with_a_remedy_that_fills_the_form(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, learning_rate=1e9)
    assert window.run_model.result is not None
    assert window.run_model.result.stopped_because is StopReason.DIVERGED
    button(window, "remedyButton").click()
    assert (window.setup_panel.form.settings().learning_rate  # type: ignore[attr-defined]
            == 490_000)  # half of the last of eleven rates, from 1e9 on


def test_a_bad_file_is_told_and_what_is_open_stays(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    ratings = window.run_model.ratings
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b,c\nd,e,f\n")
    with qtbot.waitSignal(window.job_runner.finished):
        window.open_path(bad)
    assert "bad.csv" in window.message_bar.text
    assert window.run_model.ratings is ratings


def test_a_model_is_saved_and_opened_again(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=3)
    path = tmp_path / "model.npz"
    with qtbot.waitSignal(window.job_runner.finished):
        window.actions_.models.save_model_to(str(path))
    saved = open_model(path)
    assert window.run_model.result is not None
    np.testing.assert_array_equal(
        saved.model.user_factors, window.run_model.result.model.user_factors)
    with qtbot.waitSignal(window.run_model.snapshot_changed):
        window.open_path(path)
    assert window.run_model.snapshot is not None
    np.testing.assert_array_equal(
        window.run_model.snapshot.model.user_factors, saved.model.user_factors)


def test_a_model_that_no_project_keeps_can_be_saved_after_other_ratings_came(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    no_folder = tmp_path / "no folder"
    no_folder.write_text("")
    window.projects.keeper.folder = no_folder / "projects"
    opened(window, ratings_file, qtbot)
    qtbot.waitUntil(lambda: window.message_bar.text.startswith("Runs are not kept."))
    trained(window, qtbot, n_epochs=3)
    result = window.run_model.result
    assert result is not None
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=20_000):
        window.open_sample()
    qtbot.waitUntil(lambda: window.message_bar.text
                    == "The model that was trained on ratings.csv is not saved.")
    button(window, "messageRemedyButton").click()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    path = tmp_path / "late.npz"
    with qtbot.waitSignal(window.job_runner.finished):
        dialog.filesSelected.emit([str(path)])
    dialog.close()
    np.testing.assert_array_equal(open_model(path).model.user_factors, result.model.user_factors)


def test_a_model_that_was_saved_or_replaced_is_not_offered(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=1)
    with qtbot.waitSignal(window.job_runner.finished):
        window.actions_.models.save_model_to(str(tmp_path / "model.npz"))
    opened(window, ratings_file, qtbot)
    qtbot.wait(50)
    assert window.message_bar.text == ""


def test_reading_the_file_otherwise_offers_the_model_beside_what_was_read(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    no_folder = tmp_path / "no folder"
    no_folder.write_text("")
    window.projects.keeper.folder = no_folder / "projects"  # where no project keeps it
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=1)
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=20_000):
        window.reading.read_again()
    qtbot.waitUntil(lambda: "is not saved" in window.message_bar.text)
    assert "was read again" in window.message_bar.text
    window.message_bar.hide()
    assert window.message_bar._action is None


def test_a_model_opens_alone_without_ratings(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    from mfgui.cli import main

    path = tmp_path / "model.npz"
    assert main(["train", str(ratings_file), "--n-epochs", "2", "--no-refit", "--no-ratings",
                 "--save", str(path)]) == 0
    with qtbot.waitSignal(window.run_model.snapshot_changed):
        window.open_path(path)
    qtbot.waitUntil(lambda: window.matrices_panel._pictures is not None)
    assert window.run_model.ratings is not None
    assert window.run_model.ratings.n_ratings == 0
    assert window.run_model.status is Status.DONE


def test_a_model_opens_alone_with_the_ratings_it_carries(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    from mfgui.cli import main

    path = tmp_path / "model.npz"
    assert main(["train", str(ratings_file), "--n-epochs", "2", "--save", str(path)]) == 0
    with qtbot.waitSignal(window.run_model.snapshot_changed):
        window.open_path(path)
    model = window.run_model
    assert model.ratings is not None
    assert model.ratings.n_ratings > 0
    opened_known = model.opened_model.known if model.opened_model is not None else None
    assert opened_known is not None
    assert opened_known.is_held_out is not None


def test_a_test_file_is_measured(window: MainWindow, ratings_file: Path, qtbot: QtBot) -> None:
    opened(window, ratings_file, qtbot)
    with qtbot.waitSignal(window.run_model.test_ratings_changed):
        window.open_test_file(str(ratings_file))
    trained(window, qtbot, n_epochs=2)
    assert window.run_model.history[-1].test_rmse is not None


def test_a_pasted_matrix_opens(window: MainWindow, qtbot: QtBot) -> None:
    QApplication.clipboard().setText("5 3 ? 1\n4 ? ? 1\n1 1 ? 5\n")
    with qtbot.waitSignal(window.run_model.ratings_changed):
        window.actions_.paste_matrix()
    assert window.run_model.ratings is not None
    assert (window.run_model.ratings.n_users, window.run_model.ratings.n_items) == (3, 4)
    trained(window, qtbot, n_epochs=3)


def test_a_typed_matrix_opens(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_.type_matrix()
    table = window.actions_._table
    assert table is not None
    with qtbot.waitSignal(window.run_model.ratings_changed):
        table.accept()
    assert window.run_model.ratings is not None
    assert window.run_model.ratings.n_users == 4


def test_a_dropped_file_opens(window: MainWindow, ratings_file: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(ratings_file))])
    event = QDropEvent(QPointF(100, 100), Qt.DropAction.CopyAction, data,
                       Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    with qtbot.waitSignal(window.run_model.ratings_changed):
        window.dropEvent(event)
    assert event.isAccepted()


def test_the_curve_and_the_views_are_exported(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=3)
    with qtbot.waitSignal(window.job_runner.finished):
        window.actions_.exports.curve_picture(str(tmp_path / "curve.svg"))
    assert (tmp_path / "curve.svg").read_text().count("<svg") == 1
    with qtbot.waitSignal(window.job_runner.finished):
        window.actions_.exports.curve_values(str(tmp_path / "curve.csv"))
    assert len((tmp_path / "curve.csv").read_text().splitlines()) == 5
    with qtbot.waitSignal(window.job_runner.finished):
        window.actions_.exports.view_table("observed", str(tmp_path / "o.csv"))
    assert len((tmp_path / "o.csv").read_text().splitlines()) == 61


def test_an_export_that_cannot_be_written_is_told(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=1)
    with qtbot.waitSignal(window.job_runner.finished):
        window.actions_.exports.curve_picture(str(tmp_path / "no" / "curve.png"))
    assert "could not be written" in window.message_bar.text


def test_other_ratings_do_not_throw_a_run_away(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    fill(window, n_epochs=1_000_000)
    button(window, "startButton").click()
    qtbot.waitUntil(lambda: len(window.run_model.history) > 1, timeout=60_000)
    window.open_path(ratings_file)
    assert "stop it first" in window.message_bar.text
    button(window, "messageRemedyButton").click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE)


def test_closing_while_training_stops_and_joins(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    fill(window, n_epochs=1_000_000)
    button(window, "startButton").click()
    qtbot.waitUntil(lambda: len(window.run_model.history) > 1, timeout=60_000)
    assert window.close()
    assert not [each for each in threading.enumerate() if each.name.startswith("mfgui")]


def test_both_themes_and_a_reset_layout_leave_everything_in_place(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    for choice in ("dark", "light", "system"):
        window.set_theme(choice)
    window.docks["setup"].hide()
    window.reset_layout()
    assert window.docks["setup"].isVisible()
    assert abs(window.docks["setup"].width() - 280) <= 12


def test_no_tabs_are_left_behind_where_docks_stood_before(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    window.resize(1800, 900)
    opened(window, ratings_file, qtbot)
    for width in (1800, 1800, 1366, 1800):
        window.resize(width, 900)
        window.reset_layout()
        qtbot.wait(1)  # Qt places the docks in its own time
        bars = [bar for bar in window.findChildren(QTabBar)
                if bar.parent() is window and not bar.visibleRegion().isEmpty()]
        texts = [bar.tabText(k) for bar in bars for k in range(bar.count())]
        assert len(texts) == len(set(texts))


def test_making_the_panels_shows_no_window_of_its_own(qtbot: QtBot) -> None:
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    shown = ShownWindows(made)
    QApplication.instance().installEventFilter(shown)  # type: ignore[union-attr]
    made.complete()
    QApplication.instance().removeEventFilter(shown)  # type: ignore[union-attr]
    assert shown.windows == []
    made.close()


class ShownWindows(QObject):
    """Notes the windows that are shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and (
                watched.isWindow()):
            self.windows.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_docks_have_a_title_bar_only_where_no_tab_has_their_word(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    docks = window.docks
    qtbot.waitUntil(lambda: docks["curve"].titleBarWidget() is not None)
    assert docks["curve"].titleBarWidget().height() == 0
    assert docks["setup"].titleBarWidget() is None
    assert window.dockOptions() & window.DockOption.GroupedDragging  # dragged by their tabs
    tabs = [dock for dock in window.tabifiedDockWidgets(docks["curve"]) if not dock.isHidden()]
    for dock in tabs:
        dock.toggleViewAction().trigger()
    qtbot.waitUntil(lambda: docks["curve"].titleBarWidget() is None)
    tabs[0].toggleViewAction().trigger()
    qtbot.waitUntil(lambda: docks["curve"].titleBarWidget() is not None)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks["curve"])
    qtbot.waitUntil(lambda: docks["curve"].titleBarWidget() is None)


def test_view_clears_all_marks(window: MainWindow, ratings_file: Path, qtbot: QtBot) -> None:
    opened(window, ratings_file, qtbot)
    window.view_state.set_selection(Places.of(users=[1]))
    [action] = [action for action in window.findChildren(QAction)
                if action.text().replace("&", "") == "Clear marks"]
    assert action.statusTip()
    action.trigger()
    assert window.view_state.selection.is_empty


def test_a_further_tab_at_the_right_cuts_no_other_ones_word_off(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    window.resize(1800, 900)
    opened(window, ratings_file, qtbot)
    docks = window.docks
    qtbot.waitUntil(lambda: abs(docks["inspector"].width() - 400) <= 12)  # once it is placed
    before = docks["inspector"].width()
    window.layout_.show("comparison")
    qtbot.waitUntil(lambda: docks["comparison"].width() > before)
    [bar] = [each for each in window.findChildren(QTabBar) if each.isVisible()
             and "Comparison" in [each.tabText(k) for k in range(each.count())]]
    qtbot.waitUntil(lambda: bar.sizeHint().width() <= docks["comparison"].width())
    assert window.centralWidget().width() >= 800
    kept = docks["comparison"].width()
    window.layout_.show("inspector")  # which was there already
    qtbot.wait(50)
    assert docks["inspector"].width() == kept


def test_layout_recent_files_and_settings_are_kept(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    window.setup_panel.set_solver("gradient-descent")
    window.setup_panel.form.set_value("n_factors", 9)
    window.close()
    again = create_window()
    assert [path for path, _ in again.stored.recent_files()] == [str(ratings_file)]
    assert again.setup_panel.solver_name == "gradient-descent"
    assert again.setup_panel.form.settings().n_factors == 9  # type: ignore[attr-defined]
    again.close()
    again.deleteLater()


@pytest.mark.parametrize("content", [b"\0\1garbage", b"[General]\ngeometry=1\ndocks=2\ntheme=3\n"])
def test_a_stored_state_that_is_garbage_does_not_prevent_a_start(
    tmp_path: Path, content: bytes, qtbot: QtBot
) -> None:
    path = tmp_path / "mfgui.ini"
    path.write_bytes(content)
    made = MainWindow(path)
    made.complete()
    made.show()
    assert made.isVisible()
    made.close()
    made.deleteLater()


def test_a_file_that_is_being_opened_keeps_a_run_from_beginning(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    before = window.run_model.ratings
    window.open_sample()
    button(window, "startButton").click()
    assert window.run_model.status is Status.READY
    qtbot.waitUntil(lambda: window.run_model.ratings is not before, timeout=20_000)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    trained(window, qtbot, n_epochs=1)
    assert window.run_model.result is not None
    assert window.run_model.result.model.n_users == 3000


def test_a_run_that_is_refused_leaves_the_last_one_as_it_was(
    window: MainWindow, ratings_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=3)
    result = window.run_model.result
    monkeypatch.setattr("mfgui.core.memory.available_bytes", lambda: 1000)
    button(window, "startButton").click()
    assert window.run_model.status is Status.DONE
    assert window.run_model.result is result
    assert len(window.run_model.history) == 4
    assert "fewer factors" in window.setup_panel.controls._message.text()
    assert any("fewer factors" in notice.text for notice in window.run_model.notices)


def test_a_model_opened_alone_shows_its_predictions_and_can_be_saved_again(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    from mfgui.cli import main

    path, copy = tmp_path / "model.npz", tmp_path / "copy.npz"
    assert main(["train", str(ratings_file), "--n-epochs", "2", "--no-refit", "--no-ratings",
                 "--save", str(path)]) == 0
    with qtbot.waitSignal(window.run_model.snapshot_changed):
        window.open_path(path)
    qtbot.waitUntil(lambda: window.matrices_panel._pictures is not None
                    and "predicted" in window.matrices_panel._pictures.views)
    assert window.matrices_panel._pictures is not None
    assert [record.epoch for record in window.run_model.history] == [0, 1, 2]
    assert window.curve_panel.plot.isVisible()
    window.curve_panel._redraw()
    assert set(window.curve_panel.plot.levels.lines) == {"mean", "bias"}
    values = window.matrices_panel._pictures.views["predicted"].values
    assert np.isfinite(values).all()
    with qtbot.waitSignal(window.job_runner.finished):
        window.actions_.models.save_model_to(str(copy))
    np.testing.assert_array_equal(
        open_model(copy).model.user_factors, open_model(path).model.user_factors)


def test_the_menu_follows_the_form(window: MainWindow, ratings_file: Path, qtbot: QtBot) -> None:
    opened(window, ratings_file, qtbot)
    train = window.actions_.run_buttons[0][1]
    assert train.isEnabled()
    field = window.findChild(QWidget, "learning_rate")
    assert isinstance(field, NumberField)
    field.set_value(None)
    qtbot.keyClicks(field.findChild(QLineEdit), "nonsense")
    assert not train.isEnabled()
    field.set_value(0.01)
    assert train.isEnabled()


def front_tab(window: MainWindow) -> str:
    """Return the dock in front above the matrices."""
    bars = [bar for bar in window.findChildren(QTabBar)
            if bar.isVisible() and bar.parent() is window]
    return bars[0].tabText(bars[0].currentIndex()) if bars else ""


def test_train_brings_the_curve_in_front_of_the_report(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    data = window.actions_.data
    assert data is not None
    data.show_report()
    qtbot.waitUntil(lambda: front_tab(window) == "Import report")
    trained(window, qtbot, n_epochs=2)
    qtbot.waitUntil(lambda: front_tab(window) == "Curve")


def test_a_curve_that_was_closed_stays_closed(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    window.docks["curve"].hide()
    trained(window, qtbot, n_epochs=2)
    assert window.docks["curve"].isHidden()


def test_why_a_run_could_not_begin_goes_when_the_file_is_open(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    window.open_sample()
    button(window, "startButton").click()
    assert "being opened" in window.setup_panel.controls._message.text()
    window.job_runner.control.stop()
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    assert window.setup_panel.controls._message.text() == ""


def test_that_a_run_is_under_way_is_told_no_longer_than_it_is(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    fill(window, n_epochs=1_000_000)
    button(window, "startButton").click()
    qtbot.waitUntil(lambda: len(window.run_model.history) > 1, timeout=60_000)
    window.open_path(ratings_file)
    assert "stop it first" in window.message_bar.text
    button(window, "stopButton").click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE)
    assert window.message_bar.text == ""


def test_another_method_takes_the_factors_over(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    window.setup_panel.set_solver("sgd")
    trained(window, qtbot, n_epochs=3, n_factors=4)
    window.setup_panel.set_solver("adagrad")
    window.setup_panel.form.reset()
    fill(window, n_epochs=2)
    assert button(window, "trainOnButton").text() == "Continue with AdaGrad"
    assert window.actions_.train_on.text() == "Continue with AdaGrad"
    assert not window.actions_.train_on.isEnabled()
    button(window, "remedyButton").click()
    assert window.setup_panel.form.settings().n_factors == 4  # type: ignore[attr-defined]
    assert window.actions_.train_on.isEnabled()
    button(window, "trainOnButton").click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)
    result = window.run_model.result
    assert result is not None
    assert result.solver == "adagrad"
    assert [record.epoch for record in window.run_model.history] == [0, 1, 2, 3, 3, 4, 5]
    assert window.setup_panel.progress_fraction == 1
    assert window.actions_.train_on.text() == "Train &on"


def test_an_average_is_followed_to_its_end(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    window.setup_panel.set_solver("average")
    shares: list[float] = []
    window.run_model.records_added.connect(
        lambda _records: shares.append(window.setup_panel.progress_fraction))
    trained(window, qtbot, n_members=3, n_factors=2, n_epochs=3, kind="adagrad", refit=True)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert len({record.segment for record in window.run_model.history}) == 6
    assert window.curve_panel.plot.levels.lines
    assert "held-out ratings, measured before" in window.curve_panel._end.text()
    assert not button(window, "trainOnButton").isEnabled()


def test_half_of_the_rate_in_use_goes_into_the_form(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    window.curve_panel.rate_wanted.emit(0.0025)
    assert window.setup_panel.form.settings().learning_rate == 0.0025  # type: ignore[attr-defined]


def test_the_fields_of_a_run_keep_ctrl_z_for_themselves(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    data = window.actions_.data
    assert data is not None
    field = window.findChild(QWidget, "n_factors")
    assert field is not None
    field.setFocus()
    data.undo.setEnabled(True)
    data.undo.triggered.connect(lambda: pytest.fail("the reading was undone"))
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def test_help_says_what_the_chosen_method_minimizes(window: MainWindow, qtbot: QtBot) -> None:
    for name, solver in SOLVERS.items():
        window.setup_panel.set_solver(name)
        window.setup_panel.solver.setFocus()
        qtbot.keyClick(window.setup_panel.solver, Qt.Key.Key_F1)
        qtbot.waitUntil(lambda text=solver.objective: (  # type: ignore[misc]
            " ".join(text.split()) in " ".join(window.help_panel.text.split())))
    window.help.show_contents()
    assert "Shift+F1" in window.help_panel.text
