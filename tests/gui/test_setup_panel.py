"""Setup: buttons follow the status, settings are handed on, errors stand where they arise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, setting
from mfgui.data.import_report import ImportReport
from mfgui.gui.panels.setup import SetupPanel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.widgets.data_card import share_text
from mfgui.gui.widgets.run_controls import RunProgress
from mfgui.training.events import EpochRecord, Notice, RunResult, StopReason


@dataclass(frozen=True)
class _Settings(RunSettings):
    n_factors: int = setting(4, "Factors", "How many.", minimum=1, is_fixed_by_model=True)
    learning_rate: float = setting(
        0.1, "Learning rate", "How far.", minimum=0, is_open=True, is_log=True)


@dataclass(frozen=True)
class _Solver:
    label: str
    summary: str = "Use it when you can."
    objective: str = "1/2 sum e^2"
    settings_type: type[RunSettings] = _Settings
    presets: dict[str, dict[str, object]] = field(default_factory=dict)


SOLVERS = {
    "slow": _Solver("Slow"),
    "fast": _Solver("Fast", presets={"Quick": {"n_factors": 2, "refit": True}}),
}


@pytest.fixture
def model() -> RunModel:
    return RunModel()


@pytest.fixture
def panel(model: RunModel, qtbot: QtBot) -> SetupPanel:
    made = SetupPanel(SOLVERS)
    qtbot.addWidget(made)
    made.set_models(model, None)
    made.resize(280, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def ready(panel: SetupPanel, model: RunModel, tiny: Ratings) -> SetupPanel:
    report = ImportReport(Path("a.csv"), "a.csv", 13, 13, 4, 5, "comma", False,
                          ("user", "item", "rating"), (1.0, 5.0), how="comma-separated, no header")
    model.set_ratings(tiny, report)
    return panel


def button(panel: SetupPanel, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, name)
    assert found is not None
    return found  # type: ignore[no-any-return]


def enabled(panel: SetupPanel) -> set[str]:
    names = ("startButton", "pauseButton", "stopButton", "trainOnButton")
    return {name for name in names if button(panel, name).isEnabled()}


def message(panel: SetupPanel) -> str:
    label = panel.findChild(QLabel, "setupMessage")
    assert label is not None
    return label.text() if label.isVisible() else ""


def bar(panel: SetupPanel) -> int:
    found = panel.findChild(QProgressBar, "trainingProgress")
    assert found is not None
    return int(found.value())


def record(epoch: int, segment: int = 0, *, is_refit: bool = False) -> EpochRecord:
    return EpochRecord(epoch, segment, is_refit, 1.0, 1.0, 1.0, None if is_refit else 1.0 / (
        epoch + 1), None, 0.01 * epoch, 0.1)


def result(settings: RunSettings, solver: str = "slow") -> RunResult:
    empty = np.zeros((1, 1), np.float32)
    kept = FactorModel(empty, empty, empty[0], empty[0], 0.0, (1, 5))
    return RunResult(
        solver=solver, settings=settings, model=kept, state={}, history=(),
        stopped_because=StopReason.FINISHED, n_epochs_run=20, best_epoch=20, kept_epoch=20,
        learning_rate=0.05,
        is_refit=False, train_loss=1.0, train_rmse=1.0, validation_rmse=None, test_rmse=None,
        train_seconds=1.0, n_validation=0, n_unseen_validation=0, n_test=0, n_unseen_test=0)


def test_without_ratings_nothing_can_be_trained(panel: SetupPanel) -> None:
    assert enabled(panel) == set()
    assert message(panel) == "Open a ratings file to train on."


def test_the_card_says_what_is_open_and_how_it_was_read(ready: SetupPanel) -> None:
    texts = [label.text() for label in ready.card.findChildren(QLabel)]
    assert "4 users × 5 items" in texts
    assert "13 ratings (65 % rated), scale 1 to 5" in texts
    assert "comma-separated, no header; columns: user, item, rating" in texts
    assert "Test file: none" in texts


def test_train_hands_on_solver_and_settings(ready: SetupPanel, qtbot: QtBot) -> None:
    ready.form.set_value("n_factors", 9)
    with qtbot.waitSignal(ready.train_requested) as caught:
        qtbot.mouseClick(button(ready, "startButton"), Qt.MouseButton.LeftButton)
    assert caught.args == ["slow", _Settings(n_factors=9)]
    assert button(ready, "startButton").text() == "Train"


@pytest.mark.parametrize(
    ("status", "names"),
    [(Status.READY, {"startButton"}), (Status.TRAINING, {"pauseButton", "stopButton"}),
     (Status.PAUSED, {"pauseButton", "stopButton"}), (Status.STOPPING, set())])
def test_buttons_follow_the_status(
    ready: SetupPanel, model: RunModel, status: Status, names: set[str]
) -> None:
    model.set_status(status)
    assert enabled(ready) == names


def test_pause_becomes_continue_and_nothing_jumps(
    ready: SetupPanel, model: RunModel, qtbot: QtBot
) -> None:
    pause, stop = button(ready, "pauseButton"), button(ready, "stopButton")
    model.set_status(Status.TRAINING)
    before = (pause.geometry(), stop.geometry())
    with qtbot.waitSignal(ready.pause_requested):
        pause.click()
    model.set_status(Status.PAUSED)
    assert pause.text() == "Continue"
    ready.layout().activate()
    assert (pause.geometry(), stop.geometry()) == before
    with qtbot.waitSignal(ready.resume_requested):
        pause.click()


def test_the_buttons_stay_where_they_are_when_a_message_comes(
    ready: SetupPanel, model: RunModel
) -> None:
    before = ready.controls.start.mapTo(ready, ready.controls.start.rect().topLeft())
    ready.show_error("The rate is too large: training diverged at epoch 3.")
    ready.layout().activate()
    assert message(ready)
    assert ready.controls.start.mapTo(ready, ready.controls.start.rect().topLeft()) == before


def test_a_wrong_setting_turns_train_off_and_says_why(ready: SetupPanel) -> None:
    ready.form.set_value("learning_rate", 0)
    assert enabled(ready) == set()
    assert "Learning rate is 0, but must be above 0." in message(ready)
    ready.form.set_value("learning_rate", 0.1)
    assert enabled(ready) == {"startButton"}
    assert message(ready) == ""


def test_a_remedy_is_one_click(ready: SetupPanel, model: RunModel) -> None:
    model.add_notice(Notice("error", "It diverged.", 3, "Use half the rate",
                            (("learning_rate", 0.05),)))
    assert message(ready) == "It diverged."
    remedy = button(ready, "remedyButton")
    assert remedy.text() == "Use half the rate"
    remedy.click()
    assert ready.form.settings() == _Settings(learning_rate=0.05)
    assert message(ready) == ""


def test_progress_rises_to_the_end(ready: SetupPanel, model: RunModel) -> None:
    model.start_run("slow", _Settings(n_epochs=10))
    values = []
    for epoch in range(6):
        model.add_events([record(epoch)])
        values.append(bar(ready))
    assert values == sorted(values)
    assert values[-1] == 500
    text = ready.findChild(QLabel, "progressText")
    assert text is not None
    assert text.text() == "epoch 5 of 10"
    model.add_events([result(_Settings())])
    assert bar(ready) == 1000


def test_a_run_that_was_cut_short_is_not_shown_as_whole(
    ready: SetupPanel, model: RunModel
) -> None:
    model.start_run("slow", _Settings(n_epochs=10))
    model.add_events([record(0), record(5), replace(
        result(_Settings()), stopped_because=StopReason.STOPPED, n_epochs_run=5)])
    assert bar(ready) == 500
    text = ready.findChild(QLabel, "progressText")
    assert text is not None
    assert text.text() == "stopped after 5 epochs"


def test_progress_never_falls_through_a_refit() -> None:
    progress, values = RunProgress(), []
    for each in [record(k) for k in range(11)] + [record(k, 1, is_refit=True) for k in range(9)]:
        progress.add(each, 10, 8, is_refit_to_come=True)
        values.append(progress.fraction)
    assert values == sorted(values)
    assert values[10] == 0.5
    assert values[-1] == 1.0
    assert progress.text == "refit epoch 8 of 8"


def test_progress_of_training_on_counts_the_new_epochs() -> None:
    progress = RunProgress()
    for epoch in range(20, 26):
        progress.add(record(epoch, 1), 10, None, is_refit_to_come=False)
    assert progress.fraction == 0.5
    assert progress.text == "epoch 25 of 30"


def test_settings_changed_while_training_are_marked(ready: SetupPanel, model: RunModel) -> None:
    model.start_run("slow", _Settings())
    ready.form.set_value("learning_rate", 0.5)
    marks = [label.text() for label in ready.form.findChildren(QLabel)
             if label.property("role") == "mark" and label.text()]
    assert marks == ["for the next run (this run: 0.1)"]


def test_train_on_is_offered_after_a_run(ready: SetupPanel, model: RunModel, qtbot: QtBot) -> None:
    model.start_run("slow", _Settings())
    model.add_events([result(_Settings())])
    model.set_status(Status.DONE)
    assert enabled(ready) == {"startButton", "trainOnButton"}
    ready.form.set_value("learning_rate", 0.5)
    with qtbot.waitSignal(ready.train_on_requested) as caught:
        button(ready, "trainOnButton").click()
    assert caught.args == ["slow", _Settings(learning_rate=0.5)]


def test_train_on_is_refused_where_the_factors_would_not_fit(
    ready: SetupPanel, model: RunModel
) -> None:
    model.start_run("slow", _Settings())
    model.add_events([result(_Settings())])
    model.set_status(Status.DONE)
    ready.form.set_value("n_factors", 9)
    assert enabled(ready) == {"startButton"}
    assert "Factors" in button(ready, "trainOnButton").toolTip()
    ready.form.set_value("n_factors", 4)
    ready.set_solver("fast")
    assert enabled(ready) == {"startButton"}
    assert "Slow" in button(ready, "trainOnButton").toolTip()


def test_an_unknown_solver_is_passed_over(panel: SetupPanel) -> None:
    panel.set_solver("gone")
    assert panel.solver_name == "slow"


def test_a_preset_fills_the_form_and_defaults_empty_it(panel: SetupPanel) -> None:
    panel.form.set_settings_type(RunSettings)
    panel.set_solver("fast")
    panel.form.set_value("learning_rate", 0.5)
    button(panel, "presetQuickButton").click()
    assert panel.form.settings() == _Settings(n_factors=2, refit=True)
    assert button(panel, "presetQuickButton").toolTip() == (
        "Factors 2, Refit on all on; all others at their defaults.")
    button(panel, "presetDefaultsButton").click()
    assert panel.form.settings() == _Settings()


def test_tab_goes_from_top_to_bottom_again_after_another_solver(ready: SetupPanel) -> None:
    ready.set_solver("fast")
    ready.form.set_settings_type(RunSettings)
    ready.set_solver("slow")
    names, widget = [], ready.findChild(QPushButton, "openButton")
    for _ in range(60):
        assert widget is not None
        if widget.objectName() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            names.append(widget.objectName())
        widget = widget.nextInFocusChain()
    wanted = ["openButton", "testFileButton", "solver", "n_factors", "learning_rate", "n_epochs",
              "seed", "startButton", "trainOnButton", "pauseButton", "stopButton"]
    assert [name for name in names if name in wanted][:len(wanted)] == wanted


def test_the_focus_goes_to_train_once_ratings_are_open(ready: SetupPanel) -> None:
    assert ready.focusWidget() is ready.controls.start


def test_a_test_file_is_named(ready: SetupPanel, model: RunModel, tiny: Ratings) -> None:
    model.test_ratings = tiny
    ready.refresh_data()
    texts = [label.text() for label in ready.card.findChildren(QLabel)]
    assert "Test file: ratings" in texts


def test_the_panel_fits_the_dock(ready: SetupPanel) -> None:
    assert ready.minimumSizeHint().width() <= 280
    assert ready.minimumSizeHint().height() <= 500


@pytest.mark.parametrize(
    ("share", "text"), [(0.0447, "4.5 %"), (0.00012, "0.012 %"), (1.0, "100 %"), (0.65, "65 %")])
def test_shares_have_two_digits(share: float, text: str) -> None:
    assert share_text(share) == text
