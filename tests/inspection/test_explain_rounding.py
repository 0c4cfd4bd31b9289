"""Printed numbers add up to the printed total, on any scale."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from mfgui.inspection.rounding import decimals_of, least_of, number_text, rounded_texts


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_random_addends_as_printed_add_up_to_the_printed_total() -> None:
    rng = np.random.default_rng(5)
    for decimals in (-30, -7, 0, 1, 2, 3, 6, 7, 20):
        for n in (1, 2, 3, 10, 400):
            for spread in (1e-3, 0.3, 7.0):
                values = rng.normal(0, spread, n) * 10.0**-decimals * 100
                total = float(values.sum()) + 1e-7 * 10.0**-decimals * rng.normal()
                printed, printed_total = rounded_texts(values.tolist(), total, decimals)
                assert sum(map(number, printed)) == number(printed_total)
                unit = 10.0**-decimals
                for text, value in zip(printed, values, strict=True):
                    # to one side or the other, never further
                    assert abs(float(number(text)) - value) < unit * (1 + 1e-9)
                assert abs(float(number(printed_total)) - total) <= unit * (0.5 + 1e-6)


def test_halves_that_all_round_up_lose_what_the_total_does_not_have() -> None:
    printed, total = rounded_texts([0.125, 0.125, 0.125, 0.125], 0.5, 2)
    assert printed == ["+0.13", "+0.13", "+0.12", "+0.12"]
    assert total == "0.50"


def test_addends_of_both_signs_keep_theirs() -> None:
    printed, total = rounded_texts([3.58156, -0.07449, 0.00012, -0.0949], 3.41229, 2)
    assert printed == ["+3.58", "-0.07", "0.00", "-0.10"]
    assert total == "3.41"


def test_no_addends_print_the_total_alone() -> None:
    assert rounded_texts([], 0.0, 2) == ([], "0.00")


def test_what_is_not_finite_is_said_so() -> None:
    assert rounded_texts([np.inf, 1.0], np.inf, 2) == (["+inf", "+1.00"], "inf")


@pytest.mark.parametrize(("scale", "decimals"), [
    ((1, 5), 2), ((0.5, 5), 2), ((1, 10), 2), ((-10, 10), 2), ((0, 1), 3), ((0, 100), 1),
    ((0, 1000), 0), ((3, 3), 3), ((0, 1e-4), 7), ((1, 352_698), 0), ((0, 1e30), -27),
    ((-1.7e308, 1.7e308), -305)])
def test_decimals_follow_the_width_of_the_scale(
    scale: tuple[float, float], decimals: int
) -> None:
    assert decimals_of(scale) == decimals


@pytest.mark.parametrize(("value", "decimals", "text"), [
    (3.4567, 2, "3.46"), (-0.001, 2, "0.00"), (-0.5, 2, "-0.50"), (1234.5, 0, "1,234"),
    (1.2345e30, -27, "12.34e+29"), (3.21e-9, 11, "3.21e-9"),
    (float("nan"), 2, "nan"), (1.2345e76, 2, "1.234e+76")])
def test_numbers_have_sensible_digits_at_any_size(value: float, decimals: int, text: str) -> None:
    assert number_text(value, decimals) == text


@pytest.mark.parametrize(("scale", "least"), [
    ((1.0, 5.0), 4e-6), ((3.0, 3.0), 1e-6), ((0.0, 1e6), 1.0), ((-3e38, 3e38), 6e32)])
def test_what_is_a_millionth_of_a_scale_is_nothing_on_it(
    scale: tuple[float, float], least: float
) -> None:
    assert least_of(scale) == pytest.approx(least)
