"""Two runs of a project beside each other: on the same ratings, and what seeds and settings say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.cli import main
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.errors import CancelledError, ProjectError
from mfgui.jobs.compare import Shown, compare
from mfgui.jobs.compare_runs import ENTRY, RunComparison, compare_runs
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import RunRecord
from mfgui.store.project import Project, create_project, open_project
from mfgui.training.events import RunResult

ALS = "ALS"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = create_project(tmp_path / "P.mfgui")
    yield project
    project.close()


def source(project: Project, ratings: Ratings, *, is_test: bool = False) -> int:
    report = ImportReport(
        None, "typed matrix", ratings.n_ratings, ratings.n_ratings, ratings.n_users,
        ratings.n_items, "", False, (), ratings.scale)
    return keep_source(project, OpenedRatings(ratings, report), origin="text", is_test=is_test)


def run(
    project: Project, ratings: Ratings, solver: str = "als", *, test: Ratings | None = None,
    origin: dict[str, Any] | None = None, **values: Any,
) -> tuple[int, RunResult]:
    """Train on ratings, recorded; return the run's id and its result."""
    settings = SOLVERS[solver].settings_type(
        **{"n_epochs": 4, "n_factors": 4, "patience": 0, **values})
    test_id = None if test is None else source(project, test, is_test=True)
    record = RunRecord(project, source(project, ratings), test_id, origin=origin or {})
    started, *_, result = jobs.train(
        Control(), solver, settings, ratings, test=test, record=record)
    project.writer.flush()  # type: ignore[union-attr]
    return started.run.id, result  # type: ignore[union-attr]


def compared(project: Project, a: int, b: int, ratings: Ratings | None = None) -> RunComparison:
    *_, last = compare_runs(Control(), project, a, b, ratings)
    return last


def test_two_runs_are_measured_on_what_both_held_out_before_their_refits(
    project: Project, planted: Ratings
) -> None:
    a, one = run(project, planted, seed=1, refit=True)
    b, two = run(project, planted, seed=2, refit=True, n_factors=2)
    found = compared(project, a, b, planted)
    figures = found.other.figures
    assert one.held_out is not None
    assert two.held_out is not None
    shared = np.intersect1d(one.held_out, two.held_out)
    assert figures is not None
    assert figures.n_ratings == shared.size > 0
    for result, value in ((one, figures.rmse), (two, figures.other_rmse)):
        assert result.before_refit is not None
        shown = result.before_refit.predict(
            planted.user_index[shared], planted.item_index[shared]).astype(np.float64)
        # float32 predictions, summed in another order
        assert value == pytest.approx(
            np.sqrt(np.mean((shown - planted.value[shared]) ** 2)), rel=1e-5)
    assert "Of both the factors from before the refit" in figures.note
    assert found.opened.info.id == a
    assert found.other.run_ids == (a, b)
    assert (found.other.shown_name, found.other.name) == (f"Run 1 {ALS}", f"Run 2 {ALS}")


def test_a_model_file_gets_the_same_figures_as_its_run(
    project: Project, planted: Ratings, tmp_path: Path
) -> None:
    a, one = run(project, planted, seed=1)
    b, two = run(project, planted, "adagrad", seed=1)
    path = tmp_path / "b.npz"
    list(jobs.save_run(Control(), path, two, planted))
    found = compared(project, a, b)
    opened = found.opened
    assert opened.model is not None
    *_, by_file = compare(Control(), [path], Shown(
        opened.model, opened.ratings, opened.known, opened.before_refit, solver=one.solver,
        settings=opened.info.settings))
    assert found.other.figures is not None
    assert by_file.figures is not None
    assert found.other.figures.paired == by_file.figures.paired
    assert found.other.settings == by_file.settings


def test_turned_round_the_difference_is_the_other_way(project: Project, planted: Ratings) -> None:
    a, _ = run(project, planted, seed=1)
    b, _ = run(project, planted, seed=1, n_factors=1)
    there, back = (compared(project, *pair).other.figures for pair in ((a, b), (b, a)))
    assert there is not None
    assert back is not None
    assert there.paired is not None
    assert back.paired is not None
    assert there.paired.rmse.difference == pytest.approx(-back.paired.rmse.difference)
    assert there.paired.rmse.low == pytest.approx(-back.paired.rmse.high)  # type: ignore[operator]
    assert there.paired.rmse.winner == 0
    assert back.paired.rmse.winner == 1


def test_other_files_are_matched_by_id(project: Project, planted: Ratings) -> None:
    rng = np.random.default_rng(3)
    users = rng.permutation(planted.n_users)
    order = np.lexsort((planted.item_index, np.argsort(users)[planted.user_index]))
    turned = Ratings(
        np.argsort(users)[planted.user_index][order].astype(np.int32), planted.item_index[order],
        planted.value[order], type(planted.user_ids).from_strings(
            planted.user_ids[int(k)] for k in users), planted.item_ids)
    a, one = run(project, planted, seed=1, refit=False)
    b, two = run(project, turned, seed=1, refit=False)
    other = compared(project, a, b).other
    assert one.held_out is not None
    assert two.held_out is not None

    def held(ratings: Ratings, at: Any) -> set[tuple[str, str]]:
        return {(ratings.user_ids[int(n)], ratings.item_ids[int(m)]) for n, m in zip(
            ratings.user_index[at], ratings.item_index[at], strict=True)}

    both = held(planted, one.held_out) & held(turned, two.held_out)
    assert other.figures is not None
    assert other.figures.n_ratings == len(both)
    assert other.settings is not None
    assert other.settings[0].label == "Ratings"


def test_where_nothing_was_held_out_it_says_so(project: Project, planted: Ratings) -> None:
    a, _ = run(project, planted, seed=1, validation=0.0)
    b, _ = run(project, planted, seed=2)
    figures = compared(project, a, b).other.figures
    assert figures is not None
    assert figures.paired is None
    assert "neither figure would be honest" in figures.note


def test_a_test_file_of_both_is_used_where_nothing_was_held_out(
    project: Project, planted: Ratings
) -> None:
    is_test = np.random.default_rng(0).random(planted.n_ratings) < 0.2
    train, test = (planted.take(np.flatnonzero(mask)) for mask in (~is_test, is_test))
    a, _ = run(project, train, seed=1, validation=0.0, test=test)
    b, _ = run(project, train, seed=2, validation=0.0, test=test)
    figures = compared(project, a, b).other.figures
    assert figures is not None
    assert figures.n_ratings == test.n_ratings


def test_seeds_of_both_settings_are_set_beside_it(project: Project, planted: Ratings) -> None:
    ones = [run(project, planted, seed=seed) for seed in (1, 2, 3)]
    others = [run(project, planted, seed=seed, n_factors=2) for seed in (1, 2)]
    run(project, planted, seed=7, n_factors=2, origin={"fold": 1, "n_folds": 3})
    spread = compared(project, ones[0][0], others[1][0]).other.seeds
    assert spread is not None
    assert (spread.n, spread.other_n, spread.n_paired) == (3, 2, 2)
    assert spread.mean == pytest.approx(np.mean([result.validation_rmse for _, result in ones]))
    assert not spread.is_same


def test_two_seeds_of_the_same_settings_are_said_to_differ_by_chance(
    project: Project, planted: Ratings
) -> None:
    (a, _), (b, _) = (run(project, planted, seed=seed) for seed in (1, 2))
    other = compared(project, a, b).other
    assert other.seeds is not None
    assert other.seeds.is_same
    assert [each.label for each in other.settings or ()] == ["Seed"]


def test_what_flatters_one_of_them_is_told(project: Project, planted: Ratings) -> None:
    a, _ = run(project, planted, seed=1, origin={"search": 1, "trial": 3})
    b, _ = run(project, planted, seed=1, patience=2)
    caveats = " ".join(compared(project, a, b).other.caveats)
    assert f"Run 1 {ALS} is of a search" in caveats
    assert f"Run 2 {ALS} kept the epoch that was best" in caveats


def test_the_result_is_kept_once_for_the_same_two(project: Project, planted: Ratings) -> None:
    (a, _), (b, _) = (run(project, planted, seed=seed) for seed in (1, 2))
    for _ in range(2):
        compared(project, a, b)
    entry, = project.entries(ENTRY)
    assert (entry.body["run"], entry.body["other_run"]) == (a, b)
    assert "Of these two trained models" in " ".join(entry.body["sentences"])
    json.dumps(entry.body, allow_nan=False)


def test_a_read_only_project_is_compared_and_keeps_nothing(
    tmp_path: Path, planted: Ratings
) -> None:
    project = create_project(tmp_path / "P.mfgui")
    (a, _), (b, _) = (run(project, planted, seed=seed) for seed in (1, 2))
    project.close()
    again = open_project(tmp_path / "P.mfgui", mode="read")
    try:
        assert compared(again, a, b).other.figures is not None
        assert again.entries(ENTRY) == []
    finally:
        again.close()


def test_what_cannot_be_compared_is_refused_in_a_sentence(
    project: Project, planted: Ratings
) -> None:
    a, _ = run(project, planted, seed=1)
    b, _ = run(project, planted, seed=2)
    with pytest.raises(ProjectError, match="with itself"):
        compared(project, a, a)
    project.change_run(b, status="running")
    with pytest.raises(ProjectError, match="is being trained"):
        compared(project, a, b)
    project.change_run(b, status="finished")
    for role in project.run(b).roles:
        project.drop_tree(b, role)
    project.writer.flush()  # type: ignore[union-attr]
    with pytest.raises(ProjectError, match=f"No factors of Run 2 {ALS} are kept"):
        compared(project, a, b)


def test_it_ends_where_it_is_stopped(project: Project, planted: Ratings) -> None:
    (a, _), (b, _) = (run(project, planted, seed=seed) for seed in (1, 2))
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        list(compare_runs(control, project, a, b, planted))


# -- the command line -----------------------------------------------------------------------------


def test_runs_are_compared_on_the_command_line(
    tmp_path: Path, planted: Ratings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "P.mfgui"
    project = create_project(path)
    run(project, planted, seed=1)
    second, _ = run(project, planted, seed=1, n_factors=1)
    project.change_run(second, name="short one")
    project.close()
    assert main(["compare", "--project", str(path), "1", "short one"]) == 0
    told = capsys.readouterr().out
    assert f"A: Run 1 {ALS}  RMSE" in told
    assert "Of these two trained models A is better by" in told
    assert "Factors: 4, 1" in told
    assert "Users that A is better at" in told
    assert main(["compare", "--project", str(path), "1", "2", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["better"] == "a"
    assert figures["rmse"]["low"] <= figures["rmse"]["difference"] <= figures["rmse"]["high"] < 0
    assert figures["users"]["a_better"][0]["id"] in list(planted.user_ids)
    assert main(["compare", "--project", str(path), "1", "nine"]) == 1
    assert "nine" in capsys.readouterr().err


def test_model_files_are_compared_on_the_command_line(
    project: Project, planted: Ratings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for k, epochs in enumerate((4, 1)):
        _, result = run(project, planted, seed=1, n_epochs=epochs)
        paths.append(str(tmp_path / f"{k}.npz"))
        list(jobs.save_run(Control(), paths[-1], result, planted))
    assert main(["compare", *paths]) == 0
    assert "A: 0.npz  RMSE" in capsys.readouterr().out
    test = tmp_path / "test.csv"
    first = planted.user_ids[0]
    rated = set(planted.item_index[planted.user_index == 0].tolist())
    free = [planted.item_ids[m] for m in range(planted.n_items) if m not in rated]
    test.write_text("user,item,rating\n" + "".join(f"{first},{item},1\n" for item in free))
    assert main(["compare", *paths, str(test), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_ratings"] == len(free)
    with pytest.raises(SystemExit) as error:
        main(["compare", paths[0]])
    assert error.value.code == 2
    assert "name two models" in capsys.readouterr().err
