"""Formulas written out: decimals, powers of ten, brackets, vectors cut short, LaTeX."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mfgui.inspection.formula import (
    EQUALS,
    Fraction,
    Matrix,
    Number,
    Sign,
    Symbol,
    Vector,
    after,
    given,
    joined,
    number_parts,
)
from mfgui.inspection.latex import formula_latex, formula_text, number_text


@pytest.mark.parametrize(("value", "decimals", "text"), [
    (3.14159, 2, "3.14"), (-0.5, 3, "−0.500"), (0.0, 2, "0.00"), (-0.0, 1, "0.0"),
    (2.31e-7, 4, "2.31·10⁻⁷"), (1.5e12, 1, "1.5·10¹²"), (0.00006, 4, "0.0001"),
    (math.inf, 2, "∞"), (-math.inf, 2, "−∞"), (math.nan, 2, "undefined"),
])
def test_a_number_has_the_decimals_chosen_or_a_power_of_ten(
    value: float, decimals: int, text: str
) -> None:
    assert number_text(value, decimals) == text


def test_a_given_number_is_written_as_it_was_given() -> None:
    assert number_text(3.5, 1, is_given=True) == "3.5"
    assert number_text(3.0, 4, is_given=True) == "3"
    assert number_text(-4.0, 4, is_given=True) == "−4"
    assert number_parts(1e-9, 2, is_given=True) == ("1.0", -9)
    assert number_text(0.0, 3, is_given=True) == "0"


def test_a_negative_number_after_a_sign_stands_in_brackets() -> None:
    formula = joined([(after(-1.0),), (after(2.0),)], Sign("·"))
    assert formula_text(formula, 1) == "(−1.0)·2.0"
    assert formula_latex(formula, 1) == r"(-1.0) \cdot 2.0"


def test_a_long_vector_is_cut_on_the_screen_and_whole_in_a_copy() -> None:
    vector = Vector(np.arange(20.0))
    assert formula_text((vector,), 0, is_whole=False) == "(0, 1, 2, 3, 4, …, 19)"
    assert formula_text((vector,), 0).count(",") == 19
    assert formula_latex((vector,), 0).count(",") == 19
    assert "…" not in formula_text((Vector(np.arange(8.0)),), 0, is_whole=False)


def test_letters_hats_fractions_and_matrices_are_written_both_ways() -> None:
    hat = Symbol("r", "nm", has_hat=True)
    formula = (hat.primed(), EQUALS, Fraction((Sign("∂"), Symbol("L")), (Sign("∂"), hat)))
    assert formula_text(formula, 2) == "r_hat_nm' = ∂L/∂r_hat_nm"
    assert formula_latex(formula, 2) == (
        r"\hat{r}_{nm}' = \frac{\partial L}{\partial \hat{r}_{nm}}")
    matrix = Matrix(np.array([[1.0, 2.0], [3.0, -4.0]]))
    assert formula_text((matrix,), 1) == "[1.0  2.0 ; 3.0  −4.0]"
    assert formula_latex((matrix,), 1) == (
        r"\begin{pmatrix} 1.0 & 2.0 \\ 3.0 & -4.0 \end{pmatrix}")


def test_words_are_text_in_latex_and_greek_letters_are_commands() -> None:
    assert formula_latex((Symbol("λ", "n"), Sign(", trace "), given(3)), 2) == (
        r"\lambda_{n}\text{, trace }3")
    assert formula_latex((Number(2e-9),), 2) == r"2.00 \cdot 10^{-9}"
    assert formula_latex((Number(math.nan),), 2) == r"\text{undefined}"
