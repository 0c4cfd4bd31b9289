"""``explain``, ``recommend`` and ``similar`` with bad input, odd titles and every method."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.cli import main
from mfgui.core.ratings import TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.store.model_file import SavedModel, open_model, save_model

TITLES = ("x" * 10_000, "שלום עולם " * 40, "👩\u200d👩\u200d👧 film 🎬", "",
          "line\nbreak\t\x07\x1b[31mred\u2028\u202eover", "<b>bold</b>\\U0001F600")
COMMANDS = {
    "explain": ("explain", "--user", "u1", "--item", "i2"),
    "explain unrated": ("explain", "--user", "u2", "--item", "i1"),
    "recommend": ("recommend", "--user", "u2", "--include-rated"),
    "similar items": ("similar", "--item", "i2"),
    "similar users": ("similar", "--user", "u3"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ratings; one user and one item have ids that look like options."""
    made = tmp_path_factory.mktemp("edges")
    with (made / "ratings.csv").open("w", newline="") as file:
        write = csv.writer(file).writerow
        write(["user", "item", "rating"])
        for n in range(8):
            for m in range(6):
                if (n + m) % 3:
                    write([f"u{n}" if n else "--json", f"i{m}" if m else "--user",
                           (2 * n + 3 * m) % 5 + 1])
    return made


@pytest.fixture(scope="module")
def model_file(folder: Path) -> Callable[..., str]:
    """Return what trains a model, once a method, and gives it titles that hold anything."""
    def made(solver: str = "als", *words: str) -> str:
        path = folder / f"{solver}{len(words)}.npz"
        if not path.exists():
            assert main(["train", str(folder / "ratings.csv"), "--solver", solver, "--n-epochs",
                         "2", "--n-factors", "2", "--save", str(path), *words]) == 0
            saved = open_model(path)
            titles = TextArray.from_strings(TITLES)
            save_model(path, SavedModel(**{**vars(saved), "item_titles": titles}))
        return str(path)

    return made


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Return a command's exit code, and what it prints on stdout and stderr."""
    capsys.readouterr()
    try:
        code = main(words)
    except SystemExit as error:
        code = int(error.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def refuse(constant: str) -> None:
    pytest.fail(f"{constant} is no JSON")


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_json_of_every_method_is_json(
    model_file: Callable[..., str], capsys: pytest.CaptureFixture[str], solver: str
) -> None:
    more = ("--n-members", "2") if solver == "average" else ()
    path = model_file(solver, *more)
    for command, *words in COMMANDS.values():
        code, out, _ = told([command, path, *words, "--json"], capsys)
        assert code == 0
        [line] = out.splitlines()
        assert isinstance(json.loads(line, parse_constant=refuse), dict)


def test_json_holds_predictions_beyond_all_bounds(
    model_file: Callable[..., str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = open_model(model_file())
    for name in ("user_factors", "item_factors"):
        getattr(saved.model, name)[:] = np.float32(3e38)
    save_model(folder / "huge.npz", SavedModel(**{**vars(saved), "before_refit": None}))
    for command, *words in COMMANDS.values():
        code, out, _ = told([command, str(folder / "huge.npz"), *words, "--json"], capsys)
        assert code == 0
        json.loads(out, parse_constant=refuse)
        assert told([command, str(folder / "huge.npz"), *words], capsys)[0] == 0


@pytest.mark.parametrize("what", list(COMMANDS))
def test_no_title_breaks_a_line_or_steers_the_terminal(
    model_file: Callable[..., str], capsys: pytest.CaptureFixture[str], what: str
) -> None:
    command, *words = COMMANDS[what]
    code, out, _ = told([command, model_file(), *words], capsys)
    assert code == 0
    assert all(sign.isprintable() or sign in "\n\u200c\u200d" for sign in out)
    assert max(map(len, out.splitlines())) < 200


def test_ids_that_look_like_options_are_written_behind_a_sign(
    model_file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["--user", "--json", "--item", "i1"], ["--item", "i1", "--user"]):
        code, _, err = told(["explain", model_file(), *words], capsys)
        assert code == 2
        assert "one that begins with - is written --user=-..." in err
        assert err.count("\n") == 1
    code, out, _ = told(["explain", model_file(), "--user=--json", "--item=--user"], capsys)
    assert code == 0
    assert out.startswith("user --json, item --user")
    assert told(["recommend", model_file(), "--user=--json"], capsys)[0] == 0
    assert told(["similar", model_file(), "--item=--user"], capsys)[0] == 0


@pytest.mark.parametrize("wanted", ["", " ", "nobody", "\x1b[31m", "שלום", "y" * 10_000, " u1"])
def test_an_unknown_id_is_one_plain_sentence(
    model_file: Callable[..., str], capsys: pytest.CaptureFixture[str], wanted: str
) -> None:
    for words in (["explain", "--item", "i1", f"--user={wanted}"],
                  ["recommend", f"--user={wanted}"], ["similar", f"--item={wanted}"]):
        code, out, err = told([words[0], model_file(), *words[1:]], capsys)
        assert (code, out) == (1, "")
        assert err.startswith("mfgui: The model knows no ")
        assert err.count("\n") == 1
        assert err.rstrip("\n").isprintable()
        assert len(err) < 300


@pytest.mark.parametrize("n", ["0", "-5", "1000001", "9" * 5000, "3.5", "many", ""])
def test_a_number_of_places_out_of_bounds_is_refused(
    model_file: Callable[..., str], capsys: pytest.CaptureFixture[str], n: str
) -> None:
    for words in (["recommend", "--user", "u1"], ["similar", "--user", "u1"]):
        code, out, err = told([words[0], model_file(), *words[1:], f"-n={n}"], capsys)
        assert (code, out) == (2, "")
        assert "argument -n: it is a whole number, 1 to 1,000,000" in err
    code, _, err = told(
        ["recommend", model_file(), "--user", "u1", f"--min-count=-{n}x"], capsys)
    assert code == 2
    assert "argument --min-count: it is a whole number, 0 or more" in err


def test_as_many_places_as_there_can_be_are_as_many_as_there_are(
    model_file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["recommend", model_file(), "--user", "u1", "--include-rated", "--json"]
    _, out, _ = told([*words, "-n", "1000000"], capsys)
    assert len(json.loads(out)["items"]) == 6
    _, out, _ = told([*words, "--min-count", "9" * 30], capsys)
    assert json.loads(out)["items"] == []


@pytest.mark.parametrize(("content", "sentence"), [
    ("", "has no ratings"),
    ("item,rating\n", "has no ratings"),
    ("i1,4\ni1,5\n", "Line 2 of new.csv rates item i1 a second time"),
    ("strange,4\nstranger,5\n", "2 lines of new.csv with items that the model does not know"),
    ("i1,nan\n", "Line 1 of new.csv has 'nan'"),
    ("i1,1e999\n", "Line 1 of new.csv has '1e999'"),
    ("i1\n", "Line 1 of new.csv has no rating"),
])
def test_a_new_user_who_cannot_be_read_is_one_sentence(
    model_file: Callable[..., str], folder: Path, capsys: pytest.CaptureFixture[str],
    content: str, sentence: str
) -> None:
    (folder / "new.csv").write_text(content)
    code, out, err = told(
        ["recommend", model_file(), "--new-user", str(folder / "new.csv")], capsys)
    assert (code, out) == (1, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_items_of_a_new_user_that_are_not_known_are_left_out_and_told(
    model_file: Callable[..., str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "new.csv").write_text("i1,4\nstrange,5\n")
    code, out, err = told(
        ["recommend", model_file(), "--new-user", str(folder / "new.csv"), "--json"], capsys)
    assert code == 0
    found = json.loads(out)
    assert all(each["item"] != "i1" for each in found["items"])
    assert "1 line of new.csv with items that the model does not know was left out" in err
    assert found["notes"]


@pytest.mark.parametrize("solver", ["als", "svd++", "implicit-als"])
def test_a_model_without_ratings_says_what_is_missing_and_others_ratings_do_not_help(
    model_file: Callable[..., str], folder: Path, capsys: pytest.CaptureFixture[str], solver: str
) -> None:
    path, others = model_file(solver, "--no-ratings"), folder / "others.csv"
    others.write_text("user,item,rating\nx,y,3\nx,z,4\nw,y,5\n")
    for command, *words in COMMANDS.values():
        code, out, err = told([command, path, *words], capsys)
        assert code == 0
        assert out
        assert "The model file holds no ratings" in err
        assert err.count("\n") == 1
        _, out, _ = told([command, path, *words, "--json"], capsys)
        json.loads(out, parse_constant=refuse)
        code, out, err = told([command, path, *words, "--ratings", str(others)], capsys)
        assert (code, out) == (1, "")
        assert "others.csv has no rating of a user and an item that the model knows" in err
        code, _, err = told(
            [command, path, *words, "--ratings", str(folder / "ratings.csv")], capsys)
        assert (code, err) == (0, "")


def test_a_reader_that_goes_away_is_no_error(model_file: Callable[..., str]) -> None:
    for command, *words in COMMANDS.values():
        with subprocess.Popen(
            [sys.executable, "-m", "mfgui", command, model_file(), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            told = process.stderr.read()
        assert told == b""


def test_the_model_of_a_newer_version_is_one_sentence(
    model_file: Callable[..., str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(model_file(), allow_pickle=False) as file:
        arrays: dict[str, Any] = {key: file[key] for key in file.files}
    card = json.loads(arrays["card"].tobytes()) | {"format_version": 99}
    arrays["card"] = np.frombuffer(json.dumps(card).encode(), np.uint8)
    np.savez(folder / "newer.npz", **arrays)
    for command, *words in COMMANDS.values():
        code, out, err = told([command, str(folder / "newer.npz"), *words], capsys)
        assert (code, out) == (1, "")
        assert err == (
            "mfgui: newer.npz was saved by a newer version of mfgui: this one reads models up to "
            "format 3 and cannot read format 99, so update to open it.\n")
