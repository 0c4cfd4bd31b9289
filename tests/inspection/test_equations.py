"""The equations with one cell's numbers: what they show is what the solvers minimize."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core import objective
from mfgui.core.model import FactorModel
from mfgui.core.objective import Pair
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.inspection.equations import (
    NO_RATE,
    UNRATED,
    UNSEEN,
    Equations,
    equations_latex,
    equations_of,
    equations_text,
)
from mfgui.inspection.formula import Line, Matrix, Number, Vector
from mfgui.inspection.known import Known, known_of
from mfgui.inspection.methods import WAYS, Method, default_rate, method_of
from mfgui.inspection.pairs import cell_of
from mfgui.training.events import EpochRecord
from mfgui.training.session import TrainingSession

SINGLE = [name for name in SOLVERS if name != "average"]


@dataclass(frozen=True, eq=False)
class Trained:
    """A model of a few epochs, and what its equations need."""

    model: FactorModel
    known: Known
    method: Method
    record: EpochRecord

    def equations(self, user: int, item: int) -> Equations:
        return equations_of(self.model, self.known, self.method, user, item)


def trained(solver: str, ratings: Ratings, **settings: Any) -> Trained:
    """Train a few epochs on all ratings, from factors large enough to matter."""
    values: dict[str, Any] = {
        "n_factors": 3, "n_epochs": 4, "validation": 0.0, "patience": 0, "initial_sd": 0.4,
        **settings}
    made = SOLVERS[solver].settings_type(**values)
    session = TrainingSession(solver, made, ratings)
    list(session.epochs())
    assert session.result is not None
    record = session.result.last_record
    method = method_of(solver, made, ratings, record.learning_rate, "is that of the last epoch")
    return Trained(session.result.model, Known(ratings), method, record)


def line(equations: Equations, section: str, name: str) -> Line:
    """Return one line by the beginnings of its section's and its own name."""
    [found] = [line for part in equations.sections if part.title.startswith(section)
               for line in part.lines if line.name == name]
    return found


def last(equations: Equations, section: str, name: str) -> Any:
    """Return the last number or vector of a line."""
    part = line(equations, section, name).formula[-1]
    assert isinstance(part, (Number, Vector, Matrix))
    return part.value if isinstance(part, Number) else part.values


def two_by_two() -> tuple[FactorModel, Known, Method]:
    """Return U = (1, 2)^T, V = (3, 1)^T; rated 5 at (0, 0) and 1 at (1, 1); rate 0.1."""
    ratings = Ratings(
        np.array([0, 1], np.int32), np.array([0, 1], np.int32), np.array([5, 1], np.float32),
        TextArray.from_strings("ab"), TextArray.from_strings("xy"))
    zeros = np.zeros(2, np.float32)
    model = FactorModel(np.array([[1], [2]], np.float32), np.array([[3], [1]], np.float32), zeros,
                        zeros, 0.0, (1.0, 5.0))
    return model, Known(ratings), Method("sgd", WAYS["sgd"], rate=0.1)


def test_a_two_by_two_case_by_hand() -> None:
    model, known, method = two_by_two()
    found = equations_of(model, known, method, 0, 0)
    assert found.title == "n: user a,  m: item x,  rated 5"
    assert last(found, "Prediction", "prediction") == 3.0
    assert last(found, "Error", "error") == -2.0
    assert last(found, "Error", "residual") == 2.0
    assert last(found, "This cell", "share") == 2.0
    assert last(found, "Gradients", "user's row") == [-6.0]
    assert last(found, "Gradients", "item's row") == [-2.0]
    assert last(found, "One step", "user's row") == pytest.approx([1.6])
    assert last(found, "One step", "item's row") == pytest.approx([3.2])
    assert last(found, "After", "prediction") == pytest.approx(5.12)
    assert last(found, "After", "share") == pytest.approx(0.0072)
    assert last(found, "After", "change") == pytest.approx(-1.9928)


def test_a_batch_step_by_hand() -> None:
    model, known, _ = two_by_two()
    method = Method("gradient-descent", WAYS["gradient-descent"], rate=0.1)
    found = equations_of(model, known, method, 1, 1)
    assert last(found, "All ratings", "of the user") == [1.0]
    assert last(found, "All ratings", "of the item") == [2.0]
    assert last(found, "One step", "user's row") == pytest.approx([1.9])
    assert last(found, "One step", "item's row") == pytest.approx([0.8])


def test_it_says_that_the_residual_is_the_negative_of_e() -> None:
    model, known, method = two_by_two()
    assert "negative" in line(equations_of(model, known, method, 0, 0), "Error", "error").note


def test_every_solver_has_its_way() -> None:
    assert set(WAYS) == set(SINGLE)


@pytest.mark.parametrize("solver", SINGLE)
def test_the_shares_of_all_cells_are_the_solvers_loss(solver: str, tiny: Ratings) -> None:
    there = trained(solver, tiny)
    if solver == "implicit-als":
        cells = [(n, m) for n in range(tiny.n_users) for m in range(tiny.n_items)]
    else:
        cells = list(zip(tiny.user_index.tolist(), tiny.item_index.tolist(), strict=True))
    total = sum(objective.pair_loss(cell_of(there.model, there.known, there.method, n, m).pair)
                for n, m in cells)
    # The record sums predictions in float32.
    assert total == pytest.approx(there.record.loss, rel=2e-6)


@pytest.mark.parametrize("solver", SINGLE)
def test_the_prediction_is_the_models(solver: str, planted: Ratings) -> None:
    there = trained(solver, planted)
    for user, item in ((0, 0), (7, 31), (59, 39)):
        raw = there.model.predict(np.array([user]), np.array([item]), is_clipped=False)[0]
        assert there.equations(user, item).prediction == pytest.approx(float(raw), abs=2e-6)


@pytest.mark.parametrize("solver", SINGLE)
def test_the_gradients_shown_agree_with_central_differences(solver: str, tiny: Ratings) -> None:
    found = trained(solver, tiny).equations(1, 3)
    assert found.gradient is not None

    def by_differences(name: str) -> NDArray[np.float64]:
        start, step = np.atleast_1d(getattr(found.pair, name)), 1e-5
        slopes = []
        for place in range(start.size):
            ends = []
            for side in (1, -1):
                moved = start.astype(np.float64)
                moved[place] += side * step
                there: Any = moved if start.size > 1 else float(moved[0])
                ends.append(objective.pair_loss(replace(found.pair, **{name: there})))
            slopes.append((ends[0] - ends[1]) / (2 * step))
        return np.array(slopes)

    for part, name in (("user_row", "user's row"), ("item_row", "item's row")):
        shown = last(found, "Gradients", f"{name}")
        np.testing.assert_allclose(shown, by_differences(part), atol=1e-7)
        np.testing.assert_array_equal(shown, getattr(found.gradient, part))
    if any(line.name == "user's bias" for line in found.lines):
        assert last(found, "Gradients", "user's bias") == pytest.approx(
            float(by_differences("user_bias")[0]), abs=1e-7)


@pytest.mark.parametrize("solver", [name for name in SINGLE if WAYS[name].kind == "pairs"])
def test_a_small_step_lowers_the_cells_share(solver: str, tiny: Ratings) -> None:
    there = trained(solver, tiny)
    small = replace(there.method, rate=1e-3)
    for user, item in zip(tiny.user_index.tolist(), tiny.item_index.tolist(), strict=True):
        found = equations_of(there.model, there.known, small, user, item)
        assert last(found, "After", "change") < 0
        assert line(found, "After", "change").note == "The cell's share falls."


def test_a_step_that_is_too_long_is_said_to_be(tiny: Ratings) -> None:
    there = trained("sgd", tiny)
    found = equations_of(there.model, there.known, replace(there.method, rate=50.0), 0, 0)
    assert "goes past" in line(found, "After", "change").note


@pytest.mark.parametrize("name", ["pair_gradient", "pair_loss", "pair_error", "pair_step"])
def test_what_is_shown_is_computed_by_the_objective(
    name: str, tiny: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = trained("sgd", tiny)
    before = equations_text(there.equations(0, 0), 6)
    real: Callable[..., Any] = getattr(objective, name)

    def doubled(*arguments: Any, **named: Any) -> Any:
        result = real(*arguments, **named)
        if isinstance(result, Pair):
            return replace(result, user_row=2 * result.user_row)
        return type(result)(*(2 * part for part in result)) if isinstance(
            result, tuple) else 2 * result

    monkeypatch.setattr(objective, name, doubled)
    assert equations_text(there.equations(0, 0), 6) != before


@pytest.mark.parametrize("name", ["row_gradient", "row_error"])
def test_rows_are_computed_by_the_objective(
    name: str, tiny: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = trained("gradient-descent", tiny)
    before = equations_text(there.equations(0, 0), 6)
    real: Callable[..., Any] = getattr(objective, name)
    monkeypatch.setattr(objective, name, lambda *given: 2 * real(*given))
    assert equations_text(there.equations(0, 0), 6) != before


def test_the_rows_are_rows_of_e_v_and_e_t_u(tiny: Ratings) -> None:
    there = trained("gradient-descent", tiny, regularization=0.3)
    users, items = (np.asarray(rows, np.float64) for rows in (
        there.model.user_factors, there.model.item_factors))
    plain, whole = (objective.gradients(tiny, users, items, weight) for weight in (0.0, 0.3))
    found = there.equations(2, 3)
    np.testing.assert_allclose(last(found, "All", "of the user"), plain[0][2], atol=1e-12)
    np.testing.assert_allclose(last(found, "All", "of the item"), plain[1][3], atol=1e-12)
    rate = there.method.factor_rate
    np.testing.assert_allclose(
        last(found, "One step", "user's row"), users[2] - rate * whole[0][2], atol=1e-12)


@pytest.mark.parametrize("solver", ["als", "implicit-als"])
def test_the_row_solves_its_normal_equations_and_its_loss_falls(
    solver: str, tiny: Ratings
) -> None:
    found = trained(solver, tiny).equations(3, 2)
    title = "The user's row"
    matrix, right = last(found, title, "matrix"), last(found, title, "right side")
    row = last(found, title, "after")
    np.testing.assert_allclose(matrix @ row, right[:, 0], atol=1e-10)
    assert last(found, title, "row's part of L") <= 0
    assert found.moved is not None
    np.testing.assert_array_equal(row[:3], found.moved.user_row)


def test_a_large_system_is_summarised(planted: Ratings) -> None:
    found = trained("als", planted, n_factors=9).equations(3, 2)
    text = equations_text(found, 3)
    assert "10 × 10" in text
    assert "trace" in text
    assert "condition number" in text
    assert not any(isinstance(part, Matrix) for each in found.lines for part in each.formula)


def test_a_cell_without_a_rating_has_a_prediction_alone(tiny: Ratings) -> None:
    found = trained("sgd", tiny).equations(0, 2)
    assert [section.title for section in found.sections] == ["Prediction"]
    assert found.sentence == UNRATED
    assert not found.is_in_loss


def test_preferences_have_an_error_in_every_cell(tiny: Ratings) -> None:
    found = trained("implicit-als", tiny).equations(0, 2)
    assert last(found, "Error", "preference") == 0.0
    assert last(found, "Error", "confidence") == 1.0
    assert last(found, "Error", "error") == found.prediction
    rated = trained("implicit-als", tiny, alpha=4.0, confidence="linear").equations(0, 0)
    assert last(rated, "Error", "confidence") == 1 + 4 * 5.0


def test_a_held_out_rating_has_an_error_but_no_share(tiny: Ratings) -> None:
    there = trained("sgd", tiny)
    known = known_of(tiny, np.array([1]), is_trained_on_all=False)
    found = equations_of(there.model, known, there.method, 0, 1)
    assert [section.title for section in found.sections] == ["Prediction", "Error"]
    assert found.sentence == UNSEEN
    assert last(found, "Error", "error") == found.prediction - 3.0


def test_without_a_rate_there_is_no_step(tiny: Ratings) -> None:
    there = trained("sgd", tiny)
    found = equations_of(there.model, there.known, method_of("", None, tiny), 0, 0)
    assert found.sentence == NO_RATE
    assert found.moved is None
    assert not any(section.title == "One step" for section in found.sections)


def test_a_clipped_prediction_is_said_to_be(tiny: Ratings) -> None:
    there = trained("sgd", tiny)
    model = replace(there.model, scale=(4.0, 5.0))
    found = equations_of(model, there.known, there.method, 2, 0)
    assert last(found, "Prediction", "shown") == 4.0
    assert last(found, "Prediction", "prediction") == found.prediction < 4.0


def test_an_average_shows_one_members_equations(tiny: Ratings) -> None:
    settings = SOLVERS["average"].settings_type(
        n_members=2, n_factors=3, n_epochs=3, validation=0.0, kind="adagrad", other_kind="als",
        initial_sd=0.3)
    session = TrainingSession("average", settings, tiny)
    list(session.epochs())
    assert session.result is not None
    model, known = session.result.model, Known(tiny)
    kinds = []
    for member in range(2):
        method = method_of("average", settings, tiny, 0.05, member=member)
        found = equations_of(model, known, method, 0, 0, member)
        kinds.append(method.kind)
        raw = float(model.predict(np.array([0]), np.array([0]), is_clipped=False)[0])
        assert last(found, "Average", "average") == pytest.approx(raw, abs=2e-6)
        own = float(model.member(member).predict(
            np.array([0]), np.array([0]), is_clipped=False)[0])
        assert last(found, "Prediction", "prediction") == pytest.approx(own, abs=2e-6)
    assert kinds == ["pairs", "rows"]


def test_a_normalised_rate_is_told_in_the_users_units(tiny: Ratings) -> None:
    found = trained("adagrad", tiny).equations(0, 0)
    rate = line(found, "One step", "rate")
    assert last(found, "One step", "rate") == pytest.approx(0.05 / np.std(tiny.value))
    assert "without it" in rate.note
    assert last(found, "One step", "rate of biases") == pytest.approx(0.3 * 0.05)


def test_numbers_that_overflow_are_shown_as_they_are(tiny: Ratings) -> None:
    there = trained("sgd", tiny)
    huge = replace(there.model, user_factors=there.model.user_factors * np.float32(1e38),
                   item_factors=there.model.item_factors * np.float32(1e38))
    method = replace(there.method, rate=1e300)
    text = equations_text(equations_of(huge, there.known, method, 0, 0), 3)
    assert "∞" in text or "undefined" in text


def test_text_and_latex_hold_every_line(tiny: Ratings) -> None:
    found = trained("sgd", tiny, n_factors=12).equations(0, 0)
    text, latex = equations_text(found, 4), equations_latex(found, 4)
    assert "residual shown elsewhere" in text
    assert text.count("\n  ") == len(found.lines)
    assert latex.count(r"\[") == len(found.lines)
    assert "…" not in text + latex
    assert latex.count("{") == latex.count("}")


@pytest.mark.parametrize("solver", ["sgd", "adagrad"])
def test_a_rate_to_try_is_near_the_solvers_own(solver: str, tiny: Ratings) -> None:
    method = method_of(solver, None, tiny)
    assert method.rate is None
    assert 0.01 < default_rate(method, tiny) < 0.5
