"""The command line: what it prints, how it ends, and that no Qt is loaded for it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.cli import main


@pytest.fixture(scope="module")
def ratings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("cli") / "ratings.csv"
    rows = [f"{n:03},{m},{rng.integers(1, 6)}" for n in range(30) for m in range(20)
            if rng.random() < 0.5]
    path.write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="module")
def model_file(ratings_file: Path) -> Path:
    path = ratings_file.with_name("model.npz")
    assert main(["train", str(ratings_file), "--n-epochs", "3", "--biases",
                 "--save", str(path)]) == 0
    return path


def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mfgui", *words], capture_output=True, text=True, timeout=120,
        check=False, **options)


def last_json(text: str) -> dict[str, Any]:
    return json.loads(text.splitlines()[-1])


def test_train_prints_one_json_object_with_every_figure(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(ratings_file), "--solver", "gradient-descent", "--n-factors", "3",
                 "--n-epochs", "4", "--validation", "0.2", "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert {"n_users", "n_items", "n_ratings", "solver", "settings", "n_epochs_run", "best_epoch",
            "is_refit", "stopped_because", "train_loss", "train_rmse", "validation_rmse",
            "test_rmse", "seconds_per_epoch", "train_seconds", "mean_validation_rmse",
            "bias_validation_rmse", "mean_test_rmse", "bias_test_rmse", "validation_ndcg",
            "validation_precision", "validation_recall", "test_ndcg", "test_precision",
            "test_recall"} <= set(told)
    assert 0 < told["bias_validation_rmse"] < 3
    assert told["mean_validation_rmse"] > 0
    assert told["mean_test_rmse"] is told["validation_ndcg"] is None
    assert told["settings"]["n_factors"] == 3
    assert (told["n_users"], told["n_epochs_run"]) == (30, 4)
    assert told["stopped_because"] == "finished"
    assert told["test_rmse"] is None


def test_a_switch_can_be_turned_on_and_off(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, expected in (("--biases", True), ("--no-biases", False)):
        assert main(["train", str(ratings_file), "--n-epochs", "1", option, "--json"]) == 0
        assert last_json(capsys.readouterr().out)["settings"]["biases"] is expected


def test_a_test_file_is_measured(ratings_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(ratings_file), "--test", str(ratings_file), "--n-epochs", "2",
                 "--validation", "0", "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert told["test_rmse"] == pytest.approx(told["train_rmse"])
    assert told["n_unseen_test"] == 0


def test_the_sample_trains_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--sample", "--n-epochs", "2"]) == 0
    out = capsys.readouterr().out
    assert "3,000 users of 400 items" in out
    assert "validation RMSE" in out


def test_a_divergence_ends_in_a_sentence_and_a_sound_model(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(ratings_file), "--learning-rate", "1e9", "--json"]) == 0
    captured = capsys.readouterr()
    assert last_json(captured.out)["stopped_because"] == "diverged"
    assert "learning rate" in captured.err


def test_one_pair_is_predicted(model_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(model_file), "--user", "007", "--item", "3"]) == 0
    header, row = csv.reader(capsys.readouterr().out.splitlines())
    assert header == ["user", "item", "prediction"]
    assert row[:2] == ["007", "3"]
    assert 1 <= float(row[2]) <= 5


def test_a_file_of_pairs_is_predicted_in_its_order(
    model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, output = tmp_path / "pairs.csv", tmp_path / "out.csv"
    pairs.write_text("user,item\n003,4\n7,4\n001,nothing\n")
    assert main(["predict", str(model_file), str(pairs), "--output", str(output)]) == 0
    rows = list(csv.reader(output.read_text().splitlines()))
    assert [row[:2] for row in rows[1:]] == [["003", "4"], ["7", "4"], ["001", "nothing"]]
    assert "2 pairs" in capsys.readouterr().err


def test_info_tells_how_a_file_was_read(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(ratings_file)]) == 0
    assert "comma" in capsys.readouterr().out
    assert main(["info", str(ratings_file), "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert told["n_users"] == 30
    assert told["has_header"] is True


def test_reading_options_are_obeyed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("4|a|x\n5|b|y\n1|a|y\n")
    assert main(["info", str(path), "--delimiter", "|", "--no-header", "--columns",
                 "user=2,item=3,rating=1", "--json"]) == 0
    told = last_json(capsys.readouterr().out)
    assert (told["n_users"], told["n_items"], told["scale"]) == (2, 2, [1.0, 5.0])


def test_solvers_are_listed_and_the_sample_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solvers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")][:2] == ["Recommended", "Textbook"]
    assert lines.index("Recommended") < lines.index("  adagrad") < lines.index("Textbook")
    assert lines.index("Textbook") < lines.index("  gradient-descent")
    out = tmp_path / "sample.csv"
    assert main(["sample", str(out)]) == 0
    assert main(["info", str(out)]) == 0
    assert "3,000 users of 400 items" in capsys.readouterr().out


@pytest.mark.parametrize("words", [
    ["train", "--nonsense"], ["train", "x.csv", "--n-factors", "many"],
    ["train", "x.csv", "--solver", "magic"], ["train"], ["train", "x.csv", "--sample"],
    ["train", "x.csv", "--solver", "gradient-descent", "--decay", "0.5"],
    ["predict"], ["predict", "m.npz"], ["predict", "m.npz", "--user", "1"],
    ["info"], ["sample"], ["solvers", "more"], ["a.csv", "b.csv"], ["a.csv", "--sample"],
    ["train", "x.csv", "--n-fac", "3"],
])
def test_an_unknown_option_or_a_wrong_type_exits_with_two(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("extra", [
    ["--n-factors", "0"], ["--learning-rate", "0"], ["--learning-rate", "-1"],
    ["--learning-rate", "nan"], ["--validation", "0.9"], ["--n-epochs", "0"],
    ["--n-threads", "0"], ["--n-factors", "999999999"], ["--seed", "-1"],
    ["--save", "."], ["--seed", "9" * 400], ["--initial-sd", "1e39"],
    ["--test", "missing.csv"], ["--save", "no/such/folder/m.npz", "--n-epochs", "1"],
])
def test_what_is_out_of_range_exits_with_one_and_one_line(
    extra: list[str], ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(ratings_file), *extra]) == 1
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert not captured.out


@pytest.mark.parametrize(("name", "content"), [
    ("empty.csv", b""), ("column.csv", b"1\n2\n3\n"), ("letters.csv", b"a,b,c\nd,e,f\n"),
    ("random.csv", bytes(range(256)) * 20),
])
def test_a_bad_file_exits_with_one_and_one_line(
    name: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    for words in (["train", str(tmp_path / name)], ["info", str(tmp_path / name)]):
        assert main(words) == 1
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert name in lines[0]


def test_one_rating_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "one.csv"
    path.write_text("a,b,3\n")
    assert main(["train", str(path)]) == 1
    assert "validation share to 0" in capsys.readouterr().err
    assert main(["train", str(path), "--validation", "0"]) == 0


def test_no_qt_is_loaded_for_a_job(ratings_file: Path) -> None:
    code = ("import sys; from mfgui.cli import main; main(sys.argv[1:]); "
            "assert not [m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph'))]")
    done = subprocess.run([sys.executable, "-c", code, "train", str(ratings_file)],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_without_a_display_the_window_names_the_same_job_in_the_terminal() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    done = run("--sample", env={key: value for key, value in os.environ.items()
                                if key not in hidden})
    assert done.returncode == 0
    assert "mfgui train --sample" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_display_a_file_that_was_named_was_not_opened() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    done = run("my ratings.csv", env={key: value for key, value in os.environ.items()
                                      if key not in hidden})
    assert done.returncode == 1
    assert "mfgui train 'my ratings.csv'" in done.stderr


def test_version_is_printed() -> None:
    assert run("--version").stdout.startswith("mfgui ")


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
def test_ctrl_c_keeps_the_last_whole_epoch_and_prints_the_json(ratings_file: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _TELL_EPOCHS, "train", str(ratings_file), "--n-epochs", "1000000",
         "--patience", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "epoch 3" in line:
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    told = last_json(out)
    assert told["stopped_because"] == "stopped"
    assert told["n_epochs_run"] >= 3


# Progress goes to stderr where that is a terminal; here a pipe is taken for one.
_TELL_EPOCHS = """
import sys
sys.stderr.isatty = lambda: True
write = sys.stderr.write
sys.stderr.write = lambda text: write(text + chr(10))
from mfgui.cli import main
sys.exit(main(sys.argv[1:]))
"""
