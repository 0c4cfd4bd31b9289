"""The evaluation panel: two actions, figures with what has to be known of them, and copies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import CancelledError
from mfgui.gui.app import create_window
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.main_window import MainWindow
from mfgui.gui.panels.evaluation import NO_MODEL, NO_PART, NO_RATINGS, EvaluationPanel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import DARK, apply_theme, style_sheet
from mfgui.jobs.cross_validate import CrossValidation
from mfgui.jobs.evaluation_words import as_dict
from mfgui.store.project import NewRun, SourceInfo, create_project
from tests.gui.trained_run import opened_run, train
from tests.jobs.test_cross_validate_job import some_ratings


class Driven:
    """A panel whose jobs run at once, on the spot."""

    def __init__(self, qtbot: QtBot, ratings: Ratings | None) -> None:
        self.panel = EvaluationPanel()
        qtbot.addWidget(self.panel)
        if ratings is None:
            self.model = RunModel(self.panel)
        else:
            self.model, self.state = opened_run(ratings, self.panel)
        self.events: list[Any] = []
        self.refused: list[str] = []
        self.stop_after: int | None = None
        self.panel.job_wanted.connect(self._run)
        self.panel.resize(700, 600)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.panel.set_models(self.model, self.state if ratings is not None else None)

    def _run(self, _text: str, job: Any, watch: JobWatch) -> None:
        control, error, result = Control(), None, None
        watch.on_start(control)
        try:
            for result in job(control):
                self.events.append(result)
                watch.on_events([result])
                if self.stop_after is not None and len(self.events) >= self.stop_after:
                    control.stop()
        except CancelledError as caught:
            error = caught
        watch.on_end(error)
        if error is None:
            watch.done(result)

    def form(self, solver: str = "als", **settings: Any) -> None:
        values = {"n_factors": 3, "n_epochs": 2, **settings}
        self.model.set_next_run(solver, SOLVERS[solver].settings_type(**values))


@pytest.fixture
def driven(qtbot: QtBot) -> Driven:
    made = Driven(qtbot, some_ratings())
    made.form()
    return made


def test_without_ratings_both_actions_say_what_to_do(qtbot: QtBot) -> None:
    tools = Driven(qtbot, None).panel.tools
    assert not tools.evaluate.isEnabled()
    assert tools.evaluate.toolTip() == NO_MODEL
    assert tools.cross_validate.toolTip() == NO_RATINGS


def test_the_shown_model_is_measured_on_what_it_held_out(driven: Driven) -> None:
    train(driven.model, refit=True, validation=0.2)
    tools, view = driven.panel.tools, driven.panel.view
    n = driven.model.known.held_out.n_ratings  # type: ignore[union-attr]
    assert tools.part.currentText() == f"Its held-out ratings ({n:,})"
    tools.evaluate.click()
    assert view.title.text().endswith("on its held-out ratings")
    found = driven.events[-1]
    assert found.figure("model", "rmse").value == pytest.approx(
        driven.model.result.validation_rmse, rel=1e-6)  # type: ignore[union-attr]
    assert view.errors.rowCount() == 5
    assert view.errors.item(0, 0).text() == "This model"
    assert view.lists.columnCount() == 3
    assert not view.folds.isVisible()
    assert "never saw these ratings" in view.lines.text()


def test_the_invitation_is_in_sight_though_the_figures_behind_it_are_taller(
    driven: Driven, qtbot: QtBot
) -> None:
    driven.panel.resize(700, 180)
    driven.panel.tools.cross_validate.click()
    driven.model.ratings_changed.emit()
    invitation = driven.panel._invitation
    qtbot.waitUntil(invitation.isVisible)
    top = invitation.mapTo(driven.panel, invitation.rect().topLeft()).y()
    assert invitation.alignment() & Qt.AlignmentFlag.AlignTop
    assert top < driven.panel.height() - invitation.fontMetrics().height()


def test_the_keys_come_back_to_the_button_that_was_pressed(driven: Driven, qtbot: QtBot) -> None:
    train(driven.model)
    qtbot.waitUntil(driven.panel.isActiveWindow)
    for button in (driven.panel.tools.evaluate, driven.panel.tools.cross_validate):
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
        assert driven.events
        assert button.hasFocus()


def test_the_best_of_each_column_is_bold_and_has_the_word(driven: Driven) -> None:
    train(driven.model)
    driven.panel.tools.evaluate.click()
    table = driven.panel.view.errors
    for column in (1, 2):
        items = [table.item(row, column) for row in range(table.rowCount())]
        best = [item for item in items if item.text().endswith(" best")]
        assert len(best) == 1
        assert best[0].font().bold()
        assert not any(item.font().bold() for item in items if item is not best[0])


def test_without_held_out_ratings_a_test_file_is_measured_once_it_is_set(driven: Driven) -> None:
    ratings = driven.model.ratings
    assert ratings is not None
    train(driven.model, validation=0.0)
    assert driven.panel.tools.evaluate.toolTip() == NO_PART
    test = _unseen(ratings, "test.csv")
    driven.model.set_test_ratings(test)
    assert driven.panel.tools.part.currentText() == f"test.csv ({test.n_ratings:,})"
    driven.panel.tools.evaluate.click()
    assert driven.panel.view.title.text().endswith("on test.csv")


def test_places_and_threshold_are_those_typed(driven: Driven) -> None:
    train(driven.model)
    driven.panel.tools.fields["n"].set_value(3)
    driven.panel.tools.fields["threshold"].set_value(5)
    driven.panel.tools.evaluate.click()
    assert driven.events[-1].n == 3
    assert driven.events[-1].threshold == 5
    assert driven.panel.view.lists.item(0, 0).text() == "Precision@3"


def test_wrong_numbers_are_said_and_nothing_begins(driven: Driven) -> None:
    train(driven.model)
    tools = driven.panel.tools
    tools.fields["n"].lineEdit().setText("0")
    assert "at least 1" in tools.message.text()
    assert not tools.evaluate.isEnabled()
    assert not tools.cross_validate.isEnabled()
    tools.fields["n"].set_value(10)
    tools.fields["n_folds"].lineEdit().setText("1")
    assert tools.evaluate.isEnabled()
    assert not tools.cross_validate.isEnabled()


def test_a_split_that_cannot_be_made_is_told_before_cross_validating(driven: Driven) -> None:
    driven.form(split="time", validation=0.1)
    assert "no time to split by" in driven.panel.tools.cross_validate.toolTip()
    assert not driven.panel.tools.cross_validate.isEnabled()
    driven.form()
    assert driven.panel.tools.cross_validate.isEnabled()


def test_folds_are_shown_as_they_come_and_then_their_mean(driven: Driven) -> None:
    seen: list[tuple[str, int]] = []
    view = driven.panel.view
    driven.panel.tools.fields["n_folds"].set_value(3)
    show = view.show_folds

    def noted(label: str, done: Any, n_folds: int) -> None:
        show(label, done, n_folds)
        seen.append((view.title.text(), view.folds.rowCount()))

    view.show_folds = noted  # type: ignore[method-assign]
    driven.panel.tools.cross_validate.click()
    label = "Alternating least squares, cross-validation"
    assert seen == [(f"{label}: {k} of 3 folds are done", k) for k in (1, 2, 3)]
    assert view.title.text() == f"{label}: mean of 3 folds"
    assert isinstance(driven.events[-1], CrossValidation)
    assert view.folds.item(0, 0).text() == "1 of 3"
    assert "standard deviation over the folds" in view.lines.text()


def test_cancel_keeps_the_folds_that_are_done(driven: Driven) -> None:
    driven.panel.tools.fields["n_folds"].set_value(4)
    driven.stop_after = 2
    driven.panel.tools.cross_validate.click()
    view = driven.panel.view
    assert view.title.text().endswith("cross-validation: mean of 2 of 4 folds")
    assert view.folds.rowCount() == 2
    assert driven.panel.tools.cross_validate.isEnabled()


def test_values_are_copied_as_text_with_tabs(driven: Driven) -> None:
    train(driven.model)
    driven.panel.tools.evaluate.click()
    driven.panel.copy.click()
    text = QApplication.clipboard().text()
    assert text.splitlines()[0].endswith("on its held-out ratings")
    assert "\tRMSE\tMAE" in text
    assert any(line.startswith("Global mean\t") for line in text.splitlines())
    assert "± is the standard error over users." in text


def test_of_preferences_there_are_lists_alone(driven: Driven) -> None:
    train(driven.model, "implicit-als")
    driven.panel.tools.evaluate.click()
    assert not driven.panel.view.errors.isVisible()
    assert driven.panel.view.lists.isVisible()


def test_nothing_of_other_ratings_stays(driven: Driven) -> None:
    train(driven.model)
    driven.panel.tools.evaluate.click()
    assert driven.panel.view.isVisible()
    model = driven.model
    model.set_ratings(some_ratings(20, 30), model.report)  # type: ignore[arg-type]
    assert not driven.panel.view.isVisible()


def test_names_are_shown_as_text(driven: Driven) -> None:
    train(driven.model, validation=0.0)
    ratings = driven.model.ratings
    assert ratings is not None
    name = "<img src=x>.csv"
    driven.model.set_test_ratings(_unseen(ratings, name))
    driven.panel.tools.evaluate.click()
    assert name in driven.panel.view.title.text()
    assert driven.panel.view.title.textFormat() == Qt.TextFormat.PlainText


def _unseen(ratings: Ratings, name: str) -> Ratings:
    """Return ratings of cells that nobody rated."""
    is_rated = np.zeros((ratings.n_users, ratings.n_items), bool)
    is_rated[ratings.user_index, ratings.item_index] = True
    users, items = (part.astype(np.int32) for part in np.nonzero(~is_rated))
    return Ratings(users, items, np.full(users.size, 4, np.float32), ratings.user_ids,
                   ratings.item_ids, name=name)


def test_every_table_shows_all_of_its_lines_in_both_themes(
    driven: Driven, qtbot: QtBot, qapp: QApplication
) -> None:
    train(driven.model)
    driven.panel.tools.evaluate.click()
    before = qapp.styleSheet()
    try:
        apply_theme(qapp, DARK)
        assert qapp.styleSheet() == style_sheet(DARK)
        for table in driven.panel.view.tables[:2]:
            qtbot.waitUntil(lambda table=table: table.verticalScrollBar().maximum() == 0)
            last = table.rowCount() - 1
            rows = table.rowViewportPosition(last) + table.rowHeight(last)
            qtbot.waitUntil(lambda table=table, rows=rows: table.viewport().height() >= rows)
    finally:
        qapp.setStyleSheet(before)


def test_the_evaluation_that_a_project_keeps_of_a_run_is_shown_with_it(
    driven: Driven, tmp_path: Path
) -> None:
    project = create_project(tmp_path / "p.mfgui")
    try:
        train(driven.model)
        driven.panel.tools.evaluate.click()
        ratings, found = driven.model.ratings, driven.events[-1]
        assert ratings is not None
        source = SourceInfo(0, "text", "", "some", "0", {}, {}, ratings.n_users, ratings.n_items,
                            ratings.n_ratings, has_ratings=False)
        source_id = project.add_source(source, ratings)
        runs = [project.begin_run(NewRun("als", {}, source_id)) for _ in range(3)]
        project.add_entry("evaluation", as_dict(found), runs[0].id)
        project.add_entry("evaluation", {"rows": "damaged"}, runs[1].id)
        model = driven.model.project
        model.set_project(project, project.runs())
        for run, is_kept in zip(runs, (True, False, False), strict=True):
            model.set_shown(run.id)
            assert driven.panel.view.isVisible() == is_kept
    finally:
        project.close()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_in_the_window_folds_are_runs_of_the_project(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=30_000)
    for name, value in {"n_epochs": 2, "n_factors": 4, "patience": 0, "refit": False}.items():
        window.setup_panel.form.set_value(name, value)
    window.layout_.show("evaluation")
    panel: Any = window.panels["evaluation"]
    qtbot.waitUntil(panel.tools.cross_validate.isEnabled)
    panel.tools.fields["n_folds"].set_value(2)
    panel.tools.cross_validate.click()
    qtbot.waitUntil(lambda: panel.view.title.text().endswith("mean of 2 folds"), timeout=60_000)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    project = window.run_model.project.project
    assert project is not None
    assert [info.origin.get("fold") for info in project.runs()] == [1, 2]
    entry, = project.entries("cross_validation")
    assert entry.body["is_whole"]
