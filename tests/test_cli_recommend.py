"""``mfgui recommend`` and ``mfgui similar``: what they print, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.cli import main
from mfgui.cli.recommend import list_lines
from mfgui.cli.table import Column, table_lines, width_of
from mfgui.core.ratings import TextArray
from mfgui.inspection.recommend import Reason, Recommendation
from mfgui.jobs.recommend import TopList


@pytest.fixture(scope="module")
def ratings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("recommend") / "ratings.csv"
    rows = [f"{n:03},{m},{rng.integers(1, 6)},Film {m}" for n in range(40) for m in range(30)
            if rng.random() < 0.4]
    path.write_text("user,item,rating,title\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="module")
def model_file(ratings_file: Path) -> str:
    return trained(ratings_file)


def trained(ratings_file: Path, solver: str = "als", *words: str) -> str:
    path = ratings_file.with_name(f"{solver}{len(words)}.npz")
    assert main(["train", str(ratings_file), "--solver", solver, "--n-epochs", "3",
                 "--validation", "0.2", "--save", str(path), *words]) == 0
    return str(path)


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command prints; it has nothing to say on stderr."""
    capsys.readouterr()
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def told_json(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(told([*words, "--json"], capsys).splitlines()[-1])


def test_a_list_is_printed_with_its_reasons(
    model_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(["recommend", model_file, "--user", "007", "-n", "4"], capsys).splitlines()
    assert lines[0] == "user 007: highest predictions, and the ratings that weigh most"
    assert lines[1].split() == ["item", "title", "predicted", "ratings"]
    assert [line.split()[0] for line in lines[2:] if line[2].isdigit()] == ["1", "2", "3", "4"]
    assert any("rated" in line and line.startswith("      ") for line in lines[2:])
    assert max(map(len, lines)) <= 80
    bounded = told(["recommend", model_file, "--user", "007", "--lower-bound"], capsys)
    assert "at least" in bounded
    assert "highest lower bounds" in bounded


def test_the_json_holds_all_of_it(model_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = told_json(["recommend", model_file, "--user", "007", "-n", "3"], capsys)
    assert (found["user"], found["is_new"], found["target"], found["notes"]) == (
        "007", False, "rating", [])
    assert [each["rank"] for each in found["items"]] == [1, 2, 3]
    raw = [each["raw_prediction"] for each in found["items"]]
    assert raw == sorted(raw, reverse=True)
    for each in found["items"]:
        assert each["prediction"] == min(max(each["raw_prediction"], 1), 5)
        assert each["lower_bound"] < each["raw_prediction"]
        assert each["n_ratings"] > 0
        assert [set(reason) for reason in each["why"]] == 3 * [
            {"item", "title", "observed", "share"}]


def test_options_reach_the_list(model_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["recommend", model_file, "--user", "007", "-n", "1000"]
    unrated = told_json(words, capsys)["items"]
    everything = told_json([*words, "--include-rated"], capsys)["items"]
    assert len(unrated) < len(everything) == 30
    often = told_json([*words, "--include-rated", "--min-count", "15"], capsys)["items"]
    assert 0 < len(often) < 30
    assert all(each["n_ratings"] >= 15 for each in often)
    with_2 = told_json([*words, "--include-rated", "--contains", "2"], capsys)["items"]
    assert {each["item"] for each in with_2} == {"2", "12", *map(str, range(20, 30))}
    bounded = told_json([*words, "--lower-bound"], capsys)["items"]
    bounds = [each["lower_bound"] for each in bounded]
    assert bounds == sorted(bounds, reverse=True)
    assert "no item is left" in told([*words[:4], "--contains", "nothing"], capsys)


def test_a_new_user_from_a_file(
    model_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Ada.csv"
    file.write_text("item,rating,title\n3,5,Film 3\n8,1,Film 8\n")
    found = told_json(["recommend", model_file, "--new-user", str(file)], capsys)
    assert (found["user"], found["is_new"]) == ("Ada", True)
    assert {reason["item"] for reason in found["items"][0]["why"]} == {"3", "8"}
    file.write_text("item,rating\n3,five\n")
    assert main(["recommend", model_file, "--new-user", str(file)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("mfgui: Line 2 of Ada.csv")
    assert captured.err.count("\n") == 1


def test_all_users_go_to_a_file(
    model_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lists.csv"
    words = ["recommend", model_file, "--all-users", "--output", str(file), "-n", "2"]
    assert told(words, capsys) == f"80 lines written to {file}\n"
    assert len(file.read_text().splitlines()) == 81
    assert main([*words[:3], "--output", str(tmp_path / "no" / "lists.csv")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_neighbours_are_printed(model_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(["similar", model_file, "--item", "3", "-n", "4"], capsys).splitlines()
    assert lines[0].startswith("item 3")
    assert lines[1].split() == ["item", "title", "cosine", "ratings", "in", "common"]
    assert len(lines) == 6
    found = told_json(["similar", model_file, "--user", "007", "-n", "4"], capsys)
    assert found["user"] == "007"
    assert [set(each) for each in found["similar"]] == 4 * [
        {"user", "cosine", "n_ratings", "n_common"}]
    items = told_json(["similar", model_file, "--item", "3", "-n", "1"], capsys)
    assert set(items["similar"][0]) == {"item", "title", "cosine", "n_ratings", "n_common"}


def test_what_is_missing_is_said_in_one_line(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = trained(ratings_file, "svd++", "--no-ratings")
    for words in (["recommend", path, "--user", "007"], ["similar", path, "--item", "3"]):
        capsys.readouterr()
        assert main(words) == 0
        captured = capsys.readouterr()
        assert "ratings" not in captured.out.splitlines()[1]
        assert captured.err.count("\n") == 1
        assert "--ratings FILE" in captured.err
        assert "ratings" in told([*words, "--ratings", str(ratings_file)], capsys)
    assert main(["recommend", path, "--user", "007", "--min-count", "3"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_id_is_one_sentence_with_the_nearest(
    model_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["recommend", model_file, "--user", "7x"], ["similar", model_file, "--user", "x"],
                  ["similar", model_file, "--item", "3 3"]):
        assert main(words) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("mfgui: The model knows no ")
        assert captured.err.count("\n") == 1


@pytest.mark.parametrize("words", [
    ["recommend"], ["recommend", "m"], ["recommend", "m", "--user", "1", "--all-users"],
    ["recommend", "m", "--all-users"], ["recommend", "m", "--user", "1", "--output", "f"],
    ["recommend", "m", "--user", "1", "--new-user", "f"],
    ["recommend", "m", "--user", "1", "-n", "0"], ["recommend", "m", "--user", "1", "-n", "x"],
    ["recommend", "m", "--user", "1", "--min-count", "-1"],
    ["recommend", "m", "--all-users", "--output", "f", "--json"],
    ["similar", "m"], ["similar", "m", "--item", "1", "--user", "1"], ["similar", "m", "--item"],
])
def test_options_that_do_not_go_together_exit_with_two(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_no_line_is_wider_than_a_terminal_whatever_the_titles() -> None:
    titles = TextArray.from_strings(
        ["long\ttitle " * 900, "\u202e\u05e9\u05dc\u05d5\u05dd", "映画" * 50, ""])
    ids = TextArray.from_strings(["x" * 500, "b", "c", "d"])
    why = tuple(Reason(item, 3.5, -0.25) for item in range(3))
    places = tuple(Recommendation(item, item + 1, 9.0, 5.0, 1_234_567, 4.0, why)
                   for item in range(4))
    found = TopList("u" * 500, False, places, ids, titles, (1, 5), "rating")
    lines = list_lines(found, is_bounded=True)[1:]
    assert all(line.isprintable() for line in lines)
    assert any("映" in line for line in lines)
    assert max(width_of(line) for line in lines if not line.startswith(6 * " ")) <= 80
    assert max(map(len, lines)) <= 80


def test_a_table_leaves_empty_columns_out_and_counts_wide_signs() -> None:
    columns = [Column("a", str), Column("b", lambda row: ""), Column("n", lambda row: "7" * row,
                                                                    is_number=True)]
    assert table_lines(columns, [1, 3]) == ["  a    n", "  1    7", "  3  777"]
    assert (width_of("映画"), width_of("e\u0301"), width_of("ab")) == (4, 1, 2)
