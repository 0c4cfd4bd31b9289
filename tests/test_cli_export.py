"""``mfgui export``: tables of a model file or of a project's run."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import numpy as np
import pytest

from mfgui.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ratings, a model of them with and without, and a project."""
    path = tmp_path_factory.mktemp("export")
    rng = np.random.default_rng(0)
    ids = ["=cmd()", '"x", y', *(f"{n:03}" for n in range(2, 40))]
    with (path / "ratings.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "item", "rating", "title"])
        writer.writerows((ids[n], m, rng.integers(1, 6), f"Film {m}") for n in range(40)
                         for m in range(30) if rng.random() < 0.5)
    words = ["train", str(path / "ratings.csv"), "--solver", "als", "--n-epochs", "2"]
    assert main([*words, "--save", str(path / "m.npz"), "--project", str(path / "p.mfgui"),
                 "--name", "first"]) == 0
    assert main([*words, "--save", str(path / "bare.npz"), "--no-ratings"]) == 0
    return path


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_every_table_is_written_from_a_model(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = str(folder / "m.npz"), tmp_path / "out.csv"
    for words, n_rows, header in (
            (["predictions", model, str(out), "--min-count", "0"], 1200, "user,item,prediction"),
            (["top", model, "-n", "3", str(out)], 120, "user,rank,item,title,prediction"),
            (["factors", model, "--side", "user", str(out)], 40, "user,factor_1"),
            (["factors", "--side", "item", model, str(out)], 30, "item,title,factor_1"),
            (["biases", model, str(out)], 71, "kind,id,title,value")):
        capsys.readouterr()
        assert main(["export", *words]) == 0
        assert capsys.readouterr().out == f"{n_rows:,} rows written to {out}\n"
        rows = read(out)
        assert len(rows) == n_rows + 1
        assert ",".join(rows[0]).startswith(header)


def test_how_large_a_table_will_be_is_said_first(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    assert main(["export", "predictions", str(folder / "m.npz"), str(out), "--min-count", "0"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("mfgui: 40 users x 30 items = 1,200 rows, about ")
    assert said.endswith("kB.\n")


def test_a_file_of_pairs_keeps_its_ids(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, out = tmp_path / "pairs.csv", tmp_path / "out.parquet"
    pairs.write_text('user,item\n=cmd(),3\n"""x"", y",3\n007,3\n7,3\n')
    assert main(["export", "predictions", str(folder / "m.npz"), str(out), "--pairs",
                 str(pairs)]) == 0
    rows = duckdb.execute("SELECT * FROM read_parquet(?)", [str(out)]).fetchall()
    assert [row[:2] for row in rows] == [
        ("=cmd()", "3"), ('"x", y', "3"), ("007", "3"), ("7", "3")]
    assert "1 pair had a user or item" in capsys.readouterr().err
    printed = main(["predict", str(folder / "m.npz"), str(pairs)])
    assert printed == 0
    lines = list(csv.reader(capsys.readouterr().out.splitlines()))[1:]
    assert [np.float32(line[2]) for line in lines] == [np.float32(row[2]) for row in rows]


def test_formulas_are_guarded_where_that_is_asked_for(folder: Path, tmp_path: Path) -> None:
    model, out = str(folder / "m.npz"), tmp_path / "out.csv"
    for words in (["export", "top", model, str(out)],
                  ["recommend", model, "--all-users", "--output", str(out)],
                  ["predict", model, "--user", "=cmd()", "--item", "3", "--output", str(out)]):
        assert main(words) == 0
        assert read(out)[1][0] == "=cmd()"
        assert main([*words, "--guard-formulas"]) == 0
        assert read(out)[1][0] == "'=cmd()"


def test_a_run_of_a_project_is_exported_as_its_model_file_is(
    folder: Path, tmp_path: Path
) -> None:
    for number, words in enumerate((["top", "-n", "4"], ["factors", "--side", "item"], ["biases"],
                                    ["predictions", "--min-count", "3"])):
        one, other = tmp_path / f"one{number}.csv", tmp_path / f"other{number}.csv"
        assert main(["export", words[0], str(folder / "m.npz"), str(one), *words[1:]]) == 0
        assert main(["export", words[0], "--project", str(folder / "p.mfgui"), "--run", "first",
                     str(other), *words[1:]]) == 0
        assert one.read_bytes() == other.read_bytes()


def test_ratings_are_given_where_the_model_has_none(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, bare = str(tmp_path / "out.csv"), str(folder / "bare.npz")
    assert main(["export", "predictions", bare, out, "--min-count", "5"]) == 1
    assert "--ratings FILE" in capsys.readouterr().err
    assert main(["export", "predictions", bare, out, "--min-count", "5", "--ratings",
                 str(folder / "ratings.csv")]) == 0


@pytest.mark.parametrize(("words", "said"), [
    ([], "TABLE"), (["nothing"], "invalid choice"), (["top"], "required"),
    (["top", "{m}"], "name a MODEL and OUT"),
    (["top", "--project", "{p}", "out.csv"], "go together"),
    (["top", "--project", "{p}", "--run", "1", "{m}", "out.csv"], "name OUT alone"),
    (["predictions", "{m}", "out.csv"], "name either --pairs FILE"),
    (["predictions", "{m}", "out.csv", "--pairs", "p", "--min-count", "1"], "name either --pairs"),
    (["predictions", "{m}", "out.csv", "--min-count", "-1"], "0 or more"),
    (["factors", "{m}", "out.csv"], "--side"),
])
def test_what_cannot_be_meant_is_refused_in_a_line(
    words: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(m=folder / "m.npz", p=folder / "p.mfgui") for word in words]
    with pytest.raises(SystemExit) as ended:
        main(["export", *words])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_run_that_is_not_there_and_a_place_that_is_not_there_are_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "biases", "--project", str(folder / "p.mfgui"), "--run", "9",
                 str(tmp_path / "x.csv")]) == 1
    assert "no run 9" in capsys.readouterr().err
    assert main(["export", "biases", str(folder / "m.npz"), str(tmp_path / "no" / "x.csv")]) == 1
    assert "there is no folder" in capsys.readouterr().err
