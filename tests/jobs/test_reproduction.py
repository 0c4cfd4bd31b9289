"""A run by its command and by its script: the same bits, whatever its settings and its history."""

from __future__ import annotations

import contextlib
import io
import json
import math
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import cli, jobs
from mfgui.core.control import Control
from mfgui.core.settings import SettingInfo, describe, does_apply
from mfgui.core.solvers import SOLVERS
from mfgui.data.options import ReadOptions
from mfgui.errors import CancelledError, ProjectError
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source, open_or_create
from mfgui.jobs.recording import RunRecord
from mfgui.jobs.reproducibility import reproducibility
from mfgui.jobs.reproduction import command_of
from mfgui.jobs.run_script import script_of
from mfgui.jobs.search import SearchPlan, SearchRecord
from mfgui.jobs.train import check
from mfgui.store.project import Project, RunInfo
from mfgui.training.events import EpochRecord
from mfgui.training.search_words import space_from

READING = ReadOptions(delimiter="tab", columns="user=1,item=2,rating=3,time=4", missing="-9.5",
                      duplicates="first")
N_VARIANTS = 7
UNEVEN = 0.1 + 0.2  # takes 17 digits to write
INTS = {"n_epochs": 4, "n_members": 2, "n_factors": 3, "seed": 2**31 - 1, "n_threads": 2,
        "patience": 2, "n_left_out": 2, "batch_size": 7}


def last(events: Iterator[Any]) -> Any:
    *_, result = events
    return result


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    """Return a file of 40 x 24 ratings with times, its name full of signs of a shell."""
    rng = np.random.default_rng(5)
    folder = tmp_path / "it's $HOME & `more` \"quotes\""
    folder.mkdir()
    path = folder / "-films; #1\n(2).tsv"
    lines = [f"u{n}\ti{m}\t{rng.integers(1, 6)}\t{rng.integers(1, 10**6)}"
             for n in range(40) for m in range(24) if rng.random() < 0.6]
    lines += ["u0\ti23\t-9.5\t17", "u1\ti1\t3\t1", "u1\ti1\t5\t2"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def opened(ratings_file: Path) -> OpenedRatings:
    return last(jobs.open_file(Control(), ratings_file, READING))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = open_or_create(tmp_path / "films.mfgui")
    yield project
    project.close()


def variant(solver: str, k: int) -> dict[str, Any]:
    """Return settings that differ from the defaults wherever they can, in the k-th way."""
    infos = describe(SOLVERS[solver].settings_type)
    values = {info.name: other_value(info, k) for info in infos}
    return {info.name: values[info.name] for info in infos if does_apply(info, values)}


def other_value(info: SettingInfo, k: int) -> Any:
    """Return a value that is not the default, as far as there is another."""
    if info.choices:
        return list(info.choices)[k % len(info.choices)]
    if info.kind is bool:
        return (info.default + k) % 2 == 0
    if info.is_optional and k % 3 == 1:
        return None
    if info.kind is int:
        return INTS.get(info.name, min(int(info.default or 1) + 1, 5))
    value = (info.default or 0.05) * (1 + UNEVEN / (k + 2)) + 1e-9
    low, high = info.minimum or 0.0, info.maximum or math.inf
    return min(max(value, low + (1e-6 if info.is_open else 0.0)), high)


def recorded(
    project: Project, opened: OpenedRatings, solver: str, *, start: Any = None,
    stop_at: tuple[int, int] | None = None, continued_from: int | None = None,
    test: OpenedRatings | None = None, options: ReadOptions | None = READING, **settings: Any,
) -> tuple[RunInfo, Any]:
    """Train a run of the project; return it and its result."""
    kind = SOLVERS[solver].settings_type
    source = keep_source(project, opened, options)
    test_source = None if test is None else keep_source(project, test, options, is_test=True)
    control, result = Control(), None
    for event in jobs.train(
            control, solver, kind(**{"n_epochs": 4, **settings}), opened.ratings, start=start,
            test=None if test is None else test.ratings,
            record=RunRecord(project, source, test_source, continued_from=continued_from)):
        result = event
        if isinstance(event, EpochRecord) and (event.segment, event.epoch) == stop_at:
            control.stop()
    return project.runs()[-1], result


def by_command(command: str) -> str:
    """Return the fingerprint that a command prints."""
    words = shlex.split(command)
    assert words[:2] == ["mfgui", "train"]
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert cli.main([*words[1:], "--json"]) == 0
    mark = json.loads(told.getvalue())["fingerprint"]
    assert isinstance(mark, str)
    return mark


def by_script(project: Project, run: RunInfo) -> str:
    """Run a script; return the fingerprint it prints, once it said that the bits are the same."""
    script = script_of(project, run, str(run.summary["fingerprint"]))
    told = io.StringIO()
    with contextlib.redirect_stdout(told), pytest.raises(SystemExit) as ended:
        exec(compile(script, "again.py", "exec"), {"__name__": "__main__"})
    lines = told.getvalue().splitlines()
    assert ended.value.code == 0, lines[-1]
    assert lines[-1] == "the same bits"
    return lines[-2]


def check_again(project: Project, run: RunInfo, **kept: Any) -> None:
    """Run a run again and look that the bits are the same, as its card then says."""
    again = last(jobs.run_again(Control(), project, run.id, **kept))
    assert again.is_same, again.text
    assert again.first_epoch is None, again.text
    assert again.text in reproducibility(project, run.id).again[0]


@pytest.mark.parametrize("k", range(N_VARIANTS))
@pytest.mark.parametrize("solver", SOLVERS)
def test_command_script_and_job_come_to_the_same_bits_with_any_settings(
    solver: str, k: int, project: Project, opened: OpenedRatings
) -> None:
    settings = variant(solver, k)
    check(solver, SOLVERS[solver].settings_type(**settings), opened.ratings)
    run, _ = recorded(project, opened, solver, **settings)
    mark = run.summary["fingerprint"]
    assert by_command(command_of(project, run)) == mark
    assert by_script(project, run) == mark
    check_again(project, run, ratings=opened.ratings)


def test_the_variants_take_every_choice_and_switch_of_every_solver() -> None:
    for solver, kind in SOLVERS.items():
        tried = [kind.settings_type(**variant(solver, k)) for k in range(N_VARIANTS)]
        for info in describe(kind.settings_type):
            values = {getattr(each, info.name) for each in tried}
            assert set(info.choices) <= values, (solver, info.name)
            if info.kind is bool and not info.applies:
                assert values == {True, False}, (solver, info.name)
            assert not info.is_optional or None in values, (solver, info.name)


def test_every_setting_that_may_be_empty_has_a_word_for_it() -> None:
    for kind in SOLVERS.values():
        for info in describe(kind.settings_type):
            assert info.is_findable or not info.is_optional, (kind.name, info.name)


def test_a_test_file_goes_with_the_command_and_the_script(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    path = tmp_path / "test.tsv"
    path.write_text("u0\ti23\t3\t5\nu2\ti1\t4\t5\n", encoding="utf-8")
    test = last(jobs.open_file(Control(), path, READING))
    run, _ = recorded(project, opened, "adagrad", test=test)
    command = command_of(project, run)
    assert f"--test {path}" in command
    assert by_command(command) == by_script(project, run) == run.summary["fingerprint"]
    check_again(project, run)  # it opens both itself


def test_a_test_file_that_was_read_otherwise_needs_the_script(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    path = tmp_path / "test.csv"
    path.write_text("user,item,rating\nu0,i23,3\nu2,i1,4\n", encoding="utf-8")
    test = last(jobs.open_file(Control(), path))
    source = keep_source(project, opened, READING)
    kind = SOLVERS["als"].settings_type
    last(jobs.train(
        Control(), "als", kind(n_epochs=2), opened.ratings, test=test.ratings,
        record=RunRecord(project, source, keep_source(project, test, is_test=True))))
    run = project.runs()[-1]
    with pytest.raises(ProjectError, match="read by other options"):
        command_of(project, run)
    by_script(project, run)


def test_odd_reading_options_go_with_the_command_and_the_script(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "odd.txt"
    rng = np.random.default_rng(1)
    head = "wer'$1§was \"x\"§-wie viel"
    lines = [f"{n:03}§ü{m}§{rng.integers(-3, 3)},5" for n in range(20) for m in range(12)]
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    options = ReadOptions(
        delimiter="§", header=True, encoding="utf-8", decimal="comma", minimum=-2.5,
        zeros="missing",
        columns={"user": "wer'$1", "item": 'was "x"', "rating": "-wie viel"},
        binarize=-1.5, min_ratings_per_user=2, missing="")
    opened = last(jobs.open_file(Control(), path, options))
    assert opened.ratings.n_ratings > 100
    run, _ = recorded(project, opened, "implicit-als", options=options, n_factors=2)
    command = command_of(project, run)
    assert "--minimum=-2.5" in command
    assert by_command(command) == by_script(project, run) == run.summary["fingerprint"]


@pytest.mark.parametrize(("solver", "stop_at", "settings"), [
    ("sgd", (0, 3), {"n_epochs": 5000}),
    ("adagrad", (1, 2), {"n_epochs": 6, "refit": True}),
    ("average", (1, 2), {"n_members": 3, "n_epochs": 5}),
    ("adagrad", (0, 5), {"n_epochs": 50, "patience": 20, "refit": False}),
])
def test_a_run_that_was_stopped_is_stopped_again(
    solver: str, stop_at: tuple[int, int], settings: dict[str, Any], project: Project,
    opened: OpenedRatings,
) -> None:
    run, _ = recorded(project, opened, solver, stop_at=stop_at, **settings)
    if run.status == "stopped":
        with pytest.raises(ProjectError, match="stopped by hand"):
            command_of(project, run)
    by_script(project, run)
    check_again(project, run, ratings=opened.ratings)


def test_a_stopped_run_that_went_on_is_as_one_that_never_stopped(
    project: Project, opened: OpenedRatings
) -> None:
    run, _ = recorded(
        project, opened, "adagrad", stop_at=(0, 3), n_epochs=50_000, refit=False, patience=0)
    stood = run.last_epoch
    last(jobs.continue_run(Control(), project, run.id, opened.ratings, n_epochs=5))
    run = project.run(run.id)
    assert (run.status, run.settings["n_epochs"]) == ("finished", stood + 5)
    assert by_command(command_of(project, run)) == run.summary["fingerprint"]
    by_script(project, run)
    names = [name for name, _ in reproducibility(project, run.id).lines]
    assert "went on" in names


@pytest.mark.parametrize("parent", ["finished", "stopped"])
@pytest.mark.parametrize("child", ["adagrad", "als", "svd++"])
def test_a_run_trained_on_from_another_is_replayed_through_its_chain(
    parent: str, child: str, project: Project, opened: OpenedRatings
) -> None:
    first, result = recorded(
        project, opened, "adagrad", n_epochs=6, n_factors=4, refit=False,
        stop_at=(0, 3) if parent == "stopped" else None)
    run, _ = recorded(project, opened, child, n_factors=4, refit=False, start=result,
                      continued_from=first.id)
    by_script(project, run)
    check_again(project, run, ratings=opened.ratings)
    if parent == "stopped":  # the first one goes on itself, which changes nothing of the second
        last(jobs.continue_run(Control(), project, first.id, opened.ratings))
        assert project.run(first.id).status in ("finished", "early_stopping")
        by_script(project, run)
    card = reproducibility(project, run.id)
    assert "earlier run" in card.why_no_command
    assert any(name == "trained on from" and "run 1, AdaGrad" in text for name, text in card.lines)


def test_a_run_from_a_model_of_no_project_says_why_not(
    project: Project, opened: OpenedRatings
) -> None:
    kind = SOLVERS["sgd"].settings_type
    result = last(jobs.train(Control(), "sgd", kind(n_epochs=2), opened.ratings))
    run, _ = recorded(project, opened, "sgd", start=result)
    card = reproducibility(project, run.id)
    assert not card.command
    assert not card.script
    assert "not in the project" in card.why_not_again


def test_a_fold_is_done_again_with_the_ratings_it_was_given(
    project: Project, opened: OpenedRatings
) -> None:
    kind = SOLVERS["adagrad"].settings_type
    last(jobs.cross_validate(
        Control(), "adagrad", kind(n_epochs=3, n_factors=3), opened.ratings, n_folds=3,
        project=project, source_id=keep_source(project, opened, READING)))
    run = project.runs()[1]
    with pytest.raises(ProjectError, match="one fold less"):
        command_of(project, run)
    by_script(project, run)
    check_again(project, run, ratings=opened.ratings)
    last(jobs.continue_run(Control(), project, run.id, opened.ratings, n_epochs=2))
    by_script(project, project.runs()[-1])


@pytest.mark.parametrize("holdout", [0.0, 0.2])
def test_trials_of_a_search_are_done_again_without_it(
    holdout: float, project: Project, opened: OpenedRatings
) -> None:
    kind = SOLVERS["adagrad"].settings_type
    plan = SearchPlan(
        "adagrad", kind(n_epochs=4, n_factors=3), space_from("learning_rate=0.01:0.5:log", kind),
        n_trials=3)
    last(jobs.find_settings(
        Control(), plan, opened.ratings, holdout=holdout,
        record=SearchRecord(project, keep_source(project, opened, READING))))
    run = project.runs()[-1]
    if holdout:
        with pytest.raises(ProjectError, match="a share set aside"):
            command_of(project, run)
    else:
        assert by_command(command_of(project, run)) == run.summary["fingerprint"]
    by_script(project, run)
    check_again(project, run, ratings=opened.ratings)
    project.drop_tree(run.id, "result")
    project.writer.flush()  # type: ignore[union-attr]
    check_again(project, project.run(run.id))  # by the fingerprint alone
    other = project.runs()[1]
    last(jobs.continue_run(Control(), project, other.id, opened.ratings, n_epochs=2))
    by_script(project, project.runs()[-1])


def test_a_run_without_factors_and_fingerprint_says_why_it_cannot_be_compared(
    project: Project, opened: OpenedRatings
) -> None:
    run, _ = recorded(project, opened, "als")
    project.drop_tree(run.id, "result")
    project.change_run(run.id, summary={})
    project.writer.flush()  # type: ignore[union-attr]
    card = reproducibility(project, run.id)
    assert card.script
    assert "no factors to compare with" in card.why_not_again
    with pytest.raises(ProjectError, match="no factors"):
        last(jobs.run_again(Control(), project, run.id, opened.ratings))


def test_other_versions_are_named_where_the_bits_differ(
    project: Project, opened: OpenedRatings
) -> None:
    run, _ = recorded(project, opened, "als")
    versions = {**run.card["versions"], "numpy": "1.0"}
    project.change_run(run.id, card={**run.card, "versions": versions},
                       summary={**run.summary, "fingerprint": f"sha256:{'0' * 64}"})
    project.drop_tree(run.id, "result")
    project.writer.flush()  # type: ignore[union-attr]
    again = last(jobs.run_again(Control(), project, run.id, opened.ratings))
    assert not again.is_same
    assert "numpy 1.0 then" in again.text
    told = io.StringIO()
    script = script_of(project, project.run(run.id), f"sha256:{'0' * 64}")
    with contextlib.redirect_stdout(told), pytest.raises(SystemExit) as ended:
        exec(compile(script, "again.py", "exec"), {"__name__": "__main__"})
    assert ended.value.code == 1
    assert "numpy 1.0 then" in told.getvalue()


def test_run_again_stops_when_it_is_asked_to(project: Project, opened: OpenedRatings) -> None:
    run, _ = recorded(project, opened, "sgd", n_epochs=3000)
    control = Control()
    events = jobs.run_again(control, project, run.id, opened.ratings)
    for event in events:
        if isinstance(event, EpochRecord) and event.epoch == 2:
            break
    control.stop()
    with pytest.raises(CancelledError):
        last(events)
    assert not project.entries("again")


def test_the_bar_of_run_again_never_goes_back(project: Project, opened: OpenedRatings) -> None:
    run, _ = recorded(project, opened, "average", n_members=2, n_epochs=3)
    control, seen = Control(), [0.0]
    for _ in jobs.run_again(control, project, run.id, opened.ratings):
        fraction = control.progress.fraction
        seen += [] if fraction is None else [fraction]
    assert seen == sorted(seen)
    assert 0.7 < seen[-1] <= 1
    assert replace(control.progress).text.startswith("epoch")
