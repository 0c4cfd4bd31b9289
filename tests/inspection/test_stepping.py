"""Step mode: what a solver does, by hand, on a copy, and back to the same bits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core import objective
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import CancelledError, StepError
from mfgui.inspection import stepping, trial_state
from mfgui.inspection.equations import equations_of
from mfgui.inspection.known import Known, known_of
from mfgui.inspection.methods import WAYS, Method, method_of
from mfgui.inspection.random_start import random_start
from mfgui.inspection.stepping import Stepper
from mfgui.training.session import TrainingSession

SINGLE = [name for name in SOLVERS if name != "average"]
PARTS = ("user_factors", "item_factors", "user_bias", "item_bias")


def trained(solver: str, ratings: Ratings, **settings: Any) -> tuple[FactorModel, Method, float]:
    """Train a few epochs; return the model, its method and its loss."""
    values: dict[str, Any] = {
        "n_factors": 3, "n_epochs": 3, "validation": 0.0, "patience": 0, "initial_sd": 0.4,
        "refit": False, **settings}
    made = SOLVERS[solver].settings_type(**values)
    session = TrainingSession(solver, made, ratings)
    list(session.epochs())
    assert session.result is not None
    record = session.result.last_record
    return (session.result.model, method_of(solver, made, ratings, record.learning_rate),
            record.loss)


def stepper(solver: str, ratings: Ratings, **settings: Any) -> Stepper:
    model, method, _ = trained(solver, ratings, **settings)
    return Stepper(model, Known(ratings), method)


def bits(model: FactorModel) -> list[bytes]:
    return [getattr(model, name).tobytes() for name in PARTS]


def gap(one: FactorModel, other: FactorModel) -> float:
    return max(float(np.abs(getattr(one, name) - getattr(other, name)).max()) for name in PARTS)


@pytest.mark.parametrize("solver", SINGLE)
def test_the_loss_is_the_solvers(solver: str, planted: Ratings) -> None:
    model, method, loss = trained(solver, planted)
    # The record sums predictions in float32.
    assert Stepper(model, Known(planted), method).loss == pytest.approx(loss, rel=2e-6)


@pytest.mark.parametrize("solver", SINGLE)
def test_every_kind_of_step_goes_back_to_the_same_bits(solver: str, tiny: Ratings) -> None:
    model, method, _ = trained(solver, tiny)
    before = bits(model)
    there = Stepper(model, Known(tiny), method)
    start, losses = bits(there.exact_model), [there.loss]
    if method.kind != "rows":
        there.step_rating(0, 1)
    there.step_row(3)
    there.step_epoch()
    losses = list(there.losses)
    assert len(set(losses)) == len(losses) > 2
    assert bits(there.model) != before
    for loss in losses[-2::-1]:
        assert there.go_back()
        assert there.loss == loss
    assert not there.go_back()
    assert bits(there.exact_model) == start
    assert bits(there.model) == before == bits(model)


def test_the_models_own_numbers_are_never_touched(planted: Ratings) -> None:
    model, method, _ = trained("sgd", planted)
    before = bits(model)
    there = Stepper(model, Known(planted), method)
    shown = there.model
    there.step_epoch()
    assert bits(model) == bits(shown) == before
    assert not any(np.shares_memory(getattr(there.model, name), getattr(model, name))
                   for name in PARTS)


def test_a_rating_is_stepped_as_its_equations_say(tiny: Ratings) -> None:
    for solver in (name for name in SINGLE if WAYS[name].kind == "pairs"):
        model, method, _ = trained(solver, tiny)
        moved = equations_of(model, Known(tiny), method, 3, 2).moved
        there = Stepper(model, Known(tiny), method)
        there.step_rating(3, 2)
        assert moved is not None
        np.testing.assert_allclose(there.exact_model.user_factors[3],
                                   moved.user_row + moved.implicit, atol=1e-12)
        np.testing.assert_allclose(there.exact_model.item_factors[2], moved.item_row, atol=1e-12)
        assert there.exact_model.user_bias[3] == pytest.approx(moved.user_bias, abs=1e-12)


@pytest.mark.parametrize("solver", ["als", "implicit-als"])
def test_a_solved_row_is_the_one_of_the_equations(solver: str, tiny: Ratings) -> None:
    model, method, _ = trained(solver, tiny)
    moved = equations_of(model, Known(tiny), method, 3, 2).moved
    there = Stepper(model, Known(tiny), method)
    there.step_row(3)
    assert moved is not None
    np.testing.assert_allclose(there.exact_model.user_factors[3], moved.user_row, atol=1e-12)
    assert there.losses[1] < there.losses[0]


@pytest.mark.parametrize(("solver", "settings"), [
    ("gradient-descent", {"regularization": 0.2, "biases": True}),
    ("gradient-descent", {}),
    ("als", {"inner": "cholesky"}),
    ("implicit-als", {"inner": "cholesky"}),
])
def test_an_epoch_by_hand_is_an_epoch_of_the_solver(
    solver: str, settings: dict[str, Any], planted: Ratings
) -> None:
    there = stepper(solver, planted, n_epochs=2, **settings)
    there.step_epoch()
    solved, _, loss = trained(solver, planted, n_epochs=3, **settings)
    # The solver works in float32.
    assert gap(there.model, solved) < 2e-5
    assert there.loss == pytest.approx(loss, rel=1e-5)


def test_an_epoch_of_pairs_goes_over_all_ratings_in_order(tiny: Ratings) -> None:
    one, other = (stepper("sgd", tiny, biases=True) for _ in range(2))
    one.step_epoch()
    for user in range(tiny.n_users):
        other.step_row(user)
    assert bits(one.exact_model) == bits(other.exact_model)
    third = stepper("sgd", tiny, biases=True)
    for user, item in zip(tiny.user_index.tolist(), tiny.item_index.tolist(), strict=True):
        third.step_rating(user, item)
    assert bits(one.exact_model) == bits(third.exact_model)


@pytest.mark.parametrize("solver", SINGLE)
def test_the_compiled_passes_do_what_the_plain_equations_do(
    solver: str, planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, method, _ = trained(solver, planted)
    found = []
    for few in (10**9, 10):
        monkeypatch.setattr(trial_state, "FEW_RATINGS", few)
        there = Stepper(model, Known(planted), method)
        there.step_row(5)
        there.step_epoch()
        found.append(there)
    np.testing.assert_allclose(found[0].losses, found[1].losses, rtol=1e-12)
    assert gap(found[0].exact_model, found[1].exact_model) < 1e-12


def test_small_steps_lower_the_loss_and_are_seen_in_double_precision(tiny: Ratings) -> None:
    for solver in (name for name in SINGLE if WAYS[name].kind != "rows"):
        model, method, _ = trained(solver, tiny)
        there = Stepper(model, Known(tiny), replace(method, rate=1e-9))
        there.step_epoch()
        assert there.losses[1] < there.losses[0]


def test_a_row_of_gradient_descent_follows_its_own_gradient(tiny: Ratings) -> None:
    model, method, _ = trained("gradient-descent", tiny, regularization=0.3, biases=True)
    there = Stepper(model, Known(tiny), method)
    at = objective.Unknowns(*(np.asarray(getattr(model, name), np.float64) for name in PARTS))
    error = objective.full_error(tiny, at, model.global_mean)
    slope = objective.full_gradient(tiny, error, at, 0.3, has_biases=True)
    there.step_row(2)
    rate = method.factor_rate
    np.testing.assert_allclose(there.exact_model.user_factors[2],
                               at.user_factors[2] - rate * slope.user_factors[2], atol=1e-12)
    assert there.exact_model.user_bias[2] == pytest.approx(
        at.user_bias[2] - rate * slope.user_bias[2], abs=1e-12)
    np.testing.assert_array_equal(there.exact_model.item_factors, at.item_factors)


def test_another_rate_is_taken_from_the_next_step_on(tiny: Ratings) -> None:
    there = stepper("sgd", tiny)
    there.set_method(Method("sgd", WAYS["sgd"], rate=1e-30))
    before = there.loss
    there.step_rating(0, 0)
    assert there.loss == before


def test_going_back_is_bounded_by_memory(tiny: Ratings, monkeypatch: pytest.MonkeyPatch) -> None:
    there = stepper("sgd", tiny)
    whole = sum(getattr(there.exact_model, name).nbytes for name in PARTS)
    monkeypatch.setattr(stepping, "MOST_KEPT_BYTES", 3 * whole)
    for _ in range(5):
        there.step_epoch()
    n_back = 0
    while there.go_back():
        n_back += 1
    assert n_back == 3
    assert there.n_steps == 2
    assert not there.can_go_back


def test_what_was_held_out_is_not_stepped(tiny: Ratings) -> None:
    model, method, _ = trained("sgd", tiny)
    there = Stepper(model, known_of(tiny, np.array([1]), is_trained_on_all=False), method)
    with pytest.raises(StepError, match="training ratings"):
        there.step_rating(0, 1)
    with pytest.raises(StepError, match="training ratings"):
        there.step_rating(0, 2)
    assert there.n_steps == 0


def test_what_cannot_be_stepped_is_refused_in_a_sentence(tiny: Ratings) -> None:
    model, method, _ = trained("als", tiny)
    there = Stepper(model, Known(tiny), method)
    with pytest.raises(StepError, match="whole rows"):
        there.step_rating(0, 0)
    there = Stepper(model, Known(tiny), method_of("sgd", None, tiny))
    with pytest.raises(StepError, match="rate"):
        there.step_rating(0, 0)
    with pytest.raises(StepError, match="rate"):
        there.step_epoch()
    with pytest.raises(StepError, match="member"):
        Stepper(replace(model, member_ends=(1, 3)), Known(tiny), method)
    empty = known_of(tiny, np.array([0, 1, 2]), is_trained_on_all=False)
    with pytest.raises(StepError, match="no training rating"):
        Stepper(model, empty, method).step_row(0)


def test_too_many_rows_to_solve_are_refused(
    tiny: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepping, "MOST_ROWS", 8)
    with pytest.raises(StepError, match="at most 8 rows"):
        stepper("als", tiny).step_epoch()


def test_a_step_that_is_cancelled_changes_nothing(tiny: Ratings) -> None:
    for solver in ("sgd", "als"):
        there, calls = stepper(solver, tiny), []
        start = bits(there.exact_model)

        def checkpoint(calls: list[int] = calls) -> None:
            calls.append(1)
            if len(calls) > 3:
                raise CancelledError("Stopped.")

        with pytest.raises(CancelledError):
            there.step_epoch(checkpoint)
        assert bits(there.exact_model) == start
        assert there.n_steps == 0


def test_a_rate_that_is_far_too_large_is_survived(tiny: Ratings) -> None:
    there = stepper("sgd", tiny)
    start = bits(there.exact_model)
    there.set_method(Method("sgd", WAYS["sgd"], rate=1e200))
    there.step_epoch()
    assert not np.isfinite(there.loss)
    assert not np.isfinite(there.model.user_factors).all()
    there.go_back()
    assert bits(there.exact_model) == start


def test_a_random_start_can_be_stepped_through_before_any_training(tiny: Ratings) -> None:
    model = random_start(tiny)
    there = Stepper(model, Known(tiny), Method("sgd", WAYS["sgd"], rate=0.05))
    for _ in range(100):
        there.step_epoch()
    assert there.loss < 0.2 * there.losses[0]
    assert bits(random_start(tiny)) == bits(model)


def test_a_row_that_nothing_holds_back_is_the_shortest(tiny: Ratings) -> None:
    model, method, _ = trained("als", tiny, n_factors=5)
    free = replace(model, rules=(replace(model.rules[0], regularization=0.0),))
    found = equations_of(free, Known(tiny), method, 0, 0)
    there = Stepper(free, Known(tiny), method)
    there.step_row(0)
    assert found.moved is not None
    np.testing.assert_array_equal(there.exact_model.user_factors[0], found.moved.user_row)
    assert any("shortest" in line.note for line in found.lines)
