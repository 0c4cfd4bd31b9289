"""``mfgui search``: ranges as options, a project to keep trials in, going on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.cli import main
from mfgui.store.model_file import open_model
from mfgui.store.project import open_project

SMALL = ["--n-epochs", "4", "--n-factors", "3", "--space", "n_factors=1:6,regularization"]


@pytest.fixture(scope="module")
def ratings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("cli") / "ratings.csv"
    rows = [f"{n:03},{m},{rng.integers(1, 6)}" for n in range(30) for m in range(20)
            if rng.random() < 0.5]
    path.write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    return path


def found(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["search", *words, "--json"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    return json.loads(out)


def test_a_search_tells_its_best_trials_and_what_they_are_worth(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", str(ratings_file), *SMALL, "--trials", "14"]) == 0
    out, told = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["trial", "validation", "RMSE"]
    assert lines[11] == "  and 4 more"
    assert lines[12].startswith("14 trials in ")
    assert lines[13].startswith("Best ")
    assert "looks better than it is" in lines[14]
    assert "14 trials, the first as the settings stand." in told


def test_the_same_seed_gives_the_same_on_any_number_of_threads(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(ratings_file), *SMALL, "--trials", "10", "--prune"]
    one, three, other = (
        [(each["settings"], each["validation_rmse"], each["status"]) for each in
         found([*words, *more], capsys)["trials"]]
        for more in (["--n-threads", "1"], ["--n-threads", "3"], ["--seed", "1"]))
    assert one == three
    assert one != other


def test_a_grid_tells_how_many_trials_it_has_before_it_begins(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["search", str(ratings_file), "--n-epochs", "2", "--method", "grid", "--space",
             "n_factors=2,3,biases=on,off", "--space", "regularization=0.01:0.1:log:3"]
    assert main(words) == 0
    out, told = capsys.readouterr()
    assert "12 combinations and the settings as they stand." in told
    assert "13 trials in" in out


def test_trials_are_kept_in_a_project_and_the_search_goes_on_there(
    ratings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "P.mfgui")
    whole = found([str(ratings_file), *SMALL, "--trials", "9"], capsys)
    first = found([str(ratings_file), *SMALL, "--trials", "5", "--project", path], capsys)
    assert sorted(each["run"] for each in first["trials"]) == [1, 2, 3, 4, 5]
    again = found(["--project", path, "--continue", "--trials", "9"], capsys)
    assert [each["validation_rmse"] for each in again["trials"]] == [
        each["validation_rmse"] for each in whole["trials"]]
    assert again["search"] == first["search"]
    project = open_project(path)
    assert len(project.runs()) == 9
    project.close()


def test_a_share_set_aside_is_measured_on_at_the_end(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = found([str(ratings_file), *SMALL, "--trials", "4", "--holdout", "0.2"], capsys)
    assert result["aside"]["name"] == "rmse"
    assert result["aside"]["trial"] == result["best"]["trial"]
    assert "set aside, which no trial saw" in result["lines"][-1]


def test_the_model_of_the_best_settings_is_trained_on_all_ratings_and_saved(
    ratings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, project = tmp_path / "m.npz", str(tmp_path / "P.mfgui")
    result = found([str(ratings_file), *SMALL, "--trials", "4", "--save", str(path), "--project",
                    project], capsys)
    saved = open_model(path)
    assert saved.card["settings"]["n_factors"] == result["best"]["settings"]["n_factors"]
    assert saved.card["summary"]["is_refit"]
    # Whoever evaluates it is told what chose its settings.
    assert saved.card["origin"] == {
        "search": result["search"], "best_trial": result["best"]["trial"]}
    opened = open_project(project)
    assert opened.runs()[-1].origin == {
        "search": result["search"], "best_trial": result["best"]["trial"]}
    opened.close()


@pytest.mark.parametrize(("text", "words"), [("90s", True), ("2m", True), ("1.5h", True),
                                             ("3", True), ("soon", False), ("10x", False)])
def test_a_time_has_a_unit_or_is_in_minutes(
    text: str, words: bool, ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["search", str(ratings_file), *SMALL, "--time", text, "--trials", "2"]
    if words:
        assert main(line) == 0
        return
    with pytest.raises(SystemExit) as caught:
        main(line)
    assert caught.value.code == 2
    assert "is no time" in capsys.readouterr().err


@pytest.mark.parametrize(("more", "words"), [
    (["--space", "seed=1,2"], "cannot be searched"),
    (["--space", "n_factors=9:1"], "empty"),
    (["--trials", "0"], "at least 1"),
    (["--validation", "0"], "held-out ratings"),
    (["--holdout", "0.9"], "set aside"),
    (["--method", "grid", "--space", "n_factors=1:999:linear:999,damping=1:999:linear:999"],
     "at most 100,000"),
])
def test_what_cannot_be_is_said_in_one_line(
    more: list[str], words: str, ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", str(ratings_file), *more]) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mfgui:")]
    assert words in told[-1]


def test_going_on_needs_a_project_that_holds_a_search(
    ratings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["search", "--continue"])
    assert "--project" in capsys.readouterr().err
    path = str(tmp_path / "P.mfgui")
    assert main(["search", str(ratings_file), *SMALL, "--trials", "1", "--project", path]) == 0
    assert main(["search", "--project", path, "--continue", "77"]) == 1
    assert "no search 77: it has 1." in capsys.readouterr().err


def test_a_search_that_goes_on_takes_no_other_settings_and_finds_its_file_where_it_is_now(
    ratings_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, moved = str(tmp_path / "P.mfgui"), tmp_path / "my ratings.csv"
    moved.write_bytes(ratings_file.read_bytes())
    assert main(["search", str(moved), *SMALL, "--trials", "2", "--project", path]) == 0
    for more in (["--n-factors", "8"], ["--method", "grid"], ["--holdout", "0.1"], [str(moved)]):
        with pytest.raises(SystemExit) as caught:
            main(["search", "--project", path, "--continue", "1", "--trials", "3", *more])
        assert caught.value.code == 2
        assert f"leave {' '.join(more)} out" in capsys.readouterr().err
    here = moved.rename(tmp_path / "other name.csv")
    assert main(["search", "--project", path, "--continue", "--trials", "3"]) == 1
    assert "--locate" in capsys.readouterr().err
    again = found(["--project", path, "--continue", "--trials", "3", "--locate", str(here)], capsys)
    assert len(again["trials"]) == 3
