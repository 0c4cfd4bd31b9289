"""The equations of a step: gradients of one cell, the step, and the cell after it."""

from __future__ import annotations

import numpy as np

from mfgui.core import objective
from mfgui.core.objective import Pair
from mfgui.inspection.formula import (
    BECOMES,
    EQUALS,
    MINUS_SIGN,
    PLUS,
    TIMES,
    Formula,
    Fraction,
    Line,
    Number,
    Part,
    Section,
    Sign,
    Symbol,
    Vector,
    after,
    given,
)
from mfgui.inspection.methods import Method
from mfgui.inspection.pair_lines import B_M, B_N, E, L, PairWords, U, V, share_formula

ETA, ETA_B = Symbol("η"), Symbol("η", "b")
TOO_LONG = "The cell's share rises: a step this long goes past the lowest point."
OTHERS_COUNT = "The cell's share rises: the step serves all ratings of its rows together."
FALLS = "The cell's share falls."


def slope(of: Symbol, by: Symbol) -> Fraction:
    """Return a partial derivative."""
    return Fraction((Sign("∂"), of), (Sign("∂"), by))


def gradient_section(words: PairWords) -> Section:
    """Return the gradients of the cell's share."""
    cell, pair = words.cell, words.cell.pair
    gradient = objective.pair_gradient(pair)
    factor: Formula = (after(objective.pair_error(pair)),)
    if cell.rule.confidence:
        factor = (Number(pair.confidence), TIMES, *factor)
    sides: tuple[tuple[str, Symbol, Formula, np.ndarray, Symbol, float, np.ndarray], ...] = (
        ("user's row", U, (V,), pair.item_row, words.weights[0], pair.user_ridge,
         pair.user_row),
        ("item's row", V, words.user_side, pair.user_row + pair.implicit, words.weights[1],
         pair.item_ridge, pair.item_row))
    lines = []
    for (name, own, other, values, weight, ridge, row), result in zip(
            sides, gradient[:2], strict=True):
        symbols: Formula = (slope(L, own), EQUALS, *words.error, TIMES, *other)
        numbers: Formula = (EQUALS, *factor, TIMES, Vector(values))
        if ridge:
            symbols = (*symbols, PLUS, weight, TIMES, own)
            numbers = (*numbers, PLUS, Number(ridge), TIMES, Vector(row))
        lines.append(Line(name, symbols, (*numbers, EQUALS, Vector(result))))
    if cell.rule.has_bias:
        lines += _bias_gradients(words, gradient[2:])
    return Section("Gradients of this pair", tuple(lines))


def _bias_gradients(words: PairWords, gradient: tuple[float, float]) -> list[Line]:
    pair, error = words.cell.pair, objective.pair_error(words.cell.pair)
    lines = []
    for bias, weight, ridge, value, result in zip(
            (B_N, B_M), words.bias_weights, (pair.user_bias_ridge, pair.item_bias_ridge),
            (pair.user_bias, pair.item_bias), gradient, strict=True):
        symbols: Formula = (slope(L, bias), EQUALS, E)
        numbers: Formula = (EQUALS, Number(error))
        if ridge:
            symbols = (*symbols, PLUS, weight, TIMES, bias)
            numbers = (*numbers, PLUS, Number(ridge), TIMES, after(value))
        numbers = (*numbers, EQUALS, Number(result))
        name = "user's bias" if bias is B_N else "item's bias"
        lines.append(Line(name, symbols, numbers))
    return lines


def rate_lines(method: Method, *, has_biases: bool) -> list[Line]:
    """Return the rate in the user's units, and where it comes from."""
    rate = float(f"{method.rate or 0.0:.5g}")
    is_scaled = method.way.is_normalised
    note = f"The rate {method.rate_source}." if method.rate_source else ""
    note = " ".join(filter(None, [note, method.note]))
    if not is_scaled:
        return [Line("rate", (ETA,), (EQUALS, given(rate)), note)]
    why = "The solver's rate is for ratings divided by s, their standard deviation."
    lines = [Line("rate", (ETA, EQUALS, Sign("rate/s")), (
        EQUALS, given(rate), Sign("/"), Number(method.spread), EQUALS,
        Number(method.factor_rate)), " ".join(filter(None, [why, note])))]
    if has_biases:
        share = method.way.bias_share
        numbers: Formula = (EQUALS, given(rate))
        if share != 1:
            numbers = (EQUALS, given(share), TIMES, given(rate), EQUALS, Number(method.bias_rate))
        lines.append(Line("rate of biases", (ETA_B,), numbers))
    return lines


def step_line(
    name: str, own: Symbol, derivative: Formula, rate: tuple[Symbol, float],
    before: np.ndarray | float, gradient: np.ndarray | float, result: np.ndarray | float,
    note: str = "",
) -> Line:
    """Return ``x <- x - rate dL/dx`` of a row or of a bias."""
    def put(value: np.ndarray | float) -> Part:
        return Vector(value) if isinstance(value, np.ndarray) else after(float(value))

    return Line(
        name, (own, BECOMES, own, MINUS_SIGN, rate[0], TIMES, *derivative),
        (EQUALS, put(before), MINUS_SIGN, Number(rate[1]), TIMES, put(gradient), EQUALS,
         put(result)), note)


def step_section(words: PairWords, method: Method, moved: Pair) -> Section:
    """Return the step of this pair alone, u and v before and after."""
    pair, has_biases = words.cell.pair, words.cell.rule.has_bias
    gradient = objective.pair_gradient(pair)
    rate = ETA, method.factor_rate
    note = "What falls below 0 is put to 0." if method.way.is_nonnegative else ""
    lines = rate_lines(method, has_biases=has_biases)
    lines += [
        step_line("user's row", U, (slope(L, U),), rate, pair.user_row, gradient.user_row,
                  moved.user_row, note),
        step_line("item's row", V, (slope(L, V),), rate, pair.item_row, gradient.item_row,
                  moved.item_row)]
    if has_biases:
        rate = (ETA_B if method.way.is_normalised else ETA), method.bias_rate
        lines += [
            step_line("user's bias", B_N, (slope(L, B_N),), rate, pair.user_bias,
                      gradient.user_bias, moved.user_bias),
            step_line("item's bias", B_M, (slope(L, B_M),), rate, pair.item_bias,
                      gradient.item_bias, moved.item_bias)]
    return Section("One step", tuple(lines))


def after_section(words: PairWords, moved: Pair, *, is_own_step: bool = True) -> Section:
    """Return the cell after the step, and what became of its share of the loss.

    Where the step was not this cell's own, a rise is nothing to wonder at.
    """
    pair = words.cell.pair
    before, then = objective.pair_loss(pair), objective.pair_loss(moved)
    rise = TOO_LONG if is_own_step else OTHERS_COUNT
    error = objective.pair_error(moved)
    _, numbers = share_formula(words, moved)
    return Section("After it", (
        Line("prediction", (words.predicted.primed(),), (
            EQUALS, Number(objective.predict_pair(moved)))),
        Line("error", (E.primed(),), (EQUALS, Number(error))),
        Line("share", (L.primed(),), (EQUALS, *numbers, EQUALS, Number(then))),
        Line("change", (L.primed(), MINUS_SIGN, L), (
            EQUALS, Number(then), MINUS_SIGN, Number(before), EQUALS, Number(then - before)),
            rise if then > before else FALLS)))
