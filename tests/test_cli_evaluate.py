"""``mfgui evaluate`` and ``mfgui cross-validate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mfgui.cli import main
from mfgui.jobs.evaluation_words import from_dict
from mfgui.store.project import open_project
from tests.jobs.test_cross_validate_job import some_ratings


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Return a ratings file, and one of other ratings of the same users and items."""
    ratings = some_ratings()
    rows = list(zip(ratings.user_index.tolist(), ratings.item_index.tolist(),
                    ratings.value.tolist(), strict=True))
    paths = []
    for name, part in (("train.csv", [row for k, row in enumerate(rows) if k % 4]),
                       ("test.csv", rows[::4])):
        path = tmp_path / name
        path.write_text("user,item,rating\n" + "".join(
            f"{user},{item},{value:g}\n" for user, item, value in part))
        paths.append(str(path))
    return paths[0], paths[1]


@pytest.fixture
def model(files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = str(tmp_path / "m.npz")
    assert main(["train", files[0], "--n-epochs", "3", "--n-factors", "3", "--save", path]) == 0
    capsys.readouterr()
    return path


def test_evaluate_prints_figures_with_baselines_and_what_to_know(
    files: tuple[str, str], model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", model, files[1]]) == 0
    out = capsys.readouterr().out
    assert out.startswith("m.npz on test.csv: ")
    for words in ("RMSE", "NDCG@10", "Coverage@10", "User and item bias", "Most popular", " best",
                  "None of them is a rating that the model was trained on.",
                  "± is the standard error over users."):
        assert words in out
    assert all(len(line) <= 100 for line in out.splitlines() if " ± 0." in line)


def test_evaluate_prints_one_json_object(
    files: tuple[str, str], model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", model, files[1], "--n", "5", "--threshold", "5", "--json"]) == 0
    found = from_dict(json.loads(capsys.readouterr().out))
    assert found.n == 5
    assert found.threshold == 5
    assert found.figure("model", "rmse").error is not None


@pytest.mark.parametrize(("more", "code", "words"), [
    (["--n", "0"], 1, "at least 1"), (["--n", "x"], 2, "--n"),
    (["--threshold", "nan"], 2, "is not a number"),
])
def test_evaluate_says_in_one_line_what_is_wrong(
    files: tuple[str, str], model: str, capsys: pytest.CaptureFixture[str], more: list[str],
    code: int, words: str,
) -> None:
    try:
        found: object = main(["evaluate", model, files[1], *more])
    except SystemExit as error:
        found = error.code
    err = capsys.readouterr().err
    assert found == code
    assert words in err
    assert len(err.splitlines()) == 1


def test_evaluating_on_the_training_ratings_is_refused(
    files: tuple[str, str], model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", model, files[0]]) == 1
    assert "choose a file of other ratings" in capsys.readouterr().err


def test_cross_validate_prints_folds_as_they_come_then_their_mean(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cross-validate", files[0], "--folds", "3", "--n-epochs", "2", "--n-factors", "3",
                 "--split", "user"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in lines[:3]] == [f"fold {k} of 3" for k in (1, 2, 3)]
    assert any("each user's ratings dealt out evenly" in line for line in lines)
    assert any(line.startswith("± is the standard deviation over the folds") for line in lines)


def test_cross_validate_keeps_its_folds_in_a_project(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "p.mfgui")
    assert main(["cross-validate", files[0], "--folds", "2", "--n-epochs", "2", "--solver", "als",
                 "--project", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["is_whole"]
    project = open_project(path, "read")
    try:
        assert [run.id for run in project.runs()] == [each["run_id"] for each in found["folds"]]
        assert project.entries("cross_validation")[0].body == found
    finally:
        project.close()


@pytest.mark.parametrize(("more", "code", "words"), [
    (["--folds", "1"], 1, "at least 2"), (["--learning-rate", "auto"], 2, "cannot be auto"),
    (["--split", "time"], 1, "no time to split by"), (["--split", "soon"], 1, "must be one of"),
])
def test_cross_validate_says_in_one_line_what_is_wrong(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str], more: list[str], code: int,
    words: str,
) -> None:
    try:
        found: object = main(["cross-validate", files[0], *more])
    except SystemExit as error:
        found = error.code
    err = capsys.readouterr().err
    assert found == code
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("command", ["evaluate", "cross-validate"])
def test_help_names_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    out = capsys.readouterr().out
    assert "--threshold" in out
    assert "--json" in out
