"""``mfgui train --project`` and ``mfgui runs``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.cli import main
from mfgui.store.model_file import open_model
from mfgui.store.project import open_project

Out = pytest.CaptureFixture[str]


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path / "ratings.csv"
    rows = [f"{n:03},{m},{rng.integers(1, 6)}" for n in range(30) for m in range(20)
            if rng.random() < 0.5]
    path.write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def project(ratings_file: Path, capsys: Out) -> str:
    """Return the path of a project with three runs."""
    path = str(ratings_file.parent / "P.mfgui")
    common = ["train", str(ratings_file), "--project", path]
    assert main([*common, "--n-epochs", "3", "--name", "first try", "--n-factors", "8"]) == 0
    assert main([*common, "--solver", "sgd", "--n-epochs", "4", "--biases"]) == 0
    assert main([*common, "--solver", "sgd", "--n-epochs", "4", "--test", str(ratings_file)]) == 0
    capsys.readouterr()
    return path


def last_json(capsys: Out) -> Any:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_run_is_recorded_with_the_figures_that_are_printed(
    ratings_file: Path, tmp_path: Path, capsys: Out
) -> None:
    path = tmp_path / "new.mfgui"
    assert main(["train", str(ratings_file), "--project", str(path), "--n-epochs", "2",
                 "--json"]) == 0
    told = capsys.readouterr()
    assert "Run 1 of the project" in told.err
    project = open_project(path, mode="read")
    assert project.run(1).summary == json.loads(told.out)
    assert project.run(1).status == "finished"
    project.close()


def test_the_list_shows_the_settings_that_differ(project: str, capsys: Out) -> None:
    assert main(["runs", "--project", project]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "P.mfgui: 3 runs"
    heading = lines[1].split()
    assert {"run", "name", "solver", "n_epochs", "biases", "status", "RMSE"} <= set(heading)
    assert "seed" not in heading  # the same in all
    assert lines[2].split()[:4] == ["1", "first", "try", "adagrad"]
    assert lines[4].split()[:2] == ["3", "sgd"]


def test_the_list_and_a_run_as_json(project: str, capsys: Out) -> None:
    assert main(["runs", "--project", project, "--json"]) == 0
    found = last_json(capsys)
    assert [(run["number"], run["solver"], run["status"]) for run in found] == [
        (1, "adagrad", "finished"), (2, "sgd", "finished"), (3, "sgd", "finished")]
    assert main(["runs", "--project", project, "show", "3", "--json"]) == 0
    run = last_json(capsys)
    assert [record["epoch"] for record in run["history"]] == [0, 1, 2, 3, 4]
    assert run["source"]["origin"] == "file"
    assert run["summary"]["test_rmse"] > 0
    assert run["card"]["versions"]["numpy"] == np.__version__


def test_a_run_is_shown_by_number_or_name(project: str, capsys: Out) -> None:
    told = []
    for word in ("1", "first try"):
        assert main(["runs", "--project", project, "show", word]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert told[0].startswith("Run 1 (first try): adagrad, finished, 8 records")
    for words in ("validation RMSE", "n_factors", "checksum", "versions", "ratings.csv"):
        assert words in told[0]
    assert main(["runs", "--project", project, "show", "7"]) == 1
    assert "has no run 7" in capsys.readouterr().err


def test_a_deleted_run_is_gone_and_its_number_not_given_again(
    project: str, ratings_file: Path, capsys: Out
) -> None:
    assert main(["runs", "--project", project, "delete", "3"]) == 0
    assert "Run 3 was deleted" in capsys.readouterr().out
    assert main(["train", str(ratings_file), "--project", project, "--n-epochs", "1"]) == 0
    capsys.readouterr()
    assert main(["runs", "--project", project, "--json"]) == 0
    assert [run["number"] for run in last_json(capsys)] == [1, 2, 4]


def test_the_model_of_a_run_is_written_as_any_model(
    project: str, ratings_file: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ratings_file.parent)
    assert main(["runs", "--project", project, "export", "1"]) == 0
    assert main(["train", str(ratings_file), "--n-epochs", "3", "--n-factors", "8", "--save",
                 "same.npz"]) == 0
    one, other = open_model("run-1.npz"), open_model("same.npz")
    np.testing.assert_array_equal(one.model.user_factors, other.model.user_factors)
    assert one.known is not None
    times = ("train_seconds", "seconds_per_epoch")
    assert {key: value for key, value in one.card["summary"].items() if key not in times} == {
        key: value for key, value in other.card["summary"].items() if key not in times}
    assert one.card["import_report"]["n_ratings"] == other.card["import_report"]["n_ratings"]
    ratings_file.rename("moved.csv")
    capsys.readouterr()
    assert main(["runs", "--project", project, "export", "2", "other.npz"]) == 0
    told = capsys.readouterr()
    assert "--locate FILE" in told.err
    assert open_model("other.npz").known is None
    assert main(["runs", "--project", project, "export", "2", "third.npz", "--locate",
                 "moved.csv"]) == 0
    assert open_model("third.npz").known is not None


def test_a_finished_run_is_trained_on_from(
    project: str, ratings_file: Path, tmp_path: Path, capsys: Out
) -> None:
    assert main(["train", "--project", project, "--continue", "2", "--n-epochs", "3",
                 "--save", str(tmp_path / "on.npz")]) == 0
    assert main(["train", str(ratings_file), "--solver", "sgd", "--n-epochs", "7", "--biases",
                 "--save", str(tmp_path / "whole.npz")]) == 0
    one, other = open_model(tmp_path / "on.npz"), open_model(tmp_path / "whole.npz")
    np.testing.assert_array_equal(one.model.user_factors, other.model.user_factors)
    capsys.readouterr()
    assert main(["runs", "--project", project, "show", "4"]) == 0
    assert "trained on from run 2" in capsys.readouterr().out


def test_a_fold_that_is_trained_on_is_saved_with_the_ratings_that_it_was_given(
    ratings_file: Path, tmp_path: Path, capsys: Out
) -> None:
    project = str(tmp_path / "P.mfgui")
    assert main(["cross-validate", str(ratings_file), "--folds", "3", "--n-epochs", "2",
                 "--project", project]) == 0
    assert main(["train", "--project", project, "--continue", "2", "--n-epochs", "1", "--json",
                 "--save", str(tmp_path / "on.npz")]) == 0
    figures = last_json(capsys)
    assert main(["runs", "--project", project, "export", "4", str(tmp_path / "run.npz")]) == 0
    one, other = open_model(tmp_path / "on.npz"), open_model(tmp_path / "run.npz")
    assert one.known is not None
    assert other.known is not None
    assert one.known.ratings.n_ratings == other.known.ratings.n_ratings == figures["n_ratings"]
    np.testing.assert_array_equal(one.known.is_held_out, other.known.is_held_out)
    np.testing.assert_array_equal(one.known.ratings.value, other.known.ratings.value)


def test_what_is_no_option_of_a_run_that_goes_on_is_named(project: str, capsys: Out) -> None:
    for words, said in ((["--solver", "als"], "leave --solver als out"),
                        (["--n-epochs", "0"], "'0' is no whole number from 1")):
        with pytest.raises(SystemExit) as stop:
            main(["train", "--project", project, "--continue", "1", *words])
        assert stop.value.code == 2
        assert said in capsys.readouterr().err


def test_changed_and_moved_ratings_refuse_to_go_on(
    project: str, ratings_file: Path, capsys: Out
) -> None:
    go_on = ["train", "--project", project, "--continue", "2", "--n-epochs", "1"]
    text = ratings_file.read_text()
    ratings_file.write_text(text + "999,1,5\n")
    assert main(go_on) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "has changed" in line
    moved = ratings_file.with_name("moved.csv")
    moved.write_text(text)
    ratings_file.unlink()
    assert main(go_on) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "--locate FILE" in line
    assert main([*go_on, "--locate", str(moved)]) == 0


def test_what_does_not_go_together_is_said(project: str, ratings_file: Path, capsys: Out) -> None:
    for words, said in (
            (["runs"], "--project"),
            (["runs", "--project", project, "show"], "needs a RUN"),
            (["runs", "--project", project, "show", "1", "out.npz"], "goes with export"),
            (["runs", "--project", project, "paint", "1"], "invalid choice"),
            (["train", str(ratings_file), "--name", "x"], "--project"),
            (["train", "--continue", "1"], "--project"),
            (["train", "--project", project, "--continue", "1", "--n-epochs", "0"], "--n-epochs"),
            (["train", "--project", project, "--continue", "1", "--n-factors", "3"],
             "--n-factors")):
        with pytest.raises(SystemExit) as stop:
            main(words)
        assert stop.value.code == 2
        assert said in capsys.readouterr().err
    assert main(["runs", "--project", project + ".no"]) == 1
    assert main(["train", "--project", project + ".no", "--continue", "1"]) == 1
    assert not Path(project + ".no").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal for one process")
def test_an_interrupt_stops_in_order_and_the_run_is_kept_as_stopped(tmp_path: Path) -> None:
    path = tmp_path / "P.mfgui"
    with subprocess.Popen(
            [sys.executable, "-m", "mfgui", "train", "--sample", "--project", str(path), "--json",
             "--n-epochs", "1000000", "--patience", "0", "--n-factors", "8"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert child.stdout is not None
        assert "Run 1 of the project" in child.stderr.readline()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            reading = open_project(path, mode="read")
            n_records = len(reading.history(1))
            reading.close()
            if n_records > 3:
                break
        os.kill(child.pid, signal.SIGINT)
        figures = json.loads(child.stdout.read())
    assert child.returncode == 0
    assert figures["stopped_because"] == "stopped"
    project = open_project(path)
    info = project.run(1)
    assert (info.status, info.roles) == ("stopped", ("result", "state"))
    assert info.last_epoch == figures["kept_epoch"]
    project.close()
    assert [each.name for each in tmp_path.iterdir()] == ["P.mfgui"]
    assert main(["train", "--project", str(path), "--continue", "1", "--n-epochs", "2"]) == 0
    project = open_project(path, mode="read")
    assert project.run(1).status == "finished"
    assert project.run(1).summary["kept_epoch"] == figures["kept_epoch"] + 2
    project.close()


def test_a_run_is_printed_as_command_and_script_and_done_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "P.mfgui"
    assert main(["train", "--sample", "--solver", "sgd", "--n-epochs", "2", "--n-factors", "2",
                 "--project", str(project), "--json"]) == 0
    mark = json.loads(capsys.readouterr().out)["fingerprint"]

    def told(action: str) -> str:
        assert main(["runs", "--project", str(project), action, "1"]) == 0
        return capsys.readouterr().out

    command = told("command")
    assert command.startswith("mfgui train --sample --solver sgd ")
    assert main([*command.split()[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fingerprint"] == mark
    assert mark in told("script")
    assert "to the same model again, to the bit" in told("again")
    assert mark in told("show")


def test_ratings_kept_in_the_project_do_without_their_file(
    ratings_file: Path, capsys: Out
) -> None:
    path = str(ratings_file.parent / "kept.mfgui")
    train = ["train", str(ratings_file), "--n-epochs", "2", "--no-refit"]
    assert main([*train, "--project", path, "--keep-ratings"]) == 0
    ratings_file.unlink()
    go_on = ["train", "--project", path, "--continue", "1", "--n-epochs", "2"]
    assert main(go_on) == 0
    with open_project(path, mode="read") as kept:
        assert kept.sources()[0].has_ratings
        assert len(kept.runs()) == 2
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*train, "--keep-ratings"])
    assert ended.value.code == 2
    assert "--project" in capsys.readouterr().err


def test_more_ratings_than_a_project_keeps_are_told(
    ratings_file: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mfgui.jobs.projects.MOST_KEPT_BYTES", 1000)
    path = str(ratings_file.parent / "kept.mfgui")
    assert main(["train", str(ratings_file), "--n-epochs", "2", "--project", path,
                 "--keep-ratings"]) == 0
    assert "a project keeps up to" in capsys.readouterr().err
    with open_project(path, mode="read") as kept:
        assert not kept.sources()[0].has_ratings
