"""``mfgui train``: settings as options, and what a run came to, for any kind of solver."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.cli import main
from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.ratings import Ratings
from mfgui.core.settings import setting
from mfgui.core.solvers import SOLVERS
from mfgui.core.solvers.base import Fit
from mfgui.core.solvers.sgd import Sgd, SgdSettings
from mfgui.training.measures import MEASURES


@pytest.fixture(scope="module")
def ratings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("cli") / "ratings.csv"
    rows = [f"{n:03},{m},{rng.integers(1, 6)}" for n in range(30) for m in range(20)
            if rng.random() < 0.5]
    path.write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    return path


def last_json(text: str) -> dict[str, Any]:
    return json.loads(text.splitlines()[-1])


def test_the_card_says_what_was_reached_and_what_it_means(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(ratings_file), "--n-epochs", "2", "--test", str(ratings_file),
                 "--refit"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (last,) = [line for line in lines if line.startswith("RMSE")]
    number = r"\d\.\d{3}(, which is better)?"
    assert re.fullmatch(
        rf"RMSE {number} on \d+ held-out ratings, measured before the final training on all; "
        rf"always guessing the average: {number}; user and item bias: {number}\. "
        rf"RMSE {number} on \d+ test ratings; always guessing the average: {number}; user and "
        rf"item bias: {number}\.", last)
    honest = lines[lines.index(last) + 1:]
    assert re.match(r"Measured on \d+ held-out ratings", honest[0])
    assert any("trained again on all ratings" in line for line in honest)
    assert any("of a file of their own" in line for line in honest)


@dataclass(frozen=True)
class _ChoosySettings(SgdSettings):
    step: str = setting("fixed", "Step", "Which way.",
                        choices={"fixed": "A fixed rate", "line-search": "A search, 100 % exact"})
    momentum: float = setting(0.5, "Momentum", "How much.", minimum=0, maximum=1,
                              applies=(("step", ("line-search",)), ("biases", (False,))))


class _Choosy(Sgd):
    name, settings_type = "choosy", _ChoosySettings


class FixedNdcg:
    """Always the same figures."""

    def __init__(self, pairs: Pairs, training: Ratings, seed: int) -> None:
        pass

    def figures(
        self, model: FactorModel, pool: WorkerPool, checkpoint: Callable[[], None]
    ) -> dict[str, float]:
        return {"ndcg": 0.25, "precision": 0.1, "recall": 0.5}


class _Ranker(Sgd):
    name, measure = "ranker", "fixed-ndcg"

    def fit(self, checkpoint: Callable[[], None] = no_checkpoint) -> Fit:
        return replace(super().fit(checkpoint), train_rmse=None)


@pytest.fixture
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for solver in (_Choosy, _Ranker):
        monkeypatch.setitem(SOLVERS, solver.name, solver)
    monkeypatch.setitem(MEASURES, "fixed-ndcg", FixedNdcg)


@pytest.mark.usefixtures("_fakes")
def test_a_choice_is_taken_by_its_word(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(ratings_file), "--solver", "choosy", "--n-epochs", "1", "--json"]
    assert main([*words, "--step", "line-search"]) == 0
    assert last_json(capsys.readouterr().out)["settings"]["step"] == "line-search"
    assert main([*words, "--step", "wide"]) == 1
    assert capsys.readouterr().err == (
        "mfgui: Step (step) must be one of fixed, line-search, not wide.\n")


@pytest.mark.usefixtures("_fakes")
def test_help_tells_choices_what_they_need_and_the_objective(
    capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", "--solver", "choosy", "--help"])
    assert caught.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "--step fixed|line-search" in told
    assert "fixed: A fixed rate, line-search: A search, 100 % exact; default: fixed." in told
    assert "default: 0.5. Only with --step line-search and --no-biases." in told
    assert _Choosy.objective in told


@pytest.mark.usefixtures("_fakes")
def test_a_setting_that_does_not_apply_is_told_and_taken(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(ratings_file), "--solver", "choosy", "--n-epochs", "1", "--json",
             "--momentum", "0.2"]
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.err == ("mfgui: --momentum does nothing here: it needs --step line-search and "
                            "--no-biases.\n")
    assert last_json(captured.out)["settings"]["momentum"] == 0.2
    assert main([*words, "--step", "line-search"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("_fakes")
def test_a_run_that_ranks_never_says_rmse(
    ratings_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["train", str(ratings_file), "--solver", "ranker", "--n-epochs", "2"]) == 0
    captured = capsys.readouterr()
    assert "RMSE" not in captured.out + captured.err
    assert "epoch 2  NDCG@10 0.2500" in captured.err
    assert "validation NDCG@10      0.2500  (29 ratings" in captured.out
    assert (
        "NDCG@10 0.250, where 1 is a perfect order, on 29 held-out ratings; precision@10 0.100; "
        "recall@10 0.500.") in captured.out.splitlines()


@pytest.mark.parametrize("solver", ["adagrad", "sgd"])
def test_a_rate_is_found_first_told_in_one_line_and_used(
    ratings_file: Path, capsys: pytest.CaptureFixture[str], solver: str
) -> None:
    assert main(["train", str(ratings_file), "--solver", solver, "--n-epochs", "2", "--no-refit",
                 "--learning-rate", "auto", "--json"]) == 0
    captured = capsys.readouterr()
    match = re.fullmatch(
        r"mfgui: Learning rate: (\S+) lowers the training loss most in the first 5 epochs, of \d+ "
        r"rates tried on \d+ ratings\. A lower rate .*\.\n", captured.err)
    assert match
    assert last_json(captured.out)["settings"]["learning_rate"] == float(match[1])
    assert last_json(captured.out)["learning_rate"] == pytest.approx(float(match[1]))


def test_help_says_that_a_rate_can_be_found(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--solver", "sgd", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "--learning-rate X|auto" in told
    assert ("or auto: the one that lowers the training loss most in the first 5 epochs, found "
            "before the run") in told


def test_a_method_without_a_rate_says_so_in_one_sentence(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["--learning-rate", "auto"], ["--learning-rate=0.1"]):
        with pytest.raises(SystemExit) as caught:
            main(["train", str(ratings_file), "--solver", "average", *words])
        assert caught.value.code == 2
        assert capsys.readouterr().err == (
            f"mfgui train: {SOLVERS['average'].label} has no learning rate: leave --learning-rate "
            "out (see mfgui train --help)\n")


def test_a_step_that_finds_its_own_rate_is_told_and_trained_with(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(ratings_file), "--solver", "gradient-descent", "--step",
                 "line-search", "--learning-rate", "auto", "--n-epochs", "2", "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ("mfgui: --learning-rate does nothing here: it needs --step fixed or "
                            "--step adam.\n")
    assert last_json(captured.out)["settings"]["learning_rate"] is None


def test_neither_a_number_nor_auto_is_refused(
    ratings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", str(ratings_file), "--learning-rate", "fast"])
    assert caught.value.code == 2
    assert "'fast' is neither a number nor auto" in capsys.readouterr().err
