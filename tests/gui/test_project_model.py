"""The runs of a project as the window knows them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.run_looks import run_look
from mfgui.gui.theme import DARK, LIGHT, contrast


@pytest.fixture
def model(kept: Any, qapp: Any) -> ProjectModel:
    kept.add("adagrad", 0.9)
    kept.add("als", 0.8)
    kept.add("sgd", 0.7)
    made = ProjectModel()
    made.set_project(kept.project, kept.project.runs())
    return made


def test_runs_come_by_number_and_have_names_for_people(model: ProjectModel) -> None:
    assert [run.number for run in model.runs] == [1, 2, 3]
    assert [model.label(run.id) for run in model.runs] == ["1 AdaGrad", "2 ALS", "3 SGD"]
    model.rename(2, "  the good one ")
    assert model.label(2) == "2 the good one"
    model.rename(2, "")
    assert model.label(2) == "2 ALS"


def test_what_a_person_changes_is_seen_at_once_and_kept_in_the_file(
    model: ProjectModel, kept: Any, qtbot: QtBot
) -> None:
    with qtbot.waitSignals([model.runs_changed, model.ticks_changed]):
        model.tick(3, True)
    model.star(1, True)
    model.set_note(1, "look again")
    assert model.ticked == (3,)
    kept.project.flush()
    with kept.project._reading() as connection:
        rows = connection.execute(
            "SELECT id, is_ticked, is_starred, note FROM runs ORDER BY id").fetchall()
    assert rows == [(1, 0, 1, "look again"), (2, 0, 0, ""), (3, 1, 0, "")]


def test_a_change_that_is_none_is_not_told(model: ProjectModel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(model.runs_changed):
        model.tick(1, False)
        model.rename(1, "")


def test_deleted_runs_come_back_in_the_order_they_went(model: ProjectModel, kept: Any) -> None:
    model.tick(2, True)
    model.set_shown(2)
    told: list[str] = []
    model.deleted.connect(told.append)
    model.delete([2])
    model.delete([1, 3])
    assert told == ["Run 2 ALS was deleted.", "2 runs were deleted."]
    assert (model.runs, model.ticked, model.shown_run) == ([], (), None)
    assert kept.project.runs() == []
    model.undo_delete()
    assert [run.number for run in model.runs] == [1, 3]
    model.undo_delete()
    assert [run.number for run in model.runs] == [1, 2, 3]
    assert model.ticked == (2,)
    assert not model.can_undo
    assert [run.number for run in kept.project.runs()] == [1, 2, 3]


def test_what_a_search_still_tells_of_a_deleted_run_does_not_bring_it_back(
    model: ProjectModel, kept: Any
) -> None:
    model.delete([2])
    kept.project.change_run(2, status="stopped")  # it was training elsewhere
    model.put(kept.project._state.runs[2])
    assert [run.number for run in model.runs] == [1, 3]
    model.undo_delete()
    assert model.run(2).status == "stopped"  # as it is now, not as it went


def test_a_run_that_trains_is_not_deleted(model: ProjectModel) -> None:
    model.set_running(2)
    model.delete([2])
    assert model.has(2)
    assert not model.can_undo


def test_figures_of_a_run_that_trains_follow_its_records(
    model: ProjectModel, kept: Any, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(model.run_changed) as told:
        model.take_records(1, [kept.record(3, 0.95), kept.record(4, 0.85), kept.record(5, 0.88)])
    assert told.args == [1]
    run = model.run(1)
    assert (run.last_epoch, run.n_records, run.best_validation_rmse) == (5, 6, 0.85)


def test_a_project_that_is_read_only_keeps_nothing_and_deletes_nothing(
    model: ProjectModel, kept: Any, tmp_path: Any
) -> None:
    from mfgui.store.project import open_project

    project = open_project(kept.project.path, "read")
    try:
        model.set_project(project, project.runs())
        assert model.is_read_only
        model.tick(1, True)  # for this window
        assert model.ticked == (1,)
        model.delete([1])
        assert model.has(1)
    finally:
        model.set_project(None)
        project.close()


def test_trouble_is_told_on_the_thread_of_the_window(
    model: ProjectModel, kept: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = kept.project.writer
    with qtbot.waitSignal(model.trouble_changed) as told:
        for callback in writer._trouble_callbacks:
            callback("The disk is full.")
    assert told.args == ["The disk is full."]
    assert model.trouble == "The disk is full."
    with qtbot.waitSignal(model.trouble_changed):
        for callback in writer._trouble_callbacks:
            callback("")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_thirty_runs_in_a_row_are_told_apart_by_more_than_colour(theme: Any) -> None:
    looks = [run_look(number, theme) for number in range(1, 31)]
    assert len(set(looks)) == 30
    for one, other in itertools.pairwise(looks):
        assert one[0] != other[0]
        assert one[1] != other[1]
    assert looks[0] == (theme.series[0], Qt.PenStyle.SolidLine)
    assert all(contrast(colour, theme.base) >= 3 for colour, _ in looks)  # of lines, after WCAG
