"""Setup: buttons follow the status, settings are handed on, errors stand where they arise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, setting
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.core.solvers.base import PlainSolver
from mfgui.data.import_report import ImportReport
from mfgui.gui.panels.setup import SetupPanel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.widgets.data_card import share_text
from mfgui.gui.widgets.run_progress import RunProgress
from mfgui.training.events import EpochRecord, Notice, RunResult, StopReason


@dataclass(frozen=True)
class _Settings(RunSettings):
    n_factors: int = setting(4, "Factors", "How many.", minimum=1, is_fixed_by_model=True)
    learning_rate: float = setting(
        0.1, "Learning rate", "How far.", minimum=0, is_open=True, is_log=True)


class _Slow(PlainSolver):
    name, label, group = "slow", "Slow", "textbook"
    summary, objective = "Use it when you can.", "1/2 sum e^2 < infinity"
    settings_type = _Settings

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        if model.n_factors != settings.n_factors:
            return f"The model has {model.n_factors} factors."
        return ""

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        return int(1_300_000 * settings.n_factors)


@dataclass(frozen=True)
class _FastSettings(_Settings):
    n_factors: int = setting(6, "Factors", "How many.", minimum=1, is_fixed_by_model=True)


class _Fast(_Slow):
    name, label, group = "fast", "Fast", "recommended"
    settings_type = _FastSettings
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 2, "refit": True}, "Accurate": {"solver": "slow", "n_epochs": 50},
        "Gone": {"solver": "gone"}}


@dataclass(frozen=True)
class _ManySettings(_Settings):
    n_members: int = setting(3, "Members", "How many models.", minimum=2, is_fixed_by_model=True)


TYPES: dict[str, type[Solver]] = {"slow": _Slow, "fast": _Fast}


@pytest.fixture
def model() -> RunModel:
    return RunModel()


@pytest.fixture
def panel(model: RunModel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> SetupPanel:
    for name, solver in TYPES.items():
        monkeypatch.setitem(SOLVERS, name, solver)
    made = SetupPanel(TYPES)
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
    users, items = np.zeros((4, 4), np.float32), np.zeros((5, 4), np.float32)
    kept = FactorModel(users, items, users[:, 0], items[:, 0], 0.0, (1, 5))
    return RunResult(
        solver=solver, settings=settings, model=kept, state={}, history=(),
        stopped_because=StopReason.FINISHED, n_epochs_run=20, best_epoch=20, kept_epoch=20,
        learning_rate=0.05,
        is_refit=False, train_loss=1.0, train_rmse=1.0, validation_rmse=None, test_rmse=None,
        train_seconds=1.0, n_validation=0, n_unseen_validation=0, n_test=0, n_unseen_test=0,
        last_record=record(20))


def done(model: RunModel, solver: str = "slow", settings: RunSettings | None = None) -> None:
    """Let a run have ended."""
    settings = settings or _Settings()
    model.start_run(solver, settings)
    model.add_events([result(settings, solver)])
    model.set_status(Status.DONE)


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


def test_what_is_no_matter_of_a_run_is_not_told_above_its_buttons(
    ready: SetupPanel, model: RunModel
) -> None:
    model.add_notice(Notice("error", "other.csv is not there."))
    assert message(ready) == ""
    model.start_run("slow", _Settings())
    model.add_notice(Notice("information", "Training again on all ratings."))
    assert message(ready) == "Training again on all ratings."


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


def followed(progress: RunProgress, records: list[EpochRecord]) -> list[float]:
    """Return the share after each record."""
    values = []
    for each in records:
        progress.add([each])
        values.append(progress.fraction)
    return values


def test_progress_never_falls_through_a_refit() -> None:
    progress = RunProgress()
    progress.begin("", _Settings(n_epochs=10, refit=True))
    first = [record(k) for k in range(9)] + [replace(record(k), validation_rmse=2.0)
                                             for k in (9, 10)]  # 8 was best
    values = followed(progress, first + [record(k, 1, is_refit=True) for k in range(9)])
    assert values == sorted(values)
    assert values[10] == 0.5
    assert values[-1] == 1.0
    assert progress.text == "refit epoch 8 of 8"


def test_progress_of_a_run_that_stops_early_gives_its_rest_to_the_refit() -> None:
    progress = RunProgress()
    progress.begin("", _Settings(n_epochs=10, refit=True))
    values = followed(progress, [record(k) for k in range(5)]
                      + [record(k, 1, is_refit=True) for k in range(3)])
    assert values[4] == pytest.approx(0.2)
    assert values[-1] == pytest.approx(0.2 + 0.8 * 2 / 4)


def test_progress_of_several_models_rises_through_all_and_their_refits() -> None:
    progress = RunProgress()
    progress.begin("", _ManySettings(n_epochs=4, refit=True), n_members=3)
    records = [record(k, member) for member in range(3) for k in range(5)]
    values = followed(progress, records)
    assert values == sorted(values)
    assert values[4::5] == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert progress.text == "model 3 of 3, epoch 4 of 4"
    refits = [record(k, 3 + member, is_refit=True) for member in range(3) for k in range(5)]
    values = followed(progress, refits)
    assert values == sorted(values)
    assert values[4::5] == pytest.approx([4 / 6, 5 / 6, 1])
    assert progress.text == "model 3 of 3, refit epoch 4 of 4"


def test_progress_watches_a_ranking_where_there_is_one() -> None:
    progress = RunProgress()
    progress.begin("", _Settings(n_epochs=4, refit=True))
    progress.add(replace(record(k), validation_rmse=None, validation_ndcg=ndcg)
                 for k, ndcg in enumerate((0.1, 0.3, 0.2)))
    progress.add([record(0, 1, is_refit=True)])
    assert progress.text == "refit epoch 0 of 1"


def test_progress_of_training_on_counts_the_new_epochs() -> None:
    progress = RunProgress()
    progress.begin("", _Settings(n_epochs=10, refit=True), is_continued=True)
    progress.add(record(epoch, 1) for epoch in range(20, 26))
    assert progress.fraction == 0.5
    assert progress.text == "epoch 25 of 30"


def test_settings_changed_while_training_are_marked(ready: SetupPanel, model: RunModel) -> None:
    model.start_run("slow", _Settings())
    ready.form.set_value("learning_rate", 0.5)
    marks = [label.text() for label in ready.form.findChildren(QLabel)
             if label.property("role") == "mark" and label.text()]
    assert marks == ["for the next run (this run: 0.1)"]


def test_train_on_is_offered_after_a_run(ready: SetupPanel, model: RunModel, qtbot: QtBot) -> None:
    done(model)
    assert enabled(ready) == {"startButton", "trainOnButton"}
    ready.form.set_value("learning_rate", 0.5)
    with qtbot.waitSignal(ready.train_on_requested) as caught:
        button(ready, "trainOnButton").click()
    assert caught.args == ["slow", _Settings(learning_rate=0.5)]


def test_train_on_is_refused_where_the_factors_would_not_fit(
    ready: SetupPanel, model: RunModel
) -> None:
    done(model)
    ready.form.set_value("n_factors", 9)
    assert enabled(ready) == {"startButton"}
    assert "Factors" in button(ready, "trainOnButton").toolTip()
    ready.form.set_value("n_factors", 4)
    assert enabled(ready) == {"startButton", "trainOnButton"}


def test_an_unknown_solver_is_passed_over(panel: SetupPanel) -> None:
    panel.set_solver("gone")
    assert panel.solver_name == "slow"


def test_another_method_after_a_run_can_take_its_factors_over(
    ready: SetupPanel, model: RunModel, qtbot: QtBot
) -> None:
    done(model)
    assert button(ready, "trainOnButton").text() == "Train on"
    ready.set_solver("fast")
    other = button(ready, "trainOnButton")
    assert other.text() == "Continue with Fast"
    assert enabled(ready) == {"startButton"}
    assert "The model has 4 factors." in other.toolTip()
    assert message(ready) == "“Continue with Fast” is off. The model has 4 factors."
    remedy = button(ready, "remedyButton")
    assert remedy.text() == "Set Factors to 4"
    remedy.click()
    assert message(ready) == ""
    with qtbot.waitSignal(ready.train_on_requested) as caught:
        other.click()
    assert caught.args == ["fast", _FastSettings(n_factors=4)]


def test_the_button_to_continue_shows_the_method_whole_or_as_much_as_fits(
    ready: SetupPanel, model: RunModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(model)
    monkeypatch.setattr(_Fast, "label", "A method with a name that is longer than any button & co")
    ready.set_solver("fast")
    other = button(ready, "trainOnButton")
    assert other.text().startswith("Continue: A method with a name")
    assert other.text().endswith("…")
    assert other.accessibleName() == f"Continue with {_Fast.label}"
    assert other.width() <= 280


def test_solvers_stand_below_headings_that_cannot_be_chosen(
    panel: SetupPanel, qtbot: QtBot
) -> None:
    box = panel.solver
    assert [box.itemText(k) for k in range(box.count())] == [
        "Recommended", "Fast", "Textbook", "Slow"]
    items = box.model()
    is_on = [bool(items.flags(items.index(k, 0)) & Qt.ItemFlag.ItemIsSelectable) for k in range(4)]
    assert is_on == [False, True, False, True]
    assert box.itemData(1, Qt.ItemDataRole.ToolTipRole) == _Fast.summary
    box.setFocus()
    for key, name in ((Qt.Key.Key_Up, "fast"), (Qt.Key.Key_Up, "fast"),
                      (Qt.Key.Key_Down, "slow"), (Qt.Key.Key_Home, "fast")):
        qtbot.keyClick(box, key)
        assert panel.solver_name == name


def test_the_box_explains_what_the_method_minimizes(panel: SetupPanel) -> None:
    assert "1/2 sum e^2 &lt; infinity" in panel.solver.whatsThis()
    assert panel.solver.toolTip().endswith("Slow: Use it when you can.")


def test_a_preset_fills_the_form_and_reset_brings_the_defaults_back(panel: SetupPanel) -> None:
    panel.set_solver("fast")
    panel.form.set_value("learning_rate", 0.5)
    button(panel, "presetQuickButton").click()
    assert panel.form.settings() == _FastSettings(n_factors=2, refit=True)
    assert button(panel, "presetQuickButton").toolTip() == (
        "Factors 2, Refit on all on; all others at their defaults.")
    button(panel, "presetResetButton").click()
    assert panel.form.settings() == _FastSettings()


def test_a_preset_may_name_another_method_with_its_defaults(panel: SetupPanel) -> None:
    panel.set_solver("fast")
    panel.form.set_value("learning_rate", 0.5)
    assert button(panel, "presetAccurateButton").toolTip() == (
        "The method “Slow”; Epochs 50; all others at their defaults.")
    button(panel, "presetAccurateButton").click()
    assert panel.solver_name == "slow"
    assert panel.form.settings() == _Settings(n_epochs=50)


def test_a_preset_of_a_method_that_there_is_not_is_not_offered(panel: SetupPanel) -> None:
    panel.set_solver("fast")
    assert panel.findChild(QPushButton, "presetGoneButton") is None


def test_what_a_run_takes_is_said_before_it_begins(ready: SetupPanel) -> None:
    texts = [label.text() for label in ready.findChildren(QLabel)]
    assert "A run takes about 5.2 MB of memory beside the ratings." in texts


def test_why_a_run_could_not_begin_goes_with_its_cause(ready: SetupPanel) -> None:
    for change in (lambda: ready.form.set_value("n_factors", 2), lambda: ready.set_solver("fast"),
                   lambda: ready.show_error("")):
        ready.show_error("Too many factors for the memory.")
        assert message(ready) == "Too many factors for the memory."
        change()
        assert message(ready) == ""


def test_a_divergence_is_told_until_the_rate_is_another(
    ready: SetupPanel, model: RunModel
) -> None:
    model.start_run("slow", _Settings())
    model.add_notice(Notice("error", "It diverged.", 3, "Use half the rate",
                            (("learning_rate", 0.05),)))
    model.add_events([result(_Settings())])
    model.set_status(Status.DONE)
    ready.form.set_value("n_epochs", 7)
    assert message(ready) == "It diverged."
    ready.form.set_value("learning_rate", 0.02)
    assert message(ready) == ""


def test_another_method_chosen_while_training_is_for_the_next_run(
    ready: SetupPanel, model: RunModel
) -> None:
    model.start_run("slow", _Settings())
    ready.set_solver("fast")
    assert message(ready) == "The chosen method is for the next run."
    assert button(ready, "trainOnButton").text() == "Train on"


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
              "seed", "startButton", "pauseButton", "stopButton", "trainOnButton"]
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


def test_every_solver_fits_the_dock(qtbot: QtBot) -> None:
    panel = SetupPanel(SOLVERS)
    qtbot.addWidget(panel)
    panel.set_models(RunModel(), None)
    panel.resize(280, 700)
    panel.show()
    qtbot.waitExposed(panel)
    scroll = panel.findChild(QScrollArea)
    assert scroll is not None
    for name in SOLVERS:
        panel.set_solver(name)
        qtbot.waitUntil(
            lambda: scroll.widget().minimumSizeHint().width() <= scroll.viewport().width())
        assert panel.form.settings() == SOLVERS[name].settings_type()


def test_a_long_remedy_is_broken_into_lines(ready: SetupPanel, model: RunModel) -> None:
    text = "Set Factors to 64, Learning rate to 0.005 and Validation share to 0.25"
    ready.resize(280, 700)
    model.add_notice(Notice("error", "It is off.", 3, text, (("learning_rate", 0.05),)))
    remedy = button(ready, "remedyButton")
    lines = remedy.text().split("\n")
    assert " ".join(lines) == remedy.accessibleName() == text
    assert len(lines) > 1
    assert max(map(remedy.fontMetrics().horizontalAdvance, lines)) < remedy.width()
    assert remedy.height() >= len(lines) * remedy.fontMetrics().height()
