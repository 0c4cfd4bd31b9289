"""Projects in the window: every run is kept, shown again, gone on with; files opened and named."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
from mfgui.gui.view_state import Range
from mfgui.store.project import create_project, open_project

LONG = 30_000


@pytest.fixture
def windows(qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = create_window()
        window.resize(1366, 768)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(windows: Callable[[], MainWindow]) -> MainWindow:
    return windows()


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{rng.integers(1, 6)}\n" for n in range(60) for m in range(50)
        if rng.random() < 0.4))
    return path


def opened(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=LONG):
        window.open_path(path)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)


def open_project_file(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    window.open_path(path)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)


def begin(window: MainWindow, solver: str = "adagrad", **values: object) -> None:
    window.setup_panel.set_solver(solver)
    for name, value in {"patience": 0, "refit": False, **values}.items():
        window.setup_panel.form.set_value(name, value)
    window.setup_panel.controls.start.click()


def trained(window: MainWindow, qtbot: QtBot, solver: str = "adagrad", **values: object) -> None:
    begin(window, solver, **values)
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)
    qtbot.waitUntil(lambda: window.run_model.project.running_run is None)


def shown(window: MainWindow, run_id: int, qtbot: QtBot) -> None:
    window.run_model.project.show_wanted.emit(run_id)
    qtbot.waitUntil(lambda: window.run_model.project.shown_run == run_id, timeout=LONG)


def projects(window: MainWindow) -> list[Path]:
    return sorted(window.projects.keeper.folder.glob("*"))


def numbers(window: MainWindow) -> list[int]:
    return [run.number for run in window.run_model.project.runs]


def message_button(window: MainWindow, name: str = "messageRemedyButton") -> QPushButton:
    button = window.message_bar.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    return button


# -- every run is kept ----------------------------------------------------------------------------


def test_a_window_without_a_file_leaves_no_project(
    window: MainWindow, tmp_path: Path
) -> None:
    window.close()
    assert projects(window) == []


def test_every_run_is_in_the_project_with_its_curve_and_factors(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=4)
    trained(window, qtbot, "als", n_epochs=3)
    model = window.run_model.project
    assert numbers(window) == [1, 2]
    assert model.shown_run == 2
    assert [run.status for run in model.runs] == ["finished", "finished"]
    history, kept = window.run_model.history, window.run_model.result
    assert kept is not None
    path = projects(window)[0]
    window.close()
    with open_project(path) as project:
        assert [run.solver for run in project.runs()] == ["adagrad", "als"]
        assert project.history(2) == tuple(history)
        assert [source.name for source in project.sources()] == ["ratings.csv"]
    assert projects(window) == [path]  # one file


def test_an_older_run_is_shown_whole_and_a_new_one_leaves_it_as_it_was(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=4, n_factors=8)
    first = window.run_model.result
    assert first is not None
    trained(window, qtbot, "als", n_epochs=3)
    window.view_state.zoom_to(Range(5, 15, 5, 15))
    shown(window, 1, qtbot)
    model = window.run_model
    assert model.solver == "adagrad"
    assert [record.epoch for record in model.history] == list(range(5))
    assert model.result is not None
    np.testing.assert_array_equal(model.result.model.user_factors, first.model.user_factors)
    assert model.shown is model.result.model
    assert model.known is not None
    assert first.held_out is not None
    assert model.known.held_out is not None
    assert window.view_state.visible == Range(5, 15, 5, 15)  # the same ratings: the view stays
    assert window.setup_panel.controls.train_on.isEnabled() is False  # the form says als
    window.run_model.project.duplicate_wanted.emit(1)
    assert window.setup_panel.solver_name == "adagrad"
    assert window.setup_panel.controls.train_on.isEnabled()
    window.setup_panel.controls.train_on.click()
    qtbot.waitUntil(lambda: model.status is Status.DONE, timeout=60_000)
    assert numbers(window) == [1, 2, 3]
    third = model.project.run(3)
    assert third.continued_from == 1
    assert model.project.run(1).n_records == 5


def test_a_run_can_be_looked_at_while_another_trains(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, "als", n_epochs=3)
    begin(window, n_epochs=1_000_000)
    model = window.run_model
    qtbot.waitUntil(lambda: len(model.history) > 3, timeout=LONG)
    shown(window, 1, qtbot)
    assert model.solver == "als"
    assert not model.is_live_shown
    drawn: list[Any] = []
    model.records_added.connect(drawn.append)
    n_live = len(model.live.history)
    qtbot.waitUntil(lambda: len(model.live.history) > n_live + 5)
    assert drawn == []  # nothing of the other run comes onto this curve
    assert len(model.history) == 4
    assert model.status is Status.TRAINING
    assert "epoch" in window.setup_panel._progress.text
    shown(window, 2, qtbot)
    assert model.is_live_shown
    assert len(model.history) > n_live + 5
    shown(window, 1, qtbot)
    window.stop()
    qtbot.waitUntil(lambda: model.status is Status.DONE, timeout=LONG)
    assert model.project.run(2).status == "stopped"
    assert model.project.shown_run == 1  # what one looks at does not jump
    assert [record.epoch for record in model.history] == [0, 1, 2, 3]


def test_a_run_that_is_still_being_opened_does_not_come_into_another_project(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    trained(window, qtbot, n_epochs=2)
    with qtbot.waitSignal(window.runs._opener.done, timeout=LONG):
        window.run_model.project.show_wanted.emit(1)
        window.projects.places.new()
    assert window.run_model.status is Status.EMPTY
    assert window.run_model.ratings is None


def test_who_presses_train_looks_at_the_new_run_and_not_at_one_that_opens_late(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    trained(window, qtbot, n_epochs=2)
    with qtbot.waitSignal(window.runs._opener.done, timeout=LONG):
        window.run_model.project.show_wanted.emit(1)
        begin(window, n_epochs=4)
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)
    assert window.run_model.project.shown_run == 3
    assert len(window.run_model.history) == 5


def test_a_stopped_run_goes_on_where_it_was_and_each_epoch_is_there_once(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    begin(window, n_epochs=400)
    model = window.run_model
    qtbot.waitUntil(lambda: len(model.history) > 5, timeout=LONG)
    window.stop()
    qtbot.waitUntil(lambda: model.status is Status.DONE, timeout=LONG)
    n_before = model.project.run(1).n_records
    if n_before == 401:
        pytest.skip("the run was over before it could be stopped")
    model.project.continue_wanted.emit(1)
    qtbot.waitUntil(lambda: model.project.run(1).status == "finished", timeout=60_000)
    assert numbers(window) == [1]
    assert [record.epoch for record in model.history] == list(range(401))


def test_a_run_that_goes_on_tells_how_far_it_is_of_all_its_epochs_and_no_end_of_before(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    begin(window, n_epochs=50_000)
    model, setup = window.run_model, window.setup_panel
    qtbot.waitUntil(lambda: len(model.history) > 5, timeout=LONG)
    window.stop()
    qtbot.waitUntil(lambda: model.status is Status.DONE, timeout=LONG)
    n_before, end = len(model.history), window.curve_panel._end
    qtbot.waitUntil(lambda: not end.isHidden(), timeout=LONG)
    model.project.continue_wanted.emit(1)
    qtbot.waitUntil(lambda: len(model.history) > n_before + 20, timeout=LONG)
    assert setup._progress.text.endswith(" of 50,000")
    assert setup.progress_fraction == pytest.approx(len(model.history) / 50_000, rel=0.1)
    assert end.isHidden()
    window.stop()
    qtbot.waitUntil(lambda: model.status is Status.DONE, timeout=LONG)
    assert end.text().startswith("Stopped after ")
    assert not end.isHidden()


def test_deleted_runs_come_back_by_the_bar(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    window.run_model.project.delete([1])
    assert window.message_bar.text == "Run 1 AdaGrad was deleted."
    assert window.run_model.shown is not None  # its model stays on the screen
    assert window.run_model.project.shown_run is None
    message_button(window).click()
    assert numbers(window) == [1]
    assert window.run_model.project.shown_run == 1


def test_a_model_is_exported_from_the_list(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    from mfgui.store.model_file import open_model

    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    result = window.run_model.result
    assert result is not None
    path = tmp_path / "run.npz"
    with qtbot.waitSignal(window.job_runner.finished, timeout=LONG):
        window.runs.export(1, str(path))
    np.testing.assert_array_equal(open_model(path).model.user_factors, result.model.user_factors)


# -- files ----------------------------------------------------------------------------------------


def test_a_project_gets_a_name_and_opens_again_as_it_was_looked_at(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot,
    windows: Callable[[], MainWindow],
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=3)
    trained(window, qtbot, "als", n_epochs=2)
    shown(window, 1, qtbot)
    path = tmp_path / "Mine.mfgui"
    window.projects.places.save_as(str(path))
    qtbot.waitUntil(lambda: window.run_model.project.is_named, timeout=LONG)
    assert window.windowTitle() == "ratings.csv - Mine - mfgui"
    assert window.run_model.project.shown_run == 1
    window.view_state.zoom_to(Range(3, 13, 4, 24))
    window.view_state.set_pinned((5, 7))
    trained(window, qtbot, n_epochs=2)  # runs go into it from now on
    shown(window, 2, qtbot)
    window.run_model.project.tick(1, True)
    assert window.runs_panel.table is not None
    window.runs_panel.table.show_column("origin", True)
    window.close()
    assert projects(window) == []  # it has moved
    assert sorted(os.listdir(tmp_path)) == sorted(
        ["Mine.mfgui", "ratings.csv", "xdg_config_home", "xdg_data_home"])

    other = windows()
    open_project_file(other, path, qtbot)
    model = other.run_model.project
    assert (numbers(other), model.shown_run, model.ticked) == ([1, 2, 3], 2, (1,))
    assert other.run_model.solver == "als"
    assert other.run_model.status is Status.DONE
    assert (other.view_state.visible, other.view_state.pinned) == (Range(3, 13, 4, 24), (5, 7))
    assert other.stored.recent_projects()[0][0] == str(path)
    assert other.recent()[0][0] == str(path)
    assert other.runs_panel.table is not None
    assert "origin" in other.runs_panel.table.shown_keys()
    trained(other, qtbot, n_epochs=2)
    assert numbers(other) == [1, 2, 3, 4]


def test_what_is_changed_while_the_project_is_saved_is_in_the_new_place_too(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    trained(window, qtbot, n_epochs=2)
    model = window.run_model.project
    window.projects.places.save_as(str(tmp_path / "mine.mfgui"))
    model.rename(1, "first try")
    model.delete([2])
    qtbot.waitUntil(lambda: model.is_named, timeout=LONG)
    assert model.project is not None
    assert [run.name for run in model.project.runs()] == ["first try"]
    assert [run.name for run in model.runs] == ["first try"]


def test_what_a_project_was_looked_at_by_stays_while_it_opens_and_after_a_refused_one(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot,
    windows: Callable[[], MainWindow],
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    path = tmp_path / "mine.mfgui"
    window.projects.places.save_as(str(path))
    qtbot.waitUntil(lambda: window.run_model.project.is_named, timeout=LONG)
    window.view_state.set_pinned((5, 7))
    window.close()

    other = windows()
    seen: list[Any] = []

    def write_early() -> None:
        project = other.run_model.project.project
        if project is not None:
            other.project_view.write()
            seen.append(project.value("view")["pinned"])

    other.run_model.project.project_changed.connect(write_early)
    other.open_path(path)
    other.open_path(tmp_path / "another.mfgui")  # refused: one is being opened
    assert other.message_bar.text.startswith("Another job is running")
    qtbot.waitUntil(lambda: not other.job_runner.is_running, timeout=LONG)
    assert seen == [[5, 7]]
    assert other.view_state.pinned == (5, 7)
    assert other.stored.recent_projects()[0][0] == str(path)


def test_the_size_of_a_project_that_was_removed_is_not_known(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    from PySide6.QtWidgets import QDialog, QLabel

    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    project = window.run_model.project.project
    assert project is not None
    project.path.rename(project.path.with_suffix(".away"))
    window.actions_.project.compact()
    dialog = window.findChild(QDialog, "compactDialog")
    assert dialog is not None
    assert "not known" in [label.text() for label in dialog.findChildren(QLabel)]
    dialog.close()
    project.path.with_suffix(".away").rename(project.path)


def test_a_new_project_begins_with_nothing_open(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    window.projects.places.new()
    assert window.run_model.status is Status.EMPTY
    assert window.welcome.isVisible()
    assert not any(dock.isVisible() for dock in window.docks.values())
    assert window.windowTitle() == "mfgui"
    opened(window, ratings_file, qtbot)
    assert window.setup_panel.isVisible()
    trained(window, qtbot, n_epochs=2)
    assert numbers(window) == [1]
    assert len([path for path in projects(window) if path.suffix == ".mfgui"]) == 2


def test_runs_of_several_files_stand_in_one_project(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    second = tmp_path / "second.csv"
    second.write_text("user,item,rating\n" + "".join(
        f"a{n},b{m},{(n * m) % 5 + 1}\n" for n in range(30) for m in range(20) if (n + m) % 2))
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    opened(window, second, qtbot)
    assert "not saved" not in window.message_bar.text  # the project keeps the run
    trained(window, qtbot, n_epochs=3)
    assert numbers(window) == [1, 2]
    shown(window, 1, qtbot)
    assert window.run_model.ratings is not None
    assert window.run_model.ratings.name == "ratings.csv"
    assert len(window.run_model.history) == 3
    shown(window, 2, qtbot)
    assert window.run_model.ratings.name == "second.csv"


def test_a_project_that_another_program_has_can_be_read_or_copied(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "held.mfgui"
    create_project(path).close()
    with subprocess.Popen(
        [sys.executable, "-c",
         "import sys; from mfgui.store.project import open_project; p = open_project(sys.argv[1]);"
         "print('open', flush=True); sys.stdin.read(); p.close()", str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        open_project_file(window, path, qtbot)
        assert str(holder.pid) in window.message_bar.text
        other = message_button(window, "messageOtherButton")
        assert other.isVisible()
        assert other.text() == "Open a copy..."
        copy = tmp_path / "copy.mfgui"
        window.projects.places.open_copy(str(path), str(copy))
        qtbot.waitUntil(lambda: window.run_model.project.name == "copy", timeout=LONG)
        open_project_file(window, path, qtbot)
        message_button(window).click()
        qtbot.waitUntil(lambda: window.run_model.project.name == "held", timeout=LONG)
        assert window.run_model.project.is_read_only
        assert message_button(window).text() == "Save project as..."
        opened(window, ratings_file, qtbot)
        trained(window, qtbot, n_epochs=2)  # is trained, and not kept
        assert numbers(window) == []
        assert window.run_model.result is not None
        holder.communicate("")


def test_ratings_that_moved_are_located_and_others_are_refused(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot,
    windows: Callable[[], MainWindow],
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    path = tmp_path / "Mine.mfgui"
    window.projects.places.save_as(str(path))
    qtbot.waitUntil(lambda: window.run_model.project.is_named, timeout=LONG)
    window.close()
    moved = tmp_path / "moved.csv"
    ratings_file.rename(moved)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("user,item,rating\n1,1,1\n2,2,2\n")

    other = windows()
    open_project_file(other, path, qtbot)
    assert numbers(other) == [1]
    assert other.run_model.shown is not None  # the factors can be looked at
    assert "no longer at" in other.message_bar.text
    assert "--locate" not in other.message_bar.text
    assert message_button(other).text() == "Locate..."
    other.run_model.project.continue_wanted.emit(1)
    qtbot.waitUntil(lambda: not other.job_runner.is_running, timeout=LONG)
    assert not other.run_model.status.is_running
    source_id = other.run_model.project.run(1).source_id
    with qtbot.waitSignal(other.job_runner.finished, timeout=LONG):
        other.projects.locate(source_id, str(wrong))
    assert "wrong.csv" in other.message_bar.text
    other.projects.locate(source_id, str(moved))
    qtbot.waitUntil(lambda: other.run_model.ratings is not None
                    and other.run_model.ratings.n_ratings > 0, timeout=LONG)
    qtbot.waitUntil(lambda: other.run_model.project.shown_run == 1, timeout=LONG)
    assert other.run_model.known is not None
    trained(other, qtbot, n_epochs=2)
    assert numbers(other) == [1, 2]


def test_an_interrupted_run_is_told_and_goes_on_by_one_button(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot,
    windows: Callable[[], MainWindow],
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=6)
    path = tmp_path / "Mine.mfgui"
    window.projects.places.save_as(str(path))
    qtbot.waitUntil(lambda: window.run_model.project.is_named, timeout=LONG)
    window.close()
    with open_project(path) as project:  # as a killed program leaves it
        project.drop_tree(1, "result")
        project.change_run(1, status="running", ended=None, summary={})

    other = windows()
    open_project_file(other, path, qtbot)
    assert other.message_bar.text.startswith("Run 1 was interrupted at epoch 6;")
    assert message_button(other).text() == "Continue"
    message_button(other).click()
    model = other.run_model.project
    qtbot.waitUntil(lambda: model.run(1).status == "finished", timeout=60_000)
    assert numbers(other) == [1]
    assert [record.epoch for record in other.run_model.history] == list(range(7))


KILLED = """
import sys
from mfgui.gui.app import create_window
window = create_window()
window.show()
model = window.run_model
def begin():
    for name, value in (("n_epochs", 3000), ("patience", 0), ("refit", False)):
        window.setup_panel.form.set_value(name, value)
    window.setup_panel.controls.start.click()
model.ratings_changed.connect(lambda: QTimer.singleShot(0, begin))
model.records_added.connect(lambda records: print(records[-1].epoch, flush=True))
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
window.open_path(sys.argv[1])
QApplication.instance().exec()
"""


def test_after_a_kill_every_epoch_that_was_shown_is_there_and_comes_again_to_the_bit(
    ratings_file: Path, qtbot: QtBot, windows: Callable[[], MainWindow]
) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(ratings_file)],
                          stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        shown_epoch = -1
        while shown_epoch < 20:
            shown_epoch = int(killed.stdout.readline())
        killed.kill()
        shown_epoch = max([shown_epoch, *map(int, killed.stdout.read().split())])

    (path,) = Path(os.environ["XDG_DATA_HOME"]).rglob("*.mfgui")
    window = windows()
    open_project_file(window, path, qtbot)
    model = window.run_model
    before = list(model.history)
    assert shown_epoch <= before[-1].epoch < 3000
    assert [record.epoch for record in before] == list(range(len(before)))
    assert window.message_bar.text.startswith("Run 1 was interrupted at epoch")
    message_button(window).click()
    qtbot.waitUntil(lambda: model.project.run(1).status == "finished", timeout=120_000)
    qtbot.waitUntil(lambda: model.status is Status.DONE)
    assert len(model.history) == 3001
    for one, other in zip(before, model.history, strict=False):
        assert replace(one, train_seconds=0.0) == replace(other, train_seconds=0.0)


def test_trouble_with_the_disk_stays_in_sight_until_it_is_over(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    qtbot.waitUntil(lambda: window.run_model.project.project is not None)
    project = window.run_model.project.project
    assert project is not None
    assert project.writer is not None
    for callback in project.writer._trouble_callbacks:
        callback("The disk is full: make room.")
    qtbot.waitUntil(lambda: window.trouble_bar.text == "The disk is full: make room.")
    assert window.trouble_bar.isVisible()
    window.tell("Something else.")
    assert window.trouble_bar.isVisible()
    for callback in project.writer._trouble_callbacks:
        callback("")
    qtbot.waitUntil(lambda: not window.trouble_bar.isVisible())


def test_no_data_folder_is_told_once_and_training_goes_on(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    window.projects.keeper.folder = blocked / "projects"
    opened(window, ratings_file, qtbot)
    qtbot.waitUntil(lambda: window.message_bar.text.startswith("Runs are not kept."))
    trained(window, qtbot, n_epochs=2)
    assert window.run_model.result is not None
    assert any("not kept" in notice.text for notice in window.run_model.notices)
    path = tmp_path / "Saved.mfgui"
    window.projects.places.save_as(str(path))
    qtbot.waitUntil(lambda: window.run_model.project.is_named, timeout=LONG)
    trained(window, qtbot, n_epochs=2)
    assert numbers(window) == [1]


def test_a_file_that_is_no_project_is_refused_in_a_sentence(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    path = tmp_path / "not.mfgui"
    path.write_text("nothing of the kind")
    open_project_file(window, path, qtbot)
    assert window.message_bar.text == "not.mfgui is not a project of mfgui: choose another file."
    assert window.run_model.ratings is not None  # what is open stays


def test_the_project_gives_back_its_room(
    window: MainWindow, ratings_file: Path, qtbot: QtBot
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=2)
    trained(window, qtbot, n_epochs=2, n_factors=200)
    window.run_model.project.delete([2])
    window.actions_.project.compact()
    dialog = window.actions_.project._compact
    assert dialog is not None
    assert dialog.kept.value() == 20
    dialog.kept.setValue(5)
    dialog.compact.click()
    qtbot.waitUntil(lambda: "was compacted" in window.message_bar.text, timeout=LONG)
    assert "given back" in window.message_bar.text
    assert not window.run_model.project.can_undo
    project = window.run_model.project.project
    assert project is not None
    assert project.value("n_kept_trials") == 5


# -- from one start to the next -------------------------------------------------------------------


def test_a_start_opens_what_was_open_unless_that_is_switched_off(
    window: MainWindow, ratings_file: Path, qtbot: QtBot, windows: Callable[[], MainWindow]
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=3)
    window.view_state.zoom_to(Range(3, 13, 4, 24))
    window.close()

    second = windows()
    second.session.restore()
    qtbot.waitUntil(lambda: second.run_model.project.shown_run == 1
                    and not second.job_runner.is_running, timeout=LONG)
    assert second.view_state.visible == Range(3, 13, 4, 24)
    assert second.setup_panel.isVisible()
    second.actions_.project.restores.setChecked(False)
    second.close()

    third = windows()
    third.session.restore()
    assert not third.job_runner.is_running
    title = third.stored.recent_projects()[0][2]
    assert title.startswith("ratings.csv, 1 run, ")


def test_a_project_without_runs_is_cleared_up_when_another_took_its_place(
    window: MainWindow, ratings_file: Path, qtbot: QtBot, windows: Callable[[], MainWindow]
) -> None:
    opened(window, ratings_file, qtbot)
    qtbot.waitUntil(lambda: window.run_model.project.project is not None)
    window.close()
    assert len(projects(window)) == 1  # the next start opens its ratings
    second = windows()
    opened(second, ratings_file, qtbot)
    qtbot.waitUntil(lambda: second.run_model.project.project is not None)
    trained(second, qtbot, n_epochs=1)
    second.close()
    (left,) = projects(second)
    with open_project(left) as project:
        assert len(project.runs()) == 1


def test_a_damaged_view_is_passed_over(
    window: MainWindow, ratings_file: Path, tmp_path: Path, qtbot: QtBot,
    windows: Callable[[], MainWindow],
) -> None:
    opened(window, ratings_file, qtbot)
    trained(window, qtbot, n_epochs=1)
    path = tmp_path / "Mine.mfgui"
    window.projects.places.save_as(str(path))
    qtbot.waitUntil(lambda: window.run_model.project.is_named, timeout=LONG)
    window.close()
    with open_project(path) as project:
        project.set_value("view", {
            "source": "x", "run": [1], "range": [3, None, 1, 2], "pinned": [10**9, -1],
            "rows": {"name": "nothing"}, "columns": 3, "shown_columns": {"x": 1}})
        project.set_value("layout", "####")
    other = windows()
    open_project_file(other, path, qtbot)
    assert numbers(other) == [1]
    assert other.run_model.ratings is not None
    assert other.view_state.pinned is None
    assert other.view_state.visible == other.view_state.whole
