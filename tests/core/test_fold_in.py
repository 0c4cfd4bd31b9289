"""One row solved from its ratings: it minimizes what its solver says, and its shares add up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.fold_in import (
    FoldedUser,
    RowFit,
    fold_in,
    fold_in_item,
    fold_in_user,
    folded_predictions,
    gram_of,
    grams_of,
    implicit_part,
    rule_of,
)
from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.scaling import Scaling, scaling_of
from mfgui.core.settings import describe
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.core.solvers.average import average_of
from mfgui.core.solvers.implicit_als import positive_median

Row = NDArray[np.float64]
SINGLE = [name for name in SOLVERS if name != "average"]


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def trained(name: str, ratings: Ratings, pool: WorkerPool, n_epochs: int = 2, **values: Any
            ) -> Solver:
    names = {info.name for info in describe(SOLVERS[name].settings_type)}
    wanted = {"n_factors": 4, "damping": 3.0, "initial_sd": 0.3, "regularization": 0.2, **values}
    settings = SOLVERS[name].settings_type(
        **{key: value for key, value in wanted.items() if key in names})
    solver = SOLVERS[name](ratings, settings, pool, np.random.default_rng(3))
    for _ in range(n_epochs):
        solver.run_epoch()
    return solver


def user_row(ratings: Ratings, user: int) -> tuple[NDArray[Any], NDArray[Any]]:
    row = slice(*ratings.row_pointers[user : user + 2])
    return ratings.item_index[row], ratings.value[row]


def item_row(ratings: Ratings, item: int) -> tuple[NDArray[Any], NDArray[Any]]:
    at = np.flatnonzero(ratings.item_index == item)
    return ratings.user_index[at], ratings.value[at]


def folded(model: FactorModel, ratings: Ratings, side: str, row: int) -> RowFit:
    if side == "user":
        return fold_in_user(model, rule_of(model), *user_row(ratings, row))
    return fold_in_item(model, rule_of(model), *item_row(ratings, row))


def scaling_in(solver: Solver) -> Scaling:
    """Return what the solver's docstring says it takes off the ratings."""
    ratings = solver.ratings
    if solver.name in ("gradient-descent", "sgd", "implicit-als"):
        return Scaling()
    if solver.name == "nmf":
        return Scaling(min(float(ratings.value.min()), 0.0), scaling_of(ratings).sd)
    return scaling_of(ratings)


def stated(solver: Solver, side: str, row: int) -> Callable[[Row], float]:
    """Return what of the objective, as the class's docstring states it, one row decides.

    A function of the row's own factors and, last, its bias, in the user's units; times sd^2.
    """
    ratings, settings, model = solver.ratings, solver.settings, solver.model
    scaling = scaling_in(solver)
    others, values = (user_row if side == "user" else item_row)(ratings, row)
    factors, biases = ((model.item_factors, model.item_bias) if side == "user"
                       else (model.user_factors, model.user_bias))
    features = factors.astype(np.float64) / scaling.root
    mean = model.global_mean if solver.name in ("gradient-descent", "sgd") else 0.0
    implicit = implicit_part(model, others) / scaling.root if side == "user" else np.zeros(
        model.n_factors)

    def errors(x: Row) -> Row:
        own, bias = x[:-1] / scaling.root + implicit, x[-1] / scaling.sd
        target = (values.astype(np.float64) - scaling.mean) / scaling.sd
        return np.asarray(target - mean - bias - biases[others].astype(np.float64) / scaling.sd
                          - features[others] @ own)

    def over_all_cells(x: Row) -> float:
        median, c, p = positive_median(ratings.value), np.ones(len(features)), 0 * features[:, 0]
        c[others] += settings.alpha * np.log1p(np.maximum(values.astype(np.float64), 0) / median)
        p[others] = values > 0
        return float(np.sum(c * (p - features @ x[:-1]) ** 2)) + settings.regularization * float(
            x[:-1] @ x[:-1])

    def total(x: Row) -> float:
        if solver.name == "implicit-als":
            return 0.5 * over_all_cells(x)
        weight = 1.0 if solver.name == "gradient-descent" else others.size + getattr(
            settings, "damping", 0.0)
        on_bias = getattr(settings, "bias_regularization", settings.regularization)
        square = x[:-1] @ x[:-1] / scaling.sd
        penalty = weight * (settings.regularization * square + on_bias * (x[-1] / scaling.sd) ** 2)
        return 0.5 * scaling.sd**2 * float(np.sum(errors(x) ** 2) + penalty)

    return total


def slopes(function: Callable[[Row], float], at: Row, step: float = 1e-3) -> Row:
    """Return the central differences; of a sum of squares they are the gradient itself."""
    shifts = step * np.eye(at.size)
    return np.array([(function(at + shift) - function(at - shift)) / (2 * step)
                     for shift in shifts])


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("side", ["user", "item"])
@pytest.mark.parametrize("name", SINGLE)
def test_the_solved_row_is_at_the_bottom_of_the_objective_as_it_is_stated(
    planted: Ratings, pool: WorkerPool, name: str, side: str, biases: bool
) -> None:
    solver = trained(name, planted, pool, biases=biases)
    model, rule = solver.model, solver.model.rules[0]
    for row in (0, 7, 31):
        fit = folded(model, planted, side, row)
        at = np.append(fit.row[: model.n_factors], fit.bias)
        slope = slopes(stated(solver, side, row), at)
        steepest = float(np.abs(slopes(stated(solver, side, row), np.zeros_like(at))).max())
        free = np.append(np.ones(model.n_factors, bool), rule.has_bias)
        if rule.is_nonnegative:
            free[:-1] = at[:-1] > 0
            assert (at[:-1] >= 0).all()
            assert (slope[:-1][~free[:-1]] >= -1e-8 * steepest).all()
        # Sums of some 30 squares of size 1, over a step of 1e-3: good to 1e-12
        assert np.abs(slope[free]).max() < 1e-8 * steepest


@pytest.mark.parametrize("biases", [False, True])
def test_folding_in_a_user_of_a_converged_als_model_returns_that_users_row(
    planted: Ratings, pool: WorkerPool, biases: bool
) -> None:
    solver = trained("als", planted, pool, 400, inner="cholesky", biases=biases)
    model = solver.model
    for user in range(planted.n_users):
        fit = folded(model, planted, "user", user)
        # float32 rows of size 1; what the last item sweep still moved is below that
        np.testing.assert_allclose(fit.factors, model.user_factors[user], atol=2e-5)
        assert fit.bias == pytest.approx(model.user_bias[user], abs=2e-5)


def test_folding_in_after_a_half_sweep_returns_the_rows_just_solved(
    planted: Ratings, pool: WorkerPool
) -> None:
    for name in ("als", "implicit-als"):
        solver = trained(name, planted, pool, inner="cholesky")
        solver.half_sweep(1)  # type: ignore[attr-defined]
        model = solver.model_of(solver.arrays())
        rows = [folded(model, planted, "item", item).factors for item in range(planted.n_items)]
        np.testing.assert_allclose(rows, model.item_factors, atol=1e-5)


@pytest.mark.parametrize("side", ["user", "item"])
@pytest.mark.parametrize("name", SINGLE)
def test_the_shares_add_up_to_what_the_row_predicts(
    planted: Ratings, pool: WorkerPool, name: str, side: str
) -> None:
    model = trained(name, planted, pool, biases=True).model
    others = model.item_factors if side == "user" else model.user_factors
    for row in range(0, 40, 5):
        fit = folded(model, planted, side, row)
        for other in others[:10]:
            predicted = other.astype(np.float64) @ (fit.factors - fit.implicit) + fit.bias
            # float64, but A's inverse may be large where factors are small
            assert fit.shares(other).sum() == pytest.approx(predicted, rel=1e-9, abs=1e-9)


def test_ratings_in_another_order_give_the_same_row(planted: Ratings, pool: WorkerPool) -> None:
    model = trained("svd++", planted, pool).model
    items, values = user_row(planted, 5)
    one = fold_in_user(model, rule_of(model), items, values)
    two = fold_in_user(model, rule_of(model), items[::-1], values[::-1])
    np.testing.assert_allclose(one.row, two.row, rtol=1e-10)
    np.testing.assert_allclose(one.shares(model.item_factors[3]),
                               two.shares(model.item_factors[3])[::-1], rtol=1e-9, atol=1e-12)


def model_of_items(rng: np.random.Generator, n_items: int, n_factors: int, rule: FoldInRule,
                   low: float = -1.0) -> FactorModel:
    factors = rng.uniform(low, 1, (n_items, n_factors)).astype(np.float32)
    return FactorModel(np.zeros((1, n_factors), np.float32), factors, np.zeros(1, np.float32),
                       rng.normal(0, 0.1, n_items).astype(np.float32) * (not rule.is_nonnegative),
                       0.0, (0.0, 5.0), rules=(rule,))


def least_by_trying(features: Row, target: Row, ridge: float) -> float:
    """Return the least of ``1/2 |target - X x|^2 + ridge/2 |x|^2, x >= 0``, over all supports."""
    least = 0.5 * float(target @ target)
    for n in range(1, features.shape[1] + 1):
        for support in map(list, itertools.combinations(range(features.shape[1]), n)):
            x = features[:, support]
            stacked = np.vstack([x, ridge**0.5 * np.eye(n)])
            row = np.linalg.lstsq(stacked, np.append(target, np.zeros(n)))[0]
            if (row >= 0).all():
                left = target - x @ row
                least = min(least, 0.5 * float(left @ left + ridge * row @ row))
    return least


@pytest.mark.parametrize("regularization", [0.0, 1e-6, 0.05, 1.0])
def test_a_row_that_may_not_be_negative_is_the_best_of_all_that_may(regularization: float) -> None:
    rule = FoldInRule(regularization, is_nonnegative=True)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n_ratings = int(rng.integers(1, 12))
        # Factors of both signs have more at 0 than nmf's own would.
        model = model_of_items(rng, n_ratings, 5, rule, low=-0.5 if seed % 2 else 0.0)
        values = rng.uniform(-1, 5, n_ratings)
        fit = fold_in_user(model, rule, np.arange(n_ratings), values)
        ridge = regularization * n_ratings
        left = values - fit.features @ fit.row
        reached = 0.5 * float(left @ left + ridge * fit.row @ fit.row)
        assert (fit.row >= 0).all()
        least = least_by_trying(model.item_factors.astype(np.float64), values, ridge)
        assert reached == pytest.approx(least, rel=1e-7, abs=1e-9)
        assert fit.shares(model.item_factors[0]).sum() == pytest.approx(
            fit.row @ model.item_factors[0], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("n_ratings", [1, 3, 6, 20])
def test_where_nothing_holds_a_row_back_the_shortest_is_taken(
    n_ratings: int, has_bias: bool
) -> None:
    rule = FoldInRule(0.0, has_bias=has_bias)
    assert rule.is_minimum_norm
    rng = np.random.default_rng(n_ratings)
    model = model_of_items(rng, n_ratings, 6, rule)
    values = rng.uniform(0, 5, n_ratings)
    fit = fold_in_user(model, rule, np.arange(n_ratings), values)
    targets = values - model.item_bias.astype(np.float64)
    np.testing.assert_allclose(fit.row, np.linalg.pinv(fit.features) @ targets, atol=1e-8)


def test_an_item_rated_twice_alike_does_not_upset_the_shortest_row() -> None:
    rng = np.random.default_rng(0)
    rule = FoldInRule(0.0)
    model = model_of_items(rng, 4, 3, rule)
    model.item_factors[1] = model.item_factors[0]  # two items that nothing tells apart
    fit = fold_in_user(model, rule, np.arange(2), np.array([1.0, 3.0]))
    targets = np.array([1.0, 3.0]) - model.item_bias[:2]
    both = model.item_factors[0].astype(np.float64)
    assert fit.row @ both == pytest.approx(targets.mean(), rel=1e-6)


def test_a_row_without_ratings_is_zero(planted: Ratings, pool: WorkerPool) -> None:
    for name in SINGLE:
        model = trained(name, planted, pool).model
        row = fold_in(model, np.empty(0, np.int32), np.empty(0, np.float32))
        assert not row.factors.any()
        assert row.bias == 0
        assert row.fits[0].shares(model.item_factors[0]).shape == (0,)


def test_a_model_that_carries_no_rule_takes_the_shortest_row(
    planted: Ratings, pool: WorkerPool
) -> None:
    model = replace(trained("als", planted, pool).model, rules=())
    assert rule_of(model) == FoldInRule(has_bias=True)
    plain = replace(trained("sgd", planted, pool).model, rules=())
    assert rule_of(plain) == FoldInRule(has_bias=False)


def raw(model: FactorModel, row: FoldedUser) -> Row:
    return np.asarray(model.global_mean + model.item_bias.astype(np.float64) + row.bias
                      + model.item_factors.astype(np.float64) @ row.factors)


def test_an_average_is_folded_in_member_by_member(planted: Ratings, pool: WorkerPool) -> None:
    members = [trained(name, planted, pool).model for name in ("svd++", "nmf", "als", "sgd")]
    average = average_of(members)
    items, values = user_row(planted, 9)
    row = fold_in(average, items, values)
    each = [fold_in(member, items, values) for member in members]
    for fit, alone in zip(row.fits, each, strict=True):
        # the average's factors are rounded once more, to float32
        np.testing.assert_allclose(fit.row, alone.fits[0].row, atol=1e-4)
    expected = np.mean([raw(member, alone) for member, alone in zip(members, each, strict=True)],
                       axis=0)
    np.testing.assert_allclose(raw(average, row), expected, atol=1e-4)
    np.testing.assert_allclose(folded_predictions(average, row), raw(average, row), atol=1e-5)


def test_a_kept_gram_matrix_gives_the_same_row(planted: Ratings, pool: WorkerPool) -> None:
    model = trained("implicit-als", planted, pool).model
    (gram,) = grams = grams_of(model)
    assert gram is not None
    np.testing.assert_allclose(gram, model.item_factors.T.astype(np.float64) @ model.item_factors,
                               rtol=1e-6)
    items, values = user_row(planted, 2)
    one, two = fold_in(model, items, values), fold_in(model, items, values, grams)
    np.testing.assert_array_equal(one.factors, two.factors)
    assert grams_of(trained("als", planted, pool).model) == (None,)
    assert gram_of(np.ones((20_000, 2), np.float32))[0, 1] == 20_000
