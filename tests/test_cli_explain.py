"""``mfgui explain``: what it prints adds up, with and without ratings."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.cli import main
from mfgui.cli.explain import explanation_lines
from mfgui.core.ratings import TextArray
from mfgui.inspection.explain import explain
from mfgui.inspection.known import Known
from mfgui.jobs.explain import Explained
from mfgui.store.model_file import open_model


@pytest.fixture(scope="module")
def ratings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("explain") / "ratings.csv"
    rows = [f"{n:03},{m},{rng.integers(1, 6)}" for n in range(40) for m in range(20)
            if rng.random() < 0.5]
    path.write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    return path


def model_file(ratings_file: Path, solver: str, *words: str) -> str:
    path = ratings_file.with_name(f"{solver}{len(words)}.npz")
    assert main(["train", str(ratings_file), "--solver", solver, "--n-epochs", "3",
                 "--validation", "0.2", "--save", str(path), *words]) == 0
    return str(path)


def tables(text: str) -> dict[str, list[Decimal]]:
    """Return the numbers of each table of the output, the last one its total."""
    found: dict[str, list[Decimal]] = {}
    for block in text.split("\n\n")[1:-1]:
        title, *lines = block.splitlines()
        # two blanks or more part label, number and bar
        cells = [[word for word in line.split("  ") if word.strip()] for line in lines]
        found[title] = [Decimal(line[1].strip()) for line in cells if len(line) > 1]
    return found


@pytest.mark.parametrize("solver", ["als", "svd++", "nmf", "implicit-als"])
def test_the_printed_numbers_add_up(
    ratings_file: Path, capsys: pytest.CaptureFixture[str], solver: str
) -> None:
    path = model_file(ratings_file, solver)
    capsys.readouterr()
    for user, item in (("001", "3"), ("020", "11")):
        assert main(["explain", path, "--user", user, "--item", item]) == 0
        told = capsys.readouterr()
        assert told.err == ""
        assert f"user {user}, item {item}" in told.out.splitlines()[0]
        found = tables(told.out)
        assert list(found) == ["By parts", "By own ratings", "By the item's raters"]
        totals = {numbers[-1] for numbers in found.values()}
        assert len(totals) == 1
        assert f"predicted {totals.pop()}" in told.out.splitlines()[1]
        for *numbers, total in found.values():
            assert sum(numbers) == total
        assert ("typical error" in told.out) == (solver != "implicit-als")


def test_an_average_prints_each_member(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = model_file(ratings_file, "average", "--n-members", "2", "--n-factors", "3")
    capsys.readouterr()
    assert main(["explain", path, "--user", "001", "--item", "3"]) == 0
    found = tables(capsys.readouterr().out)
    assert list(found)[3:] == ["Member 1", "Member 2"]
    for *numbers, total in found.values():
        assert sum(numbers) == total


def told_json(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_json_holds_the_same(ratings_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = model_file(ratings_file, "als")
    capsys.readouterr()
    told = told_json(["explain", path, "--user", "001", "--item", "3"], capsys)
    assert (told["user_id"], told["item_id"], told["note"]) == ("001", "3", "")
    for key in ("parts", "own_ratings", "raters"):
        bars = told[key]["bars"]
        assert sum(bar["value"] for bar in bars) == pytest.approx(told["predicted"], abs=1e-9)
        assert sum(Decimal(bar["printed"]) for bar in bars) == Decimal(told[key]["printed_total"])
    saved = open_model(path)
    user, item = saved.user_ids.positions["001"], saved.item_ids.positions["3"]
    assert saved.known is not None
    found = explain(saved.model, saved.known, user, item, before_refit=saved.before_refit)
    assert told["predicted"] == found.predicted
    assert told["typical_error"]["how"] == found.typical_error.how  # type: ignore[union-attr]


def test_what_is_missing_is_said_in_one_line(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = model_file(ratings_file, "svd++", "--no-ratings")
    words = ["explain", path, "--user", "001", "--item", "3"]
    capsys.readouterr()
    assert main(words) == 0
    told = capsys.readouterr()
    assert list(tables(told.out)) == ["By parts"]
    assert "rating not known" in told.out
    assert "0 ratings" not in told.out
    assert told.err.count("\n") == 1
    assert "--ratings FILE" in told.err
    words += ["--ratings", str(ratings_file)]
    assert main(words) == 0
    told = capsys.readouterr()
    assert len(tables(told.out)) == 3
    assert told.err == ""
    assert told_json(words, capsys)["own_ratings"] is not None


def test_an_unknown_id_is_one_sentence_with_the_nearest(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = model_file(ratings_file, "als")
    capsys.readouterr()
    for wanted, hint in (
            ("029x", ": did you mean 029?"), ("Ann", "; its ids are written like 000.")):
        assert main(["explain", path, "--user", wanted, "--item", "3"]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err == f"mfgui: The model knows no user {wanted}{hint}\n"


def test_user_and_item_are_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain", "model.npz", "--user", "1"])
    assert ended.value.code == 2
    assert "--item" in capsys.readouterr().err


def test_no_table_is_wider_than_a_terminal_whatever_the_titles(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = open_model(model_file(ratings_file, "als"))
    capsys.readouterr()
    assert saved.known is not None
    ratings = saved.known.ratings
    titles = TextArray.from_strings(f"{m} " + "long\ttitle " * 900 for m in range(20))
    named = Known(replace(ratings, item_titles=titles))
    lines = list(explanation_lines(Explained(explain(saved.model, named, 3, 4), (1, 5))))
    tables_alone = lines[lines.index("") : -4]
    assert max(map(len, tables_alone)) <= 80
    assert all(line.isprintable() for line in lines)
