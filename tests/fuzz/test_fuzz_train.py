"""Three hundred hostile draws, as `train.py` makes them; five thousand are its own business."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.core.settings import describe
from mfgui.core.solvers import SOLVERS
from mfgui.core.solvers.sgd import Sgd

PROGRAM = Path(__file__).with_name("train.py")


def test_300_hostile_draws_end_in_finite_numbers_or_one_sentence(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), "--cases", "300", "--seed", "7", "--jobs", "2",
         "--patience", "2", "--keep", str(tmp_path)],
        capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert " 0 failures" in ended.stdout


@pytest.fixture(scope="module")
def program() -> Any:
    """Return the fuzzer as a module; what stands beside it is found as when it is run."""
    before = list(sys.path)
    spec = importlib.util.spec_from_file_location("fuzz_train", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def spoilt(damage: Callable[[Sgd], None]) -> type[Sgd]:
    """Return sgd with something wrong at the end of each epoch."""
    class Spoilt(Sgd):
        def run_epoch(self, *arguments: Any) -> None:
            super().run_epoch(*arguments)
            damage(self)

        def fit(self, *arguments: Any) -> Any:  # so that no guard sees it
            return Sgd.fit(self, *arguments) if self.n_epochs_done == 0 else self.first_fit

    return Spoilt


def put_nan(solver: Sgd) -> None:
    solver.first_fit = type(Sgd.fit(solver))(1.0, 1.0, 1.0)  # type: ignore[attr-defined]
    solver.arrays()["user_factors"][:] = np.nan


def warn(solver: Sgd) -> None:
    warnings.warn("overflow", RuntimeWarning, stacklevel=1)


@pytest.mark.parametrize(("damage", "word"), [
    (put_nan, "not finite"), (warn, "RuntimeWarning: overflow")])
def test_what_a_spoilt_solver_does_is_found(
    monkeypatch: pytest.MonkeyPatch, program: Any, planted: Ratings,
    damage: Callable[[Sgd], None], word: str,
) -> None:
    monkeypatch.setitem(SOLVERS, "sgd", spoilt(damage))
    draw = program.Draw("sgd", {"n_epochs": 2, "validation": 0.0}, "", "planted", planted)
    assert word in program.caught(draw, 60.0).partition("\n")[0]


def test_memory_beyond_what_was_said_is_found(
    monkeypatch: pytest.MonkeyPatch, program: Any, planted: Ratings
) -> None:
    held = []
    greedy = spoilt(lambda solver: held.append(np.ones(30 << 20)))  # 240 MiB
    monkeypatch.setattr(greedy, "fit", Sgd.fit)
    monkeypatch.setitem(SOLVERS, "sgd", greedy)
    draw = program.Draw("sgd", {"n_epochs": 1, "validation": 0.0}, "", "planted", planted)
    program.caught(draw, 60.0)  # the first of its kind compiles and is not judged
    assert program.caught(draw, 60.0).startswith("memory: ")


def test_a_value_out_of_bounds_must_be_refused(program: Any, planted: Ratings) -> None:
    draw = program.Draw("sgd", {"n_epochs": 0}, "n_epochs", "planted", planted)
    assert program.caught(draw, 60.0) == "refused"
    taken = program.Draw("sgd", {"n_epochs": 1}, "n_epochs", "planted", planted)
    assert program.caught(taken, 60.0).startswith("taken out of bounds")


@pytest.mark.parametrize("name", SOLVERS)
def test_every_setting_is_drawn(program: Any, name: str) -> None:
    drawn = [program.make_draw(number, 3) for number in range(400)]
    found = {each for draw in drawn if draw.solver == name for each in draw.values}
    assert found == {info.name for info in describe(SOLVERS[name].settings_type)}


def test_a_draw_that_is_kept_can_be_made_again(program: Any, tmp_path: Path) -> None:
    for number in range(20):
        draw = program.make_draw(number, 3)
        program.save_draw(draw, tmp_path / "draw.npz")
        again = program.load_draw(tmp_path / "draw.npz")
        assert again.label == draw.label
        np.testing.assert_array_equal(again.ratings.value, draw.ratings.value)
