"""The equations of whole rows: those of E V and E^T U, and the normal equations that als solves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mfgui.core import objective
from mfgui.core.fold_in import RowFit, fold_in_user, gram_of, rule_of
from mfgui.core.model import FactorModel
from mfgui.core.objective import Pair
from mfgui.inspection.formula import (
    CLOSE,
    EQUALS,
    MINUS_SIGN,
    OPEN,
    PLUS,
    TIMES,
    DoubleArray,
    Formula,
    Line,
    Matrix,
    Number,
    Part,
    Section,
    Sign,
    Symbol,
    Vector,
    after,
    given,
    joined,
)
from mfgui.inspection.known import Known
from mfgui.inspection.methods import Method
from mfgui.inspection.pair_lines import B_M, B_N, SUM, PairWords, U, V
from mfgui.inspection.step_lines import ETA, rate_lines, step_line

MOST_WRITTEN = 6  # factors; with more, a matrix is summarised
ROUNDING = 1e-12  # of a loss: what float64 leaves of two equal ones
MOST_TERMS = 3  # of a row's sum that are written out
EV, ETU, BLANK = Sign("(E V)"), Sign("(EᵀU)"), Sign(" ")


@dataclass(frozen=True, eq=False)
class SideOfCell:
    """A row of one side with all its training ratings.

    ``known`` is what mean and biases say of each rating, ``others`` the other side's rows.
    """

    row: DoubleArray
    bias: float
    others: DoubleArray
    known: DoubleArray
    values: DoubleArray

    @property
    def errors(self) -> DoubleArray:
        """The row's errors, ``r_hat - r``."""
        return np.asarray(objective.row_error(self.values, self.others, self.row, self.known))


def user_side(model: FactorModel, known: Known, user: int) -> SideOfCell:
    """Return a user's row with its training ratings, in float64."""
    items, values = known.user_row(user)
    return _side(model.user_factors[user], model.user_bias[user], model.item_factors[items],
                 model.item_bias[items], values, float(model.global_mean))


def item_side(model: FactorModel, known: Known, item: int) -> SideOfCell:
    """Return an item's row with its training ratings, in float64."""
    users, values = known.item_row(item)
    return _side(model.item_factors[item], model.item_bias[item], model.user_factors[users],
                 model.user_bias[users], values, float(model.global_mean))


def _side(
    row: np.ndarray, bias: float, others: np.ndarray, other_biases: np.ndarray,
    values: np.ndarray, mean: float,
) -> SideOfCell:
    known = mean + float(bias) + other_biases.astype(np.float64)
    return SideOfCell(row.astype(np.float64), float(bias), others.astype(np.float64), known,
                      values.astype(np.float64))


@dataclass(frozen=True, eq=False)
class BatchStep:
    """What a step down the gradient of all ratings does to one cell's two rows."""

    sections: tuple[Section, ...]
    moved: Pair


def batch_step(
    words: PairWords, method: Method, model: FactorModel, known: Known, user: int, item: int
) -> BatchStep:
    """Return the rows of E V and E^T U of a cell, and the step that follows them."""
    rule, pair = words.cell.rule, words.cell.pair
    lines, steps = [], rate_lines(method, has_biases=False)
    moved: dict[str, Any] = {}
    parts = (("user", U, B_N, "m", V, EV, "n"), ("item", V, B_M, "n", U, ETU, "m"))
    for (side, own, bias, other_index, other, name, index), rows in zip(
            parts, (user_side(model, known, user), item_side(model, known, item)), strict=True):
        weight = rule.regularization if rows.values.size else 0.0
        errors = rows.errors
        plain = objective.row_gradient(errors, rows.others, rows.row)
        gradient = objective.row_gradient(errors, rows.others, rows.row, weight)
        lines.append(_sum_line(side, (name, Symbol("", index)), other, other_index, rows, errors,
                               plain))
        derivative: Formula = name, Symbol("", index)
        if weight:
            derivative = OPEN, *derivative, PLUS, Symbol("λ"), TIMES, own, CLOSE
        row = rows.row - method.factor_rate * gradient
        steps.append(step_line(f"{side}'s row", own, derivative, (ETA, method.factor_rate),
                               rows.row, gradient, row))
        moved[f"{side}_row"] = row
        if rule.has_bias:
            slope = float(errors.sum()) + rule.bias_regularization * rows.bias
            after_it = rows.bias - method.bias_rate * slope
            steps.append(step_line(
                f"{side}'s bias", bias, _bias_slope(other_index, bias, rule.bias_regularization),
                (ETA, method.bias_rate), rows.bias, slope, after_it))
            moved[f"{side}_bias"] = after_it
    if rule.regularization:
        steps.insert(0, Line("weight", (Symbol("λ"),), (EQUALS, Number(rule.regularization)),
                             "It weighs each number once."))
    return BatchStep((Section("All ratings of the rows", tuple(lines)),
                      Section("One step, with all ratings", tuple(steps))),
                     replace(pair, **moved))


def _bias_slope(other_index: str, bias: Symbol, weight: float) -> Formula:
    """Return the derivative by a bias: the sum of its row's errors, and what holds it back."""
    held: Formula = (PLUS, Symbol("λ"), TIMES, bias) if weight else ()
    return OPEN, Symbol("Σ", other_index), BLANK, Symbol("e", "nm"), *held, CLOSE


def _sum_line(
    side: str, name: Formula, other: Symbol, other_index: str, rows: SideOfCell,
    errors: DoubleArray, total: DoubleArray,
) -> Line:
    """Return a row of E V or E^T U as a sum over the row's ratings."""
    terms: list[Formula] = [
        (after(float(error)), TIMES, Vector(values))
        for error, values in zip(errors[:MOST_TERMS], rows.others, strict=False)]
    more = errors.size - len(terms)
    if more > 0:
        terms.append((Sign("…"),))
    note = f"One term for each of the {side}'s {errors.size:,} ratings."
    return Line(f"of the {side}",
                (*name, EQUALS, Symbol("Σ", other_index), BLANK, Symbol("e", "nm"), TIMES, other),
                (EQUALS, *joined(terms, PLUS), EQUALS, Vector(total)), note)


@dataclass(frozen=True, eq=False)
class RowSolution:
    """A user's row solved with the items as they are."""

    sections: tuple[Section, ...]
    moved: Pair
    fit: RowFit
    matrix: DoubleArray
    right: DoubleArray


def row_solution(words: PairWords, model: FactorModel, known: Known, user: int) -> RowSolution:
    """Return the normal equations of a user's row, and the cell after they were solved."""
    rule, pair = rule_of(model), words.cell.pair
    items, values = known.user_row(user)
    gram = gram_of(model.item_factors) if rule.confidence else None
    fit = fold_in_user(model, rule, items, values, gram)
    ridge, bias_ridge = rule.ridges(items.size)
    ridges = np.full(fit.row.size, ridge)
    ridges[fit.n_factors:] = bias_ridge
    equations = fit.features, fit.targets, fit.weights, ridges
    matrix, right = objective.normal_equations(*equations, gram)
    row = fit.feature(pair.user_row)
    row[fit.n_factors:] = pair.user_bias
    losses = [objective.row_loss(*equations, each, gram) for each in (row, fit.row)]
    moved = replace(pair, user_row=fit.row[: fit.n_factors])
    if rule.has_bias:
        moved = replace(moved, user_bias=fit.bias)
    lines = [*_system_lines(words, fit, matrix, right, ridge),
             *_solution_lines(row, fit, losses, is_shortest=rule.is_minimum_norm)]
    return RowSolution((Section("The user's row, solved anew", tuple(lines)),), moved, fit, matrix,
                       right)


def _system_lines(
    words: PairWords, fit: RowFit, matrix: DoubleArray, right: DoubleArray, ridge: float
) -> list[Line]:
    """Return A and b."""
    rule, count = words.cell.rule, fit.others.size
    x, t = (OPEN, V, Sign(", 1)")) if rule.has_bias else (V,), Symbol("t", "m")
    unknown: Formula = (OPEN, U, Sign(", "), B_N, CLOSE) if rule.has_bias else (U,)
    outer: Formula = (*x, TIMES, *x, Sign("ᵀ"))
    held: Formula = (PLUS, Symbol("Λ")) if ridge else ()
    if rule.confidence:
        c = Symbol("c", "nm")
        outer = (Sign("Σ all "), V, TIMES, V, Sign("ᵀ"), PLUS, SUM, OPEN, c, MINUS_SIGN, given(1),
                 CLOSE, TIMES, *outer)
        inner: Formula = c, TIMES, V
        note = "Sums over all items, and over those the user rated."
    else:
        outer, inner = (SUM, *outer), (t, TIMES, *x)
        note = f"Sums over the user's {count:,} ratings."
    lines = [Line("equations", (Symbol("A"), TIMES, *unknown, EQUALS, Symbol("b")), (),
                  "Where the gradient of the row's part of L is 0.")]
    if not rule.confidence:
        known: list[Part] = [t, EQUALS, Symbol("r", "nm")]
        if words.cell.pair.mean:
            known += [MINUS_SIGN, words.mean]
        if words.has_biases:
            known += [MINUS_SIGN, B_M]
        lines.append(Line("targets", tuple(known), (EQUALS, Vector(fit.targets))))
    if ridge:
        weight = "each number once" if not rule.is_per_rating else (
            f"each number by ratings{' and damping' if rule.damping else ''}")
        lines.append(Line("weight", (Symbol("Λ"),), (EQUALS, Number(ridge)),
                          f"On the diagonal of A; it weighs {weight}"
                          + (", the bias by its own weight." if rule.has_bias else ".")))
    lines.append(Line("matrix", (Symbol("A"), EQUALS, *outer, *held), _matrix(fit, matrix), note))
    lines.append(Line("right side", (Symbol("b"), EQUALS, SUM, *inner), (
        EQUALS, Matrix(right[:, None]) if fit.n_factors <= MOST_WRITTEN else Vector(right))))
    return lines


def _matrix(fit: RowFit, matrix: DoubleArray) -> Formula:
    """Return A written out, or its size, trace and condition number."""
    if fit.n_factors <= MOST_WRITTEN:
        return EQUALS, Matrix(matrix)
    is_finite = bool(np.isfinite(matrix).all())
    values = np.linalg.eigvalsh(matrix) if is_finite else np.full(2, np.nan)
    condition = np.inf if values[0] <= 0 else float(values[-1] / values[0])
    n = given(matrix.shape[0])
    return (Sign(":  ", can_break=True), n, Sign(" × "), n, Sign(", trace ", can_break=True),
            Number(float(np.trace(matrix))), Sign(", condition number ", can_break=True),
            Number(condition))


def _solution_lines(
    row: DoubleArray, fit: RowFit, losses: list[float], *, is_shortest: bool
) -> list[Line]:
    """Return the row before and after, and its part of the objective."""
    own = Symbol("x", "n") if fit.row.size > fit.n_factors else U
    name = (EQUALS, OPEN, U, Sign(", "), B_N, CLOSE) if fit.row.size > fit.n_factors else ()
    note = "Without regularization: of many solutions the shortest." if is_shortest else ""
    part, change = Symbol("L", "n"), losses[1] - losses[0]
    if abs(change) < ROUNDING * abs(losses[0]):
        change = 0.0
    return [
        Line("before", (own, *name), (EQUALS, Vector(row))),
        Line("after", (own.primed(), EQUALS, Symbol("A"), Sign("⁻¹"), Symbol("b")),
             (EQUALS, Vector(fit.row)), note),
        Line("row's part of L", (part.primed(), MINUS_SIGN, part), (
            EQUALS, Number(losses[1]), MINUS_SIGN, Number(losses[0]), EQUALS,
            Number(change)),
            "It cannot rise: the solution is the lowest there is, the items as they are.")]
