"""Finding a learning rate in the window: the card grows, its rate is used, and it ends."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QLabel, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.widgets.rate_curve import RateCurve
from mfgui.gui.widgets.rate_finder import STALE, RateFinder
from mfgui.jobs.find_rate import RateFound, RateTrial

TRIALS = (RateTrial(0.1, 0.5), RateTrial(0.2, 0.4), RateTrial(0.4, math.inf),
          RateTrial(0.05, 0.8))
FOUND = RateFound("sgd", 0.2, tuple(sorted(TRIALS, key=lambda trial: trial.learning_rate)), 1234)


@pytest.fixture
def finder(qtbot: QtBot) -> RateFinder:
    made = RateFinder()
    qtbot.addWidget(made)
    made.resize(232, 300)
    made.show()
    return made


@pytest.fixture
def curve(qtbot: QtBot) -> RateCurve:
    made = RateCurve()
    qtbot.addWidget(made)
    made.resize(232, 132)
    made.show()
    qtbot.waitExposed(made)
    return made


def text(finder: RateFinder) -> str:
    label = finder.findChild(QLabel, "rateFinderText")
    assert label is not None
    return label.text()


def test_only_the_button_is_seen_before_a_search(finder: RateFinder) -> None:
    assert finder.button.isVisible()
    assert finder.button.isEnabled()
    assert not finder.is_open
    assert finder.curve is None


def test_a_refusal_is_told_beside_the_button_and_on_it(finder: RateFinder) -> None:
    finder.set_refusal("not during a run", "A run is under way.")
    assert not finder.button.isEnabled()
    assert finder.button.toolTip().startswith("A run is under way.")
    assert "not during a run" in [label.text() for label in finder.findChildren(QLabel)]
    finder.set_refusal("")
    assert finder.button.isEnabled()


def test_the_card_grows_trial_by_trial_to_a_suggestion(finder: RateFinder, qtbot: QtBot) -> None:
    finder.begin()
    assert finder.is_open
    assert text(finder) == "Preparing"
    assert not finder.use.isVisible()
    assert finder.cancel.text() == "Cancel"
    for count, trial in enumerate(TRIALS, 1):
        finder.add([trial])
        assert finder.curve is not None
        assert len(finder.curve.accessibleDescription().split(";")) == count
    finder.finish(FOUND)
    assert "0.2 lowers the training loss most in the first 5 epochs" in text(finder)
    assert "1,234 ratings" in text(finder)
    assert finder.use.text() == "Use 0.2"
    assert finder.cancel.text() == "Close"
    with qtbot.waitSignal(finder.rate_chosen) as caught:
        finder.use.click()
    assert caught.args == [0.2]
    assert not finder.is_open


def test_cancel_takes_the_card_away_and_tells_it(finder: RateFinder, qtbot: QtBot) -> None:
    finder.begin()
    with qtbot.waitSignal(finder.cancel_clicked):
        finder.cancel.click()
    assert not finder.is_open
    assert finder.button.isEnabled()


def test_a_failure_is_told_in_its_sentence(finder: RateFinder) -> None:
    finder.begin()
    finder.fail("No learning rate was found.")
    assert text(finder) == "No learning rate was found."
    assert not finder.use.isVisible()
    assert finder.button.isEnabled()


def test_what_was_found_with_other_settings_says_so(finder: RateFinder) -> None:
    finder.begin()
    finder.finish(FOUND)
    finder.set_stale(True)
    assert text(finder) == STALE
    finder.set_stale(False)
    assert "0.2 lowers" in text(finder)


def test_the_curve_rises_along_rates_and_what_diverged_stands_above_it(curve: RateCurve) -> None:
    curve.show_trials(TRIALS, 0.2)
    x, y = curve._line.getData()
    np.testing.assert_allclose(x, np.log10([0.05, 0.1, 0.2]))
    np.testing.assert_allclose(y, [0.8, 0.5, 0.4])
    (wild_x,), (wild_y,) = curve._diverged.getData()
    assert wild_x == pytest.approx(math.log10(0.4))
    left, right = curve.getPlotItem().vb.viewRange()[0]
    low, high = curve.getPlotItem().vb.viewRange()[1]
    assert left < math.log10(0.05) < wild_x < right
    assert low < 0.4 < 0.8 < wild_y < high
    assert curve._mark.isVisible()
    assert curve._mark.value() == pytest.approx(math.log10(0.2))


@pytest.mark.parametrize("trials", [
    (), (RateTrial(0.1, 0.5),), (RateTrial(0.1, math.inf),), (RateTrial(1e-9, 0.0),),
    (RateTrial(0.1, 0.5), RateTrial(0.2, 0.5)), (RateTrial(1e-30, 0.5), RateTrial(1e30, 1e-12))])
def test_any_trials_can_be_shown(curve: RateCurve, trials: tuple[RateTrial, ...]) -> None:
    curve.show_trials(trials)
    for low, high in curve.getPlotItem().vb.viewRange():
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high
    for theme in (DARK, LIGHT):
        curve.set_theme(theme)
        curve.grab()


def test_the_trial_under_the_pointer_is_told(curve: RateCurve) -> None:
    curve.show_trials(TRIALS)
    place = QPoint(curve.width() - 2, 60)
    curve.viewportEvent(QHelpEvent(QEvent.Type.ToolTip, place, curve.mapToGlobal(place)))
    assert QToolTip.text() == "rate 0.4: diverged"
    QToolTip.hideText()
    left = curve.nearest(0)
    assert left is not None
    assert left.learning_rate == 0.05


# in the window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    rng = np.random.default_rng(0)
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{rng.integers(1, 6)}\n" for n in range(60) for m in range(50)
        if rng.random() < 0.4))
    made = create_window()
    made.resize(1366, 768)
    made.show()
    with qtbot.waitSignal(made.run_model.ratings_changed, timeout=20_000):
        made.open_path(path)
    qtbot.waitUntil(lambda: not made.job_runner.is_running)
    yield made
    made.close()
    made.deleteLater()


def begun(window: MainWindow) -> RateFinder:
    """Begin a search."""
    finder = window.setup_panel.form.finder
    assert finder is not None
    finder.button.click()
    return finder


def held(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> RateFinder:
    """Begin a search that waits for its kernels, and for nothing else in the world."""
    others = set(threading.enumerate())
    monkeypatch.setattr(window.preparation, "is_ready",
                        lambda part: threading.current_thread() in others)
    finder = begun(window)
    thread = window.rates.runner._thread
    monkeypatch.setattr(window.preparation, "is_ready",
                        lambda part: threading.current_thread() is not thread)
    return finder


def over(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.rates.is_running, timeout=60_000)


def test_a_rate_is_found_off_the_windows_thread_and_goes_into_the_field(
    window: MainWindow, qtbot: QtBot
) -> None:
    finder = begun(window)
    assert window.rates.is_running
    assert not finder.button.isEnabled()
    over(window, qtbot)
    assert len(finder.trials) > 3
    rate = float(finder.use.text().removeprefix("Use "))
    assert window.setup_panel.form.settings().learning_rate != rate  # type: ignore[attr-defined]
    finder.use.click()
    assert window.setup_panel.form.settings().learning_rate == rate  # type: ignore[attr-defined]
    assert not finder.is_open


def test_the_card_is_scrolled_into_sight(window: MainWindow, qtbot: QtBot) -> None:
    finder = begun(window)
    over(window, qtbot)
    area = window.setup_panel._scroll

    def is_seen() -> bool:
        top = finder.use.mapTo(area, QPoint(0, 0)).y()
        return 0 <= top <= area.height() - finder.use.height()

    qtbot.waitUntil(is_seen)


def test_cancel_ends_the_search(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = held(window, monkeypatch)
    finder.cancel.click()
    over(window, qtbot)
    assert not finder.is_open
    assert finder.button.isEnabled()
    assert window.setup_panel.controls._message.text() == ""


def test_a_run_ends_the_search_first_and_keeps_another_from_beginning(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = held(window, monkeypatch)
    for name, value in {"n_epochs": 1_000_000, "patience": 0}.items():
        window.setup_panel.form.set_value(name, value)
    start = window.findChild(QPushButton, "startButton")
    assert isinstance(start, QPushButton)
    start.click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.TRAINING)
    assert not window.rates.is_running
    assert not finder.is_open
    assert not finder.button.isEnabled()
    assert "under way" in finder.button.toolTip()
    window.stop()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE)
    assert finder.button.isEnabled()


def test_other_ratings_and_another_method_end_the_search(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = held(window, monkeypatch)
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.ratings is not None
                    and window.run_model.ratings.n_users == 3000, timeout=20_000)
    over(window, qtbot)
    assert not finder.is_open
    held(window, monkeypatch)
    window.setup_panel.set_solver("sgd")
    over(window, qtbot)
    other = window.setup_panel.form.finder
    assert other is not None
    assert other is not finder
    assert not other.is_open


def test_a_choice_without_a_rate_has_no_button_and_ends_the_search(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.setup_panel.set_solver("gradient-descent")
    finder = held(window, monkeypatch)
    window.setup_panel.form.set_value("step", "line-search")
    over(window, qtbot)
    assert window.setup_panel.form.finder is None
    assert not finder.isVisible()
    window.setup_panel.set_solver("average")
    assert window.setup_panel.form.finder is None


def test_settings_changed_after_the_search_are_told(window: MainWindow, qtbot: QtBot) -> None:
    finder = begun(window)
    over(window, qtbot)
    before = text(finder)
    window.setup_panel.form.set_value("n_epochs", 3)
    assert text(finder) == before
    window.setup_panel.form.set_value("n_factors", 3)
    assert text(finder) == STALE
    window.setup_panel.form.set_value("n_factors", 64)
    assert text(finder) == before


def test_closing_while_a_rate_is_looked_for_joins(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(window, monkeypatch)
    assert window.close()
    assert not window.rates.is_running


def test_without_ratings_no_rate_can_be_looked_for(qtbot: QtBot) -> None:
    made = create_window()
    finder = made.setup_panel.form.finder
    assert finder is not None
    assert not finder.button.isEnabled()
    assert "Open a ratings file" in finder.button.toolTip()
    made.close()
    made.deleteLater()
