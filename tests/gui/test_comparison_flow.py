"""Comparing in the window: with a model in a file, and two runs of the project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.matrix_reading import titles_of
from mfgui.gui.run_model import Status
from mfgui.store.model_file import open_model


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def ratings_file(path: Path, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{rng.integers(1, 6)}\n" for n in range(60) for m in range(50)
        if rng.random() < 0.4))
    return path


def opened(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=20_000):
        window.open_path(path)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)


def trained(window: MainWindow, qtbot: QtBot, solver: str = "als", **settings: Any) -> int:
    """Train, and return the run's id."""
    window.setup_panel.set_solver(solver)
    for name, value in {"n_epochs": 3, "n_factors": 3, "patience": 0, **settings}.items():
        window.setup_panel.form.set_value(name, value)
    project = window.run_model.project
    n_runs = len(project.runs)
    window.setup_panel.controls.start.click()
    qtbot.waitUntil(lambda: len(project.runs) > n_runs and project.running_run is None
                    and window.run_model.status is Status.DONE, timeout=60_000)
    return project.runs[-1].id


def compare(window: MainWindow, qtbot: QtBot, a: int, b: int) -> None:
    with qtbot.waitSignal(window.run_model.other_changed, timeout=30_000,
                          check_params_cb=lambda: window.run_model.other is not None):
        window.run_model.project.compare_wanted.emit(a, b)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)


def test_two_runs_are_shown_side_by_side_and_both_on_the_curve(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, ratings_file(tmp_path / "r.csv"), qtbot)
    first = trained(window, qtbot, seed=0)
    second = trained(window, qtbot, "adagrad", seed=0)
    model, project = window.run_model, window.run_model.project
    assert project.shown_run == second
    compare(window, qtbot, first, second)
    other = model.other
    assert other is not None
    assert project.shown_run == first
    assert set(project.ticked) == {first, second}
    assert titles_of(model)[0] == {
        "observed": "A: Run 1 ALS", "predicted": "B: Run 2 AdaGrad", "residual": "A − B"}
    panel = window.panels["comparison"]
    assert panel.is_seen
    assert panel.sentence.text().startswith("Of these two trained models")
    assert [name.text() for name in panel.head.names] == ["Run 1 ALS", "Run 2 AdaGrad"]
    panel.end.click()
    assert model.other is None
    assert not window.docks["comparison"].isVisible()
    assert project.shown_run == first


def test_the_shown_run_stays_and_its_model_is_not_read_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, ratings_file(tmp_path / "r.csv"), qtbot)
    first, second = trained(window, qtbot), trained(window, qtbot, n_factors=1)
    shown = window.run_model.shown
    compare(window, qtbot, second, first)
    assert window.run_model.shown is shown
    assert window.run_model.project.shown_run == second


def test_runs_on_other_ratings_are_opened_with_them(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, ratings_file(tmp_path / "one.csv"), qtbot)
    first = trained(window, qtbot)
    opened(window, ratings_file(tmp_path / "two.csv", seed=5), qtbot)
    second = trained(window, qtbot)
    model = window.run_model
    compare(window, qtbot, first, second)
    assert model.project.shown_run == first
    assert model.ratings is not None
    assert model.ratings.name == "one.csv"
    assert model.other is not None
    assert model.other.settings is not None
    assert model.other.settings[0].label == "Ratings"


def test_another_run_ends_the_comparison(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, ratings_file(tmp_path / "r.csv"), qtbot)
    first, second = trained(window, qtbot), trained(window, qtbot, n_factors=1)
    compare(window, qtbot, first, second)
    window.run_model.project.show_wanted.emit(second)
    qtbot.waitUntil(lambda: window.run_model.project.shown_run == second, timeout=20_000)
    assert window.run_model.other is None


def test_a_run_without_factors_is_refused_in_a_sentence(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, ratings_file(tmp_path / "r.csv"), qtbot)
    first, second = trained(window, qtbot), trained(window, qtbot, n_factors=1)
    project = window.run_model.project.project
    assert project is not None
    for role in project.run(second).roles:
        project.drop_tree(second, role)
    assert project.writer is not None
    project.writer.flush()
    window.run_model.project.compare_wanted.emit(first, second)
    qtbot.waitUntil(lambda: "No factors of Run 2 ALS are kept" in window.message_bar.text,
                    timeout=20_000)
    assert window.run_model.other is None


def test_a_model_that_does_not_know_its_ratings_is_not_taken_for_trained_on_the_open_ones(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, ratings_file(tmp_path / "r.csv"), qtbot)
    trained(window, qtbot)
    paths = [tmp_path / "with.npz", tmp_path / "without.npz"]
    for path, keeps in zip(paths, (True, False), strict=True):
        window.actions_.models.save_model_to(str(path), has_ratings=keeps)
        qtbot.waitUntil(lambda path=path: path.exists() and not window.job_runner.is_running)
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=20_000):
        window.open_path(paths[1])
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    window.actions_.models.compare_with([str(paths[0])])
    qtbot.waitUntil(lambda: window.run_model.other is not None, timeout=20_000)
    figures = window.run_model.other.figures  # type: ignore[union-attr]
    assert figures is not None
    assert figures.note.startswith("The open model does not know its ratings")
    assert open_model(paths[0]).known is not None
