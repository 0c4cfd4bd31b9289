"""The equations of one cell: prediction, error, share of the loss."""

from __future__ import annotations

import numpy as np

from mfgui.core import objective
from mfgui.core.objective import Pair
from mfgui.inspection.formula import (
    CLOSE,
    EQUALS,
    HALF,
    MINUS_SIGN,
    OPEN,
    PLUS,
    SQUARED,
    TIMES,
    Formula,
    Line,
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
from mfgui.inspection.methods import Way
from mfgui.inspection.pairs import Cell

U, V, Z = Symbol("u", "n"), Symbol("v", "m"), Symbol("z", "n")
B_N, B_M, MU = Symbol("b", "n"), Symbol("b", "m"), Symbol("μ")
E, L, C = Symbol("e", "nm"), Symbol("L", "nm"), Symbol("c", "nm")
SUM, BAR = Sign("Σ "), Sign("|")
MOST_PRODUCTS = 4  # with more factors the sum of products is not written out
CLIPPED = "It is shown clipped to the scale of the ratings."
NEGATIVE = "The residual shown elsewhere is the negative of e."


class PairWords:
    """The letters of one cell's equations, those of preferences where the model predicts them.

    Parameters
    ----------
    cell : Cell
    way : Way
    """

    def __init__(self, cell: Cell, way: Way) -> None:
        self.cell = cell
        self.is_normalised = way.is_normalised
        letter = "p" if cell.rule.confidence else "r"
        self.predicted, self.observed = Symbol(letter, "nm", True), Symbol(letter, "nm")
        self.mean: Part = Sign("offset") if way.is_nonnegative else MU
        self.has_implicit = isinstance(cell.pair.implicit, np.ndarray)
        pair = cell.pair
        self.has_biases = bool(cell.rule.has_bias or pair.user_bias or pair.item_bias)
        rule = cell.rule
        self.has_one_weight = rule.is_per_rating and not rule.damping
        self.weights = ((Symbol("λ"), Symbol("λ")) if self.has_one_weight
                        else (Symbol("λ", "n"), Symbol("λ", "m")))
        self.has_own_bias_weights = (
            pair.user_ridge, pair.item_ridge) != (pair.user_bias_ridge, pair.item_bias_ridge)
        self.bias_weights = self.weights if not self.has_own_bias_weights else (
            (Symbol("κ"), Symbol("κ")) if self.has_one_weight
            else (Symbol("κ", "n"), Symbol("κ", "m")))

    @property
    def user_side(self) -> Formula:
        """What stands for the user beside v: u, with svd++ u + z."""
        return (OPEN, U, PLUS, Z, CLOSE) if self.has_implicit else (U,)

    @property
    def error(self) -> Formula:
        """What the other row is multiplied by in a gradient: e, of preferences c e."""
        return (C, TIMES, E) if self.cell.rule.confidence else (E,)


def prediction_section(words: PairWords, shown_clipped: float | None) -> Section:
    """Return how the prediction comes about.

    ``shown_clipped`` is what is shown in its place where it lies outside the scale.
    """
    pair = words.cell.pair
    symbols: list[Part] = [words.predicted, EQUALS]
    numbers: list[Part] = [EQUALS]
    if pair.mean:
        symbols += [words.mean, PLUS]
        numbers += [Number(pair.mean), PLUS]
    if words.has_biases:
        symbols += [B_N, PLUS, B_M, PLUS]
        numbers += [after(pair.user_bias), PLUS, after(pair.item_bias), PLUS]
    known = tuple(numbers[1:])
    side = pair.user_row + pair.implicit
    symbols += [*words.user_side, TIMES, V]
    numbers += [Vector(side), TIMES, Vector(pair.item_row)]
    if side.size <= MOST_PRODUCTS:
        products: list[Formula] = [
            (after(float(x)), TIMES, after(float(y)))
            for x, y in zip(side, pair.item_row, strict=True)]
        numbers += [EQUALS, *known, *joined(products, PLUS)]
    numbers += [EQUALS, Number(objective.predict_pair(pair))]
    lines = [Line("prediction", tuple(symbols), tuple(numbers))]
    if shown_clipped is not None:
        lines.append(Line("shown", (words.predicted,), (EQUALS, Number(shown_clipped)), CLIPPED))
    if words.has_implicit:
        lines.insert(0, _implicit_line(words.cell))
    return Section("Prediction", tuple(lines))


def _implicit_line(cell: Cell) -> Line:
    """Return what was rated at all, as svd++ adds it to the user."""
    count = cell.n_user_ratings
    return Line(
        "implicit part", (Z, EQUALS, SUM, Symbol("y", "i"), Sign(" / √"), Symbol("N", "n")),
        (EQUALS, Vector(np.asarray(cell.pair.implicit))),
        f"The sum of Y over what the user rated, {count:,} in number. A step here leaves Y as it "
        "is; training moves it once at each visit of a user.")


def error_section(words: PairWords) -> Section:
    """Return e, and the residual that is its negative."""
    cell, pair = words.cell, words.cell.pair
    error = objective.pair_error(pair)
    lines = []
    if cell.rule.confidence:
        has_rating = pair.rating > 0
        lines += [
            Line("preference", (words.observed,), (EQUALS, given(pair.rating)),
                 f"1 for a rating above 0, else 0; {'rated' if has_rating else 'not rated'} here."),
            Line("confidence", (C,), (EQUALS, *_confidence(cell), Number(pair.confidence)),
                 "How sure that is.")]
    lines.append(Line(
        "error", (E, EQUALS, words.predicted, MINUS_SIGN, words.observed),
        (EQUALS, Number(objective.predict_pair(pair)), MINUS_SIGN,
         Number(pair.rating, is_given=True, is_bracketed=True), EQUALS, Number(error)), NEGATIVE))
    lines.append(Line(
        "residual", (words.observed, MINUS_SIGN, words.predicted), (EQUALS, Number(-error))))
    return Section("Error", tuple(lines))


def _confidence(cell: Cell) -> Formula:
    """Return how the confidence is made of the rating; nothing where there is none."""
    rule, value = cell.rule, cell.observed or 0.0
    if value <= 0 or not cell.pair.rating:
        return ()
    alpha = given(rule.alpha)
    if rule.confidence == "log":
        return (given(1), PLUS, alpha, Sign("·log(1 + "), given(value), Sign("/"),
                given(rule.median), CLOSE, EQUALS)
    return given(1), PLUS, alpha, TIMES, given(value), EQUALS


def weight_lines(words: PairWords) -> list[Line]:
    """Return what weighs the rows at this cell, as the solver's objective does."""
    cell, rule, pair = words.cell, words.cell.rule, words.cell.pair
    lines = []
    letters = (("weight", "λ", words.weights, rule.regularization,
                (pair.user_ridge, pair.item_ridge)),
               ("bias weight", "κ", words.bias_weights, rule.bias_regularization,
                (pair.user_bias_ridge, pair.item_bias_ridge)))
    for name, letter, symbols, weight, ridges in letters:
        if not any(ridges) or (letter == "κ" and not words.has_own_bias_weights):
            continue
        if words.has_one_weight:
            lines.append(Line(name, (symbols[0],), (EQUALS, Number(weight)),
                              _weight_note(words, letter, "n")))
            continue
        for symbol, count, ridge, index in zip(symbols, cell.counts, ridges, "nm", strict=True):
            own, n = Symbol(letter), Symbol("N", index)
            if rule.is_per_rating:
                form: Formula = (symbol, EQUALS, own, TIMES, Sign("(1 + d/"), n, CLOSE)
                put_in: Formula = (EQUALS, Number(weight), TIMES, Sign("(1 + "),
                                   given(rule.damping), Sign("/"), given(count), CLOSE)
            else:
                form = symbol, EQUALS, own, Sign("/"), n
                put_in = EQUALS, Number(weight), Sign("/"), given(count)
            lines.append(Line(name, form, (*put_in, EQUALS, Number(ridge)),
                              _weight_note(words, letter, index)))
    return lines


def _weight_note(words: PairWords, letter: str, index: str) -> str:
    """Return what a row's weight at a cell means, once."""
    if index != "n":
        return ""
    if letter != "λ":
        return "κ is the bias regularization." if words.is_normalised else ""
    own = ("λ is the regularization times s, the standard deviation of the ratings; "
           if words.is_normalised else "λ is the regularization; ")
    if words.has_one_weight:
        return f"{own}it weighs each row once per rating of it."
    if words.cell.rule.is_per_rating:
        return f"{own}N is the number of the row's ratings, d the damping."
    cells = "cells" if words.cell.rule.confidence else "ratings"
    return (f"{own}the objective weighs each number of a row once: this is the share of it that "
            f"falls to each of the row's N {cells}.")


def share_formula(words: PairWords, pair: Pair) -> tuple[Formula, Formula]:
    """Return the cell's share of L in letters and with the numbers of ``pair``."""
    cell, error = words.cell, objective.pair_error(pair)
    symbols: list[Part] = [HALF, *((C, Sign("·")) if cell.rule.confidence else ()), E, SQUARED]
    numbers: list[Part] = [HALF, TIMES]
    if cell.rule.confidence:
        numbers += [Number(pair.confidence), TIMES]
    numbers += [after(error), SQUARED]
    squares: list[tuple[Part, Formula, float, float]] = []
    if cell.has_penalty:
        squares += [
            (weight, (BAR, row, BAR, SQUARED), ridge, float(values @ values))
            for weight, row, ridge, values in zip(
                words.weights, (U, V), (pair.user_ridge, pair.item_ridge),
                (pair.user_row, pair.item_row), strict=True)]
    if cell.has_bias_penalty:
        squares += [
            (weight, (bias, SQUARED), ridge, value * value)
            for weight, bias, ridge, value in zip(
                words.bias_weights, (B_N, B_M), (pair.user_bias_ridge, pair.item_bias_ridge),
                (pair.user_bias, pair.item_bias), strict=True)]
    for weight, square, ridge, value in squares:
        symbols += [PLUS, HALF, weight, TIMES, *square]
        numbers += [PLUS, HALF, TIMES, Number(ridge), TIMES, Number(value)]
    if pair.fixed:
        symbols += [PLUS, HALF, Symbol("ω"), BAR, Symbol("y", "m"), BAR, SQUARED]
        numbers += [PLUS, Number(pair.fixed)]
    return tuple(symbols), tuple(numbers)


def share_section(words: PairWords) -> Section:
    """Return the cell's share of the objective."""
    pair = words.cell.pair
    symbols, numbers = share_formula(words, pair)
    share = Line("share", (L, EQUALS, *symbols),
                 (EQUALS, *numbers, EQUALS, Number(objective.pair_loss(pair))))
    return Section("This cell's share of the loss L", (*weight_lines(words), share))
